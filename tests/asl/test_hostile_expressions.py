"""Hostile expressions and payloads in running machines: a result or a documented error, in bounded time and memory."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.errors import DefinitionError, InvalidInput
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace

Bounded = Callable[[float], AbstractContextManager[None]]
Json = dict[str, Any]

TOO_LARGE = "States.DataLimitExceeded"
RUNTIME = "States.Runtime"
INTRINSIC = "States.IntrinsicFailure"
QUERY = "States.QueryEvaluationError"
REFUSED = "the definition"
ANY = "any of them"
DOCUMENTED = (TOO_LARGE, RUNTIME, INTRINSIC, QUERY, "States.ResultPathMatchFailure")


def run(state: Json, input: Any = None, **others: Json) -> Execution:
    states = {"S": {"End": True, **state} if "Next" not in state else state, **others}
    if state["Type"] == "Choice":
        states["S"] = state
    workspace = Workspace(registry=FunctionRegistry())
    return workspace.define("M", {"StartAt": "S", "States": states}).run({} if input is None else input)


def outcome(state: Json, input: Any) -> str | None:
    """The error of a run, ``None`` if there is none, REFUSED if the definition was; the history is JSON."""
    try:
        execution = run(state, input)
    except DefinitionError:
        return REFUSED
    json.dumps(execution.history)
    assert len(execution.cause or "") < 1_000_000
    return execution.error


def parameters(text: str) -> Json:
    return {"Type": "Pass", "Parameters": {"r.$": text}}


def output(expression: str) -> Json:
    return {"Type": "Pass", "QueryLanguage": "JSONata", "Output": f"{{% {expression} %}}"}


def deep(depth: int, inner: Any = 1) -> Any:
    value = inner
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def below(frames: int, work: Callable[[], Any]) -> Any:
    """Do ``work`` with a stack that is deeper by ``frames``, as a notebook's is."""
    return work() if frames == 0 else below(frames - 1, work)


# JSONPath and intrinsic functions: name, expression, input, error (None: it succeeds)

