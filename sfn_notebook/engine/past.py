"""The part of an execution before one of its events, replayed, for another execution to go on from; it runs nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, assert_never

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.compile import CompiledDefinition
from sfn_notebook.engine.commands import (
    ActivityStarted,
    Command,
    EditPayload,
    HoldExecution,
    Instant,
    MapRunEnded,
    TaskFailed,
    TaskSubmitted,
    TaskSucceeded,
    TimerFired,
)
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.effects import (
    CancelMapRun,
    CancelTask,
    CancelTimer,
    Effect,
    SetTimer,
    StartMapRun,
    StartTask,
)
from sfn_notebook.engine.held_interpreter import HeldInterpreter, is_place_to_hold
from sfn_notebook.engine.history import Event, history_of
from sfn_notebook.engine.redriven_interpreter import interpreter_of
from sfn_notebook.engine.resources import Pattern, ResourceKind
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.errors import InvalidInput


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """An effect that was asked for at ``at_seconds`` and is neither answered nor cancelled.

    ``is_submitted``: its request was answered already. ``is_taken``: a worker, ``worker_name``, has begun it.
    """

    effect: Effect
    at_seconds: float
    is_submitted: bool = False
    is_taken: bool = False
    worker_name: str | None = None

    @property
    def task_id(self) -> int:
        """The id of a task; 0 for other effects."""
        return self.effect.task_id if isinstance(self.effect, StartTask) else 0

    @property
    def is_asked_already(self) -> bool:
        """Whether only the answer is missing, which whoever holds the token gives: nobody is asked a second time."""
        if not isinstance(self.effect, StartTask):
            return False
        plan = self.effect.plan
        if plan.kind is ResourceKind.ACTIVITY:
            return self.is_taken
        return self.is_submitted and plan.pattern is Pattern.CALLBACK


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What led to a moment. The interpreter stands there; ``edit`` is the payload to go on with, if that changes."""

    interpreter: HeldInterpreter
    log: list[Instant]
    owed: tuple[Owed, ...]
    at_seconds: float
    edit: EditPayload | None = None

    @property
    def first_seconds(self) -> float:
        """When the earliest effect was asked for that is still owed."""
        return min((self.at_seconds, *(each.at_seconds for each in self.owed)))

    @property
    def event_count(self) -> int:
        """How many events there are."""
        return len(self.interpreter.events)

    def with_payload(self, payload: JSONValue) -> "Past":
        """The same past, which goes on with another payload.

        Raises:
            InvalidInput: If it does not end where a state is entered or left.
        """
        pause = self.interpreter.pause
        if pause is None:
            hint = "Fork at a StateEntered or StateExited event, a visit or the name of a state."
            raise InvalidInput("only the input or the output of a state can be replaced.", hint=hint)
        return replace(self, edit=EditPayload(event_id=pause.event_id, payload=payload))


def past_before(
    event_id: int, *, compiled: CompiledDefinition, header: ExecutionHeader, log: Sequence[Instant]
) -> Past:
    """Replay ``log`` up to the event ``event_id``, which has not been written then; one more than all is the end.

    Where a state is entered or left, and between two instants, an execution can be taken up; if the event is no such
    place, the past ends at the latest one before it.

    Raises:
        InvalidInput: If the execution has ended by then, or a Map Run is under way.
    """
    place = _place_before(event_id, interpreter_of(compiled, header, log), log)
    interpreter = interpreter_of(compiled, header, log)
    interpreter.hold_before([place.event_id] if place.is_held else [])
    kept: list[Instant] = []
    books = _Books()
    for instant in log[: place.instants + place.is_held]:
        pause = interpreter.pause
        if len(kept) == place.instants and pause is not None and pause.event_id == place.event_id:
            break
        transition = interpreter.apply(instant)
        books.note(instant, transition.effects)
        kept.append(_with_hold(instant, interpreter))
    if interpreter.status is not ExecutionStatus.RUNNING:
        raise InvalidInput(f"event {event_id} is the end of the execution.", hint="Fork at an earlier event.")
    at_seconds = interpreter.now_seconds if kept else log[0].at_seconds
    return Past(interpreter=interpreter, log=kept, owed=books.owed(), at_seconds=at_seconds)


