"""Evaluates JSONata with the jsonatapy package (Rust); it knows nothing of states and fields.

What the package leaves open is closed here: its compiled objects belong to one thread, so each thread has a cache of
its own; integers beyond 64 bits and lone surrogates are replaced only after it has refused them, so that usual values
cost nothing; ``null`` and nothing are told apart by a wrapper; time, random numbers and regular expressions are those
of the execution and of JavaScript; a panic of Rust, which is no ``Exception``, is contained.
"""

import json
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import jsonatapy

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.jsonata_functions import (
    DRAWING_FUNCTIONS,
    MAX_SEQUENCE_LENGTH,
    MAX_TEXT_CHARACTERS,
    PURE_FUNCTIONS,
)
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_native_errors import native_error
from sfn_notebook.asl.jsonata_prelude import HOST_PREFIX, Prelude, function_names, function_prelude, outside_names
from sfn_notebook.asl.jsonata_references import References, every_node, find_references
from sfn_notebook.asl.jsonata_regex import RUST, RegexSyntaxError, translate_regex
from sfn_notebook.asl.jsonata_scope import (
    UNDEFINED,
    CompiledJsonata,
    JsonataEngine,
    JsonataError,
    JsonataScope,
    UnsupportedResult,
)
from sfn_notebook.asl.jsonata_syntax_tree import Binary, Node, Pattern
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError
from sfn_notebook.asl.jsonata_values import from_engine_value, is_finite, to_engine_text, to_engine_value, whole_number

TIMEOUT_MILLISECONDS: Final = 1_000
MAX_DEPTH: Final = 10_000  # evaluation frames, about three per call
_MAX_CACHED: Final = 2_048
_NO_NAMES: Final[frozenset[str]] = frozenset()


class _ThreadState(threading.local):
    """Compiled expressions of one thread, and what host functions need while one is evaluated."""

    def __init__(self) -> None:
        self.compiled: dict[str, Callable[..., Any]] = {}
        self.scope: JsonataScope | None = None
        self.random: Random | None = None
        self.failure: JsonataError | None = None


_THREAD: Final = _ThreadState()


def _host_function(name: str) -> Callable[..., JSONValue]:
    """The host function ``name``; its failure is kept aside, since the engine would only pass on its text."""

    def call(*arguments: JSONValue) -> JSONValue:
        try:
            return _host_value(name, arguments)
        except JsonataError as failure:
            _THREAD.failure = failure
            raise
        except TypeError:  # fewer or more arguments than the function has
            _THREAD.failure = JsonataError.of("T0410", index=len(arguments) + 1, token=name)
            raise

    return call


def _host_value(name: str, arguments: tuple[JSONValue, ...]) -> JSONValue:
    scope = _THREAD.scope
    if scope is None:
        raise JsonataError("", f"${name} was called outside of an evaluation")
    if name == "millis":
        return math.floor(scope.now_seconds * 1000 + 0.5)
    if name == "too_long":
        raise JsonataError.of("D3142", token=arguments[0], value=MAX_TEXT_CHARACTERS)
    if name in DRAWING_FUNCTIONS:
        return DRAWING_FUNCTIONS[name](_THREAD.random or scope.random, *arguments)
    return PURE_FUNCTIONS[name](*arguments)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Program:
    """The texts that the engine compiles for one expression, given which functions variables hide.

    ``source`` reads its variables from the root value, whose fields are converted only when read; ``rooted`` reads
    them from bindings and leaves the root value alone; ``asks_for_function`` tells whether the value is a function.
    """

    variables: tuple[tuple[str, str], ...]
    uses_states: bool
    prelude: Prelude
    source: str
    rooted: str
    asks_for_function: str


