"""The mark of a result's picture: a sound PNG, and a text that a style rule finds in any picture that has it."""

import struct
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.magics.pictures import picture_of
from sfn_notebook.magics.result_mark import HIDE_RESULT_CSS, marked
from sfn_notebook.workspace import Workspace

MARK = HIDE_RESULT_CSS.partition('src*="')[2].partition('"')[0]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def chunks(picture: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a PNG, each with a sound checksum."""
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    found, position = [], 8
    while position < len(picture):
        (length,) = struct.unpack(">I", picture[position : position + 4])
        kind, content = picture[position + 4 : position + 8], picture[position + 8 : position + 8 + length]
        assert picture[position + 8 + length : position + 12 + length] == struct.pack(">I", zlib.crc32(kind + content))
        found.append((kind, content))
        position += 12 + length
    return found


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.binary(max_size=200))
def test_the_style_rule_finds_the_mark_whatever_the_picture_shows(width: int, height: int, pixels: bytes) -> None:
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    plain = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    assert MARK
    assert MARK in b64encode(marked(plain)).decode()
    assert [each for each in chunks(marked(plain)) if each[0] != b"tEXt"] == chunks(plain)


@pytest.mark.parametrize("is_marked", [True, False])
def test_only_the_picture_below_a_live_view_is_marked(is_marked: bool) -> None:  # noqa: FBT001 - a parameter
    machine = Workspace().define("Flow", {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    picture = picture_of(machine)
    shown = type(picture)(text=picture.text, graph=picture.graph, is_marked=is_marked).bundle()[0]["image/png"]
    assert (MARK in shown) is is_marked
