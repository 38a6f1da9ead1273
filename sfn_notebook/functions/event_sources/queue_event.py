"""The event that Lambda makes of SQS messages; it receives and deletes none.

Source: recorded event source mappings; Lambda developer guide, "Using Lambda with Amazon SQS".
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.functions.event_sources.event_pattern import EventPattern

_ATTRIBUTES: Final = (
    "ApproximateReceiveCount",
    "AWSTraceHeader",
    "SentTimestamp",
    "SequenceNumber",
    "MessageGroupId",
    "SenderId",
    "MessageDeduplicationId",
    "ApproximateFirstReceiveTimestamp",
    "DeadLetterQueueSourceArn",
)
"""The system attributes that an event shows, in its order."""


def queue_event(records: Sequence[JSONObject]) -> JSONObject:
    """The event of one batch."""
    return {"Records": list(records)}


def queue_record(
    message: Mapping[str, JSONValue],
    *,
    queue_arn: str,
    sent_seconds: float,
    first_received_seconds: float,
) -> JSONObject:
    """One message as a record.

    Args:
        message: As ReceiveMessage returns it.
        queue_arn: The queue's ARN, which also tells the Region.
        sent_seconds: When it was sent; modelled, as the next.
        first_received_seconds: When it was received for the first time.
    """
    body = str(message["Body"])
    given = {
        **message.get("Attributes", {}),
        "SentTimestamp": _milliseconds(sent_seconds),
        "ApproximateFirstReceiveTimestamp": _milliseconds(first_received_seconds),
    }
    record: JSONObject = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": body,
        "attributes": {name: str(given[name]) for name in _ATTRIBUTES if given.get(name) is not None},
        "messageAttributes": {
            name: message_attribute(each) for name, each in message.get("MessageAttributes", {}).items()
        },
    }
    if message.get("MD5OfMessageAttributes"):
        record["md5OfMessageAttributes"] = message["MD5OfMessageAttributes"]
    return record | {
        "md5OfBody": hashlib.md5(body.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def message_attribute(attribute: Mapping[str, JSONValue]) -> JSONObject:
    """A message attribute with Lambda's names for its parts."""
    value: JSONObject = {}
    if "StringValue" in attribute:
        value["stringValue"] = attribute["StringValue"]
    if "BinaryValue" in attribute:
        content = attribute["BinaryValue"]
        value["binaryValue"] = base64.b64encode(content).decode() if isinstance(content, bytes) else content
    return value | {"stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


def passes_filters(record: JSONObject, filters: Sequence[EventPattern], *, data_field: str = "body") -> bool:
    """Whether a record is for the function: one of the filters matches, or there is none.

    ``data_field`` holds text; where it is a JSON object, patterns look into it.
    """
    if not filters:
        return True
    text = record.get(data_field)
    try:
        data = _json.load(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        data = text
    seen = {**record, data_field: data if isinstance(data, dict) else text}
    return any(each.matches(seen) for each in filters)
