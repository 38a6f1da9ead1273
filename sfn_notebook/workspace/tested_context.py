"""What the expressions of a tested state see: a mocked Context Object or one of AWS's form, and given variables.

Source: Step Functions Developer Guide, "Testing state machines with TestState API"; recorded answers.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sfn_notebook._json import JSONObject, JSONValue, is_number
from sfn_notebook.asl.compile import RetryableState
from sfn_notebook.engine.context_object import ExecutionHeader, FrameEnvironment
from sfn_notebook.workspace.service_errors import ServiceError, validation_error

_FIELDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Execution": {
            "Id": "string",
            "Input": "any",
            "Name": "string",
            "RoleArn": "string",
            "StartTime": "string",
            "RedriveCount": "number",
            "RedriveTime": "string",
        },
        "State": {"EnteredTime": "string", "Name": "string", "RetryCount": "number"},
        "StateMachine": {"Id": "string", "Name": "string"},
        "Task": {"Token": "string"},
    }
)
"""What a mocked Context Object may hold. Source: developer guide, "Accessing the Context object"."""


def require_context(context_object: JSONValue, *, has_token: bool) -> JSONObject:
    """Check a mocked Context Object.

    Args:
        context_object: What was given.
        has_token: Whether the state is a Task with ``.sync`` or ``.waitForTaskToken``.

    Raises:
        ServiceError: ValidationException, with AWS's text.
    """
    if not isinstance(context_object, dict):
        raise _refused("Context object must be a JSON object")
    if "Map" in context_object:
        raise _refused("'Map' field is not supported when mocking a Context object")
    for part, members in context_object.items():
        if part not in _FIELDS:
            raise _refused(f"Field '{part}' is not allowed")
        if not isinstance(members, dict):
            raise _refused(f"{part} must be an object")
        for name, value in members.items():
            _require_member(part, name, value)
    if "Task" in context_object and not has_token:
        patterns = "a '.sync' or '.waitForTaskToken' service integration pattern"
        raise _refused(f"Context object contains 'Task' when state is not a Task state with {patterns}")
    return context_object


def _require_member(part: str, name: str, value: JSONValue) -> None:
    kind = _FIELDS[part].get(name)
    if kind is None:
        raise _refused(f"Field '{name}' is not allowed")
    if (kind == "string" and not isinstance(value, str)) or (kind == "number" and not is_number(value)):
        raise _refused(f"{part}.{name} must be a {kind}")


def _refused(detail: str) -> ServiceError:
    return validation_error(f"Invalid Context object provided: {detail}")


class TestedEnvironment(FrameEnvironment):
    """The ``Environment`` of a tested state."""

    __slots__ = ("_given_variables", "_mocked", "_retry_count")
    __test__ = False

    def __init__(
        self,
        header: ExecutionHeader,
        *,
        mocked: JSONObject | None,
        variables: Mapping[str, JSONValue],
        retry_count: int,
    ) -> None:
        super().__init__(header)
        self._mocked = mocked
        self._given_variables = variables
        self._retry_count = retry_count

    @property
    def variables(self) -> Mapping[str, JSONValue]:
        """Those that were given."""
        return self._given_variables

    @property
    def context_object(self) -> JSONObject:
        """The mocked one as it is; else AWS's, which a tested state was recorded to see without RedriveCount."""
        if self._mocked is not None:
            # The item of a Map stands there also where the rest is mocked.
            return self._mocked | self._item()
        context_object = super().context_object
        execution = {name: value for name, value in context_object["Execution"].items() if name != "RedriveCount"}
        context_object = {**context_object, "Execution": execution}
        if self.frame is not None and isinstance(self.frame.state, RetryableState):
            context_object["State"] = {**context_object["State"], "RetryCount": self._retry_count}
        return context_object

    def _item(self) -> JSONObject:
        context_object = super().context_object
        return {"Map": context_object["Map"]} if "Map" in context_object else {}
