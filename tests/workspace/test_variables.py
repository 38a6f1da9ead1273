"""Variables under JSONPath: Assign, scopes, what sees the old values and what the new ones, and the records of them."""

from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace(registry=FunctionRegistry())
    made.registry.lambda_function(name="double")(lambda event: {"twice": event["n"] * 2})

    @made.registry.lambda_function
    def fail(event: Any) -> None:
        raise ValueError("no")

    return made


def run(workspace: Workspace, states: dict[str, Any], input: Any = None, start_at: str | None = None) -> Execution:
    definition = {"StartAt": start_at or next(iter(states)), "States": states}
    return workspace.define("M", definition).run({} if input is None else input)


def shows(*names: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Parameters": {f"{name}.$": f"${name}" for name in names}, "End": True, **fields}


def test_a_variable_is_read_by_every_later_state(workspace: Workspace) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"order.$": "$.id", "fixed": {"a": [1]}}, "Next": "Work"},
        "Work": {
            "Type": "Task",
            "Resource": "double",
            "Parameters": {"n.$": "$order"},
            "ResultSelector": {"twice.$": "$.twice", "of.$": "$order"},
            "Next": "Show",
        },
        "Show": {
            "Type": "Pass",
            "Parameters": {"order.$": "$order", "deep.$": "$fixed.a[0]", "in.$": "$"},
            "End": True,
        },
    }
    assert run(workspace, states, {"id": 7}).output == {"order": 7, "deep": 1, "in": {"twice": 14, "of": 7}}


def test_the_input_passes_an_assigning_state_unchanged(workspace: Workspace) -> None:
    states = {"Set": {"Type": "Pass", "Assign": {"x.$": "$.a"}, "End": True}}
    assert run(workspace, states, {"a": 1}).output == {"a": 1}


def test_right_hand_sides_see_the_old_values(workspace: Workspace) -> None:
    states = {
        "One": {"Type": "Pass", "Assign": {"a": 1, "b": 2}, "Next": "Swap"},
        "Swap": {"Type": "Pass", "Assign": {"a.$": "$b", "b.$": "$a"}, "Parameters": {"a.$": "$a"}, "Next": "Show"},
        "Show": shows("a", "b"),
    }
    execution = run(workspace, states)
    assert execution.output == {"a": 2, "b": 1}
    assert execution.states["Swap"][0].output == {"a": 1}


def test_a_task_assigns_from_its_result_not_from_its_output(workspace: Workspace) -> None:
    task = {
        "Type": "Task",
        "Resource": "double",
        "ResultSelector": {"kept.$": "$.twice"},
        "ResultPath": "$.result",
        "Assign": {"twice.$": "$.kept", "whole.$": "$"},
        "Next": "Show",
    }
    states = {"Work": task, "Show": shows("twice", "whole")}
    assert run(workspace, states, {"n": 4}).output == {"twice": 8, "whole": {"kept": 8}}


def test_a_catcher_assigns_from_the_error_and_the_state_s_own_assign_is_dropped(workspace: Workspace) -> None:
    catcher = {"ErrorEquals": ["ValueError"], "Assign": {"why.$": "$.Error"}, "ResultPath": "$.e", "Next": "Show"}
    task = {"Type": "Task", "Resource": "fail", "Assign": {"why": "it went well"}, "Catch": [catcher], "Next": "Show"}
    states = {"Set": {"Type": "Pass", "Assign": {"why": "unset"}, "Next": "Work"}, "Work": task, "Show": shows("why")}
    assert run(workspace, states).output == {"why": "ValueError"}


@pytest.mark.parametrize(("number", "expected"), [(5, "rule"), (0, "choice")])
def test_the_rule_that_matches_assigns_and_default_takes_the_state_s(
    workspace: Workspace, number: int, expected: str
) -> None:
    rule = {"Variable": "$limit", "NumericLessThanPath": "$.n", "Assign": {"by": "rule"}, "Next": "Show"}
    states = {
        "Set": {"Type": "Pass", "Assign": {"limit": 3}, "Next": "Choose"},
        "Choose": {"Type": "Choice", "Choices": [rule], "Default": "Show", "Assign": {"by": "choice"}},
        "Show": shows("by"),
    }
    assert run(workspace, states, {"n": number}).output == {"by": expected}


