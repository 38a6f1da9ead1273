"""The queue of asynchronous events that one function's qualifier has, and how fast Lambda reads it; it runs no event.

Lambda reads the oldest event that is due. Where it is throttled, it stops reading and tries again after 1 second, then
2, 4, ... up to 5 minutes, and at once when one of the queue's own events has ended: a long queue is read as fast as the
function's concurrency allows, and a single event is tried at 0, 1, 3, 7, ... seconds.

Source: Lambda developer guide, "Asynchronous invocation": the interval grows from 1 second to 5 minutes, and Lambda
reads a long queue more slowly; how much is not said.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from sfn_notebook._json import JSONValue
from sfn_notebook.functions.attempts import Attempt
from sfn_notebook.runtime.scheduler import Scheduler, Timer

FIRST_PAUSE_SECONDS: Final = 1.0
MAX_PAUSE_SECONDS: Final = 300.0


@dataclass(kw_only=True, slots=True, eq=False)
class AsynchronousEvent:
    """An event that was accepted, with what has become of it; ``last`` is the attempt that ended last."""

    request_id: str
    function_name: str
    qualifier: str | None
    payload: JSONValue
    accepted_seconds: float
    caller: str | None
    chain: Mapping[str, int]
    attempts: int = 0
    throttles: int = 0
    last: Attempt | None = None


class EventQueue:
    """Gives events to ``take`` in their order; ``take`` tells whether there was room for the event."""

    def __init__(self, scheduler: Scheduler, take: Callable[[AsynchronousEvent], bool]) -> None:
        self._scheduler = scheduler
        self._take = take
        self._due: deque[AsynchronousEvent] = deque()
        self._pause: Timer | None = None
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self._is_read_due = False

    def __len__(self) -> int:
        return len(self._due)

    def put(self, event: AsynchronousEvent, due_seconds: float) -> None:
        """Let the event be read at ``due_seconds``."""
        self._scheduler.schedule(due_seconds, partial(self._arrive, event))

    def wake(self) -> None:
        """One of the queue's events has ended: read on, whatever the pause."""
        if self._due:
            self._read_at_end_of_instant()

    def _arrive(self, event: AsynchronousEvent) -> None:
        self._due.append(event)
        if self._pause is None:
            self._read_at_end_of_instant()

    def _read_at_end_of_instant(self) -> None:
        # Once for all events that are due, or have ended, at one instant: each throttle is counted once.
        if not self._is_read_due:
            self._is_read_due = True
            self._scheduler.at_end_of_instant(self._read)

    def _read(self) -> None:
        self._is_read_due = False
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        try:
            self._read_on()
        except BaseException:
            # An author's error, or Ctrl-C: the event that it struck is lost, those behind it are not.
            if self._due:
                self._read_at_end_of_instant()
            raise

    def _read_on(self) -> None:
        while self._due:
            event = self._due.popleft()
            if not self._take(event):
                self._due.appendleft(event)
                due_seconds = self._scheduler.now() + self._pause_seconds
                self._pause = self._scheduler.schedule(due_seconds, self._read_at_end_of_instant)
                self._pause_seconds = min(MAX_PAUSE_SECONDS, self._pause_seconds * 2)
                return
            self._pause_seconds = FIRST_PAUSE_SECONDS
