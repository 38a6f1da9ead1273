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


def test_an_event_is_accepted_and_runs_when_time_passes(workspace: Workspace) -> None:
    seen: list[Any] = []
    workspace.registry.register(LambdaFunction(seen.append, name="note"))
    client = workspace.client("lambda")
    tried = client.invoke(FunctionName="note", Payload="{}", InvocationType="DryRun")
    accepted = client.invoke(FunctionName="note", Payload='{"a": 1}', InvocationType="Event")
    assert [each["StatusCode"] for each in (tried, accepted)] == [204, 202]
    assert (accepted["Payload"].read(), "ExecutedVersion" in accepted, seen) == (b"", False, [])
    workspace.advance()
    assert seen == [{"a": 1}]
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="nothing", InvocationType="Event")
    with pytest.raises(client.exceptions.RequestTooLargeException):
        client.invoke(FunctionName="note", Payload=json.dumps("x" * 1_100_000), InvocationType="Event")


def test_destinations_are_set_as_on_aws(workspace: Workspace) -> None:
    workspace.registry.lambda_function(name="charge")(lambda event: event)
    client = workspace.client("lambda")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="doesn't have an EventInvokeConfig"):
        client.get_function_event_invoke_config(FunctionName="charge")
    queue = "arn:aws:sqs:us-east-1:123456789012:failed"
    failed = {"OnFailure": {"Destination": queue}}
    client.put_function_event_invoke_config(
        FunctionName="charge", MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60, DestinationConfig=failed
    )
    client.update_function_event_invoke_config(FunctionName="charge", MaximumRetryAttempts=1)
    told = client.get_function_event_invoke_config(FunctionName="charge")
    del told["ResponseMetadata"]
    assert told == {
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:charge:$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": queue}},
    }
    listed = client.list_function_event_invoke_configs(FunctionName="charge")["FunctionEventInvokeConfigs"]
    assert listed == [told]
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="on-success destination"):
        client.put_function_event_invoke_config(
            FunctionName="charge", DestinationConfig={"OnSuccess": {"Destination": "arn:aws:s3:::b"}}
        )
    client.delete_function_event_invoke_config(FunctionName="charge")
    assert client.list_function_event_invoke_configs(FunctionName="charge")["FunctionEventInvokeConfigs"] == []


def test_concurrency_is_reserved_as_on_aws(workspace: Workspace) -> None:
    workspace.registry.lambda_function(name="work")(lambda event: event)
    client = workspace.client("lambda")
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(FunctionName="work")
    client.put_function_concurrency(FunctionName="work", ReservedConcurrentExecutions=0)
    assert client.get_function_concurrency(FunctionName="work")["ReservedConcurrentExecutions"] == 0
    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName="work")
    client.delete_function_concurrency(FunctionName="work")
    assert client.invoke(FunctionName="work")["StatusCode"] == 200
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.put_function_concurrency(FunctionName="nothing", ReservedConcurrentExecutions=1)


def test_a_throttled_call_says_why(workspace: Workspace) -> None:
    workspace.registry.lambda_function(name="off", reserved_concurrency=0)(lambda event: event)
    client = workspace.client("lambda")
    with pytest.raises(client.exceptions.TooManyRequestsException, match="Rate Exceeded") as refused:
        client.invoke(FunctionName="off")
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert client.invoke(FunctionName="off", InvocationType="Event")["StatusCode"] == 202


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


def _logging(workspace: Workspace, level: str) -> dict[str, Any]:
    logs = workspace.client("logs")
    logs.create_log_group(logGroupName="/aws/vendedlogs/states/M")
    arn = logs.describe_log_groups()["logGroups"][0]["arn"]
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]
    return {"level": level, "includeExecutionData": True, "destinations": destinations}


