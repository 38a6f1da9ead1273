"""Forking a run and comparing two: what is shared, what may change, where they part."""

import json
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import StateMachine, Workspace
from tests.widgets.trace_reader import read_trace

ASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
}
STATES: dict[str, Any] = {
    "Price": {"Type": "Task", "Resource": "price", "Next": "Rest"},
    "Rest": {"Type": "Wait", "Seconds": 60, "Next": "Charge"},
    "Charge": {"Type": "Task", "Resource": "charge", "Next": "Done"},
    "Done": {"Type": "Pass", "End": True},
}


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def workspace(calls: list[str]) -> Workspace:
    made = Workspace(registry=FunctionRegistry())

    def price(event: Any) -> Any:
        calls.append("price")
        return {**event, "total": 10 * event["n"]}

    def charge(event: Any) -> Any:
        calls.append("charge")
        if event["total"] > 50:
            raise ValueError("no cover")
        return {**event, "charged": True}

    made.registry.lambda_function(name="price")(price)
    made.registry.lambda_function(name="charge")(charge)
    made.registry.lambda_function(name="ask")(lambda event: calls.append("ask"))
    return made


@pytest.fixture
def machine(workspace: Workspace) -> StateMachine:
    return workspace.define("Order", {"StartAt": "Price", "States": STATES})


def test_a_failed_run_goes_on_with_another_payload_and_the_past_is_not_done_again(
    machine: StateMachine, calls: list[str]
) -> None:
    failed = machine.run({"n": 9})
    before = json.dumps(failed.history)
    fork = failed.fork(payload={"n": 9, "total": 50})
    assert (failed.status, fork.status, fork.name) == ("FAILED", "SUCCEEDED", "Order-2")
    assert fork.output == {"n": 9, "total": 50, "charged": True}
    assert calls == ["price", "charge", "charge"]
    assert json.dumps(failed.history) == before
    assert fork.started_seconds == failed.started_seconds
    entered = next(event for event in fork.history if event["id"] == failed.states["Charge"][0].id)
    assert json.loads(entered["stateEnteredEventDetails"]["input"]) == {"n": 9, "total": 50}


def test_redefined_functions_do_what_comes_after(machine: StateMachine, workspace: Workspace) -> None:
    failed = machine.run({"n": 9})
    assert failed.fork(functions={"charge": lambda event: "free"}).output == "free"
    assert machine.run({"n": 9}).status == "FAILED"
    workspace.registry.lambda_function(name="charge")(lambda event: "redefined")
    assert failed.fork().output == "redefined"


@pytest.mark.parametrize("at", ["Price", 2, "visit"])
def test_the_moment_may_be_a_state_an_event_or_a_visit(machine: StateMachine, at: Any) -> None:
    run = machine.run({"n": 1})
    fork = run.fork(run.visits[0] if at == "visit" else at, payload={"n": 2})
    assert fork.output == {"n": 2, "total": 20, "charged": True}


def test_every_event_of_a_run_is_a_moment_to_fork_at(machine: StateMachine) -> None:
    run = machine.run({"n": 1})
    for event in run.history:
        fork = run.fork(event["id"])
        assert (fork.output, fork.ended_seconds) == (run.output, run.ended_seconds)
        assert [each["type"] for each in fork.history] == [each["type"] for each in run.history]


def test_an_output_can_be_replaced_too(machine: StateMachine) -> None:
    run = machine.run({"n": 1})
    exited = next(event["id"] for event in run.history if event["type"] == "WaitStateExited")
    assert run.fork(exited, payload={"total": 1}).output == {"total": 1, "charged": True}


def test_another_definition_must_have_the_same_past(machine: StateMachine, workspace: Workspace) -> None:
    failed = machine.run({"n": 9})
    kind = {"Type": "Pass", "Result": "kind", "Next": "Done"}
    slower = {**STATES, "Done": {"Type": "Wait", "Seconds": 9, "End": True}}
    same = failed.fork("Charge", payload={"total": 5}, definition={"StartAt": "Price", "States": slower})
    assert same.ended_seconds == failed.started_seconds + 69
    with pytest.raises(InvalidInput, match="event 9: TaskStateEntered Charge in one, PassStateEntered Charge"):
        failed.fork(10, definition={"StartAt": "Price", "States": {**STATES, "Charge": kind}})
    other = workspace.define("Other", {"StartAt": "Price", "States": {**STATES, "Charge": kind}})
    fork = failed.fork("Charge", definition=other)
    assert (fork.machine_name, fork.output) == ("Other", "kind")