def test_paths_and_intrinsics_take_variables(workspace: Workspace) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"list": [3, 4], "wait": 60, "name": "Ada"}, "Next": "Hold"},
        "Hold": {"Type": "Wait", "SecondsPath": "$wait", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemsPath": "$list",
            "MaxConcurrencyPath": "$list[0]",
            "ItemProcessor": {
                "StartAt": "Item",
                "States": {
                    "Item": {"Type": "Pass", "Parameters": {"t.$": "States.Format('{} {}', $name, $)"}, "End": True}
                },
            },
            "Next": "Out",
        },
        "Out": {"Type": "Pass", "OutputPath": "$name", "End": True},
    }
    execution = run(workspace, states)
    assert execution.output == "Ada"
    assert execution.states["Each"][0].output == [{"t": "Ada 3"}, {"t": "Ada 4"}]
    assert execution.ended_seconds == execution.started_seconds + 60


def inner(states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def test_a_branch_reads_what_is_outside_and_keeps_its_own_to_itself(workspace: Workspace) -> None:
    branch = inner(
        {
            "Inner": {"Type": "Pass", "Assign": {"mine.$": "$outer"}, "Next": "Look"},
            "Look": shows("mine", "outer"),
        }
    )
    states = {
        "Set": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [branch], "Next": "Show"},
        "Show": {"Type": "Pass", "Parameters": {"seen.$": "$[0]", "outer.$": "$outer"}, "End": True},
    }
    assert run(workspace, states).output == {"seen": {"mine": 1, "outer": 1}, "outer": 1}


def test_an_inner_variable_is_unknown_outside(workspace: Workspace) -> None:
    branch = inner({"Inner": {"Type": "Pass", "Assign": {"mine": 1}, "End": True}})
    states = {"Both": {"Type": "Parallel", "Branches": [branch], "Next": "Show"}, "Show": shows("mine")}
    execution = run(workspace, states)
    assert execution.error == "States.Runtime"
    assert "mine" in (execution.cause or "")


def test_iterations_do_not_see_each_other_s_variables(workspace: Workspace) -> None:
    item = inner(
        {
            "Mine": {"Type": "Pass", "Assign": {"mine.$": "$"}, "Next": "Hold"},
            "Hold": {"Type": "Wait", "Seconds": 5, "Next": "Look"},
            "Look": {"Type": "Pass", "Parameters": {"mine.$": "$mine"}, "End": True},
        }
    )
    execution = run(workspace, {"Each": {"Type": "Map", "ItemProcessor": item, "End": True}}, [1, 2, 3])
    assert execution.output == [{"mine": 1}, {"mine": 2}, {"mine": 3}]


def test_a_loop_counts_in_a_variable(workspace: Workspace) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"count": 0}, "Next": "Enough"},
        "Add": {"Type": "Pass", "Assign": {"count.$": "States.MathAdd($count, 1)"}, "Next": "Enough"},
        "Enough": {
            "Type": "Choice",
            "Choices": [{"Variable": "$count", "NumericGreaterThanEquals": 5, "Next": "Show"}],
            "Default": "Add",
        },
        "Show": shows("count"),
    }
    assert run(workspace, states).output == {"count": 5}


def test_a_variable_that_was_never_assigned_is_an_error_of_the_run(workspace: Workspace) -> None:
    states = {
        "Which": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.set", "BooleanEquals": True, "Next": "Set"}],
            "Default": "Show",
        },
        "Set": {"Type": "Pass", "Assign": {"x": 1}, "Next": "Show"},
        "Show": shows("x"),
    }
    assert run(workspace, states, {"set": True}).output == {"x": 1}
    failed = run(workspace, states, {"set": False})
    assert failed.error == "States.Runtime"
    assert "$x" in (failed.cause or "")


