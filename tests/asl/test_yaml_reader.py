"""The YAML reader: YAML 1.2 scalars, places, bounds, and explanations."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.source import read_document
from sfn_notebook.asl.yaml_reader import read_yaml

PLAIN_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(st.characters(codec="ascii", categories=["L"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN_VALUES, st.sampled_from([True, False]))
def test_reader_reads_what_pyyaml_writes(value: Any, flow: bool) -> None:  # noqa: FBT001 - drawn
    text = yaml.safe_dump(value, default_flow_style=flow)
    reading = read_yaml(text)
    assert reading.problems == ()
    assert reading.value == value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2016-03-14T01:59:00Z", "2016-03-14T01:59:00Z"),
        ("2016-03-14", "2016-03-14"),
        ("Yes", "Yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("0x1F", 31),
        ("012345678901", "012345678901"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ('"12"', "12"),
        ("!!str 12", "12"),
        ("'{% $x %}'", "{% $x %}"),
        ("!Ref Function", "${Function}"),
        ("!GetAtt Function.Arn", "${Function.Arn}"),
        ("!GetAtt [Function, Arn]", "${Function.Arn}"),
        ("!Sub arn:${AWS::Partition}:x", "arn:${AWS::Partition}:x"),
    ],
)
def test_scalars_follow_yaml_1_2(written: str, expected: Any) -> None:
    reading = read_yaml(f"value: {written}\n")
    assert reading.problems == ()
    assert reading.value == {"value": expected}
    assert type(reading.value["value"]) is type(expected)


def test_keys_are_text_as_written() -> None:
    assert read_yaml("200: ok\nyes: 1\nnull: 2\n").value == {"200": "ok", "yes": 1, "null": 2}


def test_aliases_and_merges_are_expanded_and_own_keys_win() -> None:
    text = "base: &b {x: 1, y: 2}\ncopy: *b\nmine:\n  <<: *b\n  y: 3\n"
    assert read_yaml(text).value == {"base": {"x": 1, "y": 2}, "copy": {"x": 1, "y": 2}, "mine": {"x": 1, "y": 3}}


@pytest.mark.parametrize(
    ("text", "rule", "line", "column", "words"),
    [
        ("a: 1\n b: 2\n", "YAML_SYNTAX", 2, 3, "cannot stand here"),
        ("a: b: c\n", "YAML_SYNTAX", 1, 5, "cannot stand here"),
        ("a: [1, 2\nb: 3\n", "YAML_SYNTAX", 2, 2, "list opened at line 1, column 4 is not closed"),
        ("a: {b: 1\n", "YAML_SYNTAX", 2, 1, "mapping opened at line 1, column 4 is not closed"),
        ('a: "x\nb: 1\n', "YAML_SYNTAX", 3, 1, "opened at line 1, column 4 is never closed"),
        ("a:\n\t- b\n", "YAML_SYNTAX", 2, 1, "A tab cannot indent"),
        ("x: @foo\n", "YAML_SYNTAX", 1, 4, "cannot begin with '@'"),
        ("x: {% $y %}\n", "YAML_SYNTAX", 1, 5, "cannot begin with '%'"),
        ("- a\nb: 1\n", "YAML_SYNTAX", 2, 1, "does not continue the list"),
        ("x: \x07\n", "YAML_SYNTAX", 1, 4, "cannot hold the character U+0007"),
        ("x: *nobody\n", "YAML_SYNTAX", 1, 4, "alias *nobody"),
        ("x: &a [*a]\n", "YAML_SYNTAX", 1, 8, "alias *a"),
        ("---\na: 1\n---\nb: 2\n", "YAML_SYNTAX", 3, 1, "second document"),
        ("? [a]\n: b\n", "YAML_NOT_JSON", 1, 3, "key must be text"),
        ("a: !python/object x\n", "YAML_NOT_JSON", 1, 4, "tag !python/object"),
        ("a: !!python/name:os.system x\n", "YAML_NOT_JSON", 1, 4, "has no meaning"),
        ("a: .inf\n", "YAML_NOT_JSON", 1, 4, ".inf is not a JSON number"),
        ("a: 1e999\n", "NUMBER_TOO_LARGE", 1, 4, "too large"),
        ("a: \ud800\n", "LONE_SURROGATE", 1, 4, "surrogate"),
        ("a: 1\nb: {c: 1, c: 2}\na: 3\n", "DUPLICATE_KEY", 2, 11, '"c" is already used on line 2'),
    ],
)
def test_what_cannot_be_read_is_explained_in_place(text: str, rule: str, line: int, column: int, words: str) -> None:
    problem = read_yaml(text).problems[0]
    assert (problem.rule, problem.line, problem.column) == (rule, line, column)
    assert words in problem.message
    assert problem.hint


def test_empty_text_is_a_problem() -> None:
    assert [problem.rule for problem in read_yaml("# nothing\n").problems] == ["YAML_SYNTAX"]


def test_billion_laughs_is_refused_before_it_grows() -> None:
    levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    levels += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    [problem] = read_yaml("\n".join(levels)).problems
    assert problem.rule == "YAML_EXPANSION"


def test_aliases_cannot_build_depth_either() -> None:
    levels = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300)]
    [problem] = read_yaml("\n".join(levels)).problems
    assert problem.rule == "NESTING_TOO_DEEP"


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "- " * 100_000])
def test_deep_nesting_is_bounded(text: str) -> None:
    [problem] = read_yaml(text).problems
    assert problem.rule == "NESTING_TOO_DEEP"


def test_places_count_characters_not_bytes() -> None:
    document = read_document("é𝄞: ü\r\nb: [c, 'd']\r\n")
    first, second = document.span("/é𝄞"), document.span("/b/1")
    assert first is not None
    assert second is not None
    assert (first.line, first.column) == (1, 5)
    assert (second.line, second.column, second.end_column) == (2, 8, 11)


def test_block_text_ends_before_the_next_key() -> None:
    span = read_document("a: |\n  one\n  two\n\n\nb: 1\n").span("/a")
    assert span is not None
    assert (span.line, span.end_line) == (1, 3)


@given(st.text(max_size=40))
def test_any_text_gives_a_value_or_a_problem(text: str) -> None:
    reading = read_yaml(text)
    assert reading.problems or reading.value is not None or text.strip() in ("", "~", "null", "Null", "NULL", "---")
