"""Intrinsic functions: rounding, limits, literals, and texts that are refused."""

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.intrinsic_functions import FUNCTIONS
from sfn_notebook.asl.intrinsics import PathArgumentMissing, compile_intrinsic
from sfn_notebook.errors import ExpressionSyntaxError


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    context_object: JSONObject = field(default_factory=lambda: {"Execution": {"Name": "run-1"}})
    random: Random = field(default_factory=lambda: Random(1))
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    states: JSONObject = field(default_factory=dict)
    now_seconds: float = 0.0


def _call(text: str, payload: JSONValue = None) -> JSONValue:
    return compile_intrinsic(text)(payload, Surroundings())


def _failure(text: str, payload: JSONValue = None) -> EvaluationError:
    with pytest.raises(EvaluationError) as caught:
        _call(text, payload)
    return caught.value


def _refusal(text: str) -> ExpressionSyntaxError:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_intrinsic(text)
    return caught.value


def test_there_are_eighteen_functions() -> None:
    assert len(FUNCTIONS) == 18


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" States.Array( 'a' ,1, -2.5e1,true,null, $.n, $$.Execution.Name , States.Array( ) ) ", "array"),
        (r"States.Format('it\'s \{\} {} \\', 1)", r"it's {} 1 \ ".rstrip()),
        ("States.Format('{}{}', '{}', 'b')", "{}b"),
        ("States.Format($.template, 1)", "<1>"),
        ("States.Format('{}', $.list)", "[1, x, {a=null}]"),
        ("States.Format('{} {} {}', 1e20, 0.00012, 12345678.9)", "1.0E20 1.2E-4 1.23456789E7"),
        ("States.Format('none')", "none"),
        ("States.StringSplit('a.b[c', '.[')", ["a", "b", "c"]),
        ("States.StringSplit('ab', '')", ["ab"]),
        ("States.ArrayRange(9, 1, -4)", [9, 5, 1]),
        ("States.ArrayRange(1, 1000, 1)", list(range(1, 1001))),
        ("States.ArrayRange(2, 1, 1)", []),
        ("States.ArrayGetItem($.list, 1.0)", "x"),
        ("States.ArrayLength($.list[?(@ == 1)])", 1),
        (
            "States.ArrayUnique($.mixed)",
            [1, True, None, "1", [1], {"a": 1, "b": [True]}, {"a": True, "b": [1]}, 0, False],
        ),
        ("States.ArrayContains($.mixed, 1.0)", True),
        ("States.JsonToString('é\"')", '"é\\""'),
        ("States.StringToJson('[1, {\"a\": -0}]')", [1, {"a": 0}]),
        ("States.Base64Decode(States.Base64Encode('日本 😀'))", "日本 😀"),
        ("States.MathAdd(0.49999999999999994, 0)", 0),
        ("States.Format(States.Format('{}', '{}'), 1)", "1"),
    ],
)
def test_a_call_gives(text: str, expected: JSONValue) -> None:
    payload = {
        "n": 3,
        "template": "<{}>",
        "list": [1, "x", {"a": None}],
        "mixed": [
            1,
            True,
            1.0,
            None,
            "1",
            [1],
            [1.0],
            {"a": 1, "b": [True]},
            {"b": [True], "a": 1},
            {"a": True, "b": [1]},
            0,
            False,
        ],
    }
    result = _call(text, payload)
    if expected == "array":
        assert _json.equal(result, ["a", 1, -25.0, True, None, 3, "run-1", []])
    else:
        assert _json.equal(result, expected)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_math_add_rounds_each_number_half_up(left: float, right: float) -> None:
    expected = math.floor(Fraction(left) + Fraction(1, 2)) + math.floor(Fraction(right) + Fraction(1, 2))
    assert _call("States.MathAdd($[0], $[1])", [left, right]) == expected


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(documents)
def test_json_to_string_and_back_is_the_same_value(value: JSONValue) -> None:
    assert _json.equal(_call("States.StringToJson(States.JsonToString($))", value), value)