def test_executions_log_to_the_machine_s_log_group(workspace: Workspace) -> None:
    client, logs = workspace.client("stepfunctions"), workspace.client("logs")
    machine = _create(workspace, loggingConfiguration=_logging(workspace, "ALL"))
    arn = client.start_execution(stateMachineArn=machine, input='{"a":1}')["executionArn"]
    client.describe_execution(executionArn=arn)
    written = logs.filter_log_events(logGroupName="/aws/vendedlogs/states/M")["events"]
    told = [json.loads(event["message"]) for event in written]
    assert told == workspace.execution(arn).log_events()  # type: ignore[attr-defined]  # a workspace makes no others
    assert told[-1]["type"] == "ExecutionSucceeded"
    assert written[0]["logStreamName"].startswith("states/M/2026-01-01-00-00/")


def test_a_log_group_that_is_gone_does_no_harm(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    machine = _create(workspace, loggingConfiguration=_logging(workspace, "ALL"))
    workspace.client("logs").delete_log_group(logGroupName="/aws/vendedlogs/states/M")
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    assert client.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"


def test_an_express_machine_is_started_without_waiting_and_knows_it(workspace: Workspace) -> None:
    context = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"c.$": "$$.Execution"}, "End": True}}}
    client = workspace.client("stepfunctions")
    machine = _create(workspace, "X", context, type="EXPRESS")
    started = workspace.execution(client.start_execution(stateMachineArn=machine)["executionArn"])
    assert (started.status, started.output["c"]["RedriveCount"]) == ("SUCCEEDED", 0)
    assert "RedriveCount" not in json.loads(client.start_sync_execution(stateMachineArn=machine)["output"])["c"]


def test_a_failed_execution_is_redriven_by_its_arn(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    stops = {"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E"}}}
    arn = client.start_execution(stateMachineArn=_create(workspace, "Stops", stops))["executionArn"]
    first = client.redrive_execution(executionArn=arn, clientToken="t")
    assert client.redrive_execution(executionArn=arn, clientToken="t")["redriveDate"] == first["redriveDate"]
    described = client.describe_execution(executionArn=arn)
    assert (described["status"], described["redriveCount"]) == ("FAILED", 1)
    assert described["redriveDate"] == first["redriveDate"]
    types = [event["type"] for event in client.get_execution_history(executionArn=arn)["events"]]
    assert types.count("ExecutionRedriven") == 1


def test_what_cannot_be_redriven_is_told_in_aws_s_terms(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=_create(workspace))["executionArn"]
    with pytest.raises(client.exceptions.ExecutionNotRedrivable, match="RUNNING and cannot be redriven"):
        client.redrive_execution(executionArn=arn)
    with pytest.raises(client.exceptions.ExecutionDoesNotExist):
        client.redrive_execution(executionArn=arn + "x")


def test_a_state_alone_calls_its_service(workspace: Workspace) -> None:
    sqs = workspace.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sending = {"QueueUrl": url, "MessageBody": "hello"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": sending, "End": True}
    tested = workspace.client("stepfunctions").test_state(definition=json.dumps(state), roleArn=ROLE)
    assert tested["status"] == "SUCCEEDED"
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert (message["Body"], message["MessageId"]) == ("hello", json.loads(tested["output"])["MessageId"])
    failing = state | {"Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl", "Parameters": {"QueueName": "none"}}
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": failing}})
    assert machine.test_state("A")["error"] == "Sqs.QueueDoesNotExistException"


def test_an_execution_keeps_the_definition_that_it_was_started_with(workspace: Workspace) -> None:
    client = workspace.client("stepfunctions")
    machine = _create(workspace)
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    client.update_state_machine(stateMachineArn=machine, definition=json.dumps({**WAITING, "Comment": "new"}))
    told = client.describe_state_machine_for_execution(executionArn=arn)
    assert json.loads(told["definition"]) == WAITING
    started = client.get_execution_history(executionArn=arn)["events"][0]["executionStartedEventDetails"]
    assert started["roleArn"] == ROLE
    assert "Comment" in json.loads(client.describe_state_machine(stateMachineArn=machine)["definition"])
