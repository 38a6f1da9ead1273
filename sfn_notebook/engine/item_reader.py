"""An ItemReader: which items a Distributed Map reads, and reading them one by one; it knows no state and no execution.

Source: developer guide, "ItemReader (Map)"; recorded executions for the texts that are not marked as ours.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final, NamedTuple, TextIO, assert_never

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl import map_limits
from sfn_notebook.engine.buckets import BucketError, Buckets, ObjectSummary, object_uri
from sfn_notebook.engine.item_csv import DELIMITERS, check_headers, rows_of
from sfn_notebook.engine.item_json import elements_of, line_values_of, parse_pointer
from sfn_notebook.engine.item_parquet import parquet_rows_of
from sfn_notebook.engine.item_text import lines_of, opened, reader_failed, text_of

GET_OBJECT: Final = "arn:aws:states:::s3:getObject"
LIST_OBJECTS: Final = "arn:aws:states:::s3:listObjectsV2"

STATE_DATA: Final = "STATE_DATA"
"""``$$.Map.Item.Source`` of items that come from the state's input."""

_MAX_MANIFEST_BYTES: Final = 16 * 1024 * 1024


class InputType(StrEnum):
    """The format of an object that holds items."""

    CSV = "CSV"
    JSON = "JSON"
    JSONL = "JSONL"
    PARQUET = "PARQUET"


class ManifestType(StrEnum):
    """Who wrote the list of objects that a manifest is."""

    ATHENA_DATA = "ATHENA_DATA"
    S3_INVENTORY = "S3_INVENTORY"


class Item(NamedTuple):
    """One item, as ``$$.Map.Item`` shows it: ``key`` is set for the entries of an object, ``source`` is a URI."""

    value: JSONValue
    source: str
    key: str | None = None

    @property
    def child_input(self) -> JSONValue:
        """What a child execution gets without an ItemSelector: an object's entry is ``{"Key", "Value"}``."""
        return self.value if self.key is None else {"Key": self.key, "Value": self.value}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReaderConfig:
    """ReaderConfig, checked. ``csv_headers`` is ``None`` where the first row is the header; 0 items is no limit."""

    input_type: InputType | None = None
    manifest_type: ManifestType | None = None
    loads_objects: bool = False
    csv_headers: tuple[str, ...] | None = None
    csv_delimiter: str = ","
    items_pointer: tuple[str, ...] | None = None
    max_items: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemSource:
    """Where the items of one Map Run are: plain data, from which they can be read again."""

    is_listing: bool
    bucket: str
    key: str = ""
    version_id: str | None = None
    prefix: str = ""
    start_after: str = ""
    config: ReaderConfig = field(default_factory=ReaderConfig)


def item_source(resource: str, arguments: JSONValue, reader_config: JSONValue = None) -> ItemSource:
    """Check an ItemReader's Resource, evaluated Parameters (or Arguments) and evaluated ReaderConfig.

    A path such as MaxItemsPath is expected to be replaced by what it found (``MaxItems``).

    Raises:
        EvaluationError: States.ItemReaderFailed. ``field MaxItems must be positive`` and ``CSV headers cannot contain
            duplicates.`` are recorded, other texts are ours: AWS refuses most of it when the machine is created.
    """
    values = arguments if isinstance(arguments, dict) else {}
    is_listing = resource == LIST_OBJECTS
    if not is_listing and resource != GET_OBJECT:
        raise reader_failed(f"The ItemReader resource {resource} is not supported.")
    config = _reader_config(reader_config if isinstance(reader_config, dict) else {}, is_listing=is_listing)
    return ItemSource(
        is_listing=is_listing,
        bucket=_text(values, "Bucket"),
        key="" if is_listing else _text(values, "Key"),
        version_id=_optional_text(values, "VersionId"),
        prefix=_optional_text(values, "Prefix") or "",
        start_after=_optional_text(values, "StartAfter") or "",
        config=config,
    )


