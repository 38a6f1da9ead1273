"""How a JSONPath state's payload flows from its raw input to its output, as compiled steps; not when they run.

The order is InputPath, Parameters, the work, ResultSelector, ResultPath, OutputPath. A step that changes nothing
compiles to ``None``, so that the engine can skip it. Source: Amazon States Language, "Input and Output Processing".
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl.environment import Environment, EvaluationError
from sfn_notebook.asl.model import Template
from sfn_notebook.asl.paths import CompiledPath, Evaluator, PathNotFound, compile_path, parse_reference_path, set_at
from sfn_notebook.asl.payload_template import compile_payload_template
from sfn_notebook.asl.timestamps import parse_timestamp

ResultPlacer: TypeAlias = Callable[[JSONValue, JSONValue], JSONValue]
"""``place(raw_input, result)`` gives the raw input with the result in its place."""

IntegerOf: TypeAlias = Callable[[JSONValue, Environment], int]

INT32: Final = range(-(2**31), 2**31)
INT64: Final = range(-(2**63), 2**63)
MAX_SECONDS = 99_999_999
"""The longest Wait, timeout or interval that the language allows."""


def _discard(_input: JSONValue, _environment: Environment) -> JSONValue:
    return {}


def _required(path: CompiledPath) -> Evaluator:
    """Evaluate a path that must match, with AWS's text when it does not."""
    evaluate, text = path.evaluate, path.text

    def value_at(state_input: JSONValue, environment: Environment) -> JSONValue:
        try:
            return evaluate(state_input, environment)
        except PathNotFound as missing:
            raise EvaluationError("States.Runtime", f"Invalid path '{text}' : {missing.detail}") from None

    return value_at


def compile_filter(path: str | None) -> Evaluator | None:
    """Compile InputPath or OutputPath: ``"$"`` changes nothing, ``null`` gives ``{}``."""
    if path is None:
        return _discard
    compiled = compile_path(path)
    return None if compiled.is_identity else _required(compiled)


def compile_template(template: Template) -> Evaluator | None:
    """Compile Parameters, ItemSelector or ResultSelector; an absent one changes nothing."""
    return None if template is ABSENT else compile_payload_template(template)


def _keep_input(raw_input: JSONValue, _result: JSONValue) -> JSONValue:
    return raw_input


def compile_result_path(path: str | None) -> ResultPlacer | None:
    """Compile ResultPath: ``"$"`` (``None`` here) replaces the input by the result, ``null`` keeps the input."""
    if path is None:
        return _keep_input
    segments = parse_reference_path(path)
    if not segments:
        return None
    return lambda raw_input, result: set_at(raw_input, segments, result)


def compile_items(path: str) -> Evaluator:
    """Compile ItemsPath: the value must be an array."""
    evaluate = _required(compile_path(path))

    def items_of(state_input: JSONValue, environment: Environment) -> JSONValue:
        items = evaluate(state_input, environment)
        if not isinstance(items, list):
            # Recorded: a path into the Context Object is shown without its first "$".
            shown = path.removeprefix("$") if path.startswith("$$") else path
            raise EvaluationError("States.Runtime", f'Reference path "{shown}" must point to array.', prefixed=False)
        return items

    return items_of


def compile_integer(field: str, literal: int | str | None, path: str | None) -> IntegerOf | int | None:
    """Compile a pair such as MaxConcurrency and MaxConcurrencyPath: a number, a way to find one, or ``None``.

    Source: the texts are those of recorded executions.
    """
    if path is None:
        return literal if isinstance(literal, int) else None
    evaluate = _required(compile_path(path))

    def integer_of(state_input: JSONValue, environment: Environment) -> int:
        value = evaluate(state_input, environment)
        if isinstance(value, int) and not isinstance(value, bool) and value in INT32:
            return value
        shown = value if isinstance(value, str) else _json.dump(value)
        detail = f'The {field}Path field refers to value "{shown}" which is not a valid integer: {path}'
        raise EvaluationError("States.Runtime", detail)

    return integer_of


def compile_wait_seconds_path(path: str) -> IntegerOf:
    """Compile SecondsPath of a Wait. Source: the texts are those of recorded executions."""
    evaluate = compile_path(path).evaluate

    def seconds_of(state_input: JSONValue, environment: Environment) -> int:
        try:
            value = evaluate(state_input, environment)
        except PathNotFound:
            detail = f"The SecondsPath parameter does not reference an input value: {path}"
            raise EvaluationError("States.Runtime", detail) from None
        if not isinstance(value, int) or isinstance(value, bool) or value not in INT64:
            shown = value if isinstance(value, str) else _json.dump(value)
            detail = f"The SecondsPath parameter cannot be parsed as a long value: {path} == {shown}"
            raise EvaluationError("States.Runtime", detail)
        if value < 0:
            detail = f"The SecondsPath parameter references a negative value: {path} == {value}"
            raise EvaluationError("States.Runtime", detail)
        return value

    return seconds_of


def compile_timestamp_path(path: str) -> Callable[[JSONValue, Environment], float]:
    """Compile TimestampPath of a Wait, in seconds since the epoch."""
    evaluate = _required(compile_path(path))

    def timestamp_of(state_input: JSONValue, environment: Environment) -> float:
        value = evaluate(state_input, environment)
        if isinstance(value, str):
            with suppress(ValueError):
                return parse_timestamp(value)
        shown = value if isinstance(value, str) else _json.dump(value)
        detail = (
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
            f"{path} == {shown}"
        )
        raise EvaluationError("States.Runtime", detail)

    return timestamp_of


def compile_text(literal: str | None, path: str | None, field: str) -> Evaluator | str | None:
    """Compile Error and ErrorPath, or Cause and CausePath: a text, a way to find one, or ``None``.

    A path may be a JSONPath or an intrinsic function, so it is evaluated as a payload template would be.
    """
    if path is None:
        return literal
    evaluate = compile_payload_template({f"{field}.$": path})

    def text_of(state_input: JSONValue, environment: Environment) -> JSONValue:
        value = evaluate(state_input, environment)[field]
        if not isinstance(value, str):
            detail = f"The value of {field}Path must be a string, but {path} is {_json.dump(value)}"
            raise EvaluationError("States.Runtime", detail)
        return value

    return text_of
