"""Machines as a notebook uses them: names, redefinition, refusals, inputs."""

import json
from typing import Any

import pytest

from sfn_notebook.errors import (
    DefinitionError,
    ExecutionFailed,
    FeatureNotSupported,
    InvalidInput,
    ResourceNotBound,
    UnknownName,
)
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import StateMachine, Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(registry=FunctionRegistry())


def _one_task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, **fields, "End": True}}}


@pytest.mark.parametrize(
    "resource",
    [
        "double",
        "${double}",
        "arn:aws:lambda:us-east-1:123456789012:function:double",
        "arn:aws:lambda:eu-west-1:999999999999:function:double:$LATEST",
    ],
)
def test_a_task_names_a_function_in_any_of_four_ways(workspace: Workspace, resource: str) -> None:
    @workspace.registry.lambda_function
    def double(event: Any) -> Any:
        return event["n"] * 2

    assert workspace.define("M", _one_task(resource)).run({"n": 21}).output == 42


def test_lambda_invoke_wraps_the_result_as_aws_does(workspace: Workspace) -> None:
    @workspace.registry.lambda_function(duration=1.5)
    def double(event: Any) -> Any:
        return event["n"] * 2

    machine = workspace.define(
        "M",
        _one_task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "${double}", "Payload.$": "$"}),
    )
    execution = machine.run({"n": 4})
    output = execution.output
    assert (output["Payload"], output["StatusCode"], output["ExecutedVersion"]) == (8, 200, "$LATEST")
    assert output["SdkResponseMetadata"]["RequestId"] == output["SdkHttpMetadata"]["HttpHeaders"]["x-amzn-RequestId"]
    assert execution.ended_seconds == execution.started_seconds + 1.5


def test_lambda_invoke_of_a_missing_function_is_an_error_that_a_catch_may_take(workspace: Workspace) -> None:
    definition = _one_task(
        "arn:aws:states:::lambda:invoke",
        Parameters={"FunctionName": "nobody", "Payload": {}},
        Catch=[{"ErrorEquals": ["Lambda.ResourceNotFoundException"], "Next": "B"}],
    )
    definition["States"]["B"] = {"Type": "Succeed"}
    output = workspace.define("M", definition).run().output
    assert "function:nobody" in output["Cause"]


def test_a_missing_function_is_refused_before_anything_runs_with_the_nearest_names(workspace: Workspace) -> None:
    calls: list[Any] = []

    @workspace.registry.lambda_function
    def charge_card(event: Any) -> None:
        calls.append(event)

    definition = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Resource": "charge_card", "Next": "B"},
            "B": {"Type": "Task", "Resource": "charge_cart", "End": True},
        },
    }
    machine = workspace.define("M", definition)
    assert machine.unbound == ("charge_cart",)
    with pytest.raises(ResourceNotBound, match=r"/States/B/Resource.*'charge_cart'(.|\n)*\"charge_card\""):
        machine.run()
    assert calls == []
    assert workspace.executions == {}


def test_a_redefined_function_is_used_by_the_next_run(workspace: Workspace) -> None:
    @workspace.registry.lambda_function(name="f")
    def first(event: Any) -> str:
        return "first"

    machine = workspace.define("M", _one_task("f"))
    assert machine.run().output == "first"

    @workspace.registry.lambda_function(name="f")
    def second(event: Any) -> str:
        return "second"

    assert machine.run().output == "second"


def test_a_redefined_machine_replaces_the_old_one_and_old_executions_keep_theirs(workspace: Workspace) -> None:
    states = {"A": {"Type": "Pass", "Result": 1, "End": True}}
    old = workspace.define("M", {"StartAt": "A", "States": states}).run()
    workspace.define("M", {"StartAt": "B", "States": {"B": {"Type": "Pass", "Result": 2, "End": True}}})
    new = workspace.machine("M").run()
    assert (old.output, new.output) == (1, 2)
    assert list(old.definition.states) == ["A"]
    assert list(workspace.executions) == ["M-1", "M-2"]


def test_a_definition_that_does_not_hold_replaces_nothing(workspace: Workspace) -> None:
    workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    with pytest.raises(DefinitionError):
        workspace.define("M", '{"StartAt": "A"')
    assert workspace.machine("M").run().status == "SUCCEEDED"


def test_all_problems_come_at_once_with_their_places(workspace: Workspace) -> None:
    text = (
        '{\n  "StartAt": "Shp",\n  "States": {\n    "Ship": {"Type": "Pass", "Next": "Notfy"},\n'
        '    "Notify": {"Type": "Succeed"}\n  }\n}'
    )
    with pytest.raises(DefinitionError) as refused:
        workspace.define("M", text)
    message = str(refused.value)
    assert 'Did you mean "Ship"?' in message
    assert 'Did you mean "Notify"?' in message
    assert "line 2" in message
    assert "line 4" in message


