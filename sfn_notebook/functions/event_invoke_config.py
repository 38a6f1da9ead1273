"""What can be set for asynchronous invocations: retries, maximum age, Destinations and dead letters; it sends nothing.

Source: Lambda API reference, PutFunctionEventInvokeConfig; developer guide, "Asynchronous invocation".
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from sfn_notebook.functions.lambda_errors import InvalidParameterValueException
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT

MAX_RETRY_ATTEMPTS: Final = 2
MIN_EVENT_AGE_SECONDS: Final = 60
MAX_EVENT_AGE_SECONDS: Final = 21_600

_ARN: Final = re.compile(r"arn:[a-z-]+:(?P<service>[a-z0-9-]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)")
_ON_SUCCESS: Final = frozenset({"sqs", "sns", "lambda", "events"})
_ON_FAILURE: Final = _ON_SUCCESS | {"s3"}
_DEAD_LETTERS: Final = frozenset({"sqs", "sns"})


@dataclass(frozen=True, kw_only=True, slots=True)
class EventInvokeConfig:
    """How Lambda treats the asynchronous events of a function, a version or an alias.

    Args:
        maximum_retry_attempts: How often it runs an event again after a function error, 0 to 2.
        maximum_event_age_seconds: How long it keeps an event, 60 to 21,600 modelled seconds.
        on_success: ARN that gets the record of an event that went well: SQS, SNS, Lambda or EventBridge.
        on_failure: ARN that gets the record of one that was given up: those, or S3.

    Raises:
        InvalidParameterValueException: For a value out of bounds, or an ARN that cannot be a destination.
    """

    maximum_retry_attempts: int = MAX_RETRY_ATTEMPTS
    maximum_event_age_seconds: float = MAX_EVENT_AGE_SECONDS
    on_success: str | None = None
    on_failure: str | None = None

    def __post_init__(self) -> None:
        attempts, age_seconds = self.maximum_retry_attempts, self.maximum_event_age_seconds
        if attempts not in range(MAX_RETRY_ATTEMPTS + 1):
            raise InvalidParameterValueException(
                f"MaximumRetryAttempts cannot be {attempts!r}.", hint="Give 0, 1 or 2."
            )
        if not MIN_EVENT_AGE_SECONDS <= age_seconds <= MAX_EVENT_AGE_SECONDS:
            raise InvalidParameterValueException(
                f"MaximumEventAgeInSeconds cannot be {age_seconds!r}.",
                hint=f"Give seconds from {MIN_EVENT_AGE_SECONDS} to {MAX_EVENT_AGE_SECONDS:,}.",
            )
        _check(self.on_success, _ON_SUCCESS, "on-success destination")
        _check(self.on_failure, _ON_FAILURE, "on-failure destination")


def given_fields(
    maximum_retry_attempts: int | None,
    maximum_event_age_seconds: float | None,
    on_success: object,
    on_failure: object,
) -> dict[str, Any]:
    """The fields of a configuration that were given; destinations are ARNs, functions or their names.

    Raises:
        InvalidParameterValueException: For a destination that is none of these.
    """
    fields = {
        "maximum_retry_attempts": maximum_retry_attempts,
        "maximum_event_age_seconds": maximum_event_age_seconds,
        "on_success": destination_arn(on_success),
        "on_failure": destination_arn(on_failure),
    }
    return {name: value for name, value in fields.items() if value is not None}


def check_dead_letter_target(arn: str | None) -> None:
    """See that dead letters can be sent to ``arn``: a standard SQS queue or SNS topic.

    Raises:
        InvalidParameterValueException: If they cannot.
    """
    _check(arn, _DEAD_LETTERS, "dead-letter target")


def service_of(arn: str) -> str:
    """The service that an ARN names: ``sqs``, ``lambda``, ...; empty for a text that is no ARN."""
    match = _ARN.fullmatch(arn)
    return match["service"] if match else ""


def destination_arn(target: object) -> str | None:
    """The ARN of what an author gives as a destination: an ARN, a function, or a function's name."""
    if target is None:
        return None
    arn = getattr(target, "arn", target)
    if not isinstance(arn, str):
        raise InvalidParameterValueException(f"{target!r} is no destination.", hint="Give an ARN or a function.")
    return arn if arn.startswith("arn:") else DEFAULT_ACCOUNT.function_arn(arn)


def _check(arn: str | None, services: frozenset[str], what: str) -> None:
    if arn is None:
        return
    service = service_of(arn)
    if service not in services:
        raise InvalidParameterValueException(
            f"{arn} cannot be an {what}." if what.startswith("on") else f"{arn} cannot be a {what}.",
            hint=f"Lambda sends it to {', '.join(sorted(services))}.",
        )
    if arn.endswith(".fifo"):
        raise InvalidParameterValueException(
            f"{arn} is a FIFO {'queue' if service == 'sqs' else 'topic'}.",
            hint="Lambda sends records and dead letters to standard queues and topics only.",
        )
