"""The visits of an execution as columns, and what only some of them have by their places; it reads no events."""

from collections.abc import Mapping, Sequence
from itertools import chain, compress
from typing import Any, Final, NamedTuple

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.engine.attempt_output import AttemptOutput
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.views.trace_payloads import NOTHING
from sfn_notebook.views.typography import visible

STATUSES: Final = tuple(VisitStatus)
"""Statuses by their number in ``VisitColumns.statuses``."""

_NOT_SUCCEEDED: Final = bytes(number != STATUSES.index(VisitStatus.SUCCEEDED) for number in range(256))
_NUMBERS: Final = {status: number for number, status in enumerate(STATUSES)}


class VisitColumns(NamedTuple):
    """One entry per visit; a state is told by its pointer. Outputs, and most ends, are told by the events."""

    pointers: list[str]
    iterations: list[tuple[int, ...]]
    statuses: bytes
    next_states: list[str | None]


def visit_columns(visits: Sequence[Visit]) -> VisitColumns:
    """The visits as they stand. One column after the other, which takes half the time of one visit after the other."""
    return VisitColumns(
        pointers=[visit.pointer for visit in visits],
        iterations=[visit.iteration for visit in visits],
        statuses=bytes([_NUMBERS[visit.status] for visit in visits]),
        next_states=[visit.next_state for visit in visits],
    )


class Sparse(NamedTuple):
    """What only some visits have: their places, and a value for each."""

    places: list[int]
    values: list[JSONValue]


def sparse_columns(visits: Sequence[Visit], statuses: bytes, *, has_assigned: bool) -> dict[str, Sparse]:
    """Errors, causes, variables and stages, by the names that they have in the browser; ends without an Exited event.

    Only what can be there is looked for: no visit that succeeded has an error, and variables must be assigned first.
    """
    failed = [*compress(range(len(visits)), statuses.translate(_NOT_SUCCEEDED))]
    errors = [place for place in failed if visits[place].error is not None]
    causes = [place for place in failed if visits[place].cause is not None]
    return {
        "exited": Sparse(failed, [visits[place].exited_seconds for place in failed]),
        "error": Sparse(errors, [visits[place].error for place in errors]),
        "cause": Sparse(causes, [cause_value(visits[place].cause) for place in causes]),
        "after_input_path": _there([visit.after_input_path for visit in visits]),
        "after_parameters": _there([visit.after_parameters for visit in visits]),
        "after_result_selector": _there([visit.after_result_selector for visit in visits]),
        "after_result_path": _there([visit.after_result_path for visit in visits]),
        "variables": _filled([visit.variables for visit in visits] if has_assigned else []),
        "assigned": _filled([visit.assigned for visit in visits] if has_assigned else []),
    }


def _there(column: Sequence[JSONValue | Absent]) -> Sparse:
    # Most states have none of these, and comparing all at once tells that soonest.
    if column == [ABSENT] * len(column):
        return Sparse([], [])
    places = [place for place, value in enumerate(column) if value is not ABSENT]
    return Sparse(places, [column[place] for place in places])


def _filled(column: Sequence[Mapping[str, JSONValue] | None]) -> Sparse:
    return Sparse([*compress(range(len(column)), column)], [dict(variables) for variables in column if variables])


def cause_value(cause: str | None) -> JSONValue:
    """A cause that is a JSON object or array, as Lambda's are, as that value; any other as it is."""
    if cause is None:
        return NOTHING
    if cause.startswith(("{", "[")):
        try:
            return _json.load(cause)
        except (ValueError, RecursionError):
            pass
    return cause


class AttemptColumns(NamedTuple):
    """One entry per attempt, in the order of visits and of attempts; ``numbers`` count from 0 in each visit."""

    places: list[int]
    numbers: list[int]
    started: list[float]
    ended: list[float | None]
    errors: list[str | None]
    delays: list[float | None]
    logs: list[str | None]
    tracebacks: list[str | None]
    parameters: list[JSONValue]
    results: list[JSONValue]
    causes: list[JSONValue]

    @property
    def facts(self) -> list[list[Any]]:
        """All columns but those of payloads, in their order."""
        return [*self[: self._fields.index("parameters")]]


def attempt_columns(visits: Sequence[Visit], outputs: Mapping[tuple[int, int], AttemptOutput]) -> AttemptColumns | None:
    """The attempts as they stand; ``None`` where there are none."""
    tries = [visit.attempts for visit in visits]
    if not any(tries):
        return None
    places = [place for place, attempts in enumerate(tries) for _ in attempts]
    numbers = [number for attempts in tries for number in range(len(attempts))]
    attempts = [*chain.from_iterable(tries)]
    left: list[Any] = (
        [outputs.get((visits[place].id, number)) for place, number in zip(places, numbers, strict=True)]
        if outputs
        else [None] * len(attempts)
    )
    return AttemptColumns(
        places=places,
        numbers=numbers,
        started=[attempt.started_seconds for attempt in attempts],
        ended=[attempt.ended_seconds for attempt in attempts],
        errors=[None if attempt.error is None else visible(attempt.error) for attempt in attempts],
        delays=[attempt.retry_delay_seconds for attempt in attempts],
        logs=[None if output is None else output.logs for output in left],
        tracebacks=[None if output is None else output.traceback for output in left],
        parameters=[NOTHING if attempt.parameters is ABSENT else attempt.parameters for attempt in attempts],
        results=[NOTHING if attempt.result is ABSENT else attempt.result for attempt in attempts],
        causes=[cause_value(attempt.cause) for attempt in attempts],
    )
