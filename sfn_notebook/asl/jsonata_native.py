"""Evaluates JSONata with the jsonatapy package (Rust); it knows nothing of states and fields.

What the package leaves open is closed here: integers beyond 64 bits and lone surrogates are replaced only after it has
refused them, so that usual values cost nothing; ``null``, functions and nothing are told apart; time, random numbers
and regular expressions are those of the execution and of JavaScript; a panic of Rust, no ``Exception``, is contained.
"""

import json
from random import Random
from typing import Final

import jsonatapy

from sfn_notebook import errors
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.jsonata_functions import MAX_SEQUENCE_LENGTH
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_growth import can_multiply
from sfn_notebook.asl.jsonata_native_errors import native_error
from sfn_notebook.asl.jsonata_native_program import THREAD, Program, compiled, compiled_for_nothing, program_of
from sfn_notebook.asl.jsonata_prelude import uncertain_names
from sfn_notebook.asl.jsonata_references import every_node, find_references
from sfn_notebook.asl.jsonata_regex import RUST, RegexSyntaxError, translate_regex
from sfn_notebook.asl.jsonata_scope import (
    UNDEFINED,
    CompiledJsonata,
    EagerScope,
    JsonataError,
    JsonataScope,
    UnsupportedResult,
)
from sfn_notebook.asl.jsonata_syntax_tree import Binary, Node, Pattern
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError
from sfn_notebook.asl.jsonata_values import from_engine_value, is_finite, to_engine_text, to_engine_value, whole_number

TIMEOUT_MILLISECONDS: Final = 1_000
MAX_DEPTH: Final = 10_000  # evaluation frames, about three per call
_LIMITS: Final = (TIMEOUT_MILLISECONDS, MAX_DEPTH, MAX_SEQUENCE_LENGTH)
_LIMITS_WITH_COUNTING: Final = (3 * TIMEOUT_MILLISECONDS, MAX_DEPTH, MAX_SEQUENCE_LENGTH)
_NOTHING_HIDDEN: Final[frozenset[str]] = frozenset()
_CALCULATIONS: Final = frozenset("+-*/%")


