"""How busy a function was over time, counted from interactions: what waits, runs and is throttled; it draws no chart.

It knows neither limits nor queues, only what was told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from sfn_notebook.views.interactions import Interaction, Party, PartyKind
from sfn_notebook.views.wording import duration_words

SLICES: Final = 60
"""Into how many equal slices the time is cut."""

_TABLE_ROWS: Final = 12
_COLUMNS: Final = ("from", "waiting", "running", "throttled", "done")


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """One slice of time. ``waiting`` and ``running`` are the most at any one moment, the others are counts.

    ``start_seconds`` are modelled seconds from the beginning.
    """

    start_seconds: float
    waiting: int
    running: int
    throttled: int
    done: int


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Load:
    """The slices of a function's time, in order; none if it was never called."""

    function_name: str
    slices: tuple[Slice, ...]
    whole_seconds: float

    @classmethod
    def of(cls, rows: Iterable[Interaction], function_name: str) -> "Load":
        """Count what concerns ``function_name``. An event waits from its acceptance to its first attempt."""
        party = Party(PartyKind.FUNCTION, function_name)
        own = [each for each in rows if each.target == party]
        if not own:
            return cls(function_name=function_name, slices=(), whole_seconds=0.0)
        start = own[0].at_seconds
        calls = [each for each in own if each.what in {"call", "attempt"}]
        ends = [each.at_seconds + each.init_seconds + each.duration_seconds - start for each in calls]
        whole = max([own[-1].at_seconds - start, *ends])
        arrivals = [(each.at_seconds - start, 1) for each in own if each.what in _ARRIVALS]
        begun = [(each.at_seconds - start, -1) for each in calls if each.attempt == 1]
        running = [(each.at_seconds - start, 1) for each in calls] + [(end, -1) for end in ends]
        waiting_peaks, running_peaks = _peaks(arrivals + begun, whole), _peaks(running, whole)
        throttled = _counts([each.at_seconds - start for each in own if each.what == "throttled"], whole)
        done = _counts(ends, whole)
        slices = tuple(
            Slice(
                start_seconds=whole * index / SLICES,
                waiting=waiting_peaks[index],
                running=running_peaks[index],
                throttled=throttled[index],
                done=done[index],
            )
            for index in range(SLICES)
        )
        return cls(function_name=function_name, slices=slices, whole_seconds=whole)

    def __repr__(self) -> str:
        if not self.slices:
            return f"{self.function_name} was not called."
        size = SLICES // _TABLE_ROWS
        rows = [_row(self.slices[at : at + size]) for at in range(0, SLICES, size)]
        widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
        lines = (
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in (_COLUMNS, *rows)
        )
        return "\n".join(lines)


_ARRIVALS: Final = frozenset({"event", "record"})


def _row(slices: Sequence[Slice]) -> tuple[str, ...]:
    return (
        duration_words(round(slices[0].start_seconds, 3)),
        f"{max(each.waiting for each in slices):,}",
        f"{max(each.running for each in slices):,}",
        f"{sum(each.throttled for each in slices):,}",
        f"{sum(each.done for each in slices):,}",
    )


def _place(seconds: float, whole_seconds: float) -> int:
    return min(SLICES - 1, int(seconds / whole_seconds * SLICES)) if whole_seconds else 0


def _counts(moments: Iterable[float], whole_seconds: float) -> list[int]:
    counts = [0] * SLICES
    for moment in moments:
        counts[_place(moment, whole_seconds)] += 1
    return counts


def _peaks(changes: Sequence[tuple[float, int]], whole_seconds: float) -> list[int]:
    """The highest level in each slice; at one moment, what goes counts before what comes."""
    ordered = sorted((round(moment, 6), change) for moment, change in changes)
    levels = list(accumulate(change for _, change in ordered))
    peaks: list[int | None] = [None] * SLICES
    for index, ((moment, _), level) in enumerate(zip(ordered, levels, strict=True)):
        if index + 1 < len(ordered) and ordered[index + 1][0] == moment:
            continue
        place = _place(moment, whole_seconds)
        peaks[place] = max(level, peaks[place] or 0)
    return _filled(peaks, ordered, levels, whole_seconds)


def _filled(
    peaks: Sequence[int | None], ordered: Sequence[tuple[float, int]], levels: Sequence[int], whole_seconds: float
) -> list[int]:
    """Each slice begins at the level at which the one before it ended."""
    lasts: dict[int, int] = {}
    for (moment, _), level in zip(ordered, levels, strict=True):
        lasts[_place(moment, whole_seconds)] = level
    filled: list[int] = []
    carried = 0
    for place, peak in enumerate(peaks):
        filled.append(carried if peak is None else max(peak, carried if place else 0))
        carried = lasts.get(place, carried)
    return filled
