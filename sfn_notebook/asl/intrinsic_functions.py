"""What each of the 18 intrinsic functions computes; nothing of how a call is written or where its values come from.

Source: results recorded on AWS; limits from "Intrinsic functions for JSONPath states in Step Functions" (AWS).
"""

import base64
import binascii
import hashlib
import json
import math
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import UUID

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl.java_text import java_text

MAX_TEXT_CHARACTERS: Final = 10_000
MAX_RANGE_ITEMS: Final = 1_000
MAX_ARRAY_BYTES: Final = 262_144
INT32: Final = range(-(2**31), 2**31)
HASHES: Final = ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512")


class ArgumentRefused(Exception):  # noqa: N818 - a reason, which the caller turns into States.IntrinsicFailure
    """A value that a function cannot work on; the message says why, without the function's name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IntrinsicFunction:
    """One function: ``body`` takes the values (the generator first if ``is_random``).

    ``maximum`` ``None`` means any number of arguments.
    """

    body: Callable[..., JSONValue]
    minimum: int
    maximum: int | None
    is_random: bool = False


def _kind(value: JSONValue) -> str:
    kinds = {type(None): "null", bool: "a boolean", str: "a string", list: "an array", dict: "an object"}
    return kinds.get(type(value), "a number")


def _text(value: JSONValue, which: str, *, longest: int | None = None) -> str:
    if not isinstance(value, str):
        raise ArgumentRefused(f"{which} must be a string, not {_kind(value)}")
    if longest is not None and len(value) > longest:
        raise ArgumentRefused(f"{which} may have at most {longest} characters, not {len(value)}")
    return value


def _array(value: JSONValue, which: str = "the first argument") -> list[JSONValue]:
    if not isinstance(value, list):
        raise ArgumentRefused(f"{which} must be an array, not {_kind(value)}")
    return value


def _rounded(value: JSONValue, which: str) -> int:
    """Round half up, toward plus infinity, as Java's ``Math.round``; then require the 32-bit range."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value in (math.inf, -math.inf):
        raise ArgumentRefused(f"{which} must be a number, not {_kind(value)}")
    floor = math.floor(value)
    number = floor + int(value - floor >= 0.5)
    if number not in INT32:
        raise ArgumentRefused(f"{which} must be between {INT32.start} and {INT32.stop - 1}")
    return number


def _array_of(*values: JSONValue) -> JSONValue:
    return list(values)


def _array_partition(array: JSONValue, size: JSONValue) -> JSONValue:
    items, length = _array(array), _rounded(size, "the chunk size")
    if length < 1:
        raise ArgumentRefused(f"the chunk size must be a positive integer, not {length}")
    if _json.size_bytes(items) > MAX_ARRAY_BYTES:
        raise ArgumentRefused(f"the array may have at most {MAX_ARRAY_BYTES} bytes")
    return [items[start : start + length] for start in range(0, len(items), length)]


def _array_contains(array: JSONValue, value: JSONValue) -> JSONValue:
    return any(_json.equal(item, value) for item in _array(array))


def _array_range(first: JSONValue, last: JSONValue, step: JSONValue) -> JSONValue:
    start, end = _rounded(first, "the first argument"), _rounded(last, "the second argument")
    distance = _rounded(step, "the step")
    if distance == 0:
        raise ArgumentRefused("the step must not be zero")
    numbers = range(start, end + (1 if distance > 0 else -1), distance)
    if len(numbers) > MAX_RANGE_ITEMS:
        raise ArgumentRefused(f"the array may have at most {MAX_RANGE_ITEMS} items, not {len(numbers)}")
    return list(numbers)


def _array_get_item(array: JSONValue, index: JSONValue) -> JSONValue:
    items = _array(array)
    position = int(index) if isinstance(index, float) and index.is_integer() else index
    if isinstance(position, bool) or not isinstance(position, int):
        raise ArgumentRefused("the index must be an integer")
    if not 0 <= position < len(items):
        raise ArgumentRefused(f"the index is outside of the array of {len(items)} items")
    return items[position]


def _array_unique(array: JSONValue) -> JSONValue:
    first_seen: dict[Hashable, JSONValue] = {}
    for item in _array(array):
        first_seen.setdefault(_json.identity(item), item)
    return list(first_seen.values())


def _base64_encode(value: JSONValue) -> JSONValue:
    text = _text(value, "the argument", longest=MAX_TEXT_CHARACTERS)
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


def _base64_decode(value: JSONValue) -> JSONValue:
    text = _text(value, "the argument", longest=MAX_TEXT_CHARACTERS)
    try:
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise ArgumentRefused("the argument is not Base64 of UTF-8 text") from None


