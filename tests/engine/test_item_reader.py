import gzip
import importlib
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook._json import JSONValue
from sfn_notebook.asl import map_limits
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine.buckets import put_object
from sfn_notebook.engine.item_reader import (
    GET_OBJECT,
    LIST_OBJECTS,
    Item,
    count_items,
    item_source,
    read_items,
    state_items,
)
from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.integrations.buckets import FolderBuckets

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "cases"


@pytest.fixture
def buckets(tmp_path: Path) -> FolderBuckets:
    made = FolderBuckets(tmp_path / "buckets")
    made.create_bucket("data")
    return made


def _put(buckets: FolderBuckets, key: str, content: str | bytes) -> None:
    put_object(buckets, "data", key, content.encode() if isinstance(content, str) else content)


def _read(buckets: FolderBuckets, key: str, **config: Any) -> list[Item]:
    return list(read_items(item_source(GET_OBJECT, {"Bucket": "data", "Key": key}, config), buckets))


def _values(buckets: FolderBuckets, key: str, **config: Any) -> list[JSONValue]:
    return [item.value for item in _read(buckets, key, **config)]


def _failure(buckets: FolderBuckets, key: str, **config: Any) -> str:
    with pytest.raises(EvaluationError) as raised:
        _read(buckets, key, **config)
    assert (raised.value.error, raised.value.prefixed) == ("States.ItemReaderFailed", False)
    return raised.value.detail


def _recorded() -> dict[str, Any]:
    if not CASES.is_dir():
        return {}
    cases = (json.loads(line) for path in sorted(CASES.glob("*.jsonl")) for line in path.read_bytes().splitlines())
    return {
        case["id"].partition("::")[2]: case
        for case in cases
        if "item-reader" in case["requires"] and "assign" not in case["requires"]
    }


RECORDED = _recorded()
CSV = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


@pytest.mark.skipif(not RECORDED, reason="the recordings of ../shared/conformance are not here")
@pytest.mark.parametrize("name", RECORDED)
def test_items_are_those_that_were_recorded(name: str, buckets: FolderBuckets) -> None:
    case = RECORDED[name]
    for call in case["setup"]:
        bucket = call["params"]["Bucket"]
        if call["op"] == "create_bucket":
            buckets.create_bucket(bucket)
        else:
            put_object(buckets, bucket, call["params"]["Key"], call["params"]["Body"].encode())
    (state,) = (each for each in case["definition"]["States"].values() if each["Type"] == "Map")
    reader, given = state["ItemReader"], json.loads(case["input"])
    config = dict(reader.get("ReaderConfig", {}))
    arguments = {key.removesuffix(".$"): given[path[2:]] for key, path in reader["Parameters"].items()}
    expected = case["expect"]
    failure, values = None, []
    try:
        if (path := config.pop("MaxItemsPath", None)) is not None:
            config["MaxItems"] = map_limits.integer_at("MaxItems", path, given[path[2:]])
        values = [item.value for item in read_items(item_source(reader["Resource"], arguments, config), buckets)]
    except EvaluationError as error:
        failure = error
    if failure is not None:
        assert failure.error == expected["error"]
        assert expected["cause"].endswith(failure.detail)
        assert failure.prefixed == expected["cause"].startswith("An error occurred")
        return
    output = json.loads(expected["output"])
    if reader["Resource"] == LIST_OBJECTS:
        for each in (*values, *output):
            assert isinstance(each.pop("Etag"), str)
            each.pop("LastModified")
    assert values == output


def test_sources_say_where_an_item_comes_from(buckets: FolderBuckets) -> None:
    _put(buckets, "in/a.json", '[{"id": 1}]')
    assert _read(buckets, "in/a.json", InputType="JSON") == [Item({"id": 1}, "s3://data/in/a.json")]
    (listed,) = read_items(item_source(LIST_OBJECTS, {"Bucket": "data"}), buckets)
    assert listed.source == "s3://data"
    assert list(state_items([7])) == [Item(7, "STATE_DATA")]


def test_the_entries_of_an_object_are_items_with_keys(buckets: FolderBuckets) -> None:
    _put(buckets, "a.json", '{"records": {"a": {"x": 1}, "b": {"x": 2}}}')
    items = _read(buckets, "a.json", InputType="JSON", ItemsPointer="/records", MaxItems=1)
    assert items == [Item({"x": 1}, "s3://data/a.json", "a")]
    assert items[0].child_input == {"Key": "a", "Value": {"x": 1}}
    assert [item.child_input for item in state_items({"k": 5})] == [{"Key": "k", "Value": 5}]


