"""How a magic's line is cut into words and read against a table of options; it evaluates nothing and knows no verb.

IPython's own splitters either drop the quotes of JSON or break it at spaces, and ``argparse`` exits and guesses
abbreviations; a line such as ``run OrderFlow --input {"a": "b c"}`` must arrive as it was written.
"""

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.errors import InvalidInput, UnknownName, did_you_mean

_OPENING: Final = "{["
_CLOSING: Final = "}]"


class Kind(Enum):
    """What stands after an option or in an operand's place; completion and conversion both go by it."""

    TEXT = "text"
    FLAG = "flag"
    INTEGER = "whole number"
    SECONDS = "seconds"
    CHOICE = "choice"
    INPUT = "JSON or variable"
    MACHINE = "machine"
    EXECUTION = "execution"
    MACHINE_OR_EXECUTION = "machine or execution"
    VERB = "verb"
    WAITING = "waiting task"
    STATE = "state"
    ACTIVITY = "activity"
    FUNCTION = "function"


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """One ``--name``. ``aliases`` are the AWS CLI's names for the same thing; ``choices`` belong to ``Kind.CHOICE``."""

    name: str
    kind: Kind = Kind.TEXT
    metavar: str = ""
    summary: str = ""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Operand:
    """A word without ``--``. ``aliases`` are options of the AWS CLI that give the same thing by name."""

    name: str
    kind: Kind = Kind.TEXT
    is_required: bool = True
    summary: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What a command takes; ``command`` is what the user types before it, such as ``%sfn run``."""

    command: str
    operands: tuple[Operand, ...] = ()
    options: tuple[Option, ...] = ()

    def __str__(self) -> str:
        operands = [each.name if each.is_required else f"[{each.name}]" for each in self.operands]
        options = [f"[{each.name} {each.metavar}]" if each.metavar else f"[{each.name}]" for each in self.options]
        return " ".join([self.command, *operands, *options])

    def option(self, name: str) -> Option | None:
        """The option that is called ``name`` here or in the AWS CLI."""
        return next((each for each in self.options if name == each.name or name in each.aliases), None)

    def operand_alias(self, name: str) -> Operand | None:
        """The operand that the AWS CLI calls by the option ``name``."""
        return next((each for each in self.operands if name in each.aliases), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """One word of a line: ``raw`` as it was typed, ``text`` without its outer quotes; ``column`` counts from 1."""

    raw: str
    text: str
    column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Arguments:
    """What was given, by the names of the table; ``options`` has the last one of each name, ``every`` has them all."""

    operands: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Word] = field(default_factory=dict)
    every: Mapping[str, tuple[Word, ...]] = field(default_factory=dict)

    def has(self, option: str) -> bool:
        """Whether ``option`` was given."""
        return option in self.options

    def text(self, option: str, default: str | None = None) -> str | None:
        """The option's text without quotes, or ``default``."""
        word = self.options.get(option)
        return default if word is None else word.text

    def texts(self, option: str) -> list[str]:
        """The texts of an option that may be given several times."""
        return [word.text for word in self.every.get(option, ())]

    def indices(self, option: str) -> tuple[int, ...] | None:
        """The option as indices with commas between them; ``None`` if it was not given.

        Raises:
            InvalidInput: If it is something else.
        """
        word = self.options.get(option)
        if word is None:
            return None
        if not re.fullmatch(r"\[?\d{1,9}(,\d{1,9})*\]?", word.text):
            raise InvalidInput(f"{option} takes an index, such as 2, or several, such as 0,2; not {word.raw!r}.")
        return tuple(int(each) for each in word.text.strip("[]").split(","))

    def integer(self, option: str, default: int) -> int:
        """The option as a whole number.

        Raises:
            InvalidInput: If it is none.
        """
        word = self.options.get(option)
        if word is None:
            return default
        try:
            return int(word.text)
        except ValueError:
            raise InvalidInput(f"{option} takes a whole number, not {word.raw!r}.") from None

    def seconds(self, option: str) -> float | None:
        """The option as modelled seconds, zero or more; ``None`` if it was not given.

        Raises:
            InvalidInput: If it is no such number.
        """
        word = self.options.get(option)
        if word is None:
            return None
        if not re.fullmatch(r"\d+(\.\d+)?s?", word.text):
            raise InvalidInput(f"{option} takes seconds, such as 30 or 0.5, not {word.raw!r}.")
        return float(word.text.removesuffix("s"))


def _closing_quote(line: str, start: int) -> int:
    """Position just after the quote that closes the one at ``start``; -1 if none does. Single quotes know no escape."""
    quote, position = line[start], start + 1
    while position < len(line):
        if line[position] == "\\" and quote == '"':
            position += 2
        elif line[position] == quote:
            return position + 1
        else:
            position += 1
    return -1


