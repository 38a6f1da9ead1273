"""Destinations of streams as a table: condition x target x stream, every record field by field, and what has none."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.lambda_context import LambdaContext
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.workspace import Workspace

pytest.importorskip("moto.server", reason="streams need boto3 and moto")

_BASE = "us-east-1:123456789012"
TARGETS = {
    "sqs": f"arn:aws:sqs:{_BASE}:direct",
    "sns": f"arn:aws:sns:{_BASE}:results",
    "s3": "arn:aws:s3:::results",
}
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class Stream:
    """A stream with three records, and the function that gets them."""

    def __init__(self, folder: Any, kind: str) -> None:
        self.workspace = Workspace(registry=FunctionRegistry(), buckets=FolderBuckets(folder))
        self.kind = kind
        self.calls: list[tuple[str, list[Any]]] = []
        for name in ("direct", "of-the-topic"):
            self.client("sqs").create_queue(QueueName=name)
        topic = self.client("sns").create_topic(Name="results")["TopicArn"]
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{_BASE}:of-the-topic")
        self.client("s3").create_bucket(Bucket="results")
        if kind == "kinesis":
            self.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
            self.arn, self.info = f"arn:aws:kinesis:{_BASE}:stream/clicks", "KinesisBatchInfo"
        else:
            table = self.client("dynamodb").create_table(
                TableName="clicks",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            )["TableDescription"]
            self.arn, self.info = table["LatestStreamArn"], "DDBStreamBatchInfo"

    def client(self, service: str) -> Any:
        return self.workspace.client(service)

    def write(self) -> None:
        for number in "123":
            if self.kind == "kinesis":
                self.client("kinesis").put_record(StreamName="clicks", Data=number.encode(), PartitionKey="p")
            else:
                self.client("dynamodb").put_item(TableName="clicks", Item={"id": {"S": number}})

    def map(self, answer: Any, **settings: Any) -> Any:
        """Let ``work`` have the records; it raises where ``answer`` is an exception."""

        def work(event: Any, context: LambdaContext) -> Any:
            self.calls.append((context.aws_request_id, event["Records"]))
            if isinstance(answer, Exception):
                raise answer
            return answer(event["Records"])

        define = self.workspace.registry.lambda_function(on_success=TARGETS["sqs"], on_failure=TARGETS["sns"])
        define(work)
        stream = "clicks" if self.kind == "kinesis" else "table/clicks"
        return self.workspace.map_stream(stream, "work", **settings)

    def number(self, record: Any) -> str:
        found = record["kinesis"]["sequenceNumber"] if self.kind == "kinesis" else record["dynamodb"]["SequenceNumber"]
        return str(found)

    @property
    def shard_id(self) -> str:
        if self.kind == "kinesis":
            return str(self.client("kinesis").list_shards(StreamName="clicks")["Shards"][0]["ShardId"])
        described = self.client("dynamodbstreams").describe_stream(StreamArn=self.arn)
        return str(described["StreamDescription"]["Shards"][0]["ShardId"])

    def received(self) -> dict[str, list[Any]]:
        return {
            "sqs": [json.loads(each["Body"]) for each in self._messages("direct")],
            "sns": [json.loads(json.loads(each["Body"])["Message"]) for each in self._messages("of-the-topic")],
            "s3": [json.load(self._object(key)) for key in self.keys],
        }

    @property
    def keys(self) -> list[str]:
        found = self.client("s3").list_objects_v2(Bucket="results").get("Contents", ())
        return [each["Key"] for each in found]

    def _object(self, key: str) -> Any:
        return self.client("s3").get_object(Bucket="results", Key=key)["Body"]

    def _messages(self, queue: str) -> list[Any]:
        url = self.client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
        return list(self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()))


@pytest.fixture
def stream(tmp_path: Any, request: pytest.FixtureRequest) -> Iterator[Stream]:
    made = Stream(tmp_path, request.param)
    yield made
    made.workspace.aws.connection.stop()


def _expected(stream: Stream, told: JSONObject, response: JSONObject, records: list[Any], timestamp: str) -> JSONObject:
    """A record after the recorded ones; the records arrived when modelled time began."""
    return {
        "requestContext": {"functionArn": f"arn:aws:lambda:{_BASE}:function:work", **told},
        **response,
        "version": "1.0",
        "timestamp": timestamp,
        stream.info: {
            "shardId": stream.shard_id,
            "startSequenceNumber": stream.number(records[0]),
            "endSequenceNumber": stream.number(records[-1]),
            "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00.000Z",
            "approximateArrivalOfLastRecord": "2026-01-01T00:00:00.000Z",
            "batchSize": len(records),
            "streamArn": stream.arn,
        },
    }


FAILED = {"responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}}
PARTLY = {"responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}}


def _check(stream: Stream, target: str, expected: JSONObject, records: list[Any]) -> None:
    arrived = stream.received()
    assert {service for service, found in arrived.items() if found} == {target}
    (record,) = arrived[target]
    if target == "s3":
        assert list(record)[-1] == "payload"
        assert json.loads(record.pop("payload")) == {"Records": records}
        day, second = "2026/01/01", expected["timestamp"][:19].replace(":", ".")
        pattern = f"aws/lambda/{_UUID}/{re.escape(stream.shard_id)}/{day}/{re.escape(second)}-{_UUID}"
        assert re.fullmatch(pattern, stream.keys[0])
    assert record == expected
    assert list(record) == list(expected)
    assert list(record["requestContext"]) == ["requestId", "functionArn", "condition", "approximateInvokeCount"]
    assert list(record[stream.info]) == list(expected[stream.info])


KINDS = ["kinesis", "dynamodb"]
TABLE = pytest.mark.parametrize(
    ("stream", "target"), [(kind, target) for kind in KINDS for target in TARGETS], indirect=["stream"]
)


@TABLE
@pytest.mark.parametrize(("retries", "timestamp"), [(0, "00:00.000"), (2, "00:03.000")])
def test_retries_are_exhausted(stream: Stream, target: str, retries: int, timestamp: str) -> None:
    stream.write()
    stream.map(ValueError("no"), maximum_retry_attempts=retries, on_failure=TARGETS[target])
    stream.workspace.advance()
    request_id, records = stream.calls[-1]
    told = {"requestId": request_id, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": retries + 1}
    assert len(stream.calls) == retries + 1
    _check(stream, target, _expected(stream, told, FAILED, records, f"2026-01-01T00:{timestamp}Z"), records)


@TABLE
def test_retries_are_exhausted_by_partial_answers(stream: Stream, target: str) -> None:
    def all_but_the_first(records: list[Any]) -> Any:
        return {"batchItemFailures": [{"itemIdentifier": stream.number(each)} for each in records[-2:]]}

    stream.write()
    stream.map(all_but_the_first, maximum_retry_attempts=0, report_batch_item_failures=True, on_failure=TARGETS[target])
    stream.workspace.advance()
    ((request_id, records),) = stream.calls
    told = {"requestId": request_id, "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 1}
    _check(stream, target, _expected(stream, told, PARTLY, records[1:], "2026-01-01T00:00:00.000Z"), records[1:])


@TABLE
def test_records_grow_too_old(stream: Stream, target: str) -> None:
    stream.write()
    stream.map(ValueError("no"), maximum_record_age=60, on_failure=TARGETS[target])
    stream.workspace.advance()
    (record,) = stream.received()[target]
    for message in ("direct", "of-the-topic"):
        # What was looked at is there again for the comparison.
        url = stream.client("sqs").get_queue_url(QueueName=message)["QueueUrl"]
        stream.client("sqs").purge_queue(QueueUrl=url)
    assert re.fullmatch(_UUID, record["requestContext"]["requestId"])
    assert "responseContext" not in record
    records = stream.calls[-1][1]
    told = {
        "requestId": record["requestContext"]["requestId"],
        "condition": "RecordAgeExceeded",
        "approximateInvokeCount": len(stream.calls),
    }
    expected = _expected(stream, told, {}, records, record["timestamp"])
    # Looked at before each attempt: after 1, 2, 4, ... seconds the first one past a minute.
    assert record["timestamp"] == "2026-01-01T00:01:03.000Z"
    payload = record.pop("payload", None)
    assert (payload is None) is (target != "s3")
    assert record == expected
    assert list(record) == list(expected)


@TABLE
def test_success_has_no_record_neither_of_the_mapping_nor_of_the_function(stream: Stream, target: str) -> None:
    stream.write()
    stream.map(lambda _records: None, on_failure=TARGETS[target])
    stream.workspace.advance()
    assert len(stream.calls) == 1
    assert not any(stream.received().values())


@pytest.mark.parametrize("stream", KINDS, indirect=True)
def test_without_a_destination_of_the_mapping_failures_reach_no_destination_of_the_function(stream: Stream) -> None:
    stream.write()
    stream.map(ValueError("no"), maximum_retry_attempts=1)
    stream.workspace.advance()
    assert len(stream.calls) == 2
    assert not any(stream.received().values())


@pytest.mark.parametrize("stream", ["kinesis"], indirect=True)
@pytest.mark.parametrize(
    "target",
    [
        f"arn:aws:lambda:{_BASE}:function:audit",
        f"arn:aws:events:{_BASE}:event-bus/default",
        f"arn:aws:sqs:{_BASE}:orders.fifo",
        f"arn:aws:sns:{_BASE}:orders.fifo",
    ],
)
def test_a_target_that_streams_do_not_support_is_refused(stream: Stream, target: str) -> None:
    with pytest.raises(InvalidParameterValueException, match=re.escape(target)):
        stream.map(ValueError("no"), on_failure=target)


@pytest.mark.parametrize("stream", ["kinesis"], indirect=True)
def test_a_stream_has_no_destination_for_success(stream: Stream) -> None:
    with pytest.raises(TypeError, match="on_success"):
        stream.map(ValueError("no"), on_success=TARGETS["sqs"])
