"""Buckets that tell of every object that is put into them; what hears of it is not known here."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from sfn_notebook.engine.buckets import Buckets, ObjectSummary, ObjectWriter


@dataclass(frozen=True, kw_only=True, slots=True)
class PutObject:
    """An object that was put; ``etag`` without quotes, ``sequence`` counts the puts of all buckets."""

    bucket: str
    key: str
    size_bytes: int
    etag: str
    sequence: int


class ObservedBuckets:
    """Other buckets, which store everything; ``tell`` hears of an object once it is visible."""

    def __init__(self, buckets: Buckets, tell: Callable[[PutObject], None]) -> None:
        self._buckets = buckets
        self._tell = tell
        self._sequence = 0

    def __repr__(self) -> str:
        return repr(self._buckets)

    def __getattr__(self, name: str) -> Any:
        # What a storage has beyond the protocol, such as create_bucket, stays within reach.
        return getattr(self._buckets, name)

    def open(self, bucket: str, key: str, *, version_id: str | None = None) -> BinaryIO:
        """Open an object for reading; see ``Buckets``."""
        return self._buckets.open(bucket, key, version_id=version_id)

    def list(self, bucket: str, *, prefix: str = "", start_after: str = "") -> Iterator[ObjectSummary]:
        """All objects whose key begins with ``prefix``; see ``Buckets``."""
        return self._buckets.list(bucket, prefix=prefix, start_after=start_after)

    def create(self, bucket: str, key: str) -> ObjectWriter:
        """Begin an object; see ``Buckets``."""
        return _ObservedWriter(self._buckets.create(bucket, key), bucket, key, self._put)

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object; see ``Buckets``. Of this nobody is told: only creations can be listened to."""
        self._buckets.delete(bucket, key)

    def _put(self, bucket: str, key: str, size_bytes: int, etag: str) -> None:
        self._sequence += 1
        self._tell(PutObject(bucket=bucket, key=key, size_bytes=size_bytes, etag=etag, sequence=self._sequence))


class _ObservedWriter:
    """An object in the making, of which ``put`` is told when it is committed."""

    def __init__(self, writer: ObjectWriter, bucket: str, key: str, put: Callable[[str, str, int, str], None]) -> None:
        self._writer = writer
        self._bucket = bucket
        self._key = key
        self._put = put
        self._digest = hashlib.md5(usedforsecurity=False)
        self._size_bytes = 0
        self._is_open = True

    def write(self, content: bytes) -> None:
        """Append ``content``."""
        self._writer.write(content)
        self._digest.update(content)
        self._size_bytes += len(content)

    def commit(self) -> None:
        """Make the object visible, and tell of it, once."""
        self._writer.commit()
        if self._is_open:
            self._is_open = False
            self._put(self._bucket, self._key, self._size_bytes, self._digest.hexdigest())

    def discard(self) -> None:
        """Forget what was written; after ``commit`` nothing happens."""
        self._is_open = False
        self._writer.discard()
