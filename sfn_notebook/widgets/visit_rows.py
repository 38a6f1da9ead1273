"""Visits as the inspector wants them: words, payload text and limits; it neither sends nor draws them."""

from typing import Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.views import palette
from sfn_notebook.views.execution import ExecutionView
from sfn_notebook.views.typography import visible
from sfn_notebook.views.wording import duration_words
from sfn_notebook.widgets.payloads import Payload, cause_payload, payload_of, without_text

LIVE_CHARACTERS: Final = 400_000
FINAL_CHARACTERS: Final = 4_000_000
"""Characters of all payloads together while the execution runs, and at its end; beyond, only lengths are sent."""

_PAYLOADS: Final = ("input", "parameters", "result", "output", "cause")


class VisitRows:
    """Turns the visits of successive views into rows, each of them once."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[object, JSONObject]] = {}
        self._input: tuple[JSONValue, Payload] | None = None

    def rows(self, view: ExecutionView, *, characters: int) -> list[JSONObject]:
        """The rows of all visits in ``view``; where ``characters`` do not suffice, the oldest go without payloads."""
        rows = [self._row(visit) for visit in view.visits]
        self._rows = {visit["id"]: self._rows[visit["id"]] for visit in view.visits}
        left = characters
        fitted = []
        for row in reversed(rows):
            size = sum(len(row[key]["text"]) for key in _PAYLOADS if key in row)
            fitted.append(row if size <= left else _without_payloads(row))
            left -= size
        return fitted[::-1]

    def _row(self, visit: JSONObject) -> JSONObject:
        attempts = visit["attempts"]
        stage = (visit["status"], visit["exited_seconds"], len(attempts), attempts[-1] if attempts else None)
        known = self._rows.get(visit["id"])
        if known is not None and known[0] == stage:
            return known[1]
        row = _row_of(visit)
        self._rows[visit["id"]] = (stage, row)
        return row

    def execution_row(self, view: ExecutionView) -> JSONObject:
        """The execution itself, for the header and for the inspector while no state is selected."""
        row: JSONObject = {
            "name": visible(view.name),
            "machine": visible(view.machine_name),
            "status": view.status,
            "word": palette.STATUS_WORDS.get(view.status, view.status.capitalize()),
            "duration": _duration(view.started_seconds, view.ended_seconds),
            "input": self._input_payload(view.input),
            "error": view.error and visible(view.error),
        }
        if view.cause:
            row["cause"] = cause_payload(view.cause)
        if view.status == "SUCCEEDED":
            row["output"] = payload_of(view.output)
        return row

    def _input_payload(self, value: JSONValue) -> Payload:
        # The header is sent 25 times a second, and the input never changes.
        if self._input is None or self._input[0] is not value:
            self._input = (value, payload_of(value))
        return self._input[1]


def _row_of(visit: JSONObject) -> JSONObject:
    row: JSONObject = {
        "id": visit["id"],
        "pointer": visible(visit["pointer"]),
        "number": visit["number"],
        "iteration": visit["iteration"],
        "status": visit["status"],
        "word": palette.STATUS_WORDS.get(visit["status"], visit["status"]),
        "duration": _duration(visit["entered_seconds"], visit["exited_seconds"]),
        "input": payload_of(visit["input"]),
        "error": visit["error"] and visible(visit["error"]),
        "next": visit["next"] and visible(visit["next"]),
        "attempts": [_attempt_of(attempt) for attempt in visit["attempts"]],
    }
    if visit["cause"]:
        row["cause"] = cause_payload(visit["cause"])
    if "output" in visit:
        row["output"] = payload_of(visit["output"])
    last: JSONObject = visit["attempts"][-1] if visit["attempts"] else {}
    # What a state sent and got is worth room only where it differs from its input and output.
    for key, other in (("parameters", "input"), ("result", "output")):
        if key in last and (other not in row or payload_of(last[key]) != row[other]):
            row[key] = payload_of(last[key])
    return row


def _attempt_of(attempt: JSONObject) -> JSONObject:
    delay = attempt["retry_delay_seconds"]
    return {
        "duration": _duration(attempt["started_seconds"], attempt["ended_seconds"]),
        "error": attempt["error"] and visible(attempt["error"]),
        "cause": attempt["cause"] and cause_payload(attempt["cause"])["text"][:300],
        "wait": None if delay is None else duration_words(delay),
    }


def _duration(start_seconds: float, end_seconds: float | None) -> str | None:
    return None if end_seconds is None else duration_words(round(end_seconds - start_seconds, 3))


def _without_payloads(row: JSONObject) -> JSONObject:
    return {key: without_text(value) if key in _PAYLOADS else value for key, value in row.items()}
