"""SNS topics for functions: the event of a notification, and who gets it by filter policy; it runs no function.

Source: Lambda developer guide, "Using AWS Lambda with Amazon SNS"; SNS developer guide, "Message filtering".
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.functions.event_sources.event_pattern import EventPattern
from sfn_notebook.runtime.ids import Account, IdSource

_SCOPES: Final = ("MessageAttributes", "MessageBody")
MAX_MESSAGE_BYTES: Final = 262_144


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """A function's subscription to a topic; ``deliver`` starts it and does not wait."""

    arn: str
    topic_arn: str
    endpoint: str
    deliver: Callable[[JSONValue], object] = field(repr=False, compare=False)
    filter_policy: EventPattern | None = None
    filter_policy_scope: str = "MessageAttributes"

    def __post_init__(self) -> None:
        if self.filter_policy_scope not in _SCOPES:
            raise ValidationException(
                f"FilterPolicyScope cannot be {self.filter_policy_scope!r}.", hint=f"Give {' or '.join(_SCOPES)}."
            )

    def wants(self, message: str, attributes: Mapping[str, JSONValue]) -> bool:
        """Whether the filter policy lets a message through."""
        if self.filter_policy is None:
            return True
        if self.filter_policy_scope == "MessageAttributes":
            return self.filter_policy.matches({name: _attribute_value(each) for name, each in attributes.items()})
        try:
            body = _json.load(message)
        except (ValueError, RecursionError):
            return False
        return isinstance(body, dict) and self.filter_policy.matches(body)


class Topics:
    """The subscriptions of functions, by topic. ``now`` tells the time of whoever publishes."""

    def __init__(self, account: Account, now: Callable[[], float]) -> None:
        self._account = account
        self._now = now
        self._ids = IdSource("sns/notifications")
        self.subscriptions: list[Subscription] = []
        self.failures: list[str] = []

    def arn_of(self, topic: str) -> str:
        """The ARN of a topic, given by name or ARN."""
        if topic.startswith("arn:"):
            return topic
        return f"arn:{self._account.partition}:sns:{self._account.region}:{self._account.account_id}:{topic}"

    def subscribe(
        self,
        topic: str,
        endpoint: str,
        deliver: Callable[[JSONValue], object],
        *,
        filter_policy: EventPattern | None = None,
        filter_policy_scope: str = "MessageAttributes",
    ) -> Subscription:
        """Let a function have what is published; it replaces the function's older subscription to the topic."""
        topic_arn = self.arn_of(topic)
        subscription = Subscription(
            arn=f"{topic_arn}:{self._ids.uuid()}",
            topic_arn=topic_arn,
            endpoint=endpoint,
            deliver=deliver,
            filter_policy=filter_policy,
            filter_policy_scope=filter_policy_scope,
        )
        kept = [each for each in self.subscriptions if (each.topic_arn, each.endpoint) != (topic_arn, endpoint)]
        self.subscriptions = [*kept, subscription]
        return subscription

    def publish(
        self,
        topic: str,
        message: str,
        *,
        subject: str | None = None,
        attributes: Mapping[str, Mapping[str, JSONValue]] | None = None,
        message_id: str | None = None,
    ) -> str:
        """Send a message to the functions that want it, and return its id.

        Args:
            topic: Name or ARN.
            message: The text.
            subject: Perhaps a subject.
            attributes: As Publish takes them: ``{"kind": {"DataType": "String", "StringValue": "order"}}``.
            message_id: The id that SNS gave it; one is made without it.

        Raises:
            ValidationException: For more than 256 KB.
        """
        if len(message.encode("utf-8", "surrogatepass")) > MAX_MESSAGE_BYTES:
            raise ValidationException("Invalid parameter: Message too long")
        topic_arn = self.arn_of(topic)
        chosen_id = self._ids.uuid() if message_id is None else message_id
        given = dict(attributes or {})
        for each in tuple(self.subscriptions):
            if each.topic_arn == topic_arn and each.wants(message, given):
                record = notification_record(
                    each,
                    message_id=chosen_id,
                    message=message,
                    subject=subject,
                    attributes=given,
                    now_seconds=self._now(),
                )
                try:
                    each.deliver({"Records": [record]})
                except SfnNotebookError as error:
                    self.failures.append(f"{each.endpoint}: {error.message}")
        return chosen_id


def notification_record(
    subscription: Subscription,
    *,
    message_id: str,
    message: str,
    subject: str | None,
    attributes: Mapping[str, Mapping[str, JSONValue]],
    now_seconds: float,
) -> JSONObject:
    """One notification as a record. Its signature has the right form, and nobody's key."""
    region = subscription.topic_arn.split(":")[3]
    digest = hashlib.sha512(f"{message_id}\n{message}".encode("utf-8", "surrogatepass")).digest()
    host = f"https://sns.{region}.amazonaws.com"
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription.arn,
        "Sns": {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": subscription.topic_arn,
            "Subject": subject,
            "Message": message,
            "Timestamp": format_timestamp(now_seconds),
            "SignatureVersion": "1",
            "Signature": base64.b64encode(digest * 4).decode(),
            "SigningCertUrl": f"{host}/SimpleNotificationService-{digest.hex()[:32]}.pem",
            "UnsubscribeUrl": f"{host}/?Action=Unsubscribe&SubscriptionArn={subscription.arn}",
            "MessageAttributes": {name: _attribute(each) for name, each in attributes.items()},
        },
    }


def _attribute(attribute: Mapping[str, JSONValue]) -> JSONObject:
    value = attribute.get("StringValue", attribute.get("BinaryValue"))
    text = base64.b64encode(value).decode() if isinstance(value, bytes) else value
    return {"Type": attribute["DataType"], "Value": text}


def _attribute_value(attribute: Mapping[str, JSONValue]) -> JSONValue:
    """What a filter policy compares: numbers and arrays as such, binary values never."""
    text = attribute.get("StringValue")
    kind = str(attribute.get("DataType", "")).split(".")[0:2]
    if kind in (["Number"], ["String", "Array"]):
        try:
            return _json.load(str(text))
        except (ValueError, RecursionError):
            return None
    return text if kind[0] == "String" else None
