"""Literals inside filters and calls of JSONPaths: strings, numbers, JSON and patterns; nothing of operators."""

import re
from collections.abc import Callable
from typing import Final

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.path_steps import Failure, PathNotFound
from sfn_notebook.asl.text_cursor import TextCursor

_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])", re.ASCII)
_WORD: Final = re.compile(r"[^\W\d][\w.-]*")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_HEX: Final = re.compile(r"[0-9a-fA-F]{4}")
_MAX_DEPTH: Final = 16

_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": re.UNICODE, "d": 0}
_REPEAT: Final = re.compile(r"[*+]|\{\d*,?\d*\}")
_MAX_PATTERN_CHARACTERS: Final = 500
_MAX_CHARACTERS_BY_REPEATS: Final = (100_000, 100_000, 8_000, 800, 200)
"""How long a text may be for a pattern with so many repeats: matching may take length to the power of repeats."""


def read_literal(cursor: TextCursor, *, allow_bare_word: bool = False, depth: int = 0) -> JSONValue:
    """Read one literal: a string in either quotes, a number, ``true``, ``false``, ``null``, an array or an object.

    ``allow_bare_word`` reads any other word as a string, as AWS's own samples write ``[?(@.Name==Receipt)]``.

    Raises:
        ExpressionSyntaxError: If no literal comes next, or arrays are nested too deeply.
    """
    character = cursor.peek()
    if depth > _MAX_DEPTH:
        raise cursor.error(f"literals may be nested at most {_MAX_DEPTH} deep.")
    if character and character in "'\"":
        return read_string(cursor)
    if character == "[":
        return _read_array(cursor, depth)
    if character == "{":
        return _read_object(cursor, depth)
    if number := cursor.take(_NUMBER):
        return float(number) if set(number) & set(".eE") else int(number)
    start = cursor.position
    word = cursor.take(_WORD)
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if word and allow_bare_word:
        return word
    found = f"not {cursor.text[start : start + 1]!r}" if start < cursor.end else "but the text ends"
    raise cursor.error(f"expected a value, {found}.", at=start, hint="Write text in single quotes: 'text'.")


def read_string(cursor: TextCursor) -> str:
    """Read a string in single or double quotes with JSON's escapes.

    Raises:
        ExpressionSyntaxError: If the quote is never closed.
    """
    start = cursor.position
    cursor.skip_quoted()
    body = TextCursor(cursor.text, start + 1, cursor.position - 1)
    parts: list[str] = []
    while not body.at_end:
        character = body.peek()
        body.position += 1
        if character == "\\":
            character = body.peek()
            body.position += 1
            if character == "u" and (digits := body.take(_HEX)):
                character = chr(int(digits, 16))
            else:
                character = _ESCAPES.get(character, character)
        parts.append(character)
    return "".join(parts)


def _read_items(cursor: TextCursor, closing: str, read_item: Callable[[], None]) -> None:
    cursor.position += 1
    cursor.skip_blanks()
    if cursor.accept(closing):
        return
    while True:
        cursor.skip_blanks()
        read_item()
        cursor.skip_blanks()
        if not cursor.accept(","):
            break
    cursor.expect(closing, "at the end of the list")


def _read_array(cursor: TextCursor, depth: int) -> JSONValue:
    items: list[JSONValue] = []
    _read_items(cursor, "]", lambda: items.append(read_literal(cursor, depth=depth + 1)))
    return items


def _read_object(cursor: TextCursor, depth: int) -> JSONValue:
    fields: dict[str, JSONValue] = {}

    def read_field() -> None:
        if not cursor.peek() or cursor.peek() not in "'\"":
            raise cursor.error("expected a quoted field name.")
        name = read_string(cursor)
        cursor.expect(":", "after the field name")
        cursor.skip_blanks()
        fields[name] = read_literal(cursor, depth=depth + 1)

    _read_items(cursor, "}", read_field)
    return fields


def read_pattern(cursor: TextCursor) -> Callable[[str], bool]:
    """Read ``/pattern/flags`` and compile it to a test of the whole text.

    Python's engine backtracks, so patterns that could take exponential time (a repeat or a choice inside a repeated
    group) are refused, and the text is bounded by how many repeats the pattern has.

    Raises:
        ExpressionSyntaxError: If the pattern is not closed, not valid, or refused.
    """
    start = cursor.position
    cursor.position += 1
    while not cursor.at_end and cursor.peek() != "/":
        cursor.position += 2 if cursor.peek() == "\\" else 1
    body = cursor.text[start + 1 : cursor.position]
    if not cursor.accept("/"):
        raise cursor.error("the pattern is never closed with '/'.", at=start)
    flags = 0
    while cursor.peek().isalpha():
        if cursor.peek() not in _FLAGS:
            raise cursor.error(f"there is no pattern flag {cursor.peek()!r}.", hint=f"Flags: {', '.join(_FLAGS)}.")
        flags |= _FLAGS[cursor.peek()]
        cursor.position += 1
    repeats = _count_repeats(cursor, body, start)
    try:
        matches = re.compile(body.replace("\\/", "/"), flags).fullmatch
    except (re.error, RecursionError, OverflowError) as error:
        raise cursor.error(f"the pattern is not valid: {error}.", at=start) from None
    longest = _MAX_CHARACTERS_BY_REPEATS[min(repeats, len(_MAX_CHARACTERS_BY_REPEATS) - 1)]

    def matches_whole(text: str) -> bool:
        if len(text) > longest:
            detail = f"The pattern /{body}/ may test at most {longest} characters, not {len(text)}"
            raise PathNotFound(detail, Failure.REFUSED)
        return matches(text) is not None

    return matches_whole


def _count_repeats(cursor: TextCursor, body: str, start: int) -> int:
    """Count the repeats of a pattern and refuse those around another repeat or a choice."""
    if len(body) > _MAX_PATTERN_CHARACTERS:
        raise cursor.error(f"a pattern may have at most {_MAX_PATTERN_CHARACTERS} characters.", at=start)
    bare = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "x", body, flags=re.DOTALL)
    groups: list[bool] = [False]
    closed_is_risky = False
    repeats = 0
    for here, character in enumerate(bare):
        if character == "(":
            groups.append(False)
        elif character == ")" and len(groups) > 1:
            closed_is_risky = groups.pop()
            groups[-1] |= closed_is_risky
        elif character == "|":
            groups[-1] = True
        elif _REPEAT.match(bare, here):
            repeats += 1
            if closed_is_risky and bare[here - 1] == ")":
                hint = "Write a character class, such as [ab]+, instead of a repeated group."
                raise cursor.error("a repeat or a choice inside a repeated group may never end.", at=start, hint=hint)
            groups[-1] = True
    if repeats >= len(_MAX_CHARACTERS_BY_REPEATS):
        raise cursor.error(f"a pattern may have at most {len(_MAX_CHARACTERS_BY_REPEATS) - 1} repeats.", at=start)
    return repeats