@pytest.mark.parametrize(
    ("state", "named"),
    [
        ({"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync"}, "glue:startJobRun"),
        ({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets"}, "aws-sdk:s3:listBuckets"),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "f", "InvocationType": "DryRun"},
            },
            "InvocationType",
        ),
    ],
)
def test_what_this_version_cannot_run_is_accepted_and_drawn_but_refused_by_name(
    workspace: Workspace, state: dict[str, Any], named: str
) -> None:
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": {**state, "End": True}}})
    assert machine.graph() is not None
    with pytest.raises(FeatureNotSupported, match=f"/States/A.*{named}"):
        machine.run()
    assert workspace.executions == {}


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), object(), b"bytes", {"a": {1j: 2}}])
def test_an_input_that_is_not_json_is_refused(workspace: Workspace, value: Any) -> None:
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    with pytest.raises(InvalidInput, match="the input is not JSON"):
        machine.run(value)
    assert workspace.executions == {}


def test_an_input_that_is_too_large_is_refused(workspace: Workspace) -> None:
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    with pytest.raises(InvalidInput, match="262,144"):
        machine.run("x" * 262_143)


def test_a_notebook_variable_that_changes_later_changes_no_execution(workspace: Workspace) -> None:
    order = {"items": [1]}
    execution = workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}).run(order)
    order["items"].append(2)
    assert execution.input == execution.output == {"items": [1]}


def test_without_input_it_starts_with_an_empty_object_and_none_is_null(workspace: Workspace) -> None:
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    assert machine.run().output == {}
    assert machine.run(None).output is None


def test_a_name_is_used_once(workspace: Workspace) -> None:
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    machine.run(name="first")
    with pytest.raises(InvalidInput, match="'first' exists already"):
        machine.run(name="first")


def test_unknown_names_come_with_the_nearest(workspace: Workspace) -> None:
    workspace.define("OrderFlow", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}).run()
    with pytest.raises(UnknownName, match='"OrderFlow"'):
        workspace.machine("OrderFlo")
    with pytest.raises(UnknownName, match='"OrderFlow-1"'):
        workspace.execution("OrderFlow1")
    assert workspace.execution().name == "OrderFlow-1"


@pytest.mark.parametrize(("name", "type"), [("a b", "STANDARD"), ("", "STANDARD"), ("M", "FAST")])
def test_a_machine_needs_a_name_and_a_type(workspace: Workspace, name: str, type: str) -> None:
    with pytest.raises(InvalidInput):
        workspace.define(name, {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, type=type)


def test_functions_may_come_with_the_definition() -> None:
    machine = StateMachine.from_definition(
        _one_task("f"), name="M", functions={"f": lambda event: event + 1}, workspace=Workspace()
    )
    assert machine.run(1).output == 2


def test_a_function_that_raises_is_the_cause_with_the_user_s_line(workspace: Workspace) -> None:
    class PaymentDeclined(Exception):  # noqa: N818 - the error name that a Catch would use
        pass

    @workspace.registry.lambda_function
    def charge(event: Any) -> None:
        raise PaymentDeclined("no funds")

    execution = workspace.define("M", _one_task("charge")).run()
    assert execution.error == "PaymentDeclined"
    cause = json.loads(execution.cause or "")
    assert cause["errorMessage"] == "no funds"
    assert 'raise PaymentDeclined("no funds")' in cause["stackTrace"][0]
    with pytest.raises(ExecutionFailed) as failed:
        execution.result()
    assert isinstance(failed.value.__cause__, PaymentDeclined)


def test_a_function_that_returns_a_set_fails_as_on_lambda(workspace: Workspace) -> None:
    @workspace.registry.lambda_function
    def tags(event: Any) -> Any:
        return {"a", "b"}

    execution = workspace.define("M", _one_task("tags")).run()
    assert execution.error == "Runtime.MarshalError"
    assert "set is not JSON serializable" in (execution.cause or "")


def test_runs_on_the_shared_virtual_clock_follow_each_other_in_time(workspace: Workspace) -> None:
    machine = workspace.define("M", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}})
    first, second = machine.run(), machine.run()
    assert second.started_seconds == first.ended_seconds


def test_the_same_cells_give_the_same_bytes() -> None:
    def session() -> str:
        workspace = Workspace(registry=FunctionRegistry())
        workspace.registry.lambda_function(name="f")(lambda event: event)
        machine = workspace.define(
            "M", _one_task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f", "Payload.$": "$"})
        )
        return json.dumps([machine.run({"n": number}).history for number in range(3)])

    assert session() == session()


def test_an_express_execution_has_an_express_arn(workspace: Workspace) -> None:
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}, type="EXPRESS")
    assert ":express:M:M-1:" in machine.run().arn


def test_describe_has_the_shape_of_describe_state_machine(workspace: Workspace) -> None:
    described = workspace.define("M", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}).describe()
    assert described["stateMachineArn"].endswith(":stateMachine:M")
    assert json.loads(described["definition"])["StartAt"] == "A"
