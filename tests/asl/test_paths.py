"""Paths: what they find, how they fail, how ResultPath writes; properties, and texts that are hostile."""

import contextlib
import copy
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonpath_ng.parser import parse as parse_with_jsonpath_ng

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl import paths
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.paths import Failure, PathNotFound, compile_path, parse_reference_path, set_at
from sfn_notebook.errors import ExpressionSyntaxError


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    context_object: JSONObject = field(default_factory=lambda: {"Execution": {"Input": {"n": 5}, "Name": "run-1"}})
    random: Random = field(default_factory=Random)
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    states: JSONObject = field(default_factory=dict)
    now_seconds: float = 0.0


ORDER: JSONObject = {
    "id": 7,
    "lines": [{"sku": "a", "n": 1, "tags": ["new"]}, {"sku": "b", "n": "6"}, {"sku": "c", "n": 6.0, "tags": []}],
    "customer": {"name": "Ada", "home town": "London", "größe": 1},
    "nothing": None,
}


def _find(path: str, document: JSONValue = ORDER) -> JSONValue:
    return compile_path(path).evaluate(document, Surroundings())


def _detail(path: str, document: JSONValue = ORDER) -> str:
    with pytest.raises(PathNotFound) as caught:
        _find(path, document)
    return caught.value.detail


def _refusal(path: str) -> ExpressionSyntaxError:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_path(path)
    return caught.value


# --- what a path is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "root", "segments", "is_definite"),
    [
        ("$", "$", (), True),
        ("$.a.b[0]['c d'].e-f", "$", ("a", "b", 0, "c d", "e-f"), True),
        ("$.['a'].[0]", "$", ("a", 0), True),
        ("$$", "$$", (), True),
        ("$$.Map.Item.Value", "$$", ("Map", "Item", "Value"), True),
        ("$.größe['日本']", "$", ("größe", "日本"), True),
    ],
)
def test_a_reference_path_shows_its_root_and_segments(
    text: str, root: str, segments: tuple[str | int, ...], *, is_definite: bool
) -> None:
    path = compile_path(text)
    assert (path.text, path.root, path.segments, path.is_definite) == (text, root, segments, is_definite)
    assert path.is_reference
    assert path.is_identity == (text == "$")


@pytest.mark.parametrize(
    ("text", "is_definite"),
    [
        ("$.a[-1]", True),
        ("$['a','b']", True),
        ("$.a.length()", True),
        ("$.a[*]", False),
        ("$.a[0,1]", False),
        ("$.a[1:]", False),
        ("$..a", False),
        ("$.a[?(@.b)]", False),
        ("$['a','b'].c", False),
        ("$.a[*].length()", False),
    ],
)
def test_other_paths_are_no_reference_paths(text: str, *, is_definite: bool) -> None:
    path = compile_path(text)
    assert not path.is_reference
    assert not path.is_identity
    assert path.is_definite is is_definite


def test_a_path_is_read_once_per_text() -> None:
    assert compile_path("$.read.once") is compile_path("$.read.once")


def test_dollar_gives_the_very_input() -> None:
    assert _find("$") is ORDER
    assert _find("$.customer") is ORDER["customer"]


def test_two_dollars_read_the_context_object_and_not_the_input() -> None:
    assert _find("$$.Execution.Name") == "run-1"
    assert _find("$$['Execution']['Input'].n") == 5
    assert _find("$$..n") == [5]
    assert _detail("$$.Execution.Id") == "No results for path: $['Execution']['Id']"


def test_a_path_may_begin_with_a_variable() -> None:
    surroundings = Surroundings(variables={"order": {"id": 3, "lines": [1, 2]}})
    assert compile_path("$order.id").evaluate({}, surroundings) == 3
    assert compile_path("$order.lines[*]").evaluate({}, surroundings) == [1, 2]
    with pytest.raises(PathNotFound, match=r"\$other"):
        compile_path("$other").evaluate({}, surroundings)