def test_history_and_visits_record_what_was_assigned_and_seen(workspace: Workspace) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"n": 1, "text": "a", "object": {"a": 1}}, "Next": "Again"},
        "Again": {"Type": "Pass", "Assign": {"n": 2}, "Next": "Show"},
        "Show": shows("n"),
    }
    execution = run(workspace, states)
    exits = [each["stateExitedEventDetails"] for each in execution.history if each["type"] == "PassStateExited"]
    assert exits[0]["assignedVariables"] == {"n": "1", "text": '"a"', "object": '{"a":1}'}
    assert exits[1]["assignedVariables"] == {"n": "2"}
    assert "assignedVariables" not in exits[2]
    first, again, last = execution.visits
    assert (dict(first.variables), first.assigned) == ({}, {"n": 1, "text": "a", "object": {"a": 1}})
    assert (again.variables["n"], again.assigned) == (1, {"n": 2})
    assert (last.variables["n"], last.assigned) == (2, None)


def test_no_variable_outlives_its_run(workspace: Workspace) -> None:
    run(workspace, {"Set": {"Type": "Pass", "Assign": {"x": 1}, "Next": "S"}, "S": {"Type": "Succeed"}})
    with_default = {"Show": {"Type": "Pass", "End": True}}
    assert dict(run(workspace, with_default).visits[0].variables) == {}


KIB = 1024


def assigning(count: int) -> dict[str, Any]:
    """States that assign the input's text to ``count`` variables."""
    states: dict[str, Any] = {}
    for index in range(count):
        follows = {"Next": f"S{index + 1}"} if index + 1 < count else {"End": True}
        states[f"S{index}"] = {"Type": "Pass", "Assign": {f"v{index}.$": "$.text"}, **follows}
    return states


def test_one_assign_holds_at_most_256_kib(workspace: Workspace) -> None:
    states = {"Set": {"Type": "Pass", "Assign": {"a.$": "$.text", "b.$": "$.text"}, "End": True}}
    assert run(workspace, states, {"text": "x" * 120 * KIB}).status == "SUCCEEDED"
    failed = run(workspace, states, {"text": "x" * 140 * KIB})
    assert (failed.status, failed.error) == ("FAILED", "States.DataLimitExceeded")


def test_all_variables_of_an_execution_hold_at_most_10_mib(workspace: Workspace) -> None:
    text = "x" * (255 * KIB)
    assert run(workspace, assigning(40), {"text": text}).status == "SUCCEEDED"
    failed = run(workspace, assigning(42), {"text": text})
    assert (failed.status, failed.error) == ("FAILED", "States.DataLimitExceeded")
    assert "10 MiB" in (failed.cause or "")
    assert [name for name, visits in failed.states.items() if visits[0].status == "FAILED"] == ["S40"]


def test_a_variable_that_is_assigned_again_counts_once(workspace: Workspace) -> None:
    states = assigning(60)
    for state in states.values():
        state["Assign"] = {"same.$": "$.text"}
    assert run(workspace, states, {"text": "x" * (255 * KIB)}).status == "SUCCEEDED"


def test_variables_of_iterations_that_have_ended_no_longer_count(workspace: Workspace) -> None:
    assign = {"Type": "Pass", "Assign": {"big.$": "$.text"}, "Next": "J"}
    inner = {"StartAt": "I", "States": {"I": assign, "J": {"Type": "Pass", "Parameters": {}, "End": True}}}
    states = {
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.numbers",
            "ItemSelector": {"text.$": "$.text"},
            "MaxConcurrency": 1,
            "ItemProcessor": inner,
            "End": True,
        }
    }
    payload = {"text": "x" * (255 * KIB), "numbers": [0] * 60}
    assert run(workspace, states, payload).status == "SUCCEEDED"
