"""Chooses how a JSONata expression is evaluated: by a closure, or by one of two engines; nothing of states and fields.

A plain expression (paths, comparisons, constructors) is a closure, which asks an engine only where a value is not
plain; every other expression is an engine's. The engine is jsonatapy where it is installed, otherwise jsonata-python.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sfn_notebook import errors
from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_getters import NeedsEngine, compile_getter
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_references import References, find_references
from sfn_notebook.asl.jsonata_scope import (
    UNDEFINED,
    CompiledJsonata,
    EagerScope,
    Getter,
    JsonataEngine,
    JsonataError,
    JsonataScope,
    UnsupportedResult,
)
from sfn_notebook.asl.jsonata_tokens import JsonataSyntaxError

__all__ = [
    "ENGINE_NAMES",
    "UNDEFINED",
    "CompiledJsonata",
    "EagerScope",
    "Getter",
    "JsonataEngine",
    "JsonataError",
    "JsonataExpression",
    "JsonataScope",
    "UnsupportedResult",
    "compile_jsonata",
    "jsonata_engine",
]

_HINT: Final = "pip install jsonatapy (or jsonata-python where it has no wheel)."


@dataclass(frozen=True, kw_only=True, slots=True)
class JsonataExpression:
    """A compiled expression: ``evaluate(scope)`` gives its value or ``UNDEFINED``, on any thread.

    It raises ``JsonataError`` where the expression fails and ``UnsupportedResult`` where its value is a function. The
    value may share structure with the scope's; nobody may change either in place.
    """

    text: str
    evaluate: Getter
    references: References
    is_plain: bool


def _native() -> JsonataEngine:
    from sfn_notebook.asl.jsonata_native import NativeEngine

    return NativeEngine()


def _fallback() -> JsonataEngine:
    from sfn_notebook.asl.jsonata_fallback import FallbackEngine

    return FallbackEngine()


_ENGINES: Final[dict[str, Callable[[], JsonataEngine]]] = {"jsonatapy": _native, "jsonata-python": _fallback}
ENGINE_NAMES: Final = tuple(_ENGINES)


@lru_cache(maxsize=4)
def jsonata_engine(name: str | None = None) -> JsonataEngine:
    """The engine called ``name``, or the first of ``ENGINE_NAMES`` that is installed.

    Raises:
        UnknownName: If there is no engine of this name.
        FeatureNotSupported: If it, or each of them, is not installed.
    """
    if name is not None and name not in _ENGINES:
        raise errors.UnknownName("JSONata engine", name, ENGINE_NAMES)
    for candidate in ENGINE_NAMES if name is None else (name,):
        try:
            return _ENGINES[candidate]()
        except ImportError:
            continue
    raise errors.FeatureNotSupported("JSONata without an engine", hint=_HINT)


@lru_cache(maxsize=4096)
def compile_jsonata(text: str, engine_name: str | None = None) -> JsonataExpression:
    """Compile an expression, written without its delimiters.

    Raises:
        ExpressionSyntaxError: With the column, and JSONata's code and text as the reason.
        FeatureNotSupported: If the expression is not plain and no engine is installed.

    Source: JSONata documentation; AWS developer guide, "Transforming data with JSONata in Step Functions".
    """
    try:
        node = parse_jsonata(text)
    except JsonataSyntaxError as mistake:
        reason = f"{mistake.code}: {mistake.message}"
        raise errors.ExpressionSyntaxError(text, mistake.position + 1, reason) from None
    getter = compile_getter(node)
    if getter is None:
        evaluate: Getter = jsonata_engine(engine_name).compile(text).evaluate
    else:
        evaluate = _with_engine_behind(getter, text, engine_name)
    return JsonataExpression(
        text=text, evaluate=evaluate, references=find_references(node), is_plain=getter is not None
    )


def _with_engine_behind(getter: Getter, text: str, engine_name: str | None) -> Getter:
    """``getter``, and an engine, which is not compiled for before it is needed."""

    def evaluate(scope: JsonataScope) -> JSONValue:
        try:
            return getter(scope)
        except NeedsEngine:
            return _compiled_by_engine(text, engine_name).evaluate(scope)

    return evaluate


@lru_cache(maxsize=4096)
def _compiled_by_engine(text: str, engine_name: str | None) -> CompiledJsonata:
    try:
        return jsonata_engine(engine_name).compile(text)
    except errors.FeatureNotSupported as missing:
        raise JsonataError("", f"{missing.message} {missing.hint}") from None
