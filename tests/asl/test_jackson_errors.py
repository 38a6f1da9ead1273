"""Syntax errors of JSON in Jackson's words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.jackson_errors import MAX_SHOWN, first_error

VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "detail", "column"),
    [
        ("not a definition", f"Unrecognized token 'not': was expecting {VALUES}", 4),
        ("{'not': 'json'}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 3),
        ('{"a":1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 9),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value", 7),
        ('{"a":1 "b":2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries", 9),
        ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries", 5),
        ('{"a":}', f"Unexpected character ('}}' (code 125)): expected a valid value {VALUES}", 7),
        ('{"a":"x', "Unexpected end-of-input: was expecting closing quote for a string value", 8),
        ('{"a', "Unexpected end-of-input in field name", 4),
    ],
)
def test_the_first_error_is_told_where_jackson_stops(text: str, detail: str, column: int) -> None:
    found = first_error(text)
    assert found is not None
    assert found.location == f'[Source: (String)"{text}"; line: 1, column: {column}]'
    assert found.message == f"{detail}\n at {found.location}"


def test_an_open_bracket_is_told_with_its_place() -> None:
    found = first_error('{\n "a": [1')
    assert found is not None
    assert "expected close marker for Array (start marker at" in found.message
    assert "line: 2, column: 7])" in found.message


def test_a_long_text_is_cut() -> None:
    found = first_error("{" + " " * 700)
    assert found is not None
    assert f"[truncated {701 - MAX_SHOWN} chars]; line: 1, column: 702]" in found.location


@given(JSON_VALUES)
def test_json_has_no_error(value: object) -> None:
    assert first_error(json.dumps(value)) is None


def _is_json(text: str) -> bool:
    try:
        json.JSONDecoder(parse_constant=lambda _name: None).raw_decode(text.lstrip())
    except json.JSONDecodeError:
        return False
    return True


@given(st.text(alphabet='{}[]:,"ab1 \\\n-.e', max_size=40))
def test_there_is_an_error_where_python_reads_no_value(text: str) -> None:
    # Both read one value and look at nothing behind it.
    assert (first_error(text) is None) is _is_json(text)


def test_deep_nesting_costs_no_recursion() -> None:
    assert first_error("[" * 100_000) is not None
