"""Breakpoints, steps and edits of a notebook's runs: where they stop, what is said, what comes of a changed payload."""

import json
from typing import Any

import pytest

from sfn_notebook.engine.breakpoints import Breakpoint
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.errors import ExecutionStalled, ExpressionSyntaxError, InvalidInput, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import StateMachine, Workspace

ITEM = {"StartAt": "Pack", "States": {"Pack": {"Type": "Task", "Resource": "pack", "End": True}}}
STATES: dict[str, Any] = {
    "Price": {"Type": "Task", "Resource": "price", "Next": "Each"},
    "Each": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": ITEM, "ResultPath": "$.packed", "Next": "Done"},
    "Done": {"Type": "Succeed"},
}


@pytest.fixture
def calls() -> list[Any]:
    return []


@pytest.fixture
def machine(calls: list[Any]) -> StateMachine:
    workspace = Workspace(registry=FunctionRegistry())

    def price(event: Any) -> Any:
        calls.append("price")
        return {**event, "total": 10 * len(event["items"])}

    def pack(event: Any) -> Any:
        calls.append(event)
        return {"packed": event}

    workspace.registry.lambda_function(name="price")(price)
    workspace.registry.lambda_function(name="pack")(pack)
    return workspace.define("Order", {"StartAt": "Price", "States": STATES})


def test_a_run_pauses_before_a_state_and_nothing_of_it_has_happened(machine: StateMachine, calls: list[Any]) -> None:
    run = machine.run({"items": [1]}, breakpoints=["Each"])
    assert (run.status, str(run.paused_at), calls) == ("RUNNING", "before Each", ["price"])
    assert run.paused_at is not None
    assert run.paused_at.payload == {"items": [1], "total": 10}
    assert run.history[-1]["type"] == "TaskStateExited"
    assert run.resume().status == "SUCCEEDED"
    assert run.paused_at is None


def test_after_a_state_its_output_is_there_and_its_exit_is_not(machine: StateMachine) -> None:
    run = machine.run({"items": [1]}, breakpoints=[Breakpoint(state="Price", when="after")])
    assert run.paused_at is not None
    assert (run.paused_at.when, run.paused_at.payload) == ("after", {"items": [1], "total": 10})
    assert run.history[-1]["type"] == "LambdaFunctionSucceeded"


@pytest.mark.parametrize(
    "condition",
    ["{% $states.input > 2 %}", "$states.input > 2", "{% $states.context.Map.Item.Index = 2 %}", lambda item: item > 2],
)
def test_a_condition_chooses_one_item_of_a_map(machine: StateMachine, condition: Any) -> None:
    run = machine.run({"items": [1, 2, 3]}, breakpoints=[Breakpoint(state="Pack", condition=condition)])
    assert str(run.paused_at) == "before Pack[2]"
    assert run.resume().status == "SUCCEEDED"


def test_a_condition_after_a_state_sees_its_output(machine: StateMachine) -> None:
    after = Breakpoint(state="Price", when="after", condition="{% $states.result.total > 10 %}")
    assert machine.run({"items": [1]}, breakpoints=[after]).status == "SUCCEEDED"
    assert str(machine.run({"items": [1, 2]}, breakpoints=[after]).paused_at) == "after Price"


@pytest.mark.parametrize(
    ("condition", "said"),
    [("{% 'a' > 1 %}", "the condition failed"), (lambda item: item["no"], "TypeError")],
)
def test_a_condition_that_fails_pauses_and_says_why(machine: StateMachine, condition: Any, said: str) -> None:
    run = machine.run({"items": [1]}, breakpoints=[Breakpoint(state="Pack", condition=condition)])
    assert said in str(run.paused_at)


def test_stepping_goes_from_state_to_state_through_every_item(machine: StateMachine) -> None:
    run = machine.run({"items": [1, 2]}, breakpoints=["Price"])
    seen = []
    while run.paused_at is not None:
        seen.append(str(run.paused_at))
        run.step()
    assert seen == ["before Price", "before Each", "before Pack[0]", "before Pack[1]", "before Done"]
    assert run.status == "SUCCEEDED"


