"""Activities: queues of tasks, workers who call for them, and workers that are functions of a cell."""

import asyncio
import json
from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.errors import InvalidInput, TaskTokenError, UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace
from sfn_notebook.workspace.mock_config import MockConfig


@pytest.fixture
def workspace() -> Workspace:
    made = Workspace(registry=FunctionRegistry())
    made.create_activity("review")
    return made


def review(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "Review", "States": {"Review": {"Type": "Task", "Resource": "${review}", "End": True, **fields}}}


def run(workspace: Workspace, input: Any = None, **fields: Any) -> Execution:
    return workspace.define("M", review(**fields)).run(input)


def types(execution: Execution) -> list[str]:
    return [event["type"].removeprefix("Activity") for event in execution.history]


def each_item(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": review(**fields), "End": True}}}


def test_a_worker_takes_the_task_and_answers_it(workspace: Workspace) -> None:
    execution = run(workspace, {"text": "a"})
    (waiting,) = workspace.waiting()
    assert waiting.awaited == "a worker of review"
    task = workspace.get_activity_task("review", "Ada")
    assert json.loads(task["input"]) == {"text": "a"}
    assert workspace.waiting()[0].awaited == "worker Ada"
    workspace.send_task_success(task["taskToken"], "fine")
    assert execution.output == "fine"
    assert types(execution)[2:5] == ["Scheduled", "Started", "Succeeded"]
    assert execution.history[3]["activityStartedEventDetails"] == {"workerName": "Ada"}


def test_the_resource_may_be_the_arn(workspace: Workspace) -> None:
    arn = workspace.create_activity("review")
    execution = run(workspace, 1, Resource=arn)
    assert workspace.get_activity_task(arn)["input"] == "1"
    assert execution.status == "RUNNING"


def test_tasks_are_taken_in_their_order_and_once(workspace: Workspace) -> None:
    execution = workspace.define("M", each_item()).run(["a", "b"])
    tasks = [workspace.get_activity_task("review") for _ in range(3)]
    assert [task.get("input") for task in tasks] == ['"a"', '"b"', None]
    workspace.send_task_success(tasks[1]["taskToken"], 2)
    workspace.send_task_success(tasks[0]["taskToken"], 1)
    assert execution.output == [1, 2]


def test_a_task_that_nobody_awaits_any_more_is_not_given_out(workspace: Workspace) -> None:
    run(workspace, 1).stop()
    run(workspace, 2)
    assert workspace.get_activity_task("review")["input"] == "2"


def test_an_activity_s_task_times_out_in_the_queue_and_at_the_worker(workspace: Workspace) -> None:
    unseen = run(workspace, TimeoutSeconds=60).resume(reach_deadlines=True)
    assert (unseen.error, types(unseen)[2:4]) == ("States.Timeout", ["Scheduled", "TimedOut"])
    taken = run(workspace, HeartbeatSeconds=10)
    token = workspace.get_activity_task("review")["taskToken"]
    taken.resume(reach_deadlines=True)
    assert (taken.error, types(taken)[3:5]) == ("States.Timeout", ["Started", "TimedOut"])
    with pytest.raises(TaskTokenError):
        workspace.send_task_success(token, 1)


def test_names_of_activities(workspace: Workspace) -> None:
    with pytest.raises(UnknownName, match='"review"'):
        workspace.get_activity_task("reveiw")
    with pytest.raises(InvalidInput):
        workspace.create_activity("a b")
    assert workspace.create_activity("review") == workspace.create_activity("review")


def test_a_task_of_an_activity_that_is_not_there_fails_as_on_aws(workspace: Workspace) -> None:
    arn = workspace.account.activity_arn("nobody")
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Review"}]
    execution = run(workspace, Resource=arn, Catch=catch)
    assert execution.error == "States.Runtime"
    text = f"An error occurred while executing the state 'Review' (entered at the event id #2). The activity {arn}"
    assert execution.cause == f"{text} does not exist."
    assert types(execution) == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def test_an_activity_may_come_and_go_while_the_execution_is_at_work(workspace: Workspace) -> None:
    definition = review()
    definition["StartAt"] = "Hold"
    definition["States"]["Hold"] = {"Type": "Wait", "Seconds": 60, "Next": "Review"}
    arn = workspace.account.activity_arn("later")
    definition["States"]["Review"]["Resource"] = arn
    came = workspace.define("Came", definition).run({}, clock="manual")
    workspace.create_activity("later")
    came.step()
    assert [each.state_name for each in came.waiting()] == ["Review"]
    gone = workspace.define("Gone", definition).run({}, clock="manual")
    workspace.activities.delete("later")
    gone.step()
    assert (gone.status, came.status) == ("FAILED", "RUNNING")
    for execution in (came, gone):
        assert history_of(replay(execution.compiled, execution.header, execution.log).events) == execution.history


def test_a_mocked_task_needs_no_activity(workspace: Workspace) -> None:
    arn = workspace.account.activity_arn("nobody")
    machine = workspace.define("M", review(Resource=arn))
    case = {"Review": "done"}
    config = {"StateMachines": {"M": {"TestCases": {"Case": case}}}, "MockedResponses": {"done": {"0": {"Return": 1}}}}
    assert machine.run({}, mock=MockConfig.from_value(config).test_case("M", "Case")).output == 1


def test_children_of_a_map_run_look_the_activity_up_too(workspace: Workspace) -> None:
    definition = each_item(Resource=workspace.account.activity_arn("nobody"))
    definition["States"]["Each"]["ItemProcessor"]["ProcessorConfig"] = {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }
    execution = workspace.define("M", definition).run([1])
    child = execution.children(execution.map_runs[0])[0]
    assert "nobody does not exist" in (child.cause or "")


def test_an_untaken_task_cannot_be_answered_by_its_state_s_name(workspace: Workspace) -> None:
    run(workspace)
    with pytest.raises(InvalidInput, match="get-activity-task review"):
        workspace.token_of("Review")
    workspace.get_activity_task("review")
    workspace.send_task_success(workspace.token_of("Review"), 1)


# Workers in cells


def test_a_worker_function_does_every_task_while_the_run_goes_on(workspace: Workspace) -> None:
    @workspace.activity_worker("review")
    def check(text: Any) -> Any:
        return f"{text} is fine"

    assert run(workspace, "a").output == "a is fine"
    execution = workspace.define("M", each_item()).run(["a", "b"])
    assert execution.output == ["a is fine", "b is fine"]
    assert execution.history[6]["type"] == "ActivityScheduled"
    assert check("c") == "c is fine"


def test_the_history_is_that_of_a_worker_from_outside(workspace: Workspace) -> None:
    workspace.activity_worker("review", name="Ada")(lambda _: "fine")
    inside = run(workspace, "a")
    workspace.remove_activity_worker("review", "Ada")
    outside = run(workspace, "a")
    workspace.send_task_success(workspace.get_activity_task("review", "Ada")["taskToken"], "fine")
    shown = [[(event["type"], event["previousEventId"]) for event in each.history] for each in (inside, outside)]
    assert shown[0] == shown[1]


def test_a_worker_that_comes_later_does_what_waits(workspace: Workspace) -> None:
    executions = [run(workspace, number) for number in range(3)]
    workspace.activity_worker("review")(lambda number: number + 1)
    assert [execution.output for execution in executions] == [1, 2, 3]


def test_a_worker_makes_its_activity(workspace: Workspace) -> None:
    workspace.activity_worker("packing")(lambda _: "packed")
    assert run(workspace, Resource="${packing}").output == "packed"


def test_a_cell_that_is_run_again_replaces_its_worker(workspace: Workspace) -> None:
    for answer in ("old", "new"):
        workspace.activity_worker("review", name="checker")(lambda _, answer=answer: answer)  # type: ignore[misc]  # mypy cannot infer a lambda's default
    assert run(workspace).output == "new"
    assert len(workspace.activities.find("review").workers) == 1


def test_what_a_worker_raises_is_the_error_and_the_user_s_own_exception(workspace: Workspace) -> None:
    class Illegible(Exception):  # noqa: N818 - the error name that a Catch would use
        pass

    @workspace.activity_worker("review")
    def check(text: Any) -> None:
        raise Illegible(f"cannot read {text}")

    execution = run(workspace, "a")
    assert (execution.error, execution.cause) == ("Illegible", "cannot read a")
    assert isinstance(execution.exception, Illegible)


def test_a_worker_returns_json_and_may_be_async(workspace: Workspace) -> None:
    @workspace.activity_worker("review")
    async def check(text: Any) -> Any:
        await asyncio.sleep(0)
        return {"checked": text}

    assert run(workspace, "a").output == {"checked": "a"}
    workspace.activity_worker("review", name="check")(lambda _: {1, 2})
    assert run(workspace, "a").error == "Runtime.MarshalError"


def test_a_worker_gets_its_own_copy_of_the_input(workspace: Workspace) -> None:
    workspace.activity_worker("review")(lambda items: items.clear())
    execution = run(workspace, ["a"])
    assert execution.input == ["a"]
    assert execution.output is None


def test_a_worker_does_one_task_at_a_time(workspace: Workspace) -> None:
    workspace.activity_worker("review", duration=10)(lambda item: item)
    execution = workspace.define("M", each_item()).run([1, 2, 3])
    assert execution.output == [1, 2, 3]
    assert execution.ended_seconds == execution.started_seconds + 30


def test_two_workers_share_the_tasks(workspace: Workspace) -> None:
    for name in ("Ada", "Bob"):
        workspace.activity_worker("review", name=name, duration=10)(lambda item: item)
    execution = workspace.define("M", each_item()).run([1, 2, 3, 4])
    assert execution.ended_seconds == execution.started_seconds + 20
    started = [each["activityStartedEventDetails"] for each in execution.history if each["type"] == "ActivityStarted"]
    assert sorted(each["workerName"] for each in started) == ["Ada", "Ada", "Bob", "Bob"]


def test_a_worker_that_is_too_slow_is_too_late(workspace: Workspace) -> None:
    workspace.activity_worker("review", duration=10)(lambda item: item)
    late = run(workspace, 1, TimeoutSeconds=5)
    assert late.error == "States.Timeout"
    in_time = run(workspace, 2, TimeoutSeconds=60)
    assert in_time.output == 2


def test_a_removed_worker_takes_nothing_more(workspace: Workspace) -> None:
    workspace.activity_worker("review")(lambda item: item)
    workspace.remove_activity_worker("review")
    assert run(workspace).status == "RUNNING"
    with pytest.raises(UnknownName):
        workspace.remove_activity_worker("review", "nobody")


def test_work_does_what_waits_now_and_no_more(workspace: Workspace) -> None:
    executions = [run(workspace, number) for number in range(3)]
    assert workspace.work("review", lambda number: number * 10, limit=2) == 2
    assert [execution.status for execution in executions] == ["SUCCEEDED", "SUCCEEDED", "RUNNING"]
    assert workspace.work("review", lambda number: number * 10) == 1
    assert [execution.output for execution in executions] == [0, 10, 20]
    assert workspace.work("review", lambda number: number) == 0


@pytest.mark.parametrize("handler", ["check", 5, lambda: None, lambda a, b: None])
def test_a_worker_takes_the_task_s_input(workspace: Workspace, handler: Any) -> None:
    with pytest.raises(InvalidInput, match="worker"):
        workspace.activity_worker("review")(handler)


@pytest.mark.parametrize("duration", [-1, float("inf"), float("nan")])
def test_a_worker_s_duration_is_a_time(workspace: Workspace, duration: float) -> None:
    with pytest.raises(InvalidInput, match="duration"):
        workspace.activity_worker("review", duration=duration)(lambda item: item)


# Workers that are machines


def polling(**fields: Any) -> dict[str, Any]:
    resource = "arn:aws:states:::aws-sdk:sfn:getActivityTask"
    state = {"Type": "Task", "Resource": resource, "Parameters": {"ActivityArn": "${review}"}, "End": True, **fields}
    return {"StartAt": "Poll", "States": {"Poll": state}}


def test_a_machine_may_poll_and_waits_a_minute(workspace: Workspace) -> None:
    machine = workspace.define("Poller", polling())
    nothing = machine.run().resume(reach_deadlines=True)
    assert (nothing.output, nothing.ended_seconds) == ({}, nothing.started_seconds + 60)
    poller = machine.run()
    assert poller.status == "RUNNING"
    execution = run(workspace, "a")
    assert poller.resume().output == {"Input": '"a"', "TaskToken": next(iter(execution.pending_tasks))}


def test_a_poll_that_was_given_up_swallows_no_task(workspace: Workspace) -> None:
    machine = workspace.define("Poller", polling(TimeoutSeconds=5))
    machine.run().resume(reach_deadlines=True)
    stopped = machine.run()
    stopped.stop()
    execution = run(workspace, "a")
    assert types(execution)[-1] == "Scheduled"
    assert workspace.get_activity_task("review")["input"] == '"a"'
