import json
import sys
import threading
from random import Random
from typing import Any

import pytest

from sfn_notebook import errors
from sfn_notebook.asl.jsonata import (
    ENGINE_NAMES,
    UNDEFINED,
    EagerScope,
    JsonataError,
    UnsupportedResult,
    compile_jsonata,
    jsonata_engine,
)
from sfn_notebook.asl.jsonata_native import NativeEngine, NativeJsonata
from sfn_notebook.asl.jsonata_native_program import THREAD

pytest.importorskip("jsonatapy", reason="the main engine is not installed")
pytest.importorskip("sfn_notebook.asl.jsonata_fallback", reason="the fallback engine is not installed")
both_engines = pytest.mark.parametrize("engine_name", ENGINE_NAMES)
NOW_SECONDS = 1_510_067_557.121


def scope(states: Any = None, seed: int = 7, **variables: Any) -> EagerScope:
    return EagerScope(states=states or {}, variables=variables, random=Random(seed), now_seconds=NOW_SECONDS)


def evaluate(engine_name: str, text: str, where: EagerScope | None = None) -> Any:
    return jsonata_engine(engine_name).compile(text).evaluate(where or scope())


# AWS's functions


@both_engines
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$partition([0], 1)", [[0]]),
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([], 3)", []),
        ("$range(0, 10, 3)", [0, 3, 6, 9]),
        ("$range(1, 9, 9)", 1),  # recorded: one number stands alone
        ("$range(1, 9, 0)", []),
        ("$range(1, -5, -2)", [1, -1, -3, -5]),
        ("$hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
        ("$hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("$parse('-0')", 0),
        ("$parse('{\"a\":[1,null]}')", {"a": [1, None]}),
        ("$parse($missing)", UNDEFINED),
        ("$hash($missing, 'MD5')", UNDEFINED),
        ("$map(['1','2'], $parse)", [1, 2]),
        ("'[1,2]' ~> $parse()", [1, 2]),
        ("$clone({'a': 1})", {"a": 1}),
        ("$millis()", 1_510_067_557_121),
        ("$now()", "2017-11-07T15:12:37.121Z"),
        ("$now('[Y0001]/[M01]', '+0000')", "2017/11"),
        ("$toMillis('13:45', '[H]:[m]')", 1_510_062_300_000),  # the day is the execution's
    ],
)
def test_functions_of_aws_and_of_time(engine_name: str, text: str, expected: Any) -> None:
    assert evaluate(engine_name, text) == expected


@both_engines
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$eval('1+1')", "T1006"),
        ("$randomSeeded(1)", "T1006"),
        ("$parse('{')", "D3137"),
        ("$parse('1e999')", "D3137"),
        ("$hash('a', 'MD4')", "D3137"),
        ("$hash(5, 'MD5')", "T0410"),
        ("$partition([1], 0)", "D3137"),
        ("$range(1, 'x', 1)", "T0410"),
        ("$range(1, 10000000000, 1)", "D2014"),
        ("$random('seed')", "T0410"),
    ],
)
def test_functions_of_aws_refuse(engine_name: str, text: str, code: str) -> None:
    with pytest.raises(JsonataError) as raised:
        evaluate(engine_name, text)
    assert raised.value.code == code


@both_engines
def test_random_numbers_repeat_for_a_seed(engine_name: str) -> None:
    text = "[$random(), $uuid(), $random(3), $shuffle([1..20])]"
    first, second, other = (evaluate(engine_name, text, scope(seed=seed)) for seed in (1, 1, 2))
    assert first == second
    assert first != other
    assert 0 <= first[0] < 1
    assert evaluate(engine_name, "$random(3) = $random(3)") is True
    assert evaluate(engine_name, "$random() = $random()") is False


def test_both_engines_and_the_closures_draw_the_same() -> None:
    values = [evaluate(name, "$uuid()", scope(seed=5)) for name in ENGINE_NAMES]
    assert values == [compile_jsonata("$uuid()").evaluate(scope(seed=5))] * 2


# Values at the border


@both_engines
def test_nothing_null_and_functions_differ(engine_name: str) -> None:
    assert evaluate(engine_name, "$states.input.missing[0]") is UNDEFINED
    assert evaluate(engine_name, "$states.input[0]", scope({"input": None})) is None
    for text in ("$sum", "function($x){$x}", "$fn := function($x){$x}", "($random(); $sum)"):
        with pytest.raises(UnsupportedResult):
            evaluate(engine_name, text)


@both_engines
def test_huge_integers_harm_nobody(engine_name: str) -> None:
    where = scope({"input": {"huge": 2**100, "tiny": -(10**400), "n": 2}})
    assert evaluate(engine_name, "$states.input.n * 2", where) == 4
    assert evaluate(engine_name, "$string($states.input.huge)", where).startswith("1.2676506002282")
    assert evaluate(engine_name, "$count($states.input.*)", where) == 3


