import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.functions.event_sources.errors import InvalidEventPatternException
from sfn_notebook.functions.event_sources.event_pattern import EventPattern


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    return EventPattern.read(pattern).matches(event)


VALUES = [
    (["a"], "a", True),
    (["a"], "A", False),
    (["a", "b"], "b", True),
    ([1], 1.0, True),
    ([1], "1", False),
    ([True], True, True),
    ([True], 1, False),
    ([None], None, True),
    ([None], "", False),
    ([""], "", True),
    ([""], None, False),
    (["a"], ["x", "a"], True),
    (["a"], ["x"], False),
    ([{"prefix": "us-"}], "us-east-1", True),
    ([{"prefix": "us-"}], "eu-us-1", False),
    ([{"prefix": {"equals-ignore-case": "US-"}}], "us-east-1", True),
    ([{"suffix": ".png"}], "cat.png", True),
    ([{"suffix": ".png"}], "cat.PNG", False),
    ([{"suffix": {"equals-ignore-case": ".png"}}], "cat.PNG", True),
    ([{"equals-ignore-case": "alice"}], "ALICE", True),
    ([{"equals-ignore-case": "alice"}], "ALICIA", False),
    ([{"wildcard": "dir/*.png"}], "dir/a/b.png", True),
    ([{"wildcard": "dir/*.png"}], "dir.png", False),
    ([{"wildcard": "*b*b"}], "bb", True),
    ([{"wildcard": "*b*b"}], "b", False),
    ([{"wildcard": "a\\*b"}], "a*b", True),
    ([{"wildcard": "a\\*b"}], "axb", False),
    ([{"wildcard": "a\\\\b"}], "a\\b", True),
    ([{"anything-but": "a"}], "b", True),
    ([{"anything-but": "a"}], "a", False),
    ([{"anything-but": ["a", "b"]}], "b", False),
    ([{"anything-but": [1, 2]}], 3, True),
    ([{"anything-but": 1}], 1.0, False),
    ([{"anything-but": {"prefix": "us-"}}], "eu-1", True),
    ([{"anything-but": {"prefix": ["us-", "eu-"]}}], "eu-1", False),
    ([{"anything-but": {"suffix": ".png"}}], "a.png", False),
    ([{"anything-but": {"suffix": [".png", ".jpg"]}}], "a.gif", True),
    ([{"anything-but": {"equals-ignore-case": ["a", "b"]}}], "B", False),
    ([{"anything-but": {"wildcard": "*/lib/*"}}], "src/lib/x", False),
    ([{"anything-but": {"wildcard": ["*/lib/*", "*.tmp"]}}], "src/x", True),
    ([{"numeric": ["=", 5]}], 5.0, True),
    ([{"numeric": [">", 0, "<=", 5]}], 5, True),
    ([{"numeric": [">", 0, "<=", 5]}], 0, False),
    ([{"numeric": ["<", 5]}], "4", False),
    ([{"numeric": [">=", -1.5]}], -1.5, True),
    ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
    ([{"cidr": "10.0.0.0/24"}], "10.0.1.0", False),
    ([{"cidr": "10.0.0.0/24"}], "no address", False),
    ([{"cidr": "2001:db8::/32"}], "2001:db8::1", True),
    ([{"exists": True}], None, True),
    ([{"exists": True}], {"inner": 1}, False),
    ([{"exists": False}], "x", False),
    ([{"exists": False}], {"inner": 1}, True),
]


@pytest.mark.parametrize(("wanted", "value", "does_match"), VALUES)
def test_a_field_matches_one_of_its_values(wanted: list[Any], value: Any, *, does_match: bool) -> None:
    assert matches({"field": wanted}, {"field": value}) is does_match


def test_only_what_must_be_missing_may_be_missing() -> None:
    assert matches({"field": [{"exists": False}]}, {})
    assert matches({"a": {"field": [{"exists": False}]}}, {})
    assert matches({"field": [{"exists": False}, "x"]}, {"field": "x"})
    assert not matches({"field": [{"anything-but": "x"}]}, {})
    assert not matches({"field": [{"exists": True}]}, {})


