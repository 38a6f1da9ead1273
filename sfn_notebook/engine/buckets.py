"""What the engine needs of object storage, after Amazon S3; it stores nothing itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Protocol

_STATUS_CODES: Final = {
    "AccessDenied": 403,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchVersion": 404,
}


class BucketError(Exception):
    """A refusal of the storage: data for Retry and Catch, never shown with a traceback.

    ``code`` is S3's (``NoSuchBucket``, ``NoSuchKey``, ``NoSuchVersion``, ``InvalidBucketName``, ``AccessDenied``,
    ``InvalidArgument``) and ``message`` S3's text for it; ``place`` is the URI of what was asked for.
    Source: Amazon S3 API reference, "Error responses".
    """

    def __init__(self, code: str, message: str, *, place: str) -> None:
        super().__init__(f"{message} ({place})")
        self.code = code
        self.message = message
        self.place = place

    @property
    def status_code(self) -> int:
        """The HTTP status that S3 answers with."""
        return _STATUS_CODES.get(self.code, 400)

    @property
    def cause(self) -> str:
        """The text for a ``Cause``: S3's own, and what was asked for."""
        return f"{self.message} (Service: S3, Status Code: {self.status_code}, Error Code: {self.code}, {self.place})"


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectSummary:
    """One entry of a listing. ``read_etag`` is called only where an ETag is shown: it may have to read the object."""

    key: str
    size_bytes: int
    last_modified_seconds: float
    read_etag: Callable[[], str] = field(repr=False)
    storage_class: str = "STANDARD"

    @property
    def etag(self) -> str:
        """The entity tag, with its double quotes, as S3 sends it."""
        return self.read_etag()


class ObjectWriter(Protocol):
    """An object in the making: nobody sees it before ``commit``."""

    def write(self, content: bytes) -> None:
        """Append ``content``."""

    def commit(self) -> None:
        """Make the object visible, in place of an older one of the same key."""

    def discard(self) -> None:
        """Forget what was written; after ``commit`` nothing happens."""


class Buckets(Protocol):
    """Buckets and the objects in them. Every method raises ``BucketError``."""

    def open(self, bucket: str, key: str, *, version_id: str | None = None) -> BinaryIO:
        """Open an object for reading, at its beginning; the caller closes it."""

    def list(self, bucket: str, *, prefix: str = "", start_after: str = "") -> Iterator[ObjectSummary]:
        """All objects whose key begins with ``prefix`` and comes after ``start_after``, by the key's UTF-8 bytes."""

    def create(self, bucket: str, key: str) -> ObjectWriter:
        """Begin an object."""

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object; without an object of that key nothing happens."""


class NoBuckets:
    """A storage in which no bucket exists: for executions that were given none."""

    def open(self, bucket: str, key: str, *, version_id: str | None = None) -> BinaryIO:  # noqa: ARG002 - the protocol's
        """Refuse."""
        raise _no_such_bucket(object_uri(bucket, key))

    def list(self, bucket: str, *, prefix: str = "", start_after: str = "") -> Iterator[ObjectSummary]:  # noqa: ARG002 - the protocol's
        """Refuse."""
        raise _no_such_bucket(object_uri(bucket))

    def create(self, bucket: str, key: str) -> ObjectWriter:
        """Refuse."""
        raise _no_such_bucket(object_uri(bucket, key))

    def delete(self, bucket: str, key: str) -> None:
        """Refuse."""
        raise _no_such_bucket(object_uri(bucket, key))


def _no_such_bucket(place: str) -> BucketError:
    return BucketError("NoSuchBucket", "The specified bucket does not exist", place=place)


def put_object(buckets: Buckets, bucket: str, key: str, content: bytes) -> None:
    """Store ``content`` as one object.

    Raises:
        BucketError: If the storage refuses it.
    """
    writer = buckets.create(bucket, key)
    try:
        writer.write(content)
        writer.commit()
    finally:
        writer.discard()


def object_uri(bucket: str, key: str = "") -> str:
    """``s3://bucket/key``, or ``s3://bucket`` for the bucket itself."""
    return f"s3://{bucket}/{key}" if key else f"s3://{bucket}"
