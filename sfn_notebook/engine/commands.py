"""What can happen to an execution from outside, as a closed vocabulary; commands decide nothing themselves."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sfn_notebook._json import JSONValue


@dataclass(frozen=True, kw_only=True, slots=True)
class StartExecution:
    """The execution begins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskSucceeded:
    """The work of one attempt ended with a result.

    ``size_bound_bytes``, where somebody has counted already, saves counting: the result's text is no longer than that.
    """

    task_id: int
    result: JSONValue
    size_bound_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskFailed:
    """The work of one attempt ended with an error."""

    task_id: int
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskSubmitted:
    """The request of a Task was answered; its work goes on until somebody tells (``.sync``, ``.waitForTaskToken``)."""

    task_id: int
    result: JSONValue


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityStarted:
    """A worker has taken the task of an activity."""

    task_id: int
    worker_name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskHeartbeat:
    """Whoever does the work of a Task is still at it."""

    task_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TimerFired:
    """A time that the interpreter asked for has come."""

    timer_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StopExecution:
    """A person or a program stopped the execution."""

    error: str | None = None
    cause: str | None = None


Command: TypeAlias = (
    StartExecution
    | TaskSucceeded
    | TaskFailed
    | TaskSubmitted
    | ActivityStarted
    | TaskHeartbeat
    | TimerFired
    | StopExecution
)


class Instant(NamedTuple):
    """The commands that arrived together at one moment of modelled time: the unit of an execution's log."""

    at_seconds: float
    commands: tuple[Command, ...]
