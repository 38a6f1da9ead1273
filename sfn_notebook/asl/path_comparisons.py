"""What the operators of JSONPath filters mean, after the Java path engine; not how a filter is written."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.asl.java_text import number_text

Compare: TypeAlias = Callable[[JSONValue | Absent, JSONValue | Absent], bool]


_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def _parsed_number(text: str) -> float:
    """The number that ``text`` spells; NaN, which equals nothing, if it spells none."""
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def equal(left: JSONValue | Absent, right: JSONValue | Absent) -> bool:
    """``==``: a number equals the string that spells it; a field that is absent equals nothing."""
    if left is ABSENT or right is ABSENT:
        return False
    if isinstance(left, str) and _json.is_number(right):
        return left == number_text(right)
    if isinstance(right, str) and _json.is_number(left):
        return bool(left == _parsed_number(right))
    return _json.equal(left, right)


def _same(left: JSONValue | Absent, right: JSONValue | Absent) -> bool:
    """``===``: equal and of one type."""
    return isinstance(left, str) == isinstance(right, str) and equal(left, right)


def _ordered(test: Callable[[JSONValue, JSONValue], bool]) -> Compare:
    """Order numbers among numbers and strings among strings (by UTF-16 units, as Java); nothing else is in order."""

    def compare(left: JSONValue | Absent, right: JSONValue | Absent) -> bool:
        if _json.is_number(left) and _json.is_number(right):
            return test(left, right)
        if isinstance(left, str) and isinstance(right, str):
            return test(left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass"))
        return False

    return compare


def _holds_item(items: JSONValue | Absent, item: JSONValue | Absent) -> bool:
    return isinstance(items, list) and any(equal(item, each) for each in items)


def _contains(left: JSONValue | Absent, right: JSONValue | Absent) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _holds_item(left, right)


def _sizes(left: JSONValue | Absent, right: JSONValue | Absent) -> bool:
    return isinstance(left, str | list) and _json.is_number(right) and len(left) == right


def _is_empty(left: JSONValue | Absent, right: JSONValue | Absent) -> bool:
    return isinstance(left, str | list | dict) and isinstance(right, bool) and (not left) is right


def _lists(test: Callable[[list[JSONValue], list[JSONValue]], bool]) -> Compare:
    return lambda left, right: isinstance(left, list) and isinstance(right, list) and test(left, right)


def _not(compare: Compare) -> Compare:
    return lambda left, right: not compare(left, right)


SYMBOLS: Mapping[str, Compare] = {
    "===": _same,
    "!==": _not(_same),
    "==": equal,
    "!=": _not(equal),
    "<=": _ordered(operator.le),
    ">=": _ordered(operator.ge),
    "<": _ordered(operator.lt),
    ">": _ordered(operator.gt),
}
"""Operators written with signs, longer ones before their beginnings. ``=~`` is not here: its operand is a pattern."""

WORDS: Mapping[str, Compare] = {
    "in": lambda left, right: _holds_item(right, left),
    "nin": lambda left, right: not _holds_item(right, left),
    "contains": _contains,
    "size": _sizes,
    "empty": _is_empty,
    "all": _lists(lambda left, right: all(_holds_item(left, each) for each in right)),
    "subsetof": _lists(lambda left, right: all(_holds_item(right, each) for each in left)),
    "anyof": _lists(lambda left, right: any(_holds_item(right, each) for each in left)),
    "noneof": _lists(lambda left, right: not any(_holds_item(right, each) for each in left)),
}
"""Operators written as words, in any letter case."""
