"""What can be set for an event source mapping, and its bounds; it polls nothing.

Source: Lambda API reference, CreateEventSourceMapping; developer guide, "How Lambda processes records".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.functions.event_sources.event_pattern import EventPattern
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException

MAX_BATCH_BYTES: Final = 6 * 1024 * 1024
"""A batch ends before it: the payload of a synchronous call."""
MAX_BATCH_SIZE: Final = 10_000
MAX_WINDOW_SECONDS: Final = 300
_SMALL_BATCH: Final = 10
_MAX_FILTERS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueMappingConfig:
    """How a queue's messages reach a function.

    Args:
        batch_size: Messages of one call, 1 to 10,000; 1 to 10 for a FIFO queue. Above 10 needs a window.
        window_seconds: How long Lambda waits for a batch to fill, 0 to 300.
        reports_item_failures: Whether the function names the messages that failed (``ReportBatchItemFailures``).
        maximum_concurrency: Most batches at a time, 2 to 1,000.
        filters: Event patterns; a message that none of them matches is deleted without a call.
        is_fifo: Whether the queue is one.

    Raises:
        InvalidParameterValueException: For a value that Lambda does not take.
    """

    batch_size: int = 10
    window_seconds: int = 0
    reports_item_failures: bool = False
    maximum_concurrency: int | None = None
    filters: tuple[EventPattern, ...] = ()
    is_fifo: bool = False

    def __post_init__(self) -> None:
        largest = _SMALL_BATCH if self.is_fifo else MAX_BATCH_SIZE
        _check_range("BatchSize", self.batch_size, 1, largest)
        _check_range("MaximumBatchingWindowInSeconds", self.window_seconds, 0, MAX_WINDOW_SECONDS)
        if self.is_fifo and self.window_seconds:
            raise InvalidParameterValueException("Batching window is not supported for FIFO queues.")
        if self.batch_size > _SMALL_BATCH and not self.window_seconds:
            raise InvalidParameterValueException(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
            )
        if self.maximum_concurrency is not None:
            _check_range("MaximumConcurrency", self.maximum_concurrency, 2, 1000)


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamMappingConfig:
    """How a stream's records reach a function.

    Args:
        batch_size: Records of one call, 1 to 10,000.
        window_seconds: How long Lambda waits for a batch to fill, 0 to 300.
        starting_position: ``TRIM_HORIZON`` or ``LATEST``.
        parallelization_factor: Batches of one shard at a time, 1 to 10; a partition key's stay in their order.
        tumbling_window_seconds: Size of the windows over which the function aggregates, 0 (none) to 900.
        maximum_retry_attempts: How often a batch is tried again, -1 (until its records expire) to 10,000.
        maximum_record_age_seconds: Older records are given up: -1 (never) or 60 to 604,800.
        bisects_on_error: Whether a failed batch is split in two.
        reports_item_failures: Whether the function names the first record that failed.
        on_failure: ARN of a queue or a topic that gets a record of each batch that was given up.
        filters: Event patterns; a record that none of them matches is passed over.

    Raises:
        InvalidParameterValueException: For a value that Lambda does not take.
        FeatureNotSupported: For ``AT_TIMESTAMP``, or a window and a factor above 1 together.
    """

    batch_size: int = 100
    window_seconds: int = 0
    starting_position: str = "TRIM_HORIZON"
    maximum_retry_attempts: int = -1
    maximum_record_age_seconds: int = -1
    bisects_on_error: bool = False
    reports_item_failures: bool = False
    on_failure: str | None = None
    parallelization_factor: int = 1
    tumbling_window_seconds: int = 0
    filters: tuple[EventPattern, ...] = field(default=())

    def __post_init__(self) -> None:
        _check_range("BatchSize", self.batch_size, 1, MAX_BATCH_SIZE)
        _check_range("MaximumBatchingWindowInSeconds", self.window_seconds, 0, MAX_WINDOW_SECONDS)
        _check_range("MaximumRetryAttempts", self.maximum_retry_attempts, -1, 10_000)
        if self.maximum_record_age_seconds != -1:
            _check_range("MaximumRecordAgeInSeconds", self.maximum_record_age_seconds, 60, 604_800)
        _check_range("ParallelizationFactor", self.parallelization_factor, 1, 10)
        _check_range("TumblingWindowInSeconds", self.tumbling_window_seconds, 0, 900)
        if self.tumbling_window_seconds and self.parallelization_factor > 1:
            feature = "TumblingWindowInSeconds with a ParallelizationFactor"
            raise FeatureNotSupported(feature, pointer="event source mapping", hint="Leave one of them out.")
        if self.starting_position == "AT_TIMESTAMP":
            hint = 'Give "TRIM_HORIZON" or "LATEST": streams note the time of this machine, a notebook has its own.'
            raise FeatureNotSupported("The StartingPosition AT_TIMESTAMP", pointer="event source mapping", hint=hint)
        if self.starting_position not in {"TRIM_HORIZON", "LATEST"}:
            raise InvalidParameterValueException(
                f"StartingPosition cannot be {self.starting_position!r}.", hint='Give "TRIM_HORIZON" or "LATEST".'
            )
        service = "" if self.on_failure is None else self.on_failure.split(":")[2:3]
        if self.on_failure is not None and service not in (["sqs"], ["sns"], ["s3"]):
            raise InvalidParameterValueException(
                f"{self.on_failure} cannot be the on-failure destination of a stream.",
                hint="Lambda sends it to sqs, sns or s3.",
            )
        if self.on_failure is not None and self.on_failure.endswith(".fifo"):
            raise InvalidParameterValueException(
                f"{self.on_failure} cannot be the on-failure destination of a stream.",
                hint="Lambda sends it to standard queues and topics only.",
            )


def _check_range(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidParameterValueException(
            f"{name} cannot be {value!r}.", hint=f"Give a whole number from {least} to {most:,}."
        )


def filters_of(patterns: Sequence[str | Mapping[str, Any]]) -> tuple[EventPattern, ...]:
    """The patterns of ``FilterCriteria``.

    Raises:
        InvalidParameterValueException: For more than five.
        InvalidEventPatternException: For one that cannot be read.
    """
    if len(patterns) > _MAX_FILTERS:
        raise InvalidParameterValueException(f"{len(patterns)} filters; at most {_MAX_FILTERS} are allowed.")
    return tuple(EventPattern.read(each) for each in patterns)
