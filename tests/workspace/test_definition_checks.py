"""ValidateStateMachineDefinition and the refusals of CreateStateMachine."""

from typing import Any

import pytest

from sfn_notebook.workspace.definition_checks import require_creatable, validate_state_machine_definition
from sfn_notebook.workspace.service_errors import ServiceError

FINE = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/orders"


def request(**others: Any) -> dict[str, Any]:
    return {"name": "orders", "definition": FINE, "roleArn": "arn:aws:iam::123456789012:role/r", **others}


def logging_to(*arns: str, level: str = "ALL") -> dict[str, Any]:
    return {"level": level, "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{arn}:*"}} for arn in arns]}


def test_a_sound_definition_is_ok() -> None:
    assert validate_state_machine_definition(FINE) == {"result": "OK", "diagnostics": [], "truncated": False}


def test_warnings_are_told_on_request_and_refuse_nothing() -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"x": "$.y"}, "End": True}}}
    assert validate_state_machine_definition(definition)["diagnostics"] == []
    answer = validate_state_machine_definition(definition, severity="WARNING")
    assert answer["result"] == "OK"
    assert [each["code"] for each in answer["diagnostics"]] == ["NO_DOLLAR"]


def test_more_than_the_wanted_diagnostics_are_cut_off() -> None:
    states = {f"S{index}": {"Type": "Wait", "Seconds": -1, "End": True} for index in range(5)}
    definition = {"StartAt": "S0", "States": states}
    answer = validate_state_machine_definition(definition, max_results=2)
    assert (answer["result"], len(answer["diagnostics"]), answer["truncated"]) == ("FAIL", 2, True)
    assert validate_state_machine_definition(definition)["truncated"] is False


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            {"max_results": 101},
            "Value '101' at 'maxResults' failed to satisfy constraint: .* less than or equal to 100",
        ),
        ({"max_results": -1}, "greater than or equal to 0"),
        ({"type": "FAST"}, r"Value 'FAST' at 'type' .* enum value set: \[STANDARD, EXPRESS\]"),
        ({"severity": "INFO"}, r"enum value set: \[ERROR, WARNING\]"),
    ],
)
def test_an_option_outside_its_values_is_refused(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ServiceError, match=complaint) as caught:
        validate_state_machine_definition(FINE, **options)
    assert caught.value.code == "ValidationException"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"name": "or ders"}, "InvalidName", "Invalid Name: 'or ders'"),
        (
            {"versionDescription": "first"},
            "ValidationException",
            "Version description can only be set when publish is true",
        ),
        (
            {"loggingConfiguration": {"level": "ERROR"}},
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        (
            {"loggingConfiguration": logging_to(GROUP, f"{GROUP}-2")},
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Must specify exactly one Log Destination.",
        ),
        (
            {"loggingConfiguration": logging_to(f"{GROUP}-2")},
            "InvalidLoggingConfiguration",
            "Invalid Logging Configuration: Log Destination not found.",
        ),
        (
            {"definition": "{}"},
            "InvalidDefinition",
            (
                "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: "
                "These fields are required: [States, StartAt] at /'"
            ),
        ),
    ],
)
def test_a_creation_is_refused_with_the_code_and_text_of_aws(changes: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        require_creatable(request(**changes), existing={}, log_groups=[GROUP])
    assert (caught.value.code, caught.value.message) == (code, message)


def test_what_is_complete_is_creatable() -> None:
    complete = request(loggingConfiguration=logging_to(GROUP), publish=True, versionDescription="first")
    require_creatable(complete, existing={}, log_groups=[GROUP])
    require_creatable(request(loggingConfiguration={"level": "OFF"}), existing={})


def test_the_same_machine_again_is_fine_but_not_another_of_its_name() -> None:
    existing = {"orders": request()}
    require_creatable(request(roleArn="arn:aws:iam::123456789012:role/other"), existing=existing)
    with pytest.raises(ServiceError, match=r"State Machine Already Exists: 'arn:aws:states:.*:stateMachine:orders'"):
        require_creatable(request(definition=FINE.replace(" ", "")), existing=existing)
