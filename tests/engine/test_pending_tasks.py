"""Tasks that wait for somebody outside: tokens, heartbeats, deadlines, and what the history tells of them."""

from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.resources import TaskError, TaskOutcome, TaskPending, TaskRequest, TaskResult
from sfn_notebook.errors import ExecutionStalled, TaskTokenError
from sfn_notebook.runtime.clock import ManualClock

CALLBACK = "arn:aws:states:::lambda:invoke.waitForTaskToken"
START = 1_000_000.0


def asks(**fields: Any) -> dict[str, Any]:
    parameters = {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}
    return {"Type": "Task", "Resource": CALLBACK, "Parameters": parameters, **fields}


def types(execution: Execution) -> list[str]:
    return [event["type"].removeprefix("Task") for event in execution.history]


def token(execution: Execution, index: int = 0) -> str:
    return list(execution.pending_tasks)[index]


@pytest.fixture
def waiting(make_execution: Any) -> Any:
    """A run with one Task that waits, with the fields given."""

    def make(**fields: Any) -> Execution:
        states = {"Ask": asks(**{"End": True, **fields})}
        if "Catch" in fields:
            states["Late"] = {"Type": "Pass", "Result": "late", "End": True}
        execution: Execution = make_execution(states)
        return execution.run()

    return make


def test_a_run_stops_where_only_somebody_outside_can_go_on(waiting: Any) -> None:
    execution = waiting(TimeoutSeconds=3600)
    assert execution.status == "RUNNING"
    pending = execution.pending_tasks[token(execution)]
    assert (pending.state_name, pending.since_seconds, pending.is_taken) == ("Ask", START, False)
    assert pending.input["Payload"]["token"] == pending.task_token == token(execution)
    assert types(execution) == ["ExecutionStarted", "StateEntered", "Scheduled", "Started", "Submitted"]


def test_the_answer_is_the_output_and_no_time_has_passed(waiting: Any) -> None:
    execution = waiting(TimeoutSeconds=3600)
    execution.succeed_task(token(execution), {"approved": True})
    assert execution.resume().output == {"approved": True}
    assert execution.ended_seconds == START
    assert types(execution)[-3:] == ["Succeeded", "StateExited", "ExecutionSucceeded"]
    assert execution.pending_tasks == {}


def test_a_token_is_good_for_one_answer(waiting: Any) -> None:
    execution: Execution = waiting()
    spent = token(execution)
    execution.succeed_task(spent, 1)
    again: list[Callable[[], None]] = [
        lambda: execution.succeed_task(spent, 2),
        lambda: execution.fail_task(spent),
        lambda: execution.heartbeat_task(spent),
        lambda: execution.start_activity(spent),
    ]
    for answer in again:
        with pytest.raises(TaskTokenError) as refused:
            answer()
        assert refused.value.code == "TaskTimedOut"
    assert execution.resume().output == 1


def test_a_failure_goes_through_retry_with_a_new_token_and_through_catch(waiting: Any) -> None:
    execution = waiting(
        Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 5, "MaxAttempts": 1}],
        Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Late"}],
    )
    first = token(execution)
    execution.fail_task(first, "Busy", "later")
    execution.resume()
    assert execution.pending_tasks[token(execution)].since_seconds == START + 5
    assert token(execution) != first
    execution.fail_task(token(execution), "Busy", "never")
    assert execution.resume().output == "late"
    assert [attempt.cause for attempt in execution.visits[0].attempts] == ["later", "never"]


def test_a_failure_needs_neither_error_nor_cause(waiting: Any) -> None:
    execution = waiting()
    execution.fail_task(token(execution))
    assert (execution.resume().status, execution.error, execution.cause) == ("FAILED", None, None)


def test_deadlines_come_only_when_somebody_lets_them(waiting: Any) -> None:
    execution = waiting(TimeoutSeconds=3600)
    assert execution.resume().status == "RUNNING"
    execution.resume(reach_deadlines=True)
    assert (execution.status, execution.error, execution.ended_seconds) == ("FAILED", "States.Timeout", START + 3600)
    assert types(execution)[-2:] == ["TimedOut", "ExecutionFailed"]
    assert execution.pending_tasks == {}


def test_the_deadline_of_the_whole_machine_is_one_too(make_execution: Any) -> None:
    execution = make_execution({"Ask": asks(End=True)}, TimeoutSeconds=60).run()
    assert execution.status == "RUNNING"
    assert execution.resume(reach_deadlines=True).status == "TIMED_OUT"
    assert execution.pending_tasks == {}


def test_a_missed_heartbeat_is_a_timeout_that_catch_can_tell_apart(waiting: Any) -> None:
    catch = [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Late"}]
    execution = waiting(HeartbeatSeconds=10, TimeoutSeconds=60, Catch=catch).resume(reach_deadlines=True)
    assert (execution.output, execution.ended_seconds) == ("late", START + 10)


def test_a_heartbeat_begins_the_clock_anew(make_execution: Any) -> None:
    clock = ManualClock(START)
    execution = make_execution({"Ask": asks(HeartbeatSeconds=10, End=True)}, clock=clock).run()
    execution.step(9)
    execution.heartbeat_task(token(execution))
    execution.resume()
    assert execution.step(9).status == "RUNNING"
    assert execution.step(1).error == "States.Timeout"
    assert execution.ended_seconds == START + 19


def test_heartbeats_do_not_move_the_timeout(make_execution: Any) -> None:
    execution = make_execution(
        {"Ask": asks(HeartbeatSeconds=10, TimeoutSeconds=25, End=True)}, clock=ManualClock(START)
    ).run()
    for _ in range(2):
        execution.step(9)
        execution.heartbeat_task(token(execution))
        execution.resume()
    assert execution.step(7).error == "States.Timeout"


def test_branches_with_something_to_do_let_time_pass_and_deadlines_come(make_execution: Any) -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Ask", "States": {"Ask": asks(TimeoutSeconds=30, End=True)}},
                {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": True}}},
            ],
            "End": True,
        }
    }
    execution = make_execution(states).run()
    assert (execution.error, execution.ended_seconds) == ("States.Timeout", START + 30)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_tasks_of_a_map_are_answered_in_any_order(make_execution: Any, order: tuple[int, ...]) -> None:
    item = {"Type": "Map", "ItemProcessor": {"StartAt": "Ask", "States": {"Ask": asks(End=True)}}, "End": True}
    execution = make_execution({"M": item}, ["a", "b", "c"]).run()
    tokens = list(execution.pending_tasks)
    for index in order:
        execution.succeed_task(tokens[index], f"answer {index}")
        execution.resume()
    assert execution.output == ["answer 0", "answer 1", "answer 2"]


