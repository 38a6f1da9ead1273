"""What a trace tells of each event beside its type, a payload or an error; it knows no order of events."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.history import EVENT_TYPES, Assigned

Details: TypeAlias = Callable[[JSONValue], JSONValue]
"""What an event tells, from the payload in the engine's tuple."""

_CALLS: Final = ("LambdaFunction", "Task", "Activity")


def _exited(payload: JSONValue) -> JSONValue:
    return payload.output if isinstance(payload, Assigned) else payload


def _told(**details: JSONValue) -> JSONValue:
    return {key: value for key, value in details.items() if value is not None}


def _failure(payload: JSONValue) -> JSONValue:
    error, cause = payload
    return _told(error=error, cause=cause)


def _call_failure(payload: JSONValue) -> JSONValue:
    return _failure(payload[1:])


def _evaluation_failure(payload: JSONValue) -> JSONValue:
    error, cause, location = payload
    return _told(error=error, cause=cause, location=location)


def _named(key: str) -> Details:
    return lambda payload: _told(**{key: payload})


PAYLOADS: Final = frozenset(
    each for each in EVENT_TYPES if each.endswith("StateEntered") or each == "ExecutionSucceeded"
)
"""The types whose payload is told as it is."""

SECOND: Final = frozenset(f"{call}{what}" for call in _CALLS for what in ("Scheduled", "Succeeded")) | {"TaskSubmitted"}
"""The types that tell the second part of their payload."""

EXITS: Final = frozenset(each for each in EVENT_TYPES if each.endswith("StateExited"))
"""The types whose payload is told as it is, unless the state has assigned variables."""

DETAILS: Final[Mapping[str, Details]] = {
    "ExecutionStarted": lambda payload: payload[0],
    **{f"Execution{what}": _failure for what in ("Failed", "Aborted", "TimedOut")},
    **dict.fromkeys(EXITS, _exited),
    "EvaluationFailed": _evaluation_failure,
    **{f"{call}{what}": _call_failure for call in _CALLS for what in ("Failed", "TimedOut")},
    "ActivityStarted": _named("workerName"),
    "MapStateStarted": _named("length"),
    **{f"MapIteration{what}": _named("index") for what in ("Started", "Succeeded", "Failed", "Aborted")},
    "MapRunStarted": _named("mapRunArn"),
    "MapRunFailed": _failure,
}
"""By event type, for those that tell something else than the lists above."""
