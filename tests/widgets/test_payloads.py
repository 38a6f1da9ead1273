import json

from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook._json import JSONValue
from sfn_notebook.views.trace_texts import LONGEST_TEXT
from sfn_notebook.widgets.payloads import payload_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_text_is_the_value_and_can_be_sent(value: JSONValue) -> None:
    text = payload_of(value)["text"]
    assert json.loads(text) == value
    assert text.encode("utf-8").decode("utf-8") == text


def test_large_numbers_keep_their_digits() -> None:
    assert payload_of(12345678901234567890123)["text"] == "12345678901234567890123"


def test_invisible_characters_are_escaped_and_letters_are_not() -> None:
    assert payload_of({"name": "Jürgen 注文 🙂 \u202etxt\u2028"})["text"] == (
        '{\n  "name": "Jürgen 注文 🙂 \\u202etxt\\u2028"\n}'
    )


def test_long_payloads_are_cut_and_say_how_long_they_are() -> None:
    payload = payload_of("x" * 10_000_000)
    assert len(payload["text"]) == LONGEST_TEXT
    assert payload["length"] == 10_000_002


def test_endless_nesting_does_not_fail() -> None:
    deep: list[JSONValue] = []
    for _ in range(100_000):
        deep = [deep]
    assert "deeply" in payload_of(deep)["text"]
