"""Builds the model from a definition that passed validation; it decides nothing that the tables of rules decide."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.asl.branches import machine_query_language, misplaced_fields, state_query_language
from sfn_notebook.asl.fields import OPERATORS
from sfn_notebook.asl.model import (
    And,
    Branch,
    Catcher,
    ChoiceRule,
    ChoiceState,
    Comparison,
    Condition,
    Definition,
    FailState,
    ItemProcessor,
    JitterStrategy,
    JsonataCondition,
    MapState,
    Not,
    Or,
    ParallelState,
    PassState,
    ProcessorMode,
    QueryLanguage,
    Retrier,
    State,
    SucceedState,
    TaskState,
    Template,
    WaitState,
)
from sfn_notebook.asl.resource_rules import resource_text
from sfn_notebook.asl.rules import ERROR
from sfn_notebook.asl.source import Document, Format, read_document
from sfn_notebook.asl.spans import child_pointer
from sfn_notebook.asl.validation import validate
from sfn_notebook.errors import DefinitionError, InternalError


def parse_definition(
    source: Document | str | JSONObject, *, name: str = "definition", is_express: bool = False
) -> Definition:
    """Read, validate and build a state machine.

    Args:
        source: A document, JSON or YAML text, or a definition as a Python ``dict``.
        name: What to call the definition in an error.
        is_express: Whether it is to be an Express machine.

    Returns:
        The model; ``raw`` is the definition as JSON.

    Raises:
        DefinitionError: With every problem of severity ERROR, in the order of the text.
        InvalidInput: If a ``dict`` holds something that is not JSON.

    Source: Amazon States Language specification.
    """
    if isinstance(source, str):
        source = read_document(source)
    document = source if isinstance(source, Document) else Document.from_value(source)
    errors = [each for each in validate(document, is_express=is_express) if each.severity == ERROR]
    if errors:
        raise DefinitionError(name, errors)
    return _definition(document.value)


def parse_definition_text(text: str, *, name: str = "definition", format: Format | None = None) -> Definition:
    """Read, validate and build a state machine from text, in ``format`` or in the one that the text shows.

    Raises:
        DefinitionError: As ``parse_definition`` does.
    """
    return parse_definition(read_document(text, format=format), name=name)


def _definition(value: JSONObject) -> Definition:
    machine = misplaced_fields(value) | value
    language = machine_query_language(value)
    return Definition(
        start_at=value["StartAt"],
        states=_states(value, "", language),
        comment=machine.get("Comment", ""),
        version=machine.get("Version", "1.0"),
        query_language=language,
        timeout_seconds=_integer(machine.get("TimeoutSeconds")),
        raw=value,
    )


def _states(branch: JSONObject, pointer: str, language: QueryLanguage) -> Mapping[str, State]:
    base = child_pointer(pointer, "States")
    return MappingProxyType(
        {
            name: _BUILDERS[state["Type"]](state, _common(name, state, child_pointer(base, name), language), language)
            for name, state in branch["States"].items()
            if isinstance(state, dict)
        }
    )


def _common(name: str, state: JSONObject, pointer: str, language: QueryLanguage) -> dict[str, Any]:
    """The fields of every state, as arguments of its class."""
    return {
        "name": name,
        "pointer": pointer,
        "comment": state.get("Comment", ""),
        "query_language": state_query_language(state, language),
        "input_path": state.get("InputPath", "$"),
        "output_path": state.get("OutputPath", "$"),
        "output": _template(state, "Output"),
        "assign": _template(state, "Assign"),
    }


def _template(value: JSONObject, name: str) -> Template:
    return value.get(name, ABSENT)


def _integer(value: JSONValue) -> int | None:
    """A whole number, which YAML or JSON may have written as ``10.0``."""
    return None if value is None else int(value)


def _integer_or_expression(value: JSONValue) -> int | str | None:
    return value if isinstance(value, str) else _integer(value)


def _next(state: JSONObject) -> str | None:
    following: str | None = state.get("Next")
    return following


def _pass(state: JSONObject, common: dict[str, Any], _language: QueryLanguage) -> PassState:
    return PassState(
        **common,
        next_state=_next(state),
        parameters=_template(state, "Parameters"),
        result=_template(state, "Result"),
        result_path=state.get("ResultPath", "$"),
    )


def _task(state: JSONObject, common: dict[str, Any], _language: QueryLanguage) -> TaskState:
    resource = resource_text(state["Resource"])
    if resource is None:
        raise InternalError(f"{common['pointer']}: a Resource that passed validation has no text.")
    return TaskState(
        **common,
        **_failures(state),
        next_state=_next(state),
        resource=resource,
        parameters=_template(state, "Parameters"),
        arguments=_template(state, "Arguments"),
        result_selector=_template(state, "ResultSelector"),
        result_path=state.get("ResultPath", "$"),
        timeout_seconds=_integer_or_expression(state.get("TimeoutSeconds")),
        timeout_seconds_path=state.get("TimeoutSecondsPath"),
        heartbeat_seconds=_integer_or_expression(state.get("HeartbeatSeconds")),
        heartbeat_seconds_path=state.get("HeartbeatSecondsPath"),
        credentials=_template(state, "Credentials"),
    )


def _choice(state: JSONObject, common: dict[str, Any], _language: QueryLanguage) -> ChoiceState:
    return ChoiceState(
        **common, choices=tuple(_choice_rule(rule) for rule in state["Choices"]), default=state.get("Default")
    )


def _wait(state: JSONObject, common: dict[str, Any], _language: QueryLanguage) -> WaitState:
    return WaitState(
        **common,
        next_state=_next(state),
        seconds=_integer_or_expression(state.get("Seconds")),
        seconds_path=state.get("SecondsPath"),
        timestamp=state.get("Timestamp"),
        timestamp_path=state.get("TimestampPath"),
    )


def _succeed(_state: JSONObject, common: dict[str, Any], _language: QueryLanguage) -> SucceedState:
    return SucceedState(**common)


def _fail(state: JSONObject, common: dict[str, Any], _language: QueryLanguage) -> FailState:
    return FailState(
        **common,
        error=state.get("Error"),
        error_path=state.get("ErrorPath"),
        cause=state.get("Cause"),
        cause_path=state.get("CausePath"),
    )


def _parallel(state: JSONObject, common: dict[str, Any], language: QueryLanguage) -> ParallelState:
    base = child_pointer(common["pointer"], "Branches")
    branches = tuple(
        _branch(branch, child_pointer(base, index), language) for index, branch in enumerate(state["Branches"])
    )
    return ParallelState(
        **common,
        **_failures(state),
        next_state=_next(state),
        branches=branches,
        parameters=_template(state, "Parameters"),
        arguments=_template(state, "Arguments"),
        result_selector=_template(state, "ResultSelector"),
        result_path=state.get("ResultPath", "$"),
    )


def _branch(branch: JSONObject, pointer: str, language: QueryLanguage) -> Branch:
    return Branch(
        start_at=branch["StartAt"],
        states=_states(branch, pointer, language),
        pointer=pointer,
        comment=branch.get("Comment", ""),
    )


def _map(state: JSONObject, common: dict[str, Any], language: QueryLanguage) -> MapState:
    field = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
    processor = _item_processor(state[field], child_pointer(common["pointer"], field), language)
    concurrency = _integer_or_expression(state.get("MaxConcurrency"))
    return MapState(
        **common,
        **_failures(state),
        **_distributed(state),
        next_state=_next(state),
        item_processor=processor,
        items_path=state.get("ItemsPath", "$"),
        items=_template(state, "Items"),
        item_selector=_template(state, "ItemSelector" if "ItemSelector" in state else "Parameters"),
        max_concurrency=0 if concurrency is None else concurrency,
        max_concurrency_path=state.get("MaxConcurrencyPath"),
        result_selector=_template(state, "ResultSelector"),
        result_path=state.get("ResultPath", "$"),
    )


def _distributed(state: JSONObject) -> dict[str, Any]:
    """The fields of a Distributed Map, kept as they were written."""
    return {
        "item_reader": _template(state, "ItemReader"),
        "item_batcher": _template(state, "ItemBatcher"),
        "result_writer": _template(state, "ResultWriter"),
        "label": state.get("Label"),
        "tolerated_failure_count": _integer_or_expression(state.get("ToleratedFailureCount")),
        "tolerated_failure_count_path": state.get("ToleratedFailureCountPath"),
        "tolerated_failure_percentage": state.get("ToleratedFailurePercentage"),
        "tolerated_failure_percentage_path": state.get("ToleratedFailurePercentagePath"),
    }


def _item_processor(processor: JSONObject, pointer: str, language: QueryLanguage) -> ItemProcessor:
    config = processor.get("ProcessorConfig", {})
    return ItemProcessor(
        start_at=processor["StartAt"],
        states=_states(processor, pointer, language),
        pointer=pointer,
        comment=processor.get("Comment", ""),
        mode=ProcessorMode(config.get("Mode", ProcessorMode.INLINE)),
        execution_type=config.get("ExecutionType"),
    )


def _failures(state: JSONObject) -> dict[str, Any]:
    return {
        "retry": tuple(_retrier(entry) for entry in state.get("Retry", ())),
        "catch": tuple(_catcher(entry) for entry in state.get("Catch", ())),
    }


def _retrier(entry: JSONObject) -> Retrier:
    return Retrier(
        error_equals=tuple(entry["ErrorEquals"]),
        interval_seconds=int(entry.get("IntervalSeconds", 1)),
        max_attempts=int(entry.get("MaxAttempts", 3)),
        backoff_rate=float(entry.get("BackoffRate", 2.0)),
        max_delay_seconds=_integer(entry.get("MaxDelaySeconds")),
        jitter_strategy=JitterStrategy(entry.get("JitterStrategy", JitterStrategy.NONE)),
    )


def _catcher(entry: JSONObject) -> Catcher:
    return Catcher(
        error_equals=tuple(entry["ErrorEquals"]),
        next_state=entry["Next"],
        result_path=entry.get("ResultPath", "$"),
        output=_template(entry, "Output"),
        assign=_template(entry, "Assign"),
    )


def _choice_rule(rule: JSONObject) -> ChoiceRule:
    return ChoiceRule(
        condition=_condition(rule),
        next_state=rule["Next"],
        comment=rule.get("Comment", ""),
        output=_template(rule, "Output"),
        assign=_template(rule, "Assign"),
    )


def _condition(rule: JSONObject) -> Condition:
    if "Condition" in rule:
        return JsonataCondition(expression=rule["Condition"])
    if "And" in rule:
        return And(conditions=tuple(map(_condition, rule["And"])))
    if "Or" in rule:
        return Or(conditions=tuple(map(_condition, rule["Or"])))
    if "Not" in rule:
        return Not(condition=_condition(rule["Not"]))
    operator = next(name for name in rule if name in OPERATORS)
    return Comparison(
        variable=rule["Variable"],
        operator=operator.removesuffix("Path"),
        operand=rule[operator],
        operand_is_path=operator.endswith("Path"),
    )


_BUILDERS: Final[Mapping[str, Callable[[JSONObject, dict[str, Any], QueryLanguage], State]]] = MappingProxyType(
    {
        "Pass": _pass,
        "Task": _task,
        "Choice": _choice,
        "Wait": _wait,
        "Succeed": _succeed,
        "Fail": _fail,
        "Parallel": _parallel,
        "Map": _map,
    }
)
