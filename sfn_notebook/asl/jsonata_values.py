"""JSON values on their way into an engine and out of it: what Rust and doubles cannot hold; no expressions."""

import math
from typing import Final

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_scope import Undefined

_INT64: Final = 2**63
# Lone surrogates travel as characters of a private plane, which no text uses by accident, and come back the same.
_LONE: Final = range(0xD800, 0xE000)
_PRIVATE: Final = range(0x10F000, 0x10F800)
_INTO_PRIVATE: Final = dict(zip(_LONE, _PRIVATE, strict=True))
_OUT_OF_PRIVATE: Final = dict(zip(_PRIVATE, _LONE, strict=True))
_SHORTEST_EXPONENT: Final = 1e21  # JavaScript writes whole numbers below this without an exponent


def has_surrogates(text: str) -> bool:
    """Whether ``text`` holds a lone surrogate, which UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def to_engine_text(text: str) -> str:
    """``text`` without lone surrogates."""
    return text.translate(_INTO_PRIVATE)


def to_engine_value(value: JSONValue) -> JSONValue:
    """A copy of ``value`` that Rust can hold: integers beyond 64 bits as doubles, no lone surrogates, lists for tuples.

    Raises:
        TypeError: For a value that is not JSON.
    """
    match value:
        case bool() | float() | None | Undefined():
            return value
        case int():
            return value if -_INT64 <= value < _INT64 else _double(value)
        case str():
            return to_engine_text(value)
        case list() | tuple():
            return [to_engine_value(item) for item in value]
        case dict():
            return {to_engine_text(key): to_engine_value(item) for key, item in value.items()}
        case _:
            raise TypeError(f"a value of type {type(value).__name__} is not JSON")


def _double(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def from_engine_value(value: JSONValue) -> JSONValue:
    """Undo ``to_engine_value`` for texts; integers stay the doubles that they became."""
    match value:
        case str():
            return value.translate(_OUT_OF_PRIVATE)
        case list():
            return [from_engine_value(item) for item in value]
        case dict():
            return {key.translate(_OUT_OF_PRIVATE): from_engine_value(item) for key, item in value.items()}
        case _:
            return value


def is_finite(value: JSONValue) -> bool:
    """Whether ``value`` holds no infinity and no NaN, at any depth."""
    values = [value]
    while values:
        match values.pop():
            case float() as number if not math.isfinite(number):
                return False
            case list() as items:
                values.extend(items)
            case dict() as members:
                values.extend(members.values())
            case _:
                pass
    return True


def whole_number(value: JSONValue) -> JSONValue:
    """``1e20`` as the integer that JavaScript writes for it; anything else unchanged."""
    if type(value) is float and abs(value) < _SHORTEST_EXPONENT and value.is_integer():
        return int(value)
    return value
