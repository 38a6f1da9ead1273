"""The JSON reader: it agrees with Python's, and explains what it cannot read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.json_reader import MAX_DEPTH, read_json
from sfn_notebook.asl.spans import child_pointer

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(JSON_VALUES, st.sampled_from([None, 0, 2]), st.booleans())
def test_reader_agrees_with_python(value: Any, indent: int | None, ensure_ascii: bool) -> None:  # noqa: FBT001 - drawn
    text = json.dumps(value, indent=indent, ensure_ascii=ensure_ascii)
    reading = read_json(text)
    assert reading.problems == ()
    assert reading.value == json.loads(text)
    assert json.dumps(reading.value) == json.dumps(json.loads(text))


def parts(value: Any, pointer: str = "") -> dict[str, Any]:
    found = {pointer: value}
    for key, each in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        found |= parts(each, child_pointer(pointer, key))
    return found


SHORT_LISTS = st.lists(
    st.integers()
    | st.text(alphabet='ab"\\é\n', max_size=3)
    | st.none()
    | st.floats(allow_nan=False, allow_infinity=False)
)


@given(JSON_VALUES | SHORT_LISTS, st.sampled_from([None, 0, 2]))
def test_every_part_stands_where_it_is_said_to_stand(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    extents = read_json(text).extents
    assert {pointer: json.loads(text[start:end]) for pointer, (start, end, *_) in extents.items()} == parts(value)
    for pointer, (_, _, key_start, key_end) in extents.items():
        if key_start >= 0:
            assert child_pointer(pointer.rpartition("/")[0], json.loads(text[key_start:key_end])) == pointer


@given(JSON_VALUES | SHORT_LISTS, st.sampled_from([None, 0, 2]))
def test_a_mistake_elsewhere_does_not_change_what_is_read(value: Any, indent: int | None) -> None:
    part = json.dumps(value, indent=indent)
    reading = read_json(f'{{"twice": 1, "twice": 2, "part": {part}}}')
    assert [problem.rule for problem in reading.problems] == ["DUPLICATE_KEY"]
    assert json.dumps(reading.value["part"]) == json.dumps(json.loads(part))


@given(st.text(alphabet="{}[]:,\"\\ \n\tab01-.eEntrufls/*#'", max_size=30))
def test_reader_refuses_exactly_what_python_refuses(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        expected = None
        is_json = False
    else:
        is_json = True
    reading = read_json(text)
    syntax = [problem for problem in reading.problems if problem.rule == "JSON_SYNTAX"]
    assert len(syntax) == (0 if is_json else 1)
    if is_json and not reading.problems:
        assert reading.value == expected


@pytest.mark.parametrize(
    ("text", "line", "column", "words", "hint"),
    [
        ('{"a": 1,}', 1, 8, "no comma after it", "Remove"),
        ('{\n  "a": [1,\n  2,\n  ]\n}', 3, 4, "no comma after it", "Remove"),
        ('{\n  "a": 1\n  "b": 2\n}', 2, 8, "comma is missing after this member", 'Add ","'),
        ("[1 2]", 1, 2, "comma is missing after this element", 'Add ","'),
        ('{"a": [1,\n 2}', 2, 3, "cannot close the array opened at line 1, column 7", '"]"'),
        ('{"a": 1', 1, 8, "object opened at line 1, column 1 is never closed", 'Add "}"'),
        ('{"a": {\n"b": [1', 2, 8, "array opened at line 2, column 6 is never closed", 'Add "]}}"'),
        ("{a: 1}", 1, 2, "key a is not in double quotes", 'Write "a"'),
        ('{"a": None}', 1, 7, "None is not JSON", "null"),
        ('{"a": True}', 1, 7, "True is not JSON", "true"),
        ('{"a": NaN}', 1, 7, "NaN is not JSON", "finite"),
        ('{"a": -Infinity}', 1, 7, "-Infinity is not JSON", "finite"),
        ("{'a': 1}", 1, 2, "Single quotes", "double quotes"),
        ("{\u201ca\u201d: 1}", 1, 2, "Curly quotes", "double quotes"),
        ('{"a": 1} }', 1, 10, "closes nothing", "Remove"),
        ('{"a": 1}\nmore', 2, 1, "more text after the end", "Remove"),
        ('{"a": "x\n"}', 1, 7, "not closed before the end of its line", 'Add "'),
        ('{"a": "tab\there"}', 1, 11, "cannot hold a tab", "\\t"),
        ('{"a": "\\d+"}', 1, 8, "not an escape", "\\\\"),
        ('{"a": 01}', 1, 7, "01 is not a JSON number", "leading zero"),
        ('{"a": .5}', 1, 7, ".5 is not a JSON number", "digit before"),
        ('{"a": +5}', 1, 7, "is not a JSON number", "plus sign"),
        ('{"a" 1}', 1, 6, "colon is missing", "Key"),
        ('{"a" = 1}', 1, 6, '"=" does not join', "colon"),
        ('{"a"}', 1, 5, "has no value", "Key"),
        ('{"a: "b"}', 1, 6, "double quote is missing", "Close"),
        ('{"a": "b, "c": 1}', 1, 11, "double quote is missing", "Close"),
        ('{"a": ${Name}}', 1, 7, "substitution must stand in a string", '"${Name}"'),
        ('{"a": 1, // note\n"b": 2}', 1, 10, "no comments", "Comment"),
        ("/* note */ {}", 1, 1, "no comments", "YAML"),
        ("{,}", 1, 2, "nothing before this comma", "Remove"),
        ('{"a":,}', 1, 6, "value is missing", "Add"),
        ('{"a": pass}', 1, 7, "pass is not in double quotes", '"pass"'),
        ("   ", 1, 4, "text is empty", "StartAt"),
    ],
)
def test_syntax_error_is_one_problem_with_place_and_remedy(
    text: str, line: int, column: int, words: str, hint: str
) -> None:
    reading = read_json(text)
    [problem] = reading.problems
    assert problem.rule == "JSON_SYNTAX"
    assert (problem.line, problem.column) == (line, column)
    assert words in problem.message
    assert hint in problem.hint
    assert reading.value is None


def test_duplicate_keys_are_found_at_every_level_and_the_last_value_stands() -> None:
    reading = read_json('{\n "a": 1,\n "b": {"c": 1, "c": 2},\n "a": 3\n}')
    assert reading.value == {"a": 3, "b": {"c": 2}}
    assert [(each.rule, each.pointer, each.line, each.column) for each in reading.problems] == [
        ("DUPLICATE_KEY", "/b/c", 3, 16),
        ("DUPLICATE_KEY", "/a", 4, 2),
    ]
    assert "line 2" in reading.problems[1].message


def test_nesting_is_bounded_without_recursion() -> None:
    assert read_json("[" * MAX_DEPTH + "]" * MAX_DEPTH).problems == ()
    [problem] = read_json('{"a":' * 100_000).problems
    assert problem.rule == "NESTING_TOO_DEEP"


@pytest.mark.parametrize("number", ["1e999", "9" * 5000])
def test_number_that_cannot_be_written_back_is_a_problem(number: str) -> None:
    [problem] = read_json('{"a": ' + number + "}").problems
    assert (problem.rule, problem.pointer) == ("NUMBER_TOO_LARGE", "/a")


def test_large_integers_stay_exact() -> None:
    assert read_json("[123456789012345678901234567890]").value == [123456789012345678901234567890]


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"a": "\ud800"}'])
def test_half_a_character_is_refused(text: str) -> None:
    reading = read_json(text)
    assert [problem.rule for problem in reading.problems] == ["LONE_SURROGATE"]
    assert reading.value == {"a": "\ufffd"}


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert read_json('["\\ud83d\\ude00"]').value == ["\U0001f600"]


@pytest.mark.parametrize("text", ['"' + "\\n" * 400_000, '{"a": "' + "a" * 800_000, "[" + "1," * 400_000])
def test_long_broken_text_is_answered(text: str) -> None:
    [problem] = read_json(text).problems
    assert problem.rule == "JSON_SYNTAX"
