"""An interpreter that can stop in the middle of an instant, just before an event, and whose payloads can be edited.

What it does in between is the plain interpreter's work, so an execution that was held and went on unchanged has
written the same events as one that was not. Where it stops is a breakpoint's decision the first time, and the log's at
a replay.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.compile import CompiledDefinition, CompiledState, RetryableState
from sfn_notebook.engine import states
from sfn_notebook.engine.breakpoints import AFTER, BEFORE, Pause, Stops
from sfn_notebook.engine.commands import Command, ContinueExecution, EditPayload, HoldExecution, Instant
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.frames import Frame
from sfn_notebook.engine.history import Event
from sfn_notebook.engine.interpreter import Interpreter, Transition
from sfn_notebook.engine.status import ExecutionStatus

_OWN: tuple[type[Command], ...] = (HoldExecution, EditPayload, ContinueExecution)


class _Held(Exception):  # noqa: N818 - control flow within the interpreter, never seen outside
    """The event that is about to be written must wait."""


class HeldInterpreter(Interpreter):
    """``pause`` tells where it stands while it is held; ``edits`` the payloads of before, by the id of the event."""

    def __init__(self, compiled: CompiledDefinition, header: ExecutionHeader, stops: Stops | None = None) -> None:
        super().__init__(compiled, header)
        self.stops = stops if stops is not None else Stops()
        self.pause: Pause | None = None
        self.edits: dict[int, JSONValue] = {}
        self._holds: set[int] = set()
        self._passed = 0
        self._edited: dict[int, JSONValue] = {}

    def apply(self, instant: Instant) -> Transition:
        """As the plain interpreter does; while it is held, nothing goes on before a ContinueExecution."""
        first_event = len(self.events)
        goes_on = self.pause is None or any(isinstance(each, ContinueExecution) for each in instant.commands)
        waiting = self.ready
        if not goes_on:
            self.ready = deque()
        try:
            transition = super().apply(instant)
        except _Held:
            transition = Transition(first_event, tuple(self.effects))
        if self.status is not ExecutionStatus.RUNNING:
            self.pause = None
        elif not goes_on:
            self.ready = waiting
        return transition

    def hold_before(self, event_ids: Iterable[int]) -> None:
        """Stop before these events, if a state is entered or left with them."""
        self._holds.update(event_ids)

    def _accept(self, command: Command) -> None:
        match command:
            case HoldExecution(event_id=event_id):
                self._holds.add(event_id)
            case EditPayload(event_id=event_id, payload=payload):
                self._edited[event_id] = payload
                if self.pause is not None and self.pause.event_id == event_id:
                    self.pause = replace(self.pause, payload=payload)
            case ContinueExecution(event_id=event_id):
                self.pause, self._passed = None, event_id
            case _:
                super()._accept(command)

    def emit(self, previous_id: int, event_type: str, name: str = "", payload: JSONValue = None) -> int:
        """Write an event and return its id; that a state is entered may have to wait."""
        frame = self.environment.frame
        if frame is not None and event_type.endswith("StateEntered"):
            event_id = len(self.events) + 1
            if self._must_hold(BEFORE, event_id, frame, payload):
                # The same step once more: nothing of it has happened yet.
                self.ready.appendleft((states.advance, frame, None))
                raise _Held
            if event_id in self._edited:
                self.edits[event_id] = payload
                frame.input = payload = self._edited[event_id]
        return super().emit(previous_id, event_type, name, payload)

    def leave(self, frame: Frame, output: JSONValue, next_state: CompiledState | None) -> bool:
        """Leave a state, unless that must wait."""
        event_id = len(self.events) + 1
        if self._must_hold(AFTER, event_id, frame, output):
            # A state whose work takes no time goes on with the next one at once, others from the end of the queue.
            at_once = not isinstance(frame.state, RetryableState) and self.now_seconds == frame.entered_seconds
            self.ready.appendleft((_leave, frame, (output, next_state, at_once)))
            raise _Held
        if event_id in self._edited:
            self.edits[event_id] = output
            output = self._edited[event_id]
        return states.leave(self, frame, output, next_state)

    def _must_hold(self, when: str, event_id: int, frame: Frame, payload: JSONValue) -> bool:
        if event_id == self._passed:
            return False
        note = "" if event_id in self._holds else self.stops.note(when, frame, payload, self.environment)
        if note is None:
            return False
        self.stops.is_stepping = False
        state = frame.state
        self.pause = Pause(
            when=when,
            state_name=state.name,
            pointer=state.pointer,
            iteration=frame.iteration,
            event_id=event_id,
            payload=payload,
            since_seconds=self.now_seconds,
            note=note,
        )
        return True


def _leave(interpreter: Interpreter, frame: Frame, held: JSONValue) -> None:
    """Go on with what a breakpoint after a state held up."""
    output, next_state, at_once = held
    interpreter.environment.frame = frame
    if interpreter.leave(frame, output, next_state):
        if at_once:
            states.advance(interpreter, frame)
        else:
            interpreter.ready.append((states.advance, frame, None))


def has_holds(log: Sequence[Instant]) -> bool:
    """Whether an execution with this log was ever held."""
    return any(isinstance(command, _OWN) for instant in log for command in instant.commands)


def is_place_to_hold(event: Event) -> bool:
    """Whether an execution can be held before this event."""
    return event[3].endswith(("StateEntered", "StateExited"))
