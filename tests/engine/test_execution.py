"""Executions as a person meets them: time, stopping, results, and what is left when something goes wrong."""

import time
from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.visits import VisitStatus
from sfn_notebook.errors import ExecutionAborted, ExecutionFailed, ExecutionStalled, ExecutionTimedOut, InvalidInput
from sfn_notebook.runtime.clock import ManualClock, ScaledClock, stopwatch

TASK = "arn:aws:lambda:us-east-1:123456789012:function:work"
YEAR_SECONDS = 31_536_000


def _wait(seconds: int) -> dict[str, Any]:
    return {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}


def test_a_year_passes_at_once_with_its_modelled_timestamps(make_execution: Any) -> None:
    before_seconds = stopwatch()
    execution: Execution = make_execution(_wait(YEAR_SECONDS)).run()
    assert stopwatch() - before_seconds < 1.0
    assert execution.status is ExecutionStatus.SUCCEEDED
    assert execution.ended_seconds == execution.started_seconds + YEAR_SECONDS
    first, last = execution.history[0], execution.history[-1]
    assert (first["timestamp"], last["timestamp"]) == (
        "1970-01-12T13:46:40.000+00:00",
        "1971-01-12T13:46:40.000+00:00",
    )


def test_a_manual_clock_steps(make_execution: Any) -> None:
    execution: Execution = make_execution(_wait(60), clock=ManualClock(0.0)).run()
    assert execution.status is ExecutionStatus.RUNNING
    assert execution.next_due_seconds == 60.0
    assert execution.step(59).status is ExecutionStatus.RUNNING
    assert execution.step().status is ExecutionStatus.SUCCEEDED
    with pytest.raises(ExecutionStalled, match="nothing is due"):
        execution.step()


def test_a_real_clock_waits(make_execution: Any) -> None:
    before_seconds = stopwatch()
    execution: Execution = make_execution(_wait(1), clock=ScaledClock(1.0)).run()
    assert stopwatch() - before_seconds >= 1.0
    assert execution.status is ExecutionStatus.SUCCEEDED


def test_a_virtual_clock_cannot_be_stepped(make_execution: Any) -> None:
    with pytest.raises(ExecutionStalled, match="no manual clock"):
        make_execution(_wait(1)).run().step()


def test_ctrl_c_aborts_with_one_line_and_keeps_what_was_done(make_execution: Any) -> None:
    def interrupt(request: TaskRequest) -> TaskResult:
        raise KeyboardInterrupt

    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Task", "Resource": TASK, "End": True}}
    execution: Execution = make_execution(states, perform=interrupt)
    with pytest.raises(ExecutionAborted) as aborted:
        execution.run()
    assert "\n" not in str(aborted.value)
    assert execution.status is ExecutionStatus.ABORTED
    assert [visit.status for visit in execution.visits] == [VisitStatus.SUCCEEDED, VisitStatus.ABORTED]
    assert execution.history[-1]["type"] == "ExecutionAborted"


def test_stop_ends_a_waiting_execution_and_then_changes_nothing(make_execution: Any) -> None:
    execution: Execution = make_execution(_wait(60), clock=ManualClock(0.0)).run()
    execution.stop(error="Enough", cause="changed my mind")
    execution.stop(error="Again")
    assert (execution.status, execution.error) == (ExecutionStatus.ABORTED, "Enough")
    # Recorded: the event follows event 0.
    assert execution.history[-1] == {
        "timestamp": "1970-01-01T00:00:00.000+00:00",
        "type": "ExecutionAborted",
        "id": 3,
        "previousEventId": 0,
        "executionAbortedEventDetails": {"error": "Enough", "cause": "changed my mind"},
    }
    with pytest.raises(ExecutionAborted):
        execution.result()


def test_the_machine_s_own_timeout_ends_it(make_execution: Any) -> None:
    execution: Execution = make_execution(_wait(60), TimeoutSeconds=5).run()
    assert execution.status is ExecutionStatus.TIMED_OUT
    assert execution.ended_seconds == execution.started_seconds + 5
    with pytest.raises(ExecutionTimedOut):
        execution.result()


def test_a_failed_execution_raises_from_the_user_s_own_exception(make_execution: Any) -> None:
    mistake = ZeroDivisionError("division by zero")

    def fail(request: TaskRequest) -> TaskError:
        return TaskError(error="ZeroDivisionError", cause="{}", exception=mistake)

    execution: Execution = make_execution({"A": {"Type": "Task", "Resource": TASK, "End": True}}, perform=fail).run()
    with pytest.raises(ExecutionFailed) as failed:
        execution.result()
    assert failed.value.__cause__ is mistake
    assert failed.value.error == "ZeroDivisionError"


