"""Validation reads JSONata: no false alarm on the official suite, and every syntax error of it is told."""

import json
from pathlib import Path

import pytest

from sfn_notebook.asl.source import Document
from sfn_notebook.asl.validation import validate

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "jsonata" / "suite-2.0.6.jsonl"


def _mistakes(expression: str) -> list[str]:
    state = {"Type": "Pass", "Output": "{% " + expression + " %}", "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": state}}
    problems = validate(Document.from_value(definition))
    return [problem.message for problem in problems if problem.rule == "INVALID_JSONATA"]


def _cases(*, is_error: bool) -> list[str]:
    cases = [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]
    # Codes that begin with S are syntax errors. A lone surrogate is refused before anybody reads JSONata.
    cases = [case for case in cases if case["expr"].encode("utf-8", "replace").decode() == case["expr"]]
    return [case["expr"] for case in cases if str(case.get("code", "")).startswith("S") is is_error]


@pytest.mark.skipif(not SUITE.exists(), reason=f"the JSONata suite is not here: {SUITE}")
def test_well_formed_expressions_of_the_official_suite_are_not_called_malformed() -> None:
    well_formed = _cases(is_error=False)
    assert len(well_formed) > 1_500
    # That an expression reads the value it is applied to is another complaint: a state has none.
    false_alarms = {each: found for each in well_formed if (found := _malformed(each))}
    assert false_alarms == {}


@pytest.mark.skipif(not SUITE.exists(), reason=f"the JSONata suite is not here: {SUITE}")
def test_every_syntax_error_of_the_official_suite_is_told() -> None:
    errors = _cases(is_error=True)
    assert len(errors) > 30
    assert [each for each in errors if not _mistakes(each)] == []


def _malformed(expression: str) -> list[str]:
    return [message for message in _mistakes(expression) if "not well formed" in message]


@pytest.mark.parametrize("expression", ["total > 100", "$.total", "$$.total", "items[price < 10].name"])
def test_a_bare_name_is_told_with_the_remedy(expression: str) -> None:
    (message,) = _mistakes(expression)
    assert "a state does not have" in message


@pytest.mark.parametrize(
    "expression",
    ["$states.input.items[price < 10].name", "$map($items, function($v) { $v.price * 2 })", "$x ~> |a|{}|"],
)
def test_names_within_a_path_are_fine(expression: str) -> None:
    assert _mistakes(expression) == []


@pytest.mark.parametrize("expression", ["(" * 100_000, "/*" * 100_000, "[" * 100_000])
def test_long_mistakes_are_answered(expression: str) -> None:
    assert _mistakes(expression)
