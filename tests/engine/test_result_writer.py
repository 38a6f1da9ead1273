import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine.result_writer import (
    PUT_OBJECT,
    ChildResult,
    ExportedResults,
    ResultSink,
    StateResult,
    Transformation,
    result_sink,
    writer_config,
)
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.integrations.buckets import FolderBuckets

RUN_ARN = "arn:aws:states:us-east-1:123456789012:mapRun:Orders/Each:0bb8a402"
TARGET = {"Bucket": "out", "Prefix": "jobs"}


@pytest.fixture
def buckets(tmp_path: Path) -> FolderBuckets:
    made = FolderBuckets(tmp_path / "buckets")
    made.create_bucket("out")
    return made


def _sink(
    buckets: FolderBuckets, target: JSONValue = None, *, max_file_bytes: int | None = None, **config: Any
) -> ResultSink:
    settings = writer_config(PUT_OBJECT, TARGET if target is None else target, config)
    limits = {} if max_file_bytes is None else {"max_file_bytes": max_file_bytes}
    return ExportedResults(buckets, settings, map_run_arn=RUN_ARN, map_run_uuid="0bb8a402", **limits)


def _child(
    output: JSONValue = None, status: ExecutionStatus | None = ExecutionStatus.SUCCEEDED, **more: Any
) -> ChildResult:
    return ChildResult(
        input={"n": 1},
        status=status,
        output=output,
        execution_arn="arn:child",
        machine_arn="arn:machine",
        name="child",
        started_seconds=1767225600.099,
        stopped_seconds=1767225601.0,
        **more,
    )


def _files(buckets: FolderBuckets) -> dict[str, str]:
    return {each.key: (buckets.root / "out" / each.key).read_text() for each in buckets.list("out")}


def test_an_export_gives_the_place_of_its_manifest(buckets: FolderBuckets) -> None:
    sink = _sink(buckets)
    sink.add(0, _child("Hello"))
    assert sink.finish() == {
        "MapRunArn": RUN_ARN,
        "ResultWriterDetails": {"Bucket": "out", "Key": "jobs/0bb8a402/manifest.json"},
    }
    files = _files(buckets)
    content = files["jobs/0bb8a402/SUCCEEDED_0.json"]
    assert json.loads(files["jobs/0bb8a402/manifest.json"]) == {
        "DestinationBucket": "out",
        "MapRunArn": RUN_ARN,
        "ResultFiles": {
            "FAILED": [],
            "PENDING": [],
            "SUCCEEDED": [{"Key": "jobs/0bb8a402/SUCCEEDED_0.json", "Size": len(content)}],
        },
    }


def test_a_record_tells_all_about_a_child(buckets: FolderBuckets) -> None:
    sink = _sink(buckets)
    sink.add(0, _child([{"id": 1}]))
    sink.finish()
    (record,) = json.loads(_files(buckets)["jobs/0bb8a402/SUCCEEDED_0.json"])
    assert record == {
        "ExecutionArn": "arn:child",
        "Input": '{"n":1}',
        "InputDetails": {"Included": True},
        "Name": "child",
        "Output": '[{"id":1}]',
        "OutputDetails": {"Included": True},
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "StartDate": "2026-01-01T00:00:00.099Z",
        "StateMachineArn": "arn:machine",
        "Status": "SUCCEEDED",
        "StopDate": "2026-01-01T00:00:01.000Z",
    }
    assert list(record) == sorted(record)


def test_each_end_has_its_own_files(buckets: FolderBuckets) -> None:
    sink = _sink(buckets, Transformation="COMPACT")
    sink.add(0, _child("good"))
    sink.add(1, _child(status=ExecutionStatus.FAILED, error="Boom", cause="It broke."))
    sink.add(2, _child(status=ExecutionStatus.TIMED_OUT, error="States.Timeout"))
    sink.add(3, ChildResult(input=[7]))
    sink.finish()
    files = _files(buckets)
    assert files["jobs/0bb8a402/SUCCEEDED_0.json"] == '["good"]'
    failed = json.loads(files["jobs/0bb8a402/FAILED_0.json"])
    assert [each["Status"] for each in failed] == ["FAILED", "TIMED_OUT"]
    assert (failed[0]["Error"], failed[0]["Cause"]) == ("Boom", "It broke.")
    assert "Output" not in failed[0]
    assert "Cause" not in failed[1]
    (pending,) = json.loads(files["jobs/0bb8a402/PENDING_0.json"])
    assert pending == {"Input": "[7]", "InputDetails": {"Included": True}, "Status": "PENDING"}


@pytest.mark.parametrize(
    ("transformation", "expected"),
    [("COMPACT", [[1, 2], 3, []]), ("FLATTEN", [1, 2, 3])],
)
def test_outputs_are_shown_alone_or_flattened(
    buckets: FolderBuckets, transformation: str, expected: list[JSONValue]
) -> None:
    sink = _sink(buckets, Transformation=transformation)
    for index, output in enumerate([[1, 2], 3, []]):
        sink.add(index, _child(output))
    sink.finish()
    assert json.loads(_files(buckets)["jobs/0bb8a402/SUCCEEDED_0.json"]) == expected


def test_json_lines_have_one_result_each_and_the_same_names(buckets: FolderBuckets) -> None:
    sink = _sink(buckets, Transformation="COMPACT", OutputType="JSONL")
    sink.add(0, _child({"id": "é"}))
    sink.add(1, _child([2]))
    sink.finish()
    assert _files(buckets)["jobs/0bb8a402/SUCCEEDED_0.json"] == '{"id":"é"}\n[2]\n'


