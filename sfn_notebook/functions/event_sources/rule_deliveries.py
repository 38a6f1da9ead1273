"""How EventBridge brings an event to one target of a rule: retries, how long, dead letters; it knows no pattern.

Source: EventBridge user guide, "How EventBridge retries delivering events" and "Using dead-letter queues". How long it
waits between attempts is not published: here 1 second, then twice as long each time, up to 8 minutes, so that its 185
retries take about the 24 hours that it tries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.functions.deliveries import DeliveryError
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.runtime.scheduler import Scheduler

MAX_RETRY_ATTEMPTS: Final = 185
MIN_EVENT_AGE_SECONDS: Final = 60
MAX_EVENT_AGE_SECONDS: Final = 86_400
_FIRST_DELAY_SECONDS: Final = 1.0
_MAX_DELAY_SECONDS: Final = 480.0
_MAX_EXPONENT: Final = 9
_NO_RESOURCE, _REFUSED = "NO_RESOURCE", "ERROR_FROM_TARGET"


def _check_range(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValidationException(f"{name} cannot be {value!r}.", hint=f"Give a whole number from {least} to {most:,}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class RetryPolicy:
    """How long and how often a delivery that failed is tried again.

    Args:
        maximum_retry_attempts: 0 to 185.
        maximum_event_age_seconds: 60 to 86,400 modelled seconds.

    Raises:
        ValidationException: For a value out of bounds.
    """

    maximum_retry_attempts: int = MAX_RETRY_ATTEMPTS
    maximum_event_age_seconds: int = MAX_EVENT_AGE_SECONDS

    def __post_init__(self) -> None:
        _check_range("MaximumRetryAttempts", self.maximum_retry_attempts, 0, MAX_RETRY_ATTEMPTS)
        _check_range(
            "MaximumEventAgeInSeconds", self.maximum_event_age_seconds, MIN_EVENT_AGE_SECONDS, MAX_EVENT_AGE_SECONDS
        )

    def exhausted(self, retries: int, age_seconds: float) -> str | None:
        """Which limit forbids another attempt, by its name in the API; ``None`` if none does."""
        if retries >= self.maximum_retry_attempts:
            return "MaximumRetryAttempts"
        return "MaximumEventAgeInSeconds" if age_seconds >= self.maximum_event_age_seconds else None


DEFAULT_RETRY_POLICY: Final = RetryPolicy()


class Target(Protocol):
    """What a delivery needs of a rule's target. ``deliver`` starts the work and does not wait for it."""

    @property
    def arn(self) -> str:
        """Who gets the event."""

    @property
    def deliver(self) -> Callable[[JSONValue], object]:
        """Hands the event over, or raises."""

    @property
    def retry_policy(self) -> RetryPolicy:
        """How long it is tried."""

    @property
    def dead_letter_arn(self) -> str | None:
        """The queue that gets events that could not be delivered."""


class Deliveries(Protocol):
    """What a delivery needs of its rule."""

    arn: str
    invocations: int
    failures: list[str]


SendDeadLetter: TypeAlias = Callable[[str, JSONObject], object]
"""Sends a message with its attributes to the queue of an ARN."""


@dataclass(kw_only=True, slots=True)
class RuleDelivery:
    """An event on its way to a target; ``value`` is what the target gets of it."""

    rule: Deliveries
    target: Target
    event: JSONObject
    value: JSONValue
    began_seconds: float
    retries: int = 0


class RuleDeliveries:
    """Makes deliveries on one scheduler. Whoever put the event hears nothing of what becomes of them."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.send_dead_letter: SendDeadLetter = lambda _arn, _message: None

    def attempt(self, delivery: RuleDelivery) -> None:
        """Try it now, and again later if the target refuses."""
        try:
            delivery.target.deliver(delivery.value)
        except DeliveryError as error:
            if error.is_missing:
                self._give_up(delivery, _NO_RESOURCE, str(error), condition=None)
            else:
                self._try_again(delivery, str(error))
        except SfnNotebookError as error:
            # A function, a machine or a queue that is gone does not come back: there is no retry.
            self._give_up(delivery, _NO_RESOURCE, error.message, condition=None)
        else:
            delivery.rule.invocations += 1

    def _try_again(self, delivery: RuleDelivery, reason: str) -> None:
        now_seconds = self._scheduler.now()
        policy = delivery.target.retry_policy
        delay_seconds = min(_MAX_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2.0 ** min(delivery.retries, _MAX_EXPONENT))
        age_seconds = now_seconds + delay_seconds - delivery.began_seconds
        condition = policy.exhausted(delivery.retries, age_seconds)
        if condition is not None:
            self._give_up(delivery, _REFUSED, reason, condition=condition)
            return
        delivery.retries += 1
        self._scheduler.schedule(now_seconds + delay_seconds, partial(self.attempt, delivery))

    def _give_up(self, delivery: RuleDelivery, code: str, reason: str, *, condition: str | None) -> None:
        delivery.rule.failures.append(f"{delivery.target.arn}: {reason}")
        queue_arn = delivery.target.dead_letter_arn
        if queue_arn is None:
            return
        told = {
            "RULE_ARN": delivery.rule.arn,
            "TARGET_ARN": delivery.target.arn,
            "ERROR_CODE": code,
            "ERROR_MESSAGE": reason,
        }
        if condition is not None:
            told |= {"EXHAUSTED_RETRY_CONDITION": condition, "RETRY_ATTEMPTS": str(delivery.retries)}
        attributes = {name: {"DataType": "String", "StringValue": text} for name, text in told.items()}
        try:
            self.send_dead_letter(
                queue_arn, {"MessageBody": _json.dump(delivery.event), "MessageAttributes": attributes}
            )
        except (DeliveryError, SfnNotebookError) as error:
            delivery.rule.failures.append(f"{queue_arn}: {error}")


def check_dead_letter_queue(arn: str | None) -> None:
    """See that events can be sent to ``arn``: a standard SQS queue.

    Raises:
        ValidationException: If they cannot.
    """
    if arn is not None and (not arn.startswith("arn:") or arn.split(":")[2] != "sqs" or arn.endswith(".fifo")):
        raise ValidationException(
            f"{arn} cannot be the dead-letter queue of a target.", hint="EventBridge sends to standard SQS queues only."
        )
