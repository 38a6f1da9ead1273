"""The fields of a state as evaluators, whichever query language they are written in; it knows no order of stages.

Every function gives a closure ``evaluate(value, environment)``, so that the engine need not ask for the language:
JSONPath looks at the value, JSONata at the environment.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl import choice, data_flow, jsonata_template
from sfn_notebook.asl.data_flow import IntegerOf, ResultPlacer
from sfn_notebook.asl.environment import Environment
from sfn_notebook.asl.jsonata_scope import JsonataScope
from sfn_notebook.asl.model import (
    Catcher,
    ChoiceRule,
    FailState,
    JsonataCondition,
    MapState,
    ParallelState,
    PassState,
    QueryLanguage,
    State,
    TaskState,
    Template,
    WaitState,
)
from sfn_notebook.asl.paths import Evaluator
from sfn_notebook.asl.timestamps import parse_timestamp

Predicate: TypeAlias = Callable[[JSONValue, Environment], bool]
Value = TypeVar("Value")


def is_jsonata(state: State) -> bool:
    """Whether a state's fields are written in JSONata."""
    return state.query_language is QueryLanguage.JSONATA


def _scoped(evaluate: Callable[[JsonataScope], Value]) -> Callable[[JSONValue, Environment], Value]:
    return lambda _value, environment: evaluate(environment)


def _template(template: Template, field: str) -> Evaluator | None:
    """A JSONata field of any type; an absent one changes nothing."""
    return None if template is ABSENT else _scoped(jsonata_template.compile_template(template, field))


def common_fields(state: State) -> Mapping[str, JSONValue]:
    """What every state may have: InputPath and OutputPath, or Output; and Assign."""
    if is_jsonata(state):
        return {"assign": _template(state.assign, "Assign"), "output": _template(state.output, "Output")}
    return {
        "filter_input": data_flow.compile_filter(state.input_path),
        "filter_output": data_flow.compile_filter(state.output_path),
        "assign": data_flow.compile_template(state.assign),
    }


def result_fields(state: TaskState | ParallelState | MapState) -> Mapping[str, JSONValue]:
    """ResultSelector and ResultPath, which JSONata does without."""
    if is_jsonata(state):
        return {}
    return {
        "select_result": data_flow.compile_template(state.result_selector),
        "place_result": data_flow.compile_result_path(state.result_path),
    }


def parameters(state: PassState | TaskState | ParallelState) -> Evaluator | None:
    """Parameters, or Arguments."""
    if is_jsonata(state):
        return None if isinstance(state, PassState) else _template(state.arguments, "Arguments")
    return data_flow.compile_template(state.parameters)


def credentials(state: TaskState) -> Evaluator | None:
    """Credentials, of which a history shows the role."""
    if is_jsonata(state):
        return _template(state.credentials, "Credentials")
    return data_flow.compile_template(state.credentials)


def result_placer(state: PassState) -> ResultPlacer | None:
    """ResultPath of a Pass."""
    return None if is_jsonata(state) else data_flow.compile_result_path(state.result_path)


def integer(state: State, field: str, value: float | str | None, path: str | None) -> IntegerOf | int | None:
    """A whole number, written as it is, as a path to it, or as an expression."""
    if is_jsonata(state) and isinstance(value, str):
        return _scoped(jsonata_template.compile_integer(value, field))
    return data_flow.compile_integer(field, int(value) if isinstance(value, float) else value, path)


def condition(rule: ChoiceRule) -> Predicate:
    """The condition of a Choice rule."""
    if isinstance(rule.condition, JsonataCondition):
        return _scoped(jsonata_template.compile_boolean(rule.condition.expression, "Condition"))
    return choice.compile_condition(rule.condition)


def leaving_fields(state: State, rule: ChoiceRule | Catcher) -> Mapping[str, JSONValue]:
    """Assign and Output of a Choice rule or a Catcher."""
    if is_jsonata(state):
        return {"assign": _template(rule.assign, "Assign"), "output": _template(rule.output, "Output")}
    return {"assign": data_flow.compile_template(rule.assign)}


def catcher_placer(state: State, catcher: Catcher) -> ResultPlacer | None:
    """ResultPath of a Catcher."""
    return None if is_jsonata(state) else data_flow.compile_result_path(catcher.result_path)


def items(state: MapState) -> Evaluator:
    """The array that a Map works on."""
    if not is_jsonata(state):
        return data_flow.compile_items(state.items_path)
    if state.items is ABSENT:
        return lambda value, _environment: jsonata_template.array_input(value)
    return _scoped(jsonata_template.compile_array(state.items, "Items"))


def item_selector(state: MapState) -> Evaluator | None:
    """ItemSelector."""
    if is_jsonata(state):
        return _template(state.item_selector, "ItemSelector")
    return data_flow.compile_template(state.item_selector)


def failure_text(state: FailState, field: str) -> Evaluator | str | None:
    """Error or Cause of a Fail."""
    literal, path = (state.error, state.error_path) if field == "Error" else (state.cause, state.cause_path)
    if is_jsonata(state) and literal is not None and jsonata_template.is_expression(literal):
        return _scoped(jsonata_template.compile_string(literal, field))
    return data_flow.compile_text(literal, path, field)


def wait_fields(state: WaitState) -> Mapping[str, JSONValue]:
    """When a Wait ends: ``seconds`` from now, or at ``timestamp_seconds``."""
    if state.seconds_path is not None:
        return {"seconds": data_flow.compile_wait_seconds_path(state.seconds_path)}
    if state.timestamp_path is not None:
        return {"timestamp_seconds": data_flow.compile_timestamp_path(state.timestamp_path)}
    if state.timestamp is None:
        return {"seconds": integer(state, "Seconds", state.seconds, None)}
    if is_jsonata(state) and jsonata_template.is_expression(state.timestamp):
        return {"timestamp_seconds": _scoped(jsonata_template.compile_timestamp(state.timestamp, "Timestamp"))}
    return {"timestamp_seconds": parse_timestamp(state.timestamp)}
