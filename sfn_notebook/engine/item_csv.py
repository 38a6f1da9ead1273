"""Rows of delimited text as items, one at a time; where the text comes from is not its concern.

Values are texts. Quotation marks may enclose delimiters and line ends, a doubled one stands for itself; a backslash
escapes a backslash, a quotation mark or the delimiter, and is dropped before anything else. Missing cells are empty,
extra ones are left out. Source: developer guide, "ItemReader (Map)", CSV; recorded executions.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TextIO

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.item_text import MAX_ITEM_CHARACTERS, lines_of, reader_failed, too_large

DELIMITERS: Final[Mapping[str, str]] = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
"""The values of CSVDelimiter."""

_MAX_HEADER_BYTES: Final = 10 * 1024
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
        first = next(lines, None)
        if first is None:
            return
        headers = cells_of(first, lines, delimiter, place)
    check_headers(headers)
    count = len(headers)
    for line in lines:
        if '"' in line or "\\" in line:
            cells = cells_of(line, lines, delimiter, place)
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
            position = _take_if(after in ("\\", '"', delimiter), after, pieces, position)
        elif character == delimiter:
            cells.append("".join(pieces))
            pieces.clear()
        elif is_quoted and after == '"':
            position = _take_if(True, after, pieces, position)
        elif is_quoted or not any(pieces):
            is_quoted = not is_quoted
        else:
            # RFC 4180 has no such cell; most readers, and spreadsheets, take the mark for a character.
            pieces.append(character)


def _take_if(condition: bool, character: str, pieces: list[str], position: int) -> int:  # noqa: FBT001 - reads as a sentence
    if condition:
        pieces.append(character)
    return position + condition


@lru_cache(maxsize=len(DELIMITERS))
def _outside_quotes(delimiter: str) -> re.Pattern[str]:
    return re.compile(f'["\\\\{re.escape(delimiter)}]')


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


RowReader = Callable[[TextIO, str], Iterator[JSONObject]]
"""Reads the rows of one object, given its text and its place."""
