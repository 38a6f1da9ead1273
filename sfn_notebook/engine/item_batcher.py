"""An ItemBatcher: items grouped to inputs of child executions, as they come; it knows no state and no execution."""

from collections.abc import Iterable, Iterator
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.map_limits import MAX_BATCH_BYTES

_EMPTY_BATCH_BYTES: Final = len(b'{"Items":[]}')
_BATCH_INPUT_BYTES: Final = len(b'"BatchInput":,')


def batches(
    items: Iterable[JSONValue],
    *,
    max_items: int | None = None,
    max_input_bytes: int | None = None,
    batch_input: JSONValue | Absent = ABSENT,
) -> Iterator[JSONObject]:
    """Group ``items`` to ``{"BatchInput": ..., "Items": [...]}``, with as many in each as both limits allow.

    A batch closes when it holds ``max_items``, or when another item would make its compact UTF-8 text longer than
    ``max_input_bytes``; that is never more than the 256 KiB that an execution's input may have. No more than one batch
    and one item are held.

    Args:
        items: What each child would get alone: items after the ItemSelector.
        max_items: MaxItemsPerBatch, at least 1, or ``None`` for no limit.
        max_input_bytes: MaxInputBytesPerBatch, at least 1; more than 256 KiB counts as 256 KiB.
        batch_input: The evaluated BatchInput; left out where there is none.

    Raises:
        EvaluationError: States.DataLimitExceeded, for an item that does not fit in a batch of its own. The text is
            ours: none was recorded.

    Source: developer guide, "ItemBatcher (Map)"; recorded: without a BatchInput the key is missing.
    """
    limit_bytes = MAX_BATCH_BYTES if max_input_bytes is None else min(max_input_bytes, MAX_BATCH_BYTES)
    envelope: JSONObject = {} if batch_input is ABSENT else {"BatchInput": batch_input}
    envelope_bytes = _EMPTY_BATCH_BYTES
    if envelope:
        envelope_bytes += _BATCH_INPUT_BYTES + _json.size_bytes(batch_input)
    batch: list[JSONValue] = []
    used_bytes = envelope_bytes
    for item in items:
        item_bytes = _json.size_bytes(item)
        if envelope_bytes + item_bytes > limit_bytes:
            raise _fits_nowhere(item_bytes, limit_bytes)
        comma = 1 if batch else 0
        if batch and (len(batch) == max_items or used_bytes + comma + item_bytes > limit_bytes):
            yield {**envelope, "Items": batch}
            batch, used_bytes, comma = [], envelope_bytes, 0
        batch.append(item)
        used_bytes += comma + item_bytes
    if batch:
        yield {**envelope, "Items": batch}


def _fits_nowhere(item_bytes: int, limit_bytes: int) -> EvaluationError:
    detail = f"An item of {item_bytes} bytes does not fit in a batch of at most {limit_bytes} bytes."
    return EvaluationError(error_names.DATA_LIMIT_EXCEEDED, detail, prefixed=False)