BIG = {"items": [{"a": n, "name": f"n{n}", "tags": ["x", "y"]} for n in range(3_000)]}
TEXT = {"t": "a" * 200_000}
EXPRESSIONS: list[tuple[str, str, Any, str | None]] = [
    ("the longest range", "States.ArrayRange(1, 1000, 1)", {}, None),
    ("a longer range", "States.ArrayRange(1, 1001, 1)", {}, INTRINSIC),
    ("a range of billions", "States.ArrayRange(-2147483648, 2147483647, 1)", {}, INTRINSIC),
    ("a range from the input", "States.ArrayRange($.a, $.b, 1)", {"a": 0, "b": 10**400}, INTRINSIC),
    ("a range of ranges", f"States.Array({', '.join(['States.ArrayRange(1, 1000, 1)'] * 100)})", {}, TOO_LARGE),
    ("five thousand copies", f"States.Array({', '.join(['$.t'] * 5_000)})", TEXT, TOO_LARGE),
    ("a format of copies",
     f"States.Format('{'{}' * 5_000}', {', '.join(['$.t'] * 5_000)})", {"t": "x" * 2_000}, TOO_LARGE),
    ("a chunk of each item", "States.ArrayPartition($.n, 1)", {"n": [0] * 100_000}, TOO_LARGE),
    ("an array too large to cut",
     "States.ArrayPartition(States.Array($.n, $.n), 1)", {"n": [10**6] * 32_000}, INTRINSIC),
    ("unique deep values", "States.ArrayUnique($.n)", {"n": [deep(390), deep(390)]}, None),
    ("a deep value among deep ones", "States.ArrayContains($.n, $.v)", {"n": [deep(390)], "v": deep(390)}, None),
    ("a deep value printed", "States.Format('{}', $.v)", {"v": deep(390)}, None),
    ("text of 200 kB split", "States.ArrayLength(States.StringSplit($.t, 'a'))", TEXT, None),
    ("text of 200 kB hashed", "States.Hash($.t, 'MD5')", TEXT, INTRINSIC),
    ("text of 200 kB as Base64", "States.Base64Encode($.t)", TEXT, INTRINSIC),
    ("JSON too deep to read", "States.StringToJson($.t)", {"t": "[" * 100_000}, INTRINSIC),
    ("JSON too deep to keep", "States.StringToJson($.t)", {"t": "[" * 600 + "]" * 600}, TOO_LARGE),
    ("JSON with NaN", "States.StringToJson('NaN')", {}, INTRINSIC),
    ("JSON with an infinity", "States.StringToJson('1e999')", {}, INTRINSIC),
    ("JSON with too many digits", "States.StringToJson($.t)", {"t": "9" * 10_000}, INTRINSIC),
    ("a huge sum", "States.MathAdd($.n, 1)", {"n": 10**400}, INTRINSIC),
    ("a huge index", "States.ArrayGetItem($.n, $.i)", {"n": [1], "i": 10**400}, INTRINSIC),
    ("a huge number printed", "States.Format('{}', $.n)", {"n": 10**400}, None),
    ("a lone surrogate hashed", "States.Hash($.t, 'SHA-256')", {"t": "\ud83d"}, None),
    ("a filter over thousands", "$.items[?(@.a >= 2999)]", BIG, None),
    ("a filter that compares all",
     "$.items[?(@.a in $.items[*].a)]", {"items": [{"a": n} for n in range(1_000)]}, None),
    ("a filter of filters", "$..[?(@.tags[?(@ == 'x')])]", BIG, None),
    ("a pattern that backtracks", "$.n[?(@.t =~ /^(a+)+$/)]", {"n": [{"t": "a" * 40 + "!"}]}, REFUSED),
    ("a pattern with many repeats", "$.n[?(@.t =~ /.*a.*a.*a.*b/)]", {"n": [{"t": "a" * 100_000}]}, RUNTIME),
    ("everything below everything", "$..*..*", {"a": deep(120)}, TOO_LARGE),
    ("descents of descents", "$..a..a..a..a", {"x": deep(300)}, RUNTIME),
    ("unions of unions", f"$.a{'[0,0,0,0,0,0,0,0,0,0]' * 8}", {"a": [[[[[[[[1]]]]]]]]}, RUNTIME),
    ("unions of a long text", f"$.a{'[0,0,0,0,0,0,0,0,0,0]' * 3}", {"a": [[["x" * 200_000]]]}, RUNTIME),
    ("the bottom of a deep value", f"${'.a[0]' * 195}", deep(391), None),
    ("a slice from far away", "$.n[-99999999999999999999:99999999999999999999]", {"n": [1, 2]}, None),
    ("an index far away", "$.n[99999999999999999999]", {"n": [1]}, RUNTIME),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "input", "error"), [each[1:] for each in EXPRESSIONS], ids=[each[0] for each in EXPRESSIONS]
)
def test_a_hostile_expression_ends(bounded: Bounded, text: str, input: Any, error: str | None) -> None:
    with bounded(300):
        found = below(150, lambda: outcome(parameters(text), input))
    assert found == error


# JSONata