class NativeJsonata:
    """One expression; any thread may evaluate it."""

    def __init__(self, text: str, node: Node, engine_text: str) -> None:
        self._text = text
        self._node = node
        self._engine_text = engine_text
        self._references = find_references(node)
        self._uncertain = uncertain_names(self._references)
        self._multiplies = can_multiply(node)
        self._limits = _LIMITS_WITH_COUNTING if self._multiplies else _LIMITS
        self._programs: dict[frozenset[str], Program] = {}
        self._program = self._program_hiding(_NOTHING_HIDDEN)
        self._calculates = any(isinstance(part, Binary) and part.operator in _CALCULATIONS for part in every_node(node))
        self._is_rooted = self._references.needs_root
        self._deferred: JsonataError | None = None

    @property
    def text(self) -> str:
        """The expression, without its delimiters."""
        return self._text

    def check(self) -> None:
        """Let the engine compile the expression on this thread.

        Raises:
            JsonataError: With a code of syntax, for the mistakes that only the engine finds.
        """
        try:
            compiled(self._program.source, self._program.prelude)
        except ValueError as error:
            failure, _ = native_error(str(error), self._references, self._node, _EMPTY_SCOPE)
            if not failure.code.startswith(("T", "D")):
                raise failure from None
            self._deferred = failure  # calling a literal, say, fails where it is evaluated

    def evaluate(self, scope: JsonataScope, data: JSONValue = UNDEFINED) -> JSONValue:
        """As ``CompiledJsonata.evaluate``."""
        program = self._program
        if self._uncertain:
            hidden = frozenset(name for name in self._uncertain if name in scope.variables)
            program = self._program_hiding(hidden) if hidden else program
        if not program.prelude.host_functions:
            return self._evaluate(program, scope, data)
        before = THREAD.scope
        THREAD.scope = scope
        try:
            return self._evaluate(program, scope, data)
        finally:
            THREAD.scope, THREAD.failure = before, None

    def _program_hiding(self, hidden: frozenset[str]) -> Program:
        program = self._programs.get(hidden)
        if program is None:
            program = self._programs[hidden] = program_of(
                self._engine_text, self._references, hidden, is_counted=self._multiplies
            )
        return program

    def _evaluate(self, program: Program, scope: JsonataScope, data: JSONValue) -> JSONValue:
        if self._deferred is not None:
            raise self._deferred
        if self._is_rooted or data is not UNDEFINED:
            return self._evaluate_rooted(program, scope, data)
        document = _document(program, scope)
        run = THREAD.compiled.get(program.source) or compiled(program.source, program.prelude)
        try:
            result = run(document, None, *self._limits)
        except (OverflowError, UnicodeError, TypeError):
            return self._evaluate_converted(program, scope, document)
        except BaseException as error:  # noqa: BLE001 - a panic of Rust is no Exception; others are raised again
            raise self._failure(error, scope) from None
        return self._value(result, program, document)

    def _evaluate_converted(self, program: Program, scope: JsonataScope, document: JSONObject) -> JSONValue:
        """Evaluate anew with values that Rust can hold: only unusual values come here."""
        try:
            document = to_engine_value(document)
            result = compiled(program.source, program.prelude)(document, None, *self._limits)
        except BaseException as error:  # noqa: BLE001 - as above
            raise self._failure(error, scope) from None
        return _finite(self._value(from_engine_value(result), program, document))

    def _value(self, result: JSONObject, program: Program, document: JSONObject) -> JSONValue:
        value = result.get("r", UNDEFINED)
        if value is None:
            is_function = result.get("f") if program.prelude.draws else _is_function(program, document)
            if is_function is True:
                raise UnsupportedResult
        if self._calculates and not is_finite(value):
            raise JsonataError.of("D1001", value=None)
        return whole_number(value)

    def _evaluate_rooted(self, program: Program, scope: JsonataScope, data: JSONValue) -> JSONValue:
        """Evaluate with a root value; JSON text is the only way to tell the engine that there is none."""
        names = self._references.mentions.keys() - {"states"}
        bindings = {name: scope.variables[name] for name in names if name in scope.variables}
        if program.uses_states:
            bindings["states"] = scope.states
        try:
            value = self._rooted_value(program, to_engine_value(bindings), to_engine_value(data))
        except BaseException as error:  # noqa: BLE001 - as above
            raise self._failure(error, scope) from None
        return _finite(value)

    def _rooted_value(self, program: Program, bindings: JSONObject, data: JSONValue) -> JSONValue:
        if data is not UNDEFINED and not program.prelude.draws:
            value = compiled(program.rooted, program.prelude)(data, bindings, *self._limits)
            if value is not None:
                return whole_number(from_engine_value(value))
        root = None if data is UNDEFINED else json.dumps(data)
        text = compiled_for_nothing(program.rooted, program.prelude)(root, bindings, *self._limits)
        return UNDEFINED if text is None else whole_number(from_engine_value(json.loads(text)))

    def _failure(self, error: BaseException, scope: JsonataScope) -> BaseException:
        kept, THREAD.failure = THREAD.failure, None
        if kept is not None:
            return kept
        if isinstance(error, ValueError | TypeError | OverflowError | RecursionError | MemoryError):
            failure, is_complete = native_error(str(error), self._references, self._node, scope)
            return failure if is_complete else self._in_other_words(failure, scope)
        if type(error).__name__ == "PanicException":
            return JsonataError("", f"the JSONata engine failed: {error}")
        return error

    def _in_other_words(self, failure: JsonataError, scope: JsonataScope) -> JsonataError:
        """The failure as the other engine words it, where that one has the values that this one leaves out."""
        if failure.code == "D1002":  # it shows the sign instead of the value
            return failure
        try:
            from sfn_notebook.asl.jsonata_fallback import FallbackEngine

            spare = EagerScope(
                states=scope.states,
                variables=scope.variables,
                random=Random(0),  # noqa: S311 - its numbers are thrown away
                now_seconds=scope.now_seconds,
            )
            FallbackEngine().compile(self._text).evaluate(spare)
        except JsonataError as other:
            return other if other.code == failure.code else failure
        except (ImportError, UnsupportedResult, errors.ExpressionSyntaxError):
            pass
        return failure


