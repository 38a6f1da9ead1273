"""Workflows and direct calls share functions, environments and time."""

import json
from typing import Any

import pytest

from sfn_notebook import StateMachine, Workspace
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.calls import CallKind, CallRecord
from sfn_notebook.functions.registry import FunctionRegistry

ARN = "arn:aws:lambda:us-east-1:123456789012:function:work"


@pytest.fixture
def registry() -> FunctionRegistry:
    return FunctionRegistry()


@pytest.fixture
def workspace(registry: FunctionRegistry) -> Workspace:
    return Workspace(registry=registry)


def _machine(workspace: Workspace, **task: Any) -> StateMachine:
    state = {"Type": "Task", "Resource": ARN, "End": True} | task
    return workspace.define("Orders", {"StartAt": "Work", "States": {"Work": state}})


def _map(workspace: Workspace, **task: Any) -> StateMachine:
    state = {"Type": "Task", "Resource": ARN, "End": True} | task
    each = {"Type": "Map", "End": True, "ItemProcessor": {"StartAt": "Work", "States": {"Work": state}}}
    return workspace.define("Orders", {"StartAt": "Each", "States": {"Each": each}})


def test_a_workspace_invokes_as_the_function_itself_does(registry: FunctionRegistry, workspace: Workspace) -> None:
    work = registry.lambda_function(name="work")(lambda event: [event])
    assert workspace.invoke("work", 1).payload == work.invoke(1).payload == [1]
    assert workspace.invoke(ARN, b"[2]").payload == [[2]]


def test_time_passes_for_events_and_executions_alike(registry: FunctionRegistry, workspace: Workspace) -> None:
    seen: list[Any] = []
    registry.lambda_function(name="work", duration=5, timeout=10)(seen.append)
    workspace.invoke("work", "event", "Event")
    run = _machine(workspace).run("input")
    assert run.status == "SUCCEEDED"
    assert seen == ["input", "event"]
    with pytest.raises(InvalidInput, match="-1 seconds"):
        workspace.advance(-1)


def test_a_cold_start_is_part_of_a_task(registry: FunctionRegistry, workspace: Workspace) -> None:
    registry.lambda_function(name="work", init=2, duration=1)(lambda event: event)
    machine = _machine(workspace)
    began_seconds = workspace.scheduler.now()
    machine.run(1)
    cold_seconds = workspace.scheduler.now() - began_seconds
    machine.run(1)
    assert (cold_seconds, workspace.scheduler.now() - began_seconds) == (3, 4)


def test_a_throttled_task_fails_with_lambdas_error_and_can_be_retried(
    registry: FunctionRegistry, workspace: Workspace
) -> None:
    registry.lambda_function(name="work", duration=4, timeout=10, reserved_concurrency=2)(lambda event: event)
    failed = _map(workspace).run([1, 2, 3])
    assert failed.error == "Lambda.TooManyRequestsException"
    assert failed.cause is not None
    assert failed.cause.startswith(
        "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: "
    )
    workspace.advance(10)
    retry = [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "BackoffRate": 1.0}]
    began_seconds = workspace.scheduler.now()
    assert _map(workspace, Retry=retry).run([1, 2, 3, 4]).output == [1, 2, 3, 4]
    assert workspace.scheduler.now() - began_seconds == 8
    assert workspace.lambda_service.log.metrics("work").throttles == 1 + 2 + 2


def test_a_task_names_a_version_or_an_alias(registry: FunctionRegistry, workspace: Workspace) -> None:
    old = registry.lambda_function(name="work")(lambda _event: "old")
    assert _machine(workspace, Resource=f"{ARN}:live").run().output == "old"
    old.publish_version()
    old.create_alias("live", "1")
    registry.lambda_function(name="work")(lambda _event: "new")
    assert _machine(workspace).run().output == "new"
    assert _machine(workspace, Resource=f"{ARN}:live").run().output == "old"
    invoke = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "work", "Qualifier": "live"}}
    output = _machine(workspace, **invoke).run().output
    assert (output["Payload"], output["ExecutedVersion"]) == ("old", "1")
    missing = _machine(workspace, Resource=f"{ARN}:9").run()
    assert missing.error == "Lambda.ResourceNotFoundException"
    assert missing.cause is not None
    assert missing.cause.startswith(f"Function not found: {ARN}:9 (Service: AWSLambda; Status Code: 404;")