RUNAWAYS: list[tuple[str, str, Any, str | None]] = [
    ("recursion", "($f := function($n) { $f($n + 1) + 1 }; $f(0))", {}, QUERY),
    ("a tail call for ever", "($f := function($n) { $f($n + 1) }; $f(0))", {}, QUERY),
    ("two that call each other", "($f := function($n) { $g($n) }; $g := function($n) { $f($n) }; $f(0))", {}, QUERY),
    ("a range of billions", "[1..10000000000]", {}, QUERY),
    ("ranges of ranges", "[1..10000].[1..10000]", {}, QUERY),
    ("a range of AWS", "$range(1, 10000000000, 1)", {}, QUERY),
    ("a pad of a billion", "$pad('', 1000000000, 'x')", {}, QUERY),
    ("a pad to the left", "$pad('', -1000000000, 'x')", {}, QUERY),
    ("a pad beyond the payload", "$pad('', 300000, 'x')", {}, TOO_LARGE),
    ("a doubled text", "$reduce([1..60], function($a, $i) { $a & $a }, 'x')", {}, QUERY),
    ("a doubled list", "$reduce([1..60], function($a, $i) { [$a, $a] }, 'x')", {}, QUERY),
    ("a doubled list appended", "$reduce([1..60], function($a, $i) { $append($a, $a) }, [1])", {}, QUERY),
    ("a pattern that backtracks", "$contains($states.input.t, /^(a+)+$/)", {"t": "a" * 100_000 + "!"}, None),
    ("a pattern with look-ahead", "$contains($states.input.t, /^(?=(a+)+$)/)", {"t": "a" * 40 + "!"}, QUERY),
    ("an empty pattern", "$replace('abc', /x*/, '-')", {}, QUERY),
    ("a replacement that grows", "$replace($states.input.t, 'a', $states.input.t)", {"t": "a" * 100_000}, QUERY),
    ("a join that grows", "$join($split($states.input.t, ''), $states.input.t)", {"t": "a" * 100_000}, QUERY),
    ("a sort of many", "$count($sort([1..100000]))", {}, None),
    ("a sort that never settles", "$sort([1..1000], function($l, $r) { true })[0] > 0", {}, None),
    ("a power too large", "$power(10, 1000)", {}, QUERY),
    ("a division by zero", "1/0", {}, QUERY),
    ("a huge integer", "$states.input.n + 1", {"n": 10**400}, QUERY),
    ("a huge integer passed on", "$states.input.n", {"n": 10**400}, None),
    ("a huge integer through a function", "[$states.input][0]", {"n": 10**400}, None),
    ("a lone surrogate", "$uppercase($states.input.t)", {"t": "\ud83d"}, None),
    ("a function as a result", "$sum", {}, QUERY),
    ("no result", "$states.input.missing", {}, QUERY),
    ("deep parentheses", "(" * 5_000 + "1" + ")" * 5_000, {}, REFUSED),
    ("deep brackets", "[" * 5_000 + "1" + "]" * 5_000, {}, REFUSED),
    ("deep objects", '{"a":' * 2_000 + "1" + "}" * 2_000, {}, REFUSED),
    ("a long sum", "+".join(["1"] * 20_000), {}, REFUSED),
    ("a long path", "$states.input" + ".a" * 20_000, {}, QUERY),
    ("a long list", "[" + ",".join(["1"] * 50_000) + "]", {}, None),
    ("copies of the input", "[" + ",".join(["$states.input"] * 3_000) + "]", {"t": "x" * 100_000}, TOO_LARGE),
    ("a structure too deep", "($f := function($n) { $n = 0 ? 1 : {'a': $f($n - 1)} }; $f(600))", {}, TOO_LARGE),
    ("a structure far too deep", "($f := function($n) { $n = 0 ? 1 : {'a': $f($n - 1)} }; $f(2000))", {}, ANY),
    ("a structure that is deep enough", "($f := function($n) { $n = 0 ? 1 : {'a': $f($n - 1)} }; $f(390))", {}, None),
    ("text parsed too deep", "$parse($states.input.t)", {"t": "[" * 100_000}, QUERY),
    ("text parsed rather deep", "$parse($states.input.t)", {"t": "[" * 600 + "]" * 600}, ANY),
    ("descendants of a deep value", "$count($states.input.**)", {"a": deep(390)}, None),
    ("a picture of nonsense", "$formatNumber(1, '0.' & $pad('', 100000, '#'))", {}, ANY),
    ("a base of nonsense", "$formatBase(1e300, 2)", {}, ANY),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "input", "error"), [each[1:] for each in RUNAWAYS], ids=[each[0] for each in RUNAWAYS]
)
def test_a_runaway_jsonata_expression_stops(bounded: Bounded, text: str, input: Any, error: str | None) -> None:
    pytest.importorskip("jsonatapy", reason="the main engine is not installed")
    with bounded(500):
        found = outcome(output(text), input)
    if error == ANY:
        assert found in (QUERY, TOO_LARGE, None)
    else:
        assert found == error


# Payloads


