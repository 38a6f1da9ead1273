"""What a Distributed Map gives back: an array of results, or files in a bucket; it knows no item and starts nothing.

Results are added as child executions end. Neither way holds more than the 256 KiB of a state's output.
Source: developer guide, "ResultWriter (Map)".
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.engine.buckets import BucketError, Buckets, ObjectWriter, put_object
from sfn_notebook.engine.status import ExecutionStatus

PUT_OBJECT: Final = "arn:aws:states:::s3:putObject"

MAX_FILE_BYTES: Final = 5 * 1024**3
"""The largest result file. Source: Step Functions quotas."""

_MAX_OUTPUT_BYTES: Final = 262_144


class Transformation(StrEnum):
    """How the result of a child execution is shown; one that did not succeed is always shown as ``NONE``."""

    NONE = "NONE"
    COMPACT = "COMPACT"
    FLATTEN = "FLATTEN"


class OutputType(StrEnum):
    """How result files are written."""

    JSON = "JSON"
    JSONL = "JSONL"


@dataclass(frozen=True, kw_only=True, slots=True)
class WriterConfig:
    """WriterConfig, and where results go: without ``bucket`` they are the state's result."""

    transformation: Transformation
    output_type: OutputType = OutputType.JSON
    bucket: str | None = None
    prefix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildResult:
    """How one child execution ended. ``status`` is ``None`` for one that was never started.

    ``input`` and ``output`` are JSON; times are seconds since the epoch.
    """

    input: JSONValue
    status: ExecutionStatus | None = None
    execution_arn: str = ""
    machine_arn: str = ""
    name: str = ""
    output: JSONValue = None
    error: str | None = None
    cause: str | None = None
    started_seconds: float = 0.0
    stopped_seconds: float = 0.0
    redrive_count: int = 0

    def record(self) -> JSONObject:
        """The entry of a result file: keys in alphabetical order, input and output as JSON text.

        Source: developer guide, "ResultWriter (Map)"; keys of failed and pending ones by analogy.
        """
        included = {"Included": True}
        if self.status is None:
            return {"Input": _json.dump(self.input), "InputDetails": included, "Status": "PENDING"}
        is_success = self.status is ExecutionStatus.SUCCEEDED
        record: JSONObject = {}
        if not is_success:
            record |= {"Cause": self.cause, "Error": self.error}
        record |= {
            "ExecutionArn": self.execution_arn,
            "Input": _json.dump(self.input),
            "InputDetails": included,
            "Name": self.name,
            "Output": _json.dump(self.output) if is_success else None,
            "OutputDetails": included if is_success else None,
            "RedriveCount": self.redrive_count,
            "RedriveStatus": "NOT_REDRIVABLE" if is_success else "REDRIVABLE_BY_MAP_RUN",
            "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven" if is_success else None,
            "StartDate": format_timestamp(self.started_seconds),
            "StateMachineArn": self.machine_arn,
            "Status": self.status.value,
            "StopDate": format_timestamp(self.stopped_seconds),
        }
        return {key: value for key, value in record.items() if value is not None}

    def shown(self, transformation: Transformation) -> Iterator[JSONValue]:
        """The values that stand for this result under ``transformation``: one, or those of a flattened array."""
        if self.status is not ExecutionStatus.SUCCEEDED or transformation is Transformation.NONE:
            yield self.record()
        elif transformation is Transformation.FLATTEN and isinstance(self.output, list):
            yield from self.output
        else:
            yield self.output


class ResultSink(Protocol):
    """Takes the results of a Map Run and gives the state's result.

    Once ``is_open`` is false, results need not be added any more: they are beyond what is kept.
    """

    @property
    def is_open(self) -> bool:
        """Whether another result would be kept."""

    def add(self, index: int, result: ChildResult) -> None:
        """Take the result of child execution ``index`` (from 0); results may come in any order."""

    def finish(self) -> JSONValue:
        """Give the state's result."""

    def discard(self) -> None:
        """Give up: what is not finished is forgotten."""