def test_a_full_file_is_followed_by_the_next(buckets: FolderBuckets) -> None:
    sink = _sink(buckets, max_file_bytes=20, Transformation="COMPACT")
    for index in range(5):
        sink.add(index, _child("x" * 6))
    sink.finish()
    files = _files(buckets)
    parts = [files[f"jobs/0bb8a402/SUCCEEDED_{number}.json"] for number in range(3)]
    assert [json.loads(part) for part in parts] == [["x" * 6] * 2, ["x" * 6] * 2, ["x" * 6]]
    assert all(len(part) <= 20 for part in parts)
    listed = json.loads(files["jobs/0bb8a402/manifest.json"])["ResultFiles"]["SUCCEEDED"]
    assert [entry["Size"] for entry in listed] == [len(part) for part in parts]


@pytest.mark.parametrize(
    ("prefix", "key"),
    [(None, "0bb8a402/manifest.json"), ("", "0bb8a402/manifest.json"), ("/a/", "/a//0bb8a402/manifest.json")],
)
def test_a_prefix_is_taken_as_it_is(buckets: FolderBuckets, prefix: str | None, key: str) -> None:
    target = {"Bucket": "out"} if prefix is None else {"Bucket": "out", "Prefix": prefix}
    details = _sink(buckets, target).finish()["ResultWriterDetails"]
    assert details == {"Bucket": "out", "Key": key}
    buckets.open("out", key).close()


def test_a_missing_bucket_fails_the_writer(buckets: FolderBuckets) -> None:
    sink = _sink(buckets, {"Bucket": "other"})
    with pytest.raises(EvaluationError, match="The specified bucket does not exist") as raised:
        sink.add(0, _child())
    assert (raised.value.error, raised.value.prefixed) == ("States.ResultWriterFailed", False)
    with pytest.raises(EvaluationError, match="The specified bucket does not exist"):
        sink.finish()


def test_what_is_discarded_is_not_seen(buckets: FolderBuckets) -> None:
    sink = _sink(buckets)
    sink.add(0, _child())
    sink.discard()
    assert _files(buckets) == {}


@pytest.mark.parametrize(
    ("resource", "target", "config", "expected"),
    [
        ("arn:aws:states:::s3:getObject", TARGET, {}, "is not supported"),
        (PUT_OBJECT, {}, {}, "needs a Bucket"),
        (PUT_OBJECT, {"Bucket": "out", "Prefix": 5}, {}, "Prefix"),
        (None, None, {"Transformation": "SQUEEZE"}, "SQUEEZE"),
        (None, None, {"OutputType": "XML"}, "XML"),
    ],
)
def test_what_is_wrong_with_a_writer_is_said(
    resource: str | None, target: JSONValue, config: JSONValue, expected: str
) -> None:
    with pytest.raises(EvaluationError, match=expected) as raised:
        writer_config(resource, target, config)
    assert raised.value.error == "States.ResultWriterFailed"


def test_defaults_are_the_record_in_a_bucket_and_the_output_in_the_state(buckets: FolderBuckets) -> None:
    exported, returned = writer_config(PUT_OBJECT, TARGET), writer_config(None, None)
    assert (exported.transformation, returned.transformation) == (Transformation.NONE, Transformation.COMPACT)
    names = {"state_name": "Each", "map_run_arn": RUN_ARN, "map_run_uuid": "u"}
    assert isinstance(result_sink(exported, buckets=buckets, **names), ExportedResults)
    assert isinstance(result_sink(returned, buckets=buckets, **names), StateResult)


def test_a_state_result_is_in_the_order_of_the_items() -> None:
    sink = StateResult(state_name="Each")
    sink.add(1, _child("b"))
    sink.add(0, _child(["a"]))
    assert sink.finish() == [["a"], "b"]


def test_a_tolerated_failure_stands_in_the_state_result_as_its_record() -> None:
    sink = StateResult(state_name="Each", transformation=Transformation.FLATTEN)
    sink.add(0, _child([1, 2]))
    sink.add(1, _child(status=ExecutionStatus.FAILED, error="Boom"))
    first, second, failed = sink.finish()
    assert (first, second, failed["Error"], failed["Status"]) == (1, 2, "Boom", "FAILED")


def test_a_state_result_beyond_the_limit_fails_and_keeps_nothing() -> None:
    sink = StateResult(state_name="Each")
    tracemalloc.start()
    for index in range(5_000):
        sink.add(index, _child("x" * 1_000))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 2 * 1024 * 1024
    with pytest.raises(EvaluationError) as raised:
        sink.finish()
    assert raised.value.error == "States.DataLimitExceeded"
    assert raised.value.detail.startswith("The state/task 'Each' returned a result with a size exceeding")


def test_a_state_result_may_be_as_long_as_a_payload() -> None:
    exact, beyond = StateResult(state_name="Each"), StateResult(state_name="Each")
    for index in range(26_214):
        exact.add(index, _child("x" * 7))
        beyond.add(index, _child("x" * 7))
    beyond.add(26_214, _child(0))
    assert len(json.dumps(exact.finish(), separators=(",", ":"))) == 262_141
    assert len(beyond.finish()) == 26_215
    beyond.add(26_215, _child(0))
    with pytest.raises(EvaluationError):
        beyond.finish()
