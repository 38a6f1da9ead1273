"""Tasks that a person answers: tokens through the workspace, from a cell, from a function, from another machine."""

from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.errors import InvalidInput, TaskTokenError, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace

INVOKE = "arn:aws:states:::lambda:invoke.waitForTaskToken"


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace(registry=FunctionRegistry())
    made.registry.lambda_function(name="ask")(lambda event: None)
    return made


def asks(**fields: Any) -> dict[str, Any]:
    payload = {"order.$": "$", "token.$": "$$.Task.Token"}
    parameters = {"FunctionName": "ask", "Payload": payload}
    return {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": parameters,
        **({} if "Next" in fields else {"End": True}),
        **fields,
    }


def run(
    workspace: Workspace, input: Any = None, *, machine: str = "Order", clock: str = "virtual", **fields: Any
) -> Execution:
    definition = {"StartAt": "Approve", "States": {"Approve": asks(**fields)}}
    return workspace.define(machine, definition).run(input or {}, clock=clock)


def test_a_person_s_answer_ends_the_run(workspace: Workspace) -> None:
    execution = run(workspace, {"orderId": 7}, TimeoutSeconds=86_400)
    assert execution.status == "RUNNING"
    (waiting,) = workspace.waiting()
    assert (waiting.state_name, waiting.awaited, waiting.execution) == ("Approve", "an answer", execution)
    assert waiting.input["Payload"]["order"] == {"orderId": 7}
    workspace.send_task_success(waiting.task_token, {"approved": True})
    assert execution.output == {"approved": True}
    assert workspace.waiting() == []


@pytest.mark.parametrize("output", [None, 0, "text", [1, {"a": None}]])
def test_any_json_is_an_answer(workspace: Workspace, output: Any) -> None:
    execution = run(workspace)
    workspace.send_task_success(workspace.token_of(), output)
    assert execution.output == output
    assert execution.status == "SUCCEEDED"


def test_an_answer_that_is_not_json_is_refused_and_the_task_waits_on(workspace: Workspace) -> None:
    execution = run(workspace)
    with pytest.raises(InvalidInput):
        workspace.send_task_success(workspace.token_of(), {1, 2})
    assert execution.status == "RUNNING"
    workspace.send_task_success(workspace.token_of(), 1)
    assert execution.output == 1


def test_a_refusal_goes_to_the_catcher(workspace: Workspace) -> None:
    definition = {
        "StartAt": "Approve",
        "States": {
            "Approve": asks(Catch=[{"ErrorEquals": ["Declined"], "ResultPath": "$.why", "Next": "Cancel"}]),
            "Cancel": {"Type": "Pass", "End": True},
        },
    }
    execution = workspace.define("Order", definition).run({"orderId": 7})
    workspace.send_task_failure(workspace.token_of("Approve"), "Declined", "too expensive")
    assert execution.output == {"orderId": 7, "why": {"Error": "Declined", "Cause": "too expensive"}}


@pytest.mark.parametrize("token", ["", "nobody", "é", "UDpQLTE6MTo=", None, 5, {}])
def test_a_token_that_nobody_gave_out_is_invalid(workspace: Workspace, token: Any) -> None:
    run(workspace)
    sends: list[Callable[[], None]] = [
        lambda: workspace.send_task_success(token, 1),
        lambda: workspace.send_task_failure(token),
        lambda: workspace.send_task_heartbeat(token),
    ]
    for send in sends:
        with pytest.raises(TaskTokenError) as refused:
            send()
        assert refused.value.code == "InvalidToken"


def test_a_spent_token_is_told_from_an_unknown_one(workspace: Workspace) -> None:
    run(workspace)
    token = workspace.token_of()
    workspace.send_task_success(token, 1)
    with pytest.raises(TaskTokenError) as refused:
        workspace.send_task_success(token, 2)
    assert refused.value.code == "TaskTimedOut"


def test_each_attempt_has_a_token_of_its_own(workspace: Workspace) -> None:
    execution = run(workspace, Retry=[{"ErrorEquals": ["Again"], "MaxAttempts": 1}])
    first = workspace.token_of()
    workspace.send_task_failure(first, "Again")
    second = workspace.token_of()
    assert second != first
    with pytest.raises(TaskTokenError):
        workspace.send_task_success(first, 1)
    workspace.send_task_success(second, 2)
    assert execution.output == 2


def test_the_function_itself_may_answer(workspace: Workspace) -> None:
    @workspace.registry.lambda_function(name="ask")
    def ask(event: Any) -> None:
        workspace.send_task_success(event["token"], {"by": "the function"})

    assert run(workspace).output == {"by": "the function"}


def test_a_task_of_another_branch_may_answer(workspace: Workspace) -> None:
    given: list[str] = []

    @workspace.registry.lambda_function(name="ask")
    def ask(event: Any) -> None:
        given.append(event["token"])

    @workspace.registry.lambda_function
    def answer(event: Any) -> str:
        workspace.send_task_success(given[0], "from the other branch")
        return "done"

    branches = [
        {"StartAt": "Approve", "States": {"Approve": asks()}},
        {
            "StartAt": "W",
            "States": {
                "W": {"Type": "Wait", "Seconds": 60, "Next": "Answer"},
                "Answer": {"Type": "Task", "Resource": "answer", "End": True},
            },
        },
    ]
    definition = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
    execution = workspace.define("Order", definition).run()
    assert execution.output == ["from the other branch", "done"]


