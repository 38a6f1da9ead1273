"""Redriving: what goes on and what is not done again, what the history tells of it, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.errors import FeatureNotSupported, InvalidInput
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace
from sfn_notebook.workspace.notebook_execution import NotebookExecution

TASK = {"Type": "Task", "Resource": "work"}


class Work:
    """A function that fails for the events in ``broken`` and remembers what it was asked."""

    def __init__(self) -> None:
        self.broken: set[Any] = set()
        self.asked: list[Any] = []

    def do(self, event: Any) -> Any:
        self.asked.append(event)
        if event in self.broken:
            raise ValueError(f"no {event}")
        return event


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def workspace(work: Work) -> Workspace:
    made = Workspace(registry=FunctionRegistry())
    made.registry.lambda_function(name="work")(work.do)
    made.registry.lambda_function(name="ask")(lambda event: None)
    return made


def run(workspace: Workspace, states: dict[str, Any], input: Any = None, **fields: Any) -> NotebookExecution:
    definition = {"StartAt": next(iter(states)), "States": states, **fields}
    return workspace.define("M", definition).run({} if input is None else input)


def repaired(execution: NotebookExecution, work: Work) -> list[Any]:
    """Redrive what was repaired, and tell which events the function was asked with then."""
    work.broken.clear()
    work.asked.clear()
    execution.redrive()
    assert history_of(replay(execution.compiled, execution.header, execution.log).events) == execution.history
    return work.asked


def tail(execution: NotebookExecution) -> list[str]:
    types = [event["type"] for event in execution.history]
    return types[types.index("ExecutionRedriven") :]


def each_item(**fields: Any) -> dict[str, Any]:
    processor = {"StartAt": "Work", "States": {"Work": {**TASK, "End": True}}}
    return {"Type": "Map", "ItemProcessor": processor, **fields}


def test_it_goes_on_with_the_failed_task_under_its_own_arn(workspace: Workspace, work: Work) -> None:
    work.broken = {"b"}
    states = {
        "First": {**TASK, "Parameters": "a", "ResultPath": None, "Next": "Second"},
        "Second": {**TASK, "Parameters": "b", "Next": "Third"},
        "Third": {**TASK, "Parameters": "c", "End": True},
    }
    execution = run(workspace, states)
    arn = execution.arn
    assert (execution.status, work.asked) == ("FAILED", ["a", "b"])
    assert repaired(execution, work) == ["b", "c"]
    assert (execution.status, execution.output, execution.arn) == ("SUCCEEDED", "c", arn)
    assert tail(execution)[:5] == [
        "ExecutionRedriven",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
    ]
    assert len(execution.states["Second"]) == 1
    assert len(execution.states["Second"][0].attempts) == 2


def test_what_goes_on_follows_its_own_latest_event(workspace: Workspace, work: Work) -> None:
    work.broken = {2}
    execution = run(workspace, {"Each": each_item(End=True)}, [1, 2])
    repaired(execution, work)
    events = {event["id"]: event for event in execution.history}
    redriven = next(event for event in events.values() if event["type"] == "ExecutionRedriven")
    assert events[redriven["previousEventId"]]["type"] == "ExecutionFailed"
    scheduled = events[redriven["id"] + 1]
    assert scheduled["type"] == "LambdaFunctionScheduled"
    assert events[scheduled["previousEventId"]]["type"] == "LambdaFunctionFailed"


def test_the_history_and_describe_execution_tell_how_often(workspace: Workspace, work: Work) -> None:
    work.broken = {1}
    execution = run(workspace, {"A": {**TASK, "End": True}}, 1)
    execution.redrive()
    assert execution.status == "FAILED"
    repaired(execution, work)
    details = [each["executionRedrivenEventDetails"] for each in execution.history if "Redriven" in each["type"]]
    assert details == [{"redriveCount": 1}, {"redriveCount": 2}]
    described = execution.describe()
    assert (described["redriveCount"], described["redriveDate"]) == (2, described["startDate"])
    assert [event["redrive_count"] for event in execution.log_events("FATAL")] == ["0", "1"]


def test_the_context_object_tells_it_too(workspace: Workspace, work: Work) -> None:
    work.broken = {1}
    told = {"Type": "Pass", "Parameters": {"e.$": "$$.Execution"}, "End": True}
    execution = run(workspace, {"A": {**TASK, "Next": "B"}, "B": told}, 1)
    repaired(execution, work)
    assert execution.output["e"]["RedriveCount"] == 1
    assert execution.output["e"]["RedriveTime"] == "2026-01-01T00:00:00.000Z"


def test_a_map_does_the_unfinished_iterations_and_no_other(workspace: Workspace, work: Work) -> None:
    work.broken = {2}
    execution = run(workspace, {"Each": each_item(MaxConcurrency=2, End=True)}, [1, 2, 3, 4])
    assert work.asked == [1, 2]
    assert repaired(execution, work) == [2, 3, 4]
    assert execution.output == [1, 2, 3, 4]
    assert tail(execution).count("MapIterationSucceeded") == 3


def test_a_parallel_keeps_the_branches_that_ended(workspace: Workspace, work: Work) -> None:
    def branch(event: str, wait_seconds: int) -> dict[str, Any]:
        states = {
            f"Wait {event}": {"Type": "Wait", "Seconds": wait_seconds, "Next": f"Do {event}"},
            f"Do {event}": {**TASK, "Parameters": event, "End": True},
        }
        return {"StartAt": f"Wait {event}", "States": states}

    work.broken = {"b"}
    branches = [branch("a", 1), branch("b", 2), branch("c", 3)]
    execution = run(workspace, {"Both": {"Type": "Parallel", "Branches": branches, "End": True}})
    assert work.asked == ["a", "b"]
    assert repaired(execution, work) == ["b", "c"]
    assert execution.output == ["a", "b", "c"]


def test_a_map_within_a_map(workspace: Workspace, work: Work) -> None:
    work.broken = {4}
    inner = {"StartAt": "Inner", "States": {"Inner": each_item(End=True)}}
    outer = {"Type": "Map", "ItemProcessor": inner, "MaxConcurrency": 1, "End": True}
    execution = run(workspace, {"Outer": outer}, [[1, 2], [3, 4], [5]])
    assert repaired(execution, work) == [4, 5]
    assert execution.output == [[1, 2], [3, 4], [5]]


def test_retries_count_anew(workspace: Workspace, work: Work) -> None:
    work.broken = {1}
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "IntervalSeconds": 1}]
    execution = run(workspace, {"A": {**TASK, "Retry": retry, "End": True}}, 1)
    work.asked.clear()
    execution.redrive()
    assert (execution.status, work.asked) == ("FAILED", [1, 1, 1])


def test_a_failed_attempt_of_a_map_is_forgotten_where_the_next_one_failed_otherwise(
    workspace: Workspace, work: Work
) -> None:
    work.broken = {2}
    execution = run(workspace, {"Each": each_item(ResultSelector={"no.$": "$.no"}, End=True)}, [1, 2])
    repaired(execution, work)
    assert execution.error == "States.Runtime"
    assert repaired(execution, work) == [1, 2]


def test_a_choice_is_made_again_and_a_fail_fails_again(workspace: Workspace, work: Work) -> None:
    del work
    execution = run(workspace, {"Stop": {"Type": "Fail", "Error": "E"}})
    execution.redrive()
    assert tail(execution) == ["ExecutionRedriven", "FailStateEntered", "ExecutionFailed"]
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "End"}]}
    undecided = run(workspace, {"Which": choice, "End": {"Type": "Succeed"}})
    undecided.redrive()
    assert tail(undecided) == ["ExecutionRedriven", "ExecutionFailed"]


def test_one_that_was_stopped_or_timed_out_goes_on_too(workspace: Workspace, work: Work) -> None:
    del work
    waits = {"Hold": {"Type": "Wait", "Seconds": 60, "End": True}}
    late = run(workspace, waits, TimeoutSeconds=10)
    assert late.status == "TIMED_OUT"
    late.redrive()
    assert (late.status, late.ended_seconds) == ("TIMED_OUT", late.started_seconds + 20)
    token = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    asks = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Parameters": token}
    stopped = run(workspace, {"Ask": {**asks, "End": True}})
    first = stopped.waiting()[0].task_token
    stopped.stop()
    stopped.redrive()
    assert stopped.waiting()[0].task_token != first
    stopped.approve(output="yes")
    assert (stopped.status, stopped.output) == ("SUCCEEDED", "yes")


def test_breakpoints_and_forks_see_the_redriven_part(workspace: Workspace, work: Work) -> None:
    work.broken = {1}
    machine = workspace.define(
        "M", {"StartAt": "A", "States": {"A": {**TASK, "Next": "B"}, "B": {"Type": "Pass", "End": True}}}
    )
    execution = machine.run(1, breakpoints=["B"])
    work.broken.clear()
    execution.redrive()
    assert execution.paused_at is not None
    execution.resume()
    assert execution.status == "SUCCEEDED"
    other = execution.fork("B", payload={"changed": True})
    assert other.output == {"changed": True}
    assert [each["type"] for each in other.history] == [each["type"] for each in execution.history]


def _succeeded(workspace: Workspace) -> NotebookExecution:
    return run(workspace, {"A": {"Type": "Succeed"}})


def _express(workspace: Workspace) -> NotebookExecution:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Fail"}}}
    return workspace.define("X", definition, type="EXPRESS").run({})


def _too_old(workspace: Workspace) -> NotebookExecution:
    execution = run(workspace, {"A": {"Type": "Fail"}})
    workspace.advance(15 * 86_400)
    return execution


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_succeeded, "Execution is SUCCEEDED and cannot be redriven"),
        (_express, "Express executions"),
        (_too_old, "redrivable period exceeded"),
    ],
)
def test_what_cannot_be_redriven(
    workspace: Workspace, make: Callable[[Workspace], NotebookExecution], reason: str
) -> None:
    execution = make(workspace)
    before = execution.history
    with pytest.raises(InvalidInput, match=reason):
        execution.redrive()
    assert execution.history == before


def test_a_map_run_is_not_gone_on_with(workspace: Workspace, work: Work) -> None:
    work.broken = {2}
    distributed = each_item(End=True)
    distributed["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    execution = run(workspace, {"Each": distributed}, [1, 2])
    with pytest.raises(FeatureNotSupported, match="Each"):
        execution.redrive()
    assert execution.status == "FAILED"


def test_a_map_run_that_ended_well_stays(workspace: Workspace, work: Work) -> None:
    work.broken = {"b"}
    distributed = each_item(ResultPath=None, Next="Then")
    distributed["ItemProcessor"]["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    execution = run(workspace, {"Each": distributed, "Then": {**TASK, "Parameters": "b", "End": True}}, [1, 2])
    assert repaired(execution, work) == ["b"]
    assert len(execution.children(execution.map_runs[0])) == 2
