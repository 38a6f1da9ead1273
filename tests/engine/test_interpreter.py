"""What each state type does, and the order and links of its events."""

from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import EVENT_TYPES
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.engine.visits import VisitStatus

TASK = "arn:aws:lambda:us-east-1:123456789012:function:work"
INVOKE = "arn:aws:states:::lambda:invoke"


def _links(execution: Execution) -> list[tuple[str, int, int]]:
    return [(event["type"], event["id"], event["previousEventId"]) for event in execution.history]


def test_the_whole_data_flow_of_a_task(make_execution: Any) -> None:
    states = {
        "A": {
            "Type": "Task",
            "Resource": TASK,
            "InputPath": "$.order",
            "Parameters": {"id.$": "$.id", "who.$": "$$.Execution.Name"},
            "ResultSelector": {"sum.$": "$.total"},
            "ResultPath": "$.receipt",
            "OutputPath": "$.receipt",
            "End": True,
        }
    }
    seen: list[Any] = []

    def perform(request: TaskRequest) -> TaskResult:
        seen.append(request.parameters)
        return TaskResult(result={"total": 7, "noise": True})

    execution: Execution = make_execution(states, {"order": {"id": 1}}, perform).run()
    assert seen == [{"id": 1, "who": "run"}]
    assert execution.output == {"sum": 7}


def test_result_path_merges_into_the_raw_input_and_changes_no_other_payload(make_execution: Any) -> None:
    states = {
        "A": {"Type": "Pass", "Result": 1, "ResultPath": "$.a.b", "Next": "B"},
        "B": {"Type": "Pass", "Result": 2, "ResultPath": "$.a.c", "End": True},
    }
    execution: Execution = make_execution(states, {"a": {"x": 0}}).run()
    assert [visit.input for visit in execution.visits] == [{"a": {"x": 0}}, {"a": {"x": 0, "b": 1}}]
    assert execution.output == {"a": {"x": 0, "b": 1, "c": 2}}


@pytest.mark.parametrize(
    ("field", "value", "output"),
    [("InputPath", None, {}), ("OutputPath", None, {}), ("ResultPath", None, {"n": 1}), ("InputPath", "$.n", 1)],
)
def test_null_paths_discard(make_execution: Any, field: str, value: Any, output: Any) -> None:
    assert make_execution({"A": {"Type": "Pass", field: value, "End": True}}, {"n": 1}).run().output == output


def test_choice_goes_to_the_first_rule_that_holds_or_to_its_default(make_execution: Any) -> None:
    states = {
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.n", "NumericGreaterThan": 10, "Next": "Large"},
                {"Variable": "$.n", "NumericGreaterThan": 5, "Next": "Middle"},
            ],
            "Default": "Small",
        },
        "Large": {"Type": "Pass", "Result": "large", "End": True},
        "Middle": {"Type": "Pass", "Result": "middle", "End": True},
        "Small": {"Type": "Succeed"},
    }
    outputs = [make_execution(states, {"n": number}).run().output for number in (11, 7, 1)]
    assert outputs == ["large", "middle", {"n": 1}]


def test_a_choice_without_match_and_default_fails_as_on_aws(make_execution: Any) -> None:
    states = {
        "Choose": {"Type": "Choice", "Choices": [{"Variable": "$.n", "IsNull": True, "Next": "End"}]},
        "End": {"Type": "Succeed"},
    }
    execution: Execution = make_execution(states, {"n": 1}).run()
    assert execution.error == "States.Runtime"
    assert execution.cause == (
        "An error occurred while executing the state 'Choose' (entered at the event id #2). "
        "Failed to transition out of the state. The state does not point to a next state."
    )


def test_a_choice_loop_of_thousands_nests_no_calls(make_execution: Any) -> None:
    states = {
        "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
        "More": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 5000, "Next": "Add"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    }
    assert make_execution(states, {"n": 0}).run().output == {"n": 5000}


