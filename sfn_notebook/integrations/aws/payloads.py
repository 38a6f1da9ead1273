"""Parameters and answers between Step Functions' JSON and the values of AWS's SDK; it calls nothing.

Fields are matched whatever their case, texts that are documents may be given as values, instants are ISO 8601 texts.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue, is_number
from sfn_notebook.integrations.aws.service_names import field_name

_MAX_DEPTH: Final = 40
"""Shapes that hold themselves (a DynamoDB value does) are looked at no deeper."""

_IS: Final[Mapping[str, Callable[[JSONValue], bool]]] = {
    "structure": lambda value: isinstance(value, dict),
    "map": lambda value: isinstance(value, dict),
    "list": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": is_number,
    "long": is_number,
    "float": is_number,
    "double": is_number,
    "boolean": lambda value: isinstance(value, bool),
}
_NOUNS: Final = {
    "structure": "an OBJECT",
    "map": "an OBJECT",
    "list": "an ARRAY",
    "string": "a STRING",
    "boolean": "a BOOLEAN",
}


def faults_of(shape: Any, parameters: JSONValue) -> Iterator[str]:
    """Why AWS does not start a Task with these parameters, each reason in its words; nothing where it does.

    Source: the texts about required fields and strings are recorded ones; the others are made after them.
    """
    if not isinstance(parameters, dict):
        yield "The Parameters must be an OBJECT"
        return
    if shape is None:
        return
    names = _names(shape)
    given = {names.get(name.casefold(), name) for name in parameters}
    for name in shape.required_members:
        if name not in given:
            yield f"The field '{field_name(name)}' is required but was missing"
    yield from _faults(shape, parameters, 0)


def _faults(shape: Any, value: JSONValue, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH or value is None:
        return
    for key, part, inner in _parts(shape, value):
        if inner is None:
            yield f"The field '{key}' is not supported by Step Functions"
        elif part is not None and not _IS.get(inner.type_name, _anything)(part):
            yield f"The value for the field '{key}' must be {_NOUNS.get(inner.type_name, 'a NUMBER')}"
        else:
            yield from _faults(inner, part, depth + 1)


def _anything(_value: JSONValue) -> bool:
    return True


def _parts(shape: Any, value: JSONValue) -> Iterator[tuple[str, JSONValue, Any]]:
    """The parts of a value beside their shapes; ``None`` where the model has no such field."""
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        names = _names(shape)
        for key, part in value.items():
            yield key, part, shape.members.get(names.get(key.casefold(), ""))
    elif shape.type_name == "list" and isinstance(value, list):
        yield from (("", part, shape.member) for part in value)
    elif shape.type_name == "map" and isinstance(value, dict):
        yield from ((key, part, shape.value) for key, part in value.items())


def _names(shape: Any) -> dict[str, str]:
    return {name.casefold(): name for name in shape.members}


def request_of(shape: Any, value: JSONValue) -> Any:  # noqa: PLR0911 - one per type of a shape
    """``value`` as boto3 takes it, without fields that are null, as the SDK for Java leaves them out, or unknown."""
    if shape is None or value is None:
        return value
    match shape.type_name:
        case "structure" if isinstance(value, dict) and not getattr(shape, "is_document_type", False):
            names = _names(shape)
            found = ((names.get(key.casefold()), part) for key, part in value.items() if part is not None)
            return {name: request_of(shape.members[name], part) for name, part in found if name is not None}
        case "list" if isinstance(value, list):
            return [request_of(shape.member, part) for part in value]
        case "map" if isinstance(value, dict):
            return {key: request_of(shape.value, part) for key, part in value.items()}
        case "integer" | "long" if isinstance(value, float) and value.is_integer():
            return int(value)
        case "blob":
            return (value if isinstance(value, str) else _json.dump(value)).encode()
    return value


def answer_of(shape: Any, value: Any, *, spell: Callable[[str], str] = field_name) -> JSONValue:
    """What boto3 returned, as JSON with fields as ``spell`` has them."""
    if shape is not None and shape.type_name == "structure" and isinstance(value, dict) and shape.members:
        kept = {name: part for name, part in value.items() if name != "ResponseMetadata"}
        return {spell(name): answer_of(shape.members.get(name), part, spell=spell) for name, part in kept.items()}
    if isinstance(value, dict):
        inner = getattr(shape, "value", None)
        kept = {key: part for key, part in value.items() if key != "ResponseMetadata"}
        return {key: answer_of(inner, part, spell=spell) for key, part in kept.items()}
    if isinstance(value, list):
        return [answer_of(getattr(shape, "member", None), part, spell=spell) for part in value]
    return _plain(value)


def _plain(value: Any) -> JSONValue:
    if isinstance(value, datetime):
        instant = value.astimezone(UTC)
        return instant.strftime("%Y-%m-%dT%H:%M:%S") + (
            f".{instant.microsecond // 1000:03d}Z" if instant.microsecond else "Z"
        )
    if hasattr(value, "read"):
        with value:
            value = value.read()
    if isinstance(value, bytes | bytearray):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return base64.b64encode(value).decode()
    return value


def object_of(value: JSONValue) -> JSONObject:
    """``value`` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
