from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.engine.buckets import BucketError, put_object
from sfn_notebook.integrations.buckets import FolderBuckets


@pytest.fixture
def buckets(tmp_path: Path) -> FolderBuckets:
    made = FolderBuckets(tmp_path / "buckets")
    made.create_bucket("data")
    return made


def _keys(buckets: FolderBuckets, prefix: str = "", start_after: str = "") -> list[str]:
    return [each.key for each in buckets.list("data", prefix=prefix, start_after=start_after)]


def _read(buckets: FolderBuckets, key: str) -> bytes:
    with buckets.open("data", key) as stream:
        return stream.read()


def _code(action: Callable[[], object]) -> str:
    with pytest.raises(BucketError) as raised:
        action()
    return raised.value.code


def test_a_file_of_the_user_is_an_object(buckets: FolderBuckets) -> None:
    (buckets.root / "data" / "in").mkdir()
    (buckets.root / "data" / "in" / "orders.csv").write_text("id\n1\n")
    assert _read(buckets, "in/orders.csv") == b"id\n1\n"
    assert _keys(buckets) == ["in/orders.csv"]


def test_an_object_is_seen_when_it_is_complete_and_replaces_the_older_one(buckets: FolderBuckets) -> None:
    put_object(buckets, "data", "a/b.txt", b"old")
    writer = buckets.create("data", "a/b.txt")
    writer.write(b"new")
    assert _read(buckets, "a/b.txt") == b"old"
    writer.commit()
    assert _read(buckets, "a/b.txt") == b"new"
    writer.discard()
    assert _keys(buckets) == ["a/b.txt"]
    assert [path.name for path in buckets.root.iterdir()] == ["data"]


def test_what_is_discarded_leaves_nothing(buckets: FolderBuckets) -> None:
    writer = buckets.create("data", "half.txt")
    writer.write(b"half")
    writer.discard()
    assert _keys(buckets) == []
    assert [path.name for path in buckets.root.iterdir()] == ["data"]


def test_a_listing_shows_what_s3_shows_and_is_the_same_on_every_machine(buckets: FolderBuckets) -> None:
    put_object(buckets, "data", "file_0.txt", b"hello")
    (summary,) = buckets.list("data")
    assert (summary.key, summary.size_bytes, summary.storage_class) == ("file_0.txt", 5, "STANDARD")
    assert summary.last_modified_seconds == 1767225600.0
    assert summary.etag == '"5d41402abc4b2a76b9719d911017c592"'


def test_listings_are_in_the_order_of_the_bytes_of_whole_keys(buckets: FolderBuckets) -> None:
    keys = ["a", "a-b", "a.b", "a/b/c", "a/z", "a0", "B", "z/é", "z/𝄞", "z/\uff00"]
    for key in (key for key in keys if key != "a"):
        put_object(buckets, "data", key, b"")
    assert _keys(buckets) == sorted((key for key in keys if key != "a"), key=lambda key: key.encode())


@given(
    keys=st.sets(st.text(alphabet="ab-./0é", min_size=1, max_size=8), max_size=12), prefix=st.text("ab/", max_size=3)
)
def test_what_was_put_is_listed_and_read_again(
    tmp_path_factory: pytest.TempPathFactory, keys: set[str], prefix: str
) -> None:
    buckets = FolderBuckets(tmp_path_factory.mktemp("buckets"))
    buckets.create_bucket("data")
    stored = set()
    for key in sorted(keys):
        try:
            put_object(buckets, "data", key, key.encode())
        except BucketError as error:
            # In a folder "a" and "a/b" cannot both be; S3 could hold both.
            assert error.code == "AccessDenied"  # noqa: PT017 - most keys raise nothing
        else:
            stored.add(key)
    expected = sorted((key for key in stored if key.startswith(prefix)), key=lambda key: key.encode())
    assert _keys(buckets, prefix) == expected
    assert {key: _read(buckets, key) for key in stored} == {key: key.encode() for key in stored}
    if expected:
        assert _keys(buckets, prefix, expected[0]) == expected[1:]