def writer_config(resource: str | None, arguments: JSONValue, config: JSONValue = None) -> WriterConfig:
    """Check a ResultWriter's Resource, evaluated Parameters (or Arguments) and WriterConfig.

    Raises:
        EvaluationError: States.ResultWriterFailed; the texts are ours, since AWS refuses such machines at creation.
    """
    values = config if isinstance(config, dict) else {}
    target = arguments if isinstance(arguments, dict) else {}
    exports = resource is not None
    if exports and resource != PUT_OBJECT:
        raise writer_failed(f"The ResultWriter resource {resource} is not supported.")
    bucket, prefix = target.get("Bucket"), target.get("Prefix", "")
    if exports and not (isinstance(bucket, str) and bucket):
        raise writer_failed("The ResultWriter needs a Bucket.")
    if not isinstance(prefix, str):
        raise writer_failed("Prefix of the ResultWriter must be a text.")
    default = Transformation.NONE if exports else Transformation.COMPACT
    try:
        return WriterConfig(
            transformation=Transformation(values.get("Transformation", default)),
            output_type=OutputType(values.get("OutputType", OutputType.JSON)),
            bucket=bucket if exports else None,
            prefix=prefix,
        )
    except ValueError as error:
        raise writer_failed(f"WriterConfig: {error}.") from None


def writer_failed(detail: str) -> EvaluationError:
    """The failure of a ResultWriter."""
    return EvaluationError(error_names.RESULT_WRITER_FAILED, detail, prefixed=False)


class StateResult:
    """Results that become the state's result: an array in the order of the items.

    Once they are beyond the size of an output nothing is kept any more, so that a long run stays small; ``finish``
    then fails. ``state_name`` stands in that message.
    """

    def __init__(self, *, state_name: str, transformation: Transformation = Transformation.COMPACT) -> None:
        self._state_name = state_name
        self._transformation = transformation
        self._values: dict[int, list[JSONValue]] = {}
        self._bytes = 2
        self._is_too_large = False

    @property
    def is_open(self) -> bool:
        """Whether another result would be kept."""
        return not self._is_too_large

    def add(self, index: int, result: ChildResult) -> None:
        """Take the result of child execution ``index``."""
        if self._is_too_large:
            return
        values = list(result.shown(self._transformation))
        self._bytes += sum(_json.size_bytes(value) + 1 for value in values)
        self._values[index] = values
        if self._bytes - 1 > _MAX_OUTPUT_BYTES:
            self._is_too_large = True
            self._values.clear()

    def finish(self) -> JSONValue:
        """Give the array.

        Raises:
            EvaluationError: States.DataLimitExceeded.
        """
        if self._is_too_large:
            detail = (
                f"The state/task '{self._state_name}' returned a result with a size exceeding the maximum number of "
                "bytes service limit."
            )
            raise EvaluationError(error_names.DATA_LIMIT_EXCEEDED, detail, prefixed=False)
        return [value for index in sorted(self._values) for value in self._values[index]]

    def discard(self) -> None:
        """Forget the results."""
        self._values.clear()