# --- what a path finds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.lines[*].sku", ["a", "b", "c"]),
        ("$.lines[0,2].sku", ["a", "c"]),
        ("$.lines[1:].sku", ["b", "c"]),
        ("$.lines[:-1].sku", ["a", "b"]),
        ("$.lines[-2:2].sku", ["b", "c", "a", "b"]),  # a negative start beside an end reaches round, as in the engine
        ("$..sku", ["a", "b", "c"]),
        ("$..['sku','n']", [{"sku": "a", "n": 1}, {"sku": "b", "n": "6"}, {"sku": "c", "n": 6.0}]),
        ("$.customer['name','home town']", {"name": "Ada", "home town": "London"}),
        ("$['id','customer'].name", ["Ada"]),
        ("$.lines[?(@.n == 6)].sku", ["b", "c"]),
        ("$.lines[?(@.n === 6)].sku", ["c"]),
        ("$.lines[?(@.sku >= 'b' && !(@.n < 6))].sku", ["b", "c"]),
        ("$.lines[?(@.sku==b)].sku", ["b"]),
        ("$.lines[?(@.sku in ['a', \"c\"])].sku", ["a", "c"]),
        ("$.lines[?(@.sku =~ /[A-B]/i)].sku", ["a", "b"]),
        ("$.lines[?(/b|c/ =~ @.sku)].sku", ["b", "c"]),
        ("$.lines[?(@.n =~ /6/)].sku", ["b"]),
        ("$.lines[?(@.tags[?(@ == 'new')])].sku", ["a"]),
        ("$.lines[?(@.tags all ['new'])].sku", ["a"]),
        ("$.lines[?(@.n > $.id || @.sku == 'a')].sku", ["a"]),
        ("$.lines[?(@['tags'].length() == 1)].sku", ["a"]),
        ("$.lines[?(@.sku == 'a)]')].sku", []),
        ("$.lines[?(@.missing == null)].sku", []),
        ("$.lines.length()", 3),
        ("$.lines[*].n.sum", []),
        ("$.customer.keys()", ["name", "home town", "größe"]),
        ("$.lines.first()", {"sku": "a", "n": 1, "tags": ["new"]}),
        ("$.lines[0].tags.append('hot', 1)", ["new", "hot", 1]),
        ("$.lines[0].tags.concat('!', $.lines[*].sku)", "new!abc"),
        ("$.nothing", None),
        ("$.nothing[*]", []),
        ("$.missing.deeper[*].at.all", []),
    ],
)
def test_a_path_finds(path: str, expected: JSONValue) -> None:
    before = copy.deepcopy(ORDER)
    assert json.dumps(_find(path)) == json.dumps(expected)
    assert before == ORDER


def test_a_filter_matches_whole_texts_only_and_counts_other_values_as_empty() -> None:
    assert _find("$[?(@ =~ /a/)]", ["a", "ab", None, ["b", "a"], True]) == ["a", ["b", "a"]]
    assert _find("$[?(@ =~ /.*/)]", ["a", None, 1.5]) == ["a", None, 1.5]


# --- how a path fails -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "detail", "failure"),
    [
        ("$.no", "No results for path: $['no']", Failure.MISSING),
        ("$.no.such.thing", "Missing property in path $['no']", Failure.MISSING),
        ("$.customer.no", "No results for path: $['customer']['no']", Failure.MISSING),
        ("$.a.b.c.d", "Missing property in path $['a']", Failure.MISSING),
        ("$.lines[9]", "No results for path: $['lines'][9]", Failure.MISSING),
        ("$.lines[9].sku", "No results for path: $['lines'][9]['sku']", Failure.MISSING),
        ("$.no.length()", "Missing property in path $['no']", Failure.MISSING),
        ("$.nothing[0]", "The path $['nothing'] is null", Failure.NOT_ARRAY),
        ("$.customer.name[0]", "Filter: [0] can only be applied to arrays. Current context is: Ada", Failure.NOT_ARRAY),
        ("$.id[1:2]", "Filter: [1:2] can only be applied to arrays. Current context is: 7", Failure.NOT_ARRAY),
        (
            "$.lines[2][0]",
            "Filter: [0] can only be applied to arrays. Current context is: {sku=c, n=6.0, tags=[]}",
            Failure.NOT_ARRAY,
        ),
    ],
)
def test_a_failure_says_what_was_missing_where(path: str, detail: str, failure: Failure) -> None:
    with pytest.raises(PathNotFound) as caught:
        _find(path)
    assert (caught.value.detail, caught.value.failure) == (detail, failure)


@pytest.mark.parametrize("value", ["text", 1, 1.5, True, None, [1]])
def test_a_field_of_what_is_no_object_names_the_java_type(value: JSONValue) -> None:
    assert re.match(
        r"Expected to find an object with property \['x'\] in path \$\['v'\]", _detail("$.v.x", {"v": value})
    )


def test_a_string_has_no_items() -> None:
    assert "can only be applied to arrays" in _detail("$[0]", "text")
    assert "can only be applied to arrays" in _detail("$.a[0].b", {"a": "text"})


def test_sums_of_nothing_fail_as_in_the_engine() -> None:
    assert "empty array" in _detail("$.lines[*].n.sum()")
    assert "range of double" in _detail("$.sum()", [10**400])


