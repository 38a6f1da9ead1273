"""Problems in AWS's words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl import aws_diagnostics
from sfn_notebook.asl.aws_diagnostics import Diagnostic, diagnose, location_of, refusal
from sfn_notebook.asl.rules import ERROR, RULES
from sfn_notebook.asl.source import Document, read_document

PASS = {"Type": "Pass", "End": True}


def machine(state: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, "B": {"Type": "Succeed"}}, **others}


def errors(definition: dict[str, Any], *, is_express: bool = False) -> list[Diagnostic]:
    found = diagnose(Document.from_value(definition), is_express=is_express)
    return [each for each in found if each.severity == ERROR]


SCHEMA = "SCHEMA_VALIDATION_FAILED"
TYPES = "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]"
UNKNOWN = "The value is not a valid resource ARN, or the resource is not available in this region."
ONLY = "is only supported for the"
RULE = {"Variable": "$.a", "IsNull": True, "Next": "Gone"}


@pytest.mark.parametrize(
    ("definition", "code", "message", "place"),
    [
        ({}, SCHEMA, "These fields are required: [States, StartAt]", "/"),
        ({"States": {"A": PASS}}, SCHEMA, "These fields are required: [StartAt]", "/"),
        (machine({"Type": "Task", "Next": "B"}), SCHEMA, "These fields are required: [Resource]", "/States/A"),
        (
            machine({"Type": "Jump", "Next": "B"}),
            SCHEMA,
            f"The field 'Type' should have one of these values: {TYPES}",
            "/States/A/Type",
        ),
        (
            machine({"Type": "Pass", "Next": "B", "TimeoutSeconds": 3}),
            SCHEMA,
            "Field 'TimeoutSeconds' is not supported",
            "/States/A",
        ),
        (
            machine({"Type": "Pass", "Next": "B", "Output": 1}),
            SCHEMA,
            f"The QueryLanguage is set to 'JSONPath', but field 'Output' {ONLY} 'JSONata' QueryLanguage",
            "/States/A",
        ),
        (
            machine({"Type": "Pass", "Next": "B", "ResultPath": "$.x"}, QueryLanguage="JSONata"),
            SCHEMA,
            f"The QueryLanguage is set to 'JSONata', but field 'ResultPath' {ONLY} 'JSONPath' QueryLanguage",
            "/States/A",
        ),
        (
            machine({"Type": "Pass", "Next": "B", "OutputPath": "Test"}),
            SCHEMA,
            "Value must be a valid JSONPath.",
            "/States/A/OutputPath",
        ),
        (
            machine({"Type": "Pass", "Next": "B", "Parameters": {"in": {"x.$": "foo"}}}),
            SCHEMA,
            "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call",
            "/States/A/Parameters/in",
        ),
        (
            machine({"Type": "Wait", "Next": "B", "Timestamp": "tomorrow"}),
            SCHEMA,
            "String does not match RFC3339 timestamp",
            "/States/A/Timestamp",
        ),
        (
            machine({"Type": "Wait", "Next": "B", "Seconds": -1}),
            SCHEMA,
            "Minimum value is 0",
            "/States/A/Seconds",
        ),
        (
            machine({"Type": "Wait", "Next": "B", "Seconds": 1, "SecondsPath": "$.s"}),
            SCHEMA,
            "There should only be one of the following fields: [Seconds, SecondsPath]",
            "/States/A",
        ),
        (
            machine({"Type": "Task", "Next": "B", "Resource": "arn:aws:states:::sqs:receiveMessage"}),
            SCHEMA,
            f"The resource provided arn:aws:states:::sqs:receiveMessage is not recognized. {UNKNOWN}",
            "/States/A/Resource",
        ),
        (
            machine({"Type": "Choice", "Choices": [RULE], "Default": "B"}),
            "MISSING_TRANSITION_TARGET",
            "Missing 'Next' target: Gone",
            "/States/A/Choices[0]/Next",
        ),
        (
            {"StartAt": "A", "States": {"A": PASS, "C": PASS}},
            "MISSING_TRANSITION_TARGET",
            'State "C" is not reachable.',
            "/States/C",
        ),
        (
            machine({"Type": "Pass", "Next": "B", "Output": "{% 1 + %}"}, QueryLanguage="JSONata"),
            "INVALID_JSONATA_EXPRESSION",
            "Unexpected end of expression",
            "/States/A/Output",
        ),
    ],
)
def test_a_problem_has_the_code_the_text_and_the_place_of_aws(
    definition: dict[str, Any], code: str, message: str, place: str
) -> None:
    first = errors(definition)[0]
    assert (first.code, first.message, first.location) == (code, message, place)


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("arn:aws:states:us-east-1:123456789012:activity:a", "Activity ARN"),
        ("arn:aws:states:::states:startExecution.sync:2", "'.sync' service integration"),
        # recorded with the blank
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "'.waitForTaskToken' service integration "),
    ],
)
def test_what_an_express_machine_lacks_is_named(resource: str, reason: str) -> None:
    found = errors(machine({"Type": "Task", "Resource": resource, "Next": "B"}), is_express=True)
    assert [each.message for each in found] == [f"Express state machine does not support {reason}"]
    assert found[0].location == "/States/A/Resource"


def test_an_endless_loop_has_no_place_and_hides_what_is_unreachable() -> None:
    loop = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "Next": "A"}}
    found = errors({"StartAt": "A", "States": loop})
    assert [each.as_json() for each in found] == [
        {"severity": "ERROR", "code": "MISSING_END_STATE", "message": "Workflow has no terminal state"}
    ]
    assert refusal(found) == (
        "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'"
    )


def test_several_problems_are_told_in_one_message() -> None:
    states = {"A": {"Type": "Pass", "Next": "Nowhere at all"}, "B": {"Type": "Wait", "Seconds": -1, "Next": "A"}}
    message = refusal(errors({"StartAt": "B", "States": states}))
    assert message is not None
    assert message.count(" at /States/") == 2
    assert ", SCHEMA_VALIDATION_FAILED: Minimum value is 0" in message
    assert refusal(errors(machine({"Type": "Pass", "Next": "B"}))) is None


def test_warnings_keep_the_codes_of_the_api_reference() -> None:
    found = diagnose(Document.from_value(machine({"Type": "Pass", "Next": "B", "Parameters": {"x": "$.y"}})))
    assert [(each.severity, each.code, each.location) for each in found] == [
        ("WARNING", "NO_DOLLAR", "/States/A/Parameters/x")
    ]


def test_text_that_is_no_object_is_refused_as_json() -> None:
    assert [each.message for each in diagnose(read_document("  "))] == ["Definition must be a valid JSON object"]
    assert [each.message for each in diagnose(read_document("[1]"))] == ["Definition must be a valid JSON object"]
    assert diagnose(read_document('{"StartAt": }'))[0].code == "INVALID_JSON_DESCRIPTION"
    assert diagnose(read_document("StartAt: A\nStates: {A: {Type: Succeed}}")) == ()


def test_a_place_is_written_with_names_as_they_are() -> None:
    definition: dict[str, Any] = {"States": {"a/b~c": {"Branches": [{"States": {}}]}}}
    pointer = "/States/a~1b~0c/Branches/0/States"
    assert location_of(definition, pointer) == "/States/a/b~c/Branches[0]/States"
    assert location_of(definition, "") == "/"


FIELDS = st.sampled_from(
    ["Type", "Next", "End", "Resource", "Retry", "Catch", "Choices", "Branches", "ItemProcessor", "Seconds", "Output",
     "Parameters", "ResultPath", "QueryLanguage", "Label", "MaxConcurrency", "Credentials", "Error", "Timestamp"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "A", "$", "{% $x", "Task", "Map", "Pass", "$.a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=12,
)


@given(st.dictionaries(FIELDS, ANYTHING))
def test_whatever_is_wrong_is_told_in_one_form(state: dict[str, Any]) -> None:
    for each in diagnose(Document.from_value(machine(state)), is_express=True):
        assert each.message
        assert each.code.isupper()
        assert each.location is None or each.location.startswith("/")
        assert "None" not in str(each) or "None" in repr(state)


def test_every_translated_rule_is_a_rule() -> None:
    assert {*aws_diagnostics._TEXTS, *aws_diagnostics._CODES} <= {*RULES}
