"""Documents: formats, places, substitutions, and definitions that come as Python objects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook._json import dump
from sfn_notebook.asl.source import MAX_TEXT_BYTES, Document, read_document, substitute, substitution_names
from sfn_notebook.asl.spans import LineIndex, Span, child_pointer
from sfn_notebook.errors import InvalidInput

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def pointer_segments(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def text_at(text: str, span: Span) -> str:
    """The characters from the beginning of ``span`` to its end."""
    lines = text.splitlines(keepends=True) or [""]
    start = sum(len(line) for line in lines[: span.line - 1]) + span.column - 1
    end = sum(len(line) for line in lines[: span.end_line - 1]) + span.end_column - 1
    return text[start:end]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"StartAt": "A"}', "json"),
        ('\ufeff\n  {"StartAt": "A"}', "json"),
        ("// a comment\n{}", "json"),
        ("StartAt: A\n", "yaml"),
        ("# a comment\nStartAt: A\n", "yaml"),
        ("", "yaml"),
    ],
)
def test_format_shows_in_the_first_character(text: str, expected: str) -> None:
    assert read_document(text).format == expected


def test_format_can_be_forced() -> None:
    assert read_document("{StartAt: A}", format="yaml").value == {"StartAt": "A"}
    assert read_document("{StartAt: A}").problems[0].rule == "JSON_SYNTAX"


def test_byte_order_mark_does_not_shift_columns() -> None:
    document = read_document('\ufeff{"StartAt": 1}')
    span = document.span("/StartAt")
    assert span is not None
    assert (span.line, span.column) == (1, 13)


@pytest.mark.parametrize(
    "text",
    [
        '{\n  "StartAt": "A",\n  "States": {\n    "A": {"Type": "Pass", "End": true}\n  }\n}',
        "StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n\n# the end\n",
    ],
)
def test_spans_tell_key_and_value(text: str) -> None:
    document = read_document(text)
    kind = document.span("/States/A/Type")
    assert kind is not None
    assert kind.key is not None
    assert text_at(text, kind).strip('"') == "Pass"
    assert text_at(text, kind.key).strip('"') == "Type"
    state = document.span("/States/A")
    assert state is not None
    assert text_at(text, state).startswith(("{", "Type"))
    assert text_at(text, state).endswith(("}", "true"))


def test_unknown_pointer_falls_back_to_the_nearest_part_around_it() -> None:
    document = read_document('{"States": {"A": {"Type": "Pass"}}}')
    assert document.span("/States/A/Nope/0") == document.span("/States/A")
    assert document.span("/Nope") == document.span("")
    assert Document.from_value({"StartAt": "A"}).span("/StartAt") is None


@given(st.dictionaries(st.text(), JSON_VALUES, min_size=1, max_size=4))
def test_every_span_points_to_the_text_of_its_value(value: dict[str, Any]) -> None:
    text = dump(value)
    document = read_document(text)
    lines = LineIndex(text)
    for pointer in document.spans:
        part: Any = document.value
        for segment in pointer_segments(pointer):
            part = part[int(segment)] if isinstance(part, list) else part[segment]
        span = document.spans[pointer]
        starts = [offset for offset in range(len(text)) if lines.position(offset) == (span.line, span.column)]
        assert text[starts[0] :].startswith(dump(part))


@given(st.text(), st.text())
def test_pointers_escape_and_unescape(first: str, second: str) -> None:
    assert pointer_segments(child_pointer(child_pointer("", first), second)) == (first, second)


def test_text_beyond_one_megabyte_is_refused_unread() -> None:
    document = read_document('{"Comment": "' + "x" * MAX_TEXT_BYTES + '"}')
    assert [problem.rule for problem in document.problems] == ["DEFINITION_TOO_LARGE"]
    assert document.value is None


def test_substitution_names_are_listed_once_in_order() -> None:
    document = read_document('{"a": "${B} ${A}", "c": ["${B}", {"d": "x${C.Arn}y"}], "${Key}": 1, "e": "${} $D"}')
    assert substitution_names(document) == ("B", "A", "C.Arn")


def test_substitute_fills_values_but_neither_keys_nor_what_it_put_in() -> None:
    document = read_document('{"a": "arn:${Name}:${Other}", "${Name}": ["${Name}", 1]}')
    filled = substitute(document, {"Name": "${Other}", "Unused": "x"})
    assert filled.value == {"a": "arn:${Other}:${Other}", "${Name}": ["${Other}", 1]}
    assert filled.span("/a") == document.span("/a")
    assert document.value["a"] == "arn:${Name}:${Other}"


def test_definition_from_python_is_copied() -> None:
    value: dict[str, Any] = {"States": {"A": {"Type": "Pass"}}, "list": (1, 2)}
    document = Document.from_value(value)
    value["States"]["A"]["Type"] = "Fail"
    assert document.value == {"States": {"A": {"Type": "Pass"}}, "list": [1, 2]}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": {1, 2}}, "/a: a value of type set is not JSON"),
        ({"a": [float("nan")]}, "/a/0: a value of type float"),
        ({"a": {1: "x"}}, "/a: the key 1 is not a string"),
        ({"a": "\ud800"}, "/a: The text holds half of a surrogate pair"),
        ({"a": 10**5000}, "/a: a value of type int"),
    ],
)
def test_what_json_cannot_hold_is_named_with_its_place(value: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        Document.from_value(value)


def test_definition_that_holds_itself_is_refused() -> None:
    value: dict[str, Any] = {}
    value["self"] = value
    with pytest.raises(InvalidInput, match="more than 200 deep"):
        Document.from_value(value)
