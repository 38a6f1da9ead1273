"""An execution as a trace: columns and texts that a browser can draw without asking again; it sends nothing.

The shape is the typedef ``Trace`` in ``widgets/static/store.js``. A builder takes in only what is new or still open,
since an execution may have 25,000 events.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Final, Protocol, TypedDict

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.engine.attempt_output import AttemptOutput
from sfn_notebook.engine.history import Event
from sfn_notebook.engine.visits import Attempt, Visit, VisitStatus
from sfn_notebook.views.execution import ExecutionLike
from sfn_notebook.views.trace_events import OUTSIDE, EventColumns, EventRows, seconds_since
from sfn_notebook.views.trace_texts import TextPool, faithful
from sfn_notebook.views.typography import visible

LIVE_CHARACTERS: Final = 400_000
FINAL_CHARACTERS: Final = 4_000_000
"""Characters of all texts together while the execution runs, and at its end; beyond, the oldest go."""

_STATUSES: Final = tuple(VisitStatus)
_SUCCEEDED: Final = _STATUSES.index(VisitStatus.SUCCEEDED)
_STAGES: Final = ("after_input_path", "after_parameters", "after_result_selector", "after_result_path")


class TracedExecution(ExecutionLike, Protocol):
    """What a trace needs of an execution."""

    @property
    def events(self) -> Sequence[Event]:
        """Every event so far; it only grows."""

    @property
    def attempt_outputs(self) -> Mapping[tuple[int, int], AttemptOutput]:
        """What functions printed, by the visit's id and the attempt's number from 0."""


class VisitColumns(TypedDict):
    """``TraceVisits`` of the browser; keys of the sparse columns are places as text, as JSON has them."""

    id: list[int]
    end: list[int]
    state: list[int]
    parent: list[int]
    iteration: list[list[int]]
    entered: list[float]
    exited: list[float | None]
    status: list[int]
    input: list[int]
    output: list[int]
    next: list[str | None]
    error: dict[str, str]
    cause: dict[str, int]
    stages: dict[str, dict[str, int]]
    variables: dict[str, int]
    assigned: dict[str, int]
    attempts: dict[str, list[JSONObject]]


class Trace(TypedDict):
    """See ``Trace`` in ``store.js``."""

    name: str
    machine: str
    status: str
    started: float
    ended: float | None
    input: int
    output: int
    error: str | None
    cause: int
    texts: list[str]
    cut: dict[str, int]
    states: list[JSONObject]
    statuses: list[str]
    event_types: list[str]
    visits: VisitColumns
    events: EventRows


def trace_of(execution: TracedExecution, *, characters: int = FINAL_CHARACTERS) -> Trace:
    """The trace of an execution as it stands; to ask again and again, keep a ``TraceBuilder``."""
    return TraceBuilder(execution).trace(characters=characters)


class _Shown(dict[str, str]):
    """Names as they are shown: a run enters few states very often."""

    def __missing__(self, name: str) -> str:
        shown = self[name] = visible(name)
        return shown


class _Iterations(dict[tuple[int, ...], list[int]]):
    """Iterations as lists, each once."""

    def __missing__(self, iteration: tuple[int, ...]) -> list[int]:
        indices = self[iteration] = [*iteration]
        return indices


class TraceBuilder:
    """Follows one execution; each ``trace`` costs as much as what changed, and a copy of the columns.

    Safe to call from a second thread while the execution goes on: what is caught half-way is looked at again.
    """

    def __init__(self, execution: TracedExecution) -> None:
        self._execution = execution
        self._pool = TextPool()
        self._events = EventColumns(self._pool)
        self._states: dict[str, int] = {}
        self._state_rows: list[JSONObject] = []
        self._visits = VisitColumns(
            id=[],
            end=[],
            state=[],
            parent=[],
            iteration=[],
            entered=[],
            exited=[],
            status=[],
            input=[],
            output=[],
            next=[],
            error={},
            cause={},
            stages={},
            variables={},
            assigned={},
            attempts={},
        )
        self._unsettled: set[int] = set()
        self._shown = _Shown()
        self._iterations = _Iterations()
        self._lock = threading.Lock()

    def trace(self, *, characters: int = FINAL_CHARACTERS) -> Trace:
        """The execution as it stands; of its texts, as many of the latest as fit ``characters``."""
        with self._lock:
            self._take_in()
            return self._snapshot(characters)

    def _take_in(self) -> None:
        execution = self._execution
        visits = execution.visits
        self._events.take_in(execution.events, visits, execution.started_seconds)
        seen, count = len(self._visits["id"]), len(self._events.parents)
        if count > seen:
            self._append(visits[seen:count], seen)
        # What is written after the end of a visit is written after all that the engine notes of the visit.
        settled = len(self._events.at) if execution.ended_seconds is None else len(self._events.at) + 1
        ends = self._events.ends
        self._unsettled.update(range(seen, count))
        for place in [place for place in self._unsettled if place < seen]:
            self._refresh(visits[place], place)
        self._unsettled = {place for place in self._unsettled if not 0 < ends[place] < settled}

    def _append(self, visits: Sequence[Visit], seen: int) -> None:
        rows, events, shown, since = self._visits, self._events, self._shown, self._since
        at, details, iterations = events.at, events.details, self._iterations
        ids, new_ends = [visit.id for visit in visits], events.ends[seen:]
        rows["id"] += ids
        rows["parent"] += events.parents[seen:]
        rows["iteration"] += [iterations[visit.iteration] for visit in visits]
        rows["state"] += [self._state_of(visit, place) for place, visit in enumerate(visits, seen)]
        # A visit's id is that of its StateEntered event, which has been read already.
        entered = [at[each - 1] for each in ids]
        rows["entered"] += entered
        rows["input"] += [details[each - 1] for each in ids]
        rows["end"] += new_ends
        rows["exited"] += [
            start if visit.exited_seconds == visit.entered_seconds else since(visit.exited_seconds)
            for visit, start in zip(visits, entered, strict=True)
        ]
        rows["status"] += [
            _SUCCEEDED if visit.status is VisitStatus.SUCCEEDED else _STATUSES.index(visit.status) for visit in visits
        ]
        rows["output"] += [
            details[end - 1] if end and visit.output is not ABSENT else self._pool.number_of(visit.output)
            for visit, end in zip(visits, new_ends, strict=True)
        ]
        rows["next"] += [None if visit.next_state is None else shown[visit.next_state] for visit in visits]
        for place, visit in enumerate(visits, seen):
            self._note(visit, place)

    def _state_of(self, visit: Visit, place: int) -> int:
        number = self._states.get(visit.pointer)
        if number is None:
            number = self._states[visit.pointer] = len(self._state_rows)
            parent = self._events.parents[place]
            self._state_rows.append(
                {
                    "pointer": visible(visit.pointer),
                    "name": visible(visit.name),
                    "type": visit.type_name,
                    "parent": OUTSIDE if parent == OUTSIDE else self._states[self._execution.visits[parent].pointer],
                }
            )
        return number

    def _refresh(self, visit: Visit, place: int) -> None:
        rows = self._visits
        rows["end"][place] = self._events.ends[place]
        rows["exited"][place] = self._since(visit.exited_seconds)
        rows["status"][place] = _STATUSES.index(visit.status)
        rows["output"][place] = self._pool.number_of(visit.output)
        rows["next"][place] = None if visit.next_state is None else self._shown[visit.next_state]
        self._note(visit, place)

    def _note(self, visit: Visit, place: int) -> None:
        """What only some visits have."""
        rows = self._visits
        if visit.variables:
            rows["variables"][str(place)] = self._pool.number_of(visit.variables)
        if visit.assigned:
            rows["assigned"][str(place)] = self._pool.number_of(visit.assigned)
        if visit.attempts:
            rows["attempts"][str(place)] = self._attempts(visit, place)
        if visit.error is not None:
            rows["error"][str(place)] = visible(visit.error)
        if visit.cause is not None:
            rows["cause"][str(place)] = self._pool.number_of_cause(visit.cause)
        # One by one, since most visits have no such stage and there are thousands of them.
        if (
            visit.after_parameters is not ABSENT
            or visit.after_input_path is not ABSENT
            or visit.after_result_selector is not ABSENT
            or visit.after_result_path is not ABSENT
        ):
            rows["stages"][str(place)] = self._stages(visit)

    def _stages(self, visit: Visit) -> dict[str, int]:
        values = ((name, getattr(visit, name)) for name in _STAGES)
        return {name: self._pool.number_of(value) for name, value in values if value is not ABSENT}

    def _since(self, seconds: float | None) -> float | None:
        return None if seconds is None else seconds_since(seconds, self._execution.started_seconds)

    def _attempts(self, visit: Visit, place: int) -> list[JSONObject]:
        spans = self._events.spans.get(place, ())
        outputs = self._execution.attempt_outputs
        return [
            self._attempt(
                attempt,
                spans[number] if number < len(spans) else (0, 0),
                outputs.get((visit.id, number)),
            )
            for number, attempt in enumerate(visit.attempts)
        ]

    def _attempt(self, attempt: Attempt, span: Sequence[int], output: AttemptOutput | None) -> JSONObject:
        pool = self._pool
        return {
            "started": self._since(attempt.started_seconds),
            "ended": self._since(attempt.ended_seconds),
            "parameters": pool.number_of(attempt.parameters),
            "result": pool.number_of(attempt.result),
            "error": None if attempt.error is None else visible(attempt.error),
            "cause": pool.number_of_cause(attempt.cause),
            "delay": attempt.retry_delay_seconds,
            "first": span[0],
            "last": span[1],
            "logs": None if output is None or output.logs is None else faithful(output.logs),
            "traceback": None if output is None or output.traceback is None else faithful(output.traceback),
        }

    def _snapshot(self, characters: int) -> Trace:
        execution, pool = self._execution, self._pool
        output: JSONValue = execution.output if str(execution.status) == "SUCCEEDED" else ABSENT
        numbers = {
            "input": pool.number_of(execution.input),
            "output": pool.number_of(output),
            "cause": pool.number_of_cause(execution.cause),
        }
        texts, cut = pool.within(characters)
        return Trace(
            name=visible(execution.name),
            machine=visible(execution.machine_name),
            status=str(execution.status),
            started=execution.started_seconds,
            ended=self._since(execution.ended_seconds),
            input=numbers["input"],
            output=numbers["output"],
            error=None if execution.error is None else visible(execution.error),
            cause=numbers["cause"],
            texts=texts,
            cut=cut,
            states=self._state_rows.copy(),
            statuses=[status.value for status in _STATUSES],
            event_types=self._events.types.copy(),
            visits=_copied(self._visits),
            events=self._events.rows(),
        )


def _copied(rows: VisitColumns) -> VisitColumns:
    # The entries themselves are replaced and never changed.
    copied: VisitColumns = {name: column.copy() for name, column in rows.items()}  # type: ignore[assignment,attr-defined]  # every column is a list or a dict of its own type
    return copied
