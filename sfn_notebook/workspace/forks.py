"""How one execution becomes another from a moment of its past on; it replays and calls no function itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.engine.breakpoints import Breakpoint
from sfn_notebook.engine.past import Past, first_difference, past_before
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.payloads import payload_of

if TYPE_CHECKING:
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.notebook_execution import NotebookExecution


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What shall be another way after the fork; see ``NotebookExecution.fork``."""

    payload: JSONValue = ABSENT
    definition: "str | Mapping[str, Any] | StateMachine | None" = None
    functions: Mapping[str, Callable[..., Any]] | None = None


def fork(
    run: "NotebookExecution",
    at: int | Visit | str | None,
    change: Change,
    *,
    iteration: int | tuple[int, ...] | None = None,
    name: str | None = None,
    breakpoints: Iterable[str | Breakpoint] = (),
    answers: JSONObject | None = None,
) -> "NotebookExecution":
    """Make the other execution and run it; see ``NotebookExecution.fork`` for arguments and errors."""
    workspace = run.workspace
    machine = run.machine.revised(definition=change.definition, functions=change.functions)
    mocked = frozenset() if run.mock is None else run.mock.state_names
    compiled = run.compiled if change.definition is None else machine.compiled(mocked)
    event_id = moment_of(run, at, iteration)
    same = past_before(event_id, compiled=compiled, header=run.header, log=run.log)
    _require_same_past(run, same, "under the other definition")
    execution_name, key = workspace.execution_name(machine.name, name)
    header = run.header._replace(name=execution_name, machine=machine.identity)
    past = past_before(same.event_count + 1, compiled=compiled, header=header, log=run.log)
    if [event[3:5] for event in past.interpreter.events] != [event[3:5] for event in same.interpreter.events]:
        hint = "Fork at an earlier event, before the execution's name is looked at."
        raise InvalidInput(f"under the name {execution_name} the past would be another one.", hint=hint)
    if change.payload is not ABSENT:
        past = past.with_payload(payload_of(change.payload))
    made = workspace.make(
        machine,
        compiled,
        header,
        Scheduler(VirtualClock(past.first_seconds)),
        mock=run.mock,
        answers=answers,
        breakpoints=breakpoints,
        past=past,
    )
    workspace.keep(key, made)
    made.run()
    return made


def moment_of(run: "NotebookExecution", at: int | Visit | str | None, iteration: int | tuple[int, ...] | None) -> int:
    """The id of the event before which to fork.

    Raises:
        UnknownName: If no state of that name was visited.
        InvalidInput: If there is no such event.
    """
    if at is None:
        return _where_it_stands(run)
    if isinstance(at, Visit):
        return at.id
    if isinstance(at, str):
        return _latest_visit(run, at, iteration).id
    if not 1 <= at <= len(run.events) + 1:
        raise InvalidInput(f"{run.name} has no event {at}.", hint=f"Its events are 1 to {len(run.events)}.")
    return at


def _where_it_stands(run: "NotebookExecution") -> int:
    if run.paused_at is not None:
        return run.paused_at.event_id
    if run.status is ExecutionStatus.RUNNING:
        return len(run.events) + 1
    failed = [visit for visit in run.visits if visit.status in {VisitStatus.FAILED, VisitStatus.ABORTED}]
    if not failed:
        hint = 'Say from where: fork(at="State"), an event\'s id or a visit.'
        raise InvalidInput(f"{run.name} has {run.status}: there is no place to go on from.", hint=hint)
    return max(failed, key=lambda visit: (visit.status is VisitStatus.FAILED, len(visit.iteration), visit.id)).id


def _latest_visit(run: "NotebookExecution", name: str, iteration: int | tuple[int, ...] | None) -> Visit:
    named = [visit for visit in run.visits if visit.name == name]
    if not named:
        raise UnknownName(f"visited state of {run.name}", name, dict.fromkeys(visit.name for visit in run.visits))
    wanted = (iteration,) if isinstance(iteration, int) else iteration
    found = [visit for visit in named if wanted is None or visit.iteration[-len(wanted) :] == wanted]
    if not found:
        known = ", ".join(str(list(visit.iteration)) for visit in named[:10])
        raise InvalidInput(f"{name} was not visited in the iteration {list(wanted or ())}.", hint=f"Visited: {known}.")
    return found[-1]


def _require_same_past(run: "NotebookExecution", past: Past, why: str) -> None:
    count = past.event_count
    difference = first_difference(run.events[:count], past.interpreter.events)
    if difference:
        hint = "Fork at that event or before it, or leave the definition as it was up to the fork."
        raise InvalidInput(f"{why} the past of {run.name} would be another one: {difference}.", hint=hint)
