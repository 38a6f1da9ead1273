"""How offsets in a definition's text become lines and columns; nothing of JSON, YAML or ASL."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from sfn_notebook._json import JSONValue
from sfn_notebook.errors import Problem

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of text: lines and columns count from 1 (columns in characters), the end is just past the last one.

    ``key`` is the span of the key that names this value, where the value is a member of an object.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    key: "Span | None" = None


Extent: TypeAlias = tuple[int, int, int, int]
"""Offsets: where a value begins and ends, and its key, -1 twice where there is none.

A plain tuple: it is made for every part of a definition, and the garbage collector need not look at it again.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a reader found: a JSON value, where each part of it stands, and what was wrong with the text."""

    value: JSONValue = None
    extents: Mapping[str, Extent] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


class LineIndex:
    """Finds the line and column of an offset in ``text`` by bisection."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_BREAK.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of ``offset``, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def span(self, start: int, end: int) -> Span:
        """The span from ``start`` to just before ``end``."""
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(line=line, column=column, end_line=end_line, end_column=end_column)


class SpanMap(Mapping[str, Span]):
    """JSON pointer -> Span, computed when asked for: a large definition has many parts and few problems."""

    def __init__(self, extents: Mapping[str, Extent], lines: LineIndex) -> None:
        self._extents = extents
        self._lines = lines

    def __getitem__(self, pointer: str) -> Span:
        start, end, key_start, key_end = self._extents[pointer]
        value = self._lines.span(start, end)
        if key_start < 0:
            return value
        key = self._lines.span(key_start, key_end)
        return Span(line=value.line, column=value.column, end_line=value.end_line, end_column=value.end_column, key=key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._extents)

    def __len__(self) -> int:
        return len(self._extents)


def child_pointer(pointer: str, key: str | int) -> str:
    """The JSON pointer of a member or element. Source: RFC 6901, section 3."""
    if isinstance(key, int):
        return f"{pointer}/{key}"
    if "~" in key or "/" in key:
        key = key.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{key}"
