"""Buckets as folders of the notebook; it knows S3's rules for names and listings, and nothing of workflows.

A key's segments are folders and a file, under their own names. Three segments that S3 allows and folders do not (the
empty one, ``.`` and ``..``) are written ``%2F``, ``%2E`` and ``%2E%2E``. Names come from workflow data, so nothing but
files really below the bucket's folder is ever opened.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from sfn_notebook.engine.buckets import BucketError, ObjectSummary, object_uri
from sfn_notebook.runtime.clock import VIRTUAL_EPOCH_SECONDS

_BUCKET_NAME: Final = re.compile(r"(?!\d+\.\d+\.\d+\.\d+\Z)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_ESCAPES: Final = {"": "%2F", ".": "%2E", "..": "%2E%2E"}
_SEGMENTS: Final = {escape: segment for segment, escape in _ESCAPES.items()}
_MAX_KEY_BYTES: Final = 1024
_UPLOADS: Final = ".uploads"
_LEFT_BY_TOOLS: Final = frozenset({".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini"})
"""What editors and file browsers leave behind: to list it would make outputs differ between machines."""


def _at_the_epoch(_path: Path) -> float:
    return VIRTUAL_EPOCH_SECONDS


class FolderBuckets:
    """Every folder below ``root`` whose name is a valid bucket name is a bucket.

    ``last_modified`` tells when an object was changed, in seconds since the epoch. By default it is always
    2026-01-01T00:00:00Z: a file's own time is that of the last checkout, so a listing would differ on every machine.
    There are no versions: only the version ``null`` exists, as in an S3 bucket without versioning.
    """

    def __init__(self, root: str | Path = "buckets", *, last_modified: Callable[[Path], float] = _at_the_epoch) -> None:
        self.root = Path(root)
        self._last_modified = last_modified

    def __repr__(self) -> str:
        return f"FolderBuckets({str(self.root)!r})"

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket; one that exists stays as it is.

        Raises:
            BucketError: ``InvalidBucketName``.
        """
        _check_bucket_name(bucket)
        (self.root / bucket).mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        """The names of the buckets, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(each.name for each in self.root.iterdir() if each.is_dir() and _BUCKET_NAME.fullmatch(each.name))

    def open(self, bucket: str, key: str, *, version_id: str | None = None) -> BinaryIO:
        """Open an object for reading, at its beginning; the caller closes it.

        Raises:
            BucketError: ``NoSuchBucket``, ``NoSuchKey``, ``NoSuchVersion``, ``AccessDenied``, ``InvalidBucketName``.
        """
        place = object_uri(bucket, key)
        folder = self._folder(bucket, place)
        path = _path_of(folder, key)
        if path is None or not path.is_file() or not _is_below(path, folder):
            raise BucketError("NoSuchKey", "The specified key does not exist.", place=place)
        if version_id not in (None, "null"):
            raise BucketError("NoSuchVersion", "The specified version does not exist.", place=place)
        try:
            return path.open("rb")
        except OSError as error:
            raise _denied(error, place) from None

    def list(self, bucket: str, *, prefix: str = "", start_after: str = "") -> Iterator[ObjectSummary]:
        """All objects whose key begins with ``prefix`` and comes after ``start_after``, by the key's UTF-8 bytes.

        Raises:
            BucketError: ``NoSuchBucket``, ``InvalidBucketName``, before the first object.
        """
        folder = self._folder(bucket, object_uri(bucket))
        return self._walk(folder, prefix, start_after.encode("utf-8", "surrogatepass"))

    def create(self, bucket: str, key: str) -> "FileWriter":
        """Begin an object.

        Raises:
            BucketError: ``NoSuchBucket``, ``InvalidBucketName``, ``AccessDenied``, or ``InvalidArgument`` for a key
                that is no path of this machine.
        """
        place = object_uri(bucket, key)
        folder = self._folder(bucket, place)
        path = _path_of(folder, key)
        if path is None:
            raise BucketError("InvalidArgument", "This key cannot be stored in a folder.", place=place)
        uploads = self.root / _UPLOADS
        if not _is_below(path.parent, folder) or path.is_dir():
            raise BucketError("AccessDenied", "Access Denied", place=place)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            uploads.mkdir(exist_ok=True)
            return FileWriter(target=path, uploads=uploads, place=place)
        except OSError as error:
            raise _denied(error, place) from None

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object, and the folders that it leaves empty; without an object of that key nothing happens.

        Raises:
            BucketError: ``NoSuchBucket``, ``InvalidBucketName``, ``AccessDenied``.
        """
        place = object_uri(bucket, key)
        folder = self._folder(bucket, place)
        path = _path_of(folder, key)
        if path is None or not path.is_file() or not _is_below(path, folder):
            return
        try:
            path.unlink()
        except OSError as error:
            raise _denied(error, place) from None
        for parent in path.parents:
            if parent == folder or any(parent.iterdir()):
                break
            _remove_if_empty(parent)

    def _folder(self, bucket: str, place: str) -> Path:
        _check_bucket_name(bucket)
        folder = self.root / bucket
        if not folder.is_dir() or not _is_below(folder, self.root):
            raise BucketError("NoSuchBucket", "The specified bucket does not exist", place=place)
        return folder

    def _walk(self, folder: Path, prefix: str, after: bytes) -> Iterator[ObjectSummary]:
        # A stack instead of recursion: a key may have a thousand segments. It holds one folder per level.
        stack = [_children(folder, "")]
        while stack:
            entry = next(stack[-1], None)
            if entry is None:
                stack.pop()
                continue
            key, path, is_folder = entry
            if is_folder:
                if key.startswith(prefix) or prefix.startswith(key):
                    stack.append(_children(path, key))
            elif key.startswith(prefix) and key.encode("utf-8", "surrogatepass") > after and _is_below(path, folder):
                yield ObjectSummary(
                    key=key,
                    size_bytes=path.stat().st_size,
                    last_modified_seconds=self._last_modified(path),
                    read_etag=partial(_etag, path),
                )


