"""Whether a mocked result looks like the answer of the API that it stands for; it mocks nothing.

The shapes of all services come from botocore where it is installed (boto3 brings it); without it, those of the
optimised integrations that have a fixed answer are known here, and other results are taken as they are.
Source: Step Functions API reference, "MockInput"; recorded answers for the texts; botocore's service models.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from sfn_notebook._json import JSONValue, is_number
from sfn_notebook.engine.resources import Pattern, ResourceKind, ResourcePlan

_MAX_DEPTH: Final = 40
"""Shapes that hold themselves (a DynamoDB value does) are checked no deeper."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What a value must be. ``members`` are made when asked for, since a shape may hold itself."""

    kind: str
    required: tuple[str, ...] = ()
    members: Callable[[], Mapping[str, "Shape"]] = field(default=dict)
    element: "Callable[[], Shape] | None" = None
    values: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


def find_mismatch(plan: ResourcePlan, result: JSONValue, *, is_strict: bool) -> str | None:
    """The first thing in ``result`` that the API would not answer, in AWS's words; ``None`` where there is none.

    Args:
        plan: The Resource. Functions, activities and callbacks may answer anything.
        result: The mocked result.
        is_strict: Whether required fields must be there; what is there is checked either way.
    """
    if plan.kind is not ResourceKind.SERVICE or plan.pattern is Pattern.CALLBACK:
        return None
    shape = output_shape(plan)
    return None if shape is None else _mismatch("", result, shape, is_strict=is_strict, depth=0)


def output_shape(plan: ResourcePlan) -> Shape | None:
    """The shape of an integration's answer, its fields as Step Functions spells them; ``None`` where none is known."""
    service, action = plan.resource_type.removeprefix("aws-sdk:"), plan.action
    if plan.resource_type == "states" and plan.pattern is not Pattern.REQUEST_RESPONSE:
        action = "describeExecution"
    if (plan.resource_type, action) in _SHAPES:
        return _SHAPES[plan.resource_type, action]
    if service in ("http", "apigateway", "eks") and not plan.resource_type.startswith("aws-sdk:"):
        return None  # their answers are those of whatever is called
    return _botocore_shape(_SERVICES.get(service, service), action[:1].upper() + action[1:])


def _mismatch(name: str, value: JSONValue, shape: Shape, *, is_strict: bool, depth: int) -> str | None:
    if depth > _MAX_DEPTH or shape.kind == "any":
        return None
    if not _IS[shape.kind](value):
        subject = f"Field '{name}'" if name else "Mocked result"
        return f"{subject} must be {_NOUNS[shape.kind]}"
    if (beyond := _out_of_limits(name, value, shape)) is not None:
        return beyond
    inner: list[tuple[str, JSONValue, Shape]] = []
    if shape.kind == "structure":
        members = shape.members()
        missing = [each for each in shape.required if each not in value] if is_strict else []
        if missing:
            return f"Required field '{missing[0]}' is missing"
        inner = [(key, each, members[key]) for key, each in value.items() if key in members]
    elif shape.element is not None:
        element = shape.element()
        parts = value.items() if isinstance(value, dict) else ((name, each) for each in value)
        inner = [(key, each, element) for key, each in parts]
    found = (_mismatch(key, each, part, is_strict=is_strict, depth=depth + 1) for key, each, part in inner)
    return next((each for each in found if each is not None), None)


def _out_of_limits(name: str, value: JSONValue, shape: Shape) -> str | None:
    if shape.values and value not in shape.values:
        return f"Field '{name}' is not an expected value"
    low, high = shape.minimum, shape.maximum
    if shape.kind == "number":
        if low is not None and value < low:
            return f"Field '{name}' is less than the minimum value"
        if high is not None and value > high:
            return f"Field '{name}' exceeds the maximum value"
    elif shape.kind in ("string", "array", "object"):
        if low is not None and len(value) < low:
            return f"Field '{name}' is smaller than the minimum length"
        if high is not None and len(value) > high:
            return f"Field '{name}' exceeds the maximum length"
    return None


_IS: Final[Mapping[str, Callable[[JSONValue], bool]]] = MappingProxyType(
    {
        "structure": lambda value: isinstance(value, dict),
        "object": lambda value: isinstance(value, dict),
        "array": lambda value: isinstance(value, list),
        "string": lambda value: isinstance(value, str),
        "number": is_number,
        "boolean": lambda value: isinstance(value, bool),
    }
)
_NOUNS: Final = {
    "structure": "an object",
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "boolean": "a boolean",
}
_KINDS: Final = {
    "structure": "structure",
    "map": "object",
    "list": "array",
    "string": "string",
    "character": "string",
    "blob": "string",
    "timestamp": "string",  # recorded: neither a number nor a boolean will do
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
}
"""Type in a service model -> what a JSON value of it is."""

_SERVICES: Final = {"states": "stepfunctions", "sfn": "stepfunctions"}
"""Step Functions' name of a service -> botocore's, where they differ."""


