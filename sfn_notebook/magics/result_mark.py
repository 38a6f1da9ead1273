"""A mark in the picture of a run's result, and the style that hides the marked picture beside its live view.

A run has two outputs, for readers with and without a kernel. Who sees the live view would see the same graph twice, so
the live view brings a style rule with it. Where there is no live view there is no rule, and the picture is seen.
"""

import struct
import zlib
from typing import Final

# With this keyword the mark begins at a multiple of three bytes, so that base64 always writes it the same.
_KEYWORD: Final = b"Source"
_MARK: Final = b"sfn_notebook"
_MARK_IN_BASE64: Final = "c2ZuX25vdGVib29r"
_END_OF_HEADER: Final = 33

HIDE_RESULT_CSS: Final = (
    ".jp-OutputArea-child:has(.sfn-view) ~ .jp-OutputArea-child"
    f':has(img[src^="data:image/png"][src*="{_MARK_IN_BASE64}"]) {{ display: none; }}\n'
)
"""For JupyterLab and Notebook 7; other front ends have other classes and show both."""


def marked(picture: bytes) -> bytes:
    """The PNG with a text chunk ``Source: sfn_notebook`` after its header. Source: PNG specification, tEXt."""
    kind, text = b"tEXt", _KEYWORD + b"\0" + _MARK
    chunk = struct.pack(">I", len(text)) + kind + text + struct.pack(">I", zlib.crc32(kind + text))
    return picture[:_END_OF_HEADER] + chunk + picture[_END_OF_HEADER:]
