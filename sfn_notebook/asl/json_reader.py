"""Reads JSON text and remembers where each part stands; knows JSON's grammar, nothing of ASL."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue, is_too_deep
from sfn_notebook.asl.json_diagnosis import Expected, Opening, diagnose
from sfn_notebook.asl.rules import problem
from sfn_notebook.asl.spans import Extent, LineIndex, Reading, child_pointer
from sfn_notebook.errors import Problem

MAX_DEPTH: Final = 200
"""Objects and arrays within each other; AWS's own machines stay below 40."""

_BLANKS: Final = re.compile(r"[ \t\n\r]*+")
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?(?![\w.+-])")
_ELEMENT: Final = re.compile(
    r'[ \t\n\r]*+(?:(-?(?:0|[1-9][0-9]{0,17}+))|"([^"\\\x00-\x1f\ud800-\udfff]*+)")[ \t\n\r]*+,', re.ASCII
)
"""A short integer or a plain string, and the comma after it: what long arrays are mostly made of."""
_WORDS: Final = {"true": True, "false": False, "null": None}
_WORD: Final = re.compile(r"(?:true|false|null)(?!\w)")
SURROGATE: Final = re.compile("[\ud800-\udfff]")
_NO_KEY: Final = (-1, -1)
HALF_CHARACTER: Final = "The text holds half of a surrogate pair, which UTF-8 cannot store."
HALF_CHARACTER_HINT: Final = "Write the whole character, or both halves: \\ud83d\\ude00."
TOO_DEEP: Final = f"Objects and arrays are nested more than {MAX_DEPTH} deep."
TOO_DEEP_HINT: Final = "Move a part into a state machine of its own and start it from a Task."


class _UnreadableError(Exception):
    """Carries the one syntax problem out of the loop."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message)
        self.found = found


@dataclass(slots=True)
class _Frame:
    """A container that is being read."""

    container: JSONObject | list[JSONValue]
    pointer: str
    start: int
    key: tuple[int, int]
    is_empty: bool = True


class _JsonReader:
    """One pass over the text with an explicit stack: nesting costs no Python frames."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._lines = LineIndex(text)
        self._frames: list[_Frame] = []
        self._previous_end = 0
        self._extents: dict[str, Extent] = {}
        self._problems: list[Problem] = []

    def read(self) -> Reading:
        try:
            value = self._document()
        except _UnreadableError as stop:
            return Reading(problems=(*self._problems, stop.found))
        return Reading(value=value, extents=self._extents, problems=tuple(self._problems))

    def _document(self) -> JSONValue:
        self._skip_blanks()
        root = self._start_value("", _NO_KEY)
        while self._frames:
            self._step(self._frames[-1])
        self._skip_blanks()
        if self._offset < len(self._text):
            raise self._syntax(Expected.END)
        return root

    def _step(self, frame: _Frame) -> None:
        """Close the innermost container or read its next member or element."""
        is_object = isinstance(frame.container, dict)
        self._skip_blanks()
        char = self._text[self._offset : self._offset + 1]
        if char == ("}" if is_object else "]"):
            self._close(frame)
            return
        if not frame.is_empty:
            if char != ",":
                raise self._syntax(Expected.SEPARATOR)
            comma = self._offset
            self._offset += 1
            self._skip_blanks()
            if self._text[self._offset : self._offset + 1] in ("}", "]"):
                raise self._syntax(Expected.MEMBER, at=comma)
        frame.is_empty = False
        if isinstance(frame.container, dict):
            self._member(frame, frame.container)
        elif not self._plain_elements(frame, frame.container):
            pointer = child_pointer(frame.pointer, len(frame.container))
            frame.container.append(self._start_value(pointer, _NO_KEY))

    def _plain_elements(self, frame: _Frame, elements: list[JSONValue]) -> bool:
        """Read the plain scalars from here on that a comma follows; the last of these commas is left to be read."""
        base, extents, match = frame.pointer, self._extents, None
        for match in iter(_ELEMENT.scanner(self._text, self._offset).match, None):  # type: ignore[attr-defined] # typeshed has no scanner
            index = len(elements)
            if match.lastindex == 1:
                start, end = match.span(1)
                elements.append(int(match[1]))
            else:
                start, end = match.start(2) - 1, match.end(2) + 1
                elements.append(match[2])
            extents[f"{base}/{index}"] = (start, end, -1, -1)
        if match is None:
            return False
        self._previous_end = end
        self._offset = match.end() - 1
        return True

    def _member(self, frame: _Frame, container: JSONObject) -> None:
        start = self._offset
        if self._text[start : start + 1] != '"':
            raise self._syntax(Expected.KEY)
        key = self._string(frame.pointer)
        span = (start, self._offset)
        pointer = child_pointer(frame.pointer, key)
        if key in container:
            self._duplicate(pointer, key, span)
        self._skip_blanks()
        if self._text[self._offset : self._offset + 1] != ":":
            raise self._syntax(Expected.COLON)
        self._offset += 1
        self._skip_blanks()
        container[key] = self._start_value(pointer, span)

    def _start_value(self, pointer: str, key: tuple[int, int]) -> JSONValue:
        """Read a scalar, or open a container that the following steps fill."""
        start = self._offset
        char = self._text[start : start + 1]
        if char in ("{", "["):
            if len(self._frames) >= MAX_DEPTH:
                raise _UnreadableError(self._problem("NESTING_TOO_DEEP", (start, start + 1), TOO_DEEP, TOO_DEEP_HINT))
            container: JSONObject | list[JSONValue] = {} if char == "{" else []
            self._frames.append(_Frame(container=container, pointer=pointer, start=start, key=key))
            self._offset += 1
            self._extents[pointer] = (start, start + 1, *key)
            return container
        value = self._string(pointer) if char == '"' else self._number_or_word(pointer)
        self._extents[pointer] = (start, self._offset, *key)
        self._previous_end = self._offset
        return value

    def _close(self, frame: _Frame) -> None:
        self._offset += 1
        self._previous_end = self._offset
        self._extents[frame.pointer] = (frame.start, self._offset, *frame.key)
        self._frames.pop()

    def _string(self, pointer: str) -> str:
        match = _STRING.match(self._text, self._offset)
        if match is None:
            raise self._syntax(Expected.STRING)
        token = match.group()
        self._offset = match.end()
        value: str = json.loads(token) if "\\" in token else token[1:-1]
        if SURROGATE.search(value):
            found = self._problem("LONE_SURROGATE", match.span(), HALF_CHARACTER, HALF_CHARACTER_HINT, pointer=pointer)
            self._problems.append(found)
            value = SURROGATE.sub("\ufffd", value)
        return value

    def _number_or_word(self, pointer: str) -> JSONValue:
        start = self._offset
        word = _WORD.match(self._text, start)
        if word is not None:
            self._offset = word.end()
            return _WORDS[word.group()]
        number = _NUMBER.match(self._text, start)
        if number is None:
            raise self._syntax(Expected.VALUE)
        self._offset = number.end()
        value = parse_number(number.group(), is_integer=not (number.group(1) or number.group(2)))
        if value is None:
            message = "The number is too large."
            hint = "Write it as a string if it is an identifier."
            self._problems.append(self._problem("NUMBER_TOO_LARGE", number.span(), message, hint, pointer=pointer))
            return 0
        return value

    def _duplicate(self, pointer: str, key: str, span: tuple[int, int]) -> None:
        first = self._extents.get(pointer)
        line = self._lines.position(first[2])[0] if first is not None else 0
        self._problems.append(duplicate_key(self._lines, pointer, key, span, first_line=line))

    def _skip_blanks(self) -> None:
        match = _BLANKS.match(self._text, self._offset)
        if match is not None:
            self._offset = match.end()

    def _syntax(self, expected: Expected, *, at: int | None = None) -> _UnreadableError:
        openings = [
            Opening("{" if isinstance(frame.container, dict) else "[", *self._lines.position(frame.start))
            for frame in self._frames
        ]
        offset = self._offset if at is None else at
        found = diagnose(self._text, offset, expected, openings, self._previous_end)
        return _UnreadableError(self._problem("JSON_SYNTAX", (found.start, found.end), found.message, found.hint))

    def _problem(self, rule: str, spot: tuple[int, int], message: str, hint: str, *, pointer: str = "") -> Problem:
        return problem(rule, message, hint=hint, pointer=pointer, span=self._lines.span(*spot))


