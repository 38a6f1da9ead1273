"""A guard on the time and a bound on the memory of a block, for the tests of hostile input."""

import gc
import signal
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

import pytest

Bounded = Callable[[float], AbstractContextManager[None]]

GUARD_SECONDS = 120
"""What hangs or explodes is stopped here. It measures nothing: a slow machine takes a tenth of it."""


def _stop(signal_number: int, frame: FrameType | None) -> None:
    del signal_number, frame
    pytest.fail(f"still busy after {GUARD_SECONDS} seconds", pytrace=True)


@contextmanager
def _bounded(mebibytes: float) -> Iterator[None]:
    gc.collect()
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, GUARD_SECONDS)
    tracemalloc.start()
    try:
        yield
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert peak_bytes < mebibytes * 1024**2


@pytest.fixture
def bounded() -> Bounded:
    """``with bounded(mebibytes):`` fails if the block allocates more, or does not end."""
    return _bounded
