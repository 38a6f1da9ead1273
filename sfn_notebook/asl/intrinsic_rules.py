"""Checks literal arguments of intrinsic functions against the types that the functions take; it compiles nothing."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_CALL: Final = re.compile(r"States\.\w+\Z")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

_NUMBERS: Final = ("number", "number", "number")
_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "States.ArrayGetItem": ("array", "number"),
        "States.ArrayLength": ("array",),
        "States.ArrayPartition": ("array", "number"),
        "States.ArrayRange": _NUMBERS,
        "States.ArrayUnique": ("array",),
        "States.Base64Decode": ("string",),
        "States.Base64Encode": ("string",),
        "States.Format": ("string",),
        "States.Hash": ("", "string"),
        "States.JsonMerge": ("object", "object", "boolean"),
        "States.MathAdd": _NUMBERS,
        "States.MathRandom": _NUMBERS,
        "States.StringSplit": ("string", "string"),
        "States.StringToJson": ("string",),
    }
)
"""Function -> the type of each argument; an empty string stands for any. Source: Developer Guide, "Intrinsic
functions for JSONPath states"."""


class LiteralMistake(NamedTuple):
    """A literal of the wrong type; ``column`` counts from 1 within the expression."""

    column: int
    reason: str


class _Open(NamedTuple):
    """A bracket that is open: a call with its arguments so far, or another bracket (no name)."""

    name: str
    starts: list[int]


def _calls(text: str) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each call in a well-formed expression: its name, and offset and text of its arguments."""
    stack: list[_Open] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "'":
            at = _after_quote(text, at)
            continue
        if char in "([":
            named = _CALL.search(text, max(0, at - 40), at) if char == "(" else None
            stack.append(_Open(named.group() if named else "", [at + 1]))
        elif char == "," and stack and stack[-1].name:
            stack[-1].starts.append(at + 1)
        elif char in ")]" and stack:
            closed = stack.pop()
            if closed.name:
                ends = [*(start - 1 for start in closed.starts[1:]), at]
                yield closed.name, [(start, text[start:end]) for start, end in zip(closed.starts, ends, strict=True)]
        at += 1


def _after_quote(text: str, at: int) -> int:
    at += 1
    while at < len(text) and text[at] != "'":
        at += 2 if text[at] == "\\" else 1
    return at + 1


def _literal_type(argument: str) -> str:
    """The type of a literal, or an empty string for a path or a call."""
    if argument.startswith("'"):
        return "string"
    if argument in ("true", "false"):
        return "boolean"
    if argument == "null":
        return "null"
    return "number" if _NUMBER.fullmatch(argument) else ""


def find_literal_mistake(text: str) -> LiteralMistake | None:
    """The first literal argument in ``text`` that its function cannot take, or ``None``.

    ``text`` is an expression that ``compile_intrinsic`` accepts; values of paths are known at run time only.
    """
    for name, arguments in _calls(text):
        wanted = _PARAMETERS.get(name, ())
        for index, ((offset, argument), expected) in enumerate(zip(arguments, wanted, strict=False), start=1):
            given = _literal_type(argument.strip())
            if given and expected and given != expected:
                column = offset + len(argument) - len(argument.lstrip()) + 1
                return LiteralMistake(column, f"argument {index} of {name} must be of type {expected}, not {given}.")
    return None
