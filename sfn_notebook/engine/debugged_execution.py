"""The driver of an execution with breakpoints: it pauses, goes on, steps and edits; where to stop is told it."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.breakpoints import Breakpoint, Pause, Stops
from sfn_notebook.engine.commands import Command, ContinueExecution, EditPayload, HoldExecution, TaskSubmitted
from sfn_notebook.engine.effects import StartTask
from sfn_notebook.engine.held_interpreter import HeldInterpreter
from sfn_notebook.engine.past import Owed, Past
from sfn_notebook.engine.redrives import RedrivableExecution
from sfn_notebook.errors import ExecutionStalled


class DebuggedExecution(RedrivableExecution):
    """An execution that pauses at ``breakpoints``; with a ``past`` it goes on where that ends.

    While it is paused no time passes for it: what tasks answer meanwhile is kept, and heard when it goes on. The log
    tells where it was held and what was edited, so that a replay gives the same events.
    """

    def __init__(self, *, breakpoints: Iterable[Breakpoint] = (), past: Past | None = None, **parts: Any) -> None:
        super().__init__(**parts)
        self.breakpoints = tuple(breakpoints)
        self._interpreter = HeldInterpreter(self.compiled, self.header) if past is None else past.interpreter
        self._held.stops = Stops(self.breakpoints)
        self._past = past
        self._submitted: set[int] = set()
        if past is not None:
            self.log = past.log

    @property
    def _held(self) -> HeldInterpreter:
        assert isinstance(self._interpreter, HeldInterpreter)  # noqa: S101 - it never has another one
        return self._interpreter

    def _open_again(self) -> None:
        super()._open_again()
        self._held.stops = Stops(self.breakpoints)

    @property
    def paused_at(self) -> Pause | None:
        """The breakpoint at which it stands, and what it will go on with."""
        return self._held.pause

    @property
    def edits(self) -> Mapping[int, JSONValue]:
        """The payloads that were replaced, as they were before, by the id of the event that carries the new one."""
        return self._held.edits

    def start(self) -> None:
        """Begin, or go on where the past ends."""
        past, self._past = self._past, None
        if past is None or not past.log:
            super().start()
        else:
            self._take_up(past)

    def edit(self, payload: JSONValue) -> "DebuggedExecution":
        """Replace the payload with which it will go on; see ``paused_at``.

        Raises:
            ExecutionStalled: If it does not stand at a breakpoint.
        """
        if self.paused_at is None:
            raise ExecutionStalled(f"{self.name} does not stand at a breakpoint.", hint="%sfn run NAME --break STATE")
        self._apply((EditPayload(event_id=self.paused_at.event_id, payload=payload),))
        # It stands still, so nothing else would tell them what it goes on with now.
        self.tell_observers()
        return self

    def resume(self, *, reach_deadlines: bool = False) -> "DebuggedExecution":
        """Leave the breakpoint, if it stands at one, and go on; see ``Execution.resume``."""
        if self.paused_at is not None:
            self._scheduler.at_end_of_instant(partial(self._release, self.paused_at.event_id))
        super().resume(reach_deadlines=reach_deadlines)
        return self

    def go_on(self) -> "DebuggedExecution":
        """Let time pass as ``resume`` does, but stay at the breakpoint."""
        super().resume()
        return self

    def step(self, seconds: float | None = None) -> "DebuggedExecution":
        """At a breakpoint: go on until the next state is entered, in whichever branch; else move a manual clock.

        Raises:
            ExecutionStalled: If it stands at no breakpoint and has no manual clock, or nothing is due; and for
                ``seconds`` at a breakpoint, where no time passes.
        """
        if self.paused_at is None:
            super().step(seconds)
            return self
        if seconds is not None:
            raise ExecutionStalled(f"{self.name} is paused {self.paused_at}: its clock stands.", hint="Call step().")
        self._held.stops.is_stepping = True
        return self.resume()

    def _is_settled(self) -> Callable[[], bool]:
        return lambda: self._held.pause is not None or self.family.is_settled()

    def _release(self, event_id: int) -> None:
        if self._held.pause is None or self._held.pause.event_id != event_id:
            return
        self._apply((ContinueExecution(event_id=event_id),))
        if self._inbox:
            self._scheduler.at_end_of_instant(self._flush)

    def _flush(self) -> None:
        # What comes while it is paused waits for it.
        if self._held.pause is None:
            super()._flush()

    def _deliver(self, command: Command) -> None:
        if not (isinstance(command, TaskSubmitted) and command.task_id in self._submitted):
            super()._deliver(command)

    def _apply(self, commands: tuple[Command, ...]) -> None:
        before, place = self._held.pause, len(self.log)
        super()._apply(commands)
        pause = self._held.pause
        if pause is not None and (before is None or before.event_id != pause.event_id):
            instant = self.log[place]
            hold = HoldExecution(event_id=pause.event_id)
            self.log[place] = instant._replace(commands=(*instant.commands, hold))

    def _take_up(self, past: Past) -> None:
        """Have begun what the past began and did not end, at the times of then; ``resume`` leaves the place."""
        clock = self._scheduler.clock
        for owed in past.owed:
            clock.wait_until(owed.at_seconds)
            self._begin(owed)
        clock.wait_until(past.at_seconds)
        if past.edit is not None and self._held.pause is not None:
            self._apply((past.edit,))

    def _begin(self, owed: Owed) -> None:
        if isinstance(owed.effect, StartTask) and owed.is_asked_already:
            self._tasks.await_again(owed.effect, owed.at_seconds, is_taken=owed.is_taken, worker_name=owed.worker_name)
            return
        if owed.is_submitted:
            self._submitted.add(owed.task_id)
        self._perform(owed.effect)
