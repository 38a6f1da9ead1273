"""Public state machines and the machines that AWS itself accepted: they are read, checked and built without alarm."""

import json
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.rules import ERROR
from sfn_notebook.asl.source import Document, read_document, substitute, substitution_names
from sfn_notebook.asl.validation import validate

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
DEFINITIONS = SHARED / "definitions"
CASES = SHARED / "conformance" / "cases"
FILES = sorted(
    path for path in DEFINITIONS.glob("*") if path.suffix in (".json", ".yaml") and path.name != "index.json"
)

MISPLACED = "step-functions-workflows--shared-fallback-state-jsonata-statemachine-statemachine.asl.json"

needs_definitions = pytest.mark.skipif(not FILES, reason=f"the public state machines are not here: {DEFINITIONS}")
needs_recordings = pytest.mark.skipif(not CASES.exists(), reason=f"the recordings are not here: {CASES}")


def errors(document: Document) -> list[str]:
    return [str(problem) for problem in validate(document) if problem.severity == ERROR]


@needs_definitions
def test_there_are_106_definitions() -> None:
    assert len(FILES) == 106


@needs_definitions
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_public_definition_is_read_checked_and_built(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    document = read_document(text)
    assert document.format == path.suffix.removeprefix(".")
    assert document.problems == ()
    assert errors(document) == []
    definition = parse_definition(document, name=path.stem)
    assert definition.start_at in definition.states
    if document.format == "json":
        assert document.value == json.loads(text)
    filled = substitute(document, dict.fromkeys(substitution_names(document), "filled"))
    assert substitution_names(filled) == ()
    assert errors(filled) == []


@needs_definitions
def test_the_one_public_definition_with_a_misplaced_field_is_named() -> None:
    document = read_document((DEFINITIONS / MISPLACED).read_text(encoding="utf-8"))
    assert "MISPLACED_FIELD" in {problem.rule for problem in validate(document)}


@needs_definitions
def test_warnings_about_public_definitions_are_few() -> None:
    warned = {problem.rule for path in FILES for problem in validate(read_document(path.read_text(encoding="utf-8")))}
    assert warned == {"JSONATA_SPACING", "MISPLACED_FIELD", "UNKNOWN_ERROR_NAME"}


def recorded(*kinds: str) -> list[dict[str, Any]]:
    lines = [line for path in sorted(CASES.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]
    return [case for case in map(json.loads, lines) if case["kind"] in kinds]


def as_document(case: dict[str, Any]) -> Document:
    text = case.get("definition_text")
    if text is None and isinstance(case["definition"], str):
        text = case["definition"]
    return read_document(text) if text is not None else Document.from_value(case["definition"])


@needs_recordings
def test_every_machine_that_aws_ran_is_accepted() -> None:
    cases = recorded("execution", "mocked_execution")
    assert len(cases) > 700
    alarms = {case["id"]: found for case in cases if (found := errors(as_document(case)))}
    assert alarms == {}
    for case in cases:
        parse_definition(as_document(case), name=case["id"])


@needs_recordings
def test_every_definition_that_aws_refused_is_refused() -> None:
    refused = [case for case in recorded("validation") if case["expect"]["error_code"] == "InvalidDefinition"]
    assert len(refused) > 10
    for case in refused:
        kind = case.get("type") or case.get("create_params", {}).get("type", "STANDARD")
        problems = validate(as_document(case), is_express=kind == "EXPRESS")
        found = [problem for problem in problems if problem.severity == ERROR]
        assert found, case["id"]
        place = case["expect"]["message"].rpartition(" at ")[2].rstrip("'")
        assert found[0].pointer.startswith(place) or "not recognized" in case["expect"]["message"], case["id"]


@needs_recordings
def test_answers_of_the_validation_api_agree() -> None:
    for case in recorded("validate_api"):
        is_refused = bool(errors(as_document(case)))
        assert is_refused is (case["expect"]["response"]["result"] == "FAIL"), case["id"]