def test_all_fields_must_match_and_others_do_not_count() -> None:
    pattern = {"source": ["shop"], "detail": {"state": ["new"], "total": [{"numeric": [">", 10]}]}}
    assert matches(pattern, {"source": "shop", "detail": {"state": "new", "total": 11, "more": 1}, "id": "1"})
    assert not matches(pattern, {"source": "shop", "detail": {"state": "new", "total": 10}})
    assert not matches(pattern, {"source": "shop"})


def test_one_of_an_array_s_objects_matches_by_itself() -> None:
    pattern = {"people": {"first": ["Ada"], "last": ["Byron"]}}
    assert matches(pattern, {"people": [{"first": "Bob"}, {"first": "Ada", "last": "Byron"}]})
    assert not matches(pattern, {"people": [{"first": "Ada", "last": "X"}, {"first": "Y", "last": "Byron"}]})
    assert not matches({"people": {"first": [{"exists": False}]}}, {"people": [{"first": "Ada"}, {"last": "X"}]})


def test_or_wants_one_of_several_objects_beside_everything_else() -> None:
    pattern = {"source": ["shop"], "$or": [{"state": ["new"]}, {"total": [{"numeric": [">", 10]}]}]}
    assert matches(pattern, {"source": "shop", "state": "old", "total": 11})
    assert matches(pattern, {"source": "shop", "state": "new"})
    assert not matches(pattern, {"source": "shop", "state": "old", "total": 10})
    assert not matches(pattern, {"state": "new"})
    nested = {"$or": [{"a": [1], "$or": [{"b": [1]}, {"c": [1]}]}, {"d": [1]}]}
    assert matches(nested, {"a": 1, "c": 1})
    assert not matches(nested, {"a": 1})


def test_a_field_may_be_called_or() -> None:
    assert matches({"$or": ["x"]}, {"$or": "x"})


REFUSED = [
    ("[]", "Filter is not an object", ""),
    ("{", "not JSON", ""),
    ({}, "Empty objects are not allowed", ""),
    ({"a": {}}, "Empty objects are not allowed", "/a"),
    ({"source": "shop"}, '"source" must be an object or an array', "/source"),
    ({"a": []}, "Empty arrays are not allowed", "/a"),
    ({"a": [["x"]]}, "Match value must be String, number, true, false, or null", "/a/0"),
    ({"a": [{"prefiks": "x"}]}, "Unrecognized match type prefiks", "/a/0"),
    ({"a": [{"prefix": "x", "suffix": "y"}]}, "Only one key allowed in match expression", "/a/0"),
    ({"a": ["x", {"prefix": 1}]}, "prefix match pattern must be a string", "/a/1/prefix"),
    ({"a": [{"suffix": None}]}, "suffix match pattern must be a string", "/a/0/suffix"),
    (
        {"a": [{"equals-ignore-case": 1}]},
        "equals-ignore-case match pattern must be a string",
        "/a/0/equals-ignore-case",
    ),
    ({"a": [{"wildcard": "a**b"}]}, "Consecutive wildcard characters at pos 1", "/a/0/wildcard"),
    ({"a": [{"wildcard": "a\\b"}]}, "Invalid escape character at pos 1", "/a/0/wildcard"),
    ({"a": [{"exists": "yes"}]}, "exists match pattern must be either true or false.", "/a/0/exists"),
    ({"a": [{"cidr": "10.0.0.0/33"}]}, "Malformed CIDR", "/a/0/cidr"),
    ({"a": [{"numeric": []}]}, "Value of numeric must be an array.", "/a/0/numeric"),
    ({"a": [{"numeric": ["<>", 1]}]}, "Unrecognized numeric range operator: <>", "/a/0/numeric"),
    ({"a": [{"numeric": [">", "1"]}]}, "Value of > must be numeric", "/a/0/numeric"),
    ({"a": [{"numeric": [">", 5, "<", 5]}]}, "Bottom must be less than top", "/a/0/numeric"),
    ({"a": [{"numeric": ["<", 5, ">", 1]}]}, "Too many elements in numeric expression", "/a/0/numeric"),
    ({"a": [{"numeric": ["<", 6_000_000_000]}]}, "must be between", "/a/0/numeric"),
    ({"a": [{"anything-but": ["x", 1]}]}, "mixed type is not supported", "/a/0/anything-but"),
    ({"a": [{"anything-but": None}]}, "Value of anything-but must be", "/a/0/anything-but"),
    ({"a": [{"anything-but": {"exists": True}}]}, "Unsupported anything-but pattern: exists", "/a/0/anything-but"),
    ({"a": [{"anything-but": {"prefix": ""}}]}, "Null prefix/suffix not allowed", "/a/0/anything-but/prefix"),
    ({"$or": [{"a": [1]}, {"b": 1}]}, '"b" must be an object or an array', "/$or/1/b"),
    ({"a": ["x" * 5000]}, "characters", ""),
]


