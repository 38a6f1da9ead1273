"""Elements of a JSON array, entries of a JSON object and JSON Lines as items, one at a time, from text read in pieces.

No more of a text is held than one item and one piece, so a file may be larger than memory.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final, TextIO

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine.item_text import BLANK_LINES, MAX_ITEM_CHARACTERS, lines_of, reader_failed, too_large

_PIECE_CHARACTERS: Final = 65_536
_MAX_CHARACTERS_BEFORE_TARGET: Final = 16 * 1024 * 1024
"""An ItemsPointer's target must begin within the first 16 MB. Source: developer guide, "ItemReader (Map)"."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_STRUCTURE: Final = re.compile(r'["\[\]{}]')
_STRING_END: Final = re.compile(r'["\\]')
_MORE_OF_A_NUMBER: Final = "+-.0123456789eE"
_NOT_ITERABLE: Final = "Attempting to map over non-iterable node."
_NO_SUCH_POINTER: Final = "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure."


def _refuse_constant(name: str) -> JSONValue:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def parse_pointer(text: str) -> tuple[str, ...]:
    """Read an RFC 6901 JSON pointer; ``""`` is the whole document.

    Raises:
        EvaluationError: States.ItemReaderFailed, for what is no pointer or has 2,000 characters or more.
    """
    if len(text) >= 2000 or (text and not text.startswith("/")) or re.search(r"~(?![01])", text):
        raise reader_failed(_NO_SUCH_POINTER)
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:])


def elements_of(text: TextIO, pointer: Sequence[str] | None, *, place: str) -> Iterator[tuple[str | None, JSONValue]]:
    """Read the items of a JSON document: ``(None, element)`` of an array, or ``(key, value)`` of an object.

    Without a pointer a document that is an object is refused: so it was recorded in 2023. Where an object is meant to
    be iterated, ItemsPointer says so (``""`` is the whole document); it did not exist then.

    Raises:
        EvaluationError: States.ItemReaderFailed, for text that is not JSON, a pointer without target, a target that
            is neither array nor object, and items beyond the limit.
    """
    reader = _JsonReader(text, place)
    if pointer:
        _go_to(reader, pointer)
    opening = reader.peek()
    if opening == "[":
        return ((None, reader.value()) for _ in reader.elements())
    if opening == "{" and pointer is not None:
        return ((key, reader.value()) for key in reader.members())
    if opening in ("", "]", "}", ",", ":"):
        raise reader.invalid("no value")
    raise reader_failed(_NOT_ITERABLE)


def line_values_of(text: TextIO, *, place: str) -> Iterator[JSONValue]:
    """Read JSON Lines: one value for each line that is not blank.

    Raises:
        EvaluationError: States.ItemReaderFailed, naming the line that is not JSON.
    """
    for number, line in enumerate(lines_of(text, place), start=1):
        if line in BLANK_LINES:
            continue
        try:
            yield _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            raise reader_failed(f"Line {number} of {place} is not valid JSON: {error}") from None


def _go_to(reader: "_JsonReader", pointer: Sequence[str]) -> None:
    reader.limit_characters(_MAX_CHARACTERS_BEFORE_TARGET)
    for token in pointer:
        if not _enter(reader, token):
            raise reader_failed(_NO_SUCH_POINTER)
    reader.peek()
    reader.limit_characters(None)


def _enter(reader: "_JsonReader", token: str) -> bool:
    """Move to the member ``token`` of the object or array that begins here."""
    opening = reader.peek()
    if opening == "{":
        for key in reader.members():
            if key == token:
                return True
            reader.skip()
    elif opening == "[" and re.fullmatch(r"0|[1-9][0-9]{0,8}", token):
        for index in reader.elements():
            if index == int(token):
                return True
            reader.skip()
    return False


