from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.choice import MAX_DEPTH, OPERATORS, PATH_OPERATORS, compile_condition, split_pattern
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.model import And, Comparison, Condition, JsonataCondition, Not, Or
from sfn_notebook.errors import ExpressionSyntaxError, FeatureNotSupported, InvalidInput, UnknownName


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    context_object: JSONObject = field(default_factory=lambda: {"Execution": {"Name": "run-1"}, "Limit": 10})
    random: Random = field(default_factory=Random)
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    states: JSONObject = field(default_factory=dict)
    now_seconds: float = 0.0


def _holds(condition: Condition, payload: JSONValue) -> bool:
    return compile_condition(condition)(payload, Surroundings())


def _test(operator: str, operand: JSONValue, value: JSONValue) -> bool:
    return _holds(Comparison(variable="$.x", operator=operator, operand=operand), {"x": value})


def _test_path(operator: str, operand: JSONValue, value: JSONValue) -> bool:
    condition = Comparison(variable="$.x", operator=operator, operand="$.y", operand_is_path=True)
    return _holds(condition, {"x": value, "y": operand})


ORDERED: list[tuple[str, JSONValue, JSONValue, JSONValue]] = [
    ("String", "apple", "banana", "cherry"),
    ("Numeric", -1, 2.5, 10),
    # As text these three stand in another order: instants are compared, not letters.
    ("Timestamp", "2024-01-01T12:00:00+02:00", "2024-01-01T11:00:00Z", "2024-01-01T11:00:00.000000001Z"),
]


@pytest.mark.parametrize("check", [_test, _test_path], ids=["constant", "path"])
@pytest.mark.parametrize(("type_name", "low", "middle", "high"), ORDERED)
@pytest.mark.parametrize(
    ("order", "outcomes"),
    [
        ("Equals", [False, True, False]),
        ("LessThan", [True, False, False]),
        ("LessThanEquals", [True, True, False]),
        ("GreaterThan", [False, False, True]),
        ("GreaterThanEquals", [False, True, True]),
    ],
)
def test_orderings(
    *,
    check: Callable[[str, JSONValue, JSONValue], bool],
    type_name: str,
    low: JSONValue,
    middle: JSONValue,
    high: JSONValue,
    order: str,
    outcomes: list[bool],
) -> None:
    assert [check(type_name + order, middle, value) for value in (low, middle, high)] == outcomes


SAMPLES: dict[str, list[JSONValue]] = {
    "null": [None],
    "boolean": [True, False],
    "number": [0, 1, 1.5, -3],
    "string": ["", "1", "true", "2024-13-01T00:00:00Z", "2024-01-01"],
    "timestamp": ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5+01:00"],
    "array": [[], [1]],
    "object": [{}, {"x": 1}],
}
SAME_TYPE = {
    "String": {"string", "timestamp"},
    "Numeric": {"number"},
    "Boolean": {"boolean"},
    "Timestamp": {"timestamp"},
}


@pytest.mark.parametrize(
    ("operator", "operand"),
    [
        ("StringGreaterThanEquals", ""),
        ("NumericLessThanEquals", 1000),
        ("TimestampLessThan", "2999-01-01T00:00:00Z"),
    ],
)
@pytest.mark.parametrize("check", [_test, _test_path], ids=["constant", "path"])
def test_a_value_of_another_type_is_false_not_an_error(
    check: Callable[[str, JSONValue, JSONValue], bool], operator: str, operand: JSONValue
) -> None:
    fitting = next(kinds for prefix, kinds in SAME_TYPE.items() if operator.startswith(prefix))
    for kind, values in SAMPLES.items():
        for value in values:
            assert check(operator, operand, value) is (kind in fitting), (operator, value)


def test_a_path_operand_of_another_type_is_false() -> None:
    assert not _test_path("NumericEquals", "1", 1)
    assert not _test_path("StringEquals", 1, "1")
    assert not _test_path("BooleanEquals", "true", True)
    assert not _test_path("TimestampEquals", "yesterday", "2024-01-01T00:00:00Z")


@pytest.mark.parametrize("check", [_test, _test_path], ids=["constant", "path"])
def test_booleans_equal_only_booleans(check: Callable[[str, JSONValue, JSONValue], bool]) -> None:
    assert check("BooleanEquals", True, True)
    assert check("BooleanEquals", False, False)
    assert not check("BooleanEquals", True, False)
    assert not check("BooleanEquals", True, 1)
    assert not check("BooleanEquals", False, 0)
    assert not check("BooleanEquals", False, None)
    assert not check("NumericEquals", 1, True)
    assert not check("NumericEquals", 0, False)