@pytest.mark.parametrize(
    ("language", "fields"),
    [
        ("JSONPath", {"Parameters": {"a.$": "$", "b.$": "$"}}),
        ("JSONPath", {"Parameters": {"a.$": "$"}}),
        ("JSONPath", {"Assign": {"v": {"v.$": "$v"}}}),
        ("JSONata", {"Output": "{% [$states.input, $states.input] %}"}),
        ("JSONata", {"Output": ["{% $states.input %}"]}),
        ("JSONata", {"Assign": {"v": "{% [[$v]] %}"}}),
        ("JSONata", {"Assign": {"v": "{% $v & $v & 'x' %}"}}),
    ],
)
def test_what_grows_in_a_loop_reaches_a_limit(bounded: Bounded, language: str, fields: Json) -> None:
    workspace = Workspace(registry=FunctionRegistry())
    first = {"Type": "Pass", "Assign": {"v": 1}, "Next": "S"}
    state = {"Type": "Pass", "QueryLanguage": language, **fields, "Next": "Again"}
    again = {
        "Type": "Choice",
        "Choices": [{"Variable": "$$.State.Name", "StringEquals": "", "Next": "End"}],
        "Default": "S",
    }
    states = {"F": first, "S": state, "Again": again, "End": {"Type": "Succeed"}}
    with bounded(400):
        execution = workspace.define("M", {"StartAt": "F", "States": states}).run({})
        json.dumps(execution.history)
    assert execution.error in (TOO_LARGE, RUNTIME, QUERY)
    assert execution.status == "FAILED"


def test_a_template_of_thousands_of_copies_is_refused_without_writing_them(bounded: Bounded) -> None:
    copies = {f"k{n}.$": "$" for n in range(20_000)}
    with bounded(100):
        execution = run({"Type": "Pass", "Parameters": copies}, TEXT)
    assert execution.error == TOO_LARGE
    with bounded(100):
        many = {f"k{n}": "{% $states.input %}" for n in range(5_000)}
        execution = run({"Type": "Pass", "QueryLanguage": "JSONata", "Output": many}, TEXT)
    assert execution.error == TOO_LARGE


INNER: Json = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
DEEP_STATES: list[Json] = [
    {"Type": "Pass", "ResultPath": "$.a.b.c"},
    {"Type": "Pass", "Parameters": {"a.$": "$", "b.$": "$..a", "c.$": "States.JsonToString($)"}},
    {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% {'a': $states.input, 'b': $string($states.input)} %}"},
    {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input = $clone($states.input) %}"},
    {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input ~> |$|{'x': 1}| %}"},
    {"Type": "Task", "Resource": "echo"},
    {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": INNER},
    {"Type": "Parallel", "Branches": [INNER]},
    {"Type": "Pass", "InputPath": "$.missing"},
    {"Type": "Pass", "Parameters": {"x.$": "$.missing"}},
]  # fmt: skip


@pytest.mark.parametrize("state", DEEP_STATES)
@pytest.mark.parametrize("depth", [200, 390])
def test_a_deep_payload_goes_through_every_kind_of_state(state: Json, depth: int) -> None:
    workspace = Workspace(registry=FunctionRegistry())

    @workspace.registry.lambda_function
    def echo(event: Any) -> Any:
        return event

    payload = {"a": deep(depth), "items": [deep(depth - 1)]}
    machine = workspace.define("M", {"StartAt": "S", "States": {"S": {**state, "End": True}}})
    execution = below(150, lambda: machine.run(payload))
    assert execution.status == "SUCCEEDED" or execution.error in DOCUMENTED, execution.cause
    json.dumps(execution.history)


@pytest.mark.parametrize("value", [deep(401), deep(5_000), float("nan"), {"a": float("inf")}, {1, 2}, object()])
def test_an_input_that_no_payload_can_be_is_refused(bounded: Bounded, value: Any) -> None:
    with bounded(100), pytest.raises(InvalidInput) as raised:
        run({"Type": "Pass"}, value)
    assert raised.value.hint


def test_an_input_that_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidInput):
        run({"Type": "Pass"}, value)


def test_an_input_of_ten_megabytes_is_refused(bounded: Bounded) -> None:
    with bounded(300), pytest.raises(InvalidInput, match="bytes"):
        run({"Type": "Pass"}, {"t": "x" * 10_000_000})


