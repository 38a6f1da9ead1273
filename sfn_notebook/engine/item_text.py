"""Objects of a dataset as text, read piece by piece: compression by name, UTF-8, a byte order mark; no format of items.

Nothing here holds more of an object than one piece, so a dataset may be larger than memory.
"""

import gzip
import importlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, TextIO, cast

from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine.buckets import BucketError, Buckets, object_uri
from sfn_notebook.errors import FeatureNotSupported

MAX_ITEM_CHARACTERS: Final = 8 * 1024 * 1024
"""The largest item that is read. Source: Step Functions quotas (8 MB, if ItemSelector reduces it)."""

BLANK_LINES: Final = frozenset({"\n", "\r\n", "\r"})
"""Lines that hold nothing; readers leave them out between items. Not recorded: the Java readers do so."""


def reader_failed(detail: str) -> EvaluationError:
    """The failure of an ItemReader. Recorded: its cause has no ``An error occurred while executing`` before it."""
    return EvaluationError(error_names.ITEM_READER_FAILED, detail, prefixed=False)


@contextmanager
def opened(buckets: Buckets, bucket: str, key: str, version_id: str | None = None) -> Iterator[BinaryIO]:
    """Open an object's bytes as stored, and tell every failure to read them as States.ItemReaderFailed.

    Raises:
        EvaluationError: States.ItemReaderFailed.
    """
    try:
        with buckets.open(bucket, key, version_id=version_id) as stream:
            yield stream
    except BucketError as error:
        raise reader_failed(error.cause) from None
    except (OSError, EOFError, zlib.error) as error:
        raise reader_failed(f"{object_uri(bucket, key)} cannot be read: {error}") from None


def text_of(stream: BinaryIO, key: str) -> TextIO:
    r"""Decode ``stream``: gzip and zstd are undone if the key's name says so, a byte order mark is dropped.

    Only ``\n`` ends a line, and bytes that are not UTF-8 become U+FFFD, as in Java's readers.

    Raises:
        FeatureNotSupported: If a zstd object is read and no package for it is installed.
    """
    decompress = next((each for suffixes, each in _DECOMPRESSORS.items() if key.lower().endswith(suffixes)), None)
    plain = stream if decompress is None else decompress(stream)
    return io.TextIOWrapper(plain, encoding="utf-8-sig", errors="replace", newline="\n")


def lines_of(text: TextIO, place: str) -> Iterator[str]:
    """Lines with their ends.

    Raises:
        EvaluationError: States.ItemReaderFailed, for a line beyond the limit of an item.
    """
    read_line = text.readline
    for line in iter(lambda: read_line(MAX_ITEM_CHARACTERS + 1), ""):
        if len(line) > MAX_ITEM_CHARACTERS:
            raise too_large(place)
        yield line


def too_large(place: str) -> EvaluationError:
    """The failure for an item beyond the limit; the text is ours: none was recorded."""
    return reader_failed(f"An item of {place} is larger than {MAX_ITEM_CHARACTERS // 1024 // 1024} MB.")


def _gunzip(stream: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))


def _unzstd(stream: BinaryIO) -> BinaryIO:
    try:
        zstandard = importlib.import_module("zstandard")
    except ImportError:
        feature = "reading a zstd object without the package zstandard"
        raise FeatureNotSupported(feature, hint="Install it with: pip install zstandard") from None
    reader = zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
    return cast("BinaryIO", io.BufferedReader(_ZstdStream(reader, zstandard.ZstdError)))


class _ZstdStream(io.RawIOBase):
    """A zstd reader that fails as files do, so that nothing but this module knows the package's own exception."""

    def __init__(self, reader: Any, failure: type[Exception]) -> None:
        self._reader = reader
        self._failure = failure

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        try:
            return int(self._reader.readinto(buffer))
        except self._failure as error:
            raise OSError(str(error)) from None


_DECOMPRESSORS: Final[dict[tuple[str, ...], Callable[[BinaryIO], BinaryIO]]] = {
    (".gz", ".gzip"): _gunzip,
    (".zst", ".zstd"): _unzstd,
}
