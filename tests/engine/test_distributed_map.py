"""A Distributed Map from its state's entry to its exit, with buckets that are folders."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pytest

from sfn_notebook.engine.buckets import put_object
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.engine.map_run import MapRunStatus
from sfn_notebook.engine.map_run_driver import KEPT_FAILED, KEPT_FIRST, KEPT_LAST
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.errors import ExecutionAborted
from sfn_notebook.integrations.buckets import FolderBuckets

TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}
PASS = {"Type": "Pass", "End": True}
CSV_READER = {
    "Resource": "arn:aws:states:::s3:getObject",
    "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
    "Parameters": {"Bucket": "data", "Key": "rows.csv"},
}
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "jobs"}}
Perform = Callable[[TaskRequest], TaskResult | TaskError]


def echo(request: TaskRequest) -> TaskResult:
    return TaskResult(result=request.parameters)


def processor(state: dict[str, Any], execution_type: str = "STANDARD") -> dict[str, Any]:
    return {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": execution_type},
        "StartAt": "Each",
        "States": {"Each": state},
    }


def a_map(state: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor(state or PASS), "End": True, **fields}


class Run(Protocol):
    def __call__(
        self, map_state: dict[str, Any], input: Any = ..., perform: Perform = ..., **options: Any
    ) -> Execution:
        """Run a machine of this one state."""


@pytest.fixture
def run(make_execution: Any) -> Run:
    def run_map(map_state: dict[str, Any], input: Any = None, perform: Perform = echo, **options: Any) -> Execution:
        execution: Execution = make_execution({"M": map_state}, input, perform, **options)
        return execution.run()

    return run_map


def types(execution: Execution) -> list[str]:
    return [event["type"] for event in execution.history]


def fail_odd(request: TaskRequest) -> TaskResult | TaskError:
    if request.parameters % 2:
        return TaskError(error="Odd", cause=f"{request.parameters} is odd")
    return TaskResult(result=request.parameters)


@pytest.fixture
def buckets(tmp_path: Path) -> FolderBuckets:
    made = FolderBuckets(tmp_path)
    made.create_bucket("data")
    made.create_bucket("out")
    rows = "".join(f"{number},name {number}\n" for number in range(250))
    put_object(made, "data", "rows.csv", f"id,name\n{rows}".encode())
    return made


def test_the_history_has_a_map_run_and_nothing_of_its_items(run: Run) -> None:
    execution = run(a_map(), ["a", "b"])
    assert types(execution) == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["previousEventId"] for event in execution.history] == [0, 0, 2, 3, 4, 5, 4, 7]
    assert execution.history[2]["mapStateStartedEventDetails"] == {"length": 2}
    assert execution.history[3]["mapRunStartedEventDetails"] == {"mapRunArn": execution.map_runs[0].arn}
    assert execution.output == ["a", "b"]


def test_no_items_succeed_with_an_empty_array(run: Run) -> None:
    assert run(a_map(), []).output == []


def test_entries_of_an_object_are_items(run: Run) -> None:
    assert run(a_map(), {"a": 1, "b": 2}).output == [{"Key": "a", "Value": 1}, {"Key": "b", "Value": 2}]


def test_results_are_in_the_order_of_the_items_whatever_ends_first(run: Run) -> None:
    def later_is_faster(request: TaskRequest) -> TaskResult:
        return TaskResult(result=request.parameters, duration_seconds=10.0 - request.parameters)

    execution = run(a_map(TASK), [1, 2, 3], later_is_faster)
    assert execution.output == [1, 2, 3]
    assert execution.ended_seconds == 1_000_009.0


def test_no_more_children_than_max_concurrency_run_at_a_time(run: Run) -> None:
    def slow(request: TaskRequest) -> TaskResult:
        return TaskResult(result=None, duration_seconds=10.0)

    assert run(a_map(TASK, MaxConcurrency=2), list(range(6)), slow).ended_seconds == 1_000_030.0
    assert run(a_map(TASK), list(range(6)), slow).ended_seconds == 1_000_010.0


def test_children_are_executions_with_names_a_machine_and_a_history_of_their_own(run: Run) -> None:
    execution = run(a_map(Label="Rows"), ["a", "b"])
    first, second = execution.children(execution.map_runs[0])
    assert first.header.machine.arn.endswith(":stateMachine:Machine/Rows")
    assert first.arn == f"arn:aws:states:us-east-1:123456789012:execution:Machine/Rows:{first.name}"
    assert first.name != second.name
    assert (first.input, second.input, first.output) == ("a", "b", "a")
    assert types(first) == ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert first.parent is execution


def test_items_come_from_a_csv_file_page_by_page(run: Run, buckets: FolderBuckets) -> None:
    execution = run(a_map(ItemReader=CSV_READER, ItemSelector={"n.$": "$$.Map.Item.Value.id"}), buckets=buckets)
    assert execution.history[2]["mapStateStartedEventDetails"] == {"length": 0}
    assert execution.output == [{"n": str(number)} for number in range(250)]
    assert execution.map_runs[0].item_counts.succeeded == 250


def test_a_selector_sees_the_item_its_place_its_source_and_the_states_input(run: Run, buckets: FolderBuckets) -> None:
    selector = {
        "index.$": "$$.Map.Item.Index",
        "id.$": "$$.Map.Item.Value.id",
        "source.$": "$$.Map.Item.Source",
        "tag.$": "$.tag",
        "state.$": "$$.State.Name",
    }
    reader = {**CSV_READER, "ReaderConfig": {**CSV_READER["ReaderConfig"], "MaxItems": 2}}  # type: ignore[dict-item]  # a literal's values differ
    execution = run(a_map(ItemReader=reader, ItemSelector=selector), {"tag": "t"}, buckets=buckets)
    shared = {"source": "s3://data/rows.csv", "tag": "t", "state": "M"}
    assert execution.output == [{"index": 0, "id": "0", **shared}, {"index": 1, "id": "1", **shared}]
    from_state = run(a_map(ItemSelector={"s.$": "$$.Map.Item.Source", "k.$": "$$.Map.Item.Key"}), {"a": 1})
    assert from_state.output == [{"s": "STATE_DATA", "k": "a"}]


def test_a_batch_is_one_child_and_counts_every_item(run: Run, buckets: FolderBuckets) -> None:
    batcher = {"MaxItemsPerBatch": 100, "BatchInput": {"date.$": "$.date"}}
    execution = run(a_map(ItemReader=CSV_READER, ItemBatcher=batcher), {"date": "today"}, buckets=buckets)
    assert [len(batch["Items"]) for batch in execution.output] == [100, 100, 50]
    assert {batch["BatchInput"]["date"] for batch in execution.output} == {"today"}
    run_counts = execution.map_runs[0]
    assert (run_counts.item_counts.succeeded, run_counts.execution_counts.succeeded) == (250, 3)


def test_jsonata_fields_of_every_kind(run: Run, buckets: FolderBuckets) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {
            "InputType": "CSV",
            "CSVHeaderLocation": "FIRST_ROW",
            "MaxItems": "{% $states.input.most %}",
        },
        "Arguments": {"Bucket": "{% $states.input.bucket %}", "Key": "rows.csv"},
    }
    state = a_map(
        ItemReader=reader,
        ItemSelector={"i": "{% $states.context.Map.Item.Index %}", "n": "{% $states.context.Map.Item.Value.name %}"},
        ItemBatcher={"MaxItemsPerBatch": "{% 1 + 1 %}", "BatchInput": {"most": "{% $states.input.most %}"}},
        MaxConcurrency="{% 5 %}",
        ToleratedFailurePercentage="{% 10 %}",
        Output="{% $count($states.result) %}",
    )
    execution = run(state, {"bucket": "data", "most": 3}, buckets=buckets, QueryLanguage="JSONata")
    assert (execution.status, execution.output) == ("SUCCEEDED", 2)
    children = execution.children(execution.map_runs[0])
    assert children[1].input == {"BatchInput": {"most": 3}, "Items": [{"i": 2, "n": "name 2"}]}
    assert (execution.map_runs[0].max_concurrency, execution.map_runs[0].tolerance.percentage) == (5, 10.0)
    assert run(a_map(Items="{% [1..3] %}"), QueryLanguage="JSONata").output == [1, 2, 3]


def test_the_first_failure_fails_the_run_and_the_user_sees_the_functions_exception(run: Run) -> None:
    broken = ValueError("broken")
    execution = run(a_map(TASK), [1, 2], lambda _: TaskError(error="ValueError", cause="broken", exception=broken))
    assert types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert execution.cause == "The specified tolerated failure threshold was exceeded"
    assert execution.exception is broken
    assert execution.map_runs[0].status is MapRunStatus.FAILED


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"ToleratedFailureCount": 5}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 4}, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49}, "FAILED"),
        ({"ToleratedFailureCountPath": "$.most", "ItemsPath": "$.items"}, "SUCCEEDED"),
        ({"ToleratedFailurePercentagePath": "$.share", "ItemsPath": "$.items"}, "FAILED"),
    ],
)
def test_failures_are_tolerated_up_to_the_threshold(run: Run, fields: dict[str, Any], status: str) -> None:
    items = list(range(10))
    given = {"items": items, "most": "5", "share": 10.5} if "ItemsPath" in fields else items
    execution = run(a_map(TASK, **fields), given, fail_odd)
    assert execution.status == status
    if status == "SUCCEEDED":
        shown = execution.output
        assert (shown[0], shown[1]["Error"], shown[1]["Status"]) == (0, "Odd", "FAILED")
        assert execution.map_runs[0].item_counts.failed == 5


def test_a_run_that_failed_leaves_items_pending_and_aborts_what_runs(run: Run) -> None:
    def first_fails(request: TaskRequest) -> TaskResult | TaskError:
        if request.parameters == 0:
            return TaskError(error="E", cause="c", duration_seconds=1.0)
        return TaskResult(result=None, duration_seconds=100.0)

    execution = run(a_map(TASK, MaxConcurrency=3), list(range(10)), first_fails)
    counts = execution.map_runs[0].item_counts
    assert (counts.failed, counts.aborted, counts.pending, counts.running) == (1, 2, 7, 0)
    statuses = [child.status.value for child in execution.children(execution.map_runs[0])]
    assert statuses == ["FAILED", "ABORTED", "ABORTED"]
    assert execution.ended_seconds == 1_000_001.0


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({"ToleratedFailureCountPath": "$.n"}, "ToleratedFailureCount cannot be negative."),
        ({"ToleratedFailurePercentagePath": "$.n"}, "ToleratedFailurePercentage must be between 0 and 100."),
        ({"MaxConcurrencyPath": "$.n"}, "MaxConcurrency cannot be negative."),
        ({"ItemBatcher": {"MaxItemsPerBatchPath": "$.n"}}, "field MaxItemsPerBatch must be positive"),
    ],
)
def test_a_number_out_of_range_ends_the_execution_before_a_run_starts(
    run: Run, fields: dict[str, Any], cause: str
) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "M"}]
    execution = run(a_map(ItemsPath="$.items", Catch=catch, **fields), {"items": [1], "n": -1})
    assert types(execution)[-2:] == ["MapStateStarted", "ExecutionFailed"]
    prefix = "An error occurred while executing the state 'M' (entered at the event id #2). "
    assert (execution.error, execution.cause) == ("States.Runtime", prefix + cause)
    assert list(execution.map_runs) == []


def test_a_missing_object_fails_the_run_and_can_be_caught(make_execution: Any, buckets: FolderBuckets) -> None:
    reader = {**CSV_READER, "Parameters": {"Bucket": "data", "Key": "missing.csv"}}
    states = {
        "M": a_map(ItemReader=reader, Catch=[{"ErrorEquals": ["States.ItemReaderFailed"], "Next": "Rest"}]),
        "Rest": {"Type": "Pass", "End": True},
    }
    execution = make_execution(states, buckets=buckets).run()
    assert execution.status == "SUCCEEDED"
    assert execution.output["Error"] == "States.ItemReaderFailed"
    assert "The specified key does not exist." in execution.output["Cause"]
    assert types(execution)[4:7] == ["MapRunFailed", "MapStateFailed", "MapStateExited"]


def test_without_buckets_no_bucket_exists(run: Run) -> None:
    execution = run(a_map(ItemReader=CSV_READER))
    assert execution.error == "States.ItemReaderFailed"
    assert "NoSuchBucket" in (execution.cause or "")


def test_a_retry_is_a_new_map_run(run: Run) -> None:
    calls: list[Any] = []

    def second_time_works(request: TaskRequest) -> TaskResult | TaskError:
        calls.append(request.parameters)
        return TaskError(error="E", cause="c") if len(calls) == 1 else TaskResult(result="ok")

    retry = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "IntervalSeconds": 5}]
    execution = run(a_map(TASK, Retry=retry), ["a"], second_time_works)
    assert types(execution)[2:8] == [
        "MapStateStarted",
        "MapRunStarted",
        "MapRunFailed",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
    ]
    first, second = execution.map_runs
    assert first.arn != second.arn
    assert (first.status, second.status) == (MapRunStatus.FAILED, MapRunStatus.SUCCEEDED)
    assert second.started_seconds == first.started_seconds + 5


def test_an_error_in_the_selector_fails_the_run_and_nothing_catches_it(run: Run) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "M"}]
    execution = run(a_map(ItemSelector={"x.$": "$$.Map.Item.Value.missing"}, Catch=catch), [{"a": 1}])
    assert types(execution)[-2:] == ["MapRunFailed", "ExecutionFailed"]
    assert execution.error == "States.Runtime"
    assert (execution.cause or "").startswith("An error occurred while executing the state 'M'")


def test_more_results_than_an_output_holds_are_too_many(run: Run) -> None:
    execution = run(a_map(), ["x" * 2_000] * 120)
    assert execution.status == "SUCCEEDED"
    large = run(a_map({"Type": "Pass", "Result": "y" * 3_000, "End": True}), list(range(100)))
    assert large.error == "States.DataLimitExceeded"
    assert large.map_runs[0].status is MapRunStatus.SUCCEEDED


def test_a_result_writer_exports_files_and_a_manifest(run: Run, buckets: FolderBuckets, tmp_path: Path) -> None:
    state = a_map(TASK, ResultWriter=WRITER, ToleratedFailurePercentage=100, Label="Rows")
    execution = run(state, [1, 2], fail_odd, buckets=buckets)
    uuid = execution.map_runs[0].identity.uuid
    assert execution.output == {
        "MapRunArn": execution.map_runs[0].arn,
        "ResultWriterDetails": {"Bucket": "out", "Key": f"jobs/{uuid}/manifest.json"},
    }
    manifest = json.loads((tmp_path / "out" / "jobs" / uuid / "manifest.json").read_text())
    assert [len(manifest["ResultFiles"][kind]) for kind in ("FAILED", "PENDING", "SUCCEEDED")] == [1, 0, 1]
    failed = json.loads((tmp_path / "out" / manifest["ResultFiles"]["FAILED"][0]["Key"]).read_text())
    first = execution.children(execution.map_runs[0])[0]
    assert (failed[0]["ExecutionArn"], failed[0]["Error"], failed[0]["Input"]) == (first.arn, "Odd", "1")


def test_a_failed_run_exports_what_was_never_started(run: Run, buckets: FolderBuckets, tmp_path: Path) -> None:
    execution = run(a_map(TASK, ResultWriter=WRITER, MaxConcurrency=1), [1, 2, 3], fail_odd, buckets=buckets)
    assert execution.status == "FAILED"
    folder = tmp_path / "out" / "jobs" / execution.map_runs[0].identity.uuid
    pending = json.loads((folder / "PENDING_0.json").read_text())
    assert [entry["Input"] for entry in pending] == ["2", "3"]


def test_a_writer_without_its_bucket_fails_the_run(run: Run, buckets: FolderBuckets) -> None:
    writer = {**WRITER, "Parameters": {"Bucket": "nowhere"}}
    execution = run(a_map(ResultWriter=writer), [1], buckets=buckets)
    assert execution.error == "States.ResultWriterFailed"
    assert execution.map_runs[0].status is MapRunStatus.FAILED
    assert types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_a_map_within_a_map(run: Run) -> None:
    inner = a_map(TASK, ItemsPath="$.inner", ItemSelector={"n.$": "$$.Map.Item.Value"}, Label="Inner")
    outer = {**a_map(Label="Outer"), "ItemProcessor": {**processor(PASS), "StartAt": "Row", "States": {"Row": inner}}}
    execution = run(outer, [{"inner": [1, 2]}, {"inner": [3]}])
    assert execution.output == [[{"n": 1}, {"n": 2}], [{"n": 3}]]
    child = execution.children(execution.map_runs[0])[0]
    grandchild = child.children(child.map_runs[0])[0]
    assert grandchild.header.machine.name == "Machine/Outer/Inner"
    assert grandchild.root is execution


def test_children_do_not_see_the_variables_of_the_machine(make_execution: Any) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"limit": 1}, "Next": "M"},
        "M": a_map({"Type": "Pass", "Parameters": {"x.$": "$limit"}, "End": True}, MaxConcurrencyPath="$limit"),
    }
    execution = make_execution(states, [1]).run()
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert execution.map_runs[0].max_concurrency == 1


def test_stopping_aborts_the_run_and_its_children(make_execution: Any) -> None:
    execution = make_execution({"M": a_map({"Type": "Wait", "Seconds": 50, "End": True})}, [1, 2], TimeoutSeconds=10)
    execution.run()
    assert execution.status == "TIMED_OUT"
    assert execution.map_runs[0].status is MapRunStatus.ABORTED
    assert [child.status.value for child in execution.children(execution.map_runs[0])] == ["ABORTED", "ABORTED"]
    assert execution.map_runs[0].item_counts.aborted == 2
    assert execution.next_due_seconds is None


def test_a_failing_branch_aborts_the_map_run_beside_it(make_execution: Any) -> None:
    branches = [
        {"StartAt": "M", "States": {"M": a_map({"Type": "Wait", "Seconds": 50, "End": True})}},
        {
            "StartAt": "W",
            "States": {"W": {"Type": "Wait", "Seconds": 1, "Next": "F"}, "F": {"Type": "Fail", "Error": "E"}},
        },
    ]
    states = {"P": {"Type": "Parallel", "Branches": branches, "End": True}}
    execution = make_execution(states, [1, 2]).run()
    assert execution.error == "E"
    assert types(execution)[-4:] == ["MapRunAborted", "MapStateAborted", "ParallelStateFailed", "ExecutionFailed"]
    replayed = replay(execution.compiled, execution.header, execution.log)
    assert replayed.map_runs[0].describe() == execution.map_runs[0].describe()
    assert replayed.map_runs[0].item_counts.aborted == 2


def test_a_few_children_are_kept_of_many(run: Run) -> None:
    execution = run(a_map(TASK, ToleratedFailurePercentage=100, ResultPath=None), list(range(2_000)), fail_odd)
    assert execution.map_runs[0].item_counts.failed == 1_000
    kept = execution.children(execution.map_runs[0])
    assert [child.input for child in kept[:KEPT_FIRST]] == list(range(KEPT_FIRST))
    assert [child.input for child in kept[-KEPT_LAST:]] == list(range(2_000 - KEPT_LAST, 2_000))
    assert len(kept) <= KEPT_FIRST + KEPT_LAST + KEPT_FAILED
    assert sum(child.status == "FAILED" for child in kept) >= KEPT_FAILED


def test_the_log_of_a_run_of_any_length_has_one_entry_and_replays_the_same(run: Run, buckets: FolderBuckets) -> None:
    rows = "".join(f"{number}\n" for number in range(12_000))
    put_object(buckets, "data", "rows.csv", f"id\n{rows}".encode())
    execution = run(a_map(ItemReader=CSV_READER, ResultWriter=WRITER), buckets=buckets)
    assert execution.map_runs[0].item_counts.succeeded == 12_000
    assert len(execution.log) == 2
    assert execution._map_runs is not None
    assert execution._map_runs._drivers[1].log is None
    replayed = replay(execution.compiled, execution.header, execution.log)
    assert json.dumps(history_of(replayed.events)) == json.dumps(execution.history)
    assert replayed.map_runs[0].describe() == execution.map_runs[0].describe()


def test_limits_change_while_a_run_runs(make_execution: Any) -> None:
    execution = make_execution({"M": a_map({"Type": "Wait", "Seconds": 10, "End": True}, MaxConcurrency=1)}, [1, 2, 3])
    scheduler = execution._scheduler
    scheduler.schedule(1_000_005.0, lambda: execution.update_map_run(execution.map_runs[0], max_concurrency=3))
    execution.run()
    assert execution.ended_seconds == 1_000_015.0
    assert execution.map_runs[0].describe()["maxConcurrency"] == 3


def test_express_children_have_express_arns(run: Run) -> None:
    state = {**a_map(), "ItemProcessor": processor(PASS, "EXPRESS")}
    execution = run(state, [1])
    assert ":express:Machine/" in execution.children(execution.map_runs[0])[0].arn


def test_ctrl_c_in_a_function_aborts_the_execution_and_every_child(make_execution: Any) -> None:
    def interrupted(request: TaskRequest) -> TaskResult:
        if request.parameters == 2:
            raise KeyboardInterrupt
        return TaskResult(result=None, duration_seconds=5.0)

    execution = make_execution({"M": a_map(TASK)}, [1, 2, 3], interrupted)
    with pytest.raises(ExecutionAborted):
        execution.run()
    assert execution.status == "ABORTED"
    run_counts = execution.map_runs[0]
    assert run_counts.status is MapRunStatus.ABORTED
    assert {child.status.value for child in execution.children(run_counts)} == {"ABORTED"}
    assert execution.next_due_seconds is None
