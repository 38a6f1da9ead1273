"""Feeds hostile text and values to every reader and evaluator, for as long as it is told; pytest runs it for seconds.

    python tests/fuzz/fuzz_expressions.py --seconds 600          # all targets, in turns
    python tests/fuzz/fuzz_expressions.py --seconds 60 paths     # some targets

What must hold for each input: it ends within a second of processor time, it fails only with the documented errors, its
result can be written as JSON, and what it was given is as it was. What breaks this is shrunk, printed and counted.
"""

import argparse
import faulthandler
import json
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sfn_notebook import _json, errors
from sfn_notebook.asl.aws_diagnostics import diagnose
from sfn_notebook.asl.choice import compile_condition
from sfn_notebook.asl.compile import compile_definition
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.intrinsics import compile_intrinsic
from sfn_notebook.asl.jsonata import EagerScope, JsonataError, UnsupportedResult, compile_jsonata, jsonata_engine
from sfn_notebook.asl.jsonata_template import compile_template
from sfn_notebook.asl.model import And, Comparison, Condition, Not, Or
from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.paths import PathNotFound, compile_path, parse_reference_path, set_at
from sfn_notebook.asl.payload_template import compile_payload_template
from sfn_notebook.asl.source import Document, read_document
from sfn_notebook.asl.timestamps import format_timestamp, parse_nanoseconds, parse_timestamp
from sfn_notebook.asl.validation import validate
from sfn_notebook.engine.context_object import ExecutionHeader, MachineIdentity
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.runtime.clock import VirtualClock, stopwatch
from sfn_notebook.runtime.scheduler import Scheduler

LONGEST_SECONDS: Final = 1.0
JSONATA_LIMIT_SECONDS: Final = 1.0
MEMORY_BYTES: Final = 4 * 1024**3
ROUND_EXAMPLES: Final = 250
WATCHDOG_SECONDS: Final = 120

Check = Callable[[Any], None]


# Values


ODD_STRINGS: Final = (
    "", " ", "a", "b", "a.$", "$", "$.a", "$$", "0", "-1", "1e999", "NaN", "null", "true", "{}", "[]", "{%", "%}",
    "\x00", "\x07", "\u2028", "\ud83d", "\ude00", "\U0001f600", "\u202e", "'", '"', "\\", "`", "<b>", "a" * 300,
    "2026-03-14T01:59:00Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59.999999999-18:00", "*", "log-*", "\\*", "/",
)  # fmt: skip
ODD_NUMBERS: Final = (
    0, -0.0, 1, -1, 2, 3, 0.5, -2.5, 1.5, 1e-320, 1e308, -1e308, 2**31, -(2**31) - 1, 2**53 + 1, 2**63, 2**64, 10**30,
    10**400, -(10**400), 99_999_999, 253_402_300_799, 1e15, 1e21,
)  # fmt: skip
scalars: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(ODD_NUMBERS),
    st.integers(min_value=-10, max_value=10),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(ODD_STRINGS),
    st.text(max_size=8),
)
keys: Final = st.sampled_from(("a", "b", "c", "items", "name", "a.$", "", "$", "x y", "'", "Type", "Error")) | st.text(max_size=3)


def _deep(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


values: Final = st.recursive(
    scalars | st.integers(min_value=0, max_value=200).map(_deep),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)
objects: Final = st.fixed_dictionaries(
    {}, optional={name: values for name in ("a", "b", "items", "name")}
)


def soup(tokens: Sequence[str], *, max_size: int = 25) -> st.SearchStrategy[str]:
    """Texts of tokens in any order, with a few characters of any kind between them."""
    part = st.one_of(*[st.sampled_from(tokens)] * 9, st.text(max_size=2))
    return st.lists(part, max_size=max_size).map("".join)


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[str], tokens: Sequence[str]) -> str:
    """A text that was right, with a few pieces cut out, doubled or put in."""
    text = draw(texts)
    for _ in range(draw(st.integers(min_value=0, max_value=3))):
        start = draw(st.integers(min_value=0, max_value=len(text)))
        end = min(len(text), start + draw(st.integers(min_value=0, max_value=6)))
        piece = draw(st.sampled_from(("", text[start:end] * 2, *tokens)) | st.text(max_size=2))
        text = text[:start] + piece + text[end:]
    return text


# Surroundings of an evaluation


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """An Environment and a JsonataScope in one, with everything at hand."""

    context_object: Any
    variables: Any
    states: Any
    random: Random
    now_seconds: float = 1_767_225_600.0


def surroundings(value: Any) -> Surroundings:
    """Where ``value`` is the input, the Context Object's input, a variable and ``$states.input`` at once."""
    return Surroundings(
        context_object={"Execution": {"Input": value, "Name": "run"}, "Map": {"Item": {"Index": 0, "Value": value}}},
        variables={"a": value, "n": 3, "text": "x"},
        states={"input": value, "context": {"Execution": {"Name": "run"}}},
        random=Random(7),
    )


