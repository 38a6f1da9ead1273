"""How many bytes DynamoDB counts for attribute values; it knows no table and no limit.

Source: DynamoDB developer guide, "DynamoDB item sizes and formats". The sample events in Lambda's developer guide,
"Using Lambda with DynamoDB", are counted so.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from sfn_notebook._json import JSONValue

_CONTAINER_BYTES: Final = 3
"""Of a list or a map, whatever is in it; each of its elements takes one more."""


def item_bytes(item: Mapping[str, JSONValue]) -> int:
    """The size of attributes by name, values as an event has them: ``{"id": {"N": "101"}}``, binary ones in base64."""
    return sum(_text_bytes(name) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: JSONValue) -> int:
    ((kind, content),) = value.items()
    return _SIZES[kind](content)


def _text_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _number_bytes(text: str) -> int:
    """One byte for two significant digits, and one."""
    try:
        digits = Decimal(text).normalize().as_tuple().digits
    except InvalidOperation:
        return 1
    return 1 + (len(digits) + 1) // 2


def _binary_bytes(text: str) -> int:
    return len(text.rstrip("=")) * 3 // 4


def _list_bytes(values: Sequence[JSONValue]) -> int:
    return _CONTAINER_BYTES + sum(1 + _value_bytes(each) for each in values)


def _map_bytes(item: Mapping[str, JSONValue]) -> int:
    return _CONTAINER_BYTES + len(item) + item_bytes(item)


_SIZES: Final[Mapping[str, Callable[[JSONValue], int]]] = {
    "S": _text_bytes,
    "N": _number_bytes,
    "B": _binary_bytes,
    "SS": lambda texts: sum(map(_text_bytes, texts)),
    "NS": lambda texts: sum(map(_number_bytes, texts)),
    "BS": lambda texts: sum(map(_binary_bytes, texts)),
    "L": _list_bytes,
    "M": _map_bytes,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
}
"""Bytes of a value by its type."""
