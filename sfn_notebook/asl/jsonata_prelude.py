"""Writes the JSONata text that engines run around an expression: variables, AWS's functions, guards; it runs nothing.

Functions are added as JSONata functions around host functions, because a host function cannot tell ``undefined`` from
``null`` nor return it. Nothing is added for a function that the expression does not mention.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sfn_notebook.asl.jsonata_functions import (
    FUNCTION_NAMES,
    MAX_TEXT_CHARACTERS,
    REMOVED_FUNCTIONS,
    clock_picture,
)
from sfn_notebook.asl.jsonata_references import References
from sfn_notebook.asl.jsonata_syntax_tree import Literal, Node

HOST_PREFIX: Final = "host_"  # names of host functions; the functions of the language have no underscore
_ORIGINAL_PREFIX: Final = "original_"
_SMALL_GROWTH: Final = 32
MAX_COMPARED_ITEMS: Final = 2_000

# {h} stands before the name of a host function.
_ADDED: Final[Mapping[str, str]] = {
    "clone": "function($value){{$value}}",
    "hash": "function($text,$name){{$exists($text)?$exists($name)?${h}hash($text,$name):${h}hash($text)}}",
    "millis": "function(){{${h}millis()}}",
    "now": "function($picture,$timezone){{$fromMillis(${h}millis(),$picture,$timezone)}}",
    "parse": "function($text){{$exists($text)?${h}parse($text)}}",
    "partition": "function($array,$size){{$exists($array)?$exists($size)?${h}partition($array,$size)"
    ":${h}partition($array)}}",
    "random": "function($seed){{$exists($seed)?${h}random($seed):${h}random()}}",
    "range": "function($first,$last,$step){{$exists($first) and $exists($last) and $exists($step)"
    "?${h}range($first,$last,$step)}}",
    "shuffle": "function($array){{$exists($array)?${h}shuffle($array)}}",
    "uuid": "function(){{${h}uuid()}}",
}
_NO_REPLACEMENTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {}
_DRAWING: Final = frozenset({"random", "shuffle", "uuid"})
_TIMED: Final = frozenset({"millis", "now"})

# Functions whose work an engine's clock does not interrupt: {o} stands before the original's name. The argument at
# ``index`` makes the guard needless if it is a small literal.


@dataclass(frozen=True, kw_only=True, slots=True)
class _Guard:
    text: str
    index: int
    is_harmless: Callable[[object], bool]
    hosts: tuple[str, ...] = ("too_long",)
    is_harmless_without: bool = False


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _SMALL_GROWTH


_TOO_LONG: Final = "${h}too_long('{name}')"
_GUARDS: Final[Mapping[str, _Guard]] = {
    "pad": _Guard(
        text="function($text,$width,$char)<s-ns?:s>{{$abs($width)>{limit}?{fail}:${o}pad($text,$width,$char)}}",
        index=1,
        is_harmless=lambda value: isinstance(value, int | float) and abs(value) <= 10_000,
    ),
    "join": _Guard(
        text="function($texts,$separator)<a<s>s?:s>{{$exists($separator)?"
        "$count($texts)*$length($separator)>{limit}?{fail}:${o}join($texts,$separator):${o}join($texts)}}",
        index=1,
        is_harmless=_is_short,
    ),
    "replace": _Guard(
        text="function($text,$pattern,$new,$limit)<s-(sf)(sf)n?:s>{{$type($new)='string' and "
        "$length($text)*$length($new)>{limit}?{fail}:$exists($limit)?${o}replace($text,$pattern,$new,$limit)"
        ":${o}replace($text,$pattern,$new)}}",
        index=2,
        is_harmless=_is_short,
    ),
    # A picture without a year means the present one, which is the execution's, not the machine's.
    "toMillis": _Guard(
        text="function($text,$picture)<s-s?:n>{{$exists($picture)?($parts:=${h}clock_picture($picture);$parts=''"
        "?${o}toMillis($text,$picture):${o}toMillis($fromMillis(${h}millis(),$parts)&$text,$parts&$picture))"
        ":${o}toMillis($text)}}",
        index=1,
        is_harmless=lambda value: isinstance(value, str) and clock_picture(value) == "",
        hosts=("clock_picture", "millis"),
        is_harmless_without=True,
    ),
    "distinct": _Guard(
        text="function($values){{$count($values)>{compared}?${h}distinct($values):${o}distinct($values)}}",
        index=0,
        is_harmless=lambda _value: False,
        hosts=("distinct",),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Prelude:
    """``text`` of assignments, each ended by ``;``; the host functions that it calls, by name without prefix."""

    text: str
    host_functions: frozenset[str]
    draws: bool


def function_prelude(
    references: References,
    hidden: frozenset[str],
    replacements: Mapping[str, tuple[str, tuple[str, ...]]] = _NO_REPLACEMENTS,
) -> Prelude:
    """What must stand before an expression; functions in ``hidden`` are workflow variables there and stay as they are.

    ``$eval`` becomes ``null``, so that calling it fails as calling any name that is no function. ``replacements`` are
    an engine's own: by function, a text and the host functions in it.
    """
    mentioned = references.mentions.keys() - hidden
    parts: list[str] = [f"${name}:=null;" for name in sorted(mentioned & REMOVED_FUNCTIONS)]
    hosts: set[str] = set()
    for name in sorted(mentioned & replacements.keys()):
        text, called = replacements[name]
        parts.append(text.format(h=HOST_PREFIX, o=_ORIGINAL_PREFIX))
        hosts.update(called)
    for name in sorted(mentioned & _ADDED.keys()):
        parts.append(f"${name}:={_ADDED[name].format(h=HOST_PREFIX)};")
        hosts.add("millis" if name in _TIMED else name)
    hosts.discard("clone")
    for name in sorted(mentioned & _GUARDS.keys()):
        guard = _GUARDS[name]
        if _calls_are_harmless(name, guard, references):
            continue
        fail = _TOO_LONG.format(h=HOST_PREFIX, name=name)
        text = guard.text.format(
            h=HOST_PREFIX, o=_ORIGINAL_PREFIX, limit=MAX_TEXT_CHARACTERS, fail=fail, compared=MAX_COMPARED_ITEMS
        )
        parts.append(f"${_ORIGINAL_PREFIX}{name}:=${name};${name}:={text};")
        hosts.update(guard.hosts)
    return Prelude(text="".join(parts), host_functions=frozenset(hosts), draws=bool(mentioned & _DRAWING))


def _calls_are_harmless(name: str, guard: _Guard, references: References) -> bool:
    """Whether every mention of ``name`` is a call whose growth a literal argument bounds."""
    calls = [arguments for called, arguments in references.calls if called == name]
    return len(calls) == references.mentions[name] and all(_bounded(arguments, guard) for arguments in calls)


def _bounded(arguments: tuple[Node, ...], guard: _Guard) -> bool:
    if guard.index >= len(arguments):
        return guard.is_harmless_without and len(arguments) > 0
    argument = arguments[guard.index]
    return isinstance(argument, Literal) and guard.is_harmless(argument.value)


def outside_names(references: References) -> tuple[str, ...]:
    """The names that can only be variables from outside, sorted."""
    return tuple(sorted(references.variables - FUNCTION_NAMES - REMOVED_FUNCTIONS))


def uncertain_names(references: References) -> tuple[str, ...]:
    """The names that are variables from outside only if there are such: functions', and those assigned within.

    They must not be bound to nothing otherwise: that would hide the function, or what a closure sees assigned later.
    """
    return tuple(sorted(references.read - set(outside_names(references))))
