"""What comes next for a shard's records: the batch to try, its halves, its retries, what is given up; it calls nothing.

Source: Lambda developer guide, "Using Lambda with Kinesis"; recorded event source mappings. How long Lambda waits
before it tries a batch again is not published: here 1 second, then twice as long each time, up to a minute.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sfn_notebook import _json
from sfn_notebook.functions.event_sources.mapping_config import MAX_BATCH_BYTES, StreamMappingConfig
from sfn_notebook.functions.event_sources.stream_event import StreamRecord

_FIRST_DELAY_SECONDS: Final = 1.0
_MAX_DELAY_SECONDS: Final = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Records that go to the function together. ``attempts`` were made for them, of which ``halvings`` only split."""

    records: tuple[StreamRecord, ...]
    attempts: int = 0
    halvings: int = 0

    @property
    def delay_seconds(self) -> float:
        """How long to wait before the next attempt."""
        exponent = min(self.attempts, 10)
        return min(_MAX_DELAY_SECONDS, _FIRST_DELAY_SECONDS * 2.0 ** (exponent - 1)) if exponent else 0.0


class ShardBatches:
    """One shard in its order: batches that were begun come before records that were not."""

    def __init__(self, config: StreamMappingConfig) -> None:
        self._config = config
        self._begun: deque[Batch] = deque()
        self._waiting: deque[StreamRecord] = deque()
        self.checkpoint: str | None = None

    def add(self, record: StreamRecord) -> None:
        """A record has arrived."""
        self._waiting.append(record)

    @property
    def oldest_waiting(self) -> StreamRecord | None:
        """The first record that no batch has begun with, unless a begun batch comes before it."""
        return self._waiting[0] if self._waiting and not self._begun else None

    @property
    def upcoming(self) -> StreamRecord | None:
        """The first record of the next batch."""
        if self._begun:
            return self._begun[0].records[0]
        return self._waiting[0] if self._waiting else None

    @property
    def is_full(self) -> bool:
        """Whether the next batch needs no more records."""
        if self._begun or len(self._waiting) >= self._config.batch_size:
            return True
        return sum(_json.size_bytes(each.event) for each in self._waiting) > MAX_BATCH_BYTES

    def take(self) -> Batch | None:
        """The batch to try now; it is no longer here."""
        if self._begun:
            return self._begun.popleft()
        records: list[StreamRecord] = []
        size_bytes = 0
        while self._waiting and len(records) < self._config.batch_size:
            if records and not self._is_same_window(records[0], self._waiting[0]):
                break
            size_bytes += _json.size_bytes(self._waiting[0].event)
            if records and size_bytes > MAX_BATCH_BYTES:
                break
            records.append(self._waiting.popleft())
        return Batch(records=tuple(records)) if records else None

    def _is_same_window(self, record: StreamRecord, other: StreamRecord) -> bool:
        size_seconds = self._config.tumbling_window_seconds
        return not size_seconds or record.arrived_seconds // size_seconds == other.arrived_seconds // size_seconds

    def finish(self, records: Sequence[StreamRecord]) -> None:
        """These are done, or given up: the checkpoint moves behind them."""
        if records:
            self.checkpoint = records[-1].sequence_number

    def put_back(self, batch: Batch) -> None:
        """Try it next."""
        if batch.records:
            self._begun.appendleft(batch)

    def fail(self, batch: Batch) -> Batch | None:
        """An attempt failed for all of ``batch``; the batch itself if it is to be given up.

        Halves are tried one after the other; splitting does not count against the retries.
        """
        if self._config.bisects_on_error and len(batch.records) > 1:
            middle = len(batch.records) // 2
            for half in (batch.records[middle:], batch.records[:middle]):
                self.put_back(Batch(records=half, attempts=batch.attempts + 1, halvings=batch.halvings + 1))
            return None
        return self._again(Batch(records=batch.records, attempts=batch.attempts + 1, halvings=batch.halvings))

    def fail_from(self, batch: Batch, failed: frozenset[str]) -> Batch | None:
        """The function named failed records: all from the first of them on are tried again.

        What comes before them is done. Returns what is to be given up.
        """
        first = next(index for index, each in enumerate(batch.records) if each.sequence_number in failed)
        self.finish(batch.records[:first])
        return self._again(Batch(records=batch.records[first:], attempts=batch.attempts + 1, halvings=batch.halvings))

    def _again(self, batch: Batch) -> Batch | None:
        limit = self._config.maximum_retry_attempts
        if limit >= 0 and batch.attempts - batch.halvings > limit:
            return batch
        self.put_back(batch)
        return None

    def split_by_age(self, batch: Batch, oldest_seconds: float) -> tuple[tuple[StreamRecord, ...], Batch]:
        """The records that arrived at or before ``oldest_seconds``, and the batch without them."""
        expired = tuple(each for each in batch.records if each.arrived_seconds <= oldest_seconds)
        rest = batch.records[len(expired) :]
        return expired, Batch(records=rest, attempts=batch.attempts, halvings=batch.halvings)


def checkpoint_of(finished: Sequence[str | None], unfinished: Sequence[str | None]) -> str | None:
    """How far the lanes of one shard are done together: as far as the slowest that still has something to do.

    Both have the lanes' own checkpoints, of those that have nothing to do and of the others.
    """
    if None in unfinished:
        return None
    if unfinished:
        return min((each for each in unfinished if each is not None), key=int)
    return max((each for each in finished if each is not None), key=int, default=None)
