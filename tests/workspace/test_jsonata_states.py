"""JSONata in every state type: which field sees what, in which order, and how a failed expression fails."""

import json
from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.errors import DefinitionError
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


def run(workspace: Workspace, states: dict[str, Any], input: Any = None, **top: Any) -> Execution:
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **top}
    return workspace.define("M", definition).run({} if input is None else input)


def shows(text: str, **fields: Any) -> dict[str, Any]:
    return {"Type": "Pass", "Output": f"{{% {text} %}}", "End": True, **fields}


def inner(states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


# Pass and Succeed


def test_output_is_any_json_with_expressions_in_it(workspace: Workspace) -> None:
    listed = ["{% 1 + 1 %}", " {% 1 %} ", 3]
    output = {"sum": "{% $sum($states.input.prices) %}", "list": listed, "plain": {"x.$": "$.a"}}
    state = {"Type": "Pass", "Output": output, "End": True}
    expected = {"sum": 6, "list": [2, " {% 1 %} ", 3], "plain": {"x.$": "$.a"}}
    assert run(workspace, {"P": state}, {"prices": [1, 2, 3]}).output == expected


def test_without_output_the_input_passes(workspace: Workspace) -> None:
    assert run(workspace, {"P": {"Type": "Pass", "End": True}}, {"a": 1}).output == {"a": 1}


def test_succeed_has_an_output_too(workspace: Workspace) -> None:
    assert run(workspace, {"S": {"Type": "Succeed", "Output": "{% $states.input.a %}"}}, {"a": [None]}).output == [None]


def test_the_context_object(workspace: Workspace) -> None:
    text = "[$states.context.Execution.Name, $states.context.State.Name, $states.context.StateMachine.Name]"
    assert run(workspace, {"P": shows(text)}).output == ["M-1", "P", "M"]


def test_assign_and_output_see_the_variables_of_before(workspace: Workspace) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"x": 1}, "Next": "Again"},
        "Again": {
            "Type": "Pass",
            "Assign": {"x": "{% $x + 1 %}", "old": "{% $x %}"},
            "Output": "{% $x %}",
            "Next": "Show",
        },
        "Show": shows("[$states.input, $x, $old]"),
    }
    assert run(workspace, states).output == [1, 2, 1]


# Task


def test_a_task_s_fields_in_their_order(workspace: Workspace) -> None:
    task = {
        "Type": "Task",
        "Resource": "double",
        "Arguments": {"n": "{% $states.input.n + $extra %}"},
        "Output": {"in": "{% $states.input.n %}", "out": "{% $states.result.twice %}"},
        "Assign": {"last": "{% $states.result.twice %}"},
        "TimeoutSeconds": "{% $extra + 59 %}",
        "Next": "Show",
    }
    states = {
        "Set": {"Type": "Pass", "Assign": {"extra": 1}, "Next": "Work"},
        "Work": task,
        "Show": shows("{'input': $states.input, 'last': $last}"),
    }
    execution = run(workspace, states, {"n": 4})
    assert execution.output == {"input": {"in": 4, "out": 10}, "last": 10}
    scheduled = next(each for each in execution.history if each["type"] == "LambdaFunctionScheduled")
    assert scheduled["lambdaFunctionScheduledEventDetails"]["timeoutInSeconds"] == 60


def test_without_arguments_the_input_and_without_output_the_result(workspace: Workspace) -> None:
    assert run(workspace, {"T": {"Type": "Task", "Resource": "double", "End": True}}, {"n": 2}).output == {"twice": 4}


def test_arguments_may_be_one_expression(workspace: Workspace) -> None:
    task = {"Type": "Task", "Resource": "double", "Arguments": "{% {'n': $count($states.input)} %}", "End": True}
    assert run(workspace, {"T": task}, [1, 2, 3]).output == {"twice": 6}


