"""MockConfigFile: Tasks answered from a table."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.errors import FeatureNotSupported, InvalidInput, ResourceNotBound, UnknownName
from sfn_notebook.workspace import StateMachine, Workspace
from sfn_notebook.workspace.mock_config import MockConfig, MockedTestCase

RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxAttempts": 3}]


def task(resource: str, **others: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "End": True, **others}


def sending(resource: str = "arn:aws:states:::sqs:sendMessage") -> dict[str, Any]:
    """A Task that sends a message, to no queue that there is."""
    return task(resource, Parameters={"QueueUrl": "https://sqs/1/q", "MessageBody": "m"})


def machine(*states: dict[str, Any], **functions: Any) -> StateMachine:
    """States called A, B, ..., one after the other."""
    names = [chr(ord("A") + index) for index in range(len(states))]
    linked = {name: {**state, "Next": after} for name, state, after in zip(names, states, names[1:], strict=False)}
    for state in linked.values():
        state.pop("End", None)
    linked[names[-1]] = states[-1]
    definition = {"StartAt": "A", "States": linked}
    return StateMachine.from_definition(definition, name="Orders", functions=functions, workspace=Workspace())


def mocked(**answers: dict[str, Any]) -> MockedTestCase:
    """A test case in which each state has answers of its own."""
    config = {
        "StateMachines": {"Orders": {"TestCases": {"T": {name: f"{name} answers" for name in answers}}}},
        "MockedResponses": {f"{name} answers": each for name, each in answers.items()},
    }
    return MockConfig.from_value(config).test_case("Orders", "T")


def types_of(execution: Any) -> list[str]:
    return [event["type"] for event in execution.history]


def test_retries_get_the_answers_of_their_numbers() -> None:
    failing = {"Throw": {"Error": "Lambda.TimeoutException", "Cause": "Lambda timed out."}}
    answers = {"0": failing, "1-2": failing, "3": {"Return": {"StatusCode": 200, "Payload": "done"}}}
    lambda_invoke = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f"}, Retry=RETRY)
    run = machine(lambda_invoke).run(mock=mocked(A=answers))
    assert run.status == "SUCCEEDED"
    assert types_of(run).count("TaskFailed") == 3
    assert run.result()["Payload"] == "done"


def test_calls_are_counted_across_visits_and_iterations() -> None:
    inner = {"StartAt": "Each", "States": {"Each": sending()}}
    items = {"Type": "Map", "ItemProcessor": inner, "MaxConcurrency": 1, "End": True}
    run = machine(items).run([1, 2, 3], mock=mocked(Each={"0": {"Return": "a"}, "1-2": {"Return": "b"}}))
    assert run.result() == ["a", "b", "b"]


def test_a_call_without_an_answer_stops_the_run() -> None:
    items = {
        "Type": "Map",
        "ItemProcessor": {"StartAt": "Each", "States": {"Each": sending()}},
        "End": True,
    }
    with pytest.raises(InvalidInput, match="no answer to call 1 of the state 'Each'") as caught:
        machine(items).run([1, 2], mock=mocked(Each={"0": {"Return": 1}}))
    assert '"1"' in caught.value.hint


def test_states_that_are_not_mocked_do_their_work() -> None:
    def double(event: Any) -> Any:
        return event["n"] * 2

    get = task("arn:aws:states:::dynamodb:getItem", Parameters={"TableName": "orders", "Key": {}})
    run = machine(get, task("double"), double=double).run(mock=mocked(A={"0": {"Return": {"n": 21}}}))
    assert run.result() == 42


@pytest.mark.parametrize("resource", ["nobody", "${Nobody}", "arn:aws:states:::ecs:runTask.sync"])
def test_a_mocked_resource_need_not_be_there(resource: str) -> None:
    only = machine(task(resource))
    with pytest.raises((ResourceNotBound, FeatureNotSupported)):
        only.run()
    run = only.run(mock=mocked(A={"0": {"Return": {"Payload": 1}}}))
    assert run.status == "SUCCEEDED"


def test_a_function_by_its_arn_gives_the_payload_of_the_mock() -> None:
    run = machine(task("arn:aws:lambda:us-east-1:123456789012:function:f")).run(
        mock=mocked(A={"0": {"Return": {"StatusCode": 200, "Payload": {"body": "x"}}}})
    )
    assert run.result() == {"body": "x"}
    assert "LambdaFunctionSucceeded" in types_of(run)


def test_what_the_integration_adds_is_added_and_what_the_mock_says_stays() -> None:
    invoke = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f"})
    given = {"StatusCode": 202, "Payload": 1, "SdkResponseMetadata": {"RequestId": "mine"}}
    result = machine(invoke).run(mock=mocked(A={"0": {"Return": given}})).result()
    assert result["ExecutedVersion"] == "$LATEST"
    assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert {name: result[name] for name in given} == given
    get = task("arn:aws:states:::aws-sdk:s3:getObject", Parameters={"Bucket": "b", "Key": "k"})
    sdk = machine(get).run(mock=mocked(A={"0": {"Return": {"Body": "x"}}}))
    assert sdk.result() == {"Body": "x"}


@pytest.mark.parametrize(
    ("resource", "before_the_end"),
    [
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "TaskSubmitted"),
        ("arn:aws:states:::states:startExecution.sync:2", "TaskSubmitted"),
        ("arn:aws:states:us-east-1:123456789012:activity:work", "ActivityStarted"),
    ],
)
def test_work_with_an_end_of_its_own_first_begins(resource: str, before_the_end: str) -> None:
    state = sending(resource) if "sqs" in resource else task(resource, Parameters={"StateMachineArn": "arn"})
    run = machine(state).run(mock=mocked(A={"0": {"Return": {"answer": 1, "Status": "SUCCEEDED"}}}))
    types = types_of(run)
    assert run.result()["answer"] == 1
    assert types.index(before_the_end) < next(index for index, each in enumerate(types) if each.endswith("Succeeded"))


def test_a_message_that_waits_for_its_token_is_answered_as_sqs_answers_it() -> None:
    run = machine(sending("arn:aws:states:::sqs:sendMessage.waitForTaskToken")).run(
        mock=mocked(A={"0": {"Throw": {"Error": "E"}}})
    )
    (submitted,) = [event for event in run.history if event["type"] == "TaskSubmitted"]
    output = json.loads(submitted["taskSubmittedEventDetails"]["output"])
    assert output["MD5OfMessageBody"] == hashlib.md5(b"m", usedforsecurity=False).hexdigest()
    assert output["MessageId"]


def test_a_thrown_error_can_be_caught() -> None:
    state = task("nobody", Catch=[{"ErrorEquals": ["Mine"], "Next": "B", "ResultPath": "$.error"}])
    after = {"Type": "Succeed"}
    run = machine(state, after).run({}, mock=mocked(A={"0": {"Throw": {"Error": "Mine", "Cause": "because"}}}))
    assert run.result() == {"error": {"Error": "Mine", "Cause": "because"}}


def test_a_file_is_named_with_its_test_case(tmp_path: Path) -> None:
    path = tmp_path / "MockConfigFile.json"
    config = {
        "StateMachines": {"Orders": {"TestCases": {"HappyPath": {"A": "Fine"}}}},
        "MockedResponses": {"Fine": {"0": {"Return": "fine"}}},
    }
    path.write_text(json.dumps(config), encoding="utf-8")
    only = machine(task("nobody"))
    assert only.run(mock=f"{path}#HappyPath").result() == "fine"
    assert only.run(mock=MockConfig.load(path).test_case("Orders", "HappyPath")).result() == "fine"
    with pytest.raises(UnknownName, match="no test case of Orders named 'HapyPath'") as unknown:
        only.run(mock=f"{path}#HapyPath")
    assert "HappyPath" in unknown.value.hint
    with pytest.raises(InvalidInput, match="names no test case"):
        only.run(mock=str(path))
    with pytest.raises(InvalidInput, match="cannot be read"):
        only.run(mock=f"{tmp_path / 'gone.json'}#HappyPath")


def test_two_runs_of_a_test_case_both_begin_at_its_first_answer() -> None:
    case = mocked(A={"0": {"Return": 1}})
    only = machine(task("nobody"))
    assert [only.run(mock=case).result(), only.run(mock=case).result()] == [1, 1]


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ([], "must be an object"),
        ({"StateMachines": {"M": {}}}, "StateMachines/M/TestCases must be an object"),
        ({"StateMachines": {"M": {"TestCases": {"T": {"A": "R"}}}}}, "no mocked response"),
        ({"StateMachines": {}, "MockedResponses": {"R": {}}}, "MockedResponses/R has no answer"),
        ({"StateMachines": {}, "MockedResponses": {"R": {"first": {"Return": 1}}}}, "no number of a call"),
        ({"StateMachines": {}, "MockedResponses": {"R": {"3-1": {"Return": 1}}}}, "no number of a call"),
        ({"StateMachines": {}, "MockedResponses": {"R": {"0-2": {"Return": 1}, "2": {"Return": 1}}}}, "answer already"),
        ({"StateMachines": {}, "MockedResponses": {"R": {"0": {"Return": 1, "Throw": {}}}}}, "either Return or Throw"),
        ({"StateMachines": {}, "MockedResponses": {"R": {"0": {"Throw": {"Cause": "c"}}}}}, "either Return or Throw"),
    ],
)
def test_a_file_that_breaks_the_format_is_refused_with_the_place(config: Any, complaint: str) -> None:
    with pytest.raises((InvalidInput, UnknownName), match=complaint):
        MockConfig.from_value(config)
