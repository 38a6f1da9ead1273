"""Writes the documentation of every rule from the tables, with what is reported for its example; it checks nothing.

``python -m sfn_notebook.asl.rules_page docs/rules.md`` writes the page.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.rule_examples import EXAMPLES, TEXT_EXAMPLES
from sfn_notebook.asl.rules import ERROR, RULES, Rule
from sfn_notebook.asl.source import read_document
from sfn_notebook.asl.validation import validate
from sfn_notebook.errors import InternalError, Problem

_WIDTH: Final = 96
_SHOWN: Final = 120
_COMMAND: Final = "python -m sfn_notebook.asl.rules_page docs/rules.md"
_INTRODUCTION: Final = f"""# Rules

Everything that is checked before a definition runs. All problems are reported at once, each with its range in the
text, JSON or YAML, and with what to do. An *error* is refused: AWS refuses it too, or no execution of it could work. A
*warning* is advice.

The messages below are what the examples really report. `{_COMMAND}` writes this page from the
tables in `asl/rules.py` and `asl/rule_examples.py`; a test fails when it is stale.
"""


def rules_page() -> str:
    """The whole page as Markdown.

    Raises:
        InternalError: If an example does not break its rule.
    """
    parts = [_INTRODUCTION, *_summary()]
    section = ""
    for rule in RULES.values():
        if rule.section != section:
            section = rule.section
            parts.append(f"## {section}\n")
        parts.append(_entry(rule))
    return "\n".join(parts)


def _summary() -> Iterator[str]:
    yield "| rule | severity | what it demands |\n|---|---|---|"
    for rule in RULES.values():
        yield f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity.lower()} | {_cell(rule.text)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _entry(rule: Rule) -> str:
    text, found = _broken(rule.id)
    kind = "error" if rule.severity == ERROR else "warning"
    place = f"line {found.line}, column {found.column}" + (f", `{_shortened(found.pointer)}`" if found.pointer else "")
    lines = [f"### {rule.id}", "", f"{rule.text} ({kind})", "", "```text", *_pointed(text, found), "```", ""]
    lines += [f"> {place}: {found.message}"]
    if found.hint:
        lines += [">", f"> **Remedy:** {found.hint}"]
    return "\n".join([*lines, ""])


def _broken(rule: str) -> tuple[str, Problem]:
    """The text of the rule's example, and the problem that is found in it."""
    if rule in TEXT_EXAMPLES:
        example = TEXT_EXAMPLES[rule][0]
        text, is_express = example.text, False
        document = read_document(text, format=example.format)
    else:
        text, is_express = pretty(EXAMPLES[rule].definition), EXAMPLES[rule].is_express
        document = read_document(text, format="json")
    for problem in validate(document, is_express=is_express):
        if problem.rule == rule:
            return text, problem
    raise InternalError(f"the example of {rule} does not break it.")


def pretty(value: JSONValue, indent: int = 0) -> str:
    """JSON text in which whatever is short enough stands on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent <= _WIDTH or not isinstance(value, dict | list):
        return line
    inside, blanks = " " * (indent + 2), " " * indent
    if isinstance(value, list):
        items = (pretty(each, indent + 2) for each in value)
        return "[\n" + ",\n".join(f"{inside}{item}" for item in items) + f"\n{blanks}]"
    members = (f"{json.dumps(key, ensure_ascii=False)}: {pretty(each, indent + 2)}" for key, each in value.items())
    return "{\n" + ",\n".join(f"{inside}{member}" for member in members) + f"\n{blanks}}}"


def _pointed(text: str, found: Problem) -> list[str]:
    """The line of the problem with carets under its range; of a long line the part around it."""
    line = text.splitlines()[found.line - 1]
    start = found.column - 1
    end = found.end_column - 1 if found.end_line == found.line else len(line)
    cut = max(0, start - _SHOWN // 2) if len(line) > _SHOWN else 0
    before, after = "..." if cut else "", "..." if len(line) - cut > _SHOWN else ""
    shown = line[cut : cut + _SHOWN]
    length = max(1, min(end, cut + _SHOWN) - start)
    return [f"{before}{shown}{after}", " " * (len(before) + start - cut) + "^" * length]


def _shortened(pointer: str) -> str:
    return pointer if len(pointer) <= 60 else f"{pointer[:57]}..."


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(rules_page(), encoding="utf-8")
