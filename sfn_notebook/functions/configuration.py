"""What Lambda lets an author set for a function, and its bounds; it knows no handler."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sfn_notebook._json import JSONValue, is_finite_number, plain_copy
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.event_invoke_config import EventInvokeConfig, check_dead_letter_target

MAX_TIMEOUT_SECONDS: Final = 900
MIN_MEMORY_MEGABYTES: Final = 128
MAX_MEMORY_MEGABYTES: Final = 10_240


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionConfiguration:
    """Limits of a function, and the time and memory that it takes.

    Args:
        timeout_seconds: After so many modelled seconds Lambda stops an invocation; 1 to 900.
        memory_megabytes: Reported, priced, and enforced against ``memory_used_megabytes``; 128 to 10,240.
        duration_seconds: Modelled seconds that an invocation takes: a number, or a function from the event to one.
            The real seconds do not count, so that a run is the same on every machine.
        init_seconds: Modelled seconds that an execution environment takes to start: the cold start.
        memory_used_megabytes: Megabytes that an invocation takes, or a function from the event to them; more than
            ``memory_megabytes`` and Lambda kills it. ``None`` is not modelled: no invocation runs out of memory.
        is_isolated: Whether each execution environment has module globals of its own, as on Lambda.
        reserved_concurrency: How many environments the function may have, and has for itself; 0 turns it off.
        asynchronous: How Lambda treats its asynchronous events; ``None`` is Lambda's default.
        dead_letter_arn: The queue or topic that gets events that were given up.
        duplicate_rate: The share of asynchronous events that are delivered twice, 0 to 1: at least once, as promised.

    Raises:
        InvalidInput: For a value out of bounds.
        InvalidParameterValueException: For a dead-letter target that Lambda does not take.

    Source: Lambda developer guide, "Lambda quotas" and "Configure Lambda function timeout".
    """

    timeout_seconds: float = 3.0
    memory_megabytes: int = 128
    duration_seconds: float | Callable[[JSONValue], float] = 0.0
    init_seconds: float = 0.0
    memory_used_megabytes: float | Callable[[JSONValue], float] | None = None
    is_isolated: bool = False
    reserved_concurrency: int | None = None
    asynchronous: EventInvokeConfig | None = None
    dead_letter_arn: str | None = None
    duplicate_rate: float = 0.0
    is_modelled: bool = field(init=False, repr=False, compare=False)
    """Whether execution environments make a difference to an invocation, beyond its duration."""

    def __post_init__(self) -> None:
        if not (is_finite_number(self.timeout_seconds) and 1 <= self.timeout_seconds <= MAX_TIMEOUT_SECONDS):
            raise InvalidInput(
                f"timeout cannot be {self.timeout_seconds!r}.",
                hint=f"Give a number of seconds from 1 to {MAX_TIMEOUT_SECONDS}, as Lambda allows.",
            )
        # Authors are not type-checked: 128.0 and True are refused here, whatever the annotation says.
        memory: object = self.memory_megabytes
        if not (type(memory) is int and MIN_MEMORY_MEGABYTES <= memory <= MAX_MEMORY_MEGABYTES):
            raise InvalidInput(
                f"memory cannot be {memory!r}.",
                hint=f"Give whole megabytes from {MIN_MEMORY_MEGABYTES} to {MAX_MEMORY_MEGABYTES}.",
            )
        if not callable(self.duration_seconds):
            _check_duration(self.duration_seconds, "duration")
        _check_duration(self.init_seconds, "init")
        self._check_environment()
        is_modelled = (
            self.init_seconds > 0
            or self.is_isolated
            or self.memory_used_megabytes is not None
            or self.reserved_concurrency is not None
        )
        # Worked out once, for it is asked at each Task.
        object.__setattr__(self, "is_modelled", is_modelled)

    def _check_environment(self) -> None:
        used, reserved = self.memory_used_megabytes, self.reserved_concurrency
        if used is not None and not callable(used):
            _check_memory_used(used, "memory_used")
        if reserved is not None and not (type(reserved) is int and reserved >= 0):
            raise InvalidInput(f"reserved_concurrency cannot be {reserved!r}.", hint="Give a whole number, 0 or more.")
        if not (is_finite_number(self.duplicate_rate) and 0 <= self.duplicate_rate <= 1):
            raise InvalidInput(f"duplicates cannot be {self.duplicate_rate!r}.", hint="Give a share from 0 to 1.")
        check_dead_letter_target(self.dead_letter_arn)

    def duration_for(self, event: JSONValue) -> float:
        """Modelled seconds that an invocation with ``event`` would take if nothing stopped it.

        Raises:
            InvalidInput: If a function was given for the duration and it raises, or returns no usable number.
        """
        if not callable(self.duration_seconds):
            return self.duration_seconds
        duration_seconds = _of_event(self.duration_seconds, event, "duration", "seconds")
        _check_duration(duration_seconds, "what the function given for duration returned")
        return duration_seconds

    def memory_used_for(self, event: JSONValue) -> float | None:
        """Megabytes that an invocation with ``event`` takes; ``None`` where that is not modelled.

        Raises:
            InvalidInput: If a function was given for them and it raises, or returns no usable number.
        """
        if not callable(self.memory_used_megabytes):
            return self.memory_used_megabytes
        used = _of_event(self.memory_used_megabytes, event, "memory_used", "megabytes")
        _check_memory_used(used, "what the function given for memory_used returned")
        return used


def _of_event(function: Callable[[JSONValue], float], event: JSONValue, what: str, unit: str) -> float:
    try:
        return function(plain_copy(event))
    except Exception as error:
        raise InvalidInput(
            f"the function given for {what} raised {type(error).__name__}: {error}",
            hint=f"It gets the event and returns {unit}.",
        ) from error


def _check_memory_used(megabytes: object, what: str) -> None:
    if not (is_finite_number(megabytes) and isinstance(megabytes, int | float) and megabytes >= 0):
        raise InvalidInput(
            f"{what} cannot be {megabytes!r}.",
            hint="Give modelled megabytes, 0 or more, or a function from the event to megabytes.",
        )


def _check_duration(duration_seconds: object, what: str) -> None:
    if not (is_finite_number(duration_seconds) and isinstance(duration_seconds, int | float) and duration_seconds >= 0):
        raise InvalidInput(
            f"{what} cannot be {duration_seconds!r}.",
            hint="Give modelled seconds, 0 or more, or a function from the event to seconds.",
        )
