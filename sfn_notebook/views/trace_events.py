"""The events of an execution as columns; what they belong to, and what is new among them, it does not know."""

import sys
from array import array
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Final, NamedTuple

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.event_log import CELLS, EventLog
from sfn_notebook.engine.history import EVENT_TYPES, Assigned, Event
from sfn_notebook.views.trace_details import DETAILS, EXITS, PAYLOADS, SECOND
from sfn_notebook.views.trace_payloads import NOTHING

TYPES: Final = tuple(sorted(EVENT_TYPES))
"""Names of event types by their number in ``EventColumns.types``."""

_NUMBERS: Final = {event_type: number for number, event_type in enumerate(TYPES)}
_NAMED: Final = frozenset(
    _NUMBERS[event_type] for event_type in ("EvaluationFailed", "MapIterationFailed", "MapIterationAborted")
)
"""Of these the name is needed to tell whose they are."""

_WHOLE, _NOTHING, _SECOND, _TOLD = range(4)


def _ways(whole: frozenset[str]) -> bytes:
    """A table for ``bytes.translate``: how events of each number tell their payload."""

    def way(event_type: str) -> int:
        if event_type in whole:
            return _WHOLE
        if event_type in SECOND:
            return _SECOND
        return _TOLD if event_type in DETAILS else _NOTHING

    return bytes(map(way, TYPES)).ljust(256, b"\0")


_WAYS: Final = _ways(PAYLOADS | EXITS)
_WAYS_WHERE_ASSIGNED: Final = _ways(PAYLOADS)


class EventColumns(NamedTuple):
    """One entry per event, but ``names`` by place; ``types`` are numbers, ``seconds`` modelled, since the epoch.

    Previous ids have four bytes each.

    ``has_assigned`` tells whether any state has assigned variables.
    """

    types: bytes
    previous_ids: bytes
    seconds: Sequence[float]
    names: Mapping[int, str]
    details: list[JSONValue]
    has_assigned: bool


def event_columns(events: Sequence[Event]) -> EventColumns:
    """The events so far.

    Most of the work is done by single calls for all events: a run may have 25,000, and takes a microsecond for each.
    """
    previous_ids, seconds, type_names, event_names, payloads = _columns(events)
    types = bytes(map(_NUMBERS.__getitem__, type_names))
    has_assigned = Assigned in set(map(type, payloads))
    ways = types.translate(_WAYS_WHERE_ASSIGNED if has_assigned else _WAYS)
    names: dict[int, str] = {}
    for place in compress(range(len(types)), ways):
        way = ways[place]
        if way == _NOTHING:
            payloads[place] = NOTHING
        elif way == _SECOND:
            payloads[place] = payloads[place][1]
        else:
            payloads[place] = DETAILS[type_names[place]](payloads[place])
            if types[place] in _NAMED:
                names[place] = event_names[place]
    return EventColumns(types, _four_bytes_each(previous_ids), seconds, names, payloads, has_assigned)


def _four_bytes_each(numbers: Sequence[int]) -> bytes:
    """Numbers as the browser's Int32Array has them."""
    column = array("i", numbers)
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def _columns(events: Sequence[Event]) -> list[list[JSONValue]]:
    """Previous ids, seconds, types, names and payloads."""
    if isinstance(events, EventLog):
        # The execution may go on meanwhile, and the columns must be of one length.
        cells, end = events.cells, len(events) * CELLS
        return [cells[column:end:CELLS] for column in range(CELLS)]
    return [[event[column] for event in events] for column in range(1, CELLS + 1)]
