"""What can happen to an execution from outside, as a closed vocabulary; commands decide nothing themselves."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.engine.map_run import MapRunOutcome


@dataclass(frozen=True, kw_only=True, slots=True)
class StartExecution:
    """The execution begins."""


class TaskSucceeded(NamedTuple):
    """The work of one attempt ended with a result.

    A named tuple, for it is made for every Task, and a frozen dataclass takes three times as long.
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
class ActivitiesMissing:
    """Of the activities that the definition names, these are not there from now on; all others are."""

    arns: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskHeartbeat:
    """Whoever does the work of a Task is still at it."""

    task_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TimerFired:
    """A time that the interpreter asked for has come."""

    timer_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MapRunReported:
    """How far a Map Run has come; whoever reads the log later knows it no other way."""

    map_run_id: int
    outcome: MapRunOutcome


@dataclass(frozen=True, kw_only=True, slots=True)
class MapRunEnded:
    """A Map Run has ended; one that succeeded may still have an error, about its output."""

    map_run_id: int
    outcome: MapRunOutcome
    output: JSONValue | Absent = ABSENT
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StopExecution:
    """A person or a program stopped the execution."""

    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RedriveExecution:
    """An unsuccessful execution shall go on from what it left unfinished."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HoldExecution:
    """Stop within this instant, just before the event ``event_id`` would be written: a breakpoint was reached."""

    event_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EditPayload:
    """The event ``event_id``, a StateEntered or StateExited that is to come, shall carry ``payload``."""

    event_id: int
    payload: JSONValue


@dataclass(frozen=True, kw_only=True, slots=True)
class ContinueExecution:
    """Go on from where a HoldExecution stopped."""

    event_id: int


Command: TypeAlias = (
    StartExecution
    | TaskSucceeded
    | TaskFailed
    | TaskSubmitted
    | ActivityStarted
    | ActivitiesMissing
    | TaskHeartbeat
    | TimerFired
    | MapRunReported
    | MapRunEnded
    | StopExecution
    | RedriveExecution
    | HoldExecution
    | EditPayload
    | ContinueExecution
)


class Instant(NamedTuple):
    """The commands that arrived together at one moment of modelled time: the unit of an execution's log."""

    at_seconds: float
    commands: tuple[Command, ...]
