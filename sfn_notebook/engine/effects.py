"""What the interpreter asks the world to do, as values; it never does them itself."""

from dataclasses import dataclass
from typing import TypeAlias

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.resources import ResourcePlan


@dataclass(frozen=True, kw_only=True, slots=True)
class StartTask:
    """Do the work of one attempt and answer with TaskSucceeded or TaskFailed for ``task_id``.

    A task with a token may be answered by whoever holds it.

    ``retry_count`` is 0 for the first attempt of a visit.
    """

    task_id: int
    plan: ResourcePlan
    parameters: JSONValue
    state_name: str
    state_pointer: str
    retry_count: int
    task_token: str | None = None


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


Effect: TypeAlias = StartTask | SetTimer | CancelTimer | CancelTask
