"""Every Choice rule whose outcome was recorded on AWS, evaluated directly."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.choice import OPERATORS, compile_condition
from sfn_notebook.asl.model import And, Comparison, Condition, Not, Or

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "conformance" / "cases" / "choice_operators.jsonl"
RULE_FIELDS = {"Next", "Comment"}

pytestmark = pytest.mark.skipif(not CASES.exists(), reason=f"the recordings are not here: {CASES}")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    context_object: JSONObject = field(default_factory=dict)
    random: Random = field(default_factory=Random)
    variables: Mapping[str, JSONValue] = field(default_factory=dict)
    states: JSONObject = field(default_factory=dict)
    now_seconds: float = 0.0


def _condition(rule: JSONObject) -> Condition:
    fields = {name: value for name, value in rule.items() if name not in RULE_FIELDS}
    match fields:
        case {"And": list(conditions)}:
            return And(conditions=tuple(map(_condition, conditions)))
        case {"Or": list(conditions)}:
            return Or(conditions=tuple(map(_condition, conditions)))
        case {"Not": dict(condition)}:
            return Not(condition=_condition(condition))
    variable = fields.pop("Variable")
    ((operator, operand),) = fields.items()
    is_path = operator not in OPERATORS
    return Comparison(
        variable=variable, operator=operator.removesuffix("Path"), operand=operand, operand_is_path=is_path
    )


def _recorded() -> Iterator[JSONValue]:
    if CASES.exists():
        for line in CASES.read_text("utf-8").splitlines():
            case = json.loads(line)
            yield pytest.param(case, id=case["id"].split("::")[-1])


@pytest.mark.parametrize("case", list(_recorded()))
def test_a_rule_leads_where_it_led_on_aws(case: JSONObject) -> None:
    definition = case["definition"]
    choice = definition["States"][definition["StartAt"]]
    payload = json.loads(case["input"])
    taken = next(
        (rule["Next"] for rule in choice["Choices"] if compile_condition(_condition(rule))(payload, Surroundings())),
        choice["Default"],
    )
    assert definition["States"][taken]["Result"] == case["expect"]["output"]


def test_all_recordings_were_evaluated() -> None:
    assert len(list(_recorded())) == 307
