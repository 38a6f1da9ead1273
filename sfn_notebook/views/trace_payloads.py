"""The payloads of a trace as bytes, each once and within limits; it knows nothing of states and events.

They are written as values, by Python's own pickler and in one call, which costs a tenth of writing their texts: the
browser makes the text of a payload when somebody looks at it, from bytes that tell 1 from 1.0 and have every digit.
Only what is plain JSON is pickled, so that what is sent holds data and no names of code.
"""

import pickle
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.views.trace_texts import LONGEST_TEXT

NOTHING: Final = ()
"""Stands where there is no payload: JSON has no tuples."""

PROTOCOL: Final = 4
"""The browser reads the opcodes of this one."""

Columns: TypeAlias = Mapping[str, Sequence[JSONValue]]
"""Lists of payloads by name; a tuple of a text and a length is a payload of which only the beginning is there."""

_NO_BOUND: Final = 1 << 62
_TOO_DEEP: Final = '"(nested too deeply to show)"'


class _TooLargeError(Exception):
    """What is written has become larger than it may."""


class _BoundedFile:
    """Takes what a pickler writes, as long as it is not too much."""

    def __init__(self, limit_bytes: int) -> None:
        self.pieces: list[bytes] = []
        self._left_bytes = limit_bytes

    def write(self, piece: bytes) -> None:
        self._left_bytes -= len(piece)
        if self._left_bytes < 0:
            raise _TooLargeError
        self.pieces.append(bytes(piece))


class _PlainPickler(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        raise TypeError(f"a {type(value).__name__} is not plain JSON")


def packed(value: object, *, limit_bytes: int = _NO_BOUND) -> bytes:
    """Plain JSON, with tuples, bytes and numbers as keys, as the browser's ``packed_values.js`` reads it.

    Raises:
        TypeError: If there is anything else in it.
        RecursionError: If it nests too deeply.
    """
    file = _BoundedFile(limit_bytes)
    _PlainPickler(file, PROTOCOL).dump(value)
    return b"".join(file.pieces)


class _Measured(NamedTuple):
    """A payload, what is sent of it, and the length of its whole text. An ``id`` is only good while the value lives."""

    value: JSONValue
    shown: JSONValue
    left_out: tuple[str, int]
    size: int


class PayloadPacker:
    """Packs the payloads of one execution again and again; large ones are measured once."""

    def __init__(self) -> None:
        self._measured: dict[int, _Measured] = {}

    def pack(self, columns: Columns, characters: int) -> bytes:
        """The payloads; where they take more bytes than ``characters``, as many of the latest texts as fit.

        The later a payload stands, the later it is. Of a text beyond ``LONGEST_TEXT`` the beginning counts then.
        """
        try:
            return packed(columns, limit_bytes=characters)
        except (_TooLargeError, TypeError, RecursionError):
            return packed(self._within(columns, characters))

    def _within(self, columns: Columns, characters: int) -> Columns:
        """The same columns, in which the beginning stands for a long payload, and nothing for the oldest."""
        latest_first = {
            id(value): value
            for column in reversed([*columns.values()])
            for value in reversed(column)
            if value is not NOTHING
        }
        sent: dict[int, JSONValue] = {id(NOTHING): NOTHING}
        left = characters
        before, self._measured = self._measured, {}
        for identity, value in latest_first.items():
            measured = self._measured[identity] = before.get(identity) or _measured(value)
            left -= measured.size
            sent[identity] = measured.shown if left >= 0 else measured.left_out
        return {name: [sent[id(value)] for value in column] for name, column in columns.items()}


def _measured(value: JSONValue) -> _Measured:
    try:
        text = _json.dump(value)
    except RecursionError:
        text = _TOO_DEEP
    beginning = (text[:LONGEST_TEXT], len(text))
    return _Measured(
        value=value,
        shown=value if len(text) <= LONGEST_TEXT and _is_plain(value) else beginning,
        left_out=("", len(text)),
        size=len(beginning[0]),
    )


def _is_plain(value: JSONValue) -> bool:
    try:
        packed(value)
    except (TypeError, RecursionError):
        return False
    return True
