r"""Rewrites JavaScript regular expressions for other matchers, and tells what they cost; it matches nothing.

JSONata's regular expressions are JavaScript's, without its ``u`` flag: ``\d`` and ``\w`` are ASCII, ``.`` stops at
four line ends, ``[`` in a class is a character, an unknown escape is the letter itself. The matchers of Rust and
Python read the same letters differently, silently.

Source: ECMAScript 2023, "Regular Expression Patterns" and annex B.1.2.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import factorial
from typing import Final


class RegexSyntaxError(Exception):
    """The pattern is not a regular expression; ``offset`` counts from 0 within it."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How another matcher writes what JavaScript writes differently."""

    outside: Mapping[str, str]
    in_class: Mapping[str, str]
    any_char: str
    end: str
    everything: str
    named_group: str
    named_reference: str
    code_point: str
    class_escapes: frozenset[str]


_BLANKS: Final = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_RUST_BLANKS: Final = re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", _BLANKS)
_WORD: Final = "A-Za-z0-9_"


def _classes(blanks: str) -> dict[str, str]:
    return {"d": "0-9", "w": _WORD, "s": blanks}


def _outside(blanks: str, boundary: str, no_boundary: str) -> dict[str, str]:
    sets = {letter: f"[{members}]" for letter, members in _classes(blanks).items()}
    complements = {letter.upper(): f"[^{members}]" for letter, members in _classes(blanks).items()}
    return {**sets, **complements, "b": boundary, "B": no_boundary}


