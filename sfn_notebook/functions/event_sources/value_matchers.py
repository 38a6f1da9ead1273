"""What one value may be in an event pattern: literals and match expressions; it knows nothing of an event's structure.

Source: EventBridge user guide, "Comparison operators for use in event patterns"; Event Ruler for what is refused.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.functions.event_sources.errors import InvalidEventPatternException

ValueMatcher: TypeAlias = Callable[[JSONValue], bool]

MAX_NUMBER: Final = 5_000_000_000
"""Bounds of a number in a range. Source: EventBridge user guide, "Numeric matching"."""


class Absence(Enum):
    """The type of ``ABSENCE``: the field must not be there, which no value can tell."""

    ABSENCE = "absence"


ABSENCE: Final = Absence.ABSENCE


def matcher_of(wanted: JSONValue, pointer: str) -> ValueMatcher | Absence:
    """What an element of a field's array asks for.

    Raises:
        InvalidEventPatternException: If it is neither a plain value nor a match expression.
    """
    if isinstance(wanted, list):
        raise InvalidEventPatternException("Match value must be String, number, true, false, or null", pointer=pointer)
    if not isinstance(wanted, dict):
        return partial(_json.equal, wanted)
    if len(wanted) != 1:
        raise InvalidEventPatternException("Only one key allowed in match expression", pointer=pointer)
    ((name, argument),) = wanted.items()
    if name not in MATCH_TYPES:
        known = ", ".join(sorted(MATCH_TYPES))
        raise InvalidEventPatternException(
            f"Unrecognized match type {name}", pointer=pointer, hint=f"There is {known}."
        )
    return MATCH_TYPES[name](argument, f"{pointer}/{name}")


def _text(argument: JSONValue, pointer: str, match_type: str) -> str:
    if not isinstance(argument, str):
        raise InvalidEventPatternException(f"{match_type} match pattern must be a string", pointer=pointer)
    return argument


def _of_text(test: Callable[[str], bool], value: JSONValue) -> bool:
    return isinstance(value, str) and test(value)


def _affix(match_type: str, argument: JSONValue, pointer: str) -> ValueMatcher:
    """``prefix`` and ``suffix``, with letter case or, as ``{"equals-ignore-case": ...}``, without."""
    has_affix = str.startswith if match_type == "prefix" else str.endswith
    if not isinstance(argument, dict):
        affix = _text(argument, pointer, match_type)
        return partial(_of_text, lambda value: has_affix(value, affix))
    if argument.keys() != {"equals-ignore-case"}:
        raise InvalidEventPatternException(
            f"Unsupported {match_type} pattern: {', '.join(argument)}",
            pointer=pointer,
            hint=f'Inside {match_type} only "equals-ignore-case" may stand.',
        )
    folded = _text(argument["equals-ignore-case"], pointer, "equals-ignore-case").lower()
    return partial(_of_text, lambda value: has_affix(value.lower(), folded))


def _equals_ignore_case(argument: JSONValue, pointer: str) -> ValueMatcher:
    folded = _text(argument, pointer, "equals-ignore-case").lower()
    return partial(_of_text, lambda value: value.lower() == folded)


def _wildcard(argument: JSONValue, pointer: str) -> ValueMatcher:
    r"""``*`` stands for any characters; ``\*`` and ``\\`` for themselves."""
    text = _text(argument, pointer, "wildcard")
    pieces = [""]
    position = 0
    while position < len(text):
        character, following = text[position], text[position + 1 : position + 2]
        if character == "\\" and following not in {"*", "\\"}:
            raise InvalidEventPatternException(f"Invalid escape character at pos {position}", pointer=pointer)
        if character == "*" == following:
            raise InvalidEventPatternException(f"Consecutive wildcard characters at pos {position}", pointer=pointer)
        if character == "*":
            pieces.append("")
        elif character == "\\":
            pieces[-1] += following
            position += 1
        else:
            pieces[-1] += character
        position += 1
    return partial(_of_text, partial(_has_pieces, tuple(pieces)))


def _has_pieces(pieces: tuple[str, ...], value: str) -> bool:
    """Whether ``value`` is the pieces in their order with anything between, in linear time."""
    if len(pieces) == 1:
        return value == pieces[0]
    first, *middle, last = pieces
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    position, end = len(first), len(value) - len(last)
    for piece in middle:
        found = value.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def _exists(argument: JSONValue, pointer: str) -> ValueMatcher | Absence:
    if not isinstance(argument, bool):
        raise InvalidEventPatternException("exists match pattern must be either true or false.", pointer=pointer)
    return (lambda _value: True) if argument else ABSENCE


def _cidr(argument: JSONValue, pointer: str) -> ValueMatcher:
    text = _text(argument, pointer, "CIDR")
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        reason = "Malformed CIDR, one '/' required" if text.count("/") > 1 else f"Malformed CIDR: {error}"
        raise InvalidEventPatternException(reason, pointer=pointer) from None

    def is_inside(value: str) -> bool:
        try:
            return ip_address(value) in network
        except ValueError:
            return False

    return partial(_of_text, is_inside)


_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}


def _numeric(argument: JSONValue, pointer: str) -> ValueMatcher:
    """``["=", 5]``, ``["<", 5]``, or a range with its lower bound first: ``[">", 0, "<=", 5]``."""
    if not isinstance(argument, list) or not argument:
        raise InvalidEventPatternException("Value of numeric must be an array.", pointer=pointer)
    tests = [_comparison(argument, index, pointer) for index in range(0, len(argument), 2)]
    operators = [operator for operator, _ in tests]
    if len(tests) > 2 or (len(tests) == 2 and (operators[0][0] != ">" or operators[1][0] != "<")):
        raise InvalidEventPatternException(
            "Too many elements in numeric expression",
            pointer=pointer,
            hint='Give one comparison, or a range with its lower bound first: [">", 0, "<=", 5].',
        )
    if len(tests) == 2 and tests[0][1] >= tests[1][1]:
        raise InvalidEventPatternException("Bottom must be less than top", pointer=pointer)

    def is_within(value: JSONValue) -> bool:
        return _json.is_number(value) and all(_COMPARISONS[operator](value, bound) for operator, bound in tests)

    return is_within


def _comparison(argument: list[JSONValue], index: int, pointer: str) -> tuple[str, float]:
    operator = argument[index]
    if not isinstance(operator, str):
        raise InvalidEventPatternException("Invalid member in numeric match: expected an operator", pointer=pointer)
    if operator not in _COMPARISONS:
        raise InvalidEventPatternException(
            f"Unrecognized numeric range operator: {operator}",
            pointer=pointer,
            hint=f"There is {', '.join(_COMPARISONS)}.",
        )
    bound: JSONValue = argument[index + 1] if index + 1 < len(argument) else None
    if not _json.is_number(bound):
        raise InvalidEventPatternException(f"Value of {operator} must be numeric", pointer=pointer)
    if not -MAX_NUMBER <= bound <= MAX_NUMBER:
        raise InvalidEventPatternException(
            f"Value of {operator} must be between -{MAX_NUMBER} and {MAX_NUMBER}, inclusive", pointer=pointer
        )
    return operator, float(bound)


def _anything_but(argument: JSONValue, pointer: str) -> ValueMatcher:
    if isinstance(argument, dict):
        return _nothing_of(_inner_matchers(argument, pointer))
    unwanted = argument if isinstance(argument, list) else [argument]
    are_texts = all(isinstance(each, str) for each in unwanted)
    if not unwanted or not (are_texts or all(_json.is_number(each) for each in unwanted)):
        mixed = bool(unwanted) and all(isinstance(each, str) or _json.is_number(each) for each in unwanted)
        raise InvalidEventPatternException(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
            if mixed
            else "Value of anything-but must be an array or single string/number value.",
            pointer=pointer,
        )
    return _nothing_of([partial(_json.equal, each) for each in unwanted])


def _inner_matchers(argument: JSONObject, pointer: str) -> list[ValueMatcher]:
    if len(argument) != 1:
        raise InvalidEventPatternException("Only one key allowed in match expression", pointer=pointer)
    ((name, inner),) = argument.items()
    if name not in _UNWANTED:
        known = ", ".join(_UNWANTED)
        raise InvalidEventPatternException(
            f"Unsupported anything-but pattern: {name}", pointer=pointer, hint=f"There is {known}."
        )
    place = f"{pointer}/{name}"
    if inner in ("", []):
        raise InvalidEventPatternException("Null prefix/suffix not allowed", pointer=place)
    return [_UNWANTED[name](each, place) for each in (inner if isinstance(inner, list) else [inner])]


def _nothing_of(unwanted: list[ValueMatcher]) -> ValueMatcher:
    return lambda value: not any(matcher(value) for matcher in unwanted)


_UNWANTED: Final[Mapping[str, Callable[[JSONValue, str], ValueMatcher]]] = {
    "prefix": partial(_affix, "prefix"),
    "suffix": partial(_affix, "suffix"),
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
}
"""What may stand inside ``anything-but``, for one text or a list of them."""

MATCH_TYPES: Final[Mapping[str, Callable[[JSONValue, str], ValueMatcher | Absence]]] = {
    **_UNWANTED,
    "anything-but": _anything_but,
    "cidr": _cidr,
    "exists": _exists,
    "numeric": _numeric,
}
"""Every match expression by its name."""
