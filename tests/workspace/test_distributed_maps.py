"""Distributed Maps as a notebook uses them: functions, buckets in the working directory, tokens and activities."""

from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.errors import ExecutionFailed
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace


@pytest.fixture
def workspace() -> Workspace:
    return Workspace(registry=FunctionRegistry())


def _machine(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Each",
        "States": {"Each": {**state, "End": True}},
    }
    return {"StartAt": "M", "States": {"M": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}}


def test_buckets_are_folders_of_the_working_directory_and_appear_only_when_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    monkeypatch.chdir(tmp_path)
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSONL"},
        "Parameters": {"Bucket": "data", "Key": "rows.jsonl"},
    }
    machine = workspace.define("Rows", _machine({"Type": "Pass"}, ItemReader=reader))
    assert machine.run().error == "States.ItemReaderFailed"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "buckets" / "data").mkdir(parents=True)
    (tmp_path / "buckets" / "data" / "rows.jsonl").write_text('{"n": 1}\n{"n": 2}\n')
    assert machine.run().output == [{"n": 1}, {"n": 2}]


def test_a_function_that_fails_is_the_cause_of_the_error_a_user_sees(workspace: Workspace) -> None:
    def work(event: Any) -> Any:
        return 1 / event

    workspace.registry.register(LambdaFunction(work, name="work"))
    machine = workspace.define("Divide", _machine({"Type": "Task", "Resource": "work"}))
    assert machine.run([1, 2]).output == [1.0, 0.5]
    with pytest.raises(ExecutionFailed) as caught:
        machine.run([1, 0]).result()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_token_that_a_child_waits_with_is_answered_through_the_workspace(workspace: Workspace) -> None:
    tokens: list[str] = []

    def ask(event: Any) -> None:
        tokens.append(event["token"])

    workspace.registry.register(LambdaFunction(ask, name="ask"))
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
    }
    execution = workspace.define("Ask", _machine(state)).run(["a", "b"])
    assert (execution.status, len(tokens)) == ("RUNNING", 2)
    workspace.send_task_success(tokens[1], "second")
    workspace.send_task_success(tokens[0], "first")
    assert (execution.status, execution.output) == ("SUCCEEDED", ["first", "second"])


def test_a_worker_takes_the_tasks_of_children(workspace: Workspace) -> None:
    workspace.create_activity("review")
    arn = "arn:aws:states:us-east-1:123456789012:activity:review"
    execution = workspace.define("Review", _machine({"Type": "Task", "Resource": arn})).run([1, 2])
    for answer in ("one", "two"):
        task = workspace.activities.take("review", "worker")
        workspace.send_task_success(task["taskToken"], answer)
    assert (execution.status, execution.output) == ("SUCCEEDED", ["one", "two"])


def test_stopping_the_execution_stops_the_children(workspace: Workspace) -> None:
    execution = workspace.define("Long", _machine({"Type": "Wait", "Seconds": 100})).run([1, 2], clock="manual")
    map_run = execution.map_runs[0]
    assert [child.status.value for child in execution.children(map_run)] == ["RUNNING", "RUNNING"]
    execution.stop(cause="enough")
    assert [child.status.value for child in execution.children(map_run)] == ["ABORTED", "ABORTED"]
    assert map_run.describe()["status"] == "ABORTED"
    assert map_run.describe()["itemCounts"]["aborted"] == 2