class _Rude:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def _itself() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: deep(390), None),
        (lambda: deep(401), "Runtime.MarshalError"),
        (lambda: deep(100_000), "Runtime.MarshalError"),
        (_itself, "Runtime.MarshalError"),
        (_Rude, "Runtime.MarshalError"),
        (lambda: float("nan"), "Runtime.MarshalError"),
        (lambda: 10**5_000, "Runtime.MarshalError"),
        (lambda: "x" * 300_000, TOO_LARGE),
        (lambda: "x" * 10_000_000, "Function.ResponseSizeTooLarge"),
        (lambda: "\ud83d", None),
        (lambda: [None] * 100_000, TOO_LARGE),
    ],
)
def test_a_function_may_return_anything(bounded: Bounded, make: Callable[[], Any], error: str | None) -> None:
    workspace = Workspace(registry=FunctionRegistry())

    @workspace.registry.lambda_function
    def make_it(event: Any) -> Any:
        return make()

    machine = workspace.define(
        "M", {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": "make_it", "End": True}}}
    )
    with bounded(300):
        execution = below(150, lambda: machine.run({}))
    assert execution.error == error, execution.cause
    json.dumps(execution.history)


@pytest.mark.parametrize(
    ("state", "input"),
    [
        ({"Type": "Wait", "SecondsPath": "$.n"}, {"n": 10**400}),
        ({"Type": "Wait", "SecondsPath": "$.n"}, {"n": 10**15}),
        ({"Type": "Wait", "SecondsPath": "$.n"}, {"n": 1e308}),
        ({"Type": "Wait", "TimestampPath": "$.n"}, {"n": "9999-12-31T23:59:59.999999999-18:00"}),
        ({"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $states.input.n %}"}, {"n": 1e300}),
        ({"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $states.input.n %}"}, {"n": 10**400}),
        ({"Type": "Wait", "QueryLanguage": "JSONata", "Timestamp": "{% '9999-12-31T23:59:59Z' %}"}, {}),
        ({"Type": "Task", "Resource": "echo", "TimeoutSecondsPath": "$.n"}, {"n": 10**400}),
        ({"Type": "Task", "Resource": "echo", "TimeoutSecondsPath": "$.n"}, {"n": -1}),
        ({"Type": "Task", "Resource": "echo", "QueryLanguage": "JSONata", "TimeoutSeconds": "{% 1e300 %}"}, {}),
        (
            {
                "Type": "Map",
                "MaxConcurrencyPath": "$.n",
                "ItemsPath": "$.i",
                "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}},
            },
            {"n": 10**400, "i": [1]},
        ),
    ],
)
def test_a_number_of_any_size_may_stand_where_time_is_told(bounded: Bounded, state: Json, input: Any) -> None:
    workspace = Workspace(registry=FunctionRegistry())

    @workspace.registry.lambda_function
    def echo(event: Any) -> Any:
        return event

    after = {"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "End": True}
    with bounded(100):
        execution = workspace.define(
            "M", {"StartAt": "S", "States": {"S": {**state, "Next": "After"}, "After": after}}
        ).run(input)
        json.dumps(execution.history)
    assert execution.status in ("SUCCEEDED", "FAILED")


COMPARISONS: list[tuple[Json, Any, bool]] = [
    ({"Variable": "$.v", "NumericEquals": 10**400}, 10**400, True),
    ({"Variable": "$.v", "NumericLessThan": 1.5}, -(10**400), True),
    ({"Variable": "$.v", "NumericGreaterThanPath": "$.w"}, 10**400, True),
    ({"Variable": "$.v", "StringMatches": "*a" * 20 + "*b"}, "a" * 200_000, False),
    ({"Variable": "$.v", "StringMatches": "*" * 10_000}, "a" * 200_000, True),
    ({"Variable": "$.v", "StringEquals": "\u202e'\"<b>"}, "\u202e'\"<b>", True),
    ({"Variable": "$.v", "TimestampEquals": "2016-01-01T00:00:00Z"}, "2016" * 50_000, False),
    ({"Variable": "$.v", "IsTimestamp": True}, "9999-12-31T23:59:59.999999999-18:00", True),
    ({"Variable": "$.v", "IsTimestamp": True}, "2016-03-14T01:59:00" + "0" * 200_000, False),
    ({"Variable": "$.v", "IsPresent": True}, deep(390), True),
]  # fmt: skip


@pytest.mark.parametrize(("test", "value", "holds"), COMPARISONS, ids=[str(n) for n in range(len(COMPARISONS))])
def test_a_comparison_of_hostile_values_ends(bounded: Bounded, test: Json, value: Any, holds: Any) -> None:
    yes, no = ({"Type": "Pass", "Result": result, "End": True} for result in (True, False))
    choice = {"Type": "Choice", "Choices": [{**test, "Next": "Yes"}], "Default": "No"}
    with bounded(100):
        execution = run(choice, {"v": value, "w": 1.5}, Yes=yes, No=no)
    assert execution.output is holds
