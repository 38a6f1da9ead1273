"""The scheduler: (due, sequence) order, ends of instants, cancelling, interrupts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.runtime.clock import ManualClock, VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler


@given(st.lists(st.integers(min_value=0, max_value=5), max_size=40))
def test_actions_run_by_due_time_and_then_in_the_order_of_scheduling(delays: list[int]) -> None:
    scheduler = Scheduler(VirtualClock(0.0))
    ran: list[tuple[int, int]] = []
    for sequence, delay in enumerate(delays):
        scheduler.schedule(float(delay), lambda due=delay, at=sequence: ran.append((due, at)))  # type: ignore[misc]  # mypy cannot infer a lambda's default
    scheduler.run_until(lambda: False)
    assert ran == sorted((delay, sequence) for sequence, delay in enumerate(delays))


def test_what_is_registered_for_the_end_of_an_instant_runs_after_all_that_is_due() -> None:
    scheduler = Scheduler(VirtualClock(0.0))
    ran: list[str] = []

    def first() -> None:
        ran.append("first")
        scheduler.at_end_of_instant(lambda: ran.append("end"))

    scheduler.schedule(1.0, first)
    scheduler.schedule(1.0, lambda: ran.append("second"))
    scheduler.run_until(lambda: False)
    assert ran == ["first", "second", "end"]


def test_a_cancelled_action_never_happens_and_time_does_not_wait_for_it() -> None:
    scheduler = Scheduler(VirtualClock(0.0))
    timer = scheduler.schedule(100.0, lambda: pytest.fail("it was cancelled"))
    timer.cancel()
    assert scheduler.next_due_seconds() is None
    scheduler.run_until(lambda: False)
    assert scheduler.now() == 0.0


def test_a_manual_clock_stops_the_loop_until_it_is_advanced() -> None:
    clock = ManualClock(0.0)
    scheduler = Scheduler(clock)
    ran: list[str] = []
    scheduler.schedule(5.0, lambda: ran.append("due"))
    scheduler.run_until(lambda: False)
    assert ran == []
    clock.advance(5.0)
    scheduler.run_until(lambda: False)
    assert ran == ["due"]


def test_an_interrupt_loses_only_the_action_that_it_hit() -> None:
    scheduler = Scheduler(VirtualClock(0.0))
    ran: list[str] = []

    def interrupted() -> None:
        raise KeyboardInterrupt

    scheduler.schedule(1.0, interrupted)
    scheduler.schedule(1.0, lambda: ran.append("other"))
    with pytest.raises(KeyboardInterrupt):
        scheduler.run_until(lambda: False)
    scheduler.run_until(lambda: False)
    assert ran == ["other"]