def parse_number(token: str, *, is_integer: bool) -> int | float | None:
    """Convert a JSON number; ``None`` where Python or JSON could not write it back."""
    try:
        value = int(token) if is_integer else float(token)
    except ValueError:  # more digits than Python converts in bounded time
        return None
    return value if is_integer or math.isfinite(value) else None


def duplicate_key(lines: LineIndex, pointer: str, key: str, span: tuple[int, int], *, first_line: int) -> Problem:
    """The problem of a key that an object has twice."""
    where = f" on line {first_line}" if first_line else ""
    return problem(
        "DUPLICATE_KEY",
        f'The key "{key}" is already used{where}.',
        hint="Rename or remove one of the two: only one value can be kept.",
        pointer=pointer,
        span=lines.span(*span),
    )


def read_json(text: str) -> Reading:
    """Read JSON ``text`` strictly: every problem found, at most one of them about syntax.

    Duplicate keys are problems at every level, and the last value stands. Nesting beyond ``MAX_DEPTH``, numbers that
    cannot be written back, NaN and infinities are refused. Source: RFC 8259.
    """
    value = _read_flawless(text)
    return _JsonReader(text).read() if value is ABSENT else Reading(value=value, extents=_LateExtents(text))


class _LateExtents(Mapping[str, Extent]):
    """Where the parts of a text stand, looked for when somebody asks: nobody does while nothing is wrong."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _extents(self) -> Mapping[str, Extent]:
        return _JsonReader(self._text).read().extents

    def __getitem__(self, pointer: str) -> Extent:
        return self._extents[pointer]

    def __iter__(self) -> Iterator[str]:
        return iter(self._extents)

    def __len__(self) -> int:
        return len(self._extents)


def _read_flawless(text: str) -> JSONValue | Absent:
    """The value of a text with which nothing at all is wrong, by Python's own reader; else ``ABSENT``."""
    if _ANY_SURROGATE.search(text) is not None:
        return ABSENT
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return ABSENT
    return ABSENT if is_too_deep(value, MAX_DEPTH) else value


def _unique(members: list[tuple[str, JSONValue]]) -> JSONObject:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a key twice")
    return found


def _finite(token: str) -> float:
    value = float(token)
    if math.isinf(value):
        raise ValueError(token)
    return value


def _refuse(token: str) -> float:
    raise ValueError(token)


_ANY_SURROGATE: Final = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse)