class ExportedResults:
    """Results that go to a bucket as they come: ``SUCCEEDED_n``, ``FAILED_n`` and ``PENDING_n``, and a manifest.

    Files lie below ``<prefix>/<uuid of the Map Run>/`` and end in ``.json``, JSON Lines too. One that would grow
    beyond ``max_file_bytes`` is closed and the next number begins.
    """

    def __init__(
        self,
        buckets: Buckets,
        config: WriterConfig,
        *,
        map_run_arn: str,
        map_run_uuid: str,
        max_file_bytes: int = MAX_FILE_BYTES,
    ) -> None:
        assert config.bucket is not None  # noqa: S101 - a configuration that exports has one
        self._buckets = buckets
        self._config = config
        self._bucket = config.bucket
        self._map_run_arn = map_run_arn
        self._folder = f"{config.prefix}/{map_run_uuid}" if config.prefix else map_run_uuid
        self._series = {
            kind: _FileSeries(kind=kind, folder=self._folder, max_file_bytes=max_file_bytes)
            for kind in ("FAILED", "PENDING", "SUCCEEDED")
        }

    @property
    def is_open(self) -> bool:
        """Always: files have no end."""
        return True

    def add(self, _index: int, result: ChildResult) -> None:
        """Write the result of a child execution.

        Raises:
            EvaluationError: States.ResultWriterFailed.
        """
        series = self._series[_kind_of(result.status)]
        try:
            for value in result.shown(self._config.transformation):
                series.write(self._buckets, self._bucket, value, self._config.output_type)
        except BucketError as error:
            raise writer_failed(error.cause) from None

    def finish(self) -> JSONValue:
        """Make the files and the manifest visible, and give ``{"MapRunArn", "ResultWriterDetails"}``.

        Raises:
            EvaluationError: States.ResultWriterFailed.
        """
        key = f"{self._folder}/manifest.json"
        try:
            for series in self._series.values():
                series.close(self._config.output_type)
            manifest = {
                "DestinationBucket": self._bucket,
                "MapRunArn": self._map_run_arn,
                "ResultFiles": {kind: series.files for kind, series in self._series.items()},
            }
            put_object(self._buckets, self._bucket, key, _json.dump(manifest).encode("utf-8", "surrogatepass"))
        except BucketError as error:
            raise writer_failed(error.cause) from None
        return {"MapRunArn": self._map_run_arn, "ResultWriterDetails": {"Bucket": self._bucket, "Key": key}}

    def discard(self) -> None:
        """Forget the file that is being written; those that are full stay, as parts of an aborted export do."""
        for series in self._series.values():
            series.discard()


def _kind_of(status: ExecutionStatus | None) -> str:
    if status is None:
        return "PENDING"
    return "SUCCEEDED" if status is ExecutionStatus.SUCCEEDED else "FAILED"


_OPENING: Final = {OutputType.JSON: b"[", OutputType.JSONL: b""}
_SEPARATOR: Final = {OutputType.JSON: b",", OutputType.JSONL: b"\n"}
_CLOSING: Final = {OutputType.JSON: b"]", OutputType.JSONL: b"\n"}


@dataclass(kw_only=True, slots=True)
class _FileSeries:
    """The files of one kind: at most one of them is open."""

    kind: str
    folder: str
    max_file_bytes: int
    files: list[JSONObject] = field(default_factory=list)
    _writer: ObjectWriter | None = None
    _written_bytes: int = 0

    def write(self, buckets: Buckets, bucket: str, value: JSONValue, output_type: OutputType) -> None:
        content = _json.dump(value).encode("utf-8", "surrogatepass")
        framed_bytes = len(_SEPARATOR[output_type]) + len(content) + len(_CLOSING[output_type])
        if self._writer is not None and self._written_bytes + framed_bytes > self.max_file_bytes:
            self.close(output_type)
        if self._writer is None:
            self._writer = buckets.create(bucket, f"{self.folder}/{self.kind}_{len(self.files)}.json")
            self._append(self._writer, _OPENING[output_type] + content)
        else:
            self._append(self._writer, _SEPARATOR[output_type] + content)

    def close(self, output_type: OutputType) -> None:
        if self._writer is None:
            return
        self._append(self._writer, _CLOSING[output_type])
        self._writer.commit()
        key = f"{self.folder}/{self.kind}_{len(self.files)}.json"
        self.files.append({"Key": key, "Size": self._written_bytes})
        self._writer, self._written_bytes = None, 0

    def discard(self) -> None:
        if self._writer is not None:
            self._writer.discard()
            self._writer = None

    def _append(self, writer: ObjectWriter, content: bytes) -> None:
        writer.write(content)
        self._written_bytes += len(content)


def result_sink(
    config: WriterConfig, *, buckets: Buckets, state_name: str, map_run_arn: str, map_run_uuid: str
) -> ResultSink:
    """The sink that ``config`` asks for."""
    if config.bucket is None:
        return StateResult(state_name=state_name, transformation=config.transformation)
    return ExportedResults(buckets, config, map_run_arn=map_run_arn, map_run_uuid=map_run_uuid)