def _hash(value: JSONValue, algorithm: JSONValue) -> JSONValue:
    text = _text(value, "the first argument", longest=MAX_TEXT_CHARACTERS)
    if algorithm not in HASHES:
        raise ArgumentRefused(f"the algorithm must be one of {', '.join(HASHES)}")
    # The function promises this very digest, whatever it is used for.
    digest = hashlib.new(algorithm.replace("-", ""), text.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return digest.hexdigest()


def _json_merge(left: JSONValue, right: JSONValue, deep: JSONValue) -> JSONValue:
    if deep is not False:
        raise ArgumentRefused("the third argument must be false: only a shallow merge is supported")
    for which, value in (("first", left), ("second", right)):
        if not isinstance(value, dict):
            raise ArgumentRefused(f"the {which} argument must be an object, not {_kind(value)}")
    return {**left, **right}


def _string_to_json(value: JSONValue) -> JSONValue:
    text = _text(value, "the argument")
    if not text.strip(" \t\r\n"):
        return None
    try:
        parsed = _json.load(text)
        _json.dump(parsed)  # 1e999 reads as infinity, which no later step could write
    except json.JSONDecodeError as error:
        reason = f"the argument is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise ArgumentRefused(reason) from None
    except (ValueError, RecursionError):
        raise ArgumentRefused("the argument is not JSON that a payload can hold") from None
    return parsed


def _math_random(random: Random, start: JSONValue, end: JSONValue, seed: JSONValue = None) -> JSONValue:
    low, high = _rounded(start, "the first argument"), _rounded(end, "the second argument")
    if low >= high:
        raise ArgumentRefused(f"the start {low} must be less than the end {high}")
    if seed is None:
        return random.randrange(low, high)
    # A seed asks for the same number each time; AWS's own sequence is not known.
    return Random(_rounded(seed, "the seed")).randrange(low, high)  # noqa: S311 - repeats by design, guards nothing


def _math_add(left: JSONValue, right: JSONValue) -> JSONValue:
    return _rounded(left, "the first argument") + _rounded(right, "the second argument")


def _string_split(value: JSONValue, delimiters: JSONValue) -> JSONValue:
    text, characters = _text(value, "the first argument"), _text(delimiters, "the second argument")
    pieces = re.split("|".join(map(re.escape, characters)), text) if characters else [text]
    return [piece for piece in pieces if piece]


def _format(template: JSONValue, *values: JSONValue) -> JSONValue:
    pieces = _text(template, "the first argument").split("{}")
    return fill_template(pieces, values)


def fill_template(pieces: list[str], values: tuple[JSONValue, ...]) -> str:
    """Put one value between each two pieces, printed as States.Format prints.

    Raises:
        ArgumentRefused: If there are not as many values as gaps.
    """
    if len(pieces) != len(values) + 1:
        raise ArgumentRefused(
            "Invalid arguments in States.Format: the number of arguments does not match the occurrences of {}: "
            f"{len(values)} and {len(pieces) - 1}"
        )
    parts = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        parts += (java_text(value), piece)
    return "".join(parts)


def _uuid(random: Random) -> JSONValue:
    return str(UUID(int=random.getrandbits(128), version=4))


def _function(body: Callable[..., JSONValue], minimum: int, maximum: int | None) -> IntrinsicFunction:
    return IntrinsicFunction(body=body, minimum=minimum, maximum=maximum)


FUNCTIONS: Mapping[str, IntrinsicFunction] = {
    "States.Array": _function(_array_of, 0, None),
    "States.ArrayContains": _function(_array_contains, 2, 2),
    "States.ArrayGetItem": _function(_array_get_item, 2, 2),
    "States.ArrayLength": _function(lambda array: len(_array(array, "the argument")), 1, 1),
    "States.ArrayPartition": _function(_array_partition, 2, 2),
    "States.ArrayRange": _function(_array_range, 3, 3),
    "States.ArrayUnique": _function(_array_unique, 1, 1),
    "States.Base64Decode": _function(_base64_decode, 1, 1),
    "States.Base64Encode": _function(_base64_encode, 1, 1),
    "States.Format": _function(_format, 1, None),
    "States.Hash": _function(_hash, 2, 2),
    "States.JsonMerge": _function(_json_merge, 3, 3),
    "States.JsonToString": _function(_json.dump, 1, 1),
    "States.MathAdd": _function(_math_add, 2, 2),
    "States.MathRandom": IntrinsicFunction(body=_math_random, minimum=2, maximum=3, is_random=True),
    "States.StringSplit": _function(_string_split, 2, 2),
    "States.StringToJson": _function(_string_to_json, 1, 1),
    "States.UUID": IntrinsicFunction(body=_uuid, minimum=0, maximum=0, is_random=True),
}
"""By name. Source: Amazon States Language, "Intrinsic Functions"."""
