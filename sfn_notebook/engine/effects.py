"""What the interpreter asks the world to do, as values; it never does them itself."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.compile import CompiledDefinition
from sfn_notebook.asl.model import Definition
from sfn_notebook.engine.map_run_interpreter import MapRunPlan
from sfn_notebook.engine.resources import ResourcePlan


class StartTask(NamedTuple):
    """Do the work of one attempt and answer with TaskSucceeded or TaskFailed for ``task_id``.

    A task with a token may be answered by whoever holds it. This is a named tuple, for it is made for every Task, and
    a frozen dataclass takes three times as long.

    ``retry_count`` is 0 for the first attempt of a visit; ``credentials`` are those of the state, ``None`` for the
    machine's own role.
    """

    task_id: int
    plan: ResourcePlan
    parameters: JSONValue
    state_name: str
    state_pointer: str
    retry_count: int
    task_token: str | None = None
    credentials: JSONValue = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetTimer:
    """Answer with TimerFired for ``timer_id`` at ``due_seconds``.

    A deadline is a time that shall not be reached: alone it is no reason to let virtual time pass.
    """

    timer_id: int
    due_seconds: float
    is_deadline: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelTimer:
    """The answer of ``timer_id`` is not wanted any more."""

    timer_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelTask:
    """The answer of ``task_id`` is not wanted any more."""

    task_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StartMapRun:
    """Do the work of a Map Run and answer with MapRunEnded for ``map_run_id``.

    ``processor`` and ``definition`` are those of its child executions.
    """

    map_run_id: int
    plan: MapRunPlan
    processor: CompiledDefinition
    definition: Definition
    execution_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelMapRun:
    """The answer of ``map_run_id`` is not wanted any more."""

    map_run_id: int


Effect: TypeAlias = StartTask | SetTimer | CancelTimer | CancelTask | StartMapRun | CancelMapRun
