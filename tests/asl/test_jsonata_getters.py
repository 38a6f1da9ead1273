from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_notebook.asl.jsonata import (
    UNDEFINED,
    EagerScope,
    JsonataError,
    UnsupportedResult,
    compile_jsonata,
    jsonata_engine,
)

pytest.importorskip("jsonatapy", reason="the engine that the closures are compared with is not installed")


def scope(states: Any = None, **variables: Any) -> EagerScope:
    return EagerScope(states=states or {}, variables=variables, random=Random(7), now_seconds=1_510_067_557.121)


def value_of(text: str, where: EagerScope) -> Any:
    return compile_jsonata(text).evaluate(where)


KEYS = st.sampled_from(["a", "b", "c"])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(-1e9, 1e9, allow_nan=False),
    st.text(alphabet="ab\u00e9\U0001f600", max_size=3),
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
PATHS = st.builds(
    lambda root, names: ".".join([root, *names]),
    st.sampled_from(["$states", "$states.input", "$v"]),
    st.lists(KEYS, max_size=4),
)
SIGNS = st.sampled_from(["+", "-", "*", "/", "%", "<", "<=", ">", ">=", "=", "!=", "and", "or", "&"])
LITERALS = st.sampled_from(["0", "1", "2.5", '""', '"a"', "true", "false", "null"])


def expressions() -> st.SearchStrategy[str]:
    return st.recursive(
        PATHS | LITERALS,
        lambda inner: st.one_of(
            st.builds(lambda left, sign, right: f"({left} {sign} {right})", inner, SIGNS, inner),
            st.builds(lambda test, then, other: f"({test} ? {then} : {other})", inner, inner, inner),
            st.builds(lambda one, two: f'{{"p": {one}, "q": {two}}}', inner, inner),
            st.builds(lambda one, two: f"[{one}, {two}]", inner, inner),
            st.builds(
                lambda name, one: f"${name}({one})", st.sampled_from(["exists", "not", "count", "string"]), inner
            ),
        ),
        max_leaves=6,
    )


def outcome(evaluate: Any, where: EagerScope) -> Any:
    try:
        value = evaluate(where)
    except JsonataError as error:
        return ("error", error.code)
    except UnsupportedResult:
        return "function"
    return as_doubles(value)


def as_doubles(value: Any) -> Any:
    if isinstance(value, bool | str) or value is None or value is UNDEFINED:
        return (type(value).__name__, value)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, list):
        return [as_doubles(item) for item in value]
    return {key: as_doubles(item) for key, item in value.items()}


@given(path=PATHS, document=DOCUMENTS, variable=DOCUMENTS)
def test_paths_agree_with_the_engine(path: str, document: Any, variable: Any) -> None:
    where = scope({"input": document}, v=variable)
    engine = jsonata_engine("jsonatapy").compile(path)
    assert outcome(compile_jsonata(path).evaluate, where) == outcome(engine.evaluate, where)


@settings(max_examples=300)
@given(text=expressions(), document=DOCUMENTS, variable=DOCUMENTS)
def test_plain_expressions_agree_with_the_engine(text: str, document: Any, variable: Any) -> None:
    where = scope({"input": document}, v=variable)
    expression = compile_jsonata(text)
    assert expression.is_plain
    engine = jsonata_engine("jsonatapy").compile(text)
    assert outcome(expression.evaluate, where) == outcome(engine.evaluate, where)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$states.input.missing", UNDEFINED),
        ("$states.input.text.length", UNDEFINED),
        ("$states.input.nothing.x", UNDEFINED),
        ("$states.input.items.id", ["a", "b"]),
        ("$states.input.single.id", "q"),
        ("$states.input.single", [{"id": "q"}]),
        ("$states.input.empty", []),
        ('$states.input."key with space"', 7),
        ("$states.input.`key with space`", 7),
        ("$unknown", UNDEFINED),
        ("$unknown.a", UNDEFINED),
        ("$list", [1, [2]]),
    ],
)
def test_paths(text: str, expected: Any) -> None:
    states = {
        "input": {
            "text": "abc",
            "nothing": None,
            "items": [{"id": "a"}, {"id": "b"}],
            "single": [{"id": "q"}],
            "empty": [],
            "key with space": 7,
        }
    }
    assert value_of(text, scope(states, list=[1, [2]])) == expected


def test_a_path_gives_the_very_object() -> None:
    states = {"input": {"payload": {"big": 2**80}}}
    assert value_of("$states.input.payload", scope(states)) is states["input"]["payload"]


def test_a_function_is_no_variable() -> None:
    with pytest.raises(UnsupportedResult):
        value_of("$count", scope())
    assert value_of("$count", scope(count=3)) == 3


def test_a_variable_hides_a_function() -> None:
    assert value_of("$exists($states)", scope()) is True
    with pytest.raises(JsonataError, match="T1006: Attempted to invoke a non-function"):
        value_of("$exists($states)", scope(exists=1))


def test_numbers_beyond_doubles_calculate_as_doubles() -> None:
    assert value_of("$n + 1", scope(n=2**53 - 2)) == 2**53 - 1
    assert value_of("$n + 1", scope(n=2**53 + 1)) == float(2**53) + 1


@pytest.mark.parametrize(("text", "expected"), [("4 / 2", 2), ("-4 % 2", 0), ("1.5 * 2", 3), ("7 % -4", 3)])
def test_whole_results_are_integers(text: str, expected: int) -> None:
    value = value_of(text, scope())
    assert value == expected
    assert type(value) is int
