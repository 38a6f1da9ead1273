"""JSONata's functions by name, and what AWS's own six compute; nothing of how an engine calls them.

Source: JSONata documentation, the function reference; AWS developer guide, "Transforming data with JSONata in Step
Functions": ``$partition``, ``$range``, ``$hash``, ``$random``, ``$uuid`` and ``$parse`` are added, ``$eval`` is not
supported. Recorded: ``$range(1,9,9)`` is ``1`` and ``$parse('-0')`` is ``0``.
"""

import hashlib
import math
from collections.abc import Callable, Hashable, Mapping
from random import Random
from typing import Final
from uuid import UUID

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_scope import JsonataError

MAX_SEQUENCE_LENGTH: Final = 1_000_000
MAX_TEXT_CHARACTERS: Final = 10_000_000
HASHES: Final = ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512")

# How many arguments each function of JSONata 2.0.6 takes at most.
STANDARD_FUNCTIONS: Final[Mapping[str, int]] = {
    "abs": 1,
    "append": 2,
    "assert": 2,
    "average": 1,
    "base64decode": 1,
    "base64encode": 1,
    "boolean": 1,
    "ceil": 1,
    "clone": 1,
    "contains": 2,
    "count": 1,
    "decodeUrl": 1,
    "decodeUrlComponent": 1,
    "distinct": 1,
    "each": 2,
    "encodeUrl": 1,
    "encodeUrlComponent": 1,
    "error": 1,
    "exists": 1,
    "filter": 2,
    "floor": 1,
    "formatBase": 2,
    "formatInteger": 2,
    "formatNumber": 3,
    "fromMillis": 3,
    "join": 2,
    "keys": 1,
    "length": 1,
    "lookup": 2,
    "lowercase": 1,
    "map": 2,
    "match": 3,
    "max": 1,
    "merge": 1,
    "millis": 0,
    "min": 1,
    "not": 1,
    "now": 2,
    "number": 1,
    "pad": 3,
    "parseInteger": 2,
    "power": 2,
    "reduce": 3,
    "replace": 4,
    "reverse": 1,
    "round": 2,
    "shuffle": 1,
    "sift": 2,
    "single": 2,
    "sort": 2,
    "split": 3,
    "spread": 1,
    "sqrt": 1,
    "string": 2,
    "substring": 3,
    "substringAfter": 2,
    "substringBefore": 2,
    "sum": 1,
    "toMillis": 2,
    "trim": 1,
    "type": 1,
    "uppercase": 1,
    "zip": 255,
}
# How many arguments a function needs so that it does not take the context value for its first.
CONTEXT_FUNCTIONS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("abs", "base64decode", "base64encode", "boolean", "ceil", "clone", "decodeUrl"), 1),
    **dict.fromkeys(("decodeUrlComponent", "encodeUrl", "encodeUrlComponent", "floor", "formatBase"), 1),
    **dict.fromkeys(("fromMillis", "keys", "length", "lowercase", "not", "number", "round", "spread", "sqrt"), 1),
    **dict.fromkeys(("string", "toMillis", "trim", "uppercase"), 1),
    **dict.fromkeys(("contains", "each", "formatInteger", "formatNumber", "lookup", "match", "pad"), 2),
    **dict.fromkeys(("parseInteger", "power", "sift", "split", "substring", "substringAfter", "substringBefore"), 2),
    "replace": 3,
}
AWS_FUNCTIONS: Final = frozenset({"hash", "parse", "partition", "random", "range", "uuid"})
REMOVED_FUNCTIONS: Final = frozenset({"eval"})
FUNCTION_NAMES: Final = frozenset({*STANDARD_FUNCTIONS, *AWS_FUNCTIONS})


def mismatch(function: str, index: int) -> JsonataError:
    """The failure of a call whose argument ``index`` (from 1) has a wrong type."""
    return JsonataError.of("T0410", index=index, token=function)


def _refusal(text: str) -> JsonataError:
    return JsonataError.of("D3137", message=text)


def _integer(value: JSONValue, function: str, index: int) -> int:
    if not _json.is_finite_number(value):
        raise mismatch(function, index)
    if value != math.floor(value):
        raise _refusal(f"Argument {index} of function ${function} must be an integer, but was {value}")
    return int(value)


def partition(array: JSONValue, size: JSONValue) -> JSONValue:
    """``$partition(array, size)``: pieces of ``size`` items, the last may be shorter; one value is a list of it.

    Raises:
        JsonataError: If ``size`` is no positive integer.
    """
    items = array if isinstance(array, list) else [array]
    length = _integer(size, "partition", 2)
    if length < 1:
        raise _refusal(f"The chunk size of function $partition must be a positive integer, but was {length}")
    return [items[start : start + length] for start in range(0, len(items), length)]


