"""The first syntax error of a JSON text in the words of Jackson, which AWS passes on; it builds no value.

Columns count as Jackson does: one past the character that it had just read. Recorded on AWS: the texts of an
unrecognised token and of a wrong quote; the others are Jackson 2's own (``ReaderBasedJsonParser``).
"""

import re
from typing import Final, NamedTuple

MAX_SHOWN: Final = 500
"""Jackson shows no more of the source. Source: ``JsonLocation.MAX_CONTENT_SNIPPET``."""

_BLANKS: Final = re.compile(r"[ \t\n\r]*+")
_STRING_BODY: Final = re.compile(r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_WORD: Final = re.compile(r"[^\W\d][\w$]*+|\$[\w$]*+")
_WORDS: Final = frozenset({"true", "false", "null"})
_VALUES: Final = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_NOUNS: Final = {"{": "Object", "[": "Array"}


class JacksonError(NamedTuple):
    """``message`` ends with the location, as AWS shows it."""

    message: str
    location: str


class _FoundError(Exception):
    def __init__(self, offset: int, text: str) -> None:
        super().__init__(text)
        self.offset = offset
        self.text = text


def first_error(text: str) -> JacksonError | None:
    """What Jackson says about ``text``; ``None`` where it reads one whole value (it looks at nothing behind)."""
    try:
        _Scan(text).value_with_members()
    except _FoundError as found:
        location = _location(text, found.offset)
        return JacksonError(message=f"{found.text}\n at {location}", location=location)
    return None


def _location(text: str, offset: int) -> str:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    shown = f'"{text[:MAX_SHOWN]}"'
    if len(text) > MAX_SHOWN:
        shown += f"[truncated {len(text) - MAX_SHOWN} chars]"
    return f"[Source: (String){shown}; line: {line}, column: {column}]"


class _Scan:
    """One pass with an explicit stack of open brackets, so that nesting costs no Python frames."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._open: list[tuple[str, int]] = []

    def value_with_members(self) -> None:
        self._value()
        while self._open:
            if self._skip_blanks() == self._closer():
                self._open.pop()
                self._offset += 1
            else:
                self._next_member()

    def _next_member(self) -> None:
        bracket, start = self._open[-1]
        if start >= 0:  # the first member: no comma before it
            self._open[-1] = (bracket, -1 - start)
        elif self._skip_blanks() == ",":
            self._offset += 1
        else:
            noun = "Object entries" if bracket == "{" else "Array entries"
            self._unexpected(f"was expecting comma to separate {noun}")
        if bracket == "{":
            self._key()
        self._value()

    def _key(self) -> None:
        if self._skip_blanks() != '"':
            self._unexpected("was expecting double-quote to start field name")
        self._string(" in field name")
        if self._skip_blanks() != ":":
            self._unexpected("was expecting a colon to separate field name and value")
        self._offset += 1

    def _value(self) -> None:
        sign = self._skip_blanks()
        if sign in _NOUNS and sign:
            self._open.append((sign, self._offset))
            self._offset += 1
        elif sign == '"':
            self._string(": was expecting closing quote for a string value")
        elif number := _NUMBER.match(self._text, self._offset):
            self._offset = number.end()
        elif word := _WORD.match(self._text, self._offset):
            if word.group() not in _WORDS:
                raise _FoundError(word.end(), f"Unrecognized token '{word.group()}': was expecting {_VALUES}")
            self._offset = word.end()
        else:
            self._unexpected(f"expected a valid value {_VALUES}")

    def _string(self, where: str) -> None:
        body = _STRING_BODY.match(self._text, self._offset + 1)
        end = body.end() if body is not None else self._offset + 1
        sign = self._text[end : end + 1]
        if sign == '"':
            self._offset = end + 1
            return
        if not sign:
            raise _FoundError(end, f"Unexpected end-of-input{where}")
        if sign == "\\":
            escaped = self._text[end + 1 : end + 2]
            raise _FoundError(end + 2, f"Unrecognized character escape {_described(escaped)}")
        detail = f"Illegal unquoted character ({_described(sign)}): has to be escaped using backslash"
        raise _FoundError(end + 1, f"{detail} to be included in string value")

    def _skip_blanks(self) -> str:
        blanks = _BLANKS.match(self._text, self._offset)
        self._offset = blanks.end() if blanks is not None else self._offset
        return self._text[self._offset : self._offset + 1]

    def _closer(self) -> str:
        return "}" if self._open[-1][0] == "{" else "]"

    def _unexpected(self, wanted: str) -> None:
        sign = self._text[self._offset : self._offset + 1]
        if sign:
            raise _FoundError(self._offset + 1, f"Unexpected character ({_described(sign)}): {wanted}")
        if not self._open:
            raise _FoundError(self._offset, "No content to map due to end-of-input")
        bracket, start = self._open[-1]
        opened = _location(self._text, start if start >= 0 else -1 - start)
        detail = f"expected close marker for {_NOUNS[bracket]} (start marker at {opened})"
        raise _FoundError(self._offset, f"Unexpected end-of-input: {detail}")


def _described(sign: str) -> str:
    code = ord(sign) if sign else 0
    if code < 32:
        return f"(CTRL-CHAR, code {code})"
    return f"'{sign}' (code {code})" if code <= 255 else f"'{sign}' (code {code} / 0x{code:x})"
