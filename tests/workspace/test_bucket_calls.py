"""Tasks of ``aws-sdk:s3`` on the notebook's buckets: what they return, refuse and leave behind."""

from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.engine.buckets import put_object
from sfn_notebook.engine.execution import Execution
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.workspace import Workspace

BUCKET = "orders-bucket"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    buckets = FolderBuckets(tmp_path)
    buckets.create_bucket(BUCKET)
    return Workspace(registry=FunctionRegistry(), buckets=buckets)


def call(workspace: Workspace, action: str, **parameters: Any) -> Execution:
    resource = f"arn:aws:states:::aws-sdk:s3:{action}"
    state = {"Type": "Task", "Resource": resource, "Parameters": {"Bucket": BUCKET, **parameters}, "End": True}
    return workspace.define("M", {"StartAt": "A", "States": {"A": state}}).run({"n": 1})


def keys(execution: Execution) -> list[str]:
    return [each["Key"] for each in execution.output["Contents"]]


def test_an_object_is_written_as_json_and_read_as_text(workspace: Workspace, tmp_path: Path) -> None:
    written = call(workspace, "putObject", Key="in/a.json", Body={"total": 7})
    assert (tmp_path / BUCKET / "in" / "a.json").read_text(encoding="utf-8") == '{"total":7}'
    read = call(workspace, "getObject", Key="in/a.json")
    assert (read.output["Body"], read.output["ContentLength"]) == ('{"total":7}', 11)
    assert read.output["ETag"] == written.output["ETag"]


@pytest.mark.parametrize(("body", "stored"), [(False, "false"), (0, "0"), ([1, 2], "[1,2]"), ("text", '"text"')])
def test_every_body_is_written_as_json(workspace: Workspace, tmp_path: Path, body: Any, stored: str) -> None:
    call(workspace, "putObject", Key="k", Body=body)
    assert (tmp_path / BUCKET / "k").read_text(encoding="utf-8") == stored


@pytest.mark.parametrize(
    ("action", "parameters", "error"),
    [
        ("getObject", {"Key": "missing"}, "S3.NoSuchKeyException"),
        ("getObject", {"Key": "../secret"}, "S3.NoSuchKeyException"),
        ("getObject", {"Bucket": "no-such-bucket", "Key": "k"}, "S3.NoSuchBucketException"),
        ("putObject", {"Bucket": "OldName_With_Capitals", "Key": "k", "Body": 1}, "S3.NoSuchBucketException"),
        ("listObjectsV2", {"Bucket": "no-such-bucket"}, "S3.NoSuchBucketException"),
        ("listObjectsV2", {"ContinuationToken": "nonsense!"}, "S3.InvalidArgumentException"),
        ("getObject", {}, "States.Runtime"),
        ("headObject", {"Key": "missing"}, "S3.NoSuchKeyException"),
        ("copyObject", {"Key": "k", "CopySource": f"{BUCKET}/missing"}, "S3.NoSuchKeyException"),
        ("copyObject", {"Key": "k", "CopySource": "nonsense"}, "S3.InvalidArgumentException"),
        ("deleteObject", {"Bucket": "no-such-bucket", "Key": "k"}, "S3.NoSuchBucketException"),
    ],
)
def test_refusals_have_the_names_of_the_sdk(
    workspace: Workspace, action: str, parameters: dict[str, Any], error: str
) -> None:
    assert call(workspace, action, **parameters).error == error


def test_an_object_is_copied_described_and_deleted(workspace: Workspace, tmp_path: Path) -> None:
    call(workspace, "putObject", Key="in/a b.json", Body={"total": 7})
    copied = call(workspace, "copyObject", CopySource=f"/{BUCKET}/in/a%20b.json", Key="out/copy.json")
    described = call(workspace, "headObject", Key="out/copy.json")
    assert described.output["ContentLength"] == 11
    assert copied.output["CopyObjectResult"]["ETag"] == described.output["ETag"]
    assert "Body" not in described.output
    assert call(workspace, "deleteObject", Key="in/a b.json").output == {}
    assert keys(call(workspace, "listObjectsV2")) == ["out/copy.json"]
    assert [each.name for each in (tmp_path / BUCKET).iterdir()] == ["out"]


def test_to_delete_what_is_not_there_succeeds_as_in_s3(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("stays")
    for key in ("missing", "../secret"):
        assert call(workspace, "deleteObject", Key=key).output == {}
    assert (tmp_path / "secret").read_text() == "stays"
    assert (tmp_path / BUCKET).is_dir()


def test_a_refusal_is_caught_by_its_name(workspace: Workspace) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": BUCKET, "Key": "missing"},
        "Catch": [{"ErrorEquals": ["S3.NoSuchKeyException"], "Next": "B"}],
        "End": True,
    }
    states = {"A": state, "B": {"Type": "Pass", "Result": "none yet", "End": True}}
    assert workspace.define("M", {"StartAt": "A", "States": states}).run({}).output == "none yet"


def test_an_object_larger_than_a_payload_fails_the_task(workspace: Workspace) -> None:
    put_object(workspace.buckets, BUCKET, "big", b"x" * 300_000)
    execution = call(workspace, "getObject", Key="big")
    assert execution.error == "States.DataLimitExceeded"


def test_a_listing_comes_page_by_page(workspace: Workspace) -> None:
    for index in range(5):
        put_object(workspace.buckets, BUCKET, f"logs/{index}", b"x" * index)
    put_object(workspace.buckets, BUCKET, "other", b"")
    first = call(workspace, "listObjectsV2", Prefix="logs/", MaxKeys=3)
    assert (keys(first), first.output["KeyCount"], first.output["IsTruncated"]) == (
        ["logs/0", "logs/1", "logs/2"],
        3,
        True,
    )
    assert [each["Size"] for each in first.output["Contents"]] == [0, 1, 2]
    token = first.output["NextContinuationToken"]
    second = call(workspace, "listObjectsV2", Prefix="logs/", MaxKeys=3, ContinuationToken=token)
    assert (keys(second), second.output["IsTruncated"]) == (["logs/3", "logs/4"], False)
    assert "NextContinuationToken" not in second.output


def test_the_older_listing_goes_on_after_a_marker(workspace: Workspace) -> None:
    for key in "abc":
        put_object(workspace.buckets, BUCKET, key, b"")
    first = call(workspace, "listObjects", MaxKeys=2)
    assert (keys(first), first.output["NextMarker"]) == (["a", "b"], "b")
    assert keys(call(workspace, "listObjects", Marker="b")) == ["c"]


def test_a_delimiter_folds_keys_into_common_prefixes(workspace: Workspace) -> None:
    for key in ("a/1", "a/2", "b/1", "top"):
        put_object(workspace.buckets, BUCKET, key, b"")
    whole = call(workspace, "listObjectsV2", Delimiter="/")
    assert (keys(whole), whole.output["CommonPrefixes"]) == (["top"], [{"Prefix": "a/"}, {"Prefix": "b/"}])
    first = call(workspace, "listObjectsV2", Delimiter="/", MaxKeys=1)
    assert first.output["CommonPrefixes"] == [{"Prefix": "a/"}]
    token = first.output["NextContinuationToken"]
    rest = call(workspace, "listObjectsV2", Delimiter="/", ContinuationToken=token)
    assert (rest.output["CommonPrefixes"], keys(rest)) == ([{"Prefix": "b/"}], ["top"])