def _program(text: str, references: References, hidden: frozenset[str]) -> _Program:
    names = [*outside_names(references), *sorted(hidden)]
    variables = tuple((name, f"v{index}") for index, name in enumerate(names) if name != "states")
    keys = [*variables, *([("states", "states")] if "states" in names else [])]
    assignments = "".join(f"${name}:={key};" for name, key in keys)
    prelude = function_prelude(references, hidden)
    before = f"$type_:=$type;{assignments}{prelude.text}"
    value = f"(\n{text}\n)"
    if prelude.draws:  # evaluating twice would draw twice
        wrapped = f'$result_:={value};{{"r":$result_,"f":$type_($result_)="function"}}'
        source, rooted = f"({before}{wrapped})", f"($type_:=$type;{prelude.text}{wrapped})"
    else:
        object_text = f'{{"r":{value}}}'
        source = f"({assignments}{prelude.text}{object_text})" if assignments or prelude.text else object_text
        rooted = f"({prelude.text}{object_text})" if prelude.text else object_text
    return _Program(
        variables=variables,
        uses_states="states" in names,
        prelude=prelude,
        source=source,
        rooted=rooted,
        asks_for_function=f'({before}$type_({value})="function")',
    )


class NativeJsonata:
    """One expression; any thread may evaluate it."""

    def __init__(self, text: str, node: Node, engine_text: str) -> None:
        self.text = text
        self._node = node
        self._engine_text = engine_text
        self._references = find_references(node)
        self._functions = function_names(self._references)
        self._programs: dict[frozenset[str], _Program] = {}
        self._program = self._program_hiding(_NO_NAMES)
        self._calculates = any(isinstance(part, Binary) and part.operator in "+-*/" for part in every_node(node))
        self._deferred: JsonataError | None = None

    def check(self) -> None:
        """Let the engine compile the expression once, on this thread.

        Raises:
            JsonataSyntaxError: For the mistakes that only it finds.
        """
        try:
            _compiled(self._program.source, self._program.prelude)
        except JsonataError as error:
            if not error.code.startswith("S"):
                self._deferred = error  # calling a literal, say, fails where it is evaluated
                return
            raise JsonataSyntaxError(error.code, 0) from None

    def evaluate(self, scope: JsonataScope, data: JSONValue = UNDEFINED) -> JSONValue:
        """As ``CompiledJsonata.evaluate``."""
        program = self._program
        if self._functions:
            hidden = frozenset(name for name in self._functions if name in scope.variables)
            program = self._program_hiding(hidden) if hidden else program
        if data is not UNDEFINED or self._references.root_position is not None or self._deferred is not None:
            return self._evaluate_rooted(program, scope, data)
        document = _document(program, scope)
        if program.prelude.host_functions:
            return self._with_hosts(program, scope, lambda: self._run(program, document, scope))
        return self._run(program, document, scope)

    def _program_hiding(self, hidden: frozenset[str]) -> _Program:
        program = self._programs.get(hidden)
        if program is None:
            program = self._programs[hidden] = _program(self._engine_text, self._references, hidden)
        return program

    def _run(self, program: _Program, document: JSONObject, scope: JsonataScope) -> JSONValue:
        run = _THREAD.compiled.get(program.source) or _compiled(program.source, program.prelude)
        try:
            result = run(document, None, TIMEOUT_MILLISECONDS, MAX_DEPTH, MAX_SEQUENCE_LENGTH)
        except (OverflowError, UnicodeError, TypeError):
            return self._run_converted(program, document, scope)
        except BaseException as error:  # noqa: BLE001 - a panic of Rust is no Exception; others are raised again
            raise self._failure(error, scope) from None
        return self._result(result, program, document)

    def _run_converted(self, program: _Program, document: JSONObject, scope: JsonataScope) -> JSONValue:
        """Evaluate anew with values that Rust can hold; only expressions over unusual values come here."""
        run = _compiled(program.source, program.prelude)
        try:
            converted = to_engine_value(document)
            result = run(converted, None, TIMEOUT_MILLISECONDS, MAX_DEPTH, MAX_SEQUENCE_LENGTH)
        except BaseException as error:  # noqa: BLE001 - as above
            raise self._failure(error, scope) from None
        return self._result(from_engine_value(result), program, converted)

    def _result(self, result: JSONObject, program: _Program, document: JSONObject) -> JSONValue:
        value = result.get("r", UNDEFINED)
        if value is None:
            is_function = result.get("f") if program.prelude.draws else self._is_function(program, document)
            if is_function is True:
                raise UnsupportedResult
            return None
        if self._calculates:
            if not is_finite(value):
                raise JsonataError.of("D1001", value=None)
            return whole_number(value)
        return value

    def _is_function(self, program: _Program, document: JSONObject) -> bool:
        """``null`` and functions look the same outside; only results that are ``None`` are asked for."""
        run = _compiled(program.asks_for_function, program.prelude)
        return run(document, None, TIMEOUT_MILLISECONDS, MAX_DEPTH, MAX_SEQUENCE_LENGTH) is True

    def _evaluate_rooted(self, program: _Program, scope: JsonataScope, data: JSONValue) -> JSONValue:
        """Evaluate with a root value; without one, JSON text is the only way to give the engine "nothing"."""
        if self._deferred is not None:
            raise self._deferred
        names = self._references.mentions.keys() - {"states"}
        bindings = {name: scope.variables[name] for name in names if name in scope.variables}
        if program.uses_states:
            bindings["states"] = scope.states
        return self._with_hosts(program, scope, lambda: self._run_rooted(program, scope, data, bindings))

    def _run_rooted(self, program: _Program, scope: JsonataScope, data: JSONValue, bindings: JSONObject) -> JSONValue:
        limits = (TIMEOUT_MILLISECONDS, MAX_DEPTH, MAX_SEQUENCE_LENGTH)
        try:
            bindings = to_engine_value(bindings)
            if data is UNDEFINED:
                as_text = _compiled(program.rooted, program.prelude, method="evaluate_json_or_none")
                result = json.loads(as_text(None, bindings, *limits) or "{}")
            else:
                result = _compiled(program.rooted, program.prelude)(to_engine_value(data), bindings, *limits)
        except BaseException as error:  # noqa: BLE001 - as above
            raise self._failure(error, scope) from None
        result = from_engine_value(result)
        if result.get("f") is True:
            raise UnsupportedResult
        value = result.get("r", UNDEFINED)
        return whole_number(value)

    def _with_hosts(
        self, program: _Program, scope: JsonataScope, run: Callable[[], JSONValue]
    ) -> JSONValue:
        """Let host functions see ``scope`` while ``run`` evaluates."""
        before = _THREAD.scope
        _THREAD.scope = scope
        state = scope.random.getstate() if program.prelude.draws else None
        try:
            return run()
        finally:
            _THREAD.scope = before
            _THREAD.failure = None
            del state

    def _failure(self, error: BaseException, scope: JsonataScope) -> Exception:
        kept, _THREAD.failure = _THREAD.failure, None
        if kept is not None:
            return kept
        if isinstance(error, Exception):
            failure, is_complete = native_error(str(error), self._references, self._node, scope)
            return failure if is_complete else self._worded_elsewhere(failure, scope)
        if type(error).__name__ == "PanicException":
            return JsonataError("", f"the JSONata engine failed: {error}")
        raise error

    def _worded_elsewhere(self, failure: JsonataError, scope: JsonataScope) -> JsonataError:
        return failure


def _document(program: _Program, scope: JsonataScope) -> JSONObject:
    document: JSONObject = {"states": scope.states} if program.uses_states else {}
    variables = scope.variables
    for name, key in program.variables:
        if name in variables:
            document[key] = variables[name]
    return document


def _compiled(source: str, prelude: Prelude, *, method: str = "evaluate") -> Callable[..., Any]:
    """The engine's evaluation function for ``source`` on this thread."""
    key = source if method == "evaluate" else f"{method} {source}"
    run = _THREAD.compiled.get(key)
    if run is None:
        run = getattr(_engine_expression(source, prelude), method)
        if len(_THREAD.compiled) >= _MAX_CACHED:
            _THREAD.compiled.clear()
        _THREAD.compiled[key] = run
    return run
