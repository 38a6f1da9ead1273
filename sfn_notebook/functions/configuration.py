"""What Lambda lets an author set for a function, and its bounds; it knows no handler."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sfn_notebook._json import JSONValue, is_finite_number, plain_copy
from sfn_notebook.errors import InvalidInput

MAX_TIMEOUT_SECONDS: Final = 900
MIN_MEMORY_MEGABYTES: Final = 128
MAX_MEMORY_MEGABYTES: Final = 10_240


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionConfiguration:
    """Limits of a function and the time that it takes.

    Args:
        timeout_seconds: After so many modelled seconds Lambda stops an invocation; 1 to 900.
        memory_megabytes: Only reported and priced, never enforced; 128 to 10,240.
        duration_seconds: Modelled seconds that an invocation takes: a number, or a function from the event to one.
            The real seconds do not count, so that a run is the same on every machine.

    Raises:
        InvalidInput: For a value out of bounds.

    Source: Lambda developer guide, "Lambda quotas" and "Configure Lambda function timeout".
    """

    timeout_seconds: float = 3.0
    memory_megabytes: int = 128
    duration_seconds: float | Callable[[JSONValue], float] = 0.0

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

    def duration_for(self, event: JSONValue) -> float:
        """Modelled seconds that an invocation with ``event`` would take if nothing stopped it.

        Raises:
            InvalidInput: If a function was given for the duration and it raises, or returns no usable number.
        """
        if not callable(self.duration_seconds):
            return self.duration_seconds
        try:
            duration_seconds = self.duration_seconds(plain_copy(event))
        except Exception as error:
            raise InvalidInput(
                f"the function given for duration raised {type(error).__name__}: {error}",
                hint="It gets the event and returns seconds.",
            ) from error
        _check_duration(duration_seconds, "what the function given for duration returned")
        return duration_seconds


def _check_duration(duration_seconds: object, what: str) -> None:
    if not (is_finite_number(duration_seconds) and isinstance(duration_seconds, int | float) and duration_seconds >= 0):
        raise InvalidInput(
            f"{what} cannot be {duration_seconds!r}.",
            hint="Give modelled seconds, 0 or more, or a function from the event to seconds.",
        )
