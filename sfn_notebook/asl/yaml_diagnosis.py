"""What people get wrong in YAML and the remedy for each; it translates PyYAML's errors and reads nothing."""

import re
from typing import Final, NamedTuple

import yaml

from sfn_notebook.asl.rules import problem
from sfn_notebook.asl.spans import LineIndex
from sfn_notebook.errors import Problem


class _Explanation(NamedTuple):
    """``pattern`` matches the words of libyaml or of the pure loader; ``{opened}`` is where the context began."""

    pattern: str
    message: str
    hint: str


_EXPLANATIONS: Final = (
    _Explanation(
        "mapping values are not allowed",
        'A ": " cannot stand here.',
        "Quote the text before or around it, or check the indentation of this line.",
    ),
    _Explanation("unexpected end of stream", "The quoted text{opened} is never closed.", "Add the closing quote."),
    _Explanation("expected ',' or ']'", "The list{opened} is not closed here.", 'Add "," or "]".'),
    _Explanation("expected ',' or '}'", "The mapping{opened} is not closed here.", 'Add "," or "}".'),
    _Explanation(
        "expected key|expected <block end>",
        "The indentation of this line fits no key of the mapping{opened}.",
        "Indent it as the keys beside it.",
    ),
    _Explanation(
        "expected '-' indicator",
        "This line does not continue the list{opened}.",
        'Begin it with "- ", or indent it as the key that holds the list.',
    ),
    _Explanation("expected ':'", "A key has no colon after it.", 'Write "Key: value".'),
    _Explanation(
        "unknown escape", "This escape is unknown in double quotes.", "Write a backslash as \\\\, or use single quotes."
    ),
    _Explanation(
        "invalid Unicode character escape",
        "This escape names no character: it is half of a surrogate pair, or beyond U+10FFFF.",
        "Write the character itself, or all of it with eight digits: \\U0001F600.",
    ),
    _Explanation("undefined tag handle", "This tag is unknown.", "Remove it, or quote the text that begins with !."),
    _Explanation("duplicate anchor", "This anchor is already used.", "Give each anchor its own name."),
)


def diagnose(error: yaml.YAMLError, text: str, lines: LineIndex) -> Problem:
    """Explain a YAML syntax error: one problem with its line, its column and a remedy."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _bad_character(error, text, lines)
    offset = min(mark.index, len(text))
    words = str(getattr(error, "problem", "") or getattr(error, "context", "") or error)
    span = lines.span(offset, min(offset + 1, len(text)))
    if "cannot start any token" in words:
        message, hint = _bad_start(text[offset : offset + 1])
        return problem("YAML_SYNTAX", message, hint=hint, span=span)
    opened = _opened(error)
    for each in _EXPLANATIONS:
        if re.search(each.pattern, words):
            return problem("YAML_SYNTAX", each.message.replace("{opened}", opened), hint=each.hint, span=span)
    return problem("YAML_SYNTAX", f"This is not YAML: {words}.", hint="Check quotes and indentation.", span=span)


def _opened(error: yaml.YAMLError) -> str:
    mark = getattr(error, "context_mark", None)
    return f" opened at line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""


def _bad_start(char: str) -> tuple[str, str]:
    if char == "\t":
        return "A tab cannot indent YAML.", "Use blanks."
    return f"A value cannot begin with {char!r}.", f'Quote it: "{char}...".'


def _bad_character(error: yaml.YAMLError, text: str, lines: LineIndex) -> Problem:
    """A control character: PyYAML tells its code; its offset is counted in bytes or in characters."""
    code = getattr(error, "character", None)
    char = chr(code) if isinstance(code, int) else str(code or "")
    offset = max(text.find(char), 0) if char else 0
    name = f"U+{ord(char):04X}" if len(char) == 1 else "this character"
    message = f"YAML cannot hold the character {name}."
    hint = 'Remove it, or write it as an escape in double quotes: "\\x07".'
    return problem("YAML_SYNTAX", message, hint=hint, span=lines.span(offset, offset + 1))