def test_one_that_fails_ends_the_waiting_of_its_siblings(make_execution: Any) -> None:
    item = {"Type": "Map", "ItemProcessor": {"StartAt": "Ask", "States": {"Ask": asks(End=True)}}, "End": True}
    execution = make_execution({"M": item}, ["a", "b"]).run()
    first, second = execution.pending_tasks
    execution.fail_task(first, "No")
    assert execution.resume().error == "No"
    with pytest.raises(TaskTokenError):
        execution.succeed_task(second, 1)


def test_stopping_voids_the_tokens(waiting: Any) -> None:
    execution = waiting(TimeoutSeconds=60)
    void = token(execution)
    execution.stop(error="Enough", cause="done")
    assert (execution.status, execution.error, dict(execution.pending_tasks)) == ("ABORTED", "Enough", {})
    with pytest.raises(TaskTokenError):
        execution.succeed_task(void, 1)
    assert execution.resume(reach_deadlines=True).status == "ABORTED"


def test_a_request_that_fails_waits_for_nobody(make_execution: Any) -> None:
    execution = make_execution({"Ask": asks(End=True)}, perform=lambda _: TaskError(error="Down", cause="x")).run()
    assert (execution.error, dict(execution.pending_tasks)) == ("Down", {})


@pytest.mark.parametrize("duration_seconds", [0.0, 2.0])
def test_an_answer_from_within_the_request_counts_after_it(make_execution: Any, duration_seconds: float) -> None:
    made: list[Execution] = []

    def perform(request: TaskRequest) -> TaskOutcome:
        made[0].succeed_task(request.task_token or "", "at once")
        with pytest.raises(TaskTokenError):
            made[0].succeed_task(request.task_token or "", "twice")
        return TaskResult(result={}, duration_seconds=duration_seconds)

    made.append(make_execution({"Ask": asks(End=True)}, perform=perform))
    execution = made[0].run()
    assert (execution.output, execution.ended_seconds) == ("at once", START + duration_seconds)
    assert types(execution)[2:6] == ["Scheduled", "Started", "Submitted", "Succeeded"]


def test_an_answer_from_within_a_request_that_fails_counts_all_the_same(make_execution: Any) -> None:
    made: list[Execution] = []

    def perform(request: TaskRequest) -> TaskOutcome:
        made[0].succeed_task(request.task_token or "", "in time")
        return TaskError(error="Down", cause=None)

    made.append(make_execution({"Ask": asks(End=True)}, perform=perform))
    assert made[0].run().output == "in time"


def test_an_answer_while_the_request_still_runs_waits_for_it(make_execution: Any) -> None:
    def perform(_: TaskRequest) -> TaskOutcome:
        return TaskResult(result={}, duration_seconds=5)

    execution = make_execution({"Ask": asks(End=True)}, perform=perform, clock=ManualClock(START)).run()
    execution.succeed_task(token(execution), "early")
    assert execution.resume().status == "RUNNING"
    with pytest.raises(TaskTokenError):
        execution.succeed_task(next(iter(execution.pending_tasks), ""), "twice")
    assert execution.step(5).output == "early"
    assert types(execution)[4:6] == ["Submitted", "Succeeded"]


def test_work_elsewhere_is_cancelled_once_when_nobody_awaits_it(make_execution: Any) -> None:
    cancelled: list[str] = []

    def perform(request: TaskRequest) -> TaskOutcome:
        return TaskPending(submitted={}, cancel=lambda: cancelled.append(request.state_name))

    execution = make_execution({"Ask": asks(TimeoutSeconds=9, End=True)}, perform=perform).run()
    assert cancelled == []
    execution.resume(reach_deadlines=True)
    assert (execution.error, cancelled) == ("States.Timeout", ["Ask"])


def test_work_that_ended_is_not_cancelled_and_late_answers_are_ignored(make_execution: Any) -> None:
    answers: list[Any] = []
    cancelled: list[str] = []

    def perform(request: TaskRequest) -> TaskOutcome:
        answers.append(request.answer)
        return TaskPending(submitted={}, cancel=lambda: cancelled.append(request.state_name))

    execution = make_execution({"Ask": asks(End=True)}, perform=perform).run()
    answers[0](TaskResult(result="first"))
    answers[0](TaskResult(result="second"))
    assert (execution.resume().output, cancelled) == ("first", [])
    events = len(execution.history)
    answers[0](TaskResult(result="third"))
    assert len(execution.resume().history) == events


def test_a_run_that_waits_has_no_result_and_says_what_to_do(waiting: Any) -> None:
    with pytest.raises(ExecutionStalled, match="send_task_success"):
        waiting().result()
