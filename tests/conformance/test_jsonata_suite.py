"""The official JSONata test-suite and the trap cases, for both engines, with every difference named."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

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

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "jsonata"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"{FOLDER} is not there: it holds the JSONata cases")

Case = dict[str, Any]

_EVAL: Final = "$eval is removed, as on AWS"
_RANGE: Final = "a range may have a million items here, ten million there"
_LIMIT: Final = "the limits on time and depth are ours, with the codes D1011 and D1012"
_SURROGATE: Final = "lone surrogates are encoded instead of refused"
_FUNCTION: Final = "a function is an unsupported result; inside of a value it is null"
_INFINITY: Final = "an infinite number is an error here, null there"
_BASE64: Final = "Base64 is that of UTF-8 here, of Latin-1 there"
_DATE: Final = "a date that does not exist is an error here, rolled over there"
_TEXT: Final = "$string does not shorten whole numbers to fifteen digits"
_CODE: Final = "another code, or none"

BY_DESIGN: Final = {
    **{f"function-eval/case00{number}.json#0": _EVAL for number in range(9)},
    "function-eval/case008.json#1": _EVAL,
    "function-eval/case008.json#2": _EVAL,
    "function-eval/case008.json#3": _EVAL,
    '$eval("1+1")': _EVAL,
    "range-operator/case021.json#0": _RANGE,
    "range-operator/case024.json#0": _RANGE,
    "tail-recursion/case002.json#0": _LIMIT,
    "tail-recursion/case005.json#0": _LIMIT,
    "tail-recursion/case006.json#0": _LIMIT,
    "function($x){$x}": _FUNCTION,
    "$sum": _FUNCTION,
    "$fn := function($x){$x}": _FUNCTION,
    '{"f": function($x){$x}}': _FUNCTION,
    "[function($x){$x}]": _FUNCTION,
    "1/0": _INFINITY,
    '$base64encode("h\u00e9")': _BASE64,
    '$base64decode("aMOp")': _BASE64,
    "$toMillis('2017-13-07T00:00:00Z')": _DATE,
    "$fromMillis($toMillis('2020-02-30T00:00:00Z'))": _DATE,
    "$string(12345678901234567890)": _TEXT,
}
EXPECTED_FAILURES: Final = {
    "jsonatapy": {
        **BY_DESIGN,
        "function-encodeUrl/case002.json#0": _SURROGATE,
        "function-encodeUrlComponent/case002.json#0": _SURROGATE,
        '$number(" 1")': "blanks around a number are accepted",
        "$substring(5, 1)": "T0411, where the missing root value would make it nothing",
    },
    "jsonata-python": {
        **BY_DESIGN,
        "boolean-expresssions/case030.json#0": _CODE,
        "function-error/case007.json#0": _CODE,
        "function-formatInteger/formatInteger.json#43": "words for numbers beyond 2**53",
        "function-formatNumber/case014.json#0": "a mantissa without digits before the point",
        "function-formatNumber/case024.json#0": _CODE,
        "function-formatNumber/case025.json#0": _CODE,
        "function-formatNumber/case028.json#0": _CODE,
        "function-formatNumber/case032.json#0": _CODE,
        "function-length/case004.json#0": "a character beyond 16 bits, written as two escapes, counts two",
        "function-replace/case006.json#0": _CODE,
        "function-split/case012.json#0": _CODE,
        "function-string/case006.json#0": "large numbers are written with an exponent",
        "function-string/case019.json#0": _CODE,
        "function-tomillis/parseDateTime.json#35": _CODE,
        "matchers/case000.json#0": "a function of the expression cannot be a matcher",
        "matchers/case001.json#0": "a function of the expression cannot be a matcher",
        "partial-application/case003.json#0": _CODE,
        "$string(1e20)": "large numbers are written with an exponent",
        "5.5 % 2": "the remainder is taken of whole numbers",
        "$distinct([1,1])": "an array that becomes one item loses its brackets",
        "$fromMillis(1e15)": "dates beyond the year 9999 fail",
    },
}
# Failures whose text is JSONata.js's, word for word: at least this many of those with the same code.
EXACT_TEXTS: Final = {"jsonatapy": 46, "jsonata-python": 38}


def cases(name: str) -> Iterator[tuple[str, Case]]:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        for line in lines:
            case: Case = json.loads(line)
            yield str(case.get("id", case["expr"])), case


def as_javascript(value: Any) -> Any:
    """Numbers compare as JavaScript's doubles, to fifteen digits; ``true`` is no number."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return float(f"{float(value):.15g}")
    if isinstance(value, list):
        return [as_javascript(item) for item in value]
    return {key: as_javascript(item) for key, item in value.items()}


