"""An execution as a trace: columns and payloads that a browser can draw without asking again; it sends nothing.

It is gathered as the engine has it and packed in one go, at a tenth of what the execution itself takes; the browser
(``widgets/static/unpack.js``) finds out what belongs together, and makes the texts that people look at.
"""

import base64
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol, TypedDict

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.attempt_output import AttemptOutput
from sfn_notebook.engine.history import Event
from sfn_notebook.engine.visits import Visit
from sfn_notebook.views.execution import ExecutionLike
from sfn_notebook.views.trace_events import TYPES, event_columns
from sfn_notebook.views.trace_payloads import NOTHING, PayloadPacker, packed
from sfn_notebook.views.trace_visits import STATUSES, attempt_columns, cause_value, sparse_columns, visit_columns
from sfn_notebook.views.typography import visible

LIVE_CHARACTERS: Final = 1_000_000
FINAL_CHARACTERS: Final = 4_000_000
"""Characters of all payloads together while the execution runs, and at its end; beyond, the oldest go."""


class TracedExecution(ExecutionLike, Protocol):
    """What a trace needs of an execution."""

    @property
    def events(self) -> Sequence[Event]:
        """Every event so far; it only grows."""

    @property
    def attempt_outputs(self) -> Mapping[tuple[int, int], AttemptOutput]:
        """What functions printed, by the visit's id and the attempt's number from 0."""


class Trace(TypedDict):
    """``PackedTrace`` of the browser: bytes, which a widget sends as they are, or their base64 text for JSON."""

    packed: bytes | str


def trace_of(execution: TracedExecution, *, characters: int = FINAL_CHARACTERS) -> Trace:
    """The trace of an execution as it stands, as JSON can hold it; the same execution gives the same text."""
    return Trace(packed=base64.b64encode(_pack(execution, PayloadPacker(), characters)).decode())


class TraceBuilder:
    """Looks at one execution again and again, and measures its large payloads once.

    Safe to call from a second thread while the execution goes on: what is caught half-way is looked at again.
    """

    def __init__(self, execution: TracedExecution) -> None:
        self._execution = execution
        self._payloads = PayloadPacker()
        self._lock = threading.Lock()

    def trace(self, *, characters: int = FINAL_CHARACTERS) -> Trace:
        """The execution as it stands; of its payloads, as many of the latest as fit ``characters``."""
        with self._lock:
            return Trace(packed=_pack(self._execution, self._payloads, characters))


def _pack(execution: TracedExecution, payloads: PayloadPacker, characters: int) -> bytes:
    events = event_columns(execution.events)
    visits = execution.visits[:]
    columns = visit_columns(visits)
    sparse = sparse_columns(visits, columns.statuses, has_assigned=events.has_assigned)
    attempts = attempt_columns(visits, execution.attempt_outputs)
    errors, exited = sparse.pop("error"), sparse.pop("exited")
    # What stands last is kept longest where there is too much.
    values = {
        "execution": [execution.input, execution.output if str(execution.status) == "SUCCEEDED" else NOTHING],
        **{name: column.values for name, column in sparse.items() if name != "cause"},
        **({} if attempts is None else {"parameters": attempts.parameters, "results": attempts.results}),
        "details": events.details,
        "attempt_causes": [] if attempts is None else attempts.causes,
        "cause": sparse["cause"].values,
        "execution_cause": [cause_value(execution.cause)],
    }
    return packed(
        {
            **_head(execution),
            "event_types": TYPES,
            "events": [events.types, events.previous_ids, events.seconds, events.names],
            "states": _states(columns.pointers, visits),
            "visits": [columns.pointers, columns.iterations, columns.statuses, columns.next_states],
            "shown": _shown(columns.next_states),
            "exited": [exited.places, exited.values],
            "errors": [errors.places, [visible(error) for error in errors.values]],
            "places": {name: column.places for name, column in sparse.items()},
            "attempts": None if attempts is None else attempts.facts,
            "payloads": payloads.pack(values, characters),
        }
    )


def _head(execution: TracedExecution) -> JSONObject:
    # Only executions that can be held have edits.
    edits: Mapping[int, JSONValue] = getattr(execution, "edits", {})
    return {
        # A name may be of a type of its own, such as numpy's.
        "name": visible(str(execution.name)),
        "machine": visible(execution.machine_name),
        "status": str(execution.status),
        "started": execution.started_seconds,
        "ended": execution.ended_seconds,
        "error": None if execution.error is None else visible(execution.error),
        "statuses": [status.value for status in STATUSES],
        "edits": sorted(edits),
    }


def _states(pointers: Sequence[str], visits: Sequence[Visit]) -> dict[str, list[str]]:
    """By pointer: the pointer and the name as they are shown, the name, the type."""
    return {
        pointer: [visible(pointer), visible(visit.name), visit.name, visit.type_name]
        for pointer, visit in dict(zip(pointers, visits, strict=True)).items()
    }


def _shown(names: Iterable[str | None]) -> dict[str, str]:
    """Of those names that are shown otherwise, how."""
    # In an order, so that the same execution gives the same bytes.
    return {name: visible(name) for name in sorted(filter(None, {*names})) if visible(name) != name}
