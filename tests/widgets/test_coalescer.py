import threading
from collections.abc import Callable

import pytest

from sfn_notebook.widgets.coalescer import Coalescer, start_daemon_timer


class FakeTimers:
    """Timers that go off when the test says so."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self._calls: dict[int, Callable[[], None]] = {}

    def start(self, delay_seconds: float, call: Callable[[], None]) -> "FakeTimer":
        self.delays.append(delay_seconds)
        self._calls[len(self.delays)] = call
        return FakeTimer(self, len(self.delays))

    def forget(self, number: int) -> None:
        self._calls.pop(number, None)

    def go_off(self) -> None:
        due, self._calls = self._calls, {}
        for call in due.values():
            call()

    @property
    def waiting(self) -> int:
        return len(self._calls)


class FakeTimer:
    def __init__(self, timers: FakeTimers, number: int) -> None:
        self._timers = timers
        self._number = number

    def cancel(self) -> None:
        self._timers.forget(self._number)


@pytest.fixture
def timers() -> FakeTimers:
    return FakeTimers()


def _coalescer(sent: list[int], timers: FakeTimers) -> Coalescer[int]:
    return Coalescer(sent.append, interval_seconds=0.04, start_timer=timers.start)


def test_the_first_update_goes_out_at_once_and_a_burst_becomes_its_last(timers: FakeTimers) -> None:
    sent: list[int] = []
    coalescer = _coalescer(sent, timers)
    for number in range(100):
        coalescer.put(number)
    assert sent == [0]
    timers.go_off()
    assert sent == [0, 99]
    assert timers.delays == [0.04, 0.04]


def test_after_a_quiet_interval_updates_go_out_at_once_again(timers: FakeTimers) -> None:
    sent: list[int] = []
    coalescer = _coalescer(sent, timers)
    coalescer.put(1)
    timers.go_off()
    assert timers.waiting == 0
    coalescer.put(2)
    assert sent == [1, 2]


def test_flush_sends_what_is_pending_and_nothing_twice(timers: FakeTimers) -> None:
    sent: list[int] = []
    coalescer = _coalescer(sent, timers)
    coalescer.put(1)
    coalescer.put(2)
    coalescer.flush()
    coalescer.flush()
    timers.go_off()
    assert sent == [1, 2]


def test_where_no_thread_can_start_every_update_goes_out(timers: FakeTimers) -> None:
    def refuse(delay_seconds: float, call: Callable[[], None]) -> FakeTimer:
        raise RuntimeError("can't start new thread")

    sent: list[int] = []
    coalescer = Coalescer(sent.append, interval_seconds=0.04, start_timer=refuse)
    coalescer.put(1)
    coalescer.put(2)
    assert sent == [1, 2]


def test_a_failure_in_the_timers_thread_is_raised_to_the_next_caller(timers: FakeTimers) -> None:
    def send(number: int) -> None:
        if number == 2:
            raise ConnectionError("the browser is gone")

    coalescer = Coalescer(send, interval_seconds=0.04, start_timer=timers.start)
    coalescer.put(1)
    coalescer.put(2)
    timers.go_off()
    with pytest.raises(ConnectionError, match="the browser is gone"):
        coalescer.put(3)


def test_real_timers_deliver_the_last_update_from_their_own_thread() -> None:
    arrived = threading.Event()
    sent: list[tuple[int, bool]] = []

    def send(number: int) -> None:
        sent.append((number, threading.current_thread() is threading.main_thread()))
        if number == 9:
            arrived.set()

    coalescer = Coalescer(send, interval_seconds=0.01, start_timer=start_daemon_timer)
    for number in range(10):
        coalescer.put(number)
    assert arrived.wait(10)
    assert sent[0] == (0, True)
    assert sent[-1] == (9, False)


def test_what_takes_long_to_send_goes_out_less_often(timers: FakeTimers) -> None:
    now_seconds = 0.0

    def send(taken_seconds: float) -> None:
        nonlocal now_seconds
        now_seconds += taken_seconds

    coalescer = Coalescer(send, interval_seconds=0.4, start_timer=timers.start, stopwatch=lambda: now_seconds)
    coalescer.put(0.01)
    coalescer.put(0.2)
    timers.go_off()
    assert timers.delays == pytest.approx([0.4, 2.0])


def test_what_is_dropped_is_never_sent(timers: FakeTimers) -> None:
    sent: list[int] = []
    coalescer = _coalescer(sent, timers)
    coalescer.put(1)
    coalescer.put(2)
    coalescer.drop()
    timers.go_off()
    coalescer.put(3)
    assert sent == [1, 3]