@given(st.lists(documents, max_size=8))
def test_array_unique_keeps_the_first_of_equals(items: list[JSONValue]) -> None:
    kept: list[JSONValue] = []
    for item in items:
        if not any(_json.equal(item, each) for each in kept):
            kept.append(item)
    assert list(map(_json.dump, _call("States.ArrayUnique($)", items))) == list(map(_json.dump, kept))


@given(st.lists(st.integers(), max_size=20), st.integers(1, 25))
def test_array_partition_loses_nothing(items: list[int], size: int) -> None:
    chunks = _call("States.ArrayPartition($[0], $[1])", [items, size])
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(0 < len(chunk) <= size for chunk in chunks)


def test_random_results_repeat_with_the_executions_generator_only() -> None:
    evaluate = compile_intrinsic("States.Array(States.UUID(), States.MathRandom(1, 1000))")
    first = [evaluate({}, Surroundings(random=Random(5))) for _ in range(2)]
    assert first[0] == first[1] != evaluate({}, Surroundings(random=Random(6)))
    running = Surroundings()
    assert evaluate({}, running) != evaluate({}, running)


def test_math_random_includes_its_start_and_excludes_its_end() -> None:
    evaluate, surroundings = compile_intrinsic("States.MathRandom(0.5, 3)"), Surroundings()
    assert {evaluate({}, surroundings) for _ in range(200)} == {1, 2}
    seeded = compile_intrinsic("States.MathRandom(0, 999, 3)")
    assert len({seeded({}, surroundings) for _ in range(5)}) == 1


# --- failures while running -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "payload", "reason"),
    [
        ("States.MathAdd($, 1)", "1", "must be a number, not a string"),
        ("States.MathAdd($, 1)", True, "must be a number, not a boolean"),
        ("States.MathAdd($, 1)", 2**31, "between -2147483648 and 2147483647"),
        ("States.MathAdd($, 1)", 10**400, "between"),
        ("States.MathRandom(2, 2)", None, "must be less"),
        ("States.ArrayRange(1, 10, 0)", None, "not be zero"),
        ("States.ArrayRange(0, 1000, 1)", None, "at most 1000 items"),
        ("States.ArrayPartition($, 0)", [1], "positive"),
        ("States.ArrayPartition($, 1)", ["x" * 300_000], "262144 bytes"),
        ("States.ArrayGetItem($, 1)", [1], "outside"),
        ("States.ArrayGetItem($, -1)", [1], "outside"),
        ("States.ArrayGetItem($, 0.5)", [1], "integer"),
        ("States.ArrayLength($)", {"a": 1}, "must be an array, not an object"),
        ("States.Base64Encode($)", "x" * 10_001, "at most 10000 characters"),
        ("States.Base64Decode($)", "***", "not Base64"),
        ("States.Base64Decode($)", "/w==", "not Base64 of UTF-8"),
        ("States.Hash('x', $)", "sha-256", "MD5, SHA-1"),
        ("States.Hash($, 'MD5')", {}, "must be a string"),
        ("States.JsonMerge($, $, true)", {}, "third argument must be false"),
        ("States.JsonMerge($, 1, false)", {}, "second argument must be an object"),
        ("States.StringToJson($)", "{'a': 1}", "not JSON"),
        ("States.StringToJson($)", "[" * 100_000, "not JSON that a payload can hold"),
        ("States.StringToJson($)", "1e999", "not JSON that a payload can hold"),
        ("States.StringToJson($)", "NaN", "not JSON"),
        ("States.Format($, 1)", "no gap", "does not match the occurrences"),
        ("States.StringSplit($, 1)", "a", "second argument must be a string"),
    ],
)
def test_a_value_that_a_function_refuses_is_an_intrinsic_failure(text: str, payload: JSONValue, reason: str) -> None:
    error = _failure(text, payload)
    assert error.error == "States.IntrinsicFailure"
    assert error.detail.startswith(f"The function '{text}' had the following error: ")
    assert reason in error.detail


