"""From a definition to the model."""

import json
from typing import Any

import pytest

from sfn_notebook._json import ABSENT
from sfn_notebook.asl.model import (
    And,
    ChoiceState,
    Comparison,
    FailState,
    JitterStrategy,
    JsonataCondition,
    MapState,
    Not,
    ParallelState,
    PassState,
    ProcessorMode,
    QueryLanguage,
    TaskState,
    WaitState,
)
from sfn_notebook.asl.parser import parse_definition, parse_definition_text
from sfn_notebook.asl.source import read_document
from sfn_notebook.errors import DefinitionError, InvalidInput

YAML_TEXT = """
Comment: An order
StartAt: Validate
TimeoutSeconds: 300
States:
  Validate:
    Type: Task
    Resource: ${validate_order}
    TimeoutSeconds: 10.0
    ResultPath: null
    Retry:
      - ErrorEquals: [States.Timeout]
        MaxAttempts: 5
        BackoffRate: 1.5
        MaxDelaySeconds: 60
        JitterStrategy: FULL
      - ErrorEquals: [States.ALL]
    Catch:
      - ErrorEquals: [States.ALL]
        ResultPath: $.error
        Next: Refuse
    Next: Known?
  Known?:
    Type: Choice
    Choices:
      - And:
          - Variable: $.customer
            IsPresent: true
          - Not:
              Variable: $.total
              NumericGreaterThanPath: $.limit
        Comment: good
        Next: Both
    Default: Refuse
  Both:
    Type: Parallel
    Branches:
      - StartAt: Pause
        States:
          Pause: {Type: Wait, Timestamp: 2026-03-14T01:59:00Z, End: true}
      - StartAt: Each
        Comment: second
        States:
          Each:
            Type: Map
            ItemsPath: $.items
            MaxConcurrency: 2
            Iterator:
              StartAt: One
              States:
                One: {Type: Pass, Result: null, End: true}
            Parameters: {item.$: $$.Map.Item.Value}
            End: true
    End: true
  Refuse:
    Type: Fail
    ErrorPath: $.error.Error
    Cause: no
"""


def test_definition_is_read_whole() -> None:
    definition = parse_definition(YAML_TEXT, name="Order")
    assert (definition.start_at, definition.comment, definition.timeout_seconds) == ("Validate", "An order", 300)
    assert definition.query_language is QueryLanguage.JSONPATH
    assert list(definition.states) == ["Validate", "Known?", "Both", "Refuse"]
    assert definition.raw["States"]["Refuse"]["Cause"] == "no"
    refuse = definition.states["Refuse"]
    assert isinstance(refuse, FailState)
    assert (refuse.error, refuse.error_path, refuse.cause) == (None, "$.error.Error", "no")


def test_task_with_retry_and_catch() -> None:
    state = parse_definition(YAML_TEXT).states["Validate"]
    assert isinstance(state, TaskState)
    assert state.resource == "${validate_order}"
    assert state.timeout_seconds == 10
    assert isinstance(state.timeout_seconds, int)
    assert state.result_path is None
    assert state.parameters is ABSENT
    first, second = state.retry
    assert (first.max_attempts, first.backoff_rate, first.max_delay_seconds) == (5, 1.5, 60)
    assert first.jitter_strategy is JitterStrategy.FULL
    assert (second.interval_seconds, second.max_attempts, second.backoff_rate) == (1, 3, 2.0)
    [catcher] = state.catch
    assert (catcher.error_equals, catcher.next_state, catcher.result_path) == (("States.ALL",), "Refuse", "$.error")


def test_choice_rules_nest() -> None:
    state = parse_definition(YAML_TEXT).states["Known?"]
    assert isinstance(state, ChoiceState)
    [rule] = state.choices
    assert (rule.next_state, rule.comment, state.default) == ("Both", "good", "Refuse")
    assert rule.condition == And(
        conditions=(
            Comparison(variable="$.customer", operator="IsPresent", operand=True),
            Not(
                condition=Comparison(
                    variable="$.total", operator="NumericGreaterThan", operand="$.limit", operand_is_path=True
                )
            ),
        )
    )


def test_branches_and_legacy_map() -> None:
    both = parse_definition(YAML_TEXT).states["Both"]
    assert isinstance(both, ParallelState)
    assert both.is_terminal
    first, second = both.branches
    assert (first.pointer, second.comment) == ("/States/Both/Branches/0", "second")
    pause = first.states["Pause"]
    assert isinstance(pause, WaitState)
    assert (pause.timestamp, pause.pointer) == ("2026-03-14T01:59:00Z", "/States/Both/Branches/0/States/Pause")
    each = second.states["Each"]
    assert isinstance(each, MapState)
    assert (each.items_path, each.max_concurrency) == ("$.items", 2)
    assert each.item_selector == {"item.$": "$$.Map.Item.Value"}
    processor = each.item_processor
    assert (processor.mode, processor.pointer) == (ProcessorMode.INLINE, f"{each.pointer}/Iterator")
    one = processor.states["One"]
    assert isinstance(one, PassState)
    assert one.result is None