def scope_of(case: Case) -> EagerScope:
    variables = dict(case["bindings"])
    states = variables.pop("states", {})
    return EagerScope(states=states, variables=variables, random=Random(1), now_seconds=1_700_000_000.0)


def failure_of(case: Case, engine_name: str) -> str:  # noqa: PLR0911 - one return per kind of answer
    """What differs from the expected, or nothing."""
    wanted = case.get("code") or ("error" in case and case["error"])
    wanted_code = wanted.get("code") if isinstance(wanted, dict) else wanted
    try:
        data = case.get("data", UNDEFINED)
        value = jsonata_engine(engine_name).compile(case["expr"]).evaluate(scope_of(case), data)
    except UnsupportedResult:
        return "a function"
    except errors.ExpressionSyntaxError as error:
        return "" if wanted and error.reason.startswith(wanted_code or "") else str(error)
    except JsonataError as error:
        return "" if wanted and error.code == (wanted_code or error.code) else str(error)
    if wanted:
        return f"{value!r} instead of {wanted_code}"
    if case.get("undefinedResult"):
        return "" if value is UNDEFINED else repr(value)
    if value is UNDEFINED:
        return "nothing"
    return "" if as_javascript(value) == as_javascript(case["result"]) else repr(value)


@pytest.mark.parametrize("engine_name", ENGINE_NAMES)
@pytest.mark.parametrize("file_name", ["suite-2.0.6.jsonl", "traps.jsonl"])
def test_an_engine_answers_as_jsonata_js_but_for_the_named_differences(
    engine_name: str, file_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = EXPECTED_FAILURES[engine_name]
    failures: dict[str, str] = {}
    count = 0
    for key, case in cases(file_name):
        count += 1
        difference = failure_of(case, engine_name)
        if difference:
            failures[key] = difference
    with capsys.disabled():
        print(f"\n{engine_name}: {count - len(failures)} of {count} cases of {file_name}")  # noqa: T201 - the figure
    known = {key for key, _case in cases(file_name) if key in expected}
    assert {key: text[:200] for key, text in failures.items() if key not in known} == {}
    assert known - failures.keys() == set(), "these pass now: take them out of the table"


@pytest.mark.parametrize("engine_name", ENGINE_NAMES)
def test_an_engine_words_its_failures_as_jsonata_js(engine_name: str) -> None:
    exact = 0
    for _key, case in cases("traps.jsonl"):
        if "message" not in case:
            continue
        try:
            jsonata_engine(engine_name).compile(case["expr"]).evaluate(scope_of(case))
        except errors.ExpressionSyntaxError as error:
            exact += error.reason == f"{case['code']}: {case['message']}"
        except JsonataError as error:
            exact += str(error) == f"{case['code']}: {case['message']}"
    assert exact >= EXACT_TEXTS[engine_name]


@pytest.mark.parametrize("file_name", ["suite-2.0.6.jsonl", "traps.jsonl"])
def test_closures_answer_as_jsonata_js(file_name: str) -> None:
    """The plain expressions among the cases, evaluated as a state would: without a root value."""
    differing = []
    for key, case in cases(file_name):
        if "code" in case or "error" in case or key in BY_DESIGN or '"data"' in json.dumps(case):
            continue
        expression = compile_jsonata(case["expr"])
        if not expression.is_plain:
            continue
        value = expression.evaluate(scope_of(case))
        wanted = UNDEFINED if case.get("undefinedResult") else as_javascript(case["result"])
        if (value if value is UNDEFINED else as_javascript(value)) != wanted:
            differing.append(key)
    assert differing == []