def test_values_nested_too_deeply_fail_the_call_and_not_the_kernel() -> None:
    deep: JSONValue = 1
    for _ in range(5_000):
        deep = [deep]
    assert "nested too deeply" in _failure("States.JsonToString($)", deep).detail


def test_a_missing_path_names_the_whole_expression_and_the_input() -> None:
    text = "States.Format('{}', States.StringToJson($.no.such))"
    error = _failure(text, {"other": 1})
    assert isinstance(error, PathArgumentMissing)
    assert error.error == "States.Runtime"
    assert error.detail == (
        f"The function '{text}' had the following error: The JsonPath argument for the field '$.no.such' could not be "
        "found in the input '{\"other\":1}'"
    )
    assert error.detail_with('{"other": 1}').endswith("'{\"other\": 1}'")


def test_an_item_of_what_is_no_array_shows_the_path_engines_own_text() -> None:
    assert _failure("States.Array($.a[0])", {"a": 1}).detail.startswith("Filter: [0] can only be applied to arrays.")


# --- texts that are no calls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("", 1, "expected a path or an intrinsic"),
        ("'text'", 1, "expected a path or an intrinsic"),
        ("States.Array", 13, "expected '('"),
        ("States.Array(", 14, "expected an argument"),
        ("States.Array(1", 15, "expected ')'"),
        ("States.Array(1,)", 16, "expected an argument"),
        ("States.Array(1) x", 17, "nothing more"),
        ("States.Array('a)", 14, "never closed"),
        (r"States.Array('a\n')", 16, "no escape"),
        ("States.Array('a\\", 16, "no escape"),
        ('States.Array("a")', 14, "expected an argument"),
        ("States.Array(01x)", 14, "expected an argument"),
        ("States.Array($.a..)", 18, "end with a dot"),
        ("States.Array($.a['b)", 18, "never closed"),
        ("States.MathAdd(1)", 1, "takes 2 arguments, not 1"),
        ("States.MathRandom(1)", 1, "2 to 3 arguments"),
        ("States.UUID(1)", 1, "takes 0 arguments, not 1"),
        ("States.Format()", 1, "at least 1 argument"),
        ("States.Format('{} {}', 1)", 1, "2 times {} but 1 values"),
        ("States.Array(States.Formt('{}', 1))", 14, "no intrinsic function"),
        ("States.Array(" + "9" * 1_000 + ")", 14, "too long"),
    ],
)
def test_a_mistyped_call_is_refused_with_its_column(text: str, column: int, reason: str) -> None:
    error = _refusal(text)
    assert error.column == column
    assert reason in error.reason


def test_an_unknown_function_gets_the_nearest_names() -> None:
    assert "States.StringToJson" in _refusal("States.StringToJSN($)").hint


def test_calls_nest_ten_deep_and_no_deeper() -> None:
    ten = "States.Array(" * 10 + ")" * 10
    assert _call(ten) == [[[[[[[[[[]]]]]]]]]]
    assert "at most 10" in _refusal(f"States.Array({ten})").reason


@pytest.mark.parametrize(
    "text",
    [
        "States.Array(" * 10_000,
        "States.Array(" + "1," * 100_000 + "1)",
        "States.Array($" + "[" * 50_000 + ")",
        "States.Array('" + "x" * 60_000,
        "A" * 60_000,
        "States.Array(\u202e\ud800)",
    ],
    ids=["calls", "arguments", "brackets", "quote", "name", "unicode"],
)
def test_a_hostile_call_is_refused_soon_and_shown_short(text: str) -> None:
    assert len(str(_refusal(text))) < 70_000


@given(st.text(alphabet="States.Array()',$1{}\\ []é", max_size=40).map(lambda text: f"States.Array({text}"))
def test_any_text_compiles_or_is_refused(text: str) -> None:
    # Any other exception is a bug, and fails this test.
    with contextlib.suppress(ExpressionSyntaxError, EvaluationError):
        _json.dump(compile_intrinsic(text)({}, Surroundings()))