def test_a_timeout_and_a_kill_reach_the_execution(registry: FunctionRegistry, workspace: Workspace) -> None:
    registry.lambda_function(name="work", memory_used=lambda event: event)(lambda event: event)
    failed = _machine(workspace).run(500)
    assert failed.error == "Runtime.ExitError"
    assert json.loads(failed.cause or "")["errorMessage"].endswith("Runtime exited with error: signal: killed")


def test_observers_hear_which_execution_called(registry: FunctionRegistry, workspace: Workspace) -> None:
    records: list[CallRecord] = []
    workspace.lambda_service.log.observe(records.append)
    registry.lambda_function(name="inner")(lambda event: event)
    registry.lambda_function(name="work", init=1)(lambda event: workspace.invoke("inner", event).payload)
    run = _machine(workspace).run("x")
    told = {each.function_name: each.caller for each in records if each.kind is CallKind.ATTEMPT}
    assert told == {"inner": "work", "work": run.arn}


def test_another_clock_has_environments_of_its_own(registry: FunctionRegistry, workspace: Workspace) -> None:
    registry.lambda_function(name="work", init=2, duration=1)(lambda event: event)
    machine = _machine(workspace)
    machine.run(1)
    run = machine.run(1, clock="manual")
    # Its environment starts cold, though the workspace's own is warm.
    assert run.step(2.5).status == "RUNNING"
    assert run.step(0.5).status == "SUCCEEDED"
    assert workspace.lambda_service.log.metrics("work").invocations == 2


def test_stack_traces_name_the_notebooks_cells(registry: FunctionRegistry, workspace: Workspace) -> None:
    @registry.lambda_function
    def work(_event: Any) -> None:
        raise ValueError("no")

    workspace.source_name = lambda _file: "In[7]"
    assert work.invoke().payload["stackTrace"][0].startswith('  File "In[7]", line ')


def test_a_task_may_send_an_event_and_go_on(registry: FunctionRegistry, workspace: Workspace) -> None:
    seen: list[Any] = []
    records: list[CallRecord] = []
    workspace.lambda_service.log.observe(records.append)
    registry.lambda_function(name="work", duration=30, timeout=60)(seen.append)
    parameters = {"FunctionName": "work", "InvocationType": "Event", "Payload.$": "$"}
    run = _machine(workspace, Resource="arn:aws:states:::lambda:invoke", Parameters=parameters).run({"n": 1})
    assert run.status == "SUCCEEDED"
    assert (run.output["StatusCode"], run.output["Payload"]) == (202, "")
    assert "ExecutedVersion" not in run.output
    workspace.advance()
    assert seen == [{"n": 1}]
    told = [(each.kind, each.caller, each.request_id) for each in records]
    request_id = run.output["SdkResponseMetadata"]["RequestId"]
    assert told == [(CallKind.ACCEPTED, run.arn, request_id), (CallKind.ATTEMPT, run.arn, request_id)]


def test_a_function_that_was_sent_a_token_as_an_event_may_answer_it(
    registry: FunctionRegistry, workspace: Workspace
) -> None:
    registry.lambda_function(name="work", duration=5, timeout=10)(
        lambda event: workspace.send_task_success(event["token"], {"approved": True})
    )
    parameters = {"FunctionName": "work", "InvocationType": "Event", "Payload": {"token.$": "$$.Task.Token"}}
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    run = _machine(workspace, Resource=resource, Parameters=parameters).run({})
    assert (run.status, run.output) == ("SUCCEEDED", {"approved": True})
