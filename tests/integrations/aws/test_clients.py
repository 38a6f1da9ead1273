"""boto3 clients of Step Functions and Lambda that speak to the notebook: real requests, real exceptions."""

import json
from typing import Any

import pytest

from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.workspace import Workspace

EXCEPTIONS: Any = pytest.importorskip("botocore.exceptions", reason="the clients are boto3's")
ROLE = "arn:aws:iam::123456789012:role/r"
WAITING = {
    "StartAt": "Hold",
    "States": {"Hold": {"Type": "Wait", "Seconds": 60, "Next": "Done"}, "Done": {"Type": "Succeed"}},
}


def _create(workspace: Workspace, name: str = "M", definition: Any = None, **options: Any) -> str:
    text = json.dumps(definition or WAITING)
    created = workspace.client("stepfunctions").create_state_machine(
        name=name, definition=text, roleArn=ROLE, **options
    )
    return str(created["stateMachineArn"])


def test_a_machine_of_a_client_is_one_of_the_workspace_and_the_other_way_round(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    _create(workspace, "FromClient")
    assert workspace.machines["FromClient"].run().status == "SUCCEEDED"
    workspace.define("FromCell", WAITING)
    names = [each["name"] for each in client.list_state_machines()["stateMachines"]]
    assert names == ["FromClient", "FromCell"]
    described = client.describe_state_machine(stateMachineArn=workspace.machines["FromCell"].arn)
    assert described["status"] == "ACTIVE"


def test_time_passes_when_somebody_looks(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=_create(workspace), input='{ "a": 1 }')["executionArn"]
    started = next(iter(workspace.executions.values()))
    assert started.status == "RUNNING"
    described = client.describe_execution(executionArn=arn)
    assert (described["status"], described["input"], described["output"]) == ("SUCCEEDED", '{ "a": 1 }', '{"a":1}')
    assert (described["stopDate"] - described["startDate"]).total_seconds() == 60


def test_an_execution_that_nobody_looked_at_can_be_stopped(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=_create(workspace))["executionArn"]
    client.stop_execution(executionArn=arn, error="Enough")
    assert client.describe_execution(executionArn=arn)["status"] == "ABORTED"


def test_pages_follow_one_another(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    machine = _create(workspace)
    arns = [client.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(5)]
    pages = client.get_paginator("list_executions").paginate(stateMachineArn=machine, PaginationConfig={"PageSize": 2})
    assert [each["executionArn"] for page in pages for each in page["executions"]] == arns[::-1]
    events = client.get_paginator("get_execution_history").paginate(
        executionArn=arns[0], reverseOrder=True, PaginationConfig={"PageSize": 3}
    )
    assert [each["id"] for page in events for each in page["events"]] == [6, 5, 4, 3, 2, 1]


def test_refusals_are_botocores_exceptions_of_the_service(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    with pytest.raises(client.exceptions.StateMachineDoesNotExist, match="State Machine Does Not Exist"):
        client.start_execution(stateMachineArn="arn:aws:states:us-east-1:123456789012:stateMachine:Nothing")
    with pytest.raises(client.exceptions.InvalidDefinition):
        _create(workspace, definition={"StartAt": "A"})
    with pytest.raises(EXCEPTIONS.ParamValidationError, match="stateMachineArn"):
        client.start_execution()
    with pytest.raises(client.exceptions.InvalidToken):
        client.send_task_success(taskToken="x", output="{}")


def test_an_operation_that_is_not_done_is_named(workspace: Workspace) -> None:
    client = workspace.client("lambda")
    with pytest.raises(EXCEPTIONS.ClientError, match="CreateFunction is not answered in the kernel"):
        client.create_function(FunctionName="f", Role=ROLE, Code={"ZipFile": b""})


def test_versions_are_frozen_and_aliases_lead_to_them(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    machine = _create(
        workspace,
        definition={"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 1, "End": True}}},
        publish=True,
    )
    changed = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": 2, "End": True}}}
    client.update_state_machine(stateMachineArn=machine, definition=json.dumps(changed), publish=True)
    routes = [{"stateMachineVersionArn": f"{machine}:1", "weight": 100}]
    alias = client.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]

    def output_of(target: str) -> Any:
        arn = client.start_execution(stateMachineArn=target)["executionArn"]
        return json.loads(client.describe_execution(executionArn=arn)["output"])

    assert [output_of(each) for each in (machine, f"{machine}:1", f"{machine}:2", alias)] == [2, 1, 2, 1]
    client.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=[{"stateMachineVersionArn": f"{machine}:2", "weight": 100}]
    )
    assert output_of(alias) == 2


def test_an_alias_divides_executions_by_weight(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    machine = _create(workspace, publish=True)
    changed = {**WAITING, "Comment": "two"}
    client.update_state_machine(stateMachineArn=machine, definition=json.dumps(changed), publish=True)
    routes = [{"stateMachineVersionArn": f"{machine}:{number}", "weight": 50} for number in (1, 2)]
    alias = client.create_state_machine_alias(name="canary", routingConfiguration=routes)["stateMachineAliasArn"]
    for _ in range(40):
        client.start_execution(stateMachineArn=alias)
    shares = [len(client.list_executions(stateMachineArn=f"{machine}:{number}")["executions"]) for number in (1, 2)]
    assert sum(shares) == 40
    assert min(shares) >= 10


def test_a_synchronous_execution_returns_its_end(workspace: Workspace) -> None:
    machine = _create(workspace, type="EXPRESS")
    answer = workspace.client("stepfunctions").start_sync_execution(stateMachineArn=machine, input='{"a": 1}')
    assert (answer["status"], answer["output"]) == ("SUCCEEDED", '{"a":1}')
    assert answer["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 60000}


def test_a_worker_takes_and_answers_a_task(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    activity = client.create_activity(name="pack")["activityArn"]
    definition = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": activity, "End": True}}}
    arn = client.start_execution(stateMachineArn=_create(workspace, definition=definition), input="7")["executionArn"]
    task = client.get_activity_task(activityArn=activity)
    assert task["input"] == "7"
    client.send_task_heartbeat(taskToken=task["taskToken"])
    client.send_task_failure(taskToken=task["taskToken"], error="Torn", cause="the box")
    assert client.describe_execution(executionArn=arn)["error"] == "Torn"
    assert "taskToken" not in client.get_activity_task(activityArn=activity)


def test_definitions_and_states_are_tested(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    refused = client.validate_state_machine_definition(definition='{"StartAt": "A"}')
    assert refused["result"] == "FAIL"
    tested = client.test_state(definition='{"Type": "Pass", "Result": 1, "End": true}', roleArn=ROLE)
    assert (tested["status"], tested["output"]) == ("SUCCEEDED", "1")


def test_functions_are_invoked_and_their_errors_are_answers(workspace: Workspace) -> None:
    def divide(event: Any) -> Any:
        return event["a"] / event["b"]

    workspace.registry.register(LambdaFunction(divide, name="divide"))
    client = workspace.client("lambda")
    answer = client.invoke(FunctionName="divide", Payload='{"a": 6, "b": 3}')
    assert (answer["StatusCode"], json.load(answer["Payload"])) == (200, 2.0)
    failed = client.invoke(FunctionName="divide", Payload='{"a": 6, "b": 0}')
    assert failed["FunctionError"] == "Unhandled"
    assert json.load(failed["Payload"])["errorType"] == "ZeroDivisionError"
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found"):
        client.invoke(FunctionName="nothing")


def test_a_function_may_call_the_clients_while_it_runs(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    inner = _create(workspace, "Inner", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})

    def start(event: Any) -> Any:
        return client.start_execution(stateMachineArn=inner, input=json.dumps(event))["executionArn"]

    workspace.registry.register(LambdaFunction(start, name="start"))
    run = workspace.define(
        "Outer", {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "start", "End": True}}}
    ).run(5)
    assert client.describe_execution(executionArn=run.output)["output"] == "5"


def test_a_task_calls_step_functions_itself(workspace: Workspace) -> None:
    _create(workspace, "Inner")
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:listStateMachines",
        "Parameters": {},
        "End": True,
    }
    run = workspace.define("Outer", {"StartAt": "A", "States": {"A": state}}).run()
    assert [each["Name"] for each in run.output["StateMachines"]] == ["Inner", "Outer"]