def test_a_waiting_run_is_forked_where_it_waits_without_asking_again(workspace: Workspace, calls: list[str]) -> None:
    states = {"Approve": {**ASK, "TimeoutSeconds": 600, "End": True}}
    run = workspace.define("Asking", {"StartAt": "Approve", "States": states}).run()
    fork = run.fork()
    assert calls == ["ask"]
    assert fork.approve("Approve", "fork").output == "fork"
    assert run.approve("Approve", "run").output == "run"
    third = run.fork(len(run.history) - 3)
    assert third.status == "RUNNING"
    third.resume(reach_deadlines=True)
    assert (third.error, third.ended_seconds) == ("States.Timeout", run.started_seconds + 600)


def test_tasks_under_way_end_when_they_would_have(workspace: Workspace) -> None:
    workspace.registry.lambda_function(name="slow", duration=2.5)(lambda event: "slow")
    branches = [
        {"StartAt": "Slow", "States": {"Slow": {"Type": "Task", "Resource": "slow", "End": True}}},
        {
            "StartAt": "Rest1",
            "States": {"Rest1": {"Type": "Wait", "Seconds": 1, "Next": "Say"}, "Say": {"Type": "Pass", "End": True}},
        },
    ]
    parallel = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
    run = workspace.define("Both", parallel).run()
    fork = run.fork("Say", payload="said")
    assert (fork.output, fork.ended_seconds) == (["slow", "said"], run.ended_seconds)


def test_a_fork_can_be_forked_and_has_breakpoints(machine: StateMachine) -> None:
    run = machine.run({"n": 1})
    fork = run.fork("Rest", breakpoints=["Charge"])
    assert str(fork.paused_at) == "before Charge"
    second = fork.fork(payload={"total": 5})
    assert (second.output, fork.status) == ({"total": 5, "charged": True}, "RUNNING")
    third = second.fork("Done", payload="end")
    assert (third.output, fork.resume().status) == ("end", "SUCCEEDED")


def test_mistakes_are_told_and_make_no_execution(machine: StateMachine, workspace: Workspace) -> None:
    run = machine.run({"n": 1})
    with pytest.raises(UnknownName, match='Did you mean "Charge"'):
        run.fork("Charg")
    with pytest.raises(InvalidInput, match="has no event 99"):
        run.fork(99)
    with pytest.raises(InvalidInput, match="no place to go on from"):
        run.fork()
    with pytest.raises(InvalidInput, match="is the end"):
        run.fork(len(run.history) + 1)
    with pytest.raises(InvalidInput, match="only the input or the output"):
        run.fork(1, payload=1)
    with pytest.raises(InvalidInput, match="not JSON"):
        run.fork("Charge", payload={1})
    assert list(workspace.executions) == ["Order-1"]


def test_a_comparison_says_where_two_runs_part(machine: StateMachine) -> None:
    failed = machine.run({"n": 9})
    fork = failed.fork(payload={"n": 9, "total": 50})
    comparison = failed.compare(fork)
    assert repr(comparison).splitlines() == [
        "Order-1 FAILED in 1 min: ValueError",
        "Order-2 SUCCEEDED in 1 min",
        "They part in Charge: another input, output, status, error and next state.",
        "  Charge: another input, output, status, error and next state",
        "    input $.total: 90 -> 50",
        '    output $: added {"n":9,"total":50,"charged":true}',
        "    status: FAILED -> SUCCEEDED",
        "  Done: only Order-2 was here",
    ]
    assert not comparison.is_same
    assert comparison.parted is not None
    data = json.loads(json.dumps(comparison.comparison))
    assert (data["parted"]["left"], data["parted"]["right"]) == (2, 2)
    assert [(row["left"], row["right"], row["same"]) for row in data["rows"]] == [
        (0, 0, True),
        (1, 1, True),
        (2, 2, False),
        (-1, 3, False),
    ]
    assert read_trace(data["left"])["name"] == "Order-1"


def test_two_runs_that_went_the_same_way(machine: StateMachine) -> None:
    comparison = machine.run({"n": 1}).compare(machine.run({"n": 1}))
    assert comparison.is_same
    assert repr(comparison).endswith("Both went the same way.")
    assert comparison.comparison["parted"] == {"left": None, "right": None, "reason": ""}


def test_in_a_map_the_item_is_named_in_which_they_part(workspace: Workspace) -> None:
    item = {"StartAt": "Price", "States": {"Price": {"Type": "Task", "Resource": "price", "End": True}}}
    each = {"Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": item, "End": True}}
    machine = workspace.define("Many", {"StartAt": "Each", "States": each})
    run = machine.run({"items": [{"n": 1}, {"n": 2}, {"n": 3}]})
    fork = run.fork("Price", iteration=1, payload={"n": 20})
    assert fork.output[1]["total"] == 200
    assert "They part in Price[1]: another input and output." in repr(run.compare(fork))
