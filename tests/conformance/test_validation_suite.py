"""The labelled definitions of the public asl-validator suite; each deviation has its reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.asl.rules import ERROR
from sfn_notebook.asl.source import read_document
from sfn_notebook.asl.validation import validate

SUITE = Path(__file__).resolve().parents[2].parent / "shared" / "validation" / "asl-validator.json"
CASES: list[dict[str, Any]] = json.loads(SUITE.read_text(encoding="utf-8")) if SUITE.exists() else []

WARNED_ONLY = {
    "invalid-jsonata-surround-syntax-no-spaces.json": (
        "{%10%} is advice (JSONATA_SPACING): published AWS samples have {%$lowercase(...) %} and {% $states.input%}."
    ),
    "invalid-json-surround-syntax-extra-spaces.json": (
        "More blanks than one are advice (JSONATA_SPACING): AWS trims what stands within the delimiters."
    ),
}
"""Cases that the suite calls invalid and that get a WARNING, not an ERROR."""

ADVISED = {
    "valid-task-credentials.json": "CREDENTIALS_ROLE: AWS refuses Credentials without RoleArn in a JSONata state.",
    "valid-map-with-item-batcher-jsonata.json": "QUERY_LANGUAGE_DOWNGRADE: AWS refuses it at the outermost level.",
    "valid-path-array-context.json": "SCRIPT_EXPRESSION: Jayway's current release refuses [(...)].",
    "valid-jsonata.asl.json": "JSONATA_SPACING: two blanks stand inside a delimiter.",
    "valid-map-noconfig.asl.json": "DISTRIBUTED_ONLY: an Inline Map ignores ItemReader and ResultWriter.",
    "valid-map-tolerated.json": "DISTRIBUTED_ONLY: an Inline Map ignores tolerated failures.",
}
"""Cases that the suite calls valid and that get a WARNING."""

pytestmark = pytest.mark.skipif(not CASES, reason=f"the labelled definitions are not here: {SUITE}")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_label_and_validation_agree(case: dict[str, Any]) -> None:
    problems = validate(read_document(case["text"]))
    errors = [str(problem) for problem in problems if problem.severity == ERROR]
    name = case["name"]
    if case["expect"] == "valid":
        assert errors == []
        assert bool(problems) is (name in ADVISED), [str(problem) for problem in problems]
    else:
        assert bool(errors) is (name not in WARNED_ONLY)
        assert problems


def test_score_is_as_good_as_the_best_other_validator() -> None:
    invalid = [case for case in CASES if case["expect"] == "invalid"]
    valid = [case for case in CASES if case["expect"] == "valid"]
    assert (len(invalid), len(valid)) == (50, 62)
    reported = [case for case in invalid if validate(read_document(case["text"]))]
    assert len(reported) == 50
    alarms = [case for case in valid if any(each.severity == ERROR for each in validate(read_document(case["text"])))]
    assert alarms == []
