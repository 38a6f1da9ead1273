"""History events in AWS's shapes, made from the engine's tuples when somebody asks; it decides nothing.

An event is a tuple ``(id, previous_id, at_seconds, type, name, payload)``: tuples cost a tenth of what AWS-shaped
dictionaries do, and most runs are never asked for their history. What ``payload`` holds is the business of the type's
entry in the table below. Source: GetExecutionHistory, and recorded executions for which keys are left out.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import LAST_SECONDS

Event: TypeAlias = tuple[int, int, float, str, str, JSONValue]
Details: TypeAlias = tuple[str, JSONObject] | None


def history_of(events: Iterable[Event], *, include_execution_data: bool = True) -> list[JSONObject]:
    """The events as GetExecutionHistory returns them; timestamps are ISO 8601 text in UTC, as the CLI prints them.

    Without the execution data, payloads and what is told about them are left out, and error and cause stay. Source:
    recorded logs of executions whose ``includeExecutionData`` was false.
    """
    shaped = [_shape(event) for event in events]
    return shaped if include_execution_data else [_without_data(event) for event in shaped]


_DATA: Final = frozenset({"input", "output", "parameters", "assignedVariables"})
_DATA_KEYS: Final = _DATA | {f"{name}Details" for name in _DATA}


def _without_data(event: JSONObject) -> JSONObject:
    return {
        key: {name: each for name, each in part.items() if name not in _DATA_KEYS} if isinstance(part, dict) else part
        for key, part in event.items()
    }


def _shape(event: Event) -> JSONObject:
    event_id, previous_id, at_seconds, event_type, name, payload = event
    shaped: JSONObject = {
        "timestamp": datetime.fromtimestamp(min(at_seconds, LAST_SECONDS), UTC).isoformat(timespec="milliseconds"),
        "type": event_type,
        "id": event_id,
        "previousEventId": previous_id,
    }
    details = _SHAPES[event_type](name, payload)
    if details is not None:
        shaped[details[0]] = details[1]
    return shaped


_TRUNCATED: Final = {"truncated": False}


def _started(_name: str, payload: JSONValue) -> Details:
    value, role_arn = payload
    return "executionStartedEventDetails", {
        "input": _json.dump(value),
        "inputDetails": dict(_TRUNCATED),
        "roleArn": role_arn,
    }


def _entered(name: str, payload: JSONValue) -> Details:
    return "stateEnteredEventDetails", {
        "name": name,
        "input": _json.dump(payload),
        "inputDetails": dict(_TRUNCATED),
    }


class Assigned(NamedTuple):
    """The payload of an Exited event whose state assigned variables."""

    output: JSONValue
    variables: Mapping[str, JSONValue]


def _exited(name: str, payload: JSONValue) -> Details:
    if not isinstance(payload, Assigned):
        return "stateExitedEventDetails", {
            "name": name,
            "output": _json.dump(payload),
            "outputDetails": dict(_TRUNCATED),
        }
    return "stateExitedEventDetails", {
        "name": name,
        "output": _json.dump(payload.output),
        "outputDetails": dict(_TRUNCATED),
        "assignedVariables": {variable: _json.dump(value) for variable, value in payload.variables.items()},
        "assignedVariablesDetails": dict(_TRUNCATED),
    }


def _evaluation_failed(name: str, payload: JSONValue) -> Details:
    error, cause, location = payload
    return "evaluationFailedEventDetails", _present(
        {"error": error, "cause": cause, "location": location, "state": name}
    )


def _output(key: str) -> Callable[[str, JSONValue], Details]:
    return lambda _name, payload: (key, {"output": _json.dump(payload), "outputDetails": dict(_TRUNCATED)})


def _error(key: str) -> Callable[[str, JSONValue], Details]:
    def details(_name: str, payload: JSONValue) -> Details:
        error, cause = payload
        return key, _present({"error": error, "cause": cause})

    return details


def _present(values: Mapping[str, JSONValue]) -> JSONObject:
    return {key: value for key, value in values.items() if value is not None}


def _task_credentials(credentials: JSONValue) -> JSONValue:
    return None if credentials is None else {"roleArn": credentials.get("RoleArn")}


def _function_scheduled(_name: str, payload: JSONValue) -> Details:
    plan, parameters, timeout_seconds, heartbeat_seconds, credentials = payload
    return "lambdaFunctionScheduledEventDetails", _present(
        {
            "resource": plan.arn,
            "input": _json.dump(parameters),
            "inputDetails": dict(_TRUNCATED),
            "timeoutInSeconds": timeout_seconds,
            "heartbeatInSeconds": heartbeat_seconds,
            "taskCredentials": _task_credentials(credentials),
        }
    )


def _task_scheduled(name: str, payload: JSONValue) -> Details:
    plan, parameters, timeout_seconds, heartbeat_seconds, credentials = payload
    return "taskScheduledEventDetails", _present(
        {
            "resourceType": plan.resource_type,
            "resource": plan.resource,
            "region": name,
            "parameters": _json.dump(parameters),
            "timeoutInSeconds": timeout_seconds,
            "heartbeatInSeconds": heartbeat_seconds,
            "taskCredentials": _task_credentials(credentials),
        }
    )


def _task_started(_name: str, payload: JSONValue) -> Details:
    return "taskStartedEventDetails", {"resourceType": payload.resource_type, "resource": payload.resource}


def _task_succeeded(_name: str, payload: JSONValue) -> Details:
    plan, result = payload
    return "taskSucceededEventDetails", {
        "resourceType": plan.resource_type,
        "resource": plan.resource,
        "output": _json.dump(result),
        "outputDetails": dict(_TRUNCATED),
    }


def _activity_scheduled(_name: str, payload: JSONValue) -> Details:
    plan, parameters, timeout_seconds, heartbeat_seconds, _credentials = payload
    return "activityScheduledEventDetails", _present(
        {
            "resource": plan.arn,
            "input": _json.dump(parameters),
            "inputDetails": dict(_TRUNCATED),
            "timeoutInSeconds": timeout_seconds,
            "heartbeatInSeconds": heartbeat_seconds,
        }
    )


def _activity_started(_name: str, payload: JSONValue) -> Details:
    return "activityStartedEventDetails", _present({"workerName": payload})


def _task_submitted(_name: str, payload: JSONValue) -> Details:
    plan, result = payload
    return "taskSubmittedEventDetails", {
        "resourceType": plan.resource_type,
        "resource": plan.resource,
        "output": _json.dump(result),
        "outputDetails": dict(_TRUNCATED),
    }


def _task_ended(key: str) -> Callable[[str, JSONValue], Details]:
    def details(_name: str, payload: JSONValue) -> Details:
        plan, error, cause = payload
        identity = {"resourceType": plan.resource_type, "resource": plan.resource}
        return key, _present({**identity, "error": error, "cause": cause})

    return details


def _iteration(key: str) -> Callable[[str, JSONValue], Details]:
    return lambda name, payload: (key, {"name": name, "index": payload})


def _nothing(_name: str, _payload: JSONValue) -> Details:
    return None


_TYPES: Final = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
_SHAPES: Final[Mapping[str, Callable[[str, JSONValue], Details]]] = {
    "ExecutionStarted": _started,
    "ExecutionSucceeded": _output("executionSucceededEventDetails"),
    "ExecutionFailed": _error("executionFailedEventDetails"),
    "ExecutionAborted": _error("executionAbortedEventDetails"),
    "ExecutionTimedOut": _error("executionTimedOutEventDetails"),
    "ExecutionRedriven": lambda _name, payload: ("executionRedrivenEventDetails", {"redriveCount": payload}),
    **{f"{each}StateEntered": _entered for each in _TYPES},
    **{f"{each}StateExited": _exited for each in _TYPES},
    **{f"{each}StateAborted": _nothing for each in _TYPES},
    "EvaluationFailed": _evaluation_failed,
    "LambdaFunctionScheduled": _function_scheduled,
    "LambdaFunctionStarted": _nothing,
    "LambdaFunctionSucceeded": lambda _name, payload: _output("lambdaFunctionSucceededEventDetails")("", payload[1]),
    "LambdaFunctionFailed": lambda _name, payload: _error("lambdaFunctionFailedEventDetails")("", payload[1:]),
    "LambdaFunctionTimedOut": lambda _name, payload: _error("lambdaFunctionTimedOutEventDetails")("", payload[1:]),
    "ActivityScheduled": _activity_scheduled,
    "ActivityStarted": _activity_started,
    "ActivitySucceeded": lambda _name, payload: _output("activitySucceededEventDetails")("", payload[1]),
    "ActivityFailed": lambda _name, payload: _error("activityFailedEventDetails")("", payload[1:]),
    "ActivityTimedOut": lambda _name, payload: _error("activityTimedOutEventDetails")("", payload[1:]),
    "TaskSubmitted": _task_submitted,
    "TaskScheduled": _task_scheduled,
    "TaskStarted": _task_started,
    "TaskSucceeded": _task_succeeded,
    "TaskFailed": _task_ended("taskFailedEventDetails"),
    "TaskTimedOut": _task_ended("taskTimedOutEventDetails"),
    "ParallelStateStarted": _nothing,
    "ParallelStateSucceeded": _nothing,
    "ParallelStateFailed": _nothing,
    "MapStateStarted": lambda _name, payload: ("mapStateStartedEventDetails", {"length": payload}),
    "MapStateSucceeded": _nothing,
    "MapStateFailed": _nothing,
    "MapRunStarted": lambda _name, payload: ("mapRunStartedEventDetails", {"mapRunArn": payload}),
    "MapRunSucceeded": _nothing,
    "MapRunFailed": _error("mapRunFailedEventDetails"),
    "MapRunAborted": _nothing,
    "MapIterationStarted": _iteration("mapIterationStartedEventDetails"),
    "MapIterationSucceeded": _iteration("mapIterationSucceededEventDetails"),
    "MapIterationFailed": _iteration("mapIterationFailedEventDetails"),
    "MapIterationAborted": _iteration("mapIterationAbortedEventDetails"),
}
EVENT_TYPES: Final = frozenset(_SHAPES)
"""Every event type that the engine writes."""
