"""Reads new records of a Kinesis stream or of a DynamoDB table's stream, shard by shard; it calls no function."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.event_sources.stream_event import StreamRecord, dynamodb_record, kinesis_record
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT

_TABLE: Final = "table/"
_DAY_SECONDS: Final = 86_400


class StreamReader(Protocol):
    """A stream, read from where this reader has come to.

    ``written_by`` is the client whose calls add records, ``info_name`` what a failure record calls a batch,
    ``retention_seconds`` how long records last.
    """

    arn: str
    written_by: str
    info_name: str
    retention_seconds: int

    def read(self, now_seconds: float) -> Iterator[StreamRecord]:
        """All records that are new; ``now_seconds`` is taken for the time of their arrival."""


def stream_reader(client_of: Callable[[str], Any], stream: str, starting_position: str) -> StreamReader:
    """The reader of a stream that is given by name or ARN.

    Raises:
        InvalidInput: If there is no such stream.
    """
    if stream.startswith(_TABLE) or (stream.startswith("arn:") and stream.split(":")[2] == "dynamodb"):
        name = stream.partition(_TABLE)[2].partition("/")[0]
        return DynamoDBReader(client_of("dynamodb"), client_of("dynamodbstreams"), name, starting_position)
    return KinesisReader(client_of("kinesis"), stream.rpartition("/")[2], starting_position)


class _Shards:
    """An iterator for each shard, from the starting position; shards that come later are read from their beginning."""

    def __init__(self, starting_position: str, iterator_of: Callable[[str, str], str]) -> None:
        self._position = starting_position
        self._iterator_of = iterator_of
        self._iterators: dict[str, str | None] = {}

    def refresh(self, shard_ids: list[str]) -> None:
        for shard_id in shard_ids:
            if shard_id not in self._iterators:
                self._iterators[shard_id] = self._iterator_of(shard_id, self._position)
        self._position = "TRIM_HORIZON"

    def read(self, get_records: Callable[..., Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for shard_id in self._iterators:
            while (iterator := self._iterators[shard_id]) is not None:
                answer = get_records(ShardIterator=iterator)
                # A shard that was split or merged ends: it has no next iterator.
                self._iterators[shard_id] = answer.get("NextShardIterator")
                for record in answer["Records"]:
                    yield shard_id, record
                if not answer["Records"]:
                    break


class KinesisReader:
    """A Kinesis data stream."""

    written_by = "kinesis"
    info_name = "KinesisBatchInfo"

    def __init__(self, client: Any, name: str, starting_position: str) -> None:
        self._client = client
        try:
            summary = client.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
        except client.exceptions.ResourceNotFoundException:
            hint = 'Make it with workspace.client("kinesis").create_stream(StreamName=..., ShardCount=1).'
            raise InvalidInput(f"there is no Kinesis stream {name!r}.", hint=hint) from None
        self._name = name
        self.arn: str = summary["StreamARN"]
        self.retention_seconds = int(summary["RetentionPeriodHours"]) * 3600
        self._shards = _Shards(starting_position, self._iterator)
        self._shards.refresh(self._shard_ids())

    def _shard_ids(self) -> list[str]:
        return [each["ShardId"] for each in self._client.list_shards(StreamName=self._name)["Shards"]]

    def _iterator(self, shard_id: str, position: str) -> str:
        answer = self._client.get_shard_iterator(StreamName=self._name, ShardId=shard_id, ShardIteratorType=position)
        return str(answer["ShardIterator"])

    def read(self, now_seconds: float) -> Iterator[StreamRecord]:
        """All records that are new; see ``StreamReader``."""
        self._shards.refresh(self._shard_ids())
        for shard_id, record in self._shards.read(self._client.get_records):
            yield kinesis_record(
                record, shard_id=shard_id, stream_arn=self.arn, arrived_seconds=now_seconds, account=DEFAULT_ACCOUNT
            )


class DynamoDBReader:
    """The stream of a DynamoDB table."""

    written_by = "dynamodb"
    info_name = "DDBStreamBatchInfo"
    retention_seconds = _DAY_SECONDS

    def __init__(self, tables: Any, streams: Any, table: str, starting_position: str) -> None:
        self._client = streams
        hint = "Make the table with StreamSpecification={'StreamEnabled': True, 'StreamViewType': ...}."
        try:
            arn = tables.describe_table(TableName=table)["Table"].get("LatestStreamArn")
        except tables.exceptions.ResourceNotFoundException:
            raise InvalidInput(f"there is no DynamoDB table {table!r}.", hint=hint) from None
        if arn is None:
            raise InvalidInput(f"the DynamoDB table {table!r} has no stream.", hint=hint)
        self.arn: str = arn
        self._shards = _Shards(starting_position, self._iterator)
        self._shards.refresh(self._shard_ids())

    def _shard_ids(self) -> list[str]:
        description = self._client.describe_stream(StreamArn=self.arn)["StreamDescription"]
        return [each["ShardId"] for each in description["Shards"]]

    def _iterator(self, shard_id: str, position: str) -> str:
        answer = self._client.get_shard_iterator(StreamArn=self.arn, ShardId=shard_id, ShardIteratorType=position)
        return str(answer["ShardIterator"])

    def read(self, now_seconds: float) -> Iterator[StreamRecord]:
        """All records that are new; see ``StreamReader``."""
        self._shards.refresh(self._shard_ids())
        for shard_id, record in self._shards.read(self._client.get_records):
            yield dynamodb_record(record, shard_id=shard_id, stream_arn=self.arn, arrived_seconds=now_seconds)
