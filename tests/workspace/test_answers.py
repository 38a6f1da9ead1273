"""Answers told before a run, so that nothing waits where nobody is: in CI and in a notebook that runs from the top."""

from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import StateMachine, Workspace

ASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
}


@pytest.fixture
def asked() -> list[Any]:
    return []


@pytest.fixture
def workspace(asked: list[Any]) -> Workspace:
    made = Workspace(registry=FunctionRegistry())
    made.registry.lambda_function(name="ask")(asked.append)
    return made


@pytest.fixture
def machine(workspace: Workspace) -> StateMachine:
    catch = [{"ErrorEquals": ["Declined"], "Next": "Cancel"}]
    approve = {**ASK, "Catch": catch, "Next": "Ship"}
    states = {"Approve": approve, "Ship": {"Type": "Succeed"}, "Cancel": {"Type": "Succeed"}}
    return workspace.define("Order", {"StartAt": "Approve", "States": states})


@pytest.mark.parametrize(
    ("answer", "last", "output"),
    [
        ("approve", "Ship", {}),
        ({"output": [1, None]}, "Ship", [1, None]),
        ({"error": "Declined", "cause": "no"}, "Cancel", {"Error": "Declined", "Cause": "no"}),
    ],
)
def test_an_answer_is_given_for_the_person(
    machine: StateMachine, asked: list[Any], answer: Any, last: str, output: Any
) -> None:
    run = machine.run({}, answers={"Approve": answer})
    assert (run.visits[-1].name, run.output) == (last, output)
    assert len(asked) == 1
    assert "TaskSubmitted" in [event["type"] for event in run.history]


def test_a_plain_rejection_fails_the_run(machine: StateMachine) -> None:
    assert machine.run({}, answers={"Approve": "reject"}).status == "FAILED"


def test_a_list_answers_one_task_after_the_other_and_then_the_run_waits(workspace: Workspace) -> None:
    item = {"StartAt": "Item", "States": {"Item": {**ASK, "End": True}}}
    each = {"Type": "Map", "ItemProcessor": item, "End": True}
    machine = workspace.define("Many", {"StartAt": "Each", "States": {"Each": each}})
    run = machine.run([1, 2, 3], answers={"Item": [{"output": "a"}, {"output": "b"}]})
    assert [waiting.place for waiting in run.waiting()] == ["Many-1/Item[2]"]
    assert run.approve(output="c").output == ["a", "b", "c"]
    assert machine.run([1, 2, 3], answers={"Item": {"output": 0}}).output == [0, 0, 0]


def test_a_worker_s_task_is_taken_and_answered(workspace: Workspace) -> None:
    arn = workspace.create_activity("review")
    machine = workspace.define(
        "Reviewing", {"StartAt": "Review", "States": {"Review": {"Type": "Task", "Resource": arn, "End": True}}}
    )
    run = machine.run({}, answers={"Review": {"output": "fine"}})
    assert run.output == "fine"
    assert "ActivityStarted" in [event["type"] for event in run.history]


def test_an_answer_comes_too_late_where_the_function_gave_its_own(workspace: Workspace, machine: StateMachine) -> None:
    workspace.registry.lambda_function(name="ask")(
        lambda event: workspace.send_task_success(event["token"], "from the function")
    )
    assert machine.run({}, answers={"Approve": "approve"}).output == "from the function"


@pytest.mark.parametrize("answer", ["yes", 5, None, {}, {"output": 1, "error": "a"}, {"error": 5}, [["approve"]]])
def test_what_is_no_answer_is_refused_before_anything_runs(
    machine: StateMachine, asked: list[Any], answer: Any
) -> None:
    with pytest.raises(InvalidInput, match="no answer of the state 'Approve'"):
        machine.run({}, answers={"Approve": answer})
    with pytest.raises(UnknownName, match='Did you mean "Approve"'):
        machine.run({}, answers={"Aprove": "approve"})
    assert asked == []


def test_methods_answer_by_state_and_iteration(workspace: Workspace) -> None:
    item = {"StartAt": "Item", "States": {"Item": {**ASK, "HeartbeatSeconds": 60, "End": True}}}
    each = {"Type": "Map", "ItemProcessor": item, "Catch": [{"ErrorEquals": ["No"], "Next": "Late"}], "End": True}
    states = {"Each": each, "Late": {"Type": "Succeed"}}
    run = workspace.define("Many", {"StartAt": "Each", "States": states}).run([1, 2, 3])
    with pytest.raises(InvalidInput, match=r"3 tasks wait.*Item\[0\], Many-1/Item\[1\], Many-1/Item\[2\]"):
        run.approve("Item")
    run.heartbeat("Item", iteration=2)
    run.approve("Item", {"ok": 1}, iteration=(1,))
    assert [waiting.iteration for waiting in run.waiting()] == [(0,), (2,)]
    assert run.waiting()[0].limits == (None, 60)
    assert run.reject("Item", "No", "because", iteration=0).output == {"Error": "No", "Cause": "because"}