def test_a_catcher_s_output_and_assign_see_the_error_and_the_input(workspace: Workspace) -> None:
    catcher = {
        "ErrorEquals": ["ValueError"],
        "Output": "{% {'order': $states.input.id, 'why': $states.errorOutput.Error} %}",
        "Assign": {"cause": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
        "Next": "Show",
    }
    states = {
        "Work": {"Type": "Task", "Resource": "fail", "Catch": [catcher], "Output": "never", "End": True},
        "Show": shows("$merge([$states.input, {'cause': $cause}])"),
    }
    assert run(workspace, states, {"id": 7}).output == {"order": 7, "why": "ValueError", "cause": "no"}


def test_a_catcher_without_output_gives_the_error_output(workspace: Workspace) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "S"}]
    states = {"W": {"Type": "Task", "Resource": "fail", "Catch": catch, "End": True}, "S": {"Type": "Succeed"}}
    assert run(workspace, states).output["Error"] == "ValueError"


def test_a_retried_task_evaluates_its_arguments_anew(workspace: Workspace) -> None:
    seen: list[Any] = []

    @workspace.registry.lambda_function
    def flaky(event: Any) -> Any:
        seen.append(event["attempt"])
        if len(seen) < 3:
            raise ValueError("again")
        return "done"

    task = {
        "Type": "Task",
        "Resource": "flaky",
        "Arguments": {"attempt": "{% $states.context.State.RetryCount %}"},
        "Retry": [{"ErrorEquals": ["ValueError"], "IntervalSeconds": 1}],
        "End": True,
    }
    assert run(workspace, {"T": task}).output == "done"
    assert seen == [0, 1, 2]


def test_a_callback_s_token_is_in_the_context(workspace: Workspace) -> None:
    workspace.registry.lambda_function(name="ask")(lambda event: None)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": "ask", "Payload": {"token": "{% $states.context.Task.Token %}"}},
        "HeartbeatSeconds": "{% 5 * 2 %}",
        "Output": "{% $states.result.ok %}",
        "End": True,
    }
    execution = run(workspace, {"T": task})
    (waiting,) = workspace.waiting()
    assert waiting.input["Payload"]["token"] == waiting.task_token
    workspace.send_task_success(waiting.task_token, {"ok": "yes"})
    assert execution.output == "yes"


# Choice


def choice(**fields: Any) -> dict[str, Any]:
    rule = {
        "Condition": "{% $states.input.total > $limit %}",
        "Assign": {"by": "rule"},
        "Output": {"big": "{% $states.input.total %}"},
        "Next": "Show",
    }
    return {"Type": "Choice", "Choices": [rule], "Default": "Show", "Assign": {"by": "default"}, **fields}


@pytest.mark.parametrize(
    ("total", "fields", "expected"),
    [
        (10, {}, ["rule", {"big": 10}]),
        (1, {}, ["default", {"total": 1}]),
        (1, {"Output": {"small": "{% $states.input.total %}"}}, ["default", {"small": 1}]),
    ],
)
def test_a_rule_s_own_assign_and_output_or_those_of_the_choice(
    workspace: Workspace, total: int, fields: dict[str, Any], expected: Any
) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"limit": 5}, "Next": "Choose"},
        "Choose": choice(**fields),
        "Show": shows("[$by, $states.input]"),
    }
    assert run(workspace, states, {"total": total}).output == expected


def test_a_condition_is_a_boolean_and_nothing_else(workspace: Workspace) -> None:
    rule = {"Condition": "{% $states.input.n %}", "Next": "S"}
    states = {"C": {"Type": "Choice", "Choices": [rule], "Default": "S"}, "S": {"Type": "Succeed"}}
    execution = run(workspace, states, {"n": 1})
    assert execution.error == "States.QueryEvaluationError"
    assert "Expected 'boolean', but was 'number' for value: 1" in (execution.cause or "")