def test_another_machine_may_answer_through_the_sdk_s_call(workspace: Workspace) -> None:
    first = run(workspace)
    states: dict[str, Any] = {
        "Answer": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
            "Parameters": {"TaskToken.$": "$.token", "Output.$": "States.JsonToString($.answer)"},
            "End": True,
        }
    }
    answering = workspace.define("Answering", {"StartAt": "Answer", "States": states})
    token = workspace.token_of()
    assert answering.run({"token": token, "answer": {"ok": True}}).output == {}
    assert first.output == {"ok": True}
    again = answering.run({"token": token, "answer": {}})
    assert again.error == "Sfn.TaskTimedOutException"
    unknown = answering.run({"token": "nobody", "answer": {}})
    assert unknown.error == "Sfn.InvalidTokenException"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"TaskToken": 5, "Output": "{}"}, "States.Runtime"),
        ({"TaskToken": "nobody", "Output": {}}, "States.Runtime"),
        ({"TaskToken": "nobody"}, "States.Runtime"),
        ({"TaskToken": "nobody", "Output": "{"}, "Sfn.InvalidTokenException"),
        ({"TaskToken.$": "$.token", "Output": "{"}, "Sfn.InvalidOutputException"),
    ],
)
def test_a_call_with_unusable_parameters_fails_as_a_task_does(
    workspace: Workspace, parameters: dict[str, Any], error: str
) -> None:
    waiting = run(workspace)
    resource = "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess"
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    machine = workspace.define("Bad", {"StartAt": "Answer", "States": {"Answer": state}})
    assert machine.run({"token": workspace.token_of()}).error == error
    assert waiting.status == "RUNNING"


def test_the_timeout_of_a_waiting_task(workspace: Workspace) -> None:
    execution = run(workspace, TimeoutSeconds=3600)
    execution.resume(reach_deadlines=True)
    assert (execution.error, execution.ended_seconds) == ("States.Timeout", execution.started_seconds + 3600)
    assert workspace.waiting() == []


def test_a_heartbeat_on_a_manual_clock(workspace: Workspace) -> None:
    execution = run(workspace, clock="manual", HeartbeatSeconds=10)
    execution.step(9)
    workspace.send_task_heartbeat(workspace.token_of())
    assert execution.step(9).status == "RUNNING"
    assert execution.step(1).error == "States.Timeout"


def test_time_that_passes_for_one_run_passes_for_all(workspace: Workspace) -> None:
    waiting = run(workspace, TimeoutSeconds=60)
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 120, "End": True}}}
    workspace.define("Other", definition).run()
    assert waiting.error == "States.Timeout"


def test_a_run_that_waits_can_be_stopped(workspace: Workspace) -> None:
    execution = run(workspace)
    token = workspace.token_of()
    execution.stop()
    assert (execution.status, workspace.waiting()) == ("ABORTED", [])
    with pytest.raises(TaskTokenError):
        workspace.send_task_success(token, 1)


def test_tokens_are_named_by_state_and_execution_where_that_is_clear(workspace: Workspace) -> None:
    first = run(workspace, machine="One")
    (token,) = first.pending_tasks
    assert {workspace.token_of(name) for name in (None, token, "Approve", "One-1", first.arn)} == {token}
    second = run(workspace, machine="Two")
    assert workspace.token_of("Two-1") == next(iter(second.pending_tasks))
    for unclear in (None, "Approve"):
        with pytest.raises(InvalidInput, match=r"2 tasks wait.*One-1/Approve, Two-1/Approve"):
            workspace.token_of(unclear)
    with pytest.raises(UnknownName, match='Did you mean "Approve"'):
        workspace.token_of("Aprove")


def test_in_a_map_the_tokens_tell_the_items_apart(workspace: Workspace) -> None:
    item = {"StartAt": "Approve", "States": {"Approve": asks()}}
    definition = {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": item, "End": True}}}
    execution = workspace.define("Orders", definition).run(["a", "b", "c"])
    by_order = {each.input["Payload"]["order"]: each.task_token for each in workspace.waiting()}
    for order in ("c", "a", "b"):
        workspace.send_task_success(by_order[order], order.upper())
    assert execution.output == ["A", "B", "C"]


def test_the_same_session_gives_the_same_tokens(workspace: Workspace) -> None:
    def tokens() -> list[str]:
        session = Workspace(registry=workspace.registry)
        return [*run(session).pending_tasks, *run(session).pending_tasks]

    assert tokens() == tokens()
    assert len(set(tokens())) == 2


def test_an_execution_nobody_holds_is_forgotten_with_its_tokens(workspace: Workspace) -> None:
    import gc

    token = next(iter(run(workspace).pending_tasks))
    workspace.executions.clear()
    gc.collect()
    with pytest.raises(TaskTokenError) as refused:
        workspace.send_task_success(token, 1)
    assert refused.value.code == "InvalidToken"