def test_a_path_keeps_huge_integers_exact() -> None:
    assert compile_jsonata("$states.input.huge").evaluate(scope({"input": {"huge": 2**100}})) == 2**100


@both_engines
def test_lone_surrogates_pass_through(engine_name: str) -> None:
    where = scope({"input": {"text": "\ud83d", "list": [{"\ude00": "\udfff"}]}})
    assert evaluate(engine_name, "[$states.input.text & 'x', $states.input.list]", where) == [
        "\ud83dx",
        {"\ude00": "\udfff"},
    ]
    assert evaluate(engine_name, "$length($states.input.text)", where) == 1


@both_engines
def test_infinite_numbers_never_reach_a_payload(engine_name: str) -> None:
    for text in ("1/0", "[0/0]", "{'a': {'b': -1/0}}"):
        with pytest.raises(JsonataError, match="D1001"):
            evaluate(engine_name, text)


@both_engines
def test_evaluation_leaves_its_input_alone(engine_name: str) -> None:
    states = {"input": {"list": [3, 1, 2], "object": {"a": None}}}
    before = json.dumps(states)
    text = "[$states.input.object ~> |$|{'b': 1}|, $sort($states.input.list)]"
    assert evaluate(engine_name, text, scope(states)) == [{"a": None, "b": 1}, 1, 2, 3]
    assert json.dumps(states) == before


def test_the_fallback_shares_nothing_with_its_input() -> None:
    states = {"input": {"list": [1, {"a": 1}]}}
    value = evaluate("jsonata-python", "$states.input.list", scope(states))
    assert value == states["input"]["list"]
    assert value is not states["input"]["list"]
    assert value[1] is not states["input"]["list"][1]


# Names


@both_engines
def test_variables_hide_functions_only_where_they_exist(engine_name: str) -> None:
    text = "$sum($states.input.prices)"
    where = {"input": {"prices": [1, 2]}}
    assert evaluate(engine_name, text, scope(where)) == 3
    with pytest.raises(JsonataError, match="T1006"):
        evaluate(engine_name, text, scope(where, sum=5))
    assert evaluate(engine_name, text, scope(where)) == 3


@both_engines
def test_functions_of_the_expression_may_call_each_other(engine_name: str) -> None:
    text = """(
        $even := function($n) { $n = 0 ? true : $odd($n - 1) };
        $odd := function($n) { $n = 0 ? false : $even($n - 1) };
        $even(10)
    )"""
    assert evaluate(engine_name, text) is True


@both_engines
def test_outer_variables_are_read_before_the_expression_assigns_its_own(engine_name: str) -> None:
    assert evaluate(engine_name, "($n := $n + 1; $n)", scope(n=4)) == 5


@both_engines
def test_there_is_no_root_value(engine_name: str) -> None:
    for text in ("a.b", "$", "$$", "v0", "states.input", "$length()"):
        assert evaluate(engine_name, text, scope({"input": 1}, x=1)) is UNDEFINED


# Runaway expressions

RUNAWAYS = [
    "($f := function($n) { $f($n + 1) + 1 }; $f(0))",
    "($f := function($n) { $f($n + 1) }; $f(0))",
    "$pad('a', 1000000000)",
    "$join($map([1..1000], function($v) { 'a' }), $pad('b', 1000000))",
    "$replace($pad('a', 1000000), ' ', $pad('b', 100000))",
    "[1..100000000]",
    "[1..10000].([1..10000])",
    "$reduce([1..60], function($a, $i) { $a & $a }, 'xxxxxxxxxxxxxxxx')",
    "$map([1..1000000], function($v) { $map([1..1000000], function($w) { $v }) })",
]


