"""A live view is told often enough and not too often, from whichever thread, and always of the end."""

import threading

from sfn_notebook.magics.pacing import Pacer


def test_the_first_update_is_at_once_and_a_burst_is_one_more() -> None:
    updates: list[int] = []
    pacer = Pacer(lambda: updates.append(1), interval_seconds=3600)
    for _ in range(1_000):
        pacer.ask()
    assert len(updates) == 1
    pacer.flush()
    assert len(updates) == 2


def test_what_was_asked_within_the_interval_is_done_by_a_timer_while_the_main_thread_is_busy() -> None:
    told = threading.Event()
    updates: list[str] = []

    def update() -> None:
        updates.append(threading.current_thread().name)
        if len(updates) == 2:
            told.set()

    pacer = Pacer(update, interval_seconds=0.01)
    pacer.ask()
    pacer.ask()
    assert told.wait(10)
    assert updates[0] == threading.main_thread().name != updates[1]


def test_a_flush_takes_the_place_of_what_was_due() -> None:
    updates: list[int] = []
    pacer = Pacer(lambda: updates.append(1), interval_seconds=0.02)
    pacer.ask()
    pacer.ask()
    pacer.flush()
    idle = threading.Event()
    idle.wait(0.1)
    assert len(updates) == 2


def test_an_update_that_fails_is_not_called_again() -> None:
    calls: list[int] = []

    def broken() -> None:
        calls.append(1)
        raise OSError("the comm is closed")

    pacer = Pacer(broken, interval_seconds=0)
    pacer.ask()
    pacer.ask()
    pacer.flush()
    assert calls == [1]
    assert str(pacer.error) == "the comm is closed"
