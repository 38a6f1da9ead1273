"""What a handler prints and logs, kept beside what the notebook shows of it; it knows no function and no workflow.

``begin_capture`` and ``end_capture`` surround each call of a handler, so that they cost a fraction of a microsecond:
two tees, made once, take the place of the streams, and a handler stands among those of the root logger without the
locks of ``addHandler``.
"""

import logging
import sys
from typing import Any, Final, TextIO

LONGEST_OUTPUT: Final = 20_000
"""Characters of one call that are kept; what is beyond is counted."""


class _Kept:
    """What one call has printed so far."""

    __slots__ = ("left_out", "parts", "room")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = LONGEST_OUTPUT
        self.left_out = 0

    def add(self, text: str) -> None:
        self.parts.append(text[: self.room])
        self.left_out += max(0, len(text) - self.room)
        self.room = max(0, self.room - len(text))

    def __str__(self) -> str:
        text = "".join(self.parts)
        return f"{text}\n... {self.left_out:,} more characters" if self.left_out else text


def beginning_of(text: str) -> str:
    """As much of a text as is kept of an output, and how much is beyond."""
    kept = _Kept()
    kept.add(text)
    return str(kept)


_calls: list[_Kept | None] = []
"""The calls that go on, outermost first: what an inner one prints is kept for the outer ones too."""


def begin_capture() -> None:
    """From now on keep what is printed, and what loggers let pass; ``end_capture`` must follow."""
    _calls.append(None)
    if len(_calls) == 1:
        # Nothing but a tee itself is wrapped: user code may have left one in its place.
        if _SYS.stdout is not _STDOUT:
            _STDOUT.stream = _SYS.stdout
            _SYS.stdout = _STDOUT
        if _SYS.stderr is not _STDERR:
            _STDERR.stream = _SYS.stderr
            _SYS.stderr = _STDERR
        _ROOT.handlers.append(_RECORDS)


def end_capture() -> str | None:
    """What was printed and logged since ``begin_capture``, in this order; ``None`` where there was nothing."""
    kept = _calls.pop()
    if not _calls:
        # A stream or a list of handlers that the call has put in place stays.
        if _SYS.stdout is _STDOUT:
            _SYS.stdout = _STDOUT.stream
        if _SYS.stderr is _STDERR:
            _SYS.stderr = _STDERR.stream
        if _RECORDS in _ROOT.handlers:
            _ROOT.handlers.remove(_RECORDS)
    return None if kept is None else str(kept)


def _keep(text: str) -> None:
    for place, kept in enumerate(_calls):
        if kept is None:
            kept = _calls[place] = _Kept()  # noqa: PLW2901 - made when something is printed: most calls are silent
        kept.add(text)


class _Tee:
    """Writes to a stream and keeps what is written; everything else is the stream's."""

    __slots__ = ("stream",)

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        written = self.stream.write(text)
        _keep(text)
        return written

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


class _Records:
    """Stands in for a handler of the root logger and keeps records; it shows those that nobody else would.

    No ``logging.Handler``, which registers itself; loggers ask for these attributes only.
    """

    __slots__ = ()

    level = logging.NOTSET
    formatter = logging.Formatter(logging.BASIC_FORMAT)

    def handle(self, record: logging.LogRecord) -> None:
        others = [each for each in _ROOT.handlers if each is not _RECORDS]
        last_resort = logging.lastResort
        if not others and last_resort is not None and record.levelno >= last_resort.level:
            # As Python does without any handler; it writes to sys.stderr, and so to the tee.
            last_resort.handle(record)
        elif not any(isinstance(getattr(each, "stream", None), _Tee) for each in others):
            formatter = next((each.formatter for each in others if each.formatter is not None), self.formatter)
            _keep(f"{formatter.format(record)}\n")


# Any: a tee has every attribute of its stream, and the records' keeper what loggers ask a handler for.
_SYS: Final[Any] = sys
_STDOUT: Final[Any] = _Tee(sys.stdout)
_STDERR: Final[Any] = _Tee(sys.stderr)
_RECORDS: Final[Any] = _Records()
_ROOT: Final = logging.getLogger()