class _JsonReader:
    """A position in JSON text that is read as it is needed."""

    def __init__(self, text: TextIO, place: str) -> None:
        self._source = text
        self._place = place
        self._text = ""
        self._position = 0
        self._is_at_end = False
        self._read_characters = 0
        self._limit_characters: int | None = None

    def limit_characters(self, limit: int | None) -> None:
        """Refuse to read beyond the first ``limit`` characters of the text."""
        self._limit_characters = limit

    def invalid(self, reason: str) -> EvaluationError:
        """The failure for text that is not JSON; the text is ours: none was recorded."""
        return reader_failed(f"{self._place} is not valid JSON: {reason}.")

    def peek(self) -> str:
        """The next character that is no white space, or ``""`` at the end."""
        while True:
            match = _SPACE.match(self._text, self._position)
            self._position = match.end() if match is not None else self._position
            if self._position < len(self._text):
                return self._text[self._position]
            if not self._read_more(_PIECE_CHARACTERS):
                return ""

    def elements(self) -> Iterator[int]:
        """Stand before each element of the array that begins here; each must be read or skipped before the next."""
        self._expect("[")
        if self._take("]"):
            return
        index = 0
        while True:
            yield index
            if self._take("]"):
                return
            self._expect(",")
            index += 1

    def members(self) -> Iterator[str]:
        """Read each key of the object that begins here and stand before its value, to be read or skipped."""
        self._expect("{")
        if self._take("}"):
            return
        while True:
            if self.peek() != '"':
                raise self.invalid("a key is missing")
            key: str = self.value()
            self._expect(":")
            yield key
            if self._take("}"):
                return
            self._expect(",")

    def value(self) -> JSONValue:
        """Read the value that begins here."""
        self.peek()
        piece = _PIECE_CHARACTERS
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._position)
            except json.JSONDecodeError as error:
                reason = error.msg
            except (ValueError, RecursionError) as error:
                raise self.invalid(str(error)) from None
            else:
                # A number at the end of what was read may go on in the next piece: "0." is 0 and more to come.
                if self._is_at_end or self._text[end : end + 1] not in _MORE_OF_A_NUMBER:
                    if end - self._position > MAX_ITEM_CHARACTERS:
                        raise too_large(self._place)
                    self._position = end
                    return value
                reason = ""
            if len(self._text) - self._position > MAX_ITEM_CHARACTERS:
                raise too_large(self._place)
            # Growing pieces keep the work for one large item in proportion to its length.
            if not self._read_more(piece) and reason:
                raise self.invalid(reason)
            piece *= 2

    def skip(self) -> None:
        """Pass the value that begins here without building it."""
        if self.peek() not in ('"', "[", "{"):
            self.value()
            return
        depth = 0
        while True:
            character = self._find(_STRUCTURE)
            if character == '"':
                while self._find(_STRING_END) == "\\":
                    self._pass_one()
            else:
                depth += 1 if character in "[{" else -1
            if depth == 0:
                return

    def _find(self, pattern: re.Pattern[str]) -> str:
        """Pass everything up to the next match of ``pattern`` and the match itself."""
        while (match := pattern.search(self._text, self._position)) is None:
            self._position = len(self._text)
            if not self._read_more(_PIECE_CHARACTERS):
                raise self.invalid("the text ends within a value")
        self._position = match.end()
        return match[0]

    def _pass_one(self) -> None:
        if self._position >= len(self._text) and not self._read_more(_PIECE_CHARACTERS):
            raise self.invalid("the text ends within a value")
        self._position += 1

    def _take(self, character: str) -> bool:
        if self.peek() != character:
            return False
        self._position += 1
        return True

    def _expect(self, character: str) -> None:
        if not self._take(character):
            found = self.peek()
            raise self.invalid(f"{character!r} was expected" + (f", not {found!r}" if found else " before the end"))

    def _read_more(self, characters: int) -> bool:
        if self._limit_characters is not None and self._read_characters > self._limit_characters:
            raise reader_failed(f"The target of ItemsPointer in {self._place} must begin within the first 16 MB.")
        piece = self._source.read(characters)
        self._is_at_end = not piece
        self._read_characters += len(piece)
        self._text = self._text[self._position :] + piece
        self._position = 0
        return bool(piece)
