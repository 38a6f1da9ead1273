"""One deterministic queue of due actions, ordered by (due, sequence); it knows nothing of what the actions do."""

import heapq
from collections.abc import Callable
from typing import TypeAlias

from sfn_notebook.runtime.clock import Clock

Action: TypeAlias = Callable[[], None]


class Timer:
    """A scheduled action; ``cancel`` makes it never happen."""

    __slots__ = ("_action", "_forget", "due_seconds", "is_deadline", "sequence")

    def __init__(
        self,
        due_seconds: float,
        sequence: int,
        action: Action,
        *,
        is_deadline: bool = False,
        forget: Action | None = None,
    ) -> None:
        self.due_seconds = due_seconds
        self.sequence = sequence
        self.is_deadline = is_deadline
        self._forget = forget
        self._action: Action | None = action

    def __lt__(self, other: "Timer") -> bool:
        return (self.due_seconds, self.sequence) < (other.due_seconds, other.sequence)

    @property
    def is_cancelled(self) -> bool:
        """Whether the action will not happen any more."""
        return self._action is None

    def cancel(self) -> None:
        """Forget the action."""
        if self._action is not None and self._forget is not None:
            self._forget()
        self._action = None

    def fire(self) -> None:
        """Do the action, once."""
        action, self._action = self._action, None
        if action is not None:
            if self._forget is not None:
                self._forget()
            action()


class Scheduler:
    """Runs actions when their time has come.

    All actions that are due at one instant run before the actions registered with ``at_end_of_instant``: an execution
    hears of everything that happened at that instant together, as AWS records it (four tasks of a Map that time out
    in the same second are all TaskTimedOut before the Map fails).
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.now = clock.now
        """Modelled seconds since the epoch; the clock's own method, since every step asks several times."""
        self._timers: list[Timer] = []
        self._ends_of_instant: list[Action] = []
        self._sequence = 0
        self._undertakings = 0
        self.is_running = False

    def schedule(self, due_seconds: float, action: Action, *, is_deadline: bool = False) -> Timer:
        """Do ``action`` at ``due_seconds``, or at the next instant if that has passed.

        A deadline (the timeout of a task that a person must answer) does not make time pass: when only deadlines are
        left, ``run_until`` returns and waits for the outside, unless it is told to let them come.
        """
        self._sequence += 1
        forget = None if is_deadline else self._forget_undertaking
        timer = Timer(due_seconds, self._sequence, action, is_deadline=is_deadline, forget=forget)
        if not is_deadline:
            self._undertakings += 1
        heapq.heappush(self._timers, timer)
        return timer

    def _forget_undertaking(self) -> None:
        self._undertakings -= 1

    def at_end_of_instant(self, action: Action) -> None:
        """Do ``action`` once everything that is due now has happened."""
        self._ends_of_instant.append(action)

    def next_due_seconds(self) -> float | None:
        """When the next action is due, or ``None`` if nothing is scheduled."""
        timers = self._timers
        while timers and timers[0].is_cancelled:
            heapq.heappop(timers)
        return timers[0].due_seconds if timers else None

    def run_until(self, is_done: Callable[[], bool], *, reach_deadlines: bool = False) -> None:
        """Let time pass until ``is_done``, until nothing is left to do, or until the clock refuses to move."""
        was_running, self.is_running = self.is_running, True
        try:
            self._run_until(is_done, reach_deadlines=reach_deadlines)
        finally:
            self.is_running = was_running

    def _run_until(self, is_done: Callable[[], bool], *, reach_deadlines: bool) -> None:
        while True:
            while self._ends_of_instant:
                self._ends_of_instant.pop(0)()
            if is_done():
                return
            due_seconds = self.next_due_seconds()
            if due_seconds is None or not (self._undertakings or reach_deadlines or due_seconds <= self.now()):
                return
            if not self.clock.wait_until(due_seconds):
                return
            self._run_instant(self.clock.now())

    def _run_instant(self, now_seconds: float) -> None:
        last_sequence = self._sequence
        timers = self._timers
        # A timer leaves the queue only when it fires, so that an interrupted action loses no other one.
        while timers and timers[0].due_seconds <= now_seconds and timers[0].sequence <= last_sequence:
            heapq.heappop(timers).fire()
