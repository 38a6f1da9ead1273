from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook._json import equal
from sfn_notebook.functions.marshalling import MAX_RESPONSE_BYTES, MarshalError, ResponseTooLargeError, marshal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_json_comes_back_equal_and_as_another_object(value: Any) -> None:
    copy, _ = marshal(value)
    assert equal(copy, value)
    if isinstance(value, dict | list) and value:
        assert copy is not value


@pytest.mark.parametrize(
    ("result", "payload"),
    [
        ((1, (2, 3)), [1, [2, 3]]),
        ({2: "a", None: "b", True: "c", 1.5: "d"}, {"2": "a", "null": "b", "true": "c", "1.5": "d"}),
        (Decimal(3), 3),
        (Decimal("3.00"), 3),
        ([Decimal("1.25"), Decimal("-0.5")], [1.25, -0.5]),
        ("ä😀", "ä😀"),
        (None, None),
    ],
)
def test_what_lambda_converts_is_converted(result: Any, payload: Any) -> None:
    copy, _ = marshal(result)
    assert copy == payload
    assert repr(copy) == repr(payload)


def _circular() -> list[Any]:
    loop: list[Any] = []
    loop.append(loop)
    return loop


def _deep() -> list[Any]:
    deep: list[Any] = []
    for _ in range(200_000):
        deep = [deep]
    return deep


class _Hostile(dict[str, int]):
    def items(self) -> Any:
        raise RuntimeError("no items today")


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({1, 2}, "Object of type set is not JSON serializable"),
        ({"a": [b"bytes"]}, "Object of type bytes is not JSON serializable"),
        (object(), "Object of type object is not JSON serializable"),
        (Decimal("NaN"), "Object of type Decimal is not JSON serializable"),
        (float("nan"), "Out of range float values are not JSON compliant"),
        ({"a": float("inf")}, "Out of range float values are not JSON compliant"),
        ({(1, 2): "a"}, "keys must be str, int, float, bool or None, not tuple"),
        (_circular(), "Circular reference detected"),
        (_Hostile(a=1), "no items today"),
    ],
)
def test_what_is_not_json_is_refused_in_lambdas_words(result: Any, reason: str) -> None:
    with pytest.raises(MarshalError, match=reason) as caught:
        marshal(result)
    assert str(caught.value).startswith("Unable to marshal response: ")


def test_nesting_that_exhausts_the_stack_is_refused_in_the_same_words_everywhere() -> None:
    deep = _deep()
    with pytest.raises(MarshalError, match=r"^Unable to marshal response: maximum recursion depth exceeded$"):
        marshal(deep)
    while deep:  # taken apart by hand: deleting it whole would recurse as deep
        deep = deep.pop()


def test_the_size_limit_counts_bytes() -> None:
    quotes = 2
    assert len(marshal("a" * (MAX_RESPONSE_BYTES - quotes))[0]) == MAX_RESPONSE_BYTES - quotes
    with pytest.raises(ResponseTooLargeError):
        marshal("a" * (MAX_RESPONSE_BYTES - quotes + 1))
    assert marshal("ä" * (MAX_RESPONSE_BYTES // 2 - 1))[0]
    with pytest.raises(ResponseTooLargeError):
        marshal("ä" * (MAX_RESPONSE_BYTES // 2))
