"""An ItemBatcher: items grouped to inputs of child executions, as they come; it knows no state and no execution."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.map_limits import MAX_BATCH_BYTES

_EMPTY_BATCH_BYTES: Final = len(b'{"Items":[]}')
_BATCH_INPUT_BYTES: Final = len(b'"BatchInput":,')


class BatchLimits(NamedTuple):
    """What an ItemBatcher says, evaluated.

    ``max_items`` is MaxItemsPerBatch, at least 1, or ``None`` for no limit; ``max_input_bytes`` is
    MaxInputBytesPerBatch, at least 1: more than 256 KiB, which an execution's input may have, counts as 256 KiB.
    """

    max_items: int | None = None
    max_input_bytes: int | None = None
    batch_input: JSONValue | Absent = ABSENT


class Batcher:
    """Groups items to ``{"BatchInput": ..., "Items": [...]}``, with as many in each as the limits allow.

    A batch closes when it holds ``max_items``, or when another item would make its compact UTF-8 text too long. One
    batch is held.

    Source: developer guide, "ItemBatcher (Map)"; recorded: without a BatchInput the key is missing.
    """

    def __init__(self, limits: BatchLimits) -> None:
        most_bytes = MAX_BATCH_BYTES if limits.max_input_bytes is None else limits.max_input_bytes
        self._limit_bytes = min(most_bytes, MAX_BATCH_BYTES)
        self._max_items = limits.max_items
        self._envelope: JSONObject = {}
        self._envelope_bytes = _EMPTY_BATCH_BYTES
        if limits.batch_input is not ABSENT:
            self._envelope = {"BatchInput": limits.batch_input}
            self._envelope_bytes += _BATCH_INPUT_BYTES + _json.size_bytes(limits.batch_input)
        self._batch: list[JSONValue] = []
        self._used_bytes = self._envelope_bytes

    def add(self, item: JSONValue) -> JSONObject | None:
        """Take one item, and give the batch before it if that is closed now.

        Raises:
            EvaluationError: States.DataLimitExceeded, for an item that does not fit in a batch of its own. The text is
                ours: none was recorded.
        """
        item_bytes = _json.size_bytes(item)
        if self._envelope_bytes + item_bytes > self._limit_bytes:
            raise _fits_nowhere(item_bytes, self._limit_bytes)
        closed = None
        batch = self._batch
        comma = 1 if batch else 0
        if batch and (len(batch) == self._max_items or self._used_bytes + comma + item_bytes > self._limit_bytes):
            closed = self.close()
            comma = 0
        self._batch.append(item)
        self._used_bytes += comma + item_bytes
        return closed

    def close(self) -> JSONObject | None:
        """Give the batch that is being filled, if it holds anything."""
        if not self._batch:
            return None
        closed = {**self._envelope, "Items": self._batch}
        self._batch, self._used_bytes = [], self._envelope_bytes
        return closed


def batches(
    items: Iterable[JSONValue],
    *,
    max_items: int | None = None,
    max_input_bytes: int | None = None,
    batch_input: JSONValue | Absent = ABSENT,
) -> Iterator[JSONObject]:
    """Group ``items``, which are what each child would get alone; see ``BatchLimits`` and ``Batcher``."""
    batcher = Batcher(BatchLimits(max_items, max_input_bytes, batch_input))
    for item in items:
        if (batch := batcher.add(item)) is not None:
            yield batch
    if (batch := batcher.close()) is not None:
        yield batch


def _fits_nowhere(item_bytes: int, limit_bytes: int) -> EvaluationError:
    detail = f"An item of {item_bytes} bytes does not fit in a batch of at most {limit_bytes} bytes."
    return EvaluationError(error_names.DATA_LIMIT_EXCEEDED, detail, prefixed=False)