# --- texts that are no paths ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "column", "reason"),
    [
        ("", 1, "begins with"),
        ("orders", 1, "begins with"),
        ("$.", 2, "end with a dot"),
        ("$.a..", 5, "end with a dot"),
        ("$.a...b", 6, "expected a name"),
        ("$.a b", 4, "blanks"),
        ("$.a[", 5, "expected a quoted name"),
        ("$.a[b]", 5, "expected a quoted name"),
        ("$.a['b]", 5, "never closed"),
        ("$.a[0", 4, "never closed"),
        ("$.a[1.5]", 3, "cannot be read"),
        ("$.a[:]", 3, "start or an end"),
        ("$.*x", 4, "follow"),
        ("$['a']b", 7, "expected"),
        ("$.a.lenght()", 5, "no function"),
        ("$.a.length(1)", 5, "arguments"),
        ("$.a.length().b", 13, "nothing may follow"),
        ("$.a[?(@.b = 1)]", 11, "not an operator"),
        ("$.a[?(@.b == )]", 14, "expected a value"),
        ("$.a[?(@.b == 1)", 16, "after the filter"),
        ("$.a[?('b')]", 7, "alone"),
        ("$.a[?(@.b == $$.c)]", 14, "Context Object"),
        ("$.a[?(@.b empty 1)]", 17, "true or false"),
        ("$.a[?(@.b =~ /(/)]", 14, "pattern is not valid"),
        ("$.a[?(@.b =~ /(a+)+/)]", 14, "may never end"),
        ("$.a[?(@.b =~ /(a|a)*/)]", 14, "may never end"),
        ("$a b", 3, "expected"),
    ],
)
def test_a_mistyped_path_is_refused_with_its_column(path: str, column: int, reason: str) -> None:
    error = _refusal(path)
    assert error.column == column
    assert reason in error.reason


def test_a_mistyped_function_gets_the_nearest_names() -> None:
    assert ".length()" in _refusal("$.a.lenght()").hint


HOSTILE: Sequence[str] = [
    "$" + ".a" * 100_000,
    "$" + "[*]" * 5_000,
    "$" + "[" * 3_000,
    "$[?(" + "(" * 1_000 + "@.a",
    "$[?(" + "!" * 2_000 + "@.a)]",
    "$" + "[?(@" * 100 + ")]" * 100,
    "$[?(@ in " + "[" * 1_000 + "]" * 1_000 + ")]",
    "$[" + "0," * 1_500 + "0]",
    "$[" + "1" * 4_000,
    "$[?(@ =~ /" + "a*" * 100 + "/)]",
    "$[?(@ =~ /" + "(" * 450 + ")" * 450 + "/)]",
    "$." + "\u202e\u0000 \ud800",
    "$.a(((((((((",
    "$\x00",
    "$.a[?(@.b == '\\u12')",
]