@lru_cache(maxsize=256)
def _botocore_shape(service: str, operation: str) -> Shape | None:
    try:
        loaders: Any = importlib.import_module("botocore.loaders")
        exceptions: Any = importlib.import_module("botocore.exceptions")
    except ImportError:
        return None
    try:
        model = loaders.Loader().load_service_model(service, "service-2")
    except exceptions.DataNotFoundError:
        return None
    output = model["operations"].get(operation, {}).get("output")
    return None if output is None else _from_model(model["shapes"], output["shape"])


def _from_model(shapes: Mapping[str, Any], name: str) -> Shape:
    raw = shapes[name]
    kind = _KINDS.get(raw["type"], "any")
    if raw.get("document"):
        return Shape(kind="any")
    element = raw.get("member") if raw["type"] == "list" else raw.get("value")
    return Shape(
        kind=kind,
        required=tuple(_spelt(each) for each in raw.get("required", ())),
        members=lambda: {_spelt(key): _from_model(shapes, each["shape"]) for key, each in raw["members"].items()},
        element=None if element is None else lambda: _from_model(shapes, element["shape"]),
        values=tuple(raw.get("enum", ())),
        minimum=raw.get("min"),
        maximum=raw.get("max"),
    )


def _spelt(name: str) -> str:
    """A field as Step Functions spells it. Source: developer guide, "Integrating AWS SDKs": PascalCase."""
    return name[:1].upper() + name[1:]


_STRING: Final = Shape(kind="string")
_NUMBER: Final = Shape(kind="number")
_ANY: Final = Shape(kind="any")
_CAPACITY_PARTS: Final = dict.fromkeys(("CapacityUnits", "ReadCapacityUnits", "WriteCapacityUnits"), _NUMBER)


def _structure(members: Mapping[str, Shape], *required: str) -> Shape:
    return Shape(kind="structure", members=lambda: members, required=required)


def _array(element: Shape) -> Shape:
    return Shape(kind="array", element=lambda: element)


def _object(element: Shape = _ANY) -> Shape:
    return Shape(kind="object", element=lambda: element)


_CAPACITY: Final = _structure(
    {
        "TableName": _STRING,
        **_CAPACITY_PARTS,
        "Table": _structure(_CAPACITY_PARTS),
        "LocalSecondaryIndexes": _object(_structure(_CAPACITY_PARTS)),
        "GlobalSecondaryIndexes": _object(_structure(_CAPACITY_PARTS)),
    }
)
_WRITTEN: Final = _structure(
    {"Attributes": _object(), "ConsumedCapacity": _CAPACITY, "ItemCollectionMetrics": _object()}
)
_STATUSES: Final = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")

_SHAPES: Final[Mapping[tuple[str, str], Shape]] = MappingProxyType(
    {
        # Payload is what the function returned, not the blob that the API of Lambda has there.
        ("lambda", "invoke"): _structure(
            {
                "StatusCode": _NUMBER,
                "FunctionError": _STRING,
                "LogResult": _STRING,
                "Payload": _ANY,
                "ExecutedVersion": _STRING,
            }
        ),
        ("states", "startExecution"): _structure(
            {"ExecutionArn": _STRING, "StartDate": _STRING}, "ExecutionArn", "StartDate"
        ),
        # Input and Output are texts with .sync and values with .sync:2; dates are numbers in what AWS returns.
        ("states", "describeExecution"): _structure(
            {
                "ExecutionArn": _STRING,
                "StateMachineArn": _STRING,
                "Name": _STRING,
                "Status": Shape(kind="string", values=_STATUSES),
                "StartDate": _ANY,
                "StopDate": _ANY,
                "Input": _ANY,
                "Output": _ANY,
                "Error": _STRING,
                "Cause": _STRING,
            },
            "ExecutionArn",
            "StateMachineArn",
            "Status",
            "StartDate",
        ),
        ("events", "putEvents"): _structure(
            {
                "FailedEntryCount": _NUMBER,
                "Entries": _array(_structure(dict.fromkeys(("EventId", "ErrorCode", "ErrorMessage"), _STRING))),
            }
        ),
        ("sqs", "sendMessage"): _structure(
            dict.fromkeys(
                (
                    "MD5OfMessageBody",
                    "MD5OfMessageAttributes",
                    "MD5OfMessageSystemAttributes",
                    "MessageId",
                    "SequenceNumber",
                ),
                _STRING,
            )
        ),
        ("sns", "publish"): _structure({"MessageId": _STRING, "SequenceNumber": _STRING}),
        ("dynamodb", "getItem"): _structure({"Item": _object(), "ConsumedCapacity": _CAPACITY}),
        ("dynamodb", "putItem"): _WRITTEN,
        ("dynamodb", "updateItem"): _WRITTEN,
        ("dynamodb", "deleteItem"): _WRITTEN,
    }
)
"""Optimised integrations with a fixed answer. Source: API references of Lambda, Step Functions, EventBridge, SQS, SNS
and DynamoDB."""
