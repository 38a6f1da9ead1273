"""Where records and dead letters go: the targets by service, in memory unless something else is put in their place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sfn_notebook._json import JSONObject


class DeliveryError(Exception):
    """The target did not take what was delivered; the text says why. ``is_missing`` if there is no such target."""

    def __init__(self, message: str, *, is_missing: bool = False) -> None:
        super().__init__(message)
        self.is_missing = is_missing


class DestinationTarget(Protocol):
    """Takes what is sent to the resources of one service. Whatever it raises makes the delivery fail."""

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Take ``record``, in the form of the service's API, for the resource called ``arn``.

        SQS: ``MessageBody`` and perhaps ``MessageAttributes``. SNS: ``Message`` and perhaps ``MessageAttributes``.
        EventBridge: the event. S3: ``Bucket``, ``Key`` and ``Body``.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One thing that was delivered."""

    arn: str
    record: JSONObject


class RecordedDeliveries:
    """Keeps what is delivered, oldest first: queues, topics, buses and buckets that only lists stand for."""

    def __init__(self) -> None:
        self._deliveries: list[Delivery] = []

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Keep it."""
        self._deliveries.append(Delivery(arn=arn, record=record))

    def to(self, arn: str) -> list[JSONObject]:
        """What was delivered to ``arn``."""
        return [each.record for each in self._deliveries if each.arn == arn]

    def __iter__(self) -> Iterator[Delivery]:
        return iter(tuple(self._deliveries))

    def __len__(self) -> int:
        return len(self._deliveries)
