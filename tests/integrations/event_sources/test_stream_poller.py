import base64
import json
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException
from tests.integrations.event_sources.conftest import ACCOUNT, Cloud

STREAM_ARN = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"
FAILED = f"arn:aws:sqs:us-east-1:{ACCOUNT}:failed"


class Reader:
    """A handler of clicks: notes when it got which, fails on those that are bad, or reports them."""

    def __init__(self, cloud: Cloud, *, bad: str = "", reports: bool = False) -> None:
        self._cloud = cloud
        self._bad = bad
        self._reports = reports
        self.calls: list[tuple[float, str]] = []
        self.events: list[dict[str, Any]] = []
        cloud.workspace.registry.lambda_function(name="read")(self)

    def __call__(self, event: dict[str, Any]) -> Any:
        self.events.append(event)
        clicks = [
            (base64.b64decode(each["kinesis"]["data"]).decode(), each["kinesis"]["sequenceNumber"])
            for each in event["Records"]
        ]
        self.calls.append((self._cloud.seconds, "".join(data for data, _ in clicks)))
        failed = [number for data, number in clicks if data in self._bad]
        if failed and not self._reports:
            raise ValueError("bad click")
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}


def _stream(cloud: Cloud) -> None:
    cloud.workspace.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)


def _click(cloud: Cloud, data: str) -> None:
    for each in data:
        cloud.workspace.client("kinesis").put_record(StreamName="clicks", Data=each.encode(), PartitionKey="p")


def _failures(cloud: Cloud, url: str) -> list[dict[str, Any]]:
    return [json.loads(body) for body in cloud.bodies(url)]


def test_a_kinesis_record_has_aws_s_fields(cloud: Cloud) -> None:
    reader = Reader(cloud)
    _stream(cloud)
    cloud.workspace.map_stream("clicks", "read")
    _click(cloud, "a")
    cloud.workspace.advance()
    assert reader.events == [
        {
            "Records": [
                {
                    "kinesis": {
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": "p",
                        "sequenceNumber": "1",
                        "data": "YQ==",
                        "approximateArrivalTimestamp": cloud.workspace.scheduler.now(),
                    },
                    "eventSource": "aws:kinesis",
                    "eventVersion": "1.0",
                    "eventID": "shardId-000000000000:1",
                    "eventName": "aws:kinesis:record",
                    "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/lambda-role",
                    "awsRegion": "us-east-1",
                    "eventSourceARN": STREAM_ARN,
                }
            ]
        }
    ]


def test_each_record_is_read_once_from_the_starting_position(cloud: Cloud) -> None:
    reader = Reader(cloud)
    _stream(cloud)
    _click(cloud, "a")
    mapping = cloud.workspace.map_stream(STREAM_ARN, "read", starting_position="LATEST")
    _click(cloud, "bc")
    cloud.workspace.advance()
    _click(cloud, "d")
    cloud.workspace.advance()
    assert [data for _, data in reader.calls] == ["bc", "d"]
    assert mapping.checkpoints == {"shardId-000000000000": "4"}


def test_a_failed_batch_blocks_its_shard_until_it_is_given_up(cloud: Cloud) -> None:
    reader = Reader(cloud, bad="x")
    _stream(cloud)
    failed = cloud.queue("failed")
    cloud.workspace.map_stream("clicks", "read", batch_size=2, maximum_retry_attempts=2, on_failure=FAILED)
    _click(cloud, "axb")
    cloud.workspace.advance()
    assert reader.calls == [(0.0, "ax"), (1.0, "ax"), (3.0, "ax"), (3.0, "b")]
    (record,) = _failures(cloud, failed)
    assert list(record) == ["requestContext", "responseContext", "version", "timestamp", "KinesisBatchInfo"]
    assert record["requestContext"] | {"requestId": ""} == {
        "requestId": "",
        "functionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:read",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 3,
    }
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["KinesisBatchInfo"] == {
        "shardId": "shardId-000000000000",
        "startSequenceNumber": "1",
        "endSequenceNumber": "2",
        "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00.000Z",
        "approximateArrivalOfLastRecord": "2026-01-01T00:00:00.000Z",
        "batchSize": 2,
        "streamArn": STREAM_ARN,
    }


