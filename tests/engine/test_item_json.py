import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook._json import JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.engine import item_json
from sfn_notebook.engine.item_json import elements_of, line_values_of, parse_pointer

PLACE = "s3://data/a.json"


def _items(text: str, pointer: str | None = None) -> list[tuple[str | None, JSONValue]]:
    tokens = None if pointer is None else parse_pointer(pointer)
    return list(elements_of(io.StringIO(text), tokens, place=PLACE))


def _failure(text: str, pointer: str | None = None) -> str:
    with pytest.raises(EvaluationError) as raised:
        _items(text, pointer)
    assert (raised.value.error, raised.value.prefixed) == ("States.ItemReaderFailed", False)
    return raised.value.detail


def test_an_array_gives_its_elements() -> None:
    assert _items(' [ {"a": 1} , 2, "x", null, [3] ] ') == [
        (None, {"a": 1}),
        (None, 2),
        (None, "x"),
        (None, None),
        (None, [3]),
    ]
    assert _items("[]") == []


@pytest.mark.parametrize("text", ['{"Hello": "world"}', "123", '"text"', "null", "true"])
def test_a_document_that_is_no_array_fails_as_recorded(text: str) -> None:
    assert _failure(text) == "Attempting to map over non-iterable node."


def test_a_pointer_selects_an_array_or_the_entries_of_an_object() -> None:
    text = '{"skip": {"a": "]}\\"", "b": [1, {"c": 2}]}, "inventory": {"products": [{"x": {"k": 1, "l": [2]}}]}}'
    assert _items(text, "/inventory/products") == [(None, {"x": {"k": 1, "l": [2]}})]
    assert _items(text, "/inventory/products/0/x") == [("k", 1), ("l", [2])]
    assert _items(text, "/skip/b/1") == [("c", 2)]


def test_an_empty_pointer_means_the_document_and_lets_it_be_an_object() -> None:
    assert _items("[1]", "") == [(None, 1)]
    assert _items('{"Hello": "world"}', "") == [("Hello", "world")]
    assert _items("{}", "") == []


def test_tokens_of_a_pointer_are_unescaped() -> None:
    assert _items('{"a/b": {"~": [1]}, "": [2]}', "/a~1b/~0") == [(None, 1)]
    assert _items('{"a/b": {"~": [1]}, "": [2]}', "/") == [(None, 2)]


@pytest.mark.parametrize("pointer", ["/missing", "/a/3", "/a/-1", "/a/01", "/b/c", "no-slash", "/~2", "/" + "a" * 2000])
def test_a_pointer_without_target_fails(pointer: str) -> None:
    expected = "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure."
    assert _failure('{"a": [1, 2], "b": 5}', pointer) == expected


def test_a_pointer_to_a_scalar_fails_as_a_scalar_does() -> None:
    assert _failure('{"a": 5}', "/a") == "Attempting to map over non-iterable node."


@pytest.mark.parametrize("text", ["", "   ", "[1, 2", "[1 2]", "[,]", "[1,]", "[NaN]", '["a', "]", "[1}"])
def test_text_that_is_not_json_fails_and_says_where(text: str) -> None:
    assert _failure(text).startswith(f"{PLACE} is not valid JSON: ")


@pytest.mark.parametrize("text", ["{,}", '{"a" 1}', '{"a": 1, }', "{1: 2}", '{"a": [', '{"b": "x'])
def test_an_object_that_is_not_json_fails(text: str) -> None:
    assert _failure(text, "/zz").startswith(f"{PLACE} is not valid JSON: ")


def test_nesting_without_end_fails_without_a_crash() -> None:
    assert "is not valid JSON" in _failure("[" * 100_000)


def test_huge_numbers_are_refused_not_computed() -> None:
    assert "is not valid JSON" in _failure("[" + "9" * 100_000 + "]")


def test_what_stands_between_pieces_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_json, "_PIECE_CHARACTERS", 1)
    text = '{"skip": ["a\\"]", {"b": -1.5e3}], "x": [12345, "\\u00e9\\n", {"k": [true, false, null]}, 678]}'
    assert [value for _, value in _items(text, "/x")] == json.loads(text)["x"]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(document=_VALUES, piece=st.integers(1, 9), indent=st.sampled_from([None, 1]))
def test_items_are_those_of_the_whole_document(document: JSONValue, piece: int, indent: int | None) -> None:
    text = json.dumps({"before": document, "list": [document, document], "map": {"a": document}}, indent=indent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(item_json, "_PIECE_CHARACTERS", piece)
        assert _items(text, "/list") == [(None, document), (None, document)]
        assert _items(text, "/map") == [("a", document)]


def test_an_item_beyond_eight_megabytes_fails() -> None:
    assert "larger than 8 MB" in _failure('["' + "x" * (9 * 1024 * 1024) + '"]')


def test_a_target_beyond_sixteen_megabytes_fails() -> None:
    text = '{"big": "' + "x" * (17 * 1024 * 1024) + '", "items": [1]}'
    assert "within the first 16 MB" in _failure(text, "/items")


def test_no_more_than_a_piece_is_held() -> None:
    class Numbers(io.StringIO):
        """Text of an array of two hundred thousand numbers that is made as it is read."""

        made = 0

        def read(self, _size: int | None = -1, /) -> str:
            self.made += 1
            if self.made > 20:
                return "" if self.made > 21 else "0]"
            return ("[" if self.made == 1 else "") + "12345," * 10_000

    tracemalloc.start()
    count = sum(1 for _ in elements_of(Numbers(), None, place=PLACE))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 200_001
    assert peak_bytes < 1024 * 1024


def test_json_lines_are_one_item_each() -> None:
    text = io.StringIO('{"id": "x"}\n\n[1]\r\n2')
    assert list(line_values_of(text, place=PLACE)) == [{"id": "x"}, [1], 2]


def test_a_line_that_is_not_json_is_named() -> None:
    with pytest.raises(EvaluationError, match=r"Line 3 of s3://data/a\.json is not valid JSON"):
        list(line_values_of(io.StringIO("1\n\nnope\n"), place=PLACE))
