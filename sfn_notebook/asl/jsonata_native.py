"""Evaluates JSONata with the jsonatapy package (Rust); it knows nothing of states and fields.

What the package leaves open is closed here: its compiled objects belong to one thread, so each thread has a cache of
its own; integers beyond 64 bits and lone surrogates are replaced only after it has refused them, so that usual values
cost nothing; ``null`` and nothing are told apart by a wrapper; time, random numbers and regular expressions are those
of the execution and of JavaScript; a panic of Rust, which is no ``Exception``, is contained.
"""

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.jsonata_functions import DRAWING_FUNCTIONS, MAX_SEQUENCE_LENGTH, PURE_FUNCTIONS
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_native_errors import native_error
from sfn_notebook.asl.jsonata_prelude import (
    HOST_PREFIX,
    Prelude,
    function_names,
    function_prelude,
    outside_names,
)
from sfn_notebook.asl.jsonata_references import References, find_references
from sfn_notebook.asl.jsonata_regex import RUST, translate_regex
from sfn_notebook.asl.jsonata_scope import UNDEFINED, JsonataError, JsonataScope, UnsupportedResult
from sfn_notebook.asl.jsonata_syntax_tree import Node
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError
from sfn_notebook.asl.jsonata_values import from_engine_text, has_surrogates, is_finite, to_engine_text, to_engine_value

ENGINE_NAME: Final = "jsonatapy"
TIMEOUT_MILLISECONDS: Final = 1_000
MAX_DEPTH: Final = 10_000  # evaluation frames, about three per call; deep enough for recursion over any payload
_MAX_CACHED: Final = 2_048

_Evaluate = Callable[..., Any]


class _ThreadState(threading.local):
    """Compiled expressions of one thread, and the scope that host functions read while one is evaluated."""

    def __init__(self) -> None:
        self.compiled: dict[tuple[str, frozenset[str]], Any] = {}
        self.scope: JsonataScope | None = None
        self.random: Random | None = None
        self.failure: JsonataError | None = None


_THREAD: Final = _ThreadState()


def _current_scope() -> JsonataScope:
    if _THREAD.scope is None:
        raise JsonataError("", "a function of the execution was called outside of an evaluation")
    return _THREAD.scope


def _host_function(name: str) -> Callable[..., JSONValue]:
    """The host function ``name``; its failure is kept aside, since the engine would only pass on its text."""

    def call(*arguments: JSONValue) -> JSONValue:
        try:
            if name == "millis":
                return math.floor(_current_scope().now_seconds * 1000 + 0.5)
            if name == "too_long":
                raise JsonataError.of("D3142", token=arguments[0], value=MAX_TEXT_CHARACTERS)
            if name in DRAWING_FUNCTIONS:
                generator = _THREAD.random or _current_scope().random
                return DRAWING_FUNCTIONS[name](generator, *arguments)
            return PURE_FUNCTIONS[name](*arguments)
        except JsonataError as failure:
            _THREAD.failure = failure
            raise
        except TypeError:  # fewer or more arguments than the function has
            _THREAD.failure = JsonataError.of("T0410", index=len(arguments) + 1, token=name)
            raise

    return call
