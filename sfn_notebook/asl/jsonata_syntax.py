"""Finds the plain mistakes in a JSONata expression: brackets, quotes, operators; it neither parses nor evaluates it.

It is a filter with no false alarms on well-formed expressions, not a grammar: what it passes may still be wrong.
Source: JSONata documentation, "Expressions" and "Operators".
"""

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple


class Mistake(NamedTuple):
    """What is wrong: ``column`` counts from 1 within the expression."""

    column: int
    reason: str
    hint: str


class _Bracket(NamedTuple):
    char: str
    offset: int
    is_parameters: bool


class _MistakeError(Exception):
    def __init__(self, offset: int, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.mistake = Mistake(offset + 1, reason, hint)


_BLANK: Final = re.compile(r"[ \t\n\r]+")
_NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NAME: Final = re.compile(r"[^\s.\[\]{}(),@#;:?+\-*/%|=<>^&!~'\"`]+")
_FLAGS: Final = re.compile(r"[a-zA-Z]*")
_OPERATOR: Final = re.compile(r"\.\.|:=|!=|>=|<=|\*\*|~>|.", re.DOTALL)
_CLOSERS: Final = {")": "(", "]": "[", "}": "{"}
# These always stand between two values; other signs have a second meaning in front of a value.
_BINARY: Final = frozenset({"+", "&", "=", "!=", "<=", ">=", "~>", ".", ":=", "and", "or", "in"})
_WORD_OPERATORS: Final = frozenset({"and", "or", "in"})
_VALUES_BY_SIGN: Final = frozenset({"*", "**", "%", "?"})


@dataclass(slots=True)
class _Scan:
    """One pass: which brackets are open, and whether a value or an operator comes next."""

    text: str
    offset: int = 0
    brackets: list[_Bracket] = field(default_factory=list)
    wants_value: bool = True
    last: str = ""
    last_offset: int = 0
    is_loose: bool = False
    after_parameters: bool = False

    def run(self) -> None:
        while self.offset < len(self.text):
            self._token()
        if self.brackets:
            bracket = self.brackets[-1]
            raise _MistakeError(bracket.offset, f'"{bracket.char}" is never closed.', "Close it.")
        if not self.last:
            raise _MistakeError(0, "there is no expression.", "Write one, for example $states.input.")
        if self.wants_value and not self.is_loose and self.last != ";":
            reason = f'the expression ends after "{self.last}".'
            raise _MistakeError(self.last_offset, reason, "Write a value after it.")

    def _token(self) -> None:
        text, start = self.text, self.offset
        blank = _BLANK.match(text, start)
        if blank is not None:
            self.offset = blank.end()
        elif text.startswith("/*", start):
            self.offset = self._end_of("*/", start + 2, "comment") + 2
        elif text[start] in "\"'`":
            self._quoted(text[start])
        elif text[start] == "/" and self.wants_value:
            self._regex()
        elif (number := _NUMBER.match(text, start)) is not None:
            self._value(number.group(), number.end())
        elif (name := _NAME.match(text, start)) is not None:
            self._name(name.group(), name.end())
        else:
            operator = _OPERATOR.match(text, start)
            self._sign(operator.group() if operator else text[start])

    def _end_of(self, closer: str, start: int, noun: str) -> int:
        end = self.text.find(closer, start)
        if end < 0:
            raise _MistakeError(self.offset, f"this {noun} is never closed.", f"Add {closer}.")
        return end

    def _quoted(self, quote: str) -> None:
        if quote == "`":
            end = self._end_of("`", self.offset + 1, "quoted name")
            self._value("`", end + 1)
            return
        at = self.offset + 1
        while at < len(self.text) and self.text[at] != quote:
            at += 2 if self.text[at] == "\\" else 1
        if at >= len(self.text):
            raise _MistakeError(self.offset, "this string is never closed.", f"Add {quote}.")
        self._value(quote, at + 1)

    def _regex(self) -> None:
        depth, at = 0, self.offset + 1
        while at < len(self.text):
            char = self.text[at]
            if char == "\\":
                at += 2
                continue
            if char == "/" and depth == 0:
                end = _FLAGS.match(self.text, at + 1)
                self._value("/", end.end() if end else at + 1)
                return
            depth += (char in "([{") - (char in ")]}")
            at += 1
        raise _MistakeError(self.offset, "this regular expression is never closed.", "Add /.")

    def _name(self, name: str, end: int) -> None:
        if name in _WORD_OPERATORS and not self.wants_value:
            self._advance(name, end, wants_value=True)
        else:
            self._value(name, end)

    def _value(self, shown: str, end: int) -> None:
        if not self.wants_value and not self.is_loose:
            reason = "two values stand side by side."
            raise _MistakeError(self.offset, reason, "Write an operator between them: + & . , or and.")
        self._advance(shown, end, wants_value=False)

    def _sign(self, sign: str) -> None:
        start, end = self.offset, self.offset + len(sign)
        if sign in "([{":
            self.brackets.append(_Bracket(sign, start, sign == "(" and self.last in ("function", "\u03bb")))
            self._advance(sign, end, wants_value=True)
        elif sign in _CLOSERS:
            self._close(sign, end)
        elif sign == "<" and self.after_parameters:
            self._signature()
        elif sign == "|":
            self.is_loose = True  # a transform: its parts follow rules of their own
            self._advance(sign, end, wants_value=True)
        elif self.wants_value and sign in _VALUES_BY_SIGN:
            self._advance(sign, end, wants_value=False)
        else:
            self._operator(sign, end)

    def _operator(self, sign: str, end: int) -> None:
        if self.wants_value and not self.is_loose:
            if sign in _BINARY:
                before = f'after "{self.last}"' if self.last else "at the beginning"
                raise _MistakeError(self.offset, f'"{sign}" cannot stand {before}.', "Write a value before it.")
            if sign == "@":
                hint = "In a JSONata filter, name the field: [price < 10]."
                raise _MistakeError(self.offset, '"@" is JSONPath.', hint)
        self._advance(sign, end, wants_value=True)

    def _close(self, sign: str, end: int) -> None:
        if not self.brackets:
            raise _MistakeError(self.offset, f'"{sign}" closes nothing.', "Remove it, or open a bracket before it.")
        bracket = self.brackets.pop()
        if bracket.char != _CLOSERS[sign]:
            reason = f'"{sign}" cannot close "{bracket.char}" at character {bracket.offset + 1}.'
            raise _MistakeError(self.offset, reason, f'Close "{bracket.char}" first.')
        if self.wants_value and self.last in _BINARY and not self.is_loose:
            raise _MistakeError(self.last_offset, f'there is no value after "{self.last}".', "Write one.")
        self._advance(sign, end, wants_value=False)
        self.after_parameters = bracket.is_parameters

    def _signature(self) -> None:
        depth, at = 0, self.offset
        while at < len(self.text):
            depth += (self.text[at] == "<") - (self.text[at] == ">")
            at += 1
            if depth == 0:
                self._advance(">", at, wants_value=False)
                return
        raise _MistakeError(self.offset, "this function signature is never closed.", "Add >.")

    def _advance(self, shown: str, end: int, *, wants_value: bool) -> None:
        self.last, self.last_offset = shown, self.offset
        self.offset = end
        self.wants_value = wants_value
        self.after_parameters = False


def find_mistake(expression: str) -> Mistake | None:
    """The first plain mistake in ``expression`` (without its delimiters), or ``None``.

    Linear in the length of the expression, whatever it holds.
    """
    try:
        _Scan(expression).run()
    except _MistakeError as error:
        return error.mistake
    return None
