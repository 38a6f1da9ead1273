"""What is told about every call of a function, as plain records, and the counts of them; it calls nothing itself."""

import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from sfn_notebook._json import ABSENT, Absent, JSONValue


class CallKind(StrEnum):
    """What happened to a call."""

    ACCEPTED = "accepted"
    ATTEMPT = "attempt"
    THROTTLE = "throttle"
    DROPPED = "dropped"
    DESTINATION = "destination"
    DEAD_LETTER = "dead letter"


@dataclass(frozen=True, kw_only=True, slots=True)
class CallRecord:
    """One thing that happened to one call. Times are modelled seconds since the epoch, durations modelled seconds.

    Args:
        kind: What happened; the fields below that it does not fill keep their defaults.
        at_seconds: When it happened; for an attempt, when it began.
        request_id: Lambda's id: an asynchronous event keeps it over its attempts.
        function_name: Whom the call was for.
        function_arn: The ARN that was invoked, with its qualifier if it had one.
        invocation_type: ``RequestResponse`` or ``Event``.
        caller: Who called: a function's name, the ARN of an execution, or ``None`` for the notebook itself.
        attempt: Number of the attempt, from 1; 0 where none was made.
        executed_version: The version that ran.
        environment: The execution environment that it ran in, by its log stream's name.
        is_cold_start: Whether the environment was started for it.
        init_seconds: How long its initialisation took.
        duration_seconds: How long the handler took.
        function_error: ``Unhandled`` where it failed.
        reason: Which limit throttled it, why it was given up, the condition of the record that was delivered.
        target_arn: Where a record or a dead letter was sent.
        failure: Why a delivery failed.
    """

    kind: CallKind
    at_seconds: float
    request_id: str
    function_name: str
    function_arn: str
    invocation_type: str
    caller: str | None = None
    attempt: int = 0
    executed_version: str | None = None
    environment: str | None = None
    is_cold_start: bool = False
    init_seconds: float = 0.0
    duration_seconds: float = 0.0
    function_error: str | None = None
    reason: str | None = None
    target_arn: str | None = None
    failure: str | None = None


class Carried(NamedTuple):
    """What a call carried, no copies: ``event`` is what the function got or what was sent, ``answer`` what it returned.

    ``log`` is what an attempt wrote to its log. Whoever wants to keep any of it keeps a text of its own.
    """

    event: JSONValue | Absent = ABSENT
    answer: JSONValue | Absent = ABSENT
    log: str | None = None


NOTHING_CARRIED = Carried()

CallObserver: TypeAlias = Callable[[CallRecord], None]
PayloadObserver: TypeAlias = Callable[[CallRecord, Carried], None]


@dataclass(kw_only=True, slots=True)
class FunctionMetrics:
    """Counts of one function, under CloudWatch's names. Source: Lambda developer guide, "Types of metrics"."""

    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    async_events_received: int = 0
    async_events_dropped: int = 0
    dead_letter_errors: int = 0
    destination_delivery_failures: int = 0
    recursive_invocations_dropped: int = 0


RECURSIVE_LOOP = "RecursiveInvocation"
"""The reason of an event that recursive loop detection dropped."""


class CallLog:
    """Counts calls per function and tells observers of them; an observer that fails is dropped and named."""

    def __init__(self) -> None:
        self._observers: list[CallObserver] = []
        self._payload_observers: list[PayloadObserver] = []
        self._metrics: defaultdict[str, FunctionMetrics] = defaultdict(FunctionMetrics)

    def observe(self, observer: CallObserver) -> None:
        """Tell ``observer`` of every call from now on."""
        self._observers.append(observer)

    def observe_payloads(self, observer: PayloadObserver) -> None:
        """Tell ``observer`` of every call with what it carried."""
        self._payload_observers.append(observer)

    def forget(self, observer: CallObserver) -> None:
        """Tell it no more."""
        self._observers.remove(observer)

    def metrics(self, function_name: str) -> FunctionMetrics:
        """The counts of a function; all 0 for one that was never called."""
        return self._metrics[function_name]

    def tell(self, record: CallRecord, carried: Carried = NOTHING_CARRIED) -> None:
        """Count ``record`` and pass it on."""
        self._count(record)
        for payload_observer in tuple(self._payload_observers):
            payload_observer(record, carried)
        for observer in tuple(self._observers):
            try:
                observer(record)
            except Exception as error:  # noqa: BLE001 - whatever an observer does, the call goes on without it
                self._observers.remove(observer)
                name = getattr(observer, "__qualname__", type(observer).__name__)
                warnings.warn(f"observer {name} failed and was dropped: {error!r}", RuntimeWarning, stacklevel=2)

    def _count(self, record: CallRecord) -> None:
        metrics = self._metrics[record.function_name]
        match record.kind:
            case CallKind.ACCEPTED:
                metrics.async_events_received += 1
            case CallKind.ATTEMPT:
                metrics.invocations += 1
                metrics.errors += record.function_error is not None
            case CallKind.THROTTLE:
                metrics.throttles += 1
            case CallKind.DROPPED:
                metrics.async_events_dropped += 1
                metrics.recursive_invocations_dropped += record.reason == RECURSIVE_LOOP
            case CallKind.DESTINATION:
                metrics.destination_delivery_failures += record.failure is not None
            case CallKind.DEAD_LETTER:
                metrics.dead_letter_errors += record.failure is not None
