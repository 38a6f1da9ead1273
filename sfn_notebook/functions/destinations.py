"""What Lambda sends when an asynchronous event is done: the record 1.0, its form for each target, dead letters.

It sends nothing itself. Source: Lambda developer guide, "Destinations"; recorded deliveries, 2025-11.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.functions.function import VERSION
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT


class Condition(StrEnum):
    """Why Lambda is done with an event."""

    SUCCESS = "Success"
    RETRIES_EXHAUSTED = "RetriesExhausted"
    EVENT_AGE_EXCEEDED = "EventAgeExceeded"
    ZERO_RESERVED_CONCURRENCY = "ZeroReservedConcurrency"


class Response(NamedTuple):
    """What the last attempt answered."""

    status_code: int
    executed_version: str
    function_error: str | None
    payload: JSONValue


class FinishedEvent(NamedTuple):
    """An event that Lambda is done with; ``response`` is ``None`` if it never ran."""

    function_name: str
    function_arn: str
    request_id: str
    payload: JSONValue
    condition: Condition
    invoke_count: int
    response: Response | None


def record_of(event: FinishedEvent, now_seconds: float) -> JSONObject:
    """The invocation record, version 1.0, keys in Lambda's order."""
    qualified = event.function_arn if event.function_arn.count(":") > 6 else f"{event.function_arn}:{VERSION}"
    record: JSONObject = {
        "version": "1.0",
        "timestamp": format_timestamp(now_seconds),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": qualified,
            "condition": str(event.condition),
            "approximateInvokeCount": event.invoke_count,
        },
        "requestPayload": event.payload,
    }
    if event.response is not None:
        context: JSONObject = {
            "statusCode": event.response.status_code,
            "executedVersion": event.response.executed_version,
        }
        if event.response.function_error is not None:
            context["functionError"] = event.response.function_error
        record |= {"responseContext": context, "responsePayload": event.response.payload}
    return record


class TooLargeForTargetError(Exception):
    """A record that its target does not take."""


_TARGET_MAX_BYTES: Final[Mapping[str, int]] = {
    "lambda": 1_048_576,
    "sqs": 1_048_576,
    "events": 1_048_576,
    "sns": 262_144,
}
"""Source: quotas of the services; S3 takes whatever Lambda sends."""


def message_for(service: str, target_arn: str, record: JSONObject, now_seconds: float, message_id: str) -> JSONObject:
    """What the target named ``target_arn`` gets, with the names of the service's API.

    Args:
        service: ``lambda``, ``sqs``, ``sns``, ``events`` or ``s3``.
        target_arn: The destination.
        record: An invocation record.
        now_seconds: When it is sent.
        message_id: A UUID for the event's ``id`` and the object's key.

    Raises:
        TooLargeForTargetError: If the record has more bytes than the target takes.
    """
    size_bytes = _json.size_bytes(record)
    if size_bytes > _TARGET_MAX_BYTES.get(service, size_bytes):
        raise TooLargeForTargetError(
            f"the record has {size_bytes:,} bytes; {service} takes {_TARGET_MAX_BYTES[service]:,}"
        )
    return _FORMS[service](target_arn, record, now_seconds, message_id)


def _function_event(_arn: str, record: JSONObject, _now_seconds: float, _message_id: str) -> JSONObject:
    return record


def _queue_message(_arn: str, record: JSONObject, _now_seconds: float, _message_id: str) -> JSONObject:
    return {"MessageBody": _json.dump(record)}


def _notification(_arn: str, record: JSONObject, _now_seconds: float, _message_id: str) -> JSONObject:
    return {"Message": _json.dump(record)}


def _bus_event(arn: str, record: JSONObject, now_seconds: float, message_id: str) -> JSONObject:
    outcome = "Success" if record["requestContext"]["condition"] == Condition.SUCCESS else "Failure"
    moment = datetime.fromtimestamp(int(now_seconds), UTC)
    return {
        "version": "0",
        "id": message_id,
        "detail-type": f"Lambda Function Invocation Result - {outcome}",
        "source": "lambda",
        "account": DEFAULT_ACCOUNT.account_id,
        "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "region": DEFAULT_ACCOUNT.region,
        "resources": [arn, record["requestContext"]["functionArn"]],
        "detail": record,
    }


def _object(arn: str, record: JSONObject, now_seconds: float, message_id: str) -> JSONObject:
    function_name = record["requestContext"]["functionArn"].split(":")[6]
    moment = datetime.fromtimestamp(int(now_seconds), UTC)
    key = f"aws/lambda/async/{function_name}/{moment:%Y/%m/%d}/{moment:%Y-%m-%dT%H.%M.%S}-{message_id}"
    return {"Bucket": arn.rpartition(":")[2], "Key": key, "Body": _json.dump(record)}


_FORMS: Final[Mapping[str, Callable[[str, JSONObject, float, str], JSONObject]]] = {
    "lambda": _function_event,
    "sqs": _queue_message,
    "sns": _notification,
    "events": _bus_event,
    "s3": _object,
}

_MAX_ERROR_MESSAGE_BYTES: Final = 1024
_THROTTLED: Final = (429, "Rate Exceeded.")


def dead_letter_of(service: str, event: FinishedEvent) -> JSONObject:
    """The original event with what went wrong as message attributes, for a queue (``sqs``) or a topic (``sns``).

    An event that never ran was throttled. Source: recorded dead letters; developer guide, "Dead-letter queues".
    """
    code, message = _THROTTLED
    if event.response is not None:
        payload = event.response.payload
        code = event.response.status_code
        message = str(payload.get("errorMessage", "")) if isinstance(payload, dict) else ""
    cut = message.encode("utf-8", "replace")[:_MAX_ERROR_MESSAGE_BYTES].decode("utf-8", "ignore")
    return {
        "MessageBody" if service == "sqs" else "Message": _json.dump(event.payload),
        "MessageAttributes": {
            "RequestID": {"DataType": "String", "StringValue": event.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": str(code)},
            "ErrorMessage": {"DataType": "String", "StringValue": cut},
        },
    }