def test_a_listing_gives_metadata_as_numbers_and_texts(buckets: FolderBuckets) -> None:
    _put(buckets, "in/hello.txt", "hello")
    _put(buckets, "in0/other.txt", "")
    source = item_source(LIST_OBJECTS, {"Bucket": "data", "Prefix": "in/", "MaxKeys": 1})
    assert [item.value for item in read_items(source, buckets)] == [
        {
            "Etag": '"5d41402abc4b2a76b9719d911017c592"',
            "Key": "in/hello.txt",
            "LastModified": 1767225600,
            "Size": 5,
            "StorageClass": "STANDARD",
        }
    ]
    after = item_source(LIST_OBJECTS, {"Bucket": "data", "StartAfter": "in/hello.txt"})
    assert [item.value["Key"] for item in read_items(after, buckets)] == ["in0/other.txt"]


def test_an_empty_listing_has_no_items(buckets: FolderBuckets) -> None:
    assert count_items(item_source(LIST_OBJECTS, {"Bucket": "data", "Prefix": "none/"}), buckets) == 0


def test_load_and_flatten_reads_what_is_listed(buckets: FolderBuckets) -> None:
    _put(buckets, "in/1.csv", "id\n1\n2\n")
    _put(buckets, "in/2.csv.gz", gzip.compress(b"id\n3\n"))
    config = {**CSV, "Transformation": "LOAD_AND_FLATTEN"}
    source = item_source(LIST_OBJECTS, {"Bucket": "data", "Prefix": "in/"}, config)
    assert list(read_items(source, buckets)) == [
        Item({"id": "1"}, "s3://data/in/1.csv"),
        Item({"id": "2"}, "s3://data/in/1.csv"),
        Item({"id": "3"}, "s3://data/in/2.csv.gz"),
    ]


def test_load_and_flatten_needs_an_input_type() -> None:
    with pytest.raises(EvaluationError, match="needs an InputType"):
        item_source(LIST_OBJECTS, {"Bucket": "data"}, {"Transformation": "LOAD_AND_FLATTEN"})


def test_a_byte_order_mark_is_no_part_of_the_first_header(buckets: FolderBuckets) -> None:
    _put(buckets, "a.csv", b"\xef\xbb\xbfid\n\xff\n")
    assert _values(buckets, "a.csv", **CSV) == [{"id": "\ufffd"}]


def test_json_lines_are_items(buckets: FolderBuckets) -> None:
    _put(buckets, "a.jsonl", '{"id": "x"}\n{"id": "y"}\n')
    assert _values(buckets, "a.jsonl", InputType="JSONL") == [{"id": "x"}, {"id": "y"}]


def _put_inventory(buckets: FolderBuckets, **changes: Any) -> None:
    rows = '"source","a/","0","2022-11-16T00:27:19.000Z"\n"source","a/t.csv","3399671","2022-11-16T00:29:32.000Z"\n'
    _put(buckets, "inventory/data/1.csv.gz", gzip.compress(rows.encode()))
    manifest = {
        "sourceBucket": "source",
        "destinationBucket": "arn:aws:s3:::data",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size, LastModifiedDate",
        "files": [{"key": "inventory/data/1.csv.gz", "size": 7300}],
    }
    _put(buckets, "manifest.json", json.dumps(manifest | changes))


@pytest.mark.parametrize("config", [{"InputType": "MANIFEST"}, {"ManifestType": "S3_INVENTORY"}])
def test_an_inventory_gives_the_metadata_of_its_objects(buckets: FolderBuckets, config: dict[str, str]) -> None:
    _put_inventory(buckets)
    assert _values(buckets, "manifest.json", **config)[1] == {
        "Bucket": "source",
        "Key": "a/t.csv",
        "Size": "3399671",
        "LastModifiedDate": "2022-11-16T00:29:32.000Z",
    }


def test_an_inventory_of_another_kind_fails_and_says_so(buckets: FolderBuckets) -> None:
    _put_inventory(buckets, fileFormat="ORC")
    assert "only CSV can be read" in _failure(buckets, "manifest.json", InputType="MANIFEST")
    _put(buckets, "manifest.json", "[1]")
    assert "is not the manifest of an S3 inventory" in _failure(buckets, "manifest.json", InputType="MANIFEST")