@pytest.mark.parametrize(("pattern", "reason", "pointer"), REFUSED)
def test_a_wrong_pattern_is_refused_with_reason_and_place(pattern: Any, reason: str, pointer: str) -> None:
    with pytest.raises(InvalidEventPatternException) as refused:
        EventPattern.read(pattern)
    assert reason in refused.value.reason
    assert refused.value.pointer == pointer
    assert str(refused.value).startswith("Event pattern is not valid. Reason: ")


TEXTS = st.text(alphabet="ab*\\.é", max_size=6)


@given(value=TEXTS, affix=TEXTS)
def test_affixes_mean_what_python_means_by_them(value: str, affix: str) -> None:
    event = {"f": value}
    assert matches({"f": [{"prefix": affix}]}, event) is value.startswith(affix)
    assert matches({"f": [{"suffix": affix}]}, event) is value.endswith(affix)
    if affix:
        assert matches({"f": [{"anything-but": {"prefix": affix}}]}, event) is not value.startswith(affix)


@given(value=TEXTS, pieces=st.lists(st.text(alphabet="ab*\\", max_size=3), min_size=1, max_size=4))
def test_a_wildcard_is_its_pieces_in_order(value: str, pieces: list[str]) -> None:
    pieces = [pieces[0], *(piece for piece in pieces[1:-1] if piece), *pieces[1:][-1:]]
    escaped = [piece.replace("\\", "\\\\").replace("*", "\\*") for piece in pieces]

    def expected(rest: str, left: list[str], *, is_first: bool = True) -> bool:
        if len(left) == 1:
            return rest == left[0] if is_first else rest.endswith(left[0])
        starts = [0] if is_first else range(len(rest) + 1)
        return any(
            rest.startswith(left[0], start) and expected(rest[start + len(left[0]) :], left[1:], is_first=False)
            for start in starts
        )

    if pieces[1:-1].count("") == 0:
        assert matches({"f": [{"wildcard": "*".join(escaped)}]}, {"f": value}) is expected(value, pieces)


@given(value=st.integers(-9, 9), low=st.integers(-9, 9), high=st.integers(-9, 9))
def test_a_range_has_its_bounds(value: int, low: int, high: int) -> None:
    if low < high:
        assert matches({"f": [{"numeric": [">=", low, "<", high]}]}, {"f": value}) is (low <= value < high)


@given(address=st.ip_addresses(), bits=st.integers(0, 32))
def test_an_address_is_in_its_own_network(address: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> None:
    assert matches({"f": [{"cidr": f"{address}/{bits}"}]}, {"f": str(address)})


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(alphabet="ab", max_size=2))
EVENTS = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    st.recursive(LEAVES, lambda inner: st.dictionaries(st.sampled_from(["x", "y"]), inner, max_size=2), max_leaves=4),
    min_size=1,
    max_size=3,
)


def _pattern_of(event: Any) -> Any:
    return {
        name: _pattern_of(value) if isinstance(value, dict) else [value] for name, value in event.items() if value != {}
    }


@given(event=EVENTS)
def test_the_pattern_made_of_an_event_matches_it(event: dict[str, Any]) -> None:
    pattern = _pattern_of(event)
    try:
        read = EventPattern.read(pattern)
    except InvalidEventPatternException:
        return  # nothing but empty objects in it
    assert read.matches(event)
    assert not read.matches({})