def test_events_are_linked_as_recorded(make_execution: Any) -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Task", "Resource": TASK, "End": True}}
    assert _links(make_execution(states).run()) == [
        ("ExecutionStarted", 1, 0),
        ("PassStateEntered", 2, 0),
        ("PassStateExited", 3, 2),
        ("TaskStateEntered", 4, 3),
        ("LambdaFunctionScheduled", 5, 4),
        ("LambdaFunctionStarted", 6, 5),
        ("LambdaFunctionSucceeded", 7, 6),
        ("TaskStateExited", 8, 7),
        ("ExecutionSucceeded", 9, 8),
    ]


def test_a_service_task_without_its_parameters_fails_before_it_is_scheduled(make_execution: Any) -> None:
    execution: Execution = make_execution({"A": {"Type": "Task", "Resource": INVOKE, "End": True}}, {"x": 1}).run()
    assert [event["type"] for event in execution.history][-1] == "ExecutionFailed"
    assert execution.error == "States.Runtime"
    assert "'FunctionName' is required" in (execution.cause or "")


@pytest.mark.parametrize(
    ("choice", "moment"),
    [
        ({"Seconds": 30}, 30.0),
        ({"SecondsPath": "$.seconds"}, 12.0),
        ({"Timestamp": "1970-01-12T13:47:40Z"}, 60.0),
        ({"TimestampPath": "$.at"}, 120.0),
        ({"Timestamp": "1960-01-01T00:00:00Z"}, 0.0),
    ],
)
def test_wait_until_then(make_execution: Any, choice: dict[str, Any], moment: float) -> None:
    given = {"seconds": 12, "at": "1970-01-12T13:48:40Z"}
    execution: Execution = make_execution({"W": {"Type": "Wait", **choice, "End": True}}, given).run()
    assert execution.ended_seconds == execution.started_seconds + moment
    assert execution.output == given


def test_retries_wait_longer_each_time_and_count_in_the_context_object(make_execution: Any) -> None:
    calls: list[Any] = []

    def flaky(request: TaskRequest) -> TaskResult | TaskError:
        calls.append((request.parameters["retry"], request.now_seconds - 1_000_000.0))
        return TaskError(error="Busy", cause="later") if len(calls) < 4 else TaskResult(result="done")

    states = {
        "A": {
            "Type": "Task",
            "Resource": TASK,
            "Parameters": {"retry.$": "$$.State.RetryCount"},
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10}],
            "End": True,
        }
    }
    execution: Execution = make_execution(states, perform=flaky).run()
    assert calls == [(0, 0.0), (1, 2.0), (2, 8.0), (3, 18.0)]
    (visit,) = execution.visits
    assert [attempt.retry_delay_seconds for attempt in visit.attempts] == [2.0, 6.0, 10.0, None]
    assert visit.status is VisitStatus.SUCCEEDED


