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
    "valid-assign.asl.json": "INVALID_VARIABLE_NAME: the guide allows no hyphen in the name of a variable.",
    "valid-map-tolerated.json": "DISTRIBUTED_ONLY: an Inline Map ignores tolerated failures.",
}
"""Cases that the suite calls valid and that get a WARNING."""

LINES: dict[str, dict[int, str]] = {
    "invalid-assign.asl.json": {12: "INVALID_JSONATA"},
    "invalid-cfn-definition-substitutions.json": {7: "INVALID_RESOURCE"},
    "invalid-choice-state-variable.json": {9: "INVALID_PATH"},
    "invalid-choice-state.json": {8: "MISSING_FIELD", 11: "UNKNOWN_FIELD"},
    "invalid-dupe-fields.asl.json": {10: "TEMPLATE_KEY_CONFLICT"},
    "invalid-duplicate-fields-nested.json": {16: "TEMPLATE_KEY_CONFLICT"},
    "invalid-duplicate-fields.json": {10: "TEMPLATE_KEY_CONFLICT"},
    "invalid-error-equals-type.json": {2: "MISSING_TRANSITION_TARGET", 9: "WRONG_TYPE"},
    "invalid-error-equals.json": {8: "MISSING_FIELD", 9: "UNKNOWN_FIELD"},
    "invalid-exercise-ajv-additional-properties.asl.json": {7: "UNKNOWN_FIELD"},
    "invalid-exercise-ajv.asl.json": {7: "INVALID_PATH"},
    "invalid-fail-dupe-cause.json": {8: "EXCLUSIVE_FIELDS"},
    "invalid-fail-dupe-error.json": {8: "EXCLUSIVE_FIELDS"},
    "invalid-inexistant-state.json": {6: "MISSING_TRANSITION_TARGET"},
    "invalid-json-path.json": {
        8: "INVALID_REFERENCE_PATH",
        14: "INVALID_REFERENCE_PATH",
        20: "INVALID_REFERENCE_PATH",
        26: "INVALID_REFERENCE_PATH",
    },
    "invalid-json-surround-syntax-extra-spaces.json": {7: "JSONATA_SPACING"},
    "invalid-jsonata-fields.json": {8: "QUERY_LANGUAGE_FIELD", 9: "QUERY_LANGUAGE_FIELD"},
    "invalid-jsonata-path-fields.asl.json": {16: "QUERY_LANGUAGE_FIELD"},
    "invalid-jsonata-surround-syntax-no-close.json": {7: "INVALID_JSONATA"},
    "invalid-jsonata-surround-syntax-no-open.json": {7: "INVALID_JSONATA"},
    "invalid-jsonata-surround-syntax-no-spaces.json": {7: "JSONATA_SPACING"},
    "invalid-jsonata-syntax-arithmetic.json": {7: "INVALID_JSONATA"},
    "invalid-jsonata-syntax-jsonpath-in-jsonata-surround.json": {7: "INVALID_JSONATA"},
    "invalid-jsonata-syntax-mismatched-parens.json": {7: "INVALID_JSONATA"},
    "invalid-map-distributed.asl.json": {12: "EXCLUSIVE_FIELDS"},
    "invalid-map-dupe-state.json": {14: "DUPLICATE_STATE_NAME"},
    "invalid-map-item-batcher-dupe-subfields.json": {9: "EXCLUSIVE_FIELDS", 11: "EXCLUSIVE_FIELDS"},
    "invalid-map-items.asl.json": {16: "QUERY_LANGUAGE_FIELD"},
    "invalid-map-missing-iterator.json": {5: "MISSING_FIELD"},
    "invalid-map-ob-link.json": {25: "MISSING_TRANSITION_TARGET"},
    "invalid-map-tolerated-value.json": {8: "OUT_OF_RANGE"},
    "invalid-map-tolerated.json": {9: "EXCLUSIVE_FIELDS"},
    "invalid-math-add.json": {8: "INVALID_INTRINSIC"},
    "invalid-missing-terminal-map.json": {14: "NEXT_OR_END"},
    "invalid-missing-terminal-parallel.json": {12: "NEXT_OR_END"},
    "invalid-missing-terminal.json": {4: "NO_TERMINAL_STATE"},
    "invalid-next-with-end.json": {22: "NEXT_OR_END"},
    "invalid-parallel-branch-type.json": {8: "WRONG_TYPE"},
    "invalid-parallel-missing-branches.json": {4: "MISSING_FIELD"},
    "invalid-parallel-ob-link.json": {37: "MISSING_TRANSITION_TARGET"},
    "invalid-payload-template.asl.json": {9: "INVALID_TEMPLATE_VALUE"},
    "invalid-state-name-too-long.json": {9: "STATE_NAME_TOO_LONG"},
    "invalid-task-alias-function.json": {7: "INVALID_RESOURCE", 12: "INVALID_RESOURCE"},
    "invalid-task-credentials-null.json": {8: "WRONG_TYPE"},
    "invalid-task-credentials-object.json": {10: "INVALID_TEMPLATE_VALUE"},
    "invalid-task-heartbeat.json": {16: "EXCLUSIVE_FIELDS"},
    "invalid-task-timout.json": {16: "EXCLUSIVE_FIELDS"},
    "invalid-unreachable-state.json": {8: "UNREACHABLE_STATE"},
    "invalid-variable-result-path.json": {15: "INVALID_REFERENCE_PATH"},
    "invalid-wait-duration.json": {13: "EXCLUSIVE_FIELDS", 19: "EXCLUSIVE_FIELDS"},
}
"""What is wrong with each invalid case, read by a person: line -> rule. Nothing else in the text is an error."""

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


@pytest.mark.parametrize("case", [case for case in CASES if case["expect"] == "invalid"], ids=lambda case: case["name"])
def test_every_mistake_is_reported_at_its_line(case: dict[str, Any]) -> None:
    problems = validate(read_document(case["text"]))
    counted = [each for each in problems if each.severity == ERROR] or problems
    found: dict[int, str] = {}
    for problem in counted:
        found.setdefault(problem.line, problem.rule)
        line = case["text"].splitlines()[problem.line - 1]
        assert 1 <= problem.column <= len(line)
    assert found == LINES[case["name"]]


def test_lines_are_told_of_every_invalid_case() -> None:
    assert set(LINES) == {case["name"] for case in CASES if case["expect"] == "invalid"}