def test_no_match_and_no_default(workspace: Workspace) -> None:
    rule = {"Condition": "{% false %}", "Next": "S"}
    execution = run(workspace, {"C": {"Type": "Choice", "Choices": [rule]}, "S": {"Type": "Succeed"}})
    assert execution.status == "FAILED"


# Wait


@pytest.mark.parametrize(
    ("fields", "waited_seconds"),
    [
        ({"Seconds": 10}, 10),
        ({"Seconds": "{% $states.input.n * 2 %}"}, 60),
        ({"Timestamp": "2026-01-01T01:00:00Z"}, 3600),
        ({"Timestamp": "{% $states.input.until %}"}, 7200),
    ],
)
def test_a_wait(workspace: Workspace, fields: dict[str, Any], waited_seconds: int) -> None:
    states = {"W": {"Type": "Wait", **fields, "Output": "{% $states.input.n %}", "Assign": {"x": 1}, "Next": "Show"}}
    execution = run(
        workspace, {**states, "Show": shows("[$states.input, $x]")}, {"n": 30, "until": "2026-01-01T02:00:00Z"}
    )
    assert execution.output == [30, 1]
    assert execution.ended_seconds == execution.started_seconds + waited_seconds


@pytest.mark.parametrize("text", ["1.5", "-1", "'60'", "null"])
def test_a_wait_that_is_no_number_of_seconds_fails(workspace: Workspace, text: str) -> None:
    execution = run(workspace, {"W": {"Type": "Wait", "Seconds": f"{{% {text} %}}", "End": True}})
    assert execution.error == "States.QueryEvaluationError"


# Map and Parallel


def test_a_map_s_fields(workspace: Workspace) -> None:
    item = inner({"Item": shows("{'got': $states.input, 'index': $states.context.Map.Item.Index, 'outer': $outer}")})
    each = {
        "Type": "Map",
        "Items": "{% $states.input.lines[price > 1] %}",
        "ItemSelector": {"price": "{% $states.context.Map.Item.Value.price + $outer %}"},
        "MaxConcurrency": "{% $outer %}",
        "ItemProcessor": item,
        "Output": {"count": "{% $count($states.result) %}", "all": "{% $states.result.got.price %}"},
        "Assign": {"first": "{% $states.result[0] %}"},
        "Next": "Show",
    }
    states = {
        "Set": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "Each"},
        "Each": each,
        "Show": shows("[$states.input, $first]"),
    }
    lines = [{"price": 1}, {"price": 2}, {"price": 3}]
    expected_first = {"got": {"price": 3}, "index": 0, "outer": 1}
    assert run(workspace, states, {"lines": lines}).output == [{"count": 2, "all": [3, 4]}, expected_first]


def test_items_may_be_written_as_a_list_with_expressions(workspace: Workspace) -> None:
    item = inner({"Item": shows("$states.input * 10")})
    each = {"Type": "Map", "Items": [1, "{% 1 + 1 %}"], "ItemProcessor": item, "End": True}
    assert run(workspace, {"Each": each}).output == [10, 20]


def test_without_items_the_input_is_the_list(workspace: Workspace) -> None:
    each = {"Type": "Map", "ItemProcessor": inner({"Item": shows("$states.input + 1")}), "End": True}
    assert run(workspace, {"Each": each}, [1, 2]).output == [2, 3]
    failed = run(workspace, {"Each": each}, {"a": 1})
    assert 'Map state input must be an array but was: {"a":1}' in (failed.cause or "")


def test_a_parallel_s_arguments_output_and_assign(workspace: Workspace) -> None:
    branches = [inner({"A": shows("$states.input.n + 1")}), inner({"B": shows("$states.input.n * 10")})]
    both = {
        "Type": "Parallel",
        "Arguments": {"n": "{% $states.input.n %}"},
        "Branches": branches,
        "Output": "{% $sum($states.result) %}",
        "Assign": {"all": "{% $states.result %}"},
        "Next": "Show",
    }
    assert run(workspace, {"Both": both, "Show": shows("[$states.input, $all]")}, {"n": 2}).output == [23, 3, 20]


