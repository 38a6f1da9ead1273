"""What a poller must know of a queue before it begins: its address and attributes; it receives nothing."""

from dataclasses import dataclass
from typing import Any

from sfn_notebook import _json
from sfn_notebook.errors import InvalidInput


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFacts:
    """A queue. Times are in seconds; ``max_receive_count`` is 0 where there is no dead-letter queue."""

    url: str
    arn: str
    visibility_seconds: int
    retention_seconds: int
    dead_letter_arn: str | None
    max_receive_count: int
    is_fifo: bool
    delay_seconds: int

    @property
    def name(self) -> str:
        """The queue's name."""
        return self.arn.rpartition(":")[2]


def queue_facts(client: Any, queue: str) -> QueueFacts:
    """Ask for a queue by its name, URL or ARN.

    Raises:
        InvalidInput: If there is no such queue.
    """
    try:
        is_url = queue.startswith(("http://", "https://"))
        url = queue if is_url else client.get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    except client.exceptions.QueueDoesNotExist:
        hint = 'Make it with workspace.client("sqs").create_queue(QueueName=...).'
        raise InvalidInput(f"there is no queue {queue!r}.", hint=hint) from None
    redrive = _json.load(attributes.get("RedrivePolicy") or "{}")
    return QueueFacts(
        url=url,
        arn=attributes["QueueArn"],
        visibility_seconds=int(attributes.get("VisibilityTimeout", 30)),
        retention_seconds=int(attributes.get("MessageRetentionPeriod", 345_600)),
        dead_letter_arn=redrive.get("deadLetterTargetArn"),
        max_receive_count=int(redrive.get("maxReceiveCount", 0)),
        is_fifo=attributes.get("FifoQueue") == "true",
        delay_seconds=int(attributes.get("DelaySeconds", 0)),
    )
