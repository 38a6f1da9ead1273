"""What people get wrong in JSON and the remedy for each; it explains one spot of a text and reads nothing else."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple


class Expected(Enum):
    """What the grammar wanted where reading stopped."""

    VALUE = auto()
    KEY = auto()
    MEMBER = auto()
    COLON = auto()
    SEPARATOR = auto()
    STRING = auto()
    END = auto()


class Opening(NamedTuple):
    """A bracket that is still open and where it stands."""

    bracket: str
    line: int
    column: int

    @property
    def closer(self) -> str:
        """The bracket that ends it."""
        return "}" if self.bracket == "{" else "]"

    @property
    def noun(self) -> str:
        """What the bracket opened."""
        return "object" if self.bracket == "{" else "array"


class Finding(NamedTuple):
    """One explanation: offsets of the spot, what is wrong, what to do."""

    start: int
    end: int
    message: str
    hint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spot:
    text: str
    offset: int
    expected: Expected
    openings: Sequence[Opening]
    previous_end: int

    @property
    def char(self) -> str:
        return self.text[self.offset : self.offset + 1]

    def finding(self, message: str, hint: str, *, start: int | None = None, length: int = 1) -> Finding:
        first = self.offset if start is None else start
        return Finding(first, min(first + length, len(self.text)), message, hint)


_PYTHON_WORDS: Final = {"None": "null", "True": "true", "False": "false", "undefined": "null", "nil": "null"}
_TOKEN: Final = re.compile(r"[^\s,:{}\[\]\"]+")
_SUBSTITUTION: Final = re.compile(r"\$\{[^}\n]*\}?")
_NUMBER_LIKE: Final = re.compile(r"[+-]?(?:\.?[0-9])[\w.+-]*")
_QUOTES: Final = "'`\u2018\u2019\u201c\u201d"
_CONTROL_NAMES: Final = {"\t": "a tab", "\n": "a line break", "\r": "a line break"}


def diagnose(text: str, offset: int, expected: Expected, openings: Sequence[Opening], previous_end: int) -> Finding:
    """Explain why ``text`` cannot be read at ``offset``.

    Args:
        text: The whole text.
        offset: Where reading stopped.
        expected: What the grammar wanted there.
        openings: The brackets that are open there, outermost first.
        previous_end: Offset just past the last value that was read.
    """
    spot = _Spot(text=text, offset=offset, expected=expected, openings=openings, previous_end=previous_end)
    for explain in (_at_end, _comment, _wrong_quote, _EXPLANATIONS[expected]):
        finding = explain(spot)
        if finding is not None:
            return finding
    return spot.finding(f"{_shown(spot)} cannot stand here.", "")


def _shown(spot: _Spot) -> str:
    token = _TOKEN.match(spot.text, spot.offset)
    return repr(token.group()[:30] if token else spot.char)


def _at_end(spot: _Spot) -> Finding | None:
    if spot.offset < len(spot.text):
        return None
    if not spot.openings:
        return spot.finding("The text is empty.", 'Write an object with "StartAt" and "States".')
    opening = spot.openings[-1]
    count = len(spot.openings)
    closers = "".join(each.closer for each in reversed(spot.openings))
    message = f"The {opening.noun} opened at line {opening.line}, column {opening.column} is never closed."
    hint = f'Add "{closers}" at the end.' if count > 1 else f'Add "{opening.closer}".'
    return spot.finding(message, hint)


def _comment(spot: _Spot) -> Finding | None:
    if not spot.text.startswith(("//", "/*", "#"), spot.offset):
        return None
    hint = 'Remove it, or write it as a field: "Comment": "...". YAML has comments: # ...'
    return spot.finding("JSON has no comments.", hint, length=2)


def _wrong_quote(spot: _Spot) -> Finding | None:
    if not spot.char or spot.char not in _QUOTES:
        return None
    kind = "Single quotes" if spot.char in "'`" else "Curly quotes"
    return spot.finding(f"{kind} do not make a string in JSON.", 'Use double quotes: "...".')


def _unclosed_quote(spot: _Spot) -> Finding | None:
    """A word that touches a closing quote: the quote was meant to open the next string."""
    touches = spot.offset > 0 and spot.text[spot.offset - 1] == '"'
    if not touches or not (spot.char.isalnum() or spot.char in "_$"):
        return None
    message = "A string ends here, in front of a word: a double quote is missing before this place."
    return spot.finding(message, 'Close the string before it with ".', start=spot.offset - 1)


def _explain_separator(spot: _Spot) -> Finding | None:
    opening = spot.openings[-1]
    unclosed = _unclosed_quote(spot)
    if unclosed is not None:
        return unclosed
    if spot.char in "}]":
        message = (
            f'"{spot.char}" cannot close the {opening.noun} opened at line {opening.line}, column {opening.column}.'
        )
        return spot.finding(message, f'Close it with "{opening.closer}" first.')
    if spot.char == ":" and opening.bracket == "[":
        return spot.finding("An array holds values, not keys with values.", 'Use "{" and "}" for an object.')
    if spot.char in ";:":
        return spot.finding(f'"{spot.char}" cannot stand between two values.', 'Use a comma: ",".')
    what = "member" if opening.bracket == "{" else "element"
    after = max(spot.previous_end - 1, 0)
    return spot.finding(f"A comma is missing after this {what}.", 'Add "," before the next one.', start=after)


def _explain_member(spot: _Spot) -> Finding | None:
    noun = spot.openings[-1].noun
    return spot.finding(f"The last entry of an {noun} has no comma after it.", "Remove this comma.")


def _explain_key(spot: _Spot) -> Finding | None:
    if spot.char == ",":
        return spot.finding("There is nothing before this comma.", "Remove it.")
    if spot.char == "]":
        return _explain_separator(spot)
    token = _TOKEN.match(spot.text, spot.offset)
    if token is None:
        return spot.finding("A key in double quotes must stand here.", 'Write "Key": value.')
    name = token.group()[:40]
    return spot.finding(f"The key {name} is not in double quotes.", f'Write "{name}".', length=len(token.group()))


def _explain_colon(spot: _Spot) -> Finding | None:
    unclosed = _unclosed_quote(spot)
    if unclosed is not None:
        return unclosed
    if spot.char in ",}":
        return spot.finding("The key before this has no value.", 'Write "Key": value.')
    if spot.char == "=":
        return spot.finding('"=" does not join a key with its value.', 'Use a colon: ":".')
    return spot.finding("A colon is missing after the key.", 'Write "Key": value.')


def _explain_value(spot: _Spot) -> Finding | None:
    if spot.char in ",}]":
        return spot.finding(f'A value is missing before "{spot.char}".', "Add the value, or remove the comma or key.")
    substitution = _SUBSTITUTION.match(spot.text, spot.offset)
    if substitution is not None:
        name = substitution.group()
        return spot.finding("A substitution must stand in a string.", f'Write "{name}".', length=len(name))
    token = _TOKEN.match(spot.text, spot.offset)
    word = token.group() if token else spot.char
    if word in _PYTHON_WORDS:
        return spot.finding(f"{word} is not JSON.", f"Write {_PYTHON_WORDS[word]}.", length=len(word))
    if word.lstrip("+-").lower() in ("nan", "infinity", "inf"):
        return spot.finding(f"{word} is not JSON.", "Use null, a string or a finite number.", length=len(word))
    if _NUMBER_LIKE.match(spot.text, spot.offset):
        return spot.finding(f"{word[:40]} is not a JSON number.", _number_hint(word), length=len(word))
    return spot.finding(f"The text {word[:40]} is not in double quotes.", f'Write "{word[:40]}".', length=len(word))


def _number_hint(word: str) -> str:
    if word.startswith("+"):
        return "Remove the plus sign."
    if re.match(r"-?0[0-9]", word):
        return "Remove the leading zero, or write a string if it is an identifier."
    if word.lstrip("-").startswith("."):
        return "Write a digit before the point."
    if word.endswith("."):
        return "Write a digit after the point."
    return "Write it like 10, -1.5 or 2e3, or put it in double quotes."


def _explain_string(spot: _Spot) -> Finding | None:
    """Find the first character that a string may not hold."""
    text, at = spot.text, spot.offset + 1
    body = re.compile(r'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
    match = body.match(text, at)
    stop = match.end() if match else at
    char = text[stop : stop + 1]
    if char in ("", "\n", "\r"):
        end = "the end of its line" if char else "the end of the text"
        hint = 'Add " at the end of the string; write a line break within it as \\n.'
        return spot.finding(f"The string is not closed before {end}.", hint, length=stop - spot.offset)
    if char == "\\":
        escape = text[stop : stop + 2]
        hint = 'Write a backslash itself as "\\\\"; escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX.'
        return spot.finding(f"{escape} is not an escape that JSON knows.", hint, start=stop, length=2)
    name = _CONTROL_NAMES.get(char, f"the control character U+{ord(char):04X}")
    return spot.finding(f"A string cannot hold {name}.", f"Write it as {_escaped(char)}.", start=stop)


def _escaped(char: str) -> str:
    return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(char, f"\\u{ord(char):04x}")


def _explain_end(spot: _Spot) -> Finding | None:
    if spot.char in "}]":
        return spot.finding(f'This "{spot.char}" closes nothing.', "Remove it, or open a bracket before it.")
    if spot.char == ",":
        return spot.finding("The definition has already ended.", "Remove this comma.")
    return spot.finding(
        "There is more text after the end of the definition.", "Remove it, or move it inside the outer object."
    )


_EXPLANATIONS: Final[dict[Expected, Callable[[_Spot], Finding | None]]] = {
    Expected.VALUE: _explain_value,
    Expected.KEY: _explain_key,
    Expected.MEMBER: _explain_member,
    Expected.COLON: _explain_colon,
    Expected.SEPARATOR: _explain_separator,
    Expected.STRING: _explain_string,
    Expected.END: _explain_end,
}
