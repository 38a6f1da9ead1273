"""At most so many updates a second, and always the last one; it knows neither what is sent nor the time of day."""

import contextlib
import threading
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

Update = TypeVar("Update")

PAUSE_SHARE: Final = 10
"""A sending that is measured may take at most about a tenth of the time."""


class Timer(Protocol):
    """A call that is due later."""

    def cancel(self) -> None:
        """Forget the call."""


StartTimer = Callable[[float, Callable[[], None]], Timer]


def start_daemon_timer(delay_seconds: float, call: Callable[[], None]) -> Timer:
    """Call from a thread of its own after ``delay_seconds``; it never keeps the kernel alive."""
    timer = threading.Timer(delay_seconds, call)
    timer.daemon = True
    timer.start()
    return timer


class Coalescer(Generic[Update]):
    """Sends the first update at once, then the newest one each ``interval_seconds`` while there are new ones.

    A pause after each sending takes the place of a clock. With a ``stopwatch`` a pause lasts at least ``PAUSE_SHARE``
    times what the sending took, so that costly updates do not slow what they tell about. ``lock`` is held while
    sending, so that an older update can never overtake a newer one; sharing it keeps several coalescers apart. What
    goes wrong in the timer's thread is raised by the next ``put`` or ``flush``.
    """

    def __init__(
        self,
        send: Callable[[Update], None],
        *,
        interval_seconds: float,
        lock: contextlib.AbstractContextManager[object] | None = None,
        start_timer: StartTimer = start_daemon_timer,
        stopwatch: Callable[[], float] | None = None,
    ) -> None:
        self._send = send
        self._stopwatch = stopwatch
        self._interval_seconds = interval_seconds
        self._lock: contextlib.AbstractContextManager[object] = lock if lock is not None else threading.RLock()
        self._start_timer = start_timer
        self._pause: Timer | None = None
        self._pending: Update | None = None
        self._failure: Exception | None = None

    def put(self, update: Update) -> None:
        """Send ``update`` now or soon, unless a newer one replaces it; ``None`` is no update."""
        if update is self._pending and update is not None:
            # It is still to be sent, with all that has happened to it until then.
            return
        with self._lock:
            self._raise_failure()
            if self._pause is None:
                self._send_and_pause(update)
            else:
                self._pending = update

    def flush(self) -> None:
        """Send what is pending, now."""
        with self._lock:
            self._raise_failure()
            if self._pause is not None:
                self._pause.cancel()
                self._pause = None
            self._send_pending(self._send)

    def drop(self) -> None:
        """Forget what is pending: something newer goes out another way."""
        with self._lock:
            self._raise_failure()
            if self._pause is not None:
                self._pause.cancel()
                self._pause = None
            self._pending = None

    def _send_pending(self, send: Callable[[Update], None]) -> None:
        update, self._pending = self._pending, None
        if update is not None:
            send(update)

    def _send_and_pause(self, update: Update) -> None:
        if self._stopwatch is None:
            self._begin_pause(self._interval_seconds)
            self._send(update)
            return
        started_seconds = self._stopwatch()
        self._send(update)
        taken_seconds = self._stopwatch() - started_seconds
        self._begin_pause(max(self._interval_seconds, PAUSE_SHARE * taken_seconds))

    def _begin_pause(self, seconds: float) -> None:
        # Where threads cannot start, as in the browser's Python, every update goes out at once.
        with contextlib.suppress(RuntimeError):
            self._pause = self._start_timer(seconds, self._pause_ended)

    def _pause_ended(self) -> None:
        with self._lock:
            self._pause = None
            try:
                self._send_pending(self._send_and_pause)
            except Exception as error:  # noqa: BLE001 - nobody above this thread could act on it
                self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
