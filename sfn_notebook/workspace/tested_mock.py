"""What TestState is told besides the definition, checked as AWS does: mock and stateConfiguration; it runs nothing.

Source: Step Functions API reference, "MockInput" and "TestStateConfiguration"; recorded answers for the texts. Texts
for ``stateConfiguration`` without a mock are by analogy with the one that was recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl.model import MapState, ParallelState, State
from sfn_notebook.engine.resources import ResourcePlan
from sfn_notebook.workspace.mock_schemas import find_mismatch
from sfn_notebook.workspace.service_errors import ServiceError, validation_error

_MOCKABLE: Final = ("Task", "Map", "Parallel")
_MODES: Final = ("STRICT", "PRESENT", "NONE")
_CONFIGURATION: Final = {
    "retrierRetryCount": "RetrierRetryCount",
    "errorCausedByState": "ErrorCausedByState",
    "mapIterationFailureCount": "MapIterationFailureCount",
    "mapItemReaderData": "MapItemReaderData",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TestedMock:
    """What the state's work shall answer: ``result``, or ``error`` and ``cause``."""

    __test__ = False

    result: JSONValue = ABSENT
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StateConfiguration:
    """Where in a run the test takes place."""

    retry_count: int = 0
    failure_count: int = 0
    reader_data: str | None = None


def read_json(text_or_value: JSONValue, what: str) -> JSONValue:
    """A JSON text as AWS takes it, or a value as Python has it.

    Raises:
        ServiceError: ValidationException, if a text is not JSON.
    """
    if not isinstance(text_or_value, str):
        return text_or_value
    try:
        return _json.load(text_or_value)
    except (ValueError, RecursionError):
        raise validation_error(f"{what} must be valid JSON") from None


def require_combination(
    state: State, mock: Mapping[str, Any] | None, configuration: Mapping[str, Any], *, reveal_secrets: bool
) -> None:
    """Refuse what cannot be asked together.

    Raises:
        ServiceError: ValidationException, or InvalidDefinition for a Map or Parallel without a mock.
    """
    if mock is not None:
        if ("result" in mock) is ("errorOutput" in mock):
            raise validation_error("A test mock should have only one of the following fields: [result, errorOutput].")
        if reveal_secrets:
            raise validation_error("TestState does not support RevealSecrets when a mock is specified.")
        if state.type_name not in _MOCKABLE:
            raise validation_error(f"State type '{state.type_name}' is not supported when a mock is specified")
        return
    for field, name in _CONFIGURATION.items():
        if field in configuration:
            raise validation_error(f"TestState does not support {name} when a mock is not specified.")
    if isinstance(state, MapState | ParallelState):
        supported = "Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
        message = f"TestState API does not support Map or Parallel states. {supported}"
        raise ServiceError("InvalidDefinition", message, hint="Give a mock.")


def read_configuration(configuration: Mapping[str, Any]) -> StateConfiguration:
    """The configuration as data.

    Raises:
        ServiceError: ValidationException, for a field that there is not or a number below 0.
    """
    for name, value in configuration.items():
        if name not in _CONFIGURATION:
            raise validation_error(f"Unknown parameter in stateConfiguration: {name!r}")
        if name.endswith("Count") and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            where = f"Value '{value}' at 'stateConfiguration.{name}' failed to satisfy constraint"
            detail = "Member must have value greater than or equal to 0"
            raise validation_error(f"1 validation error detected: {where}: {detail}")
    return StateConfiguration(
        retry_count=configuration.get("retrierRetryCount", 0),
        failure_count=configuration.get("mapIterationFailureCount", 0),
        reader_data=configuration.get("mapItemReaderData"),
    )


def read_mock(state: State, mock: Mapping[str, Any], plan: ResourcePlan | None) -> TestedMock:
    """The mocked answer, checked against the state.

    Args:
        state: The state under test.
        mock: ``result`` or ``errorOutput``, and ``fieldValidationMode``.
        plan: A Task's Resource.

    Raises:
        ServiceError: ValidationException, with AWS's text.
    """
    if "errorOutput" in mock:
        output = mock["errorOutput"]
        return TestedMock(error=output.get("error"), cause=output.get("cause"))
    mode = mock.get("fieldValidationMode", "STRICT")
    if mode not in _MODES:
        where = f"Value '{mode}' at 'mock.fieldValidationMode' failed to satisfy constraint"
        allowed = f"Member must satisfy enum value set: [{', '.join(_MODES)}]"
        raise validation_error(f"1 validation error detected: {where}: {allowed}")
    result = read_json(mock["result"], "Mocked result")
    _require_branch_results(state, result)
    mismatch = find_mismatch(plan, result, is_strict=mode == "STRICT") if plan is not None and mode != "NONE" else None
    if mismatch is not None:
        raise validation_error(f"Mock result schema validation error: {mismatch}")
    return TestedMock(result=result)


def _require_branch_results(state: State, result: JSONValue) -> None:
    if isinstance(state, MapState) and state.result_writer is not ABSENT:
        if not isinstance(result, dict):
            raise validation_error("Mocked result must be a JSON object.")
    elif isinstance(state, MapState | ParallelState) and not isinstance(result, list):
        raise validation_error("Mocked result must be an array.")
    if isinstance(state, ParallelState) and len(result) != len(state.branches):
        message = "Mocked result must contain the same number of items as number of Parallel branches."
        raise validation_error(message)
