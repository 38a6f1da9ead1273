"""Expressions whose results repeat their own parts: what would fill the memory fails, what only might is untouched."""

import json
from random import Random
from typing import Any

import pytest

from sfn_notebook.asl.jsonata import ENGINE_NAMES, jsonata_engine
from sfn_notebook.asl.jsonata_grammar import parse_jsonata
from sfn_notebook.asl.jsonata_growth import can_multiply
from sfn_notebook.asl.jsonata_scope import EagerScope, JsonataError

pytest.importorskip("jsonatapy", reason="the main engine is not installed")
pytest.importorskip("sfn_notebook.asl.jsonata_fallback", reason="the fallback engine is not installed")
both_engines = pytest.mark.parametrize("engine_name", ENGINE_NAMES)
ITEMS = [{"name": "a", "price": 2}, {"name": "b", "price": 3}]


def evaluate(engine_name: str, text: str, **variables: Any) -> Any:
    states = {"input": {"items": ITEMS}}
    scope = EagerScope(states=states, variables=variables, random=Random(0), now_seconds=0.0)
    return jsonata_engine(engine_name).compile(text).evaluate(scope)


MULTIPLYING = [
    "$reduce([1..40], function($a, $i) {$map([1, 2], function() {[$a]})}, [1])",
    "$reduce([1..40], function($a, $i) {[1, 2].[[$a]]}, [1])",
    "[1..40] ~> $reduce(function($a, $i) {[[$a], [$a]]}, [1])",
    "$reduce([1..40], function($a, $i) {[[$a], [$a]]}, [1])",
    "$reduce([1..40], function($a, $i) {{'x': $a, 'y': $a}}, 1)",
    "($grow := function($n, $a) {$n = 0 ? $a : $grow($n - 1, {'l': $a, 'r': $a})}; $grow(40, 1))",
    "($a := [1..1000]; $b := $map($a, function() {[$a]}); $map([1..1000], function() {[$b]}))",
    "($random(); $reduce([1..40], function($a, $i) {[[$a], [$a]]}, [1]))",
    "($" + "; $".join(f"v{n + 1} := [[$v{n}], [$v{n}]]" for n in range(40)) + "; $v40)",
]


@both_engines
@pytest.mark.parametrize("text", MULTIPLYING, ids=range(len(MULTIPLYING)))
def test_a_result_that_would_fill_the_memory_fails(engine_name: str, text: str) -> None:
    with pytest.raises(JsonataError) as caught:
        evaluate(engine_name, text, v0=[1])
    # The clock may stop a slow machine first.
    assert caught.value.code in {"D2015", "D1012"}


HARMLESS = [
    ("$reduce([1, 2, 3], function($a, $i) {$a + $i + 0 * $a})", 6),
    ("$reduce($states.input.items, function($a, $i) {{'n': $a.n + 1, 'sum': $a.sum + $i.price}}, {'n': 0, 'sum': 0})",
     {"n": 2, "sum": 5}),
    ("$reduce($states.input.items, function($a, $i) {$exists($a) ? $append($a, [[$i.price]])}, [])", [[2], [3]]),
    ("($f := function($n) {$n > 0 ? {'n': $n, 'kids': [$f($n - 1)]} : {}}; $f(2))",
     {"n": 2, "kids": [{"n": 1, "kids": [{}]}]}),
    ("$reduce([1], function($a, $i) {$a = $a ? null}, null)", None),
    ("$reduce([1..10], function($a, $i) {[[$a], [$a]]}, [1]) ~> $string ~> $length", 6141),
]  # fmt: skip


@both_engines
@pytest.mark.parametrize(("text", "expected"), HARMLESS)
def test_a_small_result_is_what_it_was(engine_name: str, text: str, expected: Any) -> None:
    assert can_multiply(parse_jsonata(text))
    assert json.dumps(evaluate(engine_name, text)) == json.dumps(expected)


@both_engines
def test_nothing_stays_nothing(engine_name: str) -> None:
    nothing = evaluate(engine_name, "$missing")
    assert evaluate(engine_name, "$reduce([1], function($a, $i) {$missing}, 7)") is nothing


@both_engines
def test_variables_named_as_functions_do_not_disturb_the_counting(engine_name: str) -> None:
    text = "$reduce([1, 2], function($a, $i) {$exists($a) ? [$a, $i, $count]}, [])"
    assert evaluate(engine_name, text, count=9, type=8, keys=7, append=6, lookup=5) == [1, 9, 2, 9]


@pytest.mark.parametrize(
    "text",
    [
        "$states.input.items.price",
        "$map($states.input.items, function($i) {{'name': $i.name, 'price': $i.price}})",
        "($rate := 2; $map($states.input.items, function($i) {$i.price * $rate}))",
        "$sum($states.input.items.(price * 2))",
        "$reduce($states.input.items, function($a, $i) {$append($a, {'name': $i.name, 'price': $i.price})}, [])",
        "$reduce($states.input.items, function($a, $i) {$merge([$a, {$i.name: $i.price}])}, {})",
        "($a := 1; $b := $a + $a; {'a': $a, 'b': $b})",
    ],
)
def test_what_cannot_multiply_is_not_counted(text: str) -> None:
    assert not can_multiply(parse_jsonata(text))