def number_range(first: JSONValue, last: JSONValue, step: JSONValue) -> JSONValue:
    """``$range(first, last, step)``: ``last`` is included; one number stands alone, no number is an empty array.

    Raises:
        JsonataError: For arguments that are no integers, and for more than a million numbers.
    """
    start, end = _integer(first, "range", 1), _integer(last, "range", 2)
    distance = _integer(step, "range", 3)
    if distance == 0:
        return []  # AWS's documentation gives this result
    numbers = range(start, end + (1 if distance > 0 else -1), distance)
    if len(numbers) > MAX_SEQUENCE_LENGTH:
        raise JsonataError.of("D2014", value=len(numbers))
    return numbers[0] if len(numbers) == 1 else list(numbers)


def text_hash(text: JSONValue, algorithm: JSONValue) -> JSONValue:
    """``$hash(text, algorithm)``: hexadecimal, lower case.

    Raises:
        JsonataError: For anything but text and one of ``HASHES``.
    """
    if not isinstance(text, str):
        raise mismatch("hash", 1)
    if not isinstance(algorithm, str):
        raise mismatch("hash", 2)
    if algorithm not in HASHES:
        raise _refusal(f"The algorithm of function $hash must be one of {', '.join(HASHES)}, but was {algorithm}")
    # The function promises this very digest, whatever it is used for.
    digest = hashlib.new(algorithm.replace("-", ""), text.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return digest.hexdigest()


def random_number(generator: Random, *seed: JSONValue) -> JSONValue:
    """``$random()`` draws from ``generator``; ``$random(seed)`` is the same number for the same seed. 0 <= n < 1.

    Raises:
        JsonataError: For a seed that is no number.
    """
    if not seed:
        return generator.random()
    if not _json.is_finite_number(seed[0]):
        raise mismatch("random", 1)
    return Random(repr(float(seed[0]))).random()  # noqa: S311 - must repeat for a seed; nothing secret is drawn


def milliseconds(now_seconds: float) -> int:
    """``$millis()`` for an execution's time in seconds since 1970."""
    return math.floor(now_seconds * 1000 + 0.5)


def uuid(generator: Random) -> JSONValue:
    """``$uuid()``: a version 4 UUID drawn from ``generator``."""
    return str(UUID(int=generator.getrandbits(128), version=4))


def shuffle(generator: Random, array: JSONValue) -> JSONValue:
    """``$shuffle(array)``, drawn from ``generator``: an engine's own generator would not repeat on replay."""
    items = list(array) if isinstance(array, list) else [array]
    generator.shuffle(items)
    return items


def parse(text: JSONValue) -> JSONValue:
    """``$parse(text)``: the value that the JSON text stands for; ``-0`` is 0, as recorded.

    Raises:
        JsonataError: For anything but JSON text, and for numbers that JSON cannot write again.
    """
    if not isinstance(text, str):
        raise mismatch("parse", 1)
    try:
        value = _json.load(text)
        _json.dump(value)  # 1e999 reads as infinity, which no later step could write
    except (ValueError, RecursionError):
        raise _refusal("The argument of function $parse is not JSON text") from None
    return 0 if type(value) is float and value == 0 else value


def distinct(array: JSONValue) -> JSONValue:
    """``$distinct(array)`` in linear time, for arrays on which an engine's comparison of all pairs would not end."""
    if not isinstance(array, list) or len(array) <= 1:
        return array
    first_seen: dict[Hashable, JSONValue] = {}
    for item in array:
        first_seen.setdefault(_json.identity(item), item)
    values = list(first_seen.values())
    return values[0] if len(values) == 1 else values


_CLOCK_PARTS: Final = (
    ("YX", "[Y0001]-"),
    ("Mdw", "[M01]-"),
    ("DdFW", "[D01]T"),
    ("HhP", "[H01]:"),
    ("m", "[m01]:"),
    ("s", "[s01]."),
)


def clock_picture(picture: JSONValue) -> JSONValue:
    """The parts of a date that ``picture`` leaves out before its first: JSONata takes them from the present time."""
    missing: list[str] = []
    for letters, part in _CLOCK_PARTS:
        if any(f"[{letter}" in str(picture) for letter in letters):
            return "".join(missing)
        missing.append(part)
    return ""  # no part of a date at all: a mistake, or a text without one


# By the name under which engines know them: the arguments are values, never undefined.
PURE_FUNCTIONS: Final[Mapping[str, Callable[..., JSONValue]]] = {
    "hash": text_hash,
    "parse": parse,
    "partition": partition,
    "range": number_range,
    "clock_picture": clock_picture,
    "distinct": distinct,
}
DRAWING_FUNCTIONS: Final[Mapping[str, Callable[..., JSONValue]]] = {
    "random": random_number,
    "shuffle": shuffle,
    "uuid": uuid,
}