class _Place(NamedTuple):
    """An event before which an execution can be taken up, and how many whole instants of its log lie before it.

    Where it ``is_held``, the event is within the next instant, or the first one of it.
    """

    event_id: int
    instants: int
    is_held: bool


def _place_before(event_id: int, interpreter: HeldInterpreter, log: Sequence[Instant]) -> _Place:
    """The latest place up to ``event_id``."""
    place = _Place(1, 0, is_held=False)
    for index, instant in enumerate(log):
        first = len(interpreter.events)
        if first + 1 > event_id:
            return place
        interpreter.apply(instant)
        written = interpreter.events[first:event_id]
        if written:
            held = next((event[0] for event in reversed(written) if is_place_to_hold(event)), 0)
            place = _Place(held or first + 1, index, is_held=held > 0)
    return place if event_id <= len(interpreter.events) else _Place(event_id, len(log), is_held=False)


def _with_hold(instant: Instant, interpreter: HeldInterpreter) -> Instant:
    pause = interpreter.pause
    if pause is None or HoldExecution(event_id=pause.event_id) in instant.commands:
        return instant
    return instant._replace(commands=(*instant.commands, HoldExecution(event_id=pause.event_id)))


class _Books:
    """Which effects are owed, from what was asked for, answered and cancelled; the order is that of asking.

    What is due at the same moment happens in this order, so it must be kept.
    """

    def __init__(self) -> None:
        self._owed: dict[tuple[type[Effect], int], Owed] = {}

    def note(self, instant: Instant, effects: Sequence[Effect]) -> None:
        """What happened at one instant, and what it asked for."""
        for command in instant.commands:
            self._hear(command)
        for effect in effects:
            self._ask(effect, instant.at_seconds)

    def _hear(self, command: Command) -> None:
        match command:
            case TaskSucceeded(task_id=task_id) | TaskFailed(task_id=task_id):
                self._owed.pop((StartTask, task_id), None)
            case TaskSubmitted(task_id=task_id) if (StartTask, task_id) in self._owed:
                key = (StartTask, task_id)
                self._owed[key] = replace(self._owed[key], is_submitted=True)
            case ActivityStarted(task_id=task_id, worker_name=worker_name) if (StartTask, task_id) in self._owed:
                key = (StartTask, task_id)
                self._owed[key] = replace(self._owed[key], is_taken=True, worker_name=worker_name)
            case TimerFired(timer_id=timer_id):
                self._owed.pop((SetTimer, timer_id), None)
            case MapRunEnded(map_run_id=map_run_id):
                self._owed.pop((StartMapRun, map_run_id), None)
            case _:
                pass

    def _ask(self, effect: Effect, at_seconds: float) -> None:
        owed = Owed(effect=effect, at_seconds=at_seconds)
        match effect:
            case StartTask():
                self._owed[StartTask, effect.task_id] = owed
            case SetTimer():
                self._owed[SetTimer, effect.timer_id] = owed
            case StartMapRun():
                self._owed[StartMapRun, effect.map_run_id] = owed
            case CancelTask():
                self._owed.pop((StartTask, effect.task_id), None)
            case CancelTimer():
                self._owed.pop((SetTimer, effect.timer_id), None)
            case CancelMapRun():
                self._owed.pop((StartMapRun, effect.map_run_id), None)
            case _:
                assert_never(effect)

    def owed(self) -> tuple[Owed, ...]:
        """What is owed, in the order in which it was asked for.

        Raises:
            InvalidInput: If a Map Run is: its children are executions of their own, which cannot be taken up.
        """
        if any(kind is StartMapRun for kind, _ in self._owed):
            hint = "Fork where its Map is entered, or after it."
            raise InvalidInput("a Map Run is under way at this event.", hint=hint)
        return tuple(self._owed.values())


def first_difference(past: Sequence[Event], other: Sequence[Event]) -> str:
    """Where two pasts part, in words; an empty text if they are the same."""
    for left, right in zip(past, other, strict=False):
        if left != right and history_of([left]) != history_of([right]):
            return f"event {left[0]}: {_words(left)} in one, {_words(right)} in the other"
    if len(past) != len(other):
        longer = past if len(past) > len(other) else other
        return f"event {min(len(past), len(other)) + 1}: {_words(longer[min(len(past), len(other))])} in one only"
    return ""


def _words(event: Event) -> str:
    return f"{event[3]} {event[4]}".strip()
