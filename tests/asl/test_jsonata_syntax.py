"""The filter for plain mistakes in JSONata: no false alarm on the official suite, and the mistakes people make."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.jsonata_syntax import find_mistake

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "jsonata" / "suite-2.0.6.jsonl"


@pytest.mark.skipif(not SUITE.exists(), reason=f"the JSONata suite is not here: {SUITE}")
def test_well_formed_expressions_of_the_official_suite_pass() -> None:
    cases = [json.loads(line) for line in SUITE.read_text(encoding="utf-8").splitlines()]
    # Codes that begin with S are syntax errors.
    well_formed = [case["expr"] for case in cases if not str(case.get("code", "")).startswith("S")]
    assert len(well_formed) > 1_500
    assert [(each, find_mistake(each)) for each in well_formed if find_mistake(each) is not None] == []


@pytest.mark.parametrize(
    ("expression", "column", "words"),
    [
        (" $sum($states.input.n ", 6, '"(" is never closed'),
        ("a)", 2, '")" closes nothing'),
        ("[1, 2)", 6, 'cannot close "["'),
        ("10 + * 2", 8, "two values stand side by side"),
        ("a b", 3, "two values"),
        ("420.", 4, 'ends after "."'),
        ("1 +", 3, 'ends after "+"'),
        ("(1 +)", 4, 'no value after "+"'),
        ("= 1", 1, '"=" cannot stand at the beginning'),
        ("$.book[?(@.price < 10)]", 10, '"@" is JSONPath'),
        ("'abc", 1, "string is never closed"),
        ("1 /* note", 3, "comment is never closed"),
        ("$match(x, /a+", 11, "regular expression is never closed"),
        ("  ", 1, "no expression"),
    ],
)
def test_plain_mistake_is_found(expression: str, column: int, words: str) -> None:
    mistake = find_mistake(expression)
    assert mistake is not None
    assert mistake.column == column
    assert words in mistake.reason


@pytest.mark.parametrize(
    "expression",
    [
        "function($x, $y)<n-n:n>{ $x + $y }",
        "$map(items, function($v) { $v.price * 2 })",
        "items[price < 10 and $contains(name, /^a\\/b/i)]^(>price).name",
        "$ ~> |Account.Order|{'total': 1}, ['id']|",
        "a ? b : c",
        "**.name[0]",
        "items@$i.other#$n{name: $sum(price)}",
        "and and or",
        "$reduce(?, $f)",
        "(λ($n){ $n }; $x := 1; $x)",
        "`a b`.c",
    ],
)
def test_well_formed_expression_passes(expression: str) -> None:
    assert find_mistake(expression) is None


@given(st.text(alphabet="()[]{}<>ab1.+-*/|?:;,'\"`@#$%^&=~! ", max_size=40))
def test_any_text_is_answered_within_its_length(expression: str) -> None:
    mistake = find_mistake(expression)
    assert mistake is None or 1 <= mistake.column <= max(1, len(expression))


def test_long_expressions_are_answered() -> None:
    assert find_mistake("(" * 300_000) is not None
    assert find_mistake("/*" * 300_000) is not None
    assert find_mistake("1" + " + 1" * 100_000) is None