def test_an_edit_is_what_the_state_gets_and_the_history_says(machine: StateMachine, calls: list[Any]) -> None:
    run = machine.run({"items": [1]}, breakpoints=["Each"])
    run.edit({"items": ["x", "y"]})
    assert run.paused_at is not None
    assert run.paused_at.payload == {"items": ["x", "y"]}
    run.resume()
    assert calls == ["price", "x", "y"]
    (visit,) = run.states["Each"]
    assert (visit.input, run.edits) == ({"items": ["x", "y"]}, {visit.id: {"items": [1], "total": 10}})
    entered = next(each for each in run.history if each["id"] == visit.id)
    assert json.loads(entered["stateEnteredEventDetails"]["input"]) == {"items": ["x", "y"]}
    again = replay(run.compiled, run.header, run.log)
    assert json.dumps(history_of(again.events)) == json.dumps(run.history)


def test_an_output_can_be_edited_even_where_the_run_ends(machine: StateMachine) -> None:
    run = machine.run({"items": []}, breakpoints=[Breakpoint(state="Done", when="after")])
    assert run.edit({"done": 1}).resume().output == {"done": 1}


def test_what_is_answered_meanwhile_waits_for_the_run_to_go_on(machine: StateMachine) -> None:
    workspace = machine.run().workspace
    workspace.registry.lambda_function(name="ask")(lambda event: None)
    invoke = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    given = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    asking = {"Type": "Task", "Resource": invoke, "Parameters": given, "End": True}
    branches = [
        {"StartAt": "Ask", "States": {"Ask": asking}},
        {
            "StartAt": "Think",
            "States": {"Think": {"Type": "Wait", "Seconds": 5, "Next": "Say"}, "Say": {"Type": "Pass", "End": True}},
        },
    ]
    both = workspace.define(
        "Both", {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": branches, "End": True}}}
    )
    run = both.run({}, breakpoints=["Say"])
    events = len(run.history)
    assert run.approve("Ask", 1).paused_at is not None
    assert len(run.history) == events
    assert run.resume().output == [1, {}]


def test_a_paused_run_can_be_stopped_and_has_no_result_yet(machine: StateMachine) -> None:
    run = machine.run({"items": [1]}, breakpoints=["Each"])
    with pytest.raises(ExecutionStalled, match=r"resume\(\), or step\(\)"):
        run.result()
    with pytest.raises(ExecutionStalled, match="its clock stands"):
        run.step(5)
    run.stop()
    assert (run.status, run.paused_at) == ("ABORTED", None)


def test_other_runs_go_on_while_one_is_paused(machine: StateMachine) -> None:
    paused = machine.run({"items": [1]}, breakpoints=["Each"])
    assert machine.run({"items": [1, 2]}).status == "SUCCEEDED"
    assert str(paused.paused_at) == "before Each"
    assert paused.resume().output["total"] == 10


def test_mistakes_are_told_before_anything_runs(machine: StateMachine, calls: list[Any]) -> None:
    with pytest.raises(UnknownName, match='Did you mean "Each"'):
        machine.run({}, breakpoints=["Eech"])
    with pytest.raises(InvalidInput, match="before or after"):
        Breakpoint(state="Each", when="within")
    with pytest.raises(ExpressionSyntaxError):
        Breakpoint(state="Each", condition="{% $states.input. %}")
    with pytest.raises(InvalidInput, match="no condition"):
        Breakpoint(state="Each", condition=5)  # type: ignore[arg-type]  # what a notebook may well pass
    assert calls == []
    finished = machine.run({"items": []})
    with pytest.raises(ExecutionStalled, match="does not stand at a breakpoint"):
        finished.edit({})
    paused = machine.run({"items": []}, breakpoints=["Each"])
    with pytest.raises(InvalidInput, match="not JSON"):
        paused.edit({1, 2})


def test_the_states_of_a_distributed_map_are_refused(machine: StateMachine) -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **ITEM}
    states = {"Wide": {"Type": "Map", "ItemProcessor": processor, "End": True}}
    wide = machine.run({"items": []}).workspace.define("Wide", {"StartAt": "Wide", "States": states})
    with pytest.raises(InvalidInput, match="Set the breakpoint at the Map"):
        wide.run([1], breakpoints=["Pack"])
