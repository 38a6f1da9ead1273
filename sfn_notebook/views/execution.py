"""What an execution looks like at one moment, as plain data, kept up to date at the cost of what changed only."""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.views.attention import Attention

WAITING: Final = "WAITING"
"""The status of a state that waits for a token or an activity: views tell it apart, the engine says ``RUNNING``."""

# Side by side, the status that needs attention first speaks for the state.
_URGENCY: Final = (
    VisitStatus.RUNNING,
    VisitStatus.RETRYING,
    VisitStatus.FAILED,
    VisitStatus.ABORTED,
    VisitStatus.CAUGHT,
    VisitStatus.SUCCEEDED,
)
_OPEN: Final = frozenset({VisitStatus.RUNNING, VisitStatus.RETRYING})
_BAD: Final = frozenset({VisitStatus.FAILED, VisitStatus.CAUGHT, VisitStatus.ABORTED})


class ExecutionLike(Protocol):
    """What a view needs of an execution; seconds are modelled, ``status`` is a string such as ``RUNNING``."""

    @property
    def name(self) -> str:
        """The execution's name."""

    @property
    def machine_name(self) -> str:
        """The machine's name."""

    @property
    def status(self) -> str:
        """Where the execution stands."""

    @property
    def input(self) -> JSONValue:
        """The execution's input."""

    @property
    def output(self) -> JSONValue:
        """The execution's output, ``ABSENT`` or ``None`` while there is none."""

    @property
    def error(self) -> str | None:
        """The error that ended it."""

    @property
    def cause(self) -> str | None:
        """The cause that goes with the error."""

    @property
    def started_seconds(self) -> float:
        """When it started."""

    @property
    def ended_seconds(self) -> float | None:
        """When it ended."""

    @property
    def visits(self) -> Sequence[Visit]:
        """Every visit so far, in the order of entering: a list that only grows, until a redrive makes another one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StateSummary:
    """One state in one execution.

    ``status`` speaks for the latest visit of each iteration; ``counts`` tells how many iterations stand where.
    ``visits`` counts all visits, ``attempts`` those of the latest visit; ``error`` is that of the latest failed visit.
    ``is_edited`` tells that a person replaced the input or the output of a visit.
    """

    name: str
    type_name: str
    status: str
    visits: int
    attempts: int
    depth: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    cause: str | None = None
    is_edited: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionView:
    """An execution at one moment. ``states`` is by pointer, in the order in which states were first entered."""

    name: str
    machine_name: str
    status: str
    input: JSONValue
    output: JSONValue
    error: str | None
    cause: str | None
    started_seconds: float
    ended_seconds: float | None
    states: Mapping[str, StateSummary]


def view_execution(execution: ExecutionLike) -> ExecutionView:
    """Look at ``execution`` once; to look again and again, keep an ``ExecutionTracker``."""
    return ExecutionTracker(execution).view()


class ExecutionTracker:
    """Follows one execution: each ``view`` costs as much as there is new or still open, and as there are states.

    Safe to call from a second thread, as a timer of the display does: payloads are never changed in place.
    """

    def __init__(self, execution: ExecutionLike) -> None:
        self._execution = execution
        self._attention = Attention(execution)
        self._states: dict[str, _StateTrack] = {}
        self._open: dict[int, Visit] = {}
        self._seen = 0
        self._latest_id = 0
        self._visits: Sequence[Visit] = ()
        self._lock = threading.Lock()

    def view(self) -> ExecutionView:
        """The execution as it stands now."""
        with self._lock:
            self._take_in()
            waiting = self._waiting()
            edited = self._edited()
            states = {
                pointer: track.summary(waiting=waiting[pointer], is_edited=pointer in edited)
                for pointer, track in self._states.items()
            }
            return _view_of(self._execution, states)

    def _waiting(self) -> Counter[str]:
        """How many visits of each state wait for somebody, by pointer."""
        visits = [self._open[visit_id] for visit_id in self._attention.waiting(self._open, self._latest_id)]
        return Counter(visit.pointer for visit in visits if self._states[visit.pointer].is_running(visit))

    def _edited(self) -> set[str]:
        """The states of which a payload was replaced, by pointer."""
        edited = self._attention.edited()
        places = (bisect_left(self._visits, visit_id, hi=self._seen, key=_id_of) for visit_id in edited)
        return {self._visits[place].pointer for place in places if place < self._seen}

    def _take_in(self) -> None:
        visits = self._execution.visits
        if visits is not self._visits:
            # The first look, or a redrive has opened again what had ended.
            self._states, self._open, self._seen, self._visits = {}, {}, 0, visits
            self._attention.begin_anew()
        if len(visits) > self._seen:
            self._add(visits[self._seen :])
        for visit in list(self._open.values()):
            # Read first: what changes while the track notes it is noted the next time.
            status = visit.status
            self._states[visit.pointer].note(visit, status)
            if status not in _OPEN:
                del self._open[visit.id]

    def _add(self, fresh: Sequence[Visit]) -> None:
        """Take in visits. All at once, since a run may have made thousands since the last look."""
        self._seen += len(fresh)
        self._latest_id = fresh[-1].id
        pointers = [visit.pointer for visit in fresh]
        # Read before anything else: what changes from here on is noted the next time.
        statuses = [visit.status for visit in fresh]
        newest = dict(zip(pointers, fresh, strict=True))
        for pointer, count in Counter(pointers).items():
            track = self._states.get(pointer)
            if track is None:
                track = self._states[pointer] = _StateTrack(newest[pointer])
            track.add(newest[pointer], count)
        iterations = [visit.iteration for visit in fresh]
        latest = zip(zip(pointers, iterations, strict=True), fresh, strict=True) if any(iterations) else ()
        # The latest visit of each iteration speaks for it.
        for visit in dict(latest).values() or newest.values():
            self._states[visit.pointer].latest_becomes(visit, visit.status)
        if statuses.count(VisitStatus.SUCCEEDED) < len(statuses):
            pairs = zip(fresh, statuses, strict=True)
            self._open |= {visit.id: visit for visit, status in pairs if status is not VisitStatus.SUCCEEDED}


class _StateTrack:
    """Running totals of one state; ``note`` may be told the same visit again and again."""

    def __init__(self, first: Visit) -> None:
        self._name = first.name
        self._type_name = first.type_name
        self._depth = len(first.iteration)
        self._count = 0
        self._latest: dict[tuple[int, ...], tuple[int, VisitStatus]] = {}
        self._counts: dict[VisitStatus, int] = {}
        self._bad: Visit | None = None
        self._newest = first

    def add(self, newest: Visit, count: int) -> None:
        self._count += count
        self._newest = newest

    def note(self, visit: Visit, status: VisitStatus) -> None:
        latest = self._latest[visit.iteration]
        if latest[0] == visit.id and latest[1] is not status:
            self.latest_becomes(visit, status)
        if status in _BAD:
            self._bad = visit

    def latest_becomes(self, visit: Visit, status: VisitStatus) -> None:
        before = self._latest.get(visit.iteration)
        self._latest[visit.iteration] = (visit.id, status)
        if before is None:
            self._counts[status] = self._counts.get(status, 0) + 1
        elif before[1] is not status:
            self._counts[before[1]] -= 1
            self._counts[status] = self._counts.get(status, 0) + 1

    def is_running(self, visit: Visit) -> bool:
        """Whether ``visit`` speaks for its iteration, and was running at the last look."""
        return self._latest[visit.iteration] == (visit.id, VisitStatus.RUNNING)

    def summary(self, *, waiting: int, is_edited: bool) -> StateSummary:
        counts = {status.value: self._counts[status] for status in _URGENCY if self._counts.get(status)}
        if waiting:
            running = counts.pop(VisitStatus.RUNNING) - waiting
            counts = {WAITING: waiting, **({VisitStatus.RUNNING.value: running} if running else {}), **counts}
        bad = self._bad
        return StateSummary(
            name=self._name,
            type_name=self._type_name,
            status=next(iter(counts)),
            visits=self._count,
            attempts=len(self._newest.attempts),
            depth=self._depth,
            counts=counts,
            error=bad.error if bad else None,
            cause=bad.cause if bad else None,
            is_edited=is_edited,
        )


def _id_of(visit: Visit) -> int:
    return visit.id


def _view_of(execution: ExecutionLike, states: Mapping[str, StateSummary]) -> ExecutionView:
    return ExecutionView(
        name=execution.name,
        machine_name=execution.machine_name,
        status=str(execution.status),
        input=execution.input,
        output=execution.output,
        error=execution.error,
        cause=execution.cause,
        started_seconds=execution.started_seconds,
        ended_seconds=execution.ended_seconds,
        states=states,
    )