@pytest.mark.parametrize("path", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_path_is_refused_soon_and_shown_short(path: str) -> None:
    assert len(str(_refusal(path))) < 1_500


@given(st.text(alphabet="$.[]()?@'\"*,:&|!=~/<>\\ abné0-1\n", max_size=40).map(lambda text: f"${text}"))
def test_any_text_compiles_or_is_refused(path: str) -> None:
    try:
        compiled = compile_path(path)
    except ExpressionSyntaxError as error:
        column = error.column
    else:
        column = 1
        with contextlib.suppress(PathNotFound):
            compiled.evaluate(ORDER, Surroundings(variables={"a": 1}))
    assert 1 <= column <= len(path) + 1


def test_matches_that_multiply_are_stopped() -> None:
    nested: JSONValue = 0
    for _ in range(8):
        nested = [nested]
    assert "More than" in _detail("$" + f"[{','.join(['0'] * 90)}]" * 6, nested)


def test_a_pattern_that_would_run_long_is_stopped() -> None:
    assert "at most 200 characters" in _detail("$[?(@ =~ /a*a*a*a*b/)]", ["a" * 10_000])


def test_threads_may_compile_at_once() -> None:
    texts = [f"$.items[*].field{number}" for number in range(40)]
    found: list[JSONValue] = []

    def compile_all() -> None:
        found.extend(_find(text, {"items": [{text.rpartition(".")[2]: 1}]}) for text in texts)

    threads = [threading.Thread(target=compile_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[1]] * 160


# --- properties -----------------------------------------------------------------------------------------------------

names = st.text(st.characters(codec="utf-8", exclude_characters="'\\"), min_size=1, max_size=5)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


def _item(container: JSONValue, segment: str | int) -> JSONValue:
    return container[segment]


@st.composite
def places(draw: st.DrawFn) -> tuple[JSONValue, tuple[str | int, ...]]:
    """A document and a place, most often one that exists."""
    document = draw(documents)
    segments: list[str | int] = []
    here = document
    while here and isinstance(here, dict | list) and draw(st.integers(0, 4)):
        choices: list[str | int] = [*here] if isinstance(here, dict) else [*range(len(here))]
        segment = draw(st.sampled_from(choices))
        segments.append(segment)
        here = _item(here, segment)
    if draw(st.integers(0, 3)) == 0:
        segments.append(draw(names | st.integers(0, 3)))
    return document, tuple(segments)


def _written(segments: Sequence[str | int]) -> str:
    return "$" + "".join(f"['{each}']" if isinstance(each, str) else f"[{each}]" for each in segments)


@given(places())
def test_a_reference_path_finds_what_jsonpath_ng_finds(place: tuple[JSONValue, tuple[str | int, ...]]) -> None:
    document, segments = place
    text = _written(segments)
    theirs = [match.value for match in parse_with_jsonpath_ng(text).find(document)]
    try:
        ours = [_find(text, document)]
    except PathNotFound:
        ours = []
    if isinstance(document, str) or any(isinstance(value, str) for value in theirs):
        theirs = theirs if ours else []  # jsonpath-ng finds characters of a string; ASL has none
    assert ours == theirs
    assert compile_path(text).segments == segments == parse_reference_path(text)


@given(places(), documents)
def test_set_at_changes_only_its_place_and_never_its_argument(
    place: tuple[JSONValue, tuple[str | int, ...]], value: JSONValue
) -> None:
    document, segments = place
    before = copy.deepcopy(document)
    try:
        changed = set_at(document, segments, value)
    except EvaluationError:
        assert document == before
        return
    assert document == before
    assert _find(_written(segments), changed) is value
    if isinstance(document, dict) and segments:
        assert [changed[name] is document[name] for name in document if name != segments[0]].count(False) == 0
        assert list(changed)[: len(document)] == list(document)


# --- writing for ResultPath -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        ({"a": 1}, "$", "R"),
        ({"a": 1}, "$.b", {"a": 1, "b": "R"}),
        ({"a": 1, "b": 2}, "$.a", {"a": "R", "b": 2}),
        ({}, "$.a.b['c d']", {"a": {"b": {"c d": "R"}}}),
        ({"a": {"x": 1}}, "$.a.b", {"a": {"x": 1, "b": "R"}}),
        ({"a": [1, 2]}, "$.a[1]", {"a": [1, "R"]}),
        ([{"a": 1}], "$[0].b", [{"a": 1, "b": "R"}]),
    ],
)
def test_a_result_is_placed(document: JSONValue, path: str, expected: JSONValue) -> None:
    assert set_at(document, parse_reference_path(path), "R") == expected


@pytest.mark.parametrize(
    ("document", "path", "shown"),
    [
        ("text", "$.a", '$.a to input "text"'),
        (None, "$.a", "$.a to input null"),
        ([1], "$.a", "$.a to input [1]"),
        ({"a": 1}, "$.a['b c']", "$.a['b c'] to input {\"a\":1}"),
        ({"a": None}, "$.a.b", '$.a.b to input {"a":null}'),
        ({"a": [1]}, "$.a[1]", '$.a[1] to input {"a":[1]}'),
        ({}, "$.a[0]", "$.a[0] to input {}"),
        ({"a": {}}, "$.a[0]", '$.a[0] to input {"a":{}}'),
    ],
)
def test_a_result_that_has_no_place_fails_the_state(document: JSONValue, path: str, shown: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        set_at(document, parse_reference_path(path), "R")
    assert caught.value.error == "States.ResultPathMatchFailure"
    assert caught.value.detail == f"Unable to apply ReferencePath {shown}"
    assert not caught.value.prefixed


@pytest.mark.parametrize("path", ["$.a[*]", "$..a", "$.a[-1]", "$.a[0,1]", "$.a[?(@.b)]", "$['a','b']", "$.a.length()"])
def test_a_path_to_many_places_is_no_reference_path(path: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match="no Reference Path"):
        parse_reference_path(path)


def test_a_result_cannot_be_written_into_the_context_object_or_a_variable() -> None:
    with pytest.raises(ExpressionSyntaxError, match="read-only"):
        parse_reference_path("$$.State")
    with pytest.raises(ExpressionSyntaxError, match="read-only"):
        parse_reference_path("$name")


def test_the_public_names_exist() -> None:
    assert all(hasattr(paths, name) for name in paths.__all__)
