"""Every rule can be broken alone, with its exact range in JSON and in YAML; the page of rules says what is reported."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.asl.rule_examples import EXAMPLES, TEXT_EXAMPLES, RuleExample, TextExample
from sfn_notebook.asl.rules import RULES
from sfn_notebook.asl.rules_page import rules_page
from sfn_notebook.asl.source import Document, Format, read_document
from sfn_notebook.asl.spans import child_pointer
from sfn_notebook.asl.validation import validate
from sfn_notebook.errors import Problem

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
FORMATS: tuple[Format, ...] = ("json", "yaml")


class Writer:
    """Writes JSON or block YAML and notes where each key and value begins and ends, as offsets."""

    def __init__(self, format: Format) -> None:
        self.is_json = format == "json"
        self.text = ""
        self.keys: dict[str, tuple[int, int]] = {}
        self.values: dict[str, tuple[int, int]] = {}

    def put(self, text: str) -> tuple[int, int]:
        start = len(self.text)
        self.text += text
        return start, len(self.text)

    def write(self, value: Any, pointer: str = "", indent: int = 0) -> None:
        if not isinstance(value, dict | list) or not value:
            self.values[pointer] = self.put(json.dumps(value))
            return
        start = len(self.text)
        members = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
        self.put("{" if self.is_json and isinstance(value, dict) else "[" if self.is_json else "")
        for position, (key, each) in enumerate(members):
            place = child_pointer(pointer, key)
            if self.is_json:
                self.put(("," if position else "") + f"\n{'  ' * (indent + 1)}")
            elif position:
                self.put(f"\n{'  ' * indent}")
            self.key(key, place)
            if not self.is_json and isinstance(key, str) and isinstance(each, dict | list) and each:
                self.put(f"\n{'  ' * (indent + 1)}")
            self.write(each, place, indent + 1)
        if self.is_json:
            self.put(f"\n{'  ' * indent}" + ("}" if isinstance(value, dict) else "]"))
        self.values[pointer] = (start, len(self.text))

    def key(self, key: str | int, pointer: str) -> None:
        if isinstance(key, int):
            self.put("" if self.is_json else "- ")
            return
        self.keys[pointer] = self.put(json.dumps(key))
        # In YAML a collection begins on the next line.
        self.put(": ")


def place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def range_of(problem: Problem) -> tuple[tuple[int, int], tuple[int, int]]:
    return (problem.line, problem.column), (problem.end_line, problem.end_column)


def check(example: RuleExample, document: Document) -> Problem:
    [problem] = validate(document, is_express=example.is_express)
    return problem


def test_every_rule_has_an_example() -> None:
    assert {*EXAMPLES, *TEXT_EXAMPLES} == set(RULES)
    assert not EXAMPLES.keys() & TEXT_EXAMPLES.keys()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("rule", EXAMPLES)
def test_an_example_breaks_its_rule_alone_at_its_exact_range(rule: str, format: Format) -> None:
    example = EXAMPLES[rule]
    writer = Writer(format)
    writer.write(example.definition)
    problem = check(example, read_document(writer.text, format=format))
    assert (problem.rule, problem.pointer, problem.severity) == (rule, example.pointer, RULES[rule].severity)
    start, end = (writer.keys if example.at_key else writer.values)[example.pointer]
    assert range_of(problem) == (place(writer.text, start), place(writer.text, end))


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_definition_without_a_text_has_no_range(rule: str) -> None:
    example = EXAMPLES[rule]
    problem = check(example, Document.from_value(example.definition))
    assert (problem.rule, problem.pointer) == (rule, example.pointer)
    assert range_of(problem) == ((0, 0), (0, 0))


@pytest.mark.parametrize(("rule", "example"), [(rule, each) for rule in TEXT_EXAMPLES for each in TEXT_EXAMPLES[rule]])
def test_a_text_breaks_its_rule_alone_at_its_exact_range(rule: str, example: TextExample) -> None:
    [problem] = validate(read_document(example.text, format=example.format))
    assert (problem.rule, problem.severity) == (rule, RULES[rule].severity)
    start = example.marked.index("«")
    end = example.marked.index("»") - 1
    assert range_of(problem) == (place(example.text, start), place(example.text, end))


@pytest.mark.parametrize("rule", RULES)
def test_every_problem_says_what_to_do(rule: str) -> None:
    if rule in EXAMPLES:
        problem = check(EXAMPLES[rule], Document.from_value(EXAMPLES[rule].definition))
    else:
        [problem] = read_document(TEXT_EXAMPLES[rule][0].text, format=TEXT_EXAMPLES[rule][0].format).problems
    assert problem.hint
    assert problem.message.endswith((".", ")", "?")) or rule == "INVALID_JSONATA"


def test_the_page_of_rules_is_not_stale() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page()


def test_the_page_tells_severity_section_example_and_remedy_of_every_rule() -> None:
    entries = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [entry.partition("\n")[0] for entry in entries] == list(RULES)
    for entry, rule in zip(entries, RULES.values(), strict=True):
        assert f"{rule.text} ({rule.severity.lower()})" in entry
        assert "^" in entry
        assert "**Remedy:** " in entry
