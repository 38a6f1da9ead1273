"""The events of an execution as columns, and which visit each belongs to; it reads no payload's content.

An event tells only which one it follows. What it belongs to comes from the order in which the engine writes: a state's
events follow its StateEntered, what follows a StateExited stands in the Parallel or Map around it, and what a failure
aborts is written from the inside out, branch by branch.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Final, NamedTuple, TypedDict

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.event_log import CELLS, EventLog
from sfn_notebook.engine.history import EVENT_TYPES, Event
from sfn_notebook.engine.visits import Visit
from sfn_notebook.views.trace_details import DETAILS, WHOLE
from sfn_notebook.views.trace_texts import NO_TEXT, TextPool

OUTSIDE: Final = -1
"""The place of no visit: the execution itself."""

_ENTERED, _EXITED, _SPECIAL, _PLAIN, _BEGINS = range(5)


def _role(event_type: str) -> int:
    if event_type.endswith("StateEntered"):
        return _ENTERED
    if event_type.endswith("StateExited"):
        return _EXITED
    if event_type.endswith("Scheduled"):
        return _BEGINS
    is_special = event_type.startswith(("Execution", "MapIteration", "Evaluation")) or event_type.endswith(
        ("StateAborted", "StateStarted", "StateFailed", "MapRunAborted")
    )
    return _SPECIAL if is_special else _PLAIN


_ENTERED_TYPES: Final = frozenset(each for each in EVENT_TYPES if each.endswith("StateEntered"))
_ROLES: Final = {event_type: _role(event_type) for event_type in EVENT_TYPES}
_ABORTABLE: Final = frozenset({"Task", "Wait", "Parallel", "Map"})
"""The types that have a ...StateAborted event; a visit of another type ends without one."""


class EventRows(TypedDict):
    """``TraceEvents`` of the browser."""

    type: list[int]
    at: list[float]
    visit: list[int]
    previous: list[int]
    details: list[int]


class _Aborting(NamedTuple):
    """The events that one failure writes: ``others`` are the visits that will still be aborted, in this order."""

    failing_id: int
    failing: int
    region: int
    others: list[int]


class EventColumns:
    """The events so far. ``parents`` and ``ends`` (ids of events, 0 while open) are by the place of a visit.

    ``spans`` holds, by place, first and last event id of each attempt that wrote events.
    """

    def __init__(self, pool: TextPool) -> None:
        self.types: list[str] = []
        self.parents: list[int] = []
        self.ends: list[int] = []
        self.spans: dict[int, list[list[int]]] = {}
        self._pool = pool
        self._rows = EventRows(type=[], at=[], visit=[], previous=[], details=[])
        self._context: list[int] = [OUTSIDE]
        self._open: dict[int, dict[int, int]] = {OUTSIDE: {}}
        self._evaluated: dict[int, int] = {}
        self._kinds: dict[str, tuple[int, int]] = {}
        self._aborting = _Aborting(failing_id=0, failing=OUTSIDE, region=OUTSIDE, others=[])
        self._visits: Sequence[Visit] = ()

    def take_in(self, events: Sequence[Event], visits: Sequence[Visit], started_seconds: float) -> None:
        """Go on with the events after those seen before, as far as their visits are there."""
        self._visits = visits
        rows, seen = self._rows, len(self._rows["type"])
        previous_ids, seconds, types, names, payloads = _columns(events, seen)
        complete = self._with_visits(types, len(visits) - len(self.parents))
        if complete < len(types):
            columns = (previous_ids, seconds, types, names, payloads)
            previous_ids, seconds, types, names, payloads = (column[:complete] for column in columns)
        kinds = [self._kinds.get(each) or self._kind(each) for each in types]
        rows["type"] += [number for number, _ in kinds]
        rows["previous"] += previous_ids
        at = {each: seconds_since(each, started_seconds) for each in dict.fromkeys(seconds)}
        rows["at"] += [at[each] for each in seconds]
        rows["details"] += self._details_of(types, payloads)
        self._find_visits(seen, kinds, previous_ids, types, names)

    def _details_of(self, types: Sequence[str], payloads: Sequence[JSONValue]) -> Iterator[int]:
        pool, known = self._pool, self._pool.by_identity
        for event_type, payload in zip(types, payloads, strict=True):
            # Most payloads are what the event before told too.
            if event_type in WHOLE and (number := known.get(id(payload))) is not None:
                yield number
            else:
                tell = DETAILS.get(event_type)
                yield NO_TEXT if tell is None else tell(pool, payload)

    def _with_visits(self, types: Sequence[str], visits: int) -> int:
        """How many of the events may be read: up to the one whose visit is not there yet, as it is about to be."""
        entered = [place for place, event_type in enumerate(types) if event_type in _ENTERED_TYPES]
        return len(types) if len(entered) <= visits else entered[visits]

    def _find_visits(
        self,
        seen: int,
        kinds: Sequence[tuple[int, int]],
        previous_ids: Sequence[int],
        types: Sequence[str],
        names: Sequence[str],
    ) -> None:
        context, add, add_context = self._context, self._rows["visit"].append, self._context.append
        spans = self.spans
        for event_id, (_, role), previous in zip(count(seen + 1), kinds, previous_ids, strict=False):
            visit = stands_in = context[previous]
            if role == _ENTERED:
                visit = stands_in = self._enter(visit)
            elif role == _EXITED:
                stands_in = self._leave(visit, event_id)
            elif role == _PLAIN:
                if visit in spans:
                    spans[visit][-1][1] = event_id
            elif role == _BEGINS:
                spans.setdefault(visit, []).append([event_id, event_id])
            else:
                place = event_id - seen - 1
                visit, stands_in = self._place(event_id, previous, types[place], names[place])
            add(visit)
            add_context(stands_in)

    @property
    def at(self) -> Sequence[float]:
        """Seconds since the start, by event."""
        return self._rows["at"]

    @property
    def details(self) -> Sequence[int]:
        """The number of what each event tells."""
        return self._rows["details"]

    def rows(self) -> EventRows:
        """A copy of the columns."""
        rows = self._rows
        return EventRows(
            type=rows["type"].copy(),
            at=rows["at"].copy(),
            visit=rows["visit"].copy(),
            previous=rows["previous"].copy(),
            details=rows["details"].copy(),
        )

    def _kind(self, event_type: str) -> tuple[int, int]:
        kind = self._kinds[event_type] = (len(self.types), _ROLES[event_type])
        self.types.append(event_type)
        return kind

    def _enter(self, region: int) -> int:
        place = len(self.parents)
        iteration = self._visits[place].iteration
        self.parents.append(region)
        self.ends.append(0)
        branches = self._open.get(region)
        if branches is None:
            branches = self._open[region] = {}
        branches[iteration[-1] if iteration else 0] = place
        return place

    def _leave(self, place: int, event_id: int) -> int:
        """Close a visit; what it stood in."""
        if place < 0:
            return OUTSIDE
        self.ends[place] = event_id
        region = self.parents[place]
        iteration = self._visits[place].iteration
        self._open[region].pop(iteration[-1] if iteration else 0, None)
        if place in self._open:
            self._end_silent(self._open.pop(place), event_id)
        return region

    def _end_silent(self, branches: Mapping[int, int], event_id: int) -> None:
        """Close what stands open in a Parallel or Map that goes on without it.

        A Fail, or another state without a StateAborted event, has ended silently with its own last event.
        """
        for place in branches.values():
            is_silent = self._visits[place].type_name not in _ABORTABLE
            self.ends[place] = self._evaluated.get(place, self._visits[place].id) if is_silent else event_id

    # -- what cannot be told from the event before alone ---------------------------------------------------------------

    def _place(self, event_id: int, previous: int, event_type: str, name: str) -> tuple[int, int]:
        """The visit of an event, and what stands in after it."""
        if event_type.startswith("Execution"):
            if event_type != "ExecutionStarted":
                self._close_all(event_id)
            return OUTSIDE, OUTSIDE
        if event_type == "EvaluationFailed":
            place = self._evaluating(previous, name)
            self._note_failed_evaluation(place, event_id)
            return place, place
        if event_type.endswith(("StateStarted", "StateFailed")):
            place = self._region_of(previous, event_type.removesuffix("StateStarted").removesuffix("StateFailed"))
            self._note_region(place, event_id, previous, is_start=event_type.endswith("Started"))
            return place, place
        if event_type in {"MapIterationStarted", "MapIterationSucceeded"}:
            place = self._context[previous]
            return place, place
        return self._abort(event_id, previous, event_type, name)

    def _close_all(self, event_id: int) -> None:
        for place in self._open.pop(OUTSIDE).values():
            self.ends[place] = event_id
        for branches in self._open.values():
            self._end_silent(branches, event_id)
        self._open = {OUTSIDE: {}}

    def _evaluating(self, previous: int, name: str) -> int:
        """The state whose expression failed: where nothing had happened in it, the event follows what it followed."""
        for place in (self._context[previous], self._context[-1]):
            if place >= 0 and self._visits[place].name == name:
                return place
        return self._context[previous]

    def _note_failed_evaluation(self, place: int, event_id: int) -> None:
        if place < 0:
            return
        self._evaluated[place] = event_id
        if not self._visits[place].attempts:
            return
        spans = self.spans.setdefault(place, [])
        last_type = self._type_of(spans[-1][1]) if spans else "Failed"
        if last_type.endswith(("Failed", "TimedOut")):
            spans.append([event_id, event_id])
        else:
            spans[-1][1] = event_id

    def _type_of(self, event_id: int) -> str:
        return self.types[self._rows["type"][event_id - 1]]

    def _region_of(self, previous: int, region_type: str) -> int:
        """The innermost open Parallel or Map around what went before."""
        place = self._context[previous]
        while place >= 0 and (self.ends[place] or self._visits[place].type_name != region_type):
            place = self.parents[place]
        return place

    def _note_region(self, place: int, event_id: int, previous: int, *, is_start: bool) -> None:
        if place < 0:
            return
        self._end_silent(self._open.pop(place, {}), event_id)
        spans = self.spans.setdefault(place, [])
        if is_start:
            if spans:
                spans[-1][1] = previous
            spans.append([event_id, event_id])
        elif spans:
            spans[-1][1] = event_id

    def _abort(self, event_id: int, previous: int, event_type: str, name: str) -> tuple[int, int]:
        """One event of those that a failure in a Parallel or Map writes: the failing branch first, then the rest."""
        if self._aborting.failing_id != previous:
            self._aborting = self._begin_aborting(event_id, previous, event_type, name)
        failing, region, others = self._aborting.failing, self._aborting.region, self._aborting.others
        if event_type == "MapIterationFailed":
            return region, region
        if event_type.endswith("StateAborted"):
            state_type = event_type.removesuffix("StateAborted")
            if failing >= 0 and not self.ends[failing] and self._visits[failing].type_name == state_type:
                return failing, self._leave(failing, event_id)
            place = others.pop(0) if others else region
            return place, self._leave(place, event_id)
        place = others[0] if others else region
        if event_type == "MapIterationAborted":
            while place not in {region, OUTSIDE} and self._visits[place].name != name:
                place = self.parents[place]
        return place, place

    def _begin_aborting(self, event_id: int, previous: int, event_type: str, name: str) -> "_Aborting":
        failing = self._context[previous]
        while failing >= 0 and self.ends[failing]:
            failing = self.parents[failing]
        if event_type == "MapIterationFailed" and failing >= 0 and self._visits[failing].name == name:
            # The iteration failed before it entered a state.
            failing, region = OUTSIDE, failing
        else:
            region = self.parents[failing] if failing >= 0 else OUTSIDE
        if self.spans.get(region):
            self.spans[region][-1][1] = previous
        if failing >= 0 and self._visits[failing].type_name not in _ABORTABLE:
            self._leave(failing, event_id)
        others = [place for place in self._open_inside(region) if place != failing]
        return _Aborting(failing_id=previous, failing=failing, region=region, others=others)

    def _open_inside(self, region: int) -> Iterator[int]:
        """The open visits below a Parallel or Map, from the inside out, branch by branch."""
        for _, place in sorted(self._open.get(region, {}).items()):
            yield from self._open_inside(place)
            if self._visits[place].type_name in _ABORTABLE:
                yield place


def _columns(events: Sequence[Event], seen: int) -> Iterator[Sequence[JSONValue]]:
    """Previous ids, seconds, types, names and payloads of the events after the first ``seen``."""
    if isinstance(events, EventLog):
        # A copy first: the execution may go on meanwhile, and the columns must be of one length.
        cells = events.cells[seen * CELLS : len(events) * CELLS]
        return (cells[column::CELLS] for column in range(CELLS))
    return ([event[column] for event in events[seen:]] for column in range(1, CELLS + 1))


def seconds_since(seconds: float, started_seconds: float) -> float:
    """Seconds since the start without the noise of subtracting two large numbers; whole ones as integers."""
    since = round(seconds - started_seconds, 6)
    return int(since) if since == int(since) else since
