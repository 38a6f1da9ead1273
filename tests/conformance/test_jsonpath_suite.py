"""492 paths and documents, answered by the Java engine that Step Functions is built on; ours must answer alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.paths import PathNotFound, compile_path
from sfn_notebook.errors import ExpressionSyntaxError, FeatureNotSupported

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "jsonpath" / "jayway.jsonl"

pytestmark = pytest.mark.skipif(not SUITE.exists(), reason=f"the recorded answers are not here: {SUITE}")

MISSING_FIRST = "recorded on AWS: a missing field before a wildcard, slice or filter gives []; the engine would raise"
NOT_FROM_INPUT = "ASL: a path begins with $"
UNFINISHED = "the engine drops what it cannot read; an author has mistyped and must be told"

DEVIATIONS: Mapping[str, str] = {
    "$.zz[*]": MISSING_FIRST,
    "$.zz[0:2]": MISSING_FIRST,
    "$.zz[?(@.a)]": MISSING_FIRST,
    "$.items[?(@.id==i1)].id": "AWS's own samples leave strings unquoted, so AWS accepts them",
    "$.concat($.k,'-x')": "the engine leaves the closing quote in the result",
    "$..n.length()": "the engine answers 0 for five matches; ours is the length of each match, as without '..'",
    "a.b": NOT_FROM_INPUT,
    ".a": NOT_FROM_INPUT,
    "@.a": NOT_FROM_INPUT,
    "$a": "ASL: a variable, which has no value here",
    "$.a[": UNFINISHED,
    "$.items[1:2:3:4]": UNFINISHED,
    "$['a']b": UNFINISHED,
    "$.items[0]id": UNFINISHED,
}


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    context_object: JSONObject = field(default_factory=dict)
    random: Random = field(default_factory=Random)
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    states: JSONObject = field(default_factory=dict)
    now_seconds: float = 0.0


CASES: list[JSONObject] = [json.loads(line) for line in SUITE.read_text("utf-8").splitlines()] if SUITE.exists() else []


def _recorded_answer(case: JSONObject) -> tuple[str, JSONValue]:
    match case:
        case {"error": "PathNotFoundException" | "JsonPathException", "message": message}:
            return "no value", message
        case {"error": _}:
            return "no path", None  # the wording of a syntax error is ours
        case _:
            return "definite" if case["definite"] else "matches", case["result"]


def _own_answer(path: str, document: JSONValue) -> tuple[str, JSONValue]:
    try:
        compiled = compile_path(path)
    except ExpressionSyntaxError:
        return "no path", None
    except FeatureNotSupported:
        return "variable", None
    try:
        value = compiled.evaluate(document, Surroundings())
    except PathNotFound as missing:
        return "no value", missing.detail
    return "definite" if compiled.is_definite else "matches", value


def _as_text(answer: tuple[str, JSONValue]) -> str:
    return json.dumps(answer)  # keeps 1 and 1.0, true and 1, and the order of keys apart


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=f"{case['group']}-{case['path']}",
            marks=[pytest.mark.xfail(reason=DEVIATIONS[case["path"]])] if case["path"] in DEVIATIONS else [],
        )
        for case in CASES
    ],
)
def test_a_path_answers_as_the_engine_of_step_functions(case: JSONObject) -> None:
    own = _own_answer(case["path"], case["document"])
    assert _as_text(own) == _as_text(_recorded_answer(case))


def test_deviations_are_few_and_all_real() -> None:
    paths = {case["path"] for case in CASES}
    assert set(DEVIATIONS) <= paths
    agreeing = [
        case
        for case in CASES
        if _as_text(_own_answer(case["path"], case["document"])) == _as_text(_recorded_answer(case))
    ]
    assert len(agreeing) == len(CASES) - len(DEVIATIONS) >= 470
