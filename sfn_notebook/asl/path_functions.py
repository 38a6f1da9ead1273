"""The functions that may end a JSONPath, such as ``.length()``: what each computes; not how a call is written."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl.path_steps import Failure, PathNotFound

PathFunction: TypeAlias = Callable[[JSONValue, Sequence[JSONValue]], JSONValue]


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """A function and how many arguments it takes; ``maximum`` ``None`` means any number."""

    function: PathFunction
    minimum: int = 0
    maximum: int | None = 0


def _spread(value: JSONValue) -> Sequence[JSONValue]:
    return value if isinstance(value, list) else [value]


def _aggregate(reduce: Callable[[Sequence[float]], float]) -> Signature:
    """Numbers of an array, and of the arguments; the answer is always a decimal number, as Java's double."""

    def function(value: JSONValue, arguments: Sequence[JSONValue]) -> JSONValue:
        items = list(value) if isinstance(value, list) else []
        items.extend(item for argument in arguments for item in _spread(argument))
        numbers = [_double(item) for item in items if _json.is_number(item)]
        if not numbers:
            raise PathNotFound("Aggregation function attempted to calculate value using empty array", Failure.REFUSED)
        return reduce(numbers)

    return Signature(function=function, maximum=None)


def _double(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        raise PathNotFound("Aggregation function met a number beyond the range of double", Failure.REFUSED) from None


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _deviation(numbers: Sequence[float]) -> float:
    mean = _mean(numbers)
    return math.sqrt(sum((number - mean) ** 2 for number in numbers) / len(numbers))


def _length(value: JSONValue, _arguments: Sequence[JSONValue]) -> JSONValue:
    return len(value) if isinstance(value, list | dict) else None


def _keys(value: JSONValue, _arguments: Sequence[JSONValue]) -> JSONValue:
    return list(value) if isinstance(value, dict) else None


def _append(value: JSONValue, arguments: Sequence[JSONValue]) -> JSONValue:
    return [*value, *arguments] if isinstance(value, list) else value


def _concat(value: JSONValue, arguments: Sequence[JSONValue]) -> JSONValue:
    items = list(value) if isinstance(value, list) else []
    items.extend(item for argument in arguments for item in _spread(argument))
    return "".join(item for item in items if isinstance(item, str))


def _item(value: JSONValue, index: JSONValue) -> JSONValue:
    if not isinstance(value, list) or not isinstance(index, int) or not -len(value) <= index < len(value):
        raise PathNotFound("Aggregation function attempted to calculate value using empty array", Failure.REFUSED)
    return value[index]


FUNCTIONS: Mapping[str, Signature] = {
    "length": Signature(function=_length),
    "size": Signature(function=_length),
    "keys": Signature(function=_keys),
    "min": _aggregate(min),
    "max": _aggregate(max),
    "sum": _aggregate(math.fsum),
    "avg": _aggregate(_mean),
    "stddev": _aggregate(_deviation),
    "first": Signature(function=lambda value, _: _item(value, 0)),
    "last": Signature(function=lambda value, _: _item(value, -1)),
    "index": Signature(function=lambda value, arguments: _item(value, arguments[0]), minimum=1, maximum=1),
    "append": Signature(function=_append, minimum=1, maximum=None),
    "concat": Signature(function=_concat, maximum=None),
}
"""By name. Source: the Java path engine's documentation, "Functions"."""
