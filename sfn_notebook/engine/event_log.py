"""The events of one execution, kept flat and read as tuples; it knows nothing of what they mean.

A run writes thousands of events and most are never read. As one list of cells they cost 40 bytes each instead of 130,
and Python's collector of garbage has nothing of theirs to look at: the difference is a fifth of the time of a run.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, overload

from sfn_notebook.engine.history import Event

CELLS: Final = 5
"""Cells of one event in ``EventLog.cells``: previous id, seconds, type, name, payload. The id is its place plus one."""


class EventLog(Sequence[Event]):
    """Reads like a list of events; the interpreter writes by extending ``cells``."""

    __slots__ = ("cells",)

    def __init__(self) -> None:
        self.cells: list[Any] = []

    def __len__(self) -> int:
        return len(self.cells) // CELLS

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> list[Event]: ...
    def __getitem__(self, place: int | slice) -> Event | list[Event]:
        """The event at ``place``, or those of a slice."""
        places = range(len(self))
        if isinstance(place, slice):
            return [self._at(each) for each in places[place]]
        return self._at(places[place])

    def __iter__(self) -> Iterator[Event]:
        cells = self.cells
        for place in range(len(cells) // CELLS):
            start = place * CELLS
            yield (place + 1, *cells[start : start + CELLS])

    def types(self, start: int) -> list[str]:
        """The types of the events from place ``start`` on, without making the events."""
        return self.cells[start * CELLS + 2 :: CELLS]

    def _at(self, place: int) -> Event:
        start = place * CELLS
        return (place + 1, *self.cells[start : start + CELLS])
