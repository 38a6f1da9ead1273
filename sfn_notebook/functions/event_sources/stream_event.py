"""The records that Lambda makes of Kinesis and DynamoDB streams, and what it tells of batches given up; it reads none.

Source: recorded event source mappings; Lambda developer guide, "Using Lambda with Kinesis" and "with DynamoDB".
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.functions.event_sources.attribute_sizes import item_bytes
from sfn_notebook.runtime.ids import Account

_ROLE: Final = "lambda-role"


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamRecord:
    """A record of a shard: ``event`` is its form in an event. ``arrived_seconds`` is modelled."""

    shard_id: str
    sequence_number: str
    arrived_seconds: float
    event: JSONObject

    def lane(self, count: int) -> int:
        """In which of ``count`` lanes it is read, from 0: one partition key, or one item, is always in the same."""
        if count == 1:
            return 0
        key = self.event["kinesis"]["partitionKey"] if "kinesis" in self.event else self.event["dynamodb"]["Keys"]
        digest = hashlib.md5(_json.dump(key).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
        return int(digest, 16) % count


class BatchCondition(StrEnum):
    """Why a batch was given up."""

    RETRY_ATTEMPTS_EXHAUSTED = "RetryAttemptsExhausted"
    RECORD_AGE_EXCEEDED = "RecordAgeExceeded"


@dataclass(frozen=True, kw_only=True, slots=True)
class LastResponse:
    """What the last attempt answered; ``function_error`` is ``None`` where the function named failed records."""

    status_code: int
    executed_version: str
    function_error: str | None


def kinesis_record(
    record: Mapping[str, JSONValue], *, shard_id: str, stream_arn: str, arrived_seconds: float, account: Account
) -> StreamRecord:
    """A record as GetRecords of Kinesis returns it."""
    number = str(record["SequenceNumber"])
    event: JSONObject = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": number,
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": round(arrived_seconds, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": account.role_arn(_ROLE),
        "awsRegion": stream_arn.split(":")[3],
        "eventSourceARN": stream_arn,
    }
    return StreamRecord(shard_id=shard_id, sequence_number=number, arrived_seconds=arrived_seconds, event=event)


_IMAGES: Final = ("Keys", "NewImage", "OldImage")


def dynamodb_record(
    record: Mapping[str, JSONValue], *, shard_id: str, stream_arn: str, arrived_seconds: float
) -> StreamRecord:
    """A record as GetRecords of DynamoDB Streams returns it."""
    change = record["dynamodb"]
    number = str(change["SequenceNumber"])
    images = {name: _plain(change[name]) for name in _IMAGES if name in change}
    event: JSONObject = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": stream_arn.split(":")[3],
        "dynamodb": {
            "ApproximateCreationDateTime": int(arrived_seconds),
            **images,
            "SequenceNumber": number,
            # moto counts the text of its own record, in which its own clock stands.
            "SizeBytes": sum(map(item_bytes, images.values())),
            "StreamViewType": change["StreamViewType"],
        },
        "eventSourceARN": stream_arn,
    }
    return StreamRecord(shard_id=shard_id, sequence_number=number, arrived_seconds=arrived_seconds, event=event)


def _plain(value: JSONValue) -> JSONValue:
    """Attribute values as JSON: the SDK has read what is binary."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def batch_failure_record(
    records: Sequence[StreamRecord],
    *,
    info_name: str,
    stream_arn: str,
    request_id: str,
    function_arn: str,
    condition: BatchCondition,
    invoke_count: int,
    response: LastResponse | None,
    now_seconds: float,
    with_payload: bool = False,
) -> JSONObject:
    """What an on-failure destination gets for a batch, keys in Lambda's order.

    Args:
        records: The records that were given up, at least one.
        info_name: ``KinesisBatchInfo`` or ``DDBStreamBatchInfo``.
        stream_arn: The stream.
        request_id: Of the last invocation.
        function_arn: As the mapping has it, without a version.
        condition: Why.
        invoke_count: How often the function was called for them.
        response: What it answered last; not told of records that grew too old.
        now_seconds: When they were given up.
        with_payload: Whether the records themselves are told: to a bucket only.
    """
    first, last = records[0], records[-1]
    told: JSONObject = {
        "requestContext": {
            "requestId": request_id,
            "functionArn": function_arn,
            "condition": str(condition),
            "approximateInvokeCount": invoke_count,
        }
    }
    if response is not None and condition is BatchCondition.RETRY_ATTEMPTS_EXHAUSTED:
        told["responseContext"] = {
            "statusCode": response.status_code,
            "executedVersion": response.executed_version,
            "functionError": response.function_error,
        }
    told |= {
        "version": "1.0",
        "timestamp": format_timestamp(now_seconds),
        info_name: {
            "shardId": first.shard_id,
            "startSequenceNumber": first.sequence_number,
            "endSequenceNumber": last.sequence_number,
            "approximateArrivalOfFirstRecord": format_timestamp(first.arrived_seconds),
            "approximateArrivalOfLastRecord": format_timestamp(last.arrived_seconds),
            "batchSize": len(records),
            "streamArn": stream_arn,
        },
    }
    if with_payload:
        told["payload"] = _json.dump({"Records": [each.event for each in records]})
    return told
