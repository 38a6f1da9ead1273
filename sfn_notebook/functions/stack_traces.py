"""Tracebacks cut to the user's own frames and written as Lambda's ``stackTrace``; it catches nothing."""

import asyncio
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, TypeAlias

SourceName: TypeAlias = Callable[[str], str | None]
"""From a file name of Python's to one that people read (``In[3]``); ``None`` keeps it."""

MAX_FRAMES: Final = 64

_THIS_PACKAGE: Final = f"{Path(__file__).parents[1]}{os.sep}"
_ASYNCIO: Final = f"{Path(asyncio.__file__).parent}{os.sep}"


def user_traceback(trace: TracebackType | None) -> TracebackType | None:
    """``trace`` from the user's first frame on, without the frames of this package further down.

    Such frames appear where one function of the notebook calls another. Frames of asyncio are left out only before the
    user's first frame: further down the user's code called it. The chain of ``trace`` itself is changed.
    """
    while trace is not None and _file_of(trace).startswith((_THIS_PACKAGE, _ASYNCIO)):
        trace = trace.tb_next
    last = trace
    while last is not None:
        while last.tb_next is not None and _file_of(last.tb_next).startswith(_THIS_PACKAGE):
            last.tb_next = last.tb_next.tb_next
        last = last.tb_next
    return trace


def _file_of(trace: TracebackType) -> str:
    return trace.tb_frame.f_code.co_filename


def stack_trace(trace: TracebackType | None, source_name: SourceName | None, *, is_recursion: bool) -> list[str]:
    r"""Lambda's ``stackTrace``: one text for each frame, ``  File "In[3]", line 2, in charge\n    raise ...\n``.

    Only the traceback of the exception itself, none of those that it is chained to. Of more than ``MAX_FRAMES`` frames
    the middle is left out. Of an endless recursion the tail is left out instead: how deep it went depends on the
    machine, and outputs must not.

    Source: recorded Lambda error payloads.
    """
    frames = traceback.extract_tb(trace)
    # Tuples without columns: Lambda shows no carets below the source line.
    entries = [
        (
            (source_name and source_name(frame.filename)) or frame.filename,
            frame.lineno or 0,
            frame.name,
            frame.line or "",
        )
        for frame in frames
    ]
    if len(entries) <= MAX_FRAMES:
        return traceback.format_list(entries)
    if is_recursion:
        return [*traceback.format_list(entries[:MAX_FRAMES]), "  [deeper frames left out]\n"]
    half = MAX_FRAMES // 2
    left_out = len(entries) - 2 * half
    return [
        *traceback.format_list(entries[:half]),
        f"  [{left_out} frames left out]\n",
        *traceback.format_list(entries[-half:]),
    ]
