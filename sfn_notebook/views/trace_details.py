"""What a trace tells of each event beside its type: the payload or the error, as text; it knows no order of events."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.history import EVENT_TYPES, Assigned
from sfn_notebook.views.trace_texts import TextPool

Details: TypeAlias = Callable[[TextPool, JSONValue], int]
"""The number of the text of an event, from the payload in the engine's tuple."""

_CALLS: Final = ("LambdaFunction", "Task", "Activity")


def _object(pool: TextPool, details: JSONObject) -> int:
    return pool.number_of_text(_json.dump({key: value for key, value in details.items() if value is not None}))


def _whole(pool: TextPool, payload: JSONValue) -> int:
    return pool.number_of(payload)


def _second(pool: TextPool, payload: JSONValue) -> int:
    return pool.number_of(payload[1])


def _exited(pool: TextPool, payload: JSONValue) -> int:
    return pool.number_of(payload.output if isinstance(payload, Assigned) else payload)


def _failure(pool: TextPool, payload: JSONValue) -> int:
    error, cause = payload
    return _object(pool, {"error": error, "cause": cause})


def _evaluation_failure(pool: TextPool, payload: JSONValue) -> int:
    error, cause, location = payload
    return _object(pool, {"error": error, "cause": cause, "location": location})


def _named(key: str) -> Details:
    return lambda pool, payload: _object(pool, {key: payload})


DETAILS: Final[Mapping[str, Details]] = {
    "ExecutionStarted": lambda pool, payload: pool.number_of(payload[0]),
    "ExecutionSucceeded": _whole,
    **{f"Execution{what}": _failure for what in ("Failed", "Aborted", "TimedOut")},
    **{each: _whole for each in EVENT_TYPES if each.endswith("StateEntered")},
    **{each: _exited for each in EVENT_TYPES if each.endswith("StateExited")},
    "EvaluationFailed": _evaluation_failure,
    **{f"{call}{what}": _second for call in _CALLS for what in ("Scheduled", "Succeeded")},
    "TaskSubmitted": _second,
    **{
        f"{call}{what}": lambda pool, payload: _failure(pool, payload[1:])
        for call in _CALLS
        for what in ("Failed", "TimedOut")
    },
    "ActivityStarted": _named("workerName"),
    "MapStateStarted": _named("length"),
    **{f"MapIteration{what}": _named("index") for what in ("Started", "Succeeded", "Failed", "Aborted")},
    "MapRunStarted": _named("mapRunArn"),
    "MapRunFailed": _failure,
}
"""By event type; those that are not here have nothing to tell."""

WHOLE: Final = frozenset(each for each, tell in DETAILS.items() if tell in {_whole, _exited})
"""The types that tell a payload as it is."""
