"""What an execution looks like at one moment, as plain data, kept up to date at the cost of what changed only."""

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.engine.visits import Attempt, Visit, VisitStatus

# What is kept of a state that was visited more often: its first visits, its last ones, and the first that failed.
FIRST_VISITS: Final = 10
LAST_VISITS: Final = 10
FAILED_VISITS: Final = 10

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
        """Every visit so far, in the order of entering; it only grows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StateSummary:
    """One state in one execution.

    ``status`` speaks for the latest visit of each iteration; ``counts`` tells how many iterations stand where.
    ``visits`` counts all visits, ``attempts`` those of the latest visit; ``error`` is that of the latest failed visit.
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


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionView:
    """An execution at one moment. ``states`` is by pointer, in the order in which states were first entered.

    ``visits`` holds at most the first and last ``FIRST_VISITS`` and ``LAST_VISITS`` visits of each state and its first
    ``FAILED_VISITS`` failed ones, unless all were asked for; each is a dict with ``id, pointer, name, type, iteration,
    number, status, entered_seconds, exited_seconds, input, output, error, cause, next, attempts``. ``ABSENT`` values
    are left out.
    """

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
    visits: tuple[JSONObject, ...]


def view_execution(execution: ExecutionLike, *, all_visits: bool = False) -> ExecutionView:
    """Look at ``execution`` once; to look again and again, keep an ``ExecutionTracker``."""
    tracker = ExecutionTracker(execution)
    view = tracker.view()
    if not all_visits:
        return view
    numbers: dict[str, int] = {}
    rows = []
    for visit in execution.visits:
        numbers[visit.pointer] = numbers.get(visit.pointer, 0) + 1
        rows.append(_visit_row(visit, numbers[visit.pointer]))
    return _view_of(execution, view.states, tuple(rows))


class ExecutionTracker:
    """Follows one execution: each ``update`` costs as much as what changed, each ``view`` as much as there are states.

    Safe to call from a second thread, as a timer of the display does: payloads are never changed in place.
    """

    def __init__(self, execution: ExecutionLike) -> None:
        self._execution = execution
        self._states: dict[str, _StateTrack] = {}
        self._open: dict[int, Visit] = {}
        self._seen = 0
        self._lock = threading.Lock()

    def update(self, changed_ids: Iterable[int] | None = None) -> None:
        """Take in new visits and those in ``changed_ids``; without ids, look at every visit that has not ended."""
        with self._lock:
            self._take_in(changed_ids)

    def statuses(self) -> dict[str, StateSummary]:
        """The summary of each state that was entered, by pointer."""
        with self._lock:
            self._take_in(None)
            return {pointer: track.summary() for pointer, track in self._states.items()}

    def view(self) -> ExecutionView:
        """The execution as it stands now."""
        with self._lock:
            self._take_in(None)
            states = {pointer: track.summary() for pointer, track in self._states.items()}
            pairs = (pair for track in self._states.values() for pair in track.kept())
            kept = sorted(pairs, key=lambda pair: pair[1].id)
            rows = tuple(_visit_row(visit, number) for number, visit in kept)
            return _view_of(self._execution, states, rows)

    def _take_in(self, changed_ids: Iterable[int] | None) -> None:
        visits = self._execution.visits
        while self._seen < len(visits):
            visit = visits[self._seen]
            self._seen += 1
            track = self._states.get(visit.pointer)
            if track is None:
                track = self._states[visit.pointer] = _StateTrack(visit)
            track.add(visit)
            self._open[visit.id] = visit
            self._refresh(visit)
        for identity in list(self._open) if changed_ids is None else changed_ids:
            if identity in self._open:
                self._refresh(self._open[identity])

    def _refresh(self, visit: Visit) -> None:
        self._states[visit.pointer].note(visit)
        if visit.status not in _OPEN:
            self._open.pop(visit.id, None)


class _StateTrack:
    """Running totals of one state; ``note`` may be told the same visit again and again."""

    def __init__(self, first: Visit) -> None:
        self._name = first.name
        self._type_name = first.type_name
        self._depth = len(first.iteration)
        self._count = 0
        self._latest: dict[tuple[int, ...], tuple[int, VisitStatus]] = {}
        self._counts: dict[VisitStatus, int] = {}
        self._first: list[tuple[int, Visit]] = []
        self._last: deque[tuple[int, Visit]] = deque(maxlen=LAST_VISITS)
        self._failed: dict[int, tuple[int, Visit]] = {}
        self._numbers: dict[int, int] = {}
        self._bad: Visit | None = None
        self._newest = first

    def add(self, visit: Visit) -> None:
        self._count += 1
        self._newest = visit
        pair = (self._count, visit)
        if len(self._first) < FIRST_VISITS:
            self._first.append(pair)
        else:
            self._last.append(pair)
        self._numbers[visit.id] = self._count
        self._latest_becomes(visit)

    def note(self, visit: Visit) -> None:
        if self._latest[visit.iteration][0] == visit.id:
            self._latest_becomes(visit)
        if visit.status in _BAD:
            self._bad = visit
            if len(self._failed) < FAILED_VISITS:
                self._failed[visit.id] = (self._numbers[visit.id], visit)
        if visit.status not in _OPEN:
            self._numbers.pop(visit.id, None)

    def _latest_becomes(self, visit: Visit) -> None:
        before = self._latest.get(visit.iteration)
        if before is not None:
            self._counts[before[1]] -= 1
        self._latest[visit.iteration] = (visit.id, visit.status)
        self._counts[visit.status] = self._counts.get(visit.status, 0) + 1

    def kept(self) -> list[tuple[int, Visit]]:
        pairs = {visit.id: (number, visit) for number, visit in (*self._first, *self._failed.values(), *self._last)}
        return list(pairs.values())

    def summary(self) -> StateSummary:
        counts = {status.value: self._counts[status] for status in _URGENCY if self._counts.get(status)}
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
        )


def _view_of(
    execution: ExecutionLike, states: Mapping[str, StateSummary], rows: tuple[JSONObject, ...]
) -> ExecutionView:
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
        visits=rows,
    )


def _visit_row(visit: Visit, number: int) -> JSONObject:
    row: JSONObject = {
        "id": visit.id,
        "pointer": visit.pointer,
        "name": visit.name,
        "type": visit.type_name,
        "iteration": list(visit.iteration),
        "number": number,
        "status": visit.status.value,
        "entered_seconds": visit.entered_seconds,
        "exited_seconds": visit.exited_seconds,
        "input": visit.input,
        "output": visit.output,
        "error": visit.error,
        "cause": visit.cause,
        "next": visit.next_state,
        "attempts": [_attempt_row(attempt) for attempt in visit.attempts],
    }
    if row["output"] is ABSENT:
        del row["output"]
    return row


def _attempt_row(attempt: Attempt) -> JSONObject:
    row: JSONObject = {
        "started_seconds": attempt.started_seconds,
        "ended_seconds": attempt.ended_seconds,
        "parameters": attempt.parameters,
        "result": attempt.result,
        "error": attempt.error,
        "cause": attempt.cause,
        "retry_delay_seconds": attempt.retry_delay_seconds,
    }
    return {key: value for key, value in row.items() if value is not ABSENT}
