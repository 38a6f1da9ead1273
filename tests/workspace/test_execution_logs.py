"""What an execution logs: which events at which level, in which shape, with and without payloads."""

from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import StateMachine, Workspace
from sfn_notebook.workspace.notebook_execution import NotebookExecution

CAUGHT = {"ErrorEquals": ["States.ALL"], "Next": "Stop"}
CATCHES_AND_FAILS = {
    "StartAt": "Charge",
    "States": {
        "Charge": {"Type": "Task", "Resource": "charge", "Catch": [CAUGHT], "End": True},
        "Stop": {"Type": "Fail", "Error": "NoMoney", "Cause": "declined"},
    },
}
PASSES = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace(registry=FunctionRegistry())

    @made.registry.lambda_function(name="charge")
    def charge(event: Any) -> None:
        raise ValueError("declined")

    return made


def run(workspace: Workspace, definition: dict[str, Any], logging: dict[str, Any] | None = None) -> NotebookExecution:
    return workspace.define("M", definition, logging=logging).run({"n": 1}, name="e")


def types(run: NotebookExecution, level: str) -> list[str]:
    return [event["type"] for event in run.log_events(level)]


def test_each_level_logs_less_than_the_one_above(workspace: Workspace) -> None:
    execution = run(workspace, CATCHES_AND_FAILS)
    assert types(execution, "ALL") == [event["type"] for event in execution.history]
    assert types(execution, "ERROR") == ["LambdaFunctionFailed", "FailStateEntered", "ExecutionFailed"]
    assert types(execution, "FATAL") == ["ExecutionFailed"]
    assert types(execution, "OFF") == []


def test_a_log_event_has_the_shape_that_cloudwatch_shows(workspace: Workspace) -> None:
    execution = run(workspace, PASSES, {"level": "ALL", "includeExecutionData": True})
    assert execution.log_events()[1] == {
        "id": "2",
        "type": "PassStateEntered",
        "details": {"name": "Done", "input": '{"n":1}', "inputDetails": {"truncated": False}},
        "previous_event_id": "0",
        "event_timestamp": "1767225600000",
        "execution_arn": execution.arn,
        "redrive_count": "0",
    }


def test_without_the_execution_data_errors_stay_and_payloads_go(workspace: Workspace) -> None:
    details = {
        event["type"]: event["details"] for event in run(workspace, CATCHES_AND_FAILS, {"level": "ALL"}).log_events()
    }
    assert details["TaskStateEntered"] == {"name": "Charge"}
    assert details["LambdaFunctionStarted"] == {}
    assert details["ExecutionFailed"] == {"error": "NoMoney", "cause": "declined"}


def test_a_machine_logs_nothing_unless_it_is_told_to(workspace: Workspace) -> None:
    assert run(workspace, PASSES).log_events() == []


def test_a_machine_outside_a_workspace_s_names_logs_too(workspace: Workspace) -> None:
    machine = StateMachine.from_definition(PASSES, name="M", workspace=workspace, logging={"level": "ALL"})
    assert len(machine.run().log_events()) == len(machine.run().history)


@pytest.mark.parametrize(
    "logging",
    [
        {"level": "DEBUG"},
        {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:s3:::bucket"}}]},
    ],
)
def test_an_unusable_configuration_is_refused_before_anything_is_defined(
    workspace: Workspace, logging: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        workspace.define("M", PASSES, logging=logging)
    assert "M" not in workspace.machines


def test_no_level_but_aws_s_can_be_asked_for(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="DEBUG"):
        run(workspace, PASSES).log_events("DEBUG")
