"""Every intrinsic function call whose result was recorded on AWS."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.intrinsics import compile_intrinsic
from sfn_notebook.errors import ExpressionSyntaxError

RECORDED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "intrinsics-recorded.json"

pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason=f"the recorded calls are not here: {RECORDED}")

RECORDINGS: JSONObject = (
    json.loads(RECORDED.read_text("utf-8"))
    if RECORDED.exists()
    else {"jsonpath_cases": [], "failures": [], "masked": []}
)
NAME = "order-flow-7"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    context_object: JSONObject
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(7))
    states: JSONObject = field(default_factory=dict)
    now_seconds: float = 0.0


def _surroundings(case: JSONObject) -> Surroundings:
    context_object = {
        "Execution": {"Input": case.get("input"), "Name": NAME},
        "StateMachine": {"Id": f"arn:{NAME}", "Name": NAME},
    }
    return Surroundings(context_object=context_object, variables=case.get("variables", {}))


@pytest.mark.parametrize("case", [pytest.param(each, id=each["expression"]) for each in RECORDINGS["jsonpath_cases"]])
def test_a_call_gives_the_recorded_result(case: JSONObject) -> None:
    evaluate = compile_intrinsic(case["expression"])
    result = evaluate(case.get("input"), _surroundings(case))
    assert _json.equal(result, case["expected"])
    assert type(result) is type(case["expected"])


@pytest.mark.parametrize("case", [each for each in RECORDINGS["failures"] if each["language"] == "JSONPath"])
def test_what_aws_refused_to_create_is_refused_with_its_column(case: JSONObject) -> None:
    with pytest.raises(ExpressionSyntaxError, match="escape") as caught:
        compile_intrinsic(case["expression"])
    assert case["expression"][caught.value.column - 1] == "\\"


MASKED: Mapping[str, str] = {
    "RandomNumberGenerated": r"-?\d+",
    "generated-uuid": r'"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"',
    "<ArnPart_0idx>": r'"(order|7)"',
}


@pytest.mark.parametrize("case", RECORDINGS["masked"], ids=lambda case: case["expression"])
def test_a_call_whose_result_the_recorder_hid_gives_a_result_of_that_form(case: JSONObject) -> None:
    result = compile_intrinsic(case["expression"])(case["input"], _surroundings(case))
    shown = f"Formatting arguments fst={NAME} and snd={{Id=arn:{NAME}, Name={NAME}}}."
    expected = MASKED.get(case["result"], re.escape(_json.dump(shown)))
    assert re.fullmatch(expected, _json.dump(result))