class BrokenPromise(AssertionError):  # noqa: N818 - the name says the fact
    """An invariant that holds no more; the message tells which."""


def evaluated(evaluate: Callable[[], Any], given_value: Any, *allowed: type[Exception]) -> None:
    """Run ``evaluate``: documented errors only, JSON out, input unchanged."""
    before = repr(given_value)
    try:
        result = evaluate()
    except allowed:
        pass
    else:
        _json.dump(result)
    if repr(given_value) != before:
        raise BrokenPromise("the input was changed")


# Targets: text


PATH_TOKENS: Final = (
    "$", "$$", ".", "..", "[", "]", "*", "?", "(", ")", "@", "'", '"', ",", ":", "-", "0", "1", "2", "-1", "a", "b",
    "items", "name", "['a']", "[0]", "[*]", "[?(", ")]", "@.a", " == ", " != ", " > ", " < ", " >= ", " =~ ", "/a.*/i",
    " in ", " nin ", " subsetof ", " size ", " empty ", "true", "null", "1.5", "&&", "||", "!", ".length()", ".min()",
    ".max()", ".sum()", ".avg()", ".keys()", ".concat(", ".append(", "{", "}", "\\", "1e400", "9" * 20, "[0:2]", "[::]",
)  # fmt: skip
well_formed_paths: Final = st.sampled_from(
    (
        "$.a.b", "$..a", "$.items[*].name", "$.items[?(@.a > 1)]", "$.items[?(@.name =~ /^(a+)+$/)]", "$['a']['b']",
        "$$.Execution.Input", "$.items[0,1]", "$.items[-1:]", "$.items.length()", "$..[?(@.a)]", "$..*", "$a.b[0]",
        "$.items[?(@.a == 'x' && @.b != null || !(@.c))]", "$..['a','b']", "$[*][*]", "$..a..a..a", "$.a.min()",
        "$.items[?(@.a in [1,2,'x'])]", "$.items[?($.a == @.a)]", "$..[0,0,0]..[0,0,0]",
    )
)  # fmt: skip
paths: Final = damaged(well_formed_paths, PATH_TOKENS) | soup(PATH_TOKENS).map("$".__add__) | soup(PATH_TOKENS)


def check_path(case: tuple[str, Any]) -> None:
    text, value = case
    with suppress(SfnNotebookError):
        path = compile_path(text)
        evaluated(lambda: path.evaluate(value, surroundings(value)), value, PathNotFound)
        segments = parse_reference_path(text)
        evaluated(lambda: set_at(value, segments, [1]), value, EvaluationError)


NAMES: Final = (
    "Array", "ArrayContains", "ArrayGetItem", "ArrayLength", "ArrayPartition", "ArrayRange", "ArrayUnique",
    "Base64Decode", "Base64Encode", "Format", "Hash", "JsonMerge", "JsonToString", "MathAdd", "MathRandom",
    "StringSplit", "StringToJson", "UUID",
)  # fmt: skip
INTRINSIC_TOKENS: Final = (
    *(f"States.{name}(" for name in NAMES), "(", ")", ",", ", ", "'", "\\'", "\\{", "{}", "'{}'", "$.a", "$.items[*]",
    "$$.Execution.Input", "$a", "1", "-1", "0", "1.5", "1e400", "9" * 30, "true", "null", "'MD5'", "'SHA-256'", "'a'",
    "$.items[?(@.a)]", "States.", "States.Nope(", "\\", " ",
)  # fmt: skip


@st.composite
def calls(draw: st.DrawFn, depth: int = 2) -> str:
    """A call of a known function with arguments of any kind."""
    literals = st.sampled_from(("'a'", "'{}-{}'", "1", "-3", "0", "1000", "2147483647", "0.5", "true", "null", "'MD5'",
                                "$.a", "$.items", "$.items[*].a", "$", "$$.Execution.Input", "$a", "''", "','"))  # fmt: skip
    argument = literals | calls(depth - 1) if depth else literals
    arguments = draw(st.lists(argument, max_size=4))
    return f"States.{draw(st.sampled_from(NAMES))}({', '.join(arguments)})"


def check_intrinsic(case: tuple[str, Any]) -> None:
    text, value = case
    with suppress(SfnNotebookError):
        evaluate = compile_intrinsic(text)
        evaluated(lambda: evaluate(value, surroundings(value)), value, EvaluationError)


