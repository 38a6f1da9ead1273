"""A user's own exception as text with the failing lines of their cells, and the way into it for ``%debug``."""

import linecache
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Final, TypeAlias

from IPython.core.interactiveshell import InteractiveShell

SourceName: TypeAlias = Callable[[str], str | None]
"""From a code file's name to ``In[3]``; ``None`` for what is no cell."""

_LINES_AROUND: Final = 2
_MAX_FRAMES: Final = 12
_MAX_MESSAGE: Final = 2_000


def error_text(exception: BaseException, source_name: SourceName) -> str:
    """The exception's type and message, then each frame, innermost last; the user's cells with the lines around.

    Nothing in it depends on the machine: files are named relative to the working folder, libraries by module.
    """
    frames = list(traceback.walk_tb(exception.__traceback__))
    left_out = max(0, len(frames) - _MAX_FRAMES)
    # An endless recursion is as deep as the machine allows, so the number that is left out is not told.
    shown = frames[: _MAX_FRAMES // 2] + frames[-_MAX_FRAMES // 2 :] if left_out else frames
    blocks = [_headline(exception)]
    for index, (frame, line) in enumerate(shown):
        if left_out and index == _MAX_FRAMES // 2:
            blocks.append("  ...")
        blocks.append(_frame_text(frame, line, source_name))
    blocks += [f"caused by {_headline(cause)}" for cause in _causes(exception)]
    return "\n".join(blocks)


def _headline(exception: BaseException) -> str:
    try:
        message = str(exception)
    except Exception:  # noqa: BLE001 - __str__ is the user's code too
        message = "<no text: its __str__ failed>"
    if len(message) > _MAX_MESSAGE:
        message = message[:_MAX_MESSAGE] + " ..."
    return f"{type(exception).__name__}: {message}" if message else type(exception).__name__


def _causes(exception: BaseException) -> Iterator[BaseException]:
    seen = {id(exception)}
    while True:
        context = None if exception.__suppress_context__ else exception.__context__
        cause = exception.__cause__ or context
        if cause is None or id(cause) in seen:
            return
        seen.add(id(cause))
        yield cause
        exception = cause


def _frame_text(frame: FrameType, line: int, source_name: SourceName) -> str:
    code = frame.f_code
    cell = source_name(code.co_filename)
    if cell is not None:
        place = f"  Cell {cell}, line {line}, in {code.co_name}"
    elif (path := _local_path(code.co_filename)) is not None:
        place = f"  File {path}, line {line}, in {code.co_name}"
    else:
        return f"  {frame.f_globals.get('__name__', '?')}, in {code.co_name}"
    return "\n".join([place, *_source_lines(code.co_filename, line, frame)])


def _local_path(file_name: str) -> str | None:
    """The file relative to the working folder; ``None`` for a library, or a place that differs between machines."""
    try:
        relative = os.path.relpath(file_name)
    except ValueError:  # another drive of Windows
        return None
    outside = relative.startswith(os.pardir) or "site-packages" in relative or file_name.startswith("<")
    return None if outside else relative.replace(os.sep, "/")


def _source_lines(file_name: str, line: int, frame: FrameType) -> Iterator[str]:
    lines = linecache.getlines(file_name, frame.f_globals)
    first = max(1, line - _LINES_AROUND)
    last = min(len(lines), line + _LINES_AROUND)
    width = len(str(last))
    for number in range(first, last + 1):
        mark = "---->" if number == line else "     "
        yield f"  {mark} {number:>{width}} {lines[number - 1].rstrip()}".rstrip()


def enter_with_debug(shell: InteractiveShell, exception: BaseException) -> None:
    """Make ``exception`` what ``%debug`` enters next, although the cell that raised it ended well."""
    trace: TracebackType | None = exception.__traceback__
    sys.last_type, sys.last_value, sys.last_traceback = type(exception), exception, trace
    if sys.version_info >= (3, 12):
        sys.last_exc = exception
    # IPython prefers the traceback that it printed last, which is another one.
    shell.InteractiveTB.tb = trace
