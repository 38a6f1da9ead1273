"""Rows of delimited text as items, one at a time; where the text comes from is not its concern.

Values are texts. Quotation marks may enclose delimiters and line ends, a doubled one stands for itself; a backslash
escapes a backslash, a quotation mark or the delimiter, and is dropped before anything else. Missing cells are empty,
extra ones are left out. Source: developer guide, "ItemReader (Map)", CSV; recorded executions.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TextIO

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.item_text import BLANK_LINES, MAX_ITEM_CHARACTERS, lines_of, reader_failed, too_large

DELIMITERS: Final[Mapping[str, str]] = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
"""The values of CSVDelimiter."""

_MAX_HEADER_BYTES: Final = 10 * 1024
_MAX_LIBRARY_CHARACTERS: Final = 100_000
_IN_QUOTES: Final = re.compile(r'["\\]')


def rows_of(text: TextIO, headers: Sequence[str] | None, *, delimiter: str = ",", place: str) -> Iterator[JSONObject]:
    """Read rows as objects; without ``headers`` the first row is the header. ``place`` names the object in messages.

    Blank lines are no rows; text without any row has no items.

    Raises:
        EvaluationError: States.ItemReaderFailed, for headers with duplicates or beyond 10 KiB and for a row beyond
            the limit of an item.
    """
    lines = lines_of(text, place)
    if headers is None:
        first = next((line for line in lines if line not in BLANK_LINES), None)
        if first is None:
            return
        headers = cells_of(first, lines, delimiter, place)
    check_headers(headers)
    count = len(headers)
    for line in lines:
        if line in BLANK_LINES:
            continue
        if '"' in line or "\\" in line:
            cells = _quoted_cells(line, delimiter) or cells_of(line, lines, delimiter, place)
        else:
            cells = _without_end(line).split(delimiter)
        missing = count - len(cells)
        if missing > 0:
            cells += [""] * missing
        yield dict(zip(headers, cells, strict=False))


def check_headers(headers: Sequence[str]) -> None:
    """Check a header; the text for duplicates is recorded, that for the size is ours.

    Raises:
        EvaluationError: States.ItemReaderFailed.
    """
    if len(set(headers)) < len(headers):
        raise reader_failed("CSV headers cannot contain duplicates.")
    if sum(len(each.encode("utf-8", "surrogatepass")) for each in headers) > _MAX_HEADER_BYTES:
        raise reader_failed("CSV headers cannot be larger than 10 KiB.")


def cells_of(line: str, more_lines: Iterator[str], delimiter: str, place: str) -> list[str]:
    """Split one row; ``more_lines`` is drawn from while a quotation mark is open, up to the limit of an item."""
    plain = _outside_quotes(delimiter)
    cells: list[str] = []
    pieces: list[str] = []
    is_quoted, position, length = False, 0, len(line)
    while True:
        special = (_IN_QUOTES if is_quoted else plain).search(line, position)
        if special is None:
            pieces.append(line[position:] if is_quoted else _without_end(line[position:]))
            following = next(more_lines, "") if is_quoted else ""
            if not following:
                cells.append("".join(pieces))
                return cells
            length += len(following)
            if length > MAX_ITEM_CHARACTERS:
                raise too_large(place)
            line, position = following, 0
            continue
        pieces.append(line[position : special.start()])
        character, position = special[0], special.end()
        after = line[position : position + 1]
        if character == "\\":
            if after in ("\\", '"', delimiter):
                pieces.append(after)
                position += 1
        elif character == delimiter:
            cells.append("".join(pieces))
            pieces.clear()
        elif is_quoted and after == '"':
            pieces.append(after)
            position += 1
        elif is_quoted or not any(pieces):
            is_quoted = not is_quoted
        else:
            # RFC 4180 has no such cell; most readers, and spreadsheets, take the mark for a character.
            pieces.append(character)


def _quoted_cells(line: str, delimiter: str) -> list[str] | None:
    """Split a row with the standard library, four times as fast, where it would do as ``cells_of`` does.

    It would not for a row that goes on in the next line, a backslash, a carriage return, or a long cell, whose limit
    is one setting for the whole process.
    """
    if "\\" in line or "\r" in line or len(line) > _MAX_LIBRARY_CHARACTERS or line.count('"') % 2:
        return None
    try:
        cells = next(csv.reader((line,), delimiter=delimiter))
    except csv.Error:  # the process may have lowered that limit
        return None
    # The line's end is within a cell only if a quotation mark was still open.
    return None if cells[-1].endswith("\n") else cells


@lru_cache(maxsize=len(DELIMITERS))
def _outside_quotes(delimiter: str) -> re.Pattern[str]:
    return re.compile(f'["\\\\{re.escape(delimiter)}]')


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")
