"""Functions of a notebook in the place of services."""

from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.workspace import Workspace
from tests.integrations.aws.service_workspace import event_types, run_task


def test_a_job_is_submitted_and_ends_after_its_duration(workspace: Workspace) -> None:
    @workspace.service_handler("glue:startJobRun.sync", duration=90)
    def job(parameters: Any) -> Any:
        return {"JobRunState": "SUCCEEDED", "JobName": parameters["JobName"]}

    run = run_task(workspace, "glue:startJobRun.sync", {"JobName": "nightly"})
    assert run.output == {"JobRunState": "SUCCEEDED", "JobName": "nightly"}
    assert event_types(run)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert run.ended_seconds == run.started_seconds + 90
    assert job({"JobName": "x"})["JobName"] == "x"


def test_an_exception_is_the_error_and_may_be_retried(workspace: Workspace) -> None:
    class CapacityError(Exception):
        pass

    calls = []

    @workspace.service_handler("ecs:runTask.sync")
    def container(parameters: Any) -> Any:
        calls.append(parameters)
        if len(calls) == 1:
            raise CapacityError("no host is free")
        return "done"

    retry = [{"ErrorEquals": ["CapacityError"]}]
    run = run_task(workspace, "ecs:runTask.sync", {"TaskDefinition": "t"}, Retry=retry)
    assert run.output == "done"
    calls.clear()
    failed = run_task(workspace, "ecs:runTask.sync", {"TaskDefinition": "t"})
    assert (failed.error, failed.cause) == ("CapacityError", "no host is free")
    assert isinstance(failed.exception, CapacityError)


def test_a_timeout_ends_a_job_that_takes_too_long(workspace: Workspace) -> None:
    workspace.service_handler("batch:submitJob.sync", duration=600)(lambda parameters: parameters)
    run = run_task(workspace, "batch:submitJob.sync", {"JobName": "j"}, TimeoutSeconds=60)
    assert run.error == "States.Timeout"
    assert run.ended_seconds == run.started_seconds + 60


def test_with_a_token_the_function_answers_the_request_only(workspace: Workspace) -> None:
    seen: list[Any] = []
    workspace.service_handler("ecs:runTask.waitForTaskToken")(seen.append)
    run = run_task(workspace, "ecs:runTask.waitForTaskToken", {"Token.$": "$$.Task.Token"})
    assert run.status == "RUNNING"
    workspace.send_task_success(seen[0]["Token"], 42)
    assert run.output == 42


def test_a_handler_stands_in_for_a_service_that_there_is(workspace: Workspace) -> None:
    workspace.service_handler("sqs:sendMessage")(lambda parameters: parameters["MessageBody"])
    run = run_task(workspace, "sqs:sendMessage", {"QueueUrl": "https://h/1/q", "MessageBody": "m"})
    assert run.output == "m"
    assert workspace.aws.connection.local_url is None


@pytest.mark.parametrize("name", ["glue", "glue:startJobRun.async", "", "arn:aws:states:::glue"])
def test_a_name_must_be_that_of_an_action(workspace: Workspace, name: str) -> None:
    with pytest.raises(InvalidInput, match="names no action"):
        workspace.service_handler(name)(lambda parameters: parameters)


def test_a_handler_must_take_the_parameters(workspace: Workspace) -> None:
    with pytest.raises(InvalidInput, match="must take the Task's parameters"):
        workspace.service_handler("glue:startJobRun")(lambda: None)  # type: ignore[arg-type, misc]  # the mistake
    with pytest.raises(InvalidInput, match="duration"):
        workspace.service_handler("glue:startJobRun", duration=-1)(lambda parameters: parameters)
