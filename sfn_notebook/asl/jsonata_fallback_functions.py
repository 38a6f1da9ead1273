"""Functions that replace wrong ones of the jsonata-python package; it knows nothing of how they are called.

Source: JSONata documentation, "Numeric Functions", "Date/Time Functions", "Array Functions"; jsonata.js 2.0.6's
results in the official suite.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_functions import mismatch
from sfn_notebook.asl.jsonata_scope import JsonataError

_DECIMAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_BASED: Final = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[-+]\d\d:?\d\d)?)?)?)?", re.ASCII
)
Item = TypeVar("Item")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def number(value: JSONValue) -> JSONValue:
    """``$number(value)``.

    Raises:
        JsonataError: D3030 for a text that is no number.
    """
    if isinstance(value, bool | int | float):
        return int(value) if isinstance(value, bool) else value
    if isinstance(value, str):
        if _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
            parsed = float(value)
            return int(parsed) if parsed.is_integer() and abs(parsed) < 1e21 else parsed
        if _BASED.fullmatch(value):
            return int(value, 0)
    if isinstance(value, str):
        raise JsonataError.of("D3030", value=value)
    raise mismatch("number", 1)


def power(base: float, exponent: float) -> JSONValue:
    """``$power(base, exponent)``.

    Raises:
        JsonataError: D3061 where the result is no real, finite number.
    """
    try:
        result = math.pow(base, exponent)
    except (ValueError, OverflowError):
        raise JsonataError.of("D3061", value=base, exp=exponent) from None
    return int(result) if result.is_integer() and abs(result) < 2**53 else result


def iso_milliseconds(text: str) -> JSONValue:
    """``$toMillis(text)``: an ISO 8601 date with or without time, UTC if it names no zone.

    Raises:
        JsonataError: D3110 for any other text and for dates that do not exist.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise JsonataError.of("D3110", value=text)
    year, month, day, hour, minute, second = (
        int(part) if part else default for part, default in zip(match.groups()[:6], (0, 1, 1, 0, 0, 0), strict=True)
    )
    fraction = (match.group(7) or "0").ljust(3, "0")[:3]
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC) + timedelta(milliseconds=int(fraction))
    except ValueError:
        raise JsonataError.of("D3110", value=text) from None
    zone = (match.group(8) or "Z").replace(":", "")
    if zone != "Z":
        minutes = int(zone[1:3]) * 60 + int(zone[3:5])
        moment -= timedelta(minutes=minutes if zone[0] == "+" else -minutes)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def count(array: JSONValue) -> JSONValue:
    """``$count(array)``: a single value counts one, ``null`` too."""
    return len(array) if isinstance(array, list) else 1


def sort(items: Sequence[Item], comes_after: Callable[[Item, Item], bool]) -> list[Item]:
    """Sort stably where only "comes after" is known, asking in the order of JSONata.js."""
    if len(items) <= 1:
        return list(items)
    middle = len(items) // 2
    left, right = sort(items[:middle], comes_after), sort(items[middle:], comes_after)
    merged: list[Item] = []
    at_left = at_right = 0
    while at_left < len(left) and at_right < len(right):
        if comes_after(left[at_left], right[at_right]):
            merged.append(right[at_right])
            at_right += 1
        else:
            merged.append(left[at_left])
            at_left += 1
    return [*merged, *left[at_left:], *right[at_right:]]


def plain_sort(items: Sequence[JSONValue]) -> list[JSONValue]:
    """``$sort(array)`` of texts or of numbers.

    Raises:
        JsonataError: D3070 for anything else.
    """
    if len(items) <= 1:
        return list(items)
    are_texts = all(isinstance(item, str) for item in items)
    are_numbers = all(isinstance(item, int | float) and not isinstance(item, bool) for item in items)
    if not (are_texts or are_numbers):
        raise JsonataError.of("D3070")
    return sort(items, operator.gt)


REPLACED: Final[Mapping[str, Callable[..., JSONValue]]] = {
    "count": count,
    "iso_milliseconds": iso_milliseconds,
    "number": number,
    "power": power,
}

# {h} stands before the name of a host function, {o} before that of the package's own function.
REPLACEMENTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "count": ("$count:=function($array)<x:n>{{$exists($array)?${h}count($array):0}};", ("count",)),
    "number": ("$number:=function($value)<(nsb)-:n>{{$exists($value)?${h}number($value)}};", ("number",)),
    "power": (
        "$power:=function($base,$exponent)<n-n:n>{{$exists($base)?${h}power($base,$exponent)}};",
        ("power",),
    ),
    "sort": (
        (
            "$sort:=function($array,$comparator)<af?:a>"
            "{{$exists($array)?$exists($comparator)?${h}sort($array,$comparator):${h}sort($array)}};"
        ),
        ("sort",),
    ),
    "toMillis": (
        (
            "$picture_toMillis:=$toMillis;$toMillis:=function($text,$picture)<s-s?:n>{{$exists($picture)"
            "?$picture_toMillis($text,$picture):$exists($text)?${h}iso_milliseconds($text)}};"
        ),
        ("iso_milliseconds",),
    ),
}