@pytest.mark.parametrize(
    ("operator", "kinds"),
    [
        ("IsNull", {"null"}),
        ("IsBoolean", {"boolean"}),
        ("IsNumeric", {"number"}),
        ("IsString", {"string", "timestamp"}),
        ("IsTimestamp", {"timestamp"}),
    ],
)
def test_type_tests_and_their_denial(operator: str, kinds: set[str]) -> None:
    for kind, values in SAMPLES.items():
        for value in values:
            assert _test(operator, True, value) is (kind in kinds), (operator, value)
            assert _test(operator, False, value) is (kind not in kinds), (operator, value)


def test_is_present_may_ask_about_what_is_missing() -> None:
    present = Comparison(variable="$.a.b", operator="IsPresent", operand=True)
    absent = Comparison(variable="$.a.b", operator="IsPresent", operand=False)
    for payload, expected in [
        ({"a": {"b": None}}, True),
        ({"a": {}}, False),
        ({}, False),
        ({"a": 7}, False),
        ([], False),
    ]:
        assert _holds(present, payload) is expected
        assert _holds(absent, payload) is not expected


MISSING = "Invalid path '{}': The choice state's condition path references an invalid value."


@pytest.mark.parametrize(
    ("variable", "payload"),
    [
        ("$.x", {}),
        ("$.x", []),
        ("$.x", "text"),
        ("$.x", None),
        ("$.x.y", {"x": {}}),
        ("$.x.y", {"x": 1}),
        ("$.x[2]", {"x": [0]}),
        ("$['odd name']", {}),
        ("$$.Execution.Missing", {}),
    ],
)
@pytest.mark.parametrize(("operator", "operand"), [("NumericEquals", 1), ("IsNull", True), ("StringMatches", "*")])
def test_a_missing_variable_is_states_runtime(
    variable: str, payload: JSONValue, operator: str, operand: JSONValue
) -> None:
    with pytest.raises(EvaluationError) as caught:
        _holds(Comparison(variable=variable, operator=operator, operand=operand), payload)
    assert caught.value.error == "States.Runtime"
    assert caught.value.detail == MISSING.format(variable)
    assert caught.value.prefixed


def test_a_missing_operand_is_states_runtime_and_the_variable_is_looked_up_first() -> None:
    condition = Comparison(variable="$.x", operator="StringEquals", operand="$.limits.y", operand_is_path=True)
    with pytest.raises(EvaluationError) as caught:
        _holds(condition, {"x": "a", "limits": {}})
    assert caught.value.detail == MISSING.format("$.limits.y")
    with pytest.raises(EvaluationError) as caught:
        _holds(condition, {})
    assert caught.value.detail == MISSING.format("$.x")


def test_paths_read_deep_values_and_the_context_object() -> None:
    deep = Comparison(variable="$.order.lines[1].price", operator="NumericGreaterThan", operand=5)
    assert _holds(deep, {"order": {"lines": [{"price": 1}, {"price": 6}]}})
    context = Comparison(variable="$$.Execution.Name", operator="StringEquals", operand="run-1")
    assert _holds(context, {})
    limit = Comparison(variable="$.n", operator="NumericLessThan", operand="$$.Limit", operand_is_path=True)
    assert _holds(limit, {"n": 9})
    assert not _holds(limit, {"n": 10})
    whole = Comparison(variable="$", operator="StringEquals", operand="hello")
    assert _holds(whole, "hello")


