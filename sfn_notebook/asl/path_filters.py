"""The text of a JSONPath filter, ``(@.n > 5 && @.ok)``, to a compiled predicate; not what its operators mean.

Source: the Java path engine's documentation, "Filter Operators", and its recorded answers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.asl.java_text import number_text
from sfn_notebook.asl.path_comparisons import SYMBOLS, WORDS, Compare
from sfn_notebook.asl.path_evaluation import Find
from sfn_notebook.asl.path_literals import read_literal, read_pattern
from sfn_notebook.asl.path_steps import Predicate
from sfn_notebook.asl.text_cursor import TextCursor
from sfn_notebook.errors import did_you_mean


@dataclass(frozen=True, kw_only=True, slots=True)
class InnerPath:
    """A path inside a filter."""

    find: Find
    is_definite: bool


ReadPath: TypeAlias = Callable[[int, int], InnerPath]
"""``read_path(start, end)`` compiles the steps of an inner path, without its ``@`` or ``$``."""

_MAX_NESTING: Final = 20
_WORD: Final = re.compile(r"[A-Za-z]+")
_PATH_ENDS: Final = frozenset(" \t\r\n),=!<>&|~")
_PATH_SIGNS: Final = ("@", "$")
_LIST_WORDS: Final = frozenset({"in", "nin", "all", "subsetof", "anyof", "noneof"})


class FilterReader:
    """Reads what stands between ``[?(`` and ``)]`` by recursive descent."""

    def __init__(self, cursor: TextCursor, read_path: ReadPath) -> None:
        self._cursor = cursor
        self._read_path = read_path
        self._nesting = 0

    def read(self) -> Predicate:
        """Read one parenthesised filter, both parentheses included.

        Raises:
            ExpressionSyntaxError: If it cannot be read.
        """
        self._cursor.expect("(", "to begin the filter: [?(...)]")
        holds = self._either()
        self._cursor.expect(")", "to end the filter")
        return holds

    def _either(self) -> Predicate:
        alternatives = [self._both()]
        while self._accept("||"):
            alternatives.append(self._both())
        return alternatives[0] if len(alternatives) == 1 else _any_of(alternatives)

    def _both(self) -> Predicate:
        requirements = [self._negated()]
        while self._accept("&&"):
            requirements.append(self._negated())
        return requirements[0] if len(requirements) == 1 else _all_of(requirements)

    def _negated(self) -> Predicate:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise self._cursor.error(f"a filter may be nested at most {_MAX_NESTING} deep.")
        try:
            if self._accept("!"):
                holds = self._negated()
                return lambda item, document: not holds(item, document)
            if self._accept("("):
                inner = self._either()
                self._cursor.expect(")", "to close the group")
                return inner
            return self._comparison()
        finally:
            self._nesting -= 1

    def _accept(self, token: str) -> bool:
        self._cursor.skip_blanks()
        return self._cursor.accept(token)

    def _comparison(self) -> Predicate:
        cursor = self._cursor
        cursor.skip_blanks()
        start = cursor.position
        if cursor.peek() == "/":
            pattern = read_pattern(cursor)
            cursor.expect("=~", "after a pattern")
            cursor.skip_blanks()
            return _matching(self._operand(allow_bare_word=False), pattern)
        left = self._path() if cursor.peek() in _PATH_SIGNS else None
        find = left.find if left else _constant(read_literal(cursor))
        cursor.skip_blanks()
        if cursor.peek() not in (")", "&", "|", ""):
            return self._compare_with(find)
        if left is None:
            raise cursor.error("a value alone is no condition.", at=start, hint="Compare it: @.name == 'value'.")
        return _present(left)

    def _compare_with(self, left: Find) -> Predicate:
        cursor = self._cursor
        start = cursor.position
        if self._accept("=~"):
            cursor.skip_blanks()
            if cursor.peek() != "/":
                raise cursor.error("expected a pattern.", hint="Write =~ /pattern/ or =~ /pattern/i.")
            return _matching(left, read_pattern(cursor))
        for symbol, compare in SYMBOLS.items():
            if self._accept(symbol):
                cursor.skip_blanks()
                return _comparing(left, compare, self._operand(allow_bare_word=True))
        word = cursor.take(_WORD)
        compare_words = WORDS.get(word.lower())
        if compare_words is None:
            hint = did_you_mean(word, WORDS) or f"Operators: {' '.join(SYMBOLS)} =~ {' '.join(WORDS)}."
            raise cursor.error(f"{(word or cursor.peek())!r} is not an operator.", at=start, hint=hint)
        cursor.skip_blanks()
        return _comparing(left, compare_words, self._word_operand(word.lower()))

    def _word_operand(self, word: str) -> Find:
        """The right side of ``in``, ``size``, ``empty`` and the like has a fixed type where it is a literal."""
        start = self._cursor.position
        if self._cursor.peek() in _PATH_SIGNS:
            return self._path().find
        value = read_literal(self._cursor)
        if word in _LIST_WORDS and not isinstance(value, list):
            raise self._cursor.error(f"{word!r} needs a list.", at=start, hint="Write ['a', 'b'].")
        if word == "empty" and not isinstance(value, bool):
            raise self._cursor.error("'empty' needs true or false.", at=start)
        if word == "size" and not _json.is_number(value):
            raise self._cursor.error("'size' needs a number.", at=start)
        return _constant(value)

    def _operand(self, *, allow_bare_word: bool) -> Find:
        if self._cursor.peek() in _PATH_SIGNS:
            return self._path().find
        return _constant(read_literal(self._cursor, allow_bare_word=allow_bare_word))

    def _path(self) -> InnerPath:
        cursor = self._cursor
        sign = cursor.peek()
        cursor.position += 1
        start = cursor.position
        if cursor.text[start - 1 : start + 1] == "$$":
            raise cursor.error("a filter cannot read the Context Object.", at=start - 1)
        while not cursor.at_end and cursor.peek() not in _PATH_ENDS:
            if cursor.peek() in "[(":
                cursor.skip_balanced()
            else:
                cursor.position += 1
        inner = self._read_path(start, cursor.position)
        find = inner.find
        return inner if sign == "@" else replace(inner, find=lambda _item, document: find(document, document))


def _constant(value: JSONValue) -> Find:
    return lambda _item, _document: value


def _present(path: InnerPath) -> Predicate:
    """A path alone tests that it has a value, even ``null`` or ``false``; one to many places, that it has matches."""
    find = path.find
    if path.is_definite:
        return lambda item, document: find(item, document) is not ABSENT
    return lambda item, document: find(item, document) not in (ABSENT, [])


def _any_of(alternatives: list[Predicate]) -> Predicate:
    return lambda item, document: any(holds(item, document) for holds in alternatives)


def _all_of(requirements: list[Predicate]) -> Predicate:
    return lambda item, document: all(holds(item, document) for holds in requirements)


def _comparing(left: Find, compare: Compare, right: Find) -> Predicate:
    return lambda item, document: compare(left(item, document), right(item, document))


def _matching(operand: Find, pattern: Callable[[str], bool]) -> Predicate:
    """``=~`` tests the whole text; for an array one item must match. What is no text counts as the empty text."""

    def text_of(value: JSONValue | Absent) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return number_text(value)
        return value if isinstance(value, str) else ""

    def holds(item: JSONValue, document: JSONValue) -> bool:
        value = operand(item, document)
        return any(map(pattern, map(text_of, value if isinstance(value, list) else [value])))

    return holds