def test_each_retrier_counts_for_itself(make_execution: Any) -> None:
    # Source: developer guide, "Error handling": errors A, B, C, B wait 1, 2 and 5 seconds, then nothing is left.
    errors = iter(["A", "B", "C", "B"])
    states = {
        "T": {
            "Type": "Task",
            "Resource": TASK,
            "Retry": [
                {"ErrorEquals": ["A", "B"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 2},
                {"ErrorEquals": ["C"], "IntervalSeconds": 5},
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    execution: Execution = make_execution(states, perform=lambda _: TaskError(error=next(errors), cause=None)).run()
    assert execution.ended_seconds == execution.started_seconds + 1 + 2 + 5
    assert execution.output == {"Error": "B", "Cause": ""}
    assert execution.visits[0].status is VisitStatus.CAUGHT


def test_a_catch_puts_the_error_where_its_result_path_says(make_execution: Any) -> None:
    states = {
        "T": {
            "Type": "Task",
            "Resource": TASK,
            "Catch": [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "Caught"}],
            "OutputPath": "$.nowhere",
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    execution: Execution = make_execution(states, {"n": 1}, lambda _: TaskError(error="E", cause="c")).run()
    assert execution.output == {"n": 1, "error": {"Error": "E", "Cause": "c"}}


def test_a_task_that_takes_longer_than_its_timeout_times_out_in_modelled_time(make_execution: Any) -> None:
    states = {"T": {"Type": "Task", "Resource": TASK, "TimeoutSeconds": 5, "End": True}}
    execution: Execution = make_execution(states, perform=lambda _: TaskResult(result=1, duration_seconds=6.0)).run()
    assert (execution.error, execution.cause) == ("States.Timeout", None)
    assert execution.ended_seconds == execution.started_seconds + 5
    assert "LambdaFunctionTimedOut" in [event["type"] for event in execution.history]


def test_a_task_that_ends_in_time_is_not_timed_out(make_execution: Any) -> None:
    states = {"T": {"Type": "Task", "Resource": TASK, "TimeoutSeconds": 5, "HeartbeatSeconds": 4, "End": True}}
    run = make_execution(states, perform=lambda _: TaskResult(result=1, duration_seconds=3.0)).run()
    assert run.output == 1


def test_a_missed_heartbeat_is_a_timeout_that_a_catch_may_name_either_way(make_execution: Any) -> None:
    for name in ("States.HeartbeatTimeout", "States.Timeout"):
        states = {
            "T": {
                "Type": "Task",
                "Resource": TASK,
                "HeartbeatSeconds": 5,
                "TimeoutSeconds": 60,
                "Catch": [{"ErrorEquals": [name], "Next": "Caught"}],
                "End": True,
            },
            "Caught": {"Type": "Succeed"},
        }
        run = make_execution(states, perform=lambda _: TaskResult(result=1, duration_seconds=30.0)).run()
        assert run.output == {"Error": "States.Timeout", "Cause": ""}


def test_a_result_that_is_too_large_is_an_error_that_may_be_caught(make_execution: Any) -> None:
    states = {
        "T": {
            "Type": "Task",
            "Resource": TASK,
            "Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    run = make_execution(states, perform=lambda _: TaskResult(result="é" * 131_072)).run()
    assert run.output["Error"] == "States.DataLimitExceeded"
    assert TASK in run.output["Cause"]


def test_parallel_gives_every_branch_the_same_input_and_collects_in_their_order(make_execution: Any) -> None:
    branches = [
        {
            "StartAt": name,
            "States": {
                name: {"Type": "Wait", "Seconds": seconds, "Next": f"{name}2"},
                f"{name}2": {"Type": "Pass", "Result": name, "End": True},
            },
        }
        for name, seconds in (("slow", 9), ("fast", 1))
    ]
    execution: Execution = make_execution({"P": {"Type": "Parallel", "Branches": branches, "End": True}}).run()
    assert execution.output == ["slow", "fast"]
    assert execution.ended_seconds == execution.started_seconds + 9
    names = [visit.name for visit in execution.visits]
    assert names == ["P", "slow", "fast", "fast2", "slow2"]


def test_a_map_runs_no_more_than_its_max_concurrency(make_execution: Any) -> None:
    states = {
        "M": {
            "Type": "Map",
            "MaxConcurrency": 2,
            "ItemProcessor": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 10, "End": True}}},
            "End": True,
        }
    }
    execution: Execution = make_execution(states, [1, 2, 3, 4, 5]).run()
    assert execution.output == [1, 2, 3, 4, 5]
    assert execution.ended_seconds == execution.started_seconds + 30
    starts = [visit.entered_seconds - execution.started_seconds for visit in execution.visits if visit.name == "W"]
    assert starts == [0, 0, 10, 10, 20]


def test_an_item_selector_sees_the_item_and_the_effective_input(make_execution: Any) -> None:
    states = {
        "M": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {
                "item.$": "$$.Map.Item.Value",
                "at.$": "$$.Map.Item.Index",
                "all.$": "$.shop",
                "state.$": "$$.State.Name",
            },
            "ItemProcessor": {"StartAt": "S", "States": {"S": {"Type": "Succeed"}}},
            "End": True,
        }
    }
    output = make_execution(states, {"shop": "x", "items": ["a", "b"]}).run().output
    assert output == [
        {"item": "a", "at": 0, "all": "x", "state": "M"},
        {"item": "b", "at": 1, "all": "x", "state": "M"},
    ]


@pytest.mark.parametrize("count", [0, 1, 1000])
def test_a_map_over_any_number_of_items(make_execution: Any, count: int) -> None:
    states = {
        "M": {"Type": "Map", "ItemProcessor": {"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}, "End": True}
    }
    assert make_execution(states, list(range(count))).run().output == list(range(count))


def test_map_items_must_be_an_array(make_execution: Any) -> None:
    states = {
        "M": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "S", "States": {"S": {"Type": "Succeed"}}},
            "End": True,
        }
    }
    execution: Execution = make_execution(states, {"items": {}}).run()
    assert (execution.error, execution.cause) == (
        "States.Runtime",
        'Reference path "$.items" must point to array.',
    )


def test_the_first_failing_branch_aborts_its_siblings(make_execution: Any) -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Slow", "States": {"Slow": {"Type": "Wait", "Seconds": 100, "End": True}}},
                {
                    "StartAt": "Soon",
                    "States": {
                        "Soon": {"Type": "Wait", "Seconds": 1, "Next": "Bad"},
                        "Bad": {"Type": "Fail", "Error": "E", "Cause": "c"},
                    },
                },
            ],
            "Catch": [{"ErrorEquals": ["E"], "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    execution: Execution = make_execution(states).run()
    assert execution.output == {"Error": "E", "Cause": "c"}
    assert execution.ended_seconds == execution.started_seconds + 1
    statuses = {visit.name: visit.status.value for visit in execution.visits}
    assert statuses == {"P": "CAUGHT", "Slow": "ABORTED", "Soon": "SUCCEEDED", "Bad": "FAILED", "Caught": "SUCCEEDED"}


def test_a_retried_map_runs_all_its_items_again(make_execution: Any) -> None:
    calls: list[Any] = []

    def perform(request: TaskRequest) -> TaskResult | TaskError:
        calls.append(request.parameters)
        is_first_b = request.parameters == "b" and calls.count("b") == 1
        return TaskError(error="Busy", cause=None) if is_first_b else TaskResult(result=request.parameters)

    states = {
        "M": {
            "Type": "Map",
            "MaxConcurrency": 1,
            "ItemProcessor": {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": TASK, "End": True}}},
            "Retry": [{"ErrorEquals": ["Busy"]}],
            "End": True,
        }
    }
    assert make_execution(states, ["a", "b"], perform).run().output == ["a", "b"]
    assert calls == ["a", "b", "a", "b"]


def test_tasks_that_time_out_together_all_tell_before_their_map_fails(make_execution: Any) -> None:
    states = {
        "M": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "T",
                "States": {"T": {"Type": "Task", "Resource": TASK, "TimeoutSeconds": 5, "End": True}},
            },
            "End": True,
        }
    }
    slow = lambda _request: TaskResult(result=1, duration_seconds=60.0)  # noqa: E731 - one line says it
    types = [event["type"] for event in make_execution(states, [1, 2], slow).run().history]
    assert types[-8:] == [
        "LambdaFunctionTimedOut",
        "LambdaFunctionTimedOut",
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "TaskStateAborted",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_deep_nesting_of_parallels(make_execution: Any) -> None:
    states: dict[str, Any] = {"Leaf": {"Type": "Pass", "Result": 1, "End": True}}
    for depth in range(40):
        branch = {"StartAt": next(iter(states)), "States": states}
        states = {f"P{depth}": {"Type": "Parallel", "Branches": [branch], "End": True}}
    output = make_execution(states).run().output
    for _ in range(40):
        (output,) = output
    assert output == 1


def test_a_loop_of_caught_errors_nests_no_calls(make_execution: Any) -> None:
    states = {
        "T": {
            "Type": "Task",
            "Resource": TASK,
            "Parameters": {"n.$": "States.ArrayGetItem($.list, 9)"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "T"}],
            "End": True,
        }
    }
    assert len(make_execution(states, {"list": []}).run().events) == 25_000


def test_every_event_type_is_one_of_aws() -> None:
    assert {"ExecutionStarted", "MapIterationAborted", "TaskTimedOut"} <= EVENT_TYPES


def test_an_output_that_is_too_large_ends_the_execution(make_execution: Any) -> None:
    states = {
        "P": {
            "Type": "Parallel",
            "Branches": [{"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}} for name in ("A", "B")],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            "End": True,
        },
        "Caught": {"Type": "Succeed"},
    }
    execution: Execution = make_execution(states, "x" * 200_000).run()
    assert execution.error == "States.DataLimitExceeded"
    assert "The state/task 'P' returned a result" in (execution.cause or "")