_EMPTY_SCOPE: Final = EagerScope(states={}, variables={}, random=Random(0), now_seconds=0.0)  # noqa: S311 - never drawn


def _finite(value: JSONValue) -> JSONValue:
    """Refuse the infinity that an integer beyond every double became on its way to the engine."""
    if not is_finite(value):
        raise JsonataError.of("D1001", value=None)
    return value


def _document(program: Program, scope: JsonataScope) -> JSONObject:
    document: JSONObject = {"states": scope.states} if program.uses_states else {}
    if program.variables:
        variables = scope.variables
        for name, field in program.variables:
            if name in variables:
                document[field] = variables[name]
    return document


def _is_function(program: Program, document: JSONObject) -> bool:
    """Whether a value that came out as ``None`` is a function; evaluated anew, as few results are ``null``."""
    return compiled(program.asks_for_function, program.prelude)(document, None, *_LIMITS) is True


class NativeEngine:
    """JSONata by jsonatapy."""

    @property
    def name(self) -> str:
        """The distribution's name."""
        return "jsonatapy"

    @property
    def version(self) -> str:
        """The distribution's version."""
        return str(jsonatapy.__version__)

    def compile(self, text: str) -> CompiledJsonata:
        """As ``JsonataEngine.compile``; expressions with look-around are given to the other engine if it is there."""
        try:
            node = parse_jsonata(text)
        except JsonataSyntaxError as mistake:
            raise syntax_error(text, mistake) from None
        patterns = [part for part in every_node(node) if isinstance(part, Pattern)]
        engine_text, lacking = _with_translated(text, patterns)
        if lacking is not None:
            return _backtracking(text, *lacking)
        expression = NativeJsonata(text, node, to_engine_text(engine_text))
        try:
            expression.check()
        except JsonataError as failure:
            raise errors.ExpressionSyntaxError(text, 1, str(failure)) from None
        return expression


def syntax_error(text: str, mistake: JsonataSyntaxError) -> errors.ExpressionSyntaxError:
    """The author's error for a mistake in ``text``."""
    return errors.ExpressionSyntaxError(text, mistake.position + 1, f"{mistake.code}: {mistake.message}")


def _with_translated(text: str, patterns: list[Pattern]) -> tuple[str, tuple[int, str] | None]:
    """``text`` with its regular expressions as Rust reads them; or where and what a linear matcher lacks."""
    pieces: list[str] = []
    at = 0
    for part in sorted(patterns, key=lambda each: each.position):
        pattern, flags = part.regex
        try:
            translation = translate_regex(pattern, flags, RUST)
        except RegexSyntaxError as mistake:
            place = part.position + 2 + mistake.offset
            reason = f"invalid regular expression: {mistake.reason}"
            raise errors.ExpressionSyntaxError(text, place, reason) from None
        if translation.needs_backtracking:
            return text, (part.position, translation.needs_backtracking)
        pieces.append(f"{text[at : part.position]}/{translation.text}/{flags}")
        at = part.position + len(pattern) + len(flags) + 2
    return f"{''.join(pieces)}{text[at:]}", None


def _backtracking(text: str, position: int, feature: str) -> CompiledJsonata:
    try:
        from sfn_notebook.asl.jsonata_fallback import FallbackEngine
    except ImportError:
        reason = f"a regular expression with {feature} needs the package jsonata-python."
        hint = "pip install jsonata-python"
        raise errors.ExpressionSyntaxError(text, position + 1, reason, hint=hint) from None
    return FallbackEngine().compile(text)
