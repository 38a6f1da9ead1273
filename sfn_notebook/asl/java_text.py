"""How Java prints JSON values, where AWS's texts show it: States.Format and path errors; nothing of either."""

import math
from collections.abc import Mapping
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONValue


def number_text(value: float) -> str:
    """Print a number as ``Integer.toString`` and ``Double.toString`` do: ``1``, ``1.1``, ``1.0E20``.

    Source: java.lang.Double.toString.
    """
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(digits)
    power = int(exponent or 0) + len(whole) - 1 - leading_zeros
    return f"{sign}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{power}"


def java_text(value: JSONValue) -> str:
    """Print ``value`` as ``String.valueOf`` does for Java's maps and lists: ``{Arg1=1, Arg2=[]}``.

    Source: recorded results of States.Format; arrays with items are by analogy.
    """
    return _printed(value, has_json_arrays=False) if isinstance(value, dict | list) else _scalar_text(value)


def context_text(value: JSONValue) -> str:
    """Print ``value`` as the Java path engine shows the context of an error: as ``java_text``, but arrays as JSON."""
    return _printed(value, has_json_arrays=True) if isinstance(value, dict | list) else _scalar_text(value)


def _scalar_text(value: JSONValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return number_text(value)
        case _:
            raise TypeError(f"{type(value).__name__} is not a JSON type")


def _printed(value: JSONValue, *, has_json_arrays: bool) -> str:
    """Print without recursion: the text of a deep payload must not depend on the stack of whoever asks."""
    pieces: list[str] = []
    waiting: list[tuple[str, JSONValue]] = [("", value)]  # what stands before a value, and the value
    while waiting:
        before, part = waiting.pop()
        pieces.append(before)
        if part is ABSENT:
            continue
        if isinstance(part, list) and has_json_arrays:
            pieces.append(_json.dump(part))
        elif isinstance(part, dict | list):
            opening, closing = "{}" if isinstance(part, dict) else "[]"
            pieces.append(opening)
            waiting.append((closing, ABSENT))
            names = [f"{key}=" for key in part] if isinstance(part, dict) else [""] * len(part)
            inner = list(part.values()) if isinstance(part, dict) else part
            # The last part first: what is put last is taken next.
            waiting.extend((f"{', ' if at else ''}{names[at]}", inner[at]) for at in range(len(inner) - 1, -1, -1))
        else:
            pieces.append(_scalar_text(part))
    return "".join(pieces)


_CLASSES: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "java.lang.Boolean",
    str: "java.lang.String",
    float: "java.lang.Double",
    list: "net.minidev.json.JSONArray",
    dict: "java.util.LinkedHashMap",
}


def class_name(value: JSONValue) -> str:
    """The Java class that holds ``value`` in the path engine, as its error texts name it."""
    return _CLASSES.get(type(value)) or _integer_class(value)


def _integer_class(value: int) -> str:
    if -(2**31) <= value < 2**31:
        return "java.lang.Integer"
    return "java.lang.Long" if -(2**63) <= value < 2**63 else "java.math.BigInteger"
