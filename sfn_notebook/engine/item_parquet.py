"""Rows of a Parquet file as items, batch by batch; the package pyarrow reads the file, if it is installed."""

import base64
import importlib
import math
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.item_text import reader_failed
from sfn_notebook.errors import FeatureNotSupported

_ROWS_PER_BATCH: Final = 1024
_MAX_ROW_GROUP_BYTES: Final = 256 * 1024 * 1024
_MAX_FOOTER_BYTES: Final = 5 * 1024 * 1024


def parquet_rows_of(stream: BinaryIO, *, place: str) -> Iterator[JSONObject]:
    """Read rows as objects, in the file's order. ``place`` names the object in messages.

    Values that JSON has not become text: dates and times as ISO 8601, bytes in base64; decimals become
    numbers, NaN becomes null.

    Raises:
        FeatureNotSupported: If pyarrow is not installed.
        EvaluationError: States.ItemReaderFailed, for a file that is no Parquet file or is beyond AWS's limits: row
            groups of 256 MB, a footer of 5 MB. Source: developer guide, "ItemReader (Map)"; the texts are ours.
    """
    parquet = _parquet()
    try:
        file = parquet.ParquetFile(stream)
    except Exception as error:  # noqa: BLE001 - pyarrow has no common base for what a damaged file raises
        raise reader_failed(f"{place} is not a Parquet file: {error}") from None
    metadata = file.metadata
    if metadata.serialized_size > _MAX_FOOTER_BYTES:
        raise reader_failed(f"The footer of {place} is larger than 5 MB.")
    groups = (metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    if any(size > _MAX_ROW_GROUP_BYTES for size in groups):
        raise reader_failed(f"A row group of {place} is larger than 256 MB.")
    for batch in file.iter_batches(batch_size=_ROWS_PER_BATCH):
        for row in batch.to_pylist():
            yield {name: _as_json(value) for name, value in row.items()}


def _parquet() -> Any:
    try:
        return importlib.import_module("pyarrow.parquet")
    except ImportError:
        feature = "reading Parquet without the package pyarrow"
        raise FeatureNotSupported(feature, hint="Install it with: pip install pyarrow") from None


def _as_json(value: object) -> JSONValue:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case dict():
            return {str(key): _as_json(each) for key, each in value.items()}
        case list() | tuple():
            return [_as_json(each) for each in value]
        case _:
            return None if isinstance(value, float) and not math.isfinite(value) else value