def test_halves_are_tried_before_the_rest_and_do_not_count_as_retries(cloud: Cloud) -> None:
    reader = Reader(cloud, bad="x")
    _stream(cloud)
    failed = cloud.queue("failed")
    cloud.workspace.map_stream("clicks", "read", maximum_retry_attempts=0, bisect_on_error=True, on_failure=FAILED)
    _click(cloud, "abxc")
    cloud.workspace.advance()
    assert [data for _, data in reader.calls] == ["abxc", "ab", "xc", "x", "c"]
    assert [record["KinesisBatchInfo"]["startSequenceNumber"] for record in _failures(cloud, failed)] == ["3"]


def test_the_first_failed_record_is_where_the_next_attempt_begins(cloud: Cloud) -> None:
    reader = Reader(cloud, bad="x", reports=True)
    _stream(cloud)
    failed = cloud.queue("failed")
    cloud.workspace.map_stream(
        "clicks", "read", maximum_retry_attempts=1, report_batch_item_failures=True, on_failure=FAILED
    )
    _click(cloud, "abxc")
    cloud.workspace.advance()
    assert [data for _, data in reader.calls] == ["abxc", "xc"]
    (record,) = _failures(cloud, failed)
    assert record["responseContext"]["functionError"] is None
    assert record["KinesisBatchInfo"]["batchSize"] == 2


def test_records_that_grew_too_old_are_given_up_without_a_response(cloud: Cloud) -> None:
    reader = Reader(cloud, bad="x")
    _stream(cloud)
    failed = cloud.queue("failed")
    cloud.workspace.map_stream("clicks", "read", maximum_record_age=60, on_failure=FAILED)
    _click(cloud, "x")
    cloud.workspace.advance()
    assert [at for at, _ in reader.calls] == [0.0, 1.0, 3.0, 7.0, 15.0, 31.0]
    (record,) = _failures(cloud, failed)
    assert record["requestContext"]["condition"] == "RecordAgeExceeded"
    assert record["requestContext"]["approximateInvokeCount"] == 6
    assert "responseContext" not in record


def test_a_bucket_also_gets_the_records(cloud: Cloud, tmp_path: Any) -> None:
    from sfn_notebook.integrations.buckets import FolderBuckets

    buckets = FolderBuckets(tmp_path)
    buckets.create_bucket("failed-clicks")
    cloud.workspace.buckets = buckets
    Reader(cloud, bad="x")
    _stream(cloud)
    mapping = cloud.workspace.map_stream(
        "clicks", "read", maximum_retry_attempts=0, on_failure="arn:aws:s3:::failed-clicks"
    )
    _click(cloud, "x")
    cloud.workspace.advance()
    (summary,) = buckets.list("failed-clicks")
    assert summary.key.startswith(f"aws/lambda/{mapping.uuid}/shardId-000000000000/2026/01/01/")
    with buckets.open("failed-clicks", summary.key) as stream:
        record = json.load(stream)
    assert json.loads(record["payload"])["Records"][0]["kinesis"]["data"] == "eA=="


def test_retries_without_end_do_not_make_time_pass(cloud: Cloud) -> None:
    reader = Reader(cloud, bad="x")
    _stream(cloud)
    cloud.workspace.map_stream("clicks", "read")
    _click(cloud, "x")
    cloud.workspace.advance()
    assert len(reader.calls) == 1
    cloud.workspace.advance(8)
    assert [at for at, _ in reader.calls] == [0.0, 1.0, 3.0, 7.0]


def test_a_window_waits_for_more_records(cloud: Cloud) -> None:
    reader = Reader(cloud)
    _stream(cloud)
    cloud.workspace.map_stream("clicks", "read", window=10)
    _click(cloud, "a")
    cloud.workspace.advance(4)
    _click(cloud, "b")
    cloud.workspace.advance()
    assert reader.calls == [(10.0, "ab")]


