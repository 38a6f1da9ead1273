"""TestState: one state alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import StateMachine, Workspace
from sfn_notebook.workspace import test_state as subject
from sfn_notebook.workspace.service_errors import ServiceError

INVOKE = "arn:aws:states:::lambda:invoke"
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 5}]
CATCH = [{"ErrorEquals": ["Other"], "Next": "X"}, {"ErrorEquals": ["Bad"], "ResultPath": "$.error", "Next": "Mend"}]


def run(state: dict[str, Any], state_input: Any = None, **options: Any) -> dict[str, Any]:
    options = {"inspection_level": "DEBUG", **options}
    return subject.test_state(definition=state, input={} if state_input is None else state_input, **options)


def stages(response: dict[str, Any]) -> dict[str, Any]:
    """``inspectionData`` with its JSON texts read."""
    return {
        name: json.loads(value) if isinstance(value, str) else value
        for name, value in response["inspectionData"].items()
    }


def task(**others: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "f"}, "End": True, **others}


def failing(error: str) -> dict[str, Any]:
    return {"errorOutput": {"error": error, "cause": "because"}}


def refusal(state: dict[str, Any], **options: Any) -> tuple[str, str]:
    with pytest.raises(ServiceError) as caught:
        run(state, **options)
    return caught.value.code, caught.value.message


def test_a_pass_shows_every_stage() -> None:
    state = {
        "Type": "Pass",
        "InputPath": "$.payload",
        "Parameters": {"data": 1},
        "ResultPath": "$.result",
        "OutputPath": "$.result.data",
        "Next": "Another State",
    }
    response = run(state, {"payload": {"foo": "bar"}})
    assert (response["status"], response["output"], response["nextState"]) == ("SUCCEEDED", "1", "Another State")
    assert stages(response) == {
        "input": {"payload": {"foo": "bar"}},
        "afterInputPath": {"foo": "bar"},
        "afterParameters": {"data": 1},
        "afterResultSelector": {"data": 1},
        "afterResultPath": {"payload": {"foo": "bar"}, "result": {"data": 1}},
    }


def test_a_literal_result_hides_the_stages_that_it_ignores() -> None:
    shown = stages(run({"Type": "Pass", "Result": 1, "ResultPath": "$.r", "End": True}, {"a": 2}))
    assert shown == {"input": {"a": 2}, "afterResultSelector": 1, "afterResultPath": {"a": 2, "r": 1}}


def test_info_shows_no_stage_and_text_is_read_as_json() -> None:
    response = subject.test_state(definition='{"Type": "Succeed"}', input='{"a": [1]}')
    assert response == {"status": "SUCCEEDED", "output": '{"a":[1]}'}


def test_a_task_calls_its_function() -> None:
    registry = FunctionRegistry()
    registry.register(LambdaFunction(lambda event: {"paid": event["amount"]}, name="charge"))
    state = {
        "Type": "Task",
        "Resource": "charge",
        "Parameters": {"amount.$": "$.total"},
        "ResultPath": "$.r",
        "Next": "B",
    }
    response = run(state, {"total": 3}, registry=registry)
    assert response["output"] == '{"total":3,"r":{"paid":3}}'
    assert response["nextState"] == "B"
    assert stages(response)["afterParameters"] == {"amount": 3}
    assert stages(response)["result"] == {"paid": 3}


def test_an_exception_of_the_function_is_the_error() -> None:
    def broken(_event: Any) -> None:
        raise ValueError("no")

    registry = FunctionRegistry()
    registry.register(LambdaFunction(broken, name="broken"))
    response = run({"Type": "Task", "Resource": "broken", "End": True}, registry=registry)
    assert (response["status"], response["error"]) == ("FAILED", "ValueError")


def test_a_function_that_plays_a_service_does_its_work() -> None:
    workspace = Workspace(registry=FunctionRegistry())
    workspace.service_handler("sqs:sendMessage")(lambda parameters: {"MessageId": parameters["MessageBody"]})
    sending = {"QueueUrl": "https://sqs/1/q", "MessageBody": "m"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": sending, "End": True}
    machine = workspace.define("M", {"StartAt": "Send", "States": {"Send": state}})
    assert machine.test_state("Send")["output"] == '{"MessageId":"m"}'
    waiting = {**state, "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"}
    with pytest.raises(FeatureNotSupported, match="waitForTaskToken"):
        workspace.define("W", {"StartAt": "Send", "States": {"Send": waiting}}).test_state("Send")


def test_work_that_no_function_does_needs_a_mock() -> None:
    sending = {"QueueUrl": "https://sqs/1/q", "MessageBody": "m"}
    with pytest.raises(FeatureNotSupported, match="sqs:sendMessage"):
        run({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": sending, "End": True})


@pytest.mark.parametrize(("made", "seconds"), [(0, 1), (1, 2), (4, 16)])
def test_a_retry_is_told_with_its_interval(made: int, seconds: int) -> None:
    response = run(task(Retry=RETRY), mock=failing("Busy"), state_configuration={"retrierRetryCount": made})
    assert (response["status"], response["error"], response["cause"]) == ("RETRIABLE", "Busy", "because")
    assert response["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": seconds}
    assert "output" not in response


def test_a_retrier_that_is_used_up_lets_the_state_fail() -> None:
    response = run(task(Retry=RETRY), mock=failing("Busy"), state_configuration={"retrierRetryCount": 5})
    assert response["status"] == "FAILED"
    assert response["inspectionData"]["errorDetails"] == {"retryIndex": 0}


def test_a_caught_error_goes_where_its_catcher_says() -> None:
    response = run(task(Retry=RETRY, Catch=CATCH), {"id": 7}, mock=failing("Bad"))
    assert (response["status"], response["nextState"]) == ("CAUGHT_ERROR", "Mend")
    assert json.loads(response["output"]) == {"id": 7, "error": {"Error": "Bad", "Cause": "because"}}
    assert response["inspectionData"]["errorDetails"] == {"catchIndex": 1}


def test_a_retry_count_is_seen_by_expressions() -> None:
    state = task(Parameters={"FunctionName": "f", "Payload.$": "$$.State.RetryCount"})
    response = run(state, mock={"result": "{}"}, state_configuration={"retrierRetryCount": 3})
    assert stages(response)["afterParameters"]["Payload"] == 3


def test_a_failing_expression_shows_how_far_it_came() -> None:
    response = run(task(Parameters={"x.$": "$.gone"}), {"a": 1}, mock={"result": "{}"})
    assert (response["status"], response["error"]) == ("FAILED", "States.Runtime")
    assert "$.gone" in response["cause"]
    assert stages(response) == {"input": {"a": 1}, "afterInputPath": {"a": 1}}


def test_jsonata_shows_arguments_and_variables() -> None:
    state = {
        "Type": "Task",
        "QueryLanguage": "JSONata",
        "Resource": INVOKE,
        "Arguments": {"FunctionName": "f", "Payload": "{% $rate * $states.input.n %}"},
        "Assign": {"seen": "{% $states.result.Payload %}"},
        "Output": "{% $states.result.Payload + 1 %}",
        "End": True,
    }
    response = run(state, {"n": 4}, variables={"rate": 2}, mock={"result": {"Payload": 8}})
    assert response["output"] == "9"
    assert stages(response) == {
        "input": {"n": 4},
        "afterArguments": {"FunctionName": "f", "Payload": 8},
        "result": {"Payload": 8},
        "variables": {"rate": 2, "seen": 8},
    }


def test_a_choice_tells_where_it_goes() -> None:
    rule = {"Variable": "$.n", "NumericGreaterThan": 3, "Next": "Big"}
    state = {"Type": "Choice", "Choices": [rule], "Default": "Small"}
    assert [run(state, {"n": number})["nextState"] for number in (4, 3)] == ["Big", "Small"]


def test_a_state_that_leads_to_itself_runs_once() -> None:
    rule = {"Variable": "$.n", "NumericGreaterThan": 3, "Next": "Loop"}
    machine = {
        "StartAt": "Loop",
        "States": {"Loop": {"Type": "Choice", "Choices": [rule], "Default": "End"}, "End": {"Type": "Succeed"}},
    }
    response = subject.test_state(definition=machine, state_name="Loop", input={"n": 9})
    assert response == {"status": "SUCCEEDED", "output": '{"n":9}', "nextState": "Loop"}


def test_a_wait_ends_at_once_but_not_one_of_more_than_five_minutes() -> None:
    assert run({"Type": "Wait", "Seconds": 300, "Next": "B"})["nextState"] == "B"
    assert run({"Type": "Wait", "Seconds": 301, "Next": "B"}) == {"status": "FAILED", "error": "States.Timeout"}


ITEMS = {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}}


def test_a_map_shows_what_each_iteration_would_get() -> None:
    state = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemSelector": {"n.$": "$$.Map.Item.Value", "of.$": "$.order"},
        "ItemProcessor": ITEMS,
        "MaxConcurrency": 2,
        "ResultSelector": {"all.$": "$"},
        "ResultPath": "$.done",
        "End": True,
    }
    response = run(state, {"items": [1, 2], "order": "o"}, mock={"result": "[10, 20]"})
    shown = stages(response)
    assert shown["afterItemsPath"] == [1, 2]
    assert shown["afterItemSelector"] == [{"n": 1, "of": "o"}, {"n": 2, "of": "o"}]
    assert shown["maxConcurrency"] == 2
    assert shown["afterResultSelector"] == {"all": [10, 20]}
    assert json.loads(response["output"])["done"] == {"all": [10, 20]}


@pytest.mark.parametrize(
    ("tolerance", "failures", "status"),
    [
        ({}, 3, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 1, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 2, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, 2, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 50}, 3, "FAILED"),
    ],
)
def test_failed_iterations_beyond_the_tolerance_fail_a_map(tolerance: Any, failures: int, status: str) -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **ITEMS}
    state = {"Type": "Map", "ItemProcessor": processor, "End": True, **tolerance}
    response = run(
        state, [1, 2, 3, 4], mock={"result": [1, 2, 3, 4]}, state_configuration={"mapIterationFailureCount": failures}
    )
    assert response["status"] == status
    assert response.get("error") == ("States.ExceedToleratedFailureThreshold" if status == "FAILED" else None)


def test_items_are_read_and_batched_from_given_data() -> None:
    state = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "Parameters": {"Bucket": "b", "Key": "k.csv"},
        },
        "ItemBatcher": {"MaxItemsPerBatch": 2},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **ITEMS},
        "End": True,
    }
    response = run(state, mock={"result": "[]"}, state_configuration={"mapItemReaderData": "id\n1\n2\n3\n"})
    shown = stages(response)
    assert shown["afterItemsPointer"] == [{"id": "1"}, {"id": "2"}, {"id": "3"}]
    assert [batch["Items"] for batch in shown["afterItemBatcher"]] == [[{"id": "1"}, {"id": "2"}], [{"id": "3"}]]


def test_a_nested_state_of_a_machine_is_found() -> None:
    machine = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": ITEMS, "End": True}}}
    response = subject.test_state(definition=machine, state_name="Each", input=[1])
    assert response["output"] == "[1]"


def test_a_mocked_context_object_is_the_whole_of_it() -> None:
    state = task(ResultSelector={"context.$": "$$"})
    context = {"Execution": {"Name": "n"}, "State": {"RetryCount": 2}}
    response = run(state, mock={"result": {}}, context=context)
    assert json.loads(response["output"]) == {"context": context}


@pytest.mark.parametrize(
    ("context", "complaint"),
    [
        ("[", "Context must be valid JSON"),
        ({"Map": {}}, "'Map' field is not supported when mocking a Context object"),
        ({"Pokedex": {}}, "Field 'Pokedex' is not allowed"),
        ({"Execution": {"x": 1}}, "Field 'x' is not allowed"),
        ({"State": {"RetryCount": "2"}}, "State.RetryCount must be a number"),
        ({"Task": {"Token": "t"}}, "Context object contains 'Task' when state is not a Task state with"),
    ],
)
def test_a_context_object_that_aws_would_not_take_is_refused(context: Any, complaint: str) -> None:
    code, message = refusal(task(), mock={"result": {}}, context=context)
    assert code == "ValidationException"
    assert complaint in message


MAP = {"Type": "Map", "ItemProcessor": ITEMS, "End": True}
PARALLEL = {
    "Type": "Parallel",
    "Branches": [ITEMS, {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}],
    "End": True,
}


@pytest.mark.parametrize(
    ("state", "options", "code", "complaint"),
    [
        ({"Type": "Succeed"}, {"mock": {"result": 1}}, "ValidationException", "'Succeed' is not supported when a mock"),
        (MAP, {}, "InvalidDefinition", "does not support Map or Parallel states"),
        (MAP, {"mock": {"result": {}}}, "ValidationException", "Mocked result must be an array."),
        (PARALLEL, {"mock": {"result": [1]}}, "ValidationException", "same number of items as number of Parallel"),
        (task(), {"mock": {}}, "ValidationException", "only one of the following fields: [result, errorOutput]"),
        (task(), {"mock": {"result": "{"}}, "ValidationException", "Mocked result must be valid JSON"),
        (task(), {"mock": {"result": {"StatusCode": "200"}}}, "ValidationException", "'StatusCode' must be a number"),
        (task(), {"mock": {"result": 1, "fieldValidationMode": "LAX"}}, "ValidationException", "[STRICT, PRESENT"),
        (task(), {"context": {}}, "ValidationException", "does not support Context when a mock is not specified"),
        (task(), {"input": "{'a': 1}"}, "ValidationException", "Input must be valid JSON"),
        (task(), {"inspection_level": "ALL"}, "ValidationException", "[INFO, DEBUG, TRACE]"),
        ({"Type": "Wait", "Timestamp": "x", "End": True}, {}, "InvalidDefinition", "RFC3339 timestamp at /Timestamp'"),
        ({"StartAt": "A", "States": {}}, {"state_name": "A"}, "InvalidDefinition", "Value cannot be empty at /States"),
        ({"StartAt": "A", "States": {"A": MAP}}, {"state_name": "Z"}, "ValidationException", "'Z' does not exist"),
    ],
)  # fmt: skip
def test_what_the_api_refuses_is_refused(state: Any, options: Any, code: str, complaint: str) -> None:
    given_input = options.pop("input", {}) if "input" in options else {}
    with pytest.raises(ServiceError) as caught:
        subject.test_state(definition=state, input=given_input, **options)
    assert caught.value.code == code
    assert complaint in caught.value.message


@pytest.mark.parametrize(
    ("mode", "result", "complaint"),
    [
        ("STRICT", {}, "Required field 'ExecutionArn' is missing"),
        ("PRESENT", {}, None),
        ("PRESENT", {"StartDate": 1}, "Field 'StartDate' must be a string"),
        ("NONE", {"StartDate": 1}, None),
        ("STRICT", {"ExecutionArn": "a", "StartDate": "d", "More": 1}, None),
    ],
)
def test_a_mock_is_held_against_the_api(mode: str, result: Any, complaint: str | None) -> None:
    state = task(Resource="arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": "arn"})
    mock = {"result": result, "fieldValidationMode": mode}
    if complaint is None:
        assert run(state, mock=mock)["status"] == "SUCCEEDED"
    else:
        assert refusal(state, mock=mock)[1] == f"Mock result schema validation error: {complaint}"


def test_the_models_of_botocore_are_used_where_it_is_installed() -> None:
    pytest.importorskip("botocore", reason="botocore is not installed")
    state = task(Resource="arn:aws:states:::aws-sdk:s3:getObject", Parameters={"Bucket": "b", "Key": "k"})
    message = refusal(state, mock={"result": {"StorageClass": "Papyrus"}})[1]
    assert message.endswith("Field 'StorageClass' is not an expected value")
    assert run(state, mock={"result": {"Body": "text", "Metadata": {"a": "b"}}})["status"] == "SUCCEEDED"


def test_a_machine_tests_its_own_states_with_its_own_functions() -> None:
    machine = StateMachine.from_definition(
        {
            "StartAt": "A",
            "States": {"A": {"Type": "Task", "Resource": "${Double}", "Next": "B"}, "B": {"Type": "Succeed"}},
        },
        name="m",
        functions={"Double": lambda event: event * 2},
        workspace=Workspace(),
    )
    response = machine.test_state("A", 4)
    assert (response["output"], response["nextState"]) == ("8", "B")


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5)


@given(JSON, JSON, st.sampled_from(["$", "$.r", None]))
def test_a_tested_task_gives_what_a_run_gives(payload: Any, result: Any, result_path: str | None) -> None:
    """Whatever the state makes of its payload, an execution of the same machine makes it too."""
    state = task(Resource="work", Parameters={"in.$": "$"}, ResultPath=result_path)
    definition = {"StartAt": "A", "States": {"A": state}}
    state_input = {"payload": payload}
    functions = {"work": lambda _event: result}
    machine = StateMachine.from_definition(definition, name="m", functions=functions, workspace=Workspace())
    expected = machine.run(state_input).result()
    for mock in (None, {"result": json.dumps(result)}):
        assert json.loads(machine.test_state("A", state_input, mock=mock)["output"]) == expected
