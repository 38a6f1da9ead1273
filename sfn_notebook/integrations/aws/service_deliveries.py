"""Sends what Lambda delivers, a record or a dead letter, to a queue, a topic, a bus or a bucket; it makes no record.

Source: Lambda developer guide, "Destinations" and "Dead-letter queues": one call of the target's API each.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.asl.timestamps import parse_timestamp
from sfn_notebook.functions.deliveries import DeliveryError
from sfn_notebook.integrations.aws.endpoint import AwsConnection
from sfn_notebook.integrations.aws.failures import client_errors, refusal_of

_NOT_THERE: Final = frozenset(
    {
        *("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NotFound", "NotFoundException"),
        *("ResourceNotFoundException", "NoSuchBucket"),
    }
)
"""The codes with which the services say that there is no such queue, topic, bus or bucket."""


def deliver_to_service(connection: AwsConnection, service: str, arn: str, message: JSONObject) -> None:
    """Make the call that brings ``message`` to the resource called ``arn``.

    Args:
        connection: Where the services are.
        service: ``sqs``, ``sns``, ``events`` or ``s3``.
        arn: The target.
        message: In the form that ``DestinationTarget.deliver`` takes.

    Raises:
        DeliveryError: If the service refuses or is not reached; credentials are not in its text.
        FeatureNotSupported: If boto3, or for local services moto, is not installed.
    """
    client_error, *others = client_errors()
    client = connection.client(service)
    try:
        _CALLS[service](client, arn, message)
    except client_error as error:
        refusal = refusal_of(error)
        text = connection.redacted(f"{refusal.code}: {refusal.message}")
        raise DeliveryError(text, is_missing=refusal.code in _NOT_THERE) from None
    except tuple(others) as error:
        raise DeliveryError(connection.redacted(str(error))) from None


def _send_message(client: Any, arn: str, message: JSONObject) -> None:
    _, _, _, _, account, name = arn.split(":", 5)
    url = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    client.send_message(QueueUrl=url, **_without_empty_attributes(message))


def _publish(client: Any, arn: str, message: JSONObject) -> None:
    client.publish(TopicArn=arn, **_without_empty_attributes(message))


def _without_empty_attributes(message: JSONObject) -> JSONObject:
    """Neither SQS nor SNS takes an attribute with no text: an error may have no message."""
    attributes: Mapping[str, JSONObject] = message.get("MessageAttributes") or {}
    kept = {name: value for name, value in attributes.items() if value.get("StringValue")}
    return {**message, "MessageAttributes": kept} if attributes else message


def _put_event(client: Any, arn: str, event: JSONObject) -> None:
    entry = {
        "Source": event["source"],
        "DetailType": event["detail-type"],
        "Detail": _json.dump(event["detail"]),
        "Resources": event["resources"],
        "Time": datetime.fromtimestamp(parse_timestamp(event["time"]), UTC),
        "EventBusName": arn,
    }
    (answer,) = client.put_events(Entries=[entry])["Entries"]
    if "ErrorCode" in answer:
        raise DeliveryError(f"{answer['ErrorCode']}: {answer.get('ErrorMessage', '')}")


def _put_object(client: Any, _arn: str, message: JSONObject) -> None:
    body = message["Body"]
    client.put_object(Bucket=message["Bucket"], Key=message["Key"], Body=body.encode(), ContentType="application/json")


_Call: TypeAlias = Callable[[Any, str, JSONObject], None]
_CALLS: Final[Mapping[str, _Call]] = {
    "sqs": _send_message,
    "sns": _publish,
    "events": _put_event,
    "s3": _put_object,
}
