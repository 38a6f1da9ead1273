"""Splits a JSONata expression into tokens, with their positions; nothing of what the tokens mean together.

Source: JSONata documentation, "Expressions", "Literals"; the codes are those of jsonata-js/jsonata 2.0.6.
"""

import math
import re
from enum import Enum
from typing import Final, NamedTuple

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.jsonata_messages import render


class TokenKind(Enum):
    """What a token is; ``VALUE`` is ``true``, ``false`` or ``null``."""

    NAME = "name"
    VARIABLE = "variable"
    OPERATOR = "operator"
    STRING = "string"
    NUMBER = "number"
    VALUE = "value"
    REGEX = "regex"
    END = "end"


class Token(NamedTuple):
    """``position`` counts from 0; ``value`` of a regular expression is its pattern and flags."""

    kind: TokenKind
    value: JSONValue
    position: int
    end: int


class JsonataSyntaxError(Exception):
    """An expression cannot be read; ``position`` counts from 0, ``message`` has no code in front."""

    def __init__(self, code: str, position: int, **values: JSONValue) -> None:
        self.code = code
        self.position = position
        self.message = render(code, **values)
        super().__init__(f"{code}: {self.message}")


class Regex(NamedTuple):
    """A regular expression literal: ``flags`` are of ``i`` and ``m``."""

    pattern: str
    flags: str


_BLANKS: Final = " \t\n\r\v"
_SIGNS: Final = frozenset(".[]{}(),@#;:?+-*/%|=<>^&!~")
_DOUBLE_SIGNS: Final = frozenset({"..", ":=", "!=", ">=", "<=", "**", "~>"})
_ESCAPES: Final = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_HEX: Final = re.compile(r"[0-9a-fA-F]{1,4}")
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)
_INTEGER: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_STOP: Final = re.compile(rf"[{re.escape(_BLANKS + ''.join(sorted(_SIGNS)))}]")
_WORD_OPERATORS: Final = frozenset({"and", "or", "in"})
_VALUES: Final = {"true": True, "false": False, "null": None}
_PLAIN_STRING: Final = {quote: re.compile(rf"[^\\{quote}]*{quote}") for quote in "\"'"}


class Tokenizer:
    """Gives one token at a time: whether ``/`` divides or opens a regular expression is the parser's knowledge."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self, *, after_value: bool) -> Token:  # noqa: PLR0911 - one return per kind of token
        """The next token, ``END`` at the end of the text.

        Raises:
            JsonataSyntaxError: S0101 to S0106, S0301 and S0302.
        """
        self._skip_blanks()
        text, start = self._text, self._at
        if start >= len(text):
            return Token(TokenKind.END, "(end)", len(text), len(text))
        char = text[start]
        if char == "/" and not after_value:
            return self._regex()
        if char in _SIGNS:
            double = text[start : start + 2]
            return self._token(TokenKind.OPERATOR, double if double in _DOUBLE_SIGNS else char)
        if char in "\"'":
            return self._string(char)
        number = _NUMBER.match(text, start)
        if number is not None:
            return self._number(number.group())
        if char == "`":
            return self._quoted_name()
        return self._word()

    def _token(self, kind: TokenKind, shown: str) -> Token:
        start = self._at
        self._at = start + len(shown)
        return Token(kind, shown, start, self._at)

    def _skip_blanks(self) -> None:
        text, at = self._text, self._at
        while at < len(text):
            if text[at] in _BLANKS:
                at += 1
            elif text.startswith("/*", at):
                end = text.find("*/", at + 2)
                if end < 0:
                    raise JsonataSyntaxError("S0106", at)
                at = end + 2
            else:
                break
        self._at = at

    def _number(self, shown: str) -> Token:
        value: float = int(shown) if _INTEGER.fullmatch(shown) else float(shown)
        if not math.isfinite(value):
            raise JsonataSyntaxError("S0102", self._at, token=shown)
        return self._token(TokenKind.NUMBER, shown)._replace(value=value)

    def _string(self, quote: str) -> Token:
        text, start = self._text, self._at
        plain = _PLAIN_STRING[quote].match(text, start + 1)
        if plain is not None:
            self._at = plain.end()
            return Token(TokenKind.STRING, plain.group()[:-1], start, self._at)
        pieces: list[str] = []
        at = start + 1
        while at < len(text) and text[at] != quote:
            if text[at] == "\\":
                piece, at = self._escape(at + 1)
            else:
                piece, at = text[at], at + 1
            pieces.append(piece)
        if at >= len(text):
            raise JsonataSyntaxError("S0101", len(text))
        self._at = at + 1
        return Token(TokenKind.STRING, _joined_surrogates("".join(pieces)), start, self._at)

    def _escape(self, at: int) -> tuple[str, int]:
        char = self._text[at : at + 1]
        if char in _ESCAPES:
            return _ESCAPES[char], at + 1
        if char != "u":
            raise JsonataSyntaxError("S0103", at, token=char)
        digits = _HEX.fullmatch(self._text[at + 1 : at + 5])
        if digits is None:
            raise JsonataSyntaxError("S0104", at)
        return chr(int(digits.group(), 16)), at + 5

    def _quoted_name(self) -> Token:
        start = self._at
        end = self._text.find("`", start + 1)
        if end < 0:
            raise JsonataSyntaxError("S0105", len(self._text))
        self._at = end + 1
        return Token(TokenKind.NAME, self._text[start + 1 : end], start, self._at)

    def _word(self) -> Token:
        stop = _STOP.search(self._text, self._at)
        word = self._text[self._at : stop.start() if stop else len(self._text)]
        if word.startswith("$"):
            return self._token(TokenKind.VARIABLE, word)._replace(value=word[1:])
        if word in _WORD_OPERATORS:
            return self._token(TokenKind.OPERATOR, word)
        if word in _VALUES:
            return self._token(TokenKind.VALUE, word)._replace(value=_VALUES[word])
        return self._token(TokenKind.NAME, word)

    def _regex(self) -> Token:
        text, start = self._text, self._at
        at, depth = start + 1, 0
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 2
                continue
            if char == "/" and depth == 0:
                return self._regex_token(start, at)
            depth += (char in "([{") - (char in ")]}")
            at += 1
        raise JsonataSyntaxError("S0302", len(text))

    def _regex_token(self, start: int, slash: int) -> Token:
        pattern = self._text[start + 1 : slash]
        if not pattern:
            raise JsonataSyntaxError("S0301", slash)
        end = slash + 1
        while self._text[end : end + 1] in ("i", "m"):
            end += 1
        self._at = end
        return Token(TokenKind.REGEX, Regex(pattern, self._text[slash + 1 : end]), start, end)


def _joined_surrogates(text: str) -> str:
    r"""Join ``\ud83d\ude00``, written as two escapes, into the one character that it means."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