JSONATA_NAMES: Final = (
    "sum", "count", "max", "min", "average", "string", "length", "substring", "uppercase", "pad", "contains", "split",
    "join", "match", "replace", "number", "round", "power", "sqrt", "formatNumber", "formatBase", "formatInteger",
    "parseInteger", "boolean", "not", "exists", "append", "sort", "reverse", "shuffle", "distinct", "zip", "keys",
    "lookup", "spread", "merge", "sift", "each", "error", "assert", "type", "now", "millis", "fromMillis", "toMillis",
    "map", "filter", "single", "reduce", "partition", "range", "hash", "random", "uuid", "parse", "eval", "clone",
    "base64encode", "base64decode", "encodeUrl", "decodeUrl", "decodeUrlComponent", "encodeUrlComponent", "trim",
    "substringBefore", "substringAfter", "floor", "ceil", "abs",
)  # fmt: skip
JSONATA_TOKENS: Final = (
    *(f"${name}(" for name in JSONATA_NAMES), "$states.input", "$states", "$a", "$n", "$", "$$", "(", ")", "[", "]",
    "{", "}", ",", ";", ":", ":=", ".", "..", "*", "**", "%", "&", "+", "-", "/", "=", "!=", "<", ">", " and ", " or ",
    " in ", "?", "^(", "@$i", "#$i", "~>", "|", "function($x){", "λ", "'a'", '"b"', "1", "0", "-1", "1e308", "9" * 25,
    "/a+/", "/(a|b)*$/i", "/(?=a)/", "null", "true", "[1..9]", "[1..100000000]", "`a b`", "\\u0000", "/*", "*/", "<",
)  # fmt: skip


@st.composite
def jsonata_expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """A text that is mostly JSONata."""
    leaves = st.sampled_from(("$states.input", "$states.input.a", "$states.input.items", "$a", "$n", "$text", "'a'", "1",
        "0", "-1", "2.5", "null", "true", "[]", "{}", "[1..5]", "1e308", "$missing", "$x", "$sum", "$uuid()", "/a+/",
        "$states.input.items[0]", "$states.input.**", "$states.input.*", "function($x){$x}"))  # fmt: skip
    if depth == 0:
        return draw(leaves)
    inner = jsonata_expressions(depth - 1)
    match draw(st.integers(min_value=0, max_value=13)):
        case 0:
            return draw(leaves)
        case 1 | 2 | 3 | 4:
            return f"${draw(st.sampled_from(JSONATA_NAMES))}({', '.join(draw(st.lists(inner, max_size=3)))})"
        case 5:
            operator = draw(st.sampled_from(("+", "-", "*", "/", "%", "&", "=", "!=", "<", ">=", " and ", " or ", " in ",
                                             "..", "~>", "?:", "??")))  # fmt: skip
            return f"({draw(inner)}{operator}{draw(inner)})"
        case 6:
            return f"{draw(inner)}[{draw(inner)}]"
        case 7:
            return f"{draw(inner)}.({draw(inner)})"
        case 8:
            return f"[{draw(inner)}, {draw(inner)}]"
        case 9:
            return f"{{{draw(st.sampled_from(('$string($n)', chr(34) + 'k' + chr(34))))}: {draw(inner)}}}"
        case 10:
            return f"($x := {draw(inner)}; {draw(inner)})"
        case 11:
            return f"({draw(inner)} ? {draw(inner)} : {draw(inner)})"
        case 12:
            return f"$map({draw(inner)}, function($x, $i) {{ {draw(inner)} }})"
        case _:
            return f"{draw(inner)}^({draw(inner)})" if draw(st.booleans()) else f"{draw(inner)} ~> |{draw(inner)}|{draw(inner)}|"


jsonata_texts: Final = st.one_of(
    jsonata_expressions(), damaged(jsonata_expressions(), JSONATA_TOKENS), soup(JSONATA_TOKENS, max_size=15)
)


def check_jsonata(case: tuple[str, Any], engine_name: str | None = None) -> None:
    text, value = case
    around = surroundings(value)
    with suppress(SfnNotebookError):
        expression = compile_jsonata(text, engine_name)
        scope = EagerScope(states=around.states, variables=around.variables, random=around.random, now_seconds=1.0)

        def evaluate() -> Any:
            result = expression.evaluate(scope)
            return None if isinstance(result, type(_UNDEFINED)) else result

        evaluated(evaluate, value, JsonataError, UnsupportedResult)


def check_engine(engine_name: str, case: tuple[str, Any]) -> None:
    """One engine alone, without the closures for plain expressions."""
    text, value = case
    around = surroundings(value)
    with suppress(SfnNotebookError):
        expression = jsonata_engine(engine_name).compile(text)
        scope = EagerScope(states=around.states, variables=around.variables, random=around.random, now_seconds=1.0)

        def evaluate() -> Any:
            result = expression.evaluate(scope)
            return None if isinstance(result, type(_UNDEFINED)) else result

        evaluated(evaluate, value, JsonataError, UnsupportedResult)
