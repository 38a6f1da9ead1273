"""Where modelled time comes from: virtual, real, scaled or manual; it knows nothing of what waits for it.

Modelled time is in seconds since the Unix epoch, UTC. This is the only module that may read the machine's time.
"""

import time
from typing import Final, Protocol

from sfn_notebook.errors import InvalidInput

VIRTUAL_EPOCH_SECONDS: Final = 1767225600.0
"""2026-01-01T00:00:00Z: where virtual and manual clocks begin, so that outputs are the same on every machine."""


class Clock(Protocol):
    """A source of modelled time that can be asked to let time pass."""

    def now(self) -> float:
        """Modelled seconds since the epoch."""

    def wait_until(self, due_seconds: float) -> bool:
        """Let time reach ``due_seconds``; ``False`` when this clock does not move by itself."""


class VirtualClock:
    """Jumps to the next due time at once: a year's wait takes no time."""

    def __init__(self, start_seconds: float = VIRTUAL_EPOCH_SECONDS) -> None:
        self._now_seconds = start_seconds

    def now(self) -> float:
        """Modelled seconds since the epoch."""
        return self._now_seconds

    def wait_until(self, due_seconds: float) -> bool:
        """Jump forward; time never goes back."""
        self._now_seconds = max(self._now_seconds, due_seconds)
        return True


class ManualClock:
    """Stands still until somebody advances it: for stepping through a run."""

    def __init__(self, start_seconds: float = VIRTUAL_EPOCH_SECONDS) -> None:
        self._now_seconds = start_seconds

    def now(self) -> float:
        """Modelled seconds since the epoch."""
        return self._now_seconds

    def wait_until(self, due_seconds: float) -> bool:
        """Tell whether the time has been reached already."""
        return due_seconds <= self._now_seconds

    def advance(self, seconds: float) -> None:
        """Move time forward by ``seconds`` (at least 0)."""
        if not seconds >= 0:
            hint = "Give a number that is at least 0."
            raise InvalidInput(f"cannot advance a clock by {seconds!r} seconds.", hint=hint)
        self._now_seconds += seconds


class ScaledClock:
    """Runs ``factor`` times as fast as the machine's clock; a factor of 1 is real time."""

    def __init__(self, factor: float = 1.0) -> None:
        self._factor = factor
        self._real_start_seconds = time.monotonic()
        self._start_seconds = time.time()

    def now(self) -> float:
        """Modelled seconds since the epoch."""
        return self._start_seconds + (time.monotonic() - self._real_start_seconds) * self._factor

    def wait_until(self, due_seconds: float) -> bool:
        """Sleep until the modelled time is reached; Ctrl-C interrupts the sleep."""
        while (missing_seconds := due_seconds - self.now()) > 0:
            # A year of real waiting would overflow the platform's sleep; an hour at a time never does.
            time.sleep(min(missing_seconds / self._factor, 3600.0))
        return True


def parse_clock(text: str) -> Clock:
    """Make the clock that ``text`` names: ``virtual``, ``real``, ``manual``, or a factor such as ``10x``.

    Raises:
        InvalidInput: If ``text`` names no clock.
    """
    match text.strip().lower():
        case "virtual":
            return VirtualClock()
        case "real":
            return ScaledClock()
        case "manual":
            return ManualClock()
        case scaled if scaled.endswith("x"):
            try:
                factor = float(scaled[:-1])
            except ValueError:
                factor = 0.0
            if 0 < factor < float("inf"):
                return ScaledClock(factor)
    raise InvalidInput(f"no clock named {text!r}.", hint='Use "virtual", "real", "manual", or a factor such as "10x".')


def stopwatch() -> float:
    """Real seconds from an arbitrary start, for measuring how long user code really took and for pacing updates."""
    return time.perf_counter()