def read_items(source: ItemSource, buckets: Buckets) -> Iterator[Item]:
    """Read the items one by one; no more than one of them, and one piece of an object, is held.

    Raises:
        EvaluationError: States.ItemReaderFailed, when an item cannot be read.
        FeatureNotSupported: If a package that the format needs is not installed.
    """
    items = _listed_items(source, buckets) if source.is_listing else _object_items(source, buckets)
    limit = source.config.max_items
    return islice(items, limit) if limit else items


def count_items(source: ItemSource, buckets: Buckets) -> int:
    """Read all items and count them.

    Raises:
        EvaluationError, FeatureNotSupported: As ``read_items``.
    """
    return sum(1 for _ in read_items(source, buckets))


def state_items(value: JSONValue) -> Iterator[Item]:
    """The items of a Distributed Map without ItemReader: an array's elements or an object's entries.

    Source: developer guide, "ItemReader (Map)", JSON data from a previous step.
    """
    if isinstance(value, dict):
        return (Item(each, STATE_DATA, key) for key, each in value.items())
    return (Item(each, STATE_DATA) for each in value)


def _reader_config(values: Mapping[str, JSONValue], *, is_listing: bool) -> ReaderConfig:
    limit = values.get("MaxItems")
    max_items = 0 if limit is None else map_limits.max_items(map_limits.integer_at("MaxItems", "MaxItems", limit))
    loads_objects = _choice(values, "Transformation", ("NONE", "LOAD_AND_FLATTEN")) == "LOAD_AND_FLATTEN"
    input_type, manifest_type = _types(values)
    if is_listing and not loads_objects:
        return ReaderConfig(max_items=max_items)
    if input_type is None and manifest_type is not ManifestType.S3_INVENTORY:
        raise reader_failed("ReaderConfig needs an InputType.")
    pointer = _optional_text(values, "ItemsPointer")
    return ReaderConfig(
        input_type=input_type,
        manifest_type=None if is_listing else manifest_type,
        loads_objects=loads_objects,
        csv_headers=_csv_headers(values) if input_type is InputType.CSV else None,
        csv_delimiter=DELIMITERS[_choice(values, "CSVDelimiter", tuple(DELIMITERS)) or "COMMA"],
        items_pointer=None if pointer is None else parse_pointer(pointer),
        max_items=max_items,
    )


def _types(values: Mapping[str, JSONValue]) -> tuple[InputType | None, ManifestType | None]:
    """InputType MANIFEST is the older way to say that a manifest is an S3 inventory's."""
    input_name = _choice(values, "InputType", (*InputType, "MANIFEST"))
    manifest_name = _choice(values, "ManifestType", tuple(ManifestType))
    if input_name == "MANIFEST":
        input_name, manifest_name = None, manifest_name or ManifestType.S3_INVENTORY
    manifest_type = None if manifest_name is None else ManifestType(manifest_name)
    return None if input_name is None else InputType(input_name), manifest_type


def _csv_headers(values: Mapping[str, JSONValue]) -> tuple[str, ...] | None:
    location = _choice(values, "CSVHeaderLocation", ("FIRST_ROW", "GIVEN"))
    if location is None:
        raise reader_failed("ReaderConfig needs a CSVHeaderLocation for CSV.")
    if location == "FIRST_ROW":
        return None
    headers = values.get("CSVHeaders")
    if not isinstance(headers, list) or not headers or not all(isinstance(each, str) for each in headers):
        raise reader_failed("CSVHeaders must be a list of texts.")
    check_headers(headers)
    return tuple(headers)


def _choice(values: Mapping[str, JSONValue], name: str, allowed: Sequence[str]) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if value not in allowed:
        raise reader_failed(f"{name} must be one of {', '.join(allowed)}.")
    return str(value)


def _text(values: Mapping[str, JSONValue], name: str) -> str:
    value = _optional_text(values, name)
    if not value:
        raise reader_failed(f"The ItemReader needs a {name}.")
    return value


def _optional_text(values: Mapping[str, JSONValue], name: str) -> str | None:
    value = values.get(name)
    if value is not None and not isinstance(value, str):
        raise reader_failed(f"{name} of the ItemReader must be a text.")
    return value


