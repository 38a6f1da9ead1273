from datetime import timedelta

import pytest

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.model import (
    And,
    Comparison,
    Condition,
    JsonataCondition,
    Not,
    Or,
    Retrier,
    TaskState,
    WaitState,
)
from sfn_notebook.views import wording


def _compare(variable: str, operator: str, operand: JSONValue, *, is_path: bool = False) -> Comparison:
    return Comparison(variable=variable, operator=operator, operand=operand, operand_is_path=is_path)


SCORE = _compare("$.score", "NumericGreaterThan", 80)
COUNTRY = _compare("$.country", "StringEquals", "DE")
GIFT = _compare("$.gift", "IsPresent", True)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (SCORE, "score > 80"),
        (
            And(conditions=(_compare("$.total", "NumericGreaterThanEquals", 100), COUNTRY)),
            'total ≥ 100 and country is "DE"',
        ),
        (
            And(conditions=(Or(conditions=(SCORE, COUNTRY)), GIFT)),
            '(score > 80 or country is "DE") and gift is present',
        ),
        (Or(conditions=(And(conditions=(SCORE, GIFT)), COUNTRY)), 'score > 80 and gift is present or country is "DE"'),
        (Not(condition=And(conditions=(SCORE, GIFT))), "not (score > 80 and gift is present)"),
        (_compare("$.gift", "IsPresent", False), "gift is missing"),
        (_compare("$.a", "NumericEquals", "$.b", is_path=True), "a = b"),
        (_compare("$.due", "TimestampLessThan", "2030-01-01T00:00:00Z"), "due before 2030-01-01T00:00:00Z"),
        (_compare("$$.Execution.Name", "StringMatches", "log-*"), '$$.Execution.Name matches "log-*"'),
        (_compare("$", "IsNull", True), "$ is null"),
        (JsonataCondition(expression="{% $states.input.total > 5 %}"), "total > 5"),
        (JsonataCondition(expression=True), "true"),
    ],
)
def test_conditions_read_like_sentences(condition: Condition, words: str) -> None:
    assert wording.condition_words(condition) == words


def test_a_brief_condition_keeps_the_end_of_a_long_path_and_the_operand() -> None:
    condition = _compare("$.FlowConfig.DestinationFlowConfigList[0].Properties.FileType", "StringEquals", "CSV")
    assert wording.condition_words(condition, brief=True) == '….Properties.FileType is "CSV"'


def test_conditions_nested_without_end_stay_short() -> None:
    condition: Condition = SCORE
    for _ in range(200):
        condition = Not(condition=condition)
    assert wording.condition_words(condition).endswith("…")


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("validate_order", "validate_order"),
        ("${validate_order}", "validate_order"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:validate_order", "validate_order"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:validate_order:live", "validate_order"),
        ("arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:charge", "charge"),
        ("arn:aws:states:::lambda:invoke", "lambda:invoke"),
        ("arn:${AWS::Partition}:states:::sqs:sendMessage", "sqs:sendMessage"),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "sqs:sendMessage (callback)"),
        ("arn:aws:states:::ecs:runTask.sync", "ecs:runTask (run a job)"),
        ("arn:aws:states:::states:startExecution.sync:2", "states:startExecution (run a job)"),
        ("arn:aws:states:::aws-sdk:dynamodb:putItem", "dynamodb:putItem"),
        ("arn:aws:states:eu-west-1:123456789012:activity:approve", "activity approve"),
    ],
)
def test_resources_are_shortened_to_what_they_do(resource: str, words: str) -> None:
    assert wording.resource_words(resource) == words


@pytest.mark.parametrize(
    ("name", "words"),
    [("notify", "notify · lambda:invoke"), ("$.fn", "$.fn · lambda:invoke"), ("${Fn.Arn}", "Fn.Arn · lambda:invoke")],
)
def test_lambda_invoke_names_its_function(name: str, words: str) -> None:
    state = TaskState(
        name="N", pointer="/N", resource="arn:aws:states:::lambda:invoke", parameters={"FunctionName": name}
    )
    assert wording.task_words(state) == (words if not name.startswith("$.") else "lambda:invoke")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"seconds": 90}, "1 min 30 s"),
        ({"seconds": "{% $states.input.delay %}"}, "delay seconds"),
        ({"seconds_path": "$.delay"}, "delay seconds"),
        ({"timestamp": "2030-01-01T00:00:00Z"}, "until 2030-01-01T00:00:00Z"),
        ({"timestamp_path": "$.due"}, "until due"),
    ],
)
def test_waits_say_how_long(fields: dict[str, JSONValue], words: str) -> None:
    assert wording.wait_words(WaitState(name="W", pointer="/W", **fields)) == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=90), "90 ms"),
        (timedelta(seconds=1.5), "1.5 s"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=365), "365 d"),
        (timedelta(days=1, hours=3, seconds=7), "1 d 3 h"),
    ],
)
def test_durations_take_at_most_two_units(duration: timedelta, words: str) -> None:
    assert wording.duration_words(duration.total_seconds()) == words


def test_any_error_and_retries_are_told() -> None:
    assert wording.error_words(("CardDeclined", "States.ALL")) == "CardDeclined, any error"
    words = wording.retry_words(
        (Retrier(error_equals=("Busy",), interval_seconds=2, max_attempts=4, backoff_rate=1.5),)
    )
    assert words.startswith("Busy: up to 4 retries, first after 2 s, then 1.5")