class FileWriter:
    """An object in the making, as a file outside every bucket that ``commit`` moves into its place."""

    def __init__(self, *, target: Path, uploads: Path, place: str) -> None:
        self._target = target
        self._place = place
        handle, name = tempfile.mkstemp(dir=uploads)
        self._path: Path | None = Path(name)
        self._file = os.fdopen(handle, "wb")

    def write(self, content: bytes) -> None:
        """Append ``content``.

        Raises:
            BucketError: If the file cannot be written.
        """
        try:
            self._file.write(content)
        except OSError as error:
            raise _denied(error, self._place) from None

    def commit(self) -> None:
        """Make the object visible, in place of an older one of the same key.

        Raises:
            BucketError: If the file cannot be put there.
        """
        if self._path is None:
            return
        try:
            self._file.close()
            # Made with the mode of a temporary file, which other programs of the user could not read.
            self._path.chmod(0o644)
            folder = self._path.parent
            self._path.replace(self._target)
            self._path = None
            _remove_if_empty(folder)
        except OSError as error:
            raise _denied(error, self._place) from None

    def discard(self) -> None:
        """Forget what was written; after ``commit`` nothing happens."""
        if self._path is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)
            _remove_if_empty(self._path.parent)
            self._path = None


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _check_bucket_name(bucket: str) -> None:
    if _BUCKET_NAME.fullmatch(bucket) is None:
        raise BucketError("InvalidBucketName", "The specified bucket is not valid.", place=object_uri(bucket))


def _denied(error: OSError, place: str) -> BucketError:
    return BucketError("AccessDenied", f"Access Denied: {error.strerror}", place=place)


def _file_name(segment: str) -> str | None:
    """The name of a segment's file, or ``None`` if no file of this machine can bear it."""
    if segment in _ESCAPES:
        return _ESCAPES[segment]
    separators = (os.sep, os.altsep or os.sep, "\0", *((":",) if os.name == "nt" else ()))
    if segment in _SEGMENTS or any(each in segment for each in separators):
        return None
    return segment


def _path_of(folder: Path, key: str) -> Path | None:
    try:
        if not 0 < len(key.encode("utf-8")) <= _MAX_KEY_BYTES:
            return None
    except UnicodeEncodeError:
        return None
    names = [_file_name(segment) for segment in key.split("/")]
    return None if None in names else folder.joinpath(*filter(None, names))


def _is_below(path: Path, folder: Path) -> bool:
    """Whether ``path`` is inside ``folder`` once every link is followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def _children(folder: Path, key_prefix: str) -> Iterator[tuple[str, Path, bool]]:
    """Files and folders of ``folder`` in the order of their keys' bytes: a folder sorts as its name and a slash."""
    found: list[tuple[bytes, str, Path, bool]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name in _LEFT_BY_TOOLS:
                continue
            # A link to a folder is not followed: it could lead back here, and the walk would never end.
            is_folder = entry.is_dir(follow_symlinks=False)
            if not (is_folder or entry.is_file()) or not _is_utf8(entry.name):
                continue
            segment = _SEGMENTS.get(entry.name, entry.name)
            name = f"{segment}/" if is_folder else segment
            found.append((os.fsencode(name), key_prefix + name, Path(entry.path), is_folder))
    found.sort(key=lambda each: each[0])
    return iter([(key, path, is_folder) for _, key, path, is_folder in found])


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _etag(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return f'"{digest.hexdigest()}"'