def test_a_manifest_of_athena_gives_the_items_of_its_objects(buckets: FolderBuckets) -> None:
    _put(buckets, "out/1.gz", gzip.compress(b"1\n"))
    _put(buckets, "out/2", b"2\n")
    _put(buckets, "query-manifest.csv", "s3://data/out/1.gz\n\ns3://data/out/2\n")
    config = {"ManifestType": "ATHENA_DATA", "InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["n"]}
    assert _read(buckets, "query-manifest.csv", **config) == [
        Item({"n": "1"}, "s3://data/out/1.gz"),
        Item({"n": "2"}, "s3://data/out/2"),
    ]
    _put(buckets, "query-manifest.csv", "file:///etc/passwd\n")
    assert "is no S3 URI" in _failure(buckets, "query-manifest.csv", ManifestType="ATHENA_DATA", InputType="JSONL")


def test_what_is_missing_fails_the_reader(buckets: FolderBuckets) -> None:
    assert _failure(buckets, "none.json", InputType="JSON").startswith("The specified key does not exist.")
    with pytest.raises(EvaluationError, match="The specified bucket does not exist"):
        list(read_items(item_source(LIST_OBJECTS, {"Bucket": "other"}), buckets))


def test_a_damaged_object_fails_the_reader(buckets: FolderBuckets) -> None:
    _put(buckets, "a.csv.gz", gzip.compress(b"id\n" + b"1\n" * 5000)[:-12])
    assert "cannot be read" in _failure(buckets, "a.csv.gz", **CSV)
    _put(buckets, "b.csv.gz", b"no gzip")
    assert "cannot be read" in _failure(buckets, "b.csv.gz", **CSV)


@pytest.mark.parametrize(
    ("arguments", "config", "expected"),
    [
        ({"Bucket": "data"}, {"InputType": "JSON"}, "needs a Key"),
        ({"Key": "a"}, {"InputType": "JSON"}, "needs a Bucket"),
        ({"Bucket": 5, "Key": "a"}, {"InputType": "JSON"}, "must be a text"),
        ({"Bucket": "data", "Key": "a"}, {}, "needs an InputType"),
        ({"Bucket": "data", "Key": "a"}, {"InputType": "XML"}, "must be one of CSV, JSON"),
        ({"Bucket": "data", "Key": "a"}, {"InputType": "CSV"}, "needs a CSVHeaderLocation"),
        ({"Bucket": "data", "Key": "a"}, {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}, "must be a list"),
        ({"Bucket": "data", "Key": "a"}, {"InputType": "JSON", "MaxItems": -1}, "field MaxItems must be positive"),
        (None, None, "needs an InputType"),
    ],
)
def test_what_is_wrong_with_a_reader_is_said(arguments: JSONValue, config: JSONValue, expected: str) -> None:
    with pytest.raises(EvaluationError, match=expected) as raised:
        item_source(GET_OBJECT, arguments, config)
    assert raised.value.error == "States.ItemReaderFailed"


def test_another_resource_is_refused_by_name() -> None:
    with pytest.raises(EvaluationError, match="arn:aws:states:::s3:putObject is not supported"):
        item_source("arn:aws:states:::s3:putObject", {"Bucket": "data", "Key": "a"}, {"InputType": "JSON"})


@pytest.mark.parametrize(
    ("key", "config", "package"),
    [("a.parquet", {"InputType": "PARQUET"}, "pyarrow"), ("a.csv.zst", CSV, "zstandard")],
)
def test_a_missing_package_is_named(
    buckets: FolderBuckets, monkeypatch: pytest.MonkeyPatch, key: str, config: dict[str, str], package: str
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    _put(buckets, key, b"x")
    with pytest.raises(FeatureNotSupported, match=f"pip install {package}"):
        _read(buckets, key, **config)


def test_parquet_rows_are_items(buckets: FolderBuckets) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    parquet.write_table(pyarrow.table({"id": [1, 2], "f": [0.5, float("nan")]}), buckets.root / "data" / "a.parquet")
    assert _values(buckets, "a.parquet", InputType="PARQUET") == [{"id": 1, "f": 0.5}, {"id": 2, "f": None}]
    _put(buckets, "b.parquet", b"x")
    assert "is not a Parquet file" in _failure(buckets, "b.parquet", InputType="PARQUET")


def test_a_large_file_is_read_in_bounded_memory(buckets: FolderBuckets) -> None:
    with (buckets.root / "data" / "large.csv").open("w") as file:
        file.write("id,name\n")
        file.writelines(f"{number},customer {number}\n" for number in range(50_000))
    source = item_source(GET_OBJECT, {"Bucket": "data", "Key": "large.csv"}, CSV)
    tracemalloc.start()
    count = count_items(source, buckets)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 50_000
    assert peak_bytes < 512 * 1024


def test_a_limit_stops_reading(buckets: FolderBuckets) -> None:
    _put(buckets, "a.jsonl", "1\n2\nnot json\n")
    assert _values(buckets, "a.jsonl", InputType="JSONL", MaxItems="2") == [1, 2]
