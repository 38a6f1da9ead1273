"""The flat log of events: it reads as a list of tuples would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.engine.event_log import EventLog
from sfn_notebook.engine.history import Event


def _log(count: int) -> tuple[EventLog, list[Event]]:
    log = EventLog()
    events: list[Event] = [
        (number, number - 1, 0.5 * number, "T", f"n{number}", {"n": number}) for number in range(1, count + 1)
    ]
    for event in events:
        log.cells += event[1:]
    return log, events


@given(st.integers(0, 6), st.slices(6))
def test_it_reads_like_a_list(count: int, part: slice) -> None:
    log, events = _log(count)
    assert list(log) == events
    assert len(log) == count
    assert log[part] == events[part]
    assert [log[place] for place in range(-count, count)] == [events[place] for place in range(-count, count)]


def test_there_is_no_event_beyond_the_last() -> None:
    with pytest.raises(IndexError):
        _log(2)[0][2]