def test_inner_scopes_read_outer_variables_and_keep_their_own(workspace: Workspace) -> None:
    branch = inner(
        {"Inner": {"Type": "Pass", "Assign": {"mine": "{% $outer + 1 %}"}, "Next": "Look"}, "Look": shows("$mine")}
    )
    states = {
        "Set": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [branch], "Next": "Show"},
        "Show": shows("{'seen': $states.input[0], 'here': $exists($mine)}"),
    }
    assert run(workspace, states).output == {"seen": 2, "here": False}


# Fail


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"Error": "{% $states.input.kind & 'Error' %}", "Cause": "{% 'n is ' & $states.input.n %}"},
            ("MyError", "n is 3"),
        ),
        ({"Error": "Plain", "Cause": "{ not an expression"}, ("Plain", "{ not an expression")),
        ({}, (None, None)),
    ],
)
def test_fail(workspace: Workspace, fields: dict[str, Any], expected: tuple[str | None, str | None]) -> None:
    execution = run(workspace, {"F": {"Type": "Fail", **fields}}, {"kind": "My", "n": 3})
    assert (execution.error, execution.cause) == expected


def test_a_cause_that_is_no_text_fails_in_its_own_way(workspace: Workspace) -> None:
    execution = run(workspace, {"F": {"Type": "Fail", "Error": "E", "Cause": "{% 1 %}"}})
    assert execution.error == "States.QueryEvaluationError"


# Expressions that fail


@pytest.mark.parametrize(
    ("state", "location"),
    [
        ({"Type": "Pass", "Output": "{% $nothing %}"}, "Output"),
        ({"Type": "Pass", "Output": {"a": {"b": "{% $nothing %}"}}}, "Output/a/b"),
        ({"Type": "Pass", "Assign": {"x": "{% $nothing %}"}}, "Assign/x"),
        ({"Type": "Task", "Resource": "double", "Arguments": {"n": "{% $nothing %}"}}, "Arguments/n"),
        ({"Type": "Task", "Resource": "double", "Output": "{% $states.result.nothing %}"}, "Output"),
        ({"Type": "Wait", "Seconds": "{% $nothing %}"}, "Seconds"),
    ],
)
def test_an_evaluation_that_fails_tells_where(workspace: Workspace, state: dict[str, Any], location: str) -> None:
    execution = run(workspace, {"P": {**state, "End": True}}, {"n": 1})
    assert execution.error == "States.QueryEvaluationError"
    event = next(each for each in execution.history if each["type"] == "EvaluationFailed")
    details = event["evaluationFailedEventDetails"]
    assert (details["location"], details["state"], details["cause"]) == (location, "P", execution.cause)
    assert "returned nothing (undefined)" in (execution.cause or "")


@pytest.mark.parametrize("name", ["States.QueryEvaluationError", "States.ALL"])
@pytest.mark.parametrize("field", ["Arguments", "Output", "Assign"])
def test_a_task_s_failed_expression_can_be_caught(workspace: Workspace, field: str, name: str) -> None:
    catch = [{"ErrorEquals": [name], "Output": "{% $states.errorOutput.Error %}", "Next": "S"}]
    fields = {"Arguments": {"n": 1}, field: {"n": "{% $nothing %}"}}
    states = {
        "T": {"Type": "Task", "Resource": "double", **fields, "Catch": catch, "End": True},
        "S": {"Type": "Succeed"},
    }
    assert run(workspace, states).output == "States.QueryEvaluationError"