@both_engines
@pytest.mark.parametrize("text", RUNAWAYS)
def test_runaway_expressions_stop(engine_name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfn_notebook.asl.jsonata_fallback.TIMEOUT_SECONDS", 0.3)
    with pytest.raises(JsonataError):
        evaluate(engine_name, text)


def test_large_arrays_are_made_distinct_in_time() -> None:
    assert len(evaluate("jsonatapy", "$distinct($append([1..300000], [1..300000]))")) == 300_000


@both_engines
def test_patterns_do_not_explode(engine_name: str) -> None:
    where = scope({"input": "a" * 5000 + "!"})
    if engine_name == "jsonatapy":
        assert evaluate(engine_name, "$contains($states.input, /^(a+)+$/)", where) is False
    else:
        with pytest.raises(JsonataError, match="D3143"):
            evaluate(engine_name, "$contains($states.input, /^(a+)+$/)", where)


def test_look_around_goes_to_the_engine_that_has_it() -> None:
    assert evaluate("jsonatapy", "$match('price: 12 EUR', /\\d+(?= EUR)/).match") == "12"
    assert evaluate("jsonatapy", "$contains('abab', /^(ab)\\1$/)") is True


@both_engines
def test_patterns_are_those_of_javascript(engine_name: str) -> None:
    assert evaluate(engine_name, "$contains('\u0663', /\\d/)") is False
    assert evaluate(engine_name, "$replace('a1b22', /\\d+/, '#')") == "a#b#"
    assert evaluate(engine_name, "$split('a1b2c', /[0-9]/)") == ["a", "b", "c"]
    text = "$replace('68F', /([0-9]+)F/, function($m) { $m.groups[0] & 'C' })"
    assert evaluate(engine_name, text) == "68C"


# Mistakes


@pytest.mark.parametrize("engine_name", [None, *ENGINE_NAMES])
@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        ("$sum([1,2)", 10, "S0202"),
        ("$a ?: 1", 5, "S0211"),
        ("$contains('a', /a**/)", 19, "invalid regular expression"),
        ("(" * 5000, 121, "U1001"),
    ],
)
def test_mistakes_are_found_when_compiled(engine_name: str | None, text: str, column: int, code: str) -> None:
    with pytest.raises(errors.ExpressionSyntaxError) as raised:
        compile_jsonata(text, engine_name)
    assert raised.value.column == column
    assert raised.value.reason.startswith(code)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$n < '5'", 'T2009: The values 4 and "5" either side of operator "<" must be of the same data type'),
        ("$n + 'x'", 'T2002: The right side of the "+" operator must evaluate to a number'),
        ("-'x'", 'D1002: Cannot negate a non-numeric value: "x"'),
        ("$number('x')", 'D3030: Unable to cast value to a number: "x"'),
        ("$sum('x')", 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
        ("$uppercase(1)", 'T0410: Argument 1 of function "uppercase" does not match function signature'),
        ("$boolean(2, 3)", 'T0410: Argument 2 of function "boolean" does not match function signature'),
        ("sum([1])", "T1005: Attempted to invoke a non-function. Did you mean $sum?"),
        ("$nope(1)", "T1006: Attempted to invoke a non-function"),
        ("5()", "T1006: Attempted to invoke a non-function"),
        ("$error('boom')", "D3137: boom"),
    ],
)
def test_failures_have_the_words_of_jsonata_js(text: str, message: str) -> None:
    with pytest.raises(JsonataError) as raised:
        compile_jsonata(text).evaluate(scope(n=4))
    assert str(raised.value) == message


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(errors.UnknownName, match="jsonata-js"):
        jsonata_engine("jsonata-js")


def test_plain_expressions_need_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sfn_notebook.asl.jsonata_native", None)
    monkeypatch.setitem(sys.modules, "sfn_notebook.asl.jsonata_fallback", None)
    jsonata_engine.cache_clear()
    try:
        where = scope({"input": {"items": [{"id": 1}]}})
        assert compile_jsonata("$states.input.items", "jsonatapy").evaluate(where) == [{"id": 1}]
        with pytest.raises(errors.FeatureNotSupported, match="jsonatapy"):
            compile_jsonata("$sum($states.input.items.id)")
        with pytest.raises(JsonataError, match="jsonatapy"):
            compile_jsonata("$states.input.items.id.value").evaluate(where)
    finally:
        jsonata_engine.cache_clear()
        compile_jsonata.cache_clear()


# Threads and side effects


@both_engines
def test_one_compiled_expression_serves_all_threads(engine_name: str) -> None:
    text = "$sum($states.input.items.(price * 2)) & '-' & $uuid()"
    expression = jsonata_engine(engine_name).compile(text)
    failures: list[object] = []

    def work(number: int) -> None:
        where = scope({"input": {"items": [{"price": number}] * 3}}, seed=number)
        expected = f"{number * 6}-{compile_jsonata('$uuid()').evaluate(scope(seed=number))}"
        for _ in range(20):
            fresh = scope(where.states, seed=number)
            value = expression.evaluate(fresh)
            if value != expected:
                failures.append(value)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_fallback_leaves_the_recursion_limit_and_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.getrecursionlimit()
    with pytest.raises(JsonataError):
        evaluate("jsonata-python", "$nope()")
    with pytest.raises(JsonataError):
        evaluate("jsonata-python", RUNAWAYS[0])
    assert sys.getrecursionlimit() == before
    assert capsys.readouterr().out == ""


class PanicException(BaseException):
    """The name under which a panic of Rust reaches Python."""


@pytest.mark.parametrize(
    ("raised", "expected"), [(PanicException("oops"), JsonataError), (KeyboardInterrupt(), KeyboardInterrupt)]
)
def test_only_a_panic_of_rust_becomes_an_error_of_the_expression(
    raised: BaseException, expected: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise raised

    expression = NativeEngine().compile("$sum([$n, 1])")
    assert isinstance(expression, NativeJsonata)
    monkeypatch.setitem(THREAD.compiled, expression._program.source, fail)
    with pytest.raises(expected):
        expression.evaluate(scope(n=1))
