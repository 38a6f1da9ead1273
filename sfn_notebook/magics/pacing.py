"""Keeps updates of a live view to a rate that a browser can follow, without ever losing the last one."""

import threading
from collections.abc import Callable
from typing import Final

from sfn_notebook.runtime.clock import stopwatch

INTERVAL_SECONDS: Final = 0.04
"""25 updates a second: beyond that nothing is gained, and the server's message limit comes near."""


class Pacer:
    """Calls ``update`` once per interval at most, in real time, however often it is asked.

    What is asked within an interval is done at its end by a timer thread, so that a view is up to date while a user's
    function keeps the main thread busy. An ``update`` that fails is not called again; ``error`` holds why.
    """

    def __init__(self, update: Callable[[], None], *, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self.error: Exception | None = None
        self._update = update
        self._interval_seconds = interval_seconds
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._updated_seconds = float("-inf")

    def ask(self) -> None:
        """Something has changed."""
        if self._timer is not None or self.error is not None:
            return
        with self._lock:
            wait_seconds = self._updated_seconds + self._interval_seconds - stopwatch()
            if wait_seconds <= 0:
                self._do()
                return
            timer = self._timer = threading.Timer(wait_seconds, self._due)
        timer.daemon = True
        timer.start()

    def flush(self) -> None:
        """Update now, and forget what was due."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._do()

    def _due(self) -> None:
        with self._lock:
            # Cancelled while this thread waited for the lock: a flush has done it.
            if self._timer is not None:
                self._timer = None
                self._do()

    def _do(self) -> None:
        if self.error is not None:
            return
        try:
            self._update()
        except Exception as error:  # noqa: BLE001 - a view that cannot be updated must not break the run
            self.error = error
        self._updated_seconds = stopwatch()