def test_a_task_s_failed_expression_can_be_retried(workspace: Workspace) -> None:
    retry = [{"ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 2, "IntervalSeconds": 1}]
    text = "{% $states.context.State.RetryCount < 2 ? $nothing : 21 %}"
    task = {"Type": "Task", "Resource": "double", "Arguments": {"n": text}, "Retry": retry, "End": True}
    assert run(workspace, {"T": task}).output == {"twice": 42}


def test_an_error_within_an_expression_is_jsonata_s_own(workspace: Workspace) -> None:
    execution = run(workspace, {"P": shows("1 + 'a'")})
    assert "T2002" in (execution.cause or "")


def test_a_failing_catcher_is_not_caught_again(workspace: Workspace) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Output": "{% $nothing %}", "Next": "S"}]
    states = {"T": {"Type": "Task", "Resource": "fail", "Catch": catch, "End": True}, "S": {"Type": "Succeed"}}
    assert run(workspace, states).error == "States.QueryEvaluationError"


# Both languages


def test_a_jsonpath_machine_with_one_jsonata_state(workspace: Workspace) -> None:
    states = {
        "Path": {"Type": "Pass", "Assign": {"n.$": "$.a"}, "Parameters": {"a.$": "$.n"}, "Next": "Jsonata"},
        "Jsonata": {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Assign": {"m": "{% $n + 1 %}"},
            "Output": {"b": "{% $states.input.a * 10 %}"},
            "Next": "Again",
        },
        "Again": {"Type": "Pass", "Parameters": {"m.$": "$m", "b.$": "$.b"}, "End": True},
    }
    assert run(workspace, states, {"n": 4}, QueryLanguage="JSONPath").output == {"m": 5, "b": 40}


def test_a_jsonata_map_around_jsonpath_states_in_a_jsonpath_machine(workspace: Workspace) -> None:
    item = inner({"Item": {"Type": "Pass", "QueryLanguage": "JSONPath", "Parameters": {"v.$": "$"}, "End": True}})
    each = {"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% [1..3] %}", "ItemProcessor": item, "End": True}
    execution = run(workspace, {"Each": each}, QueryLanguage="JSONPath")
    assert execution.output == [{"v": 1}, {"v": 2}, {"v": 3}]


def test_a_jsonata_machine_has_no_jsonpath_states(workspace: Workspace) -> None:
    with pytest.raises(DefinitionError, match="QueryLanguage"):
        run(workspace, {"P": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}})


@pytest.mark.parametrize(
    "fields", [{"InputPath": "$.a"}, {"Parameters": {}}, {"ResultPath": "$.a"}, {"OutputPath": "$.a"}, {"Result": 1}]
)
def test_fields_of_the_other_language_are_refused(workspace: Workspace, fields: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError, match=next(iter(fields))):
        run(workspace, {"P": {"Type": "Pass", **fields, "End": True}})


def test_the_added_functions_and_the_seed(workspace: Workspace) -> None:
    text = "{'p': $partition([1, 2, 3], 2), 'r': $range(1, 5, 2), 'h': $hash('a', 'MD5'), 'u': $length($uuid())}"
    execution = run(workspace, {"P": shows(text)})
    digest = "0cc175b9c0f1b6a831c399e269772661"
    assert execution.output == {"p": [[1, 2], [3]], "r": [1, 3, 5], "h": digest, "u": 36}
    drawn = workspace.define("R", json.dumps({"QueryLanguage": "JSONata", **inner({"P": shows("$random()")})}))
    assert drawn.run(seed=1).output == drawn.run(seed=1).output != drawn.run(seed=2).output


def test_a_run_reads_the_same_from_its_log(workspace: Workspace) -> None:
    from sfn_notebook.engine.history import history_of
    from sfn_notebook.engine.interpreter import replay

    each = {
        "Type": "Map",
        "Items": "{% [1..5] %}",
        "ItemProcessor": inner({"Item": shows("{'r': $random(), 'u': $uuid(), 'n': $states.input}")}),
        "End": True,
    }
    execution = run(workspace, {"Each": each})
    replayed = replay(execution.compiled, execution.header, execution.log)
    assert json.dumps(history_of(replayed.events)) == json.dumps(execution.history)