@pytest.mark.parametrize(
    ("pattern", "value", "matches"),
    [
        ("log-*.txt", "log-2024.txt", True),
        ("log-*.txt", "log-.txt", True),
        ("log-*.txt", "log-2024.txt.gz", False),
        ("*", "", True),
        ("**", "anything", True),
        ("", "", True),
        ("", "a", False),
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("*abc", "xxabcabc", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("a*b*a", "aba", True),
        ("a*ba*ab", "abab", False),
        ("a*b*c", "a-c-b", False),
        ("*.*", "file.txt", True),
        ("?.[a]+", "?.[a]+", True),
        ("a.c", "abc", False),
        (r"\*", "*", True),
        (r"\*", "x", False),
        (r"100\* *", "100* safe", True),
        (r"C:\\*", "C:\\Windows", True),
        (r"C:\\*", "C:/Windows", False),
        (r"a\b", r"a\b", True),
        ("end\\", "end\\", True),
        ("line*end", "line one\nend", True),
        ("*", 5, False),
        ("*", None, False),
    ],
)
def test_string_matches(*, pattern: str, value: JSONValue, matches: bool) -> None:
    assert _test("StringMatches", pattern, value) is matches


def test_many_wildcards_do_not_take_exponential_time() -> None:
    assert not _test("StringMatches", "*a" * 2_000 + "b", "a" * 20_000)
    assert _test("StringMatches", "*a" * 2_000 + "*", "a" * 20_000)


@given(st.lists(st.text(alphabet="ab*\\", max_size=4), min_size=1, max_size=5), st.data())
def test_a_pattern_matches_whatever_its_wildcards_are_filled_with(literals: list[str], data: st.DataObject) -> None:
    escaped = [each.replace("\\", "\\\\").replace("*", "\\*") for each in literals]
    pattern = "*".join(escaped)
    assert split_pattern(pattern) == tuple(literals)
    filling = [data.draw(st.text(alphabet="abc", max_size=3)) for _ in literals[1:]]
    value = literals[0] + "".join(fill + literal for fill, literal in zip(filling, literals[1:], strict=True))
    assert _test("StringMatches", pattern, value)


def _equals(variable: str, number: int) -> Comparison:
    return Comparison(variable=variable, operator="NumericEquals", operand=number)


def test_and_or_not() -> None:
    both = And(conditions=(_equals("$.a", 1), _equals("$.b", 2)))
    either = Or(conditions=(_equals("$.a", 1), _equals("$.b", 2)))
    neither = Not(condition=either)
    outcomes = {
        (a, b): (_holds(both, {"a": a, "b": b}), _holds(either, {"a": a, "b": b}), _holds(neither, {"a": a, "b": b}))
        for a in (0, 1)
        for b in (0, 2)
    }
    assert outcomes == {
        (0, 0): (False, False, True),
        (0, 2): (False, True, False),
        (1, 0): (False, True, False),
        (1, 2): (True, True, False),
    }


def test_an_earlier_condition_guards_a_later_one() -> None:
    is_present = Comparison(variable="$.x", operator="IsPresent", operand=True)
    assert not _holds(And(conditions=(is_present, _equals("$.x", 1))), {})
    assert _holds(Or(conditions=(Not(condition=is_present), _equals("$.x", 1))), {})
    with pytest.raises(EvaluationError):
        _holds(And(conditions=(_equals("$.x", 1), is_present)), {})


def test_not_of_a_type_mismatch_is_true() -> None:
    assert _holds(Not(condition=_equals("$.x", 1)), {"x": "1"})


def test_every_operator_of_the_language_is_there() -> None:
    assert len(OPERATORS) == 23
    assert len(PATH_OPERATORS) == 16
    assert not {"IsPresent", "IsNull", "StringMatches"} & PATH_OPERATORS


def test_an_unknown_operator_names_its_neighbours() -> None:
    with pytest.raises(UnknownName, match="no Choice operator named 'NumericEqual'") as caught:
        compile_condition(Comparison(variable="$.x", operator="NumericEqual", operand=1))
    assert "NumericEquals" in str(caught.value)
    with pytest.raises(UnknownName, match="IsNullPath"):
        compile_condition(Comparison(variable="$.x", operator="IsNull", operand="$.y", operand_is_path=True))


def test_a_constant_timestamp_is_checked_once_when_compiled() -> None:
    with pytest.raises(ExpressionSyntaxError, match="2016-03-14T01:59:00Z"):
        compile_condition(Comparison(variable="$.x", operator="TimestampEquals", operand="14 March 2016"))


def test_a_constant_of_another_type_never_holds() -> None:
    for operator in OPERATORS:
        assert not _test(operator, {"not": "a constant"}, "x")


def test_jsonata_is_refused_by_name() -> None:
    with pytest.raises(FeatureNotSupported, match="JSONata"):
        compile_condition(JsonataCondition(expression="{% true %}"))


def test_hostile_nesting_is_refused_and_legal_nesting_runs() -> None:
    condition: Condition = _equals("$.x", 1)
    for _ in range(MAX_DEPTH):
        condition = Not(condition=condition)
    assert _holds(condition, {"x": 1}) is (MAX_DEPTH % 2 == 0)
    with pytest.raises(InvalidInput, match="levels deep"):
        compile_condition(Not(condition=condition))


def test_the_input_is_not_touched() -> None:
    payload = {"x": [1, {"y": 2}]}
    _holds(Comparison(variable="$.x[1].y", operator="NumericEquals", operand=2), payload)
    assert payload == {"x": [1, {"y": 2}]}