def _unquoted(quoted: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", quoted[1:-1]) if quoted[0] == '"' else quoted[1:-1]


def _read_word(line: str, start: int) -> tuple[Word, int]:
    """The word that begins at ``start`` and the position after it. Within brackets, spaces and quotes belong to it."""
    depth, position, parts = 0, start, [""]
    while position < len(line) and (depth or not line[position].isspace()):
        character = line[position]
        if character == '"' or (character == "'" and not depth):
            end = _closing_quote(line, position)
            if end < 0 and not depth:
                raise InvalidInput(f"the {character} at column {position + 1} is never closed: {line[position:]}")
            end = len(line) if end < 0 else end
            quoted = line[position:end]
            parts.append(quoted if depth else _unquoted(quoted))
            position = end
            continue
        depth = max(0, depth + (character in _OPENING) - (character in _CLOSING))
        parts.append(character)
        position += 1
    return Word(raw=line[start:position].rstrip(), text="".join(parts).rstrip(), column=start + 1), position


def split(line: str) -> list[Word]:
    """Cut ``line`` at spaces, but not within quotes nor within JSON's brackets.

    Raises:
        InvalidInput: For a quote that is never closed.
    """
    words, position = [], 0
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        word, position = _read_word(line, position)
        words.append(word)
    return words


def _expand_equals(words: Sequence[Word]) -> list[Word]:
    """Make two words of each ``--name=value``."""
    expanded = []
    for word in words:
        name, equals, value = word.raw.partition("=")
        if word.raw.startswith("--") and equals:
            text = word.text.partition("=")[2]
            expanded += [Word(raw=name, text=name, column=word.column)]
            expanded += [Word(raw=value, text=text, column=word.column + len(name) + 1)]
        else:
            expanded.append(word)
    return expanded


def parse(usage: Usage, line: str) -> Arguments:
    """Read ``line`` against ``usage``.

    Raises:
        UnknownName: For an option that the table does not have, with the nearest ones.
        InvalidInput: For a missing or superfluous word, with the usage.
    """
    operands: dict[str, str] = {}
    options: dict[str, Word] = {}
    every: dict[str, tuple[Word, ...]] = {}
    words = iter(_expand_equals(split(line)))
    for word in words:
        if not word.raw.startswith("--"):
            _take_operand(usage, operands, word)
            continue
        operand, option = usage.operand_alias(word.raw), usage.option(word.raw)
        if operand is None and option is None:
            known = [each.name for each in usage.options]
            raise UnknownName(f"option of {usage.command}", word.raw, known)
        value = word if option is not None and option.kind is Kind.FLAG else next(words, None)
        if value is None:
            raise InvalidInput(f"{word.raw} needs a value.", hint=f"Usage: {usage}")
        if operand is not None:
            operands[operand.name] = value.text
        elif option is not None:
            options[option.name] = _checked(option, value)
            every[option.name] = (*every.get(option.name, ()), value)
    for each in usage.operands:
        if each.is_required and each.name not in operands:
            raise InvalidInput(f"{usage.command} needs {each.name}.", hint=f"Usage: {usage}")
    return Arguments(operands=operands, options=options, every=every)


def _take_operand(usage: Usage, operands: dict[str, str], word: Word) -> None:
    free = next((each for each in usage.operands if each.name not in operands), None)
    if free is None:
        raise InvalidInput(f"{usage.command} does not know what to do with {word.raw!r}.", hint=f"Usage: {usage}")
    operands[free.name] = word.text


def _checked(option: Option, word: Word) -> Word:
    if option.choices and word.text not in option.choices:
        raise UnknownName(f"value of {option.name}", word.text, option.choices)
    return word


def read_input(word: Word, variables: Mapping[str, object], option: str = "--input") -> JSONValue:
    """The JSON value that ``option`` names: JSON text, or a variable by its bare name. Nothing is evaluated.

    ``{...}`` and ``[...]`` are JSON, alone or in quotes as a shell wants them; so are ``"text"``, numbers, ``true``,
    ``false`` and ``null``. A name is looked up in ``variables``, and its value must be plain JSON data.

    Raises:
        InvalidInput: If it is neither, with the place and the nearest names, or if the variable holds something else
            than JSON.
    """
    if word.raw.isidentifier() and word.raw not in {"true", "false", "null"}:
        return _variable(word.raw, variables, option)
    inside = word.text.lstrip()
    text = inside if inside[:1] in tuple(_OPENING) else word.raw
    try:
        return _json.load(text)
    except ValueError as error:
        raise _not_json(text, error, option) from None
    except RecursionError:
        raise InvalidInput(f"{option} is nested too deeply.", hint="Pass it by the name of a variable.") from None


def _variable(name: str, variables: Mapping[str, object], option: str) -> JSONValue:
    if keyword.iskeyword(name):
        remedy = {"None": "null", "True": "true", "False": "false"}.get(name)
        raise InvalidInput(
            f"{option} takes JSON or the name of a variable; {name} is neither.",
            hint=f"In JSON it is written {remedy}." if remedy else "",
        )
    if name not in variables:
        known = sorted(each for each in variables if each.isidentifier() and not each.startswith("_"))
        # Not UnknownName, which lists everything: a notebook may well have two hundred variables.
        suggestion = did_you_mean(name, known)
        raise InvalidInput(
            f"{option} {name}: no variable has this name, and it is not JSON.",
            hint=suggestion or f'Assign {name} in a cell first; a text is written "{name}".',
        )
    value = variables[name]
    try:
        return _json.plain_copy(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"the variable {name} ({type(value).__name__}) is not JSON: {error}",
            hint="An execution's input is made of dict, list, str, int, float, bool and None.",
        ) from None


def _not_json(text: str, error: ValueError, option: str) -> InvalidInput:
    """Say where ``text`` stops being JSON, with a caret under the place, and what to do."""
    column = getattr(error, "colno", 0)
    reason = getattr(error, "msg", str(error))
    hint = (
        "Write JSON with double quotes, or the name of a variable: expressions are not evaluated,"
        " so assign them to a variable first."
    )
    if not column:
        return InvalidInput(f"{option} is not JSON: {reason}", hint=hint)
    start = max(0, column - 60)
    shown = text[start : start + 100]
    caret = " " * (column - 1 - start) + "^"
    return InvalidInput(f"{option} is not JSON: {reason} at column {column}\n    {shown}\n    {caret}", hint=hint)