@pytest.mark.parametrize("key", ["../../secret.txt", "/../../secret.txt", "x/../../../secret.txt", "..", ".", "a/.."])
def test_no_key_leads_out_of_its_bucket(buckets: FolderBuckets, key: str) -> None:
    (buckets.root.parent / "secret.txt").write_text("secret")
    assert _code(lambda: buckets.open("data", key)) == "NoSuchKey"
    put_object(buckets, "data", key, b"mine")
    assert _read(buckets, key) == b"mine"
    assert (buckets.root.parent / "secret.txt").read_text() == "secret"
    assert sorted(path.name for path in buckets.root.parent.iterdir()) == ["buckets", "secret.txt"]


def test_links_that_lead_out_of_a_bucket_are_not_followed(buckets: FolderBuckets) -> None:
    outside = buckets.root.parent / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    (buckets.root / "data" / "link.txt").symlink_to(outside / "secret.txt")
    (buckets.root / "data" / "folder").symlink_to(outside)
    (buckets.root / "linked").symlink_to(outside)
    assert _keys(buckets) == []
    assert _code(lambda: buckets.open("data", "link.txt")) == "NoSuchKey"
    assert _code(lambda: buckets.open("data", "folder/secret.txt")) == "NoSuchKey"
    assert _code(lambda: put_object(buckets, "data", "folder/new.txt", b"")) == "AccessDenied"
    assert _code(lambda: buckets.list("linked")) == "NoSuchBucket"
    assert [path.name for path in outside.iterdir()] == ["secret.txt"]


def test_a_link_to_its_own_folder_does_not_hang_a_listing(buckets: FolderBuckets) -> None:
    (buckets.root / "data" / "again").symlink_to(buckets.root / "data")
    put_object(buckets, "data", "a.txt", b"")
    assert _keys(buckets) == ["a.txt"]


@pytest.mark.parametrize("bucket", ["", "..", "../data", "/data", "Data", "da", "a..b", "-ab", "192.168.0.1", "a" * 64])
def test_names_that_s3_refuses_are_refused(buckets: FolderBuckets, bucket: str) -> None:
    assert _code(lambda: buckets.list(bucket)) == "InvalidBucketName"
    assert _code(lambda: buckets.create_bucket(bucket)) == "InvalidBucketName"


@pytest.mark.parametrize("key", ["", "a" * 1025, "a\0b", "\ud800", "%2E%2E"])
def test_keys_that_no_folder_can_hold_are_refused(buckets: FolderBuckets, key: str) -> None:
    assert _code(lambda: buckets.create("data", key)) == "InvalidArgument"
    assert _code(lambda: buckets.open("data", key)) == "NoSuchKey"


def test_what_is_missing_is_told_as_s3_tells_it(buckets: FolderBuckets) -> None:
    with pytest.raises(BucketError, match="The specified bucket does not exist") as no_bucket:
        buckets.open("other", "a.txt")
    with pytest.raises(BucketError, match="The specified key does not exist") as no_key:
        buckets.open("data", "a.txt")
    assert (no_bucket.value.code, no_key.value.code) == ("NoSuchBucket", "NoSuchKey")
    assert "Status Code: 404" in no_key.value.cause
    assert "s3://data/a.txt" in no_key.value.cause


def test_a_bucket_without_versions_has_only_the_version_null(buckets: FolderBuckets) -> None:
    put_object(buckets, "data", "a.txt", b"x")
    buckets.open("data", "a.txt", version_id="null").close()
    assert _code(lambda: buckets.open("data", "a.txt", version_id="3")) == "NoSuchVersion"


def test_what_tools_leave_behind_is_no_object(buckets: FolderBuckets) -> None:
    put_object(buckets, "data", "a.txt", b"x")
    put_object(buckets, "data", ".ipynb_checkpoints/a.txt", b"x")
    put_object(buckets, "data", ".DS_Store", b"x")
    assert _keys(buckets) == ["a.txt"]
