"""JSON values: sizes that are bounded before they are counted, and copies by value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook import _json

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None), max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=40,
)


@given(values, st.integers(-3, 3))
def test_what_fits_is_decided_to_the_byte(value: _json.JSONValue, beyond: int) -> None:
    size_bytes = _json.size_bytes(value)
    assert _json.fits(value, size_bytes + beyond) is (beyond >= 0)


@given(values)
def test_no_text_is_longer_than_its_bound(value: _json.JSONValue) -> None:
    if not _json.fits(value, 100):
        assert _json.size_bytes(value) > 100


@pytest.mark.parametrize("each", ["\x00" * 50, [None] * 50, [True, False] * 25, {"\x01": {"\x02": {}}}, "\ud800" * 20])
def test_what_grows_most_in_text_is_not_underrated(each: _json.JSONValue) -> None:
    size_bytes = _json.size_bytes(each)
    assert _json.fits(each, size_bytes)
    assert not _json.fits(each, size_bytes - 1)


@pytest.mark.parametrize(("depth", "fits"), [(_json.MAX_NESTING, True), (_json.MAX_NESTING + 1, False), (5_000, False)])
def test_what_nests_too_deep_does_not_fit(depth: int, fits: bool) -> None:  # noqa: FBT001 - pytest's parameter
    as_list: _json.JSONValue = 1
    as_dict: _json.JSONValue = 1
    for _ in range(depth):
        as_list, as_dict = [as_list], {"": as_dict}
    assert _json.fits(as_list, 262_144) is fits
    assert _json.fits(as_dict, 262_144) is fits


@given(values)
def test_a_copy_is_equal_and_shares_nothing(value: _json.JSONValue) -> None:
    copy = _json.own_copy(value)
    assert _json.dump(copy) == _json.dump(value)
    if isinstance(value, dict | list) and value:
        assert copy is not value


def test_what_python_cannot_pack_is_copied_through_text() -> None:
    class Text(str):
        __slots__ = ()

    assert type(_json.own_copy(Text("a"))) is str