RUST: Final = Dialect(
    outside=_outside(_RUST_BLANKS, r"(?-u:\b)", r"(?-u:\B)"),
    in_class={
        **_classes(_RUST_BLANKS),
        **{letter.upper(): f"[^{members}]" for letter, members in _classes(_RUST_BLANKS).items()},
    },
    any_char=r"[^\n\r\x{2028}\x{2029}]",
    end="$",
    everything=r"[\s\S]",
    named_group="(?P<",
    named_reference="",
    code_point=r"\x{{{:x}}}",
    class_escapes=frozenset(r"[]&~-^\\"),
)
PYTHON: Final = Dialect(
    outside=_outside(_BLANKS, r"(?a:\b)", r"(?a:\B)"),
    # A complement inside a class cannot be written with members alone.
    in_class={**_classes(_BLANKS), "D": r"\x00-/:-\U0010ffff", "W": r"\x00-/:-@\[-\^`{-\U0010ffff", "S": r"\S"},
    any_char=r"[^\n\r\u2028\u2029]",
    end=r"\Z",
    everything=r"[\s\S]",
    named_group="(?P<",
    named_reference="(?P=",
    code_point=r"\U{:08x}",
    class_escapes=frozenset(r"[]&~|-^\\"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Translation:
    """``text`` for the other matcher; ``needs_backtracking`` names what a linear matcher lacks, or is empty.

    ``repeats`` is how many unlimited repeats can stand one after the other; ``is_nested`` if one repeats another.
    """

    text: str
    needs_backtracking: str
    repeats: int
    is_nested: bool

    def steps(self, length: int) -> float:
        """About how many steps a backtracking matcher may take on a text of ``length`` characters, at worst."""
        if self.is_nested:
            return 2.0 ** min(length, 1000)
        degree = self.repeats + 1
        return float(max(length, 1)) ** degree / factorial(degree)


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    repeats: int = 0
    is_nested: bool = False
    has_choice: bool = False


_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??")
_CONTROLS: Final = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0"}
_HEX: Final = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|c([A-Za-z])")
_BACK_REFERENCE: Final = re.compile(r"[1-9][0-9]*")
_GROUP_NAME: Final = re.compile(r"\?<([A-Za-z_$][\w$]*)>")
_NAMED_REFERENCE: Final = re.compile(r"k<([A-Za-z_$][\w$]*)>")
_SPECIAL: Final = frozenset("\\^$.*+?()[]{}|#&-~ \t\n\r\v\f/")
_MAX_NESTING: Final = 60
_LONG_REPEAT: Final = 20
_LOOKS: Final = ("?=", "?!", "?<=", "?<!")


class _Translator:
    def __init__(self, pattern: str, flags: str, dialect: Dialect) -> None:
        self._pattern = pattern
        self._end = "$" if "m" in flags else dialect.end
        self._dialect = dialect
        self._at = 0
        self._depth = 0
        self._needs = ""

    def translate(self) -> Translation:
        piece = self._choice()
        if self._at < len(self._pattern):
            raise RegexSyntaxError(self._at, "a ) closes nothing")
        return Translation(
            text=piece.text, needs_backtracking=self._needs, repeats=piece.repeats, is_nested=piece.is_nested
        )

    def _next_is(self, text: str) -> bool:
        return self._pattern.startswith(text, self._at)

    def _choice(self) -> _Piece:
        branches = [self._sequence()]
        while self._next_is("|"):
            self._at += 1
            branches.append(self._sequence())
        return _Piece(
            "|".join(branch.text for branch in branches),
            max(branch.repeats for branch in branches),
            any(branch.is_nested for branch in branches),
            len(branches) > 1 or branches[0].has_choice,
        )

    def _sequence(self) -> _Piece:
        pieces: list[_Piece] = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            pieces.append(self._term())
        return _Piece(
            "".join(piece.text for piece in pieces),
            sum(piece.repeats for piece in pieces),
            any(piece.is_nested for piece in pieces),
            any(piece.has_choice for piece in pieces),
        )

    def _term(self) -> _Piece:
        atom = self._atom()
        match = _QUANTIFIER.match(self._pattern, self._at)
        if match is None:
            return atom
        self._at = match.end()
        return self._repeated(atom, match.group())

    def _repeated(self, atom: _Piece, quantifier: str) -> _Piece:
        text = f"{atom.text}{quantifier}"
        if quantifier[0] == "?":
            return _Piece(text, atom.repeats, atom.is_nested, has_choice=True)
        limits = [int(number) for number in re.findall(r"[0-9]+", quantifier)]
        is_endless = quantifier[0] in "*+" or quantifier.rstrip("?").endswith(",}")
        if not is_endless and limits[-1] <= _LONG_REPEAT:
            times = limits[-1]
            return _Piece(text, atom.repeats * times, atom.is_nested, atom.has_choice or len(limits) > 1)
        is_nested = atom.is_nested or atom.repeats > 0 or atom.has_choice
        is_fixed = not is_endless and len(limits) == 1
        return _Piece(text, 0 if is_fixed else 1, is_nested, has_choice=not is_fixed)

    def _atom(self) -> _Piece:
        char = self._pattern[self._at]
        if char == "(":
            return self._group()
        if char == "[":
            return _Piece(self._class())
        if char == "\\":
            return _Piece(self._escape())
        if char in "*+?" or (char == "{" and _QUANTIFIER.match(self._pattern, self._at)):
            raise RegexSyntaxError(self._at, "there is nothing to repeat")
        self._at += 1
        if char == ".":
            return _Piece(self._dialect.any_char)
        if char == "$":
            return _Piece(self._end)
        return _Piece(char if char == "^" else self._literal(char))

    def _group(self) -> _Piece:
        start = self._at
        self._depth += 1
        if self._depth > _MAX_NESTING:
            raise RegexSyntaxError(start, "groups are nested too deeply")
        self._at += 1
        opening, look = self._opening()
        inner = self._choice()
        if not self._next_is(")"):
            raise RegexSyntaxError(start, "a group is never closed")
        self._at += 1
        self._depth -= 1
        if look:
            self._needs = self._needs or f"look-around {look}"
        return _Piece(f"{opening}{inner.text})", inner.repeats, inner.is_nested, inner.has_choice)

    def _opening(self) -> tuple[str, str]:
        for look in _LOOKS:
            if self._next_is(look):
                self._at += len(look)
                return f"({look}", f"({look}"
        if self._next_is("?:"):
            self._at += 2
            return "(?:", ""
        name = _GROUP_NAME.match(self._pattern, self._at)
        if name is not None:
            self._at = name.end()
            return f"{self._dialect.named_group}{name.group(1)}>", ""
        if self._next_is("?"):
            raise RegexSyntaxError(self._at, "a group cannot begin so")
        return "(", ""

    def _escape(self) -> str:
        start = self._at
        self._at += 1
        if self._at >= len(self._pattern):
            raise RegexSyntaxError(start, "a \\ ends the pattern")
        letter = self._pattern[self._at]
        if letter in self._dialect.outside:
            self._at += 1
            return self._dialect.outside[letter]
        reference = _BACK_REFERENCE.match(self._pattern, self._at)
        if reference is not None:
            self._at = reference.end()
            self._needs = self._needs or f"back-reference \\{reference.group()}"
            return f"(?:\\{reference.group()})"
        named = _NAMED_REFERENCE.match(self._pattern, self._at)
        if named is not None and f"(?<{named.group(1)}>" in self._pattern:
            self._at = named.end()
            self._needs = self._needs or f"back-reference \\k<{named.group(1)}>"
            return f"{self._dialect.named_reference}{named.group(1)})"
        return self._literal(self._escaped_char())

    def _escaped_char(self) -> str:
        """The character after a backslash that is no class, reference or boundary."""
        code = _HEX.match(self._pattern, self._at)
        if code is not None:
            self._at = code.end()
            digits = code.group(1) or code.group(2)
            return chr(int(digits, 16)) if digits else chr(ord(code.group(3)) % 32)
        char = self._pattern[self._at]
        self._at += 1
        return _CONTROLS.get(char, char)

    def _literal(self, char: str) -> str:
        if char in _SPECIAL or char < " ":
            return self._dialect.code_point.format(ord(char))
        return char

    def _class(self) -> str:
        start = self._at
        self._at += 1
        negation = "^" if self._next_is("^") else ""
        self._at += len(negation)
        members: list[str] = []
        while not self._next_is("]"):
            if self._at >= len(self._pattern):
                raise RegexSyntaxError(start, "a class is never closed")
            members.append(self._class_member())
        self._at += 1
        if not members:
            return self._dialect.everything if negation else r"[^\s\S]"
        return f"[{negation}{''.join(members)}]"

    def _class_member(self) -> str:
        first = self._class_char()
        if not self._next_is("-") or self._next_is("-]"):
            return first
        before = self._at
        self._at += 1
        last = self._class_char()
        if self._is_set(first) or self._is_set(last):
            self._at = before + 1
            return f"{first}{self._member('-')}"
        return f"{first}-{last}"

    def _is_set(self, member: str) -> bool:
        return member in self._dialect.in_class.values()

    def _class_char(self) -> str:
        if self._at >= len(self._pattern):
            raise RegexSyntaxError(self._at, "a class is never closed")
        char = self._pattern[self._at]
        self._at += 1
        if char != "\\":
            return self._member(char)
        if self._at >= len(self._pattern):
            raise RegexSyntaxError(self._at - 1, "a \\ ends the pattern")
        letter = self._pattern[self._at]
        if letter in self._dialect.in_class:
            self._at += 1
            return self._dialect.in_class[letter]
        if letter == "b":
            self._at += 1
            return self._member("\b")
        return self._member(self._escaped_char())

    def _member(self, char: str) -> str:
        if char in self._dialect.class_escapes or char < " ":
            return self._dialect.code_point.format(ord(char))
        return char


def translate_regex(pattern: str, flags: str, dialect: Dialect) -> Translation:
    """Write the JavaScript ``pattern`` for another matcher, which takes the flags ``i`` and ``m`` itself.

    Raises:
        RegexSyntaxError: If it is no regular expression.
    """
    return _Translator(pattern, flags, dialect).translate()