def _listed_items(source: ItemSource, buckets: Buckets) -> Iterator[Item]:
    try:
        for summary in buckets.list(source.bucket, prefix=source.prefix, start_after=source.start_after):
            if not source.config.loads_objects:
                yield Item(_listing_entry(summary), object_uri(source.bucket))
            elif not summary.key.endswith("/"):
                # A key that ends so is a folder made by S3's console: it holds no data.
                yield from _items_of(buckets, source.bucket, summary.key, None, source.config)
    except BucketError as error:
        raise reader_failed(error.cause) from None


def _listing_entry(summary: ObjectSummary) -> JSONObject:
    seconds = summary.last_modified_seconds
    return {
        "Etag": summary.etag,
        "LastModified": int(seconds) if seconds == int(seconds) else seconds,
        "Key": summary.key,
        "Size": summary.size_bytes,
        "StorageClass": summary.storage_class,
    }


def _object_items(source: ItemSource, buckets: Buckets) -> Iterator[Item]:
    match source.config.manifest_type:
        case None:
            return _items_of(buckets, source.bucket, source.key, source.version_id, source.config)
        case ManifestType.S3_INVENTORY:
            return _inventory_items(source, buckets)
        case ManifestType.ATHENA_DATA:
            return _athena_items(source, buckets)
        case manifest_type:
            assert_never(manifest_type)


def _items_of(buckets: Buckets, bucket: str, key: str, version_id: str | None, config: ReaderConfig) -> Iterator[Item]:
    uri = object_uri(bucket, key)
    with opened(buckets, bucket, key, version_id) as stream:
        if config.input_type is InputType.PARQUET:
            for row in parquet_rows_of(stream, place=uri):
                yield Item(row, uri)
            return
        with text_of(stream, key) as text:
            yield from _text_items(text, config, uri)


def _text_items(text: TextIO, config: ReaderConfig, uri: str) -> Iterator[Item]:
    match config.input_type:
        case InputType.CSV:
            for row in rows_of(text, config.csv_headers, delimiter=config.csv_delimiter, place=uri):
                yield Item(row, uri)
        case InputType.JSON:
            for name, value in elements_of(text, config.items_pointer, place=uri):
                yield Item(value, uri, name)
        case InputType.JSONL:
            for value in line_values_of(text, place=uri):
                yield Item(value, uri)
        case InputType.PARQUET | None:
            raise reader_failed("ReaderConfig needs an InputType.")
        case input_type:
            assert_never(input_type)


def _inventory_items(source: ItemSource, buckets: Buckets) -> Iterator[Item]:
    """Iterate over the entries of an S3 inventory, whose files are CSV without a header row."""
    uri = object_uri(source.bucket, source.key)
    with opened(buckets, source.bucket, source.key, source.version_id) as stream:
        content = stream.read(_MAX_MANIFEST_BYTES + 1)
    try:
        manifest = _json.load(content)
        headers = tuple(name.strip() for name in manifest["fileSchema"].split(","))
        keys = [str(file["key"]) for file in manifest["files"]]
        file_format = manifest["fileFormat"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise reader_failed(f"{uri} is not the manifest of an S3 inventory.") from None
    if file_format != "CSV":
        raise reader_failed(f"The S3 inventory of {uri} is in the format {file_format}; only CSV can be read.")
    bucket = str(manifest.get("destinationBucket", "")).rpartition(":")[2] or source.bucket
    config = ReaderConfig(input_type=InputType.CSV, csv_headers=headers)
    for key in keys:
        yield from _items_of(buckets, bucket, key, None, config)


def _athena_items(source: ItemSource, buckets: Buckets) -> Iterator[Item]:
    """Iterate over the items of every object that an UNLOAD of Athena has listed, one URI in each line."""
    uri = object_uri(source.bucket, source.key)
    with (
        opened(buckets, source.bucket, source.key, source.version_id) as stream,
        text_of(stream, source.key) as text,
    ):
        for line in lines_of(text, uri):
            listed = line.strip().strip('"')
            if not listed:
                continue
            address = re.fullmatch(r"s3://([^/]+)/(.+)", listed)
            if address is None:
                raise reader_failed(f"{uri} is not a manifest of Athena: {listed[:200]!r} is no S3 URI.")
            yield from _items_of(buckets, address[1], address[2], None, source.config)