def test_a_caught_exception_is_not_blamed_for_a_later_failure(make_execution: Any) -> None:
    def fail(request: TaskRequest) -> TaskError:
        return TaskError(error="Oops", cause="first", exception=ZeroDivisionError())

    states = {
        "A": {
            "Type": "Task",
            "Resource": TASK,
            "Catch": [{"ErrorEquals": ["Oops"], "Next": "B"}],
            "End": True,
        },
        "B": {"Type": "Fail", "Error": "Other", "Cause": "second"},
    }
    execution: Execution = make_execution(states, perform=fail).run()
    assert (execution.error, execution.exception) == ("Other", None)


def test_describe_has_the_shape_of_describe_execution(make_execution: Any) -> None:
    described = make_execution({"A": {"Type": "Pass", "End": True}}, {"n": 1}).run().describe()
    assert described["status"] == "SUCCEEDED"
    assert described["output"] == {"n": 1}
    assert described["startDate"] == described["stopDate"] == "1970-01-12T13:46:40.000+00:00"


def test_observers_see_a_task_running_before_its_function_is_called(make_execution: Any) -> None:
    seen: list[tuple[str, str]] = []

    class Watch:
        def on_transition(self, execution: Execution, changes: Any) -> None:
            seen.extend((visit.name, visit.status.value) for visit in changes)

        def on_end(self, execution: Execution) -> None:
            seen.append(("end", execution.status.value))

    def perform(request: TaskRequest) -> TaskResult:
        seen.append(("function", "called"))
        return TaskResult(result=1)

    execution: Execution = make_execution({"A": {"Type": "Task", "Resource": TASK, "End": True}}, perform=perform)
    execution.observe(Watch())
    execution.run()
    assert seen.index(("A", "RUNNING")) < seen.index(("function", "called"))
    assert seen[-2:] == [("A", "SUCCEEDED"), ("end", "SUCCEEDED")]


def test_an_endless_loop_ends_with_a_full_history_in_bounded_time(make_execution: Any) -> None:
    never = {"Variable": "$.n", "IsPresent": True, "Next": "Done"}
    states = {
        "A": {"Type": "Pass", "Next": "Again"},
        "Again": {"Type": "Choice", "Choices": [never], "Default": "A"},
        "Done": {"Type": "Succeed"},
    }
    execution: Execution = make_execution(states).run()
    assert len(execution.events) == 25_000
    assert execution.error == "States.Runtime"
    assert execution.cause == "The execution reached the maximum number of history events (25000)."


def test_nothing_here_reads_the_machine_s_time(make_execution: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: pytest.fail("read the time"))
    make_execution(_wait(5)).run()


def test_describe_tells_what_data_is_included(make_execution: Any) -> None:
    execution: Execution = make_execution({"A": {"Type": "Fail", "Error": "E", "Cause": "C"}}, {"n": 1}).run()
    full, bare = execution.describe(), execution.describe(included_data="METADATA_ONLY")
    assert (full["input"], full["inputDetails"], full["error"], full["cause"]) == (
        {"n": 1},
        {"included": True},
        "E",
        "C",
    )
    assert not bare.keys() & {"input", "output", "error", "cause", "outputDetails"}
    assert bare["inputDetails"] == {"included": False}
    assert (bare["status"], bare["redriveStatus"], bare["redriveCount"]) == ("FAILED", "REDRIVABLE", 0)
    with pytest.raises(InvalidInput, match="METADATA_ONLY"):
        execution.describe(included_data="SOME")


def test_describe_says_why_a_successful_execution_cannot_be_redriven(make_execution: Any) -> None:
    described = make_execution({"A": {"Type": "Succeed"}}).run().describe()
    assert described["outputDetails"] == {"included": True}
    assert described["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"


def test_history_without_execution_data_keeps_names_errors_and_roles(make_execution: Any) -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"secret.$": "$.pin"}, "Next": "W"},
        "W": {"Type": "Task", "Resource": TASK, "Next": "F"},
        "F": {"Type": "Fail", "Error": "E", "Cause": "C"},
    }
    execution: Execution = make_execution(
        states, {"pin": "7734"}, perform=lambda _request: TaskResult(result={"pin": "7734"})
    ).run()
    assert "7734" in str(execution.history)
    events = execution.get_execution_history(include_execution_data=False)
    assert "7734" not in str(events)
    assert [event["type"] for event in events] == [event["type"] for event in execution.history]
    assert events[0]["executionStartedEventDetails"].keys() == {"roleArn"}
    assert events[1]["stateEnteredEventDetails"] == {"name": "A"}
    assert events[2]["stateExitedEventDetails"] == {"name": "A"}
    assert events[-1]["executionFailedEventDetails"] == {"error": "E", "cause": "C"}


def test_history_comes_latest_first_and_in_part(make_execution: Any) -> None:
    execution: Execution = make_execution({"A": {"Type": "Succeed"}}).run()
    assert [event["id"] for event in execution.get_execution_history(reverse_order=True)] == [4, 3, 2, 1]
    assert [event["id"] for event in execution.get_execution_history(max_results=2)] == [1, 2]
    assert execution.get_execution_history() == execution.history