def test_states_inherit_the_query_language_of_the_machine_not_of_what_encloses_them() -> None:
    definition = parse_definition(
        {
            "StartAt": "M",
            "States": {
                "M": {
                    "Type": "Map",
                    "QueryLanguage": "JSONata",
                    "Items": "{% [1, 2] %}",
                    "MaxConcurrency": "{% 1 %}",
                    "ItemProcessor": {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}},
                    "Next": "C",
                },
                "C": {
                    "Type": "Choice",
                    "QueryLanguage": "JSONata",
                    "Choices": [{"Condition": "{% true %}", "Assign": {"x": 1}, "Next": "P2"}],
                },
                "P2": {"Type": "Pass", "InputPath": None, "End": True},
            },
        }
    )
    outer, choice, last = definition.states["M"], definition.states["C"], definition.states["P2"]
    assert isinstance(outer, MapState)
    assert outer.query_language is QueryLanguage.JSONATA
    assert (outer.items, outer.max_concurrency) == ("{% [1, 2] %}", "{% 1 %}")
    assert outer.item_processor.states["P"].query_language is QueryLanguage.JSONPATH
    assert isinstance(choice, ChoiceState)
    assert choice.choices[0].condition == JsonataCondition(expression="{% true %}")
    assert choice.choices[0].assign == {"x": 1}
    assert last.input_path is None


def test_misplaced_query_language_counts() -> None:
    definition = parse_definition(
        {"StartAt": "S", "States": {"QueryLanguage": "JSONata", "S": {"Type": "Succeed", "Output": "{% 1 %}"}}}
    )
    assert definition.query_language is QueryLanguage.JSONATA
    assert list(definition.states) == ["S"]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"Ref": "Work"}, "${Work}"),
        ({"Fn::GetAtt": ["Work", "Arn"]}, "${Work.Arn}"),
        ({"Fn::Sub": "arn:${AWS::Partition}:states:::lambda:invoke"}, "arn:${AWS::Partition}:states:::lambda:invoke"),
    ],
)
def test_cloudformation_resources_become_substitutions(resource: Any, expected: str) -> None:
    definition = parse_definition(
        {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": resource, "End": True}}}
    )
    state = definition.states["S"]
    assert isinstance(state, TaskState)
    assert state.resource == expected


def test_all_errors_are_raised_together_and_name_the_definition() -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(
            '{"StartAt": "A", "States": {"B": {"Type": "Pass", "Nxt": "C", "InputPath": "x"}}}', name="Order"
        )
    error = caught.value
    assert [problem.rule for problem in error.problems] == [
        "MISSING_TRANSITION_TARGET",
        "NEXT_OR_END",
        "UNKNOWN_FIELD",
        "INVALID_PATH",
    ]
    assert str(error).startswith("Order has 4 problems:")
    assert "line 1, column 51, /States/B/Nxt" in str(error)


def test_warnings_do_not_stop_a_definition() -> None:
    definition = parse_definition(
        {"StartAt": "S", "States": {"S": {"Type": "Pass", "Parameters": {"a": "$.b"}, "End": True}}}
    )
    assert definition.states["S"].name == "S"


def test_syntax_error_is_a_definition_error() -> None:
    with pytest.raises(DefinitionError, match="line 1, column 16"):
        parse_definition_text('{"StartAt": "A",}')
    with pytest.raises(DefinitionError, match="YAML_SYNTAX"):
        parse_definition_text("StartAt: [", format="yaml")


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidInput, match="type function"):
        parse_definition({"StartAt": "S", "States": {"S": {"Type": "Pass", "Result": lambda: 1, "End": True}}})


def test_document_text_and_dict_give_the_same_model() -> None:
    value = {"StartAt": "S", "States": {"S": {"Type": "Wait", "Seconds": 5, "End": True}}}
    from_text = parse_definition(json.dumps(value))
    assert parse_definition(value) == from_text
    assert parse_definition(read_document("StartAt: S\nStates: {S: {Type: Wait, Seconds: 5, End: true}}")) == from_text


def test_deeply_nested_machines_are_built() -> None:
    inner: dict[str, Any] = {"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}
    for level in range(48):
        state = {"Type": "Parallel", "Branches": [inner], "End": True}
        inner = {"StartAt": f"P{level}", "States": {f"P{level}": state}}
    assert parse_definition(inner).start_at == "P47"