def test_a_filter_looks_into_the_data(cloud: Cloud) -> None:
    seen: list[Any] = []
    cloud.workspace.registry.lambda_function(name="read")(lambda event: seen.extend(event["Records"]))
    _stream(cloud)
    cloud.workspace.map_stream("clicks", "read", filters=[{"data": {"page": ["home"]}}])
    for page in ("home", "cart"):
        data = json.dumps({"page": page}).encode()
        cloud.workspace.client("kinesis").put_record(StreamName="clicks", Data=data, PartitionKey="p")
    cloud.workspace.advance()
    assert [each["kinesis"]["sequenceNumber"] for each in seen] == ["1"]


def test_a_table_s_changes_reach_the_function(cloud: Cloud) -> None:
    events: list[dict[str, Any]] = []
    cloud.workspace.registry.lambda_function(name="audit")(lambda event: events.extend(event["Records"]))
    tables = cloud.workspace.client("dynamodb")
    tables.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    cloud.workspace.map_stream("table/orders", "audit")
    tables.put_item(TableName="orders", Item={"id": {"S": "7"}, "total": {"N": "5"}})
    tables.put_item(TableName="orders", Item={"id": {"S": "7"}, "total": {"N": "6"}})
    tables.delete_item(TableName="orders", Key={"id": {"S": "7"}})
    cloud.workspace.advance()
    assert [event["eventName"] for event in events] == ["INSERT", "MODIFY", "REMOVE"]
    modified = events[1]
    assert list(modified) == [
        *("eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN")
    ]
    assert (modified["eventVersion"], modified["eventSource"]) == ("1.1", "aws:dynamodb")
    change = modified["dynamodb"]
    assert change["Keys"] == {"id": {"S": "7"}}
    assert change["OldImage"] == {"id": {"S": "7"}, "total": {"N": "5"}}
    assert change["NewImage"] == {"id": {"S": "7"}, "total": {"N": "6"}}
    assert change["ApproximateCreationDateTime"] == int(cloud.workspace.scheduler.now())
    assert {"SequenceNumber", "StreamViewType"} <= set(change)
    assert change["SizeBytes"] == len("id7" + "id7total") + 2 + len("id7total") + 2
    stream_arn = tables.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    assert stream_arn == f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders/stream/2026-01-01T00:00:00.000"
    assert {event["eventSourceARN"] for event in events} == {stream_arn}


def test_what_cannot_be_done_is_refused(cloud: Cloud) -> None:
    Reader(cloud)
    with pytest.raises(InvalidInput, match="no Kinesis stream 'clicks'"):
        cloud.workspace.map_stream("clicks", "read")
    with pytest.raises(InvalidInput, match="no DynamoDB table 'orders'"):
        cloud.workspace.map_stream("table/orders", "read")
    with pytest.raises(InvalidParameterValueException, match="MaximumRecordAgeInSeconds cannot be 59"):
        cloud.workspace.map_stream("clicks", "read", maximum_record_age=59)
    with pytest.raises(InvalidParameterValueException, match="on-failure destination"):
        cloud.workspace.map_stream("clicks", "read", on_failure="arn:aws:lambda:us-east-1:1:function:x")


def test_an_interrupted_batch_is_tried_again_and_the_shard_goes_on(cloud: Cloud) -> None:
    calls: list[float] = []

    def handle(_event: Any) -> None:
        calls.append(cloud.seconds)
        if len(calls) == 1:
            raise KeyboardInterrupt

    cloud.workspace.registry.lambda_function(name="read")(handle)
    _stream(cloud)
    cloud.workspace.map_stream("clicks", "read", batch_size=1, maximum_retry_attempts=2)
    _click(cloud, "ab")
    with pytest.raises(KeyboardInterrupt):
        cloud.workspace.advance()
    cloud.workspace.advance()
    assert calls == [0.0, 1.0, 1.0]
