"""ValidateStateMachineDefinition and what CreateStateMachine refuses, in AWS's words; it makes no machine.

Source: Step Functions API reference and recorded answers.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.asl.aws_diagnostics import diagnose, refusal
from sfn_notebook.asl.rules import ERROR
from sfn_notebook.asl.source import Document, read_document
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, Account
from sfn_notebook.workspace.service_errors import ServiceError, validation_error

MAX_RESULTS: Final = 100
"""The most diagnostics of one answer, and as many without ``max_results``. Source: API reference."""

_TYPES: Final = ("STANDARD", "EXPRESS")
_SEVERITIES: Final = ("ERROR", "WARNING")
_NAME: Final = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
_COMPARED: Final = ("definition", "type", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")
"""What makes a second CreateStateMachine of a name the same one. Source: API reference, CreateStateMachine."""


def validate_state_machine_definition(
    definition: str | Mapping[str, Any], *, type: str = "STANDARD", severity: str = "ERROR", max_results: int = 0
) -> JSONObject:
    """Validate a definition as ValidateStateMachineDefinition does.

    Args:
        definition: JSON or YAML text, or a dictionary.
        type: ``STANDARD`` or ``EXPRESS``.
        severity: ``WARNING`` for warnings too.
        max_results: 0 to 100; 0 is 100.

    Returns:
        ``result`` (OK or FAIL), ``diagnostics`` (``severity``, ``code``, ``message`` and mostly ``location``) and
        ``truncated``, whether there were more.

    Raises:
        ServiceError: ValidationException, for an option that has no such value.
    """
    _require_member("type", type, _TYPES)
    _require_member("severity", severity, _SEVERITIES)
    if not 0 <= max_results <= MAX_RESULTS:
        limit = "greater than or equal to 0" if max_results < 0 else f"less than or equal to {MAX_RESULTS}"
        raise validation_error(_constraint("maxResults", max_results, f"Member must have value {limit}"))
    found = diagnose(document_of(definition), is_express=type == "EXPRESS")
    is_refused = any(each.severity == ERROR for each in found)
    listed = [each for each in found if severity == "WARNING" or each.severity == ERROR]
    shown = listed[: max_results or MAX_RESULTS]
    return {
        "result": "FAIL" if is_refused else "OK",
        "diagnostics": [each.as_json() for each in shown],
        "truncated": len(shown) < len(listed),
    }


def document_of(definition: str | Mapping[str, Any]) -> Document:
    """The definition as a document."""
    return read_document(definition) if isinstance(definition, str) else Document.from_value(dict(definition))


def require_creatable(
    request: Mapping[str, Any],
    *,
    existing: Mapping[str, Mapping[str, Any]],
    log_groups: Collection[str] = (),
    account: Account = DEFAULT_ACCOUNT,
) -> None:
    """Refuse what CreateStateMachine refuses.

    Args:
        request: The parameters of the call, with boto3's names.
        existing: The requests that made the machines that there are, by name.
        log_groups: ARNs of the log groups that there are, without ``:*``.
        account: Whose machine it becomes.

    Raises:
        ServiceError: InvalidName, ValidationException, InvalidDefinition, InvalidLoggingConfiguration or
            StateMachineAlreadyExists.
    """
    name = request["name"]
    if not _NAME.fullmatch(name):
        raise ServiceError("InvalidName", f"Invalid Name: '{name}'")
    kind = request.get("type") or "STANDARD"
    _require_member("type", kind, _TYPES)
    if request.get("versionDescription") and not request.get("publish"):
        raise validation_error("Version description can only be set when publish is true")
    _require_logging(request.get("loggingConfiguration"), log_groups)
    message = refusal(diagnose(document_of(request["definition"]), is_express=kind == "EXPRESS"))
    if message is not None:
        raise ServiceError("InvalidDefinition", message)
    if name in existing and _identity(existing[name]) != _identity(request):
        arn = account.state_machine_arn(name)
        raise ServiceError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")


def _require_member(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        constraint = f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        raise validation_error(_constraint(field, value, constraint))


def _constraint(field: str, value: object, constraint: str) -> str:
    return f"1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {constraint}"


def _require_logging(configuration: Mapping[str, Any] | None, log_groups: Collection[str]) -> None:
    """Logging that is not off goes to exactly one log group, and that one exists."""
    if configuration is None or configuration.get("level", "OFF") == "OFF":
        return
    destinations = configuration.get("destinations") or []
    if len(destinations) != 1:
        raise _logging_error("Must specify exactly one Log Destination.")
    arn = (destinations[0].get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", "")
    if arn.removesuffix(":*") not in log_groups:
        raise _logging_error("Log Destination not found.")


def _logging_error(detail: str) -> ServiceError:
    return ServiceError("InvalidLoggingConfiguration", f"Invalid Logging Configuration: {detail}")


def _identity(request: Mapping[str, Any]) -> tuple[object, ...]:
    """What AWS compares: the definition as text, so another formatting of it is another definition (recorded)."""
    values = (request.get(name) for name in _COMPARED)
    return tuple(value if value is None or isinstance(value, str) else _json.dump(value) for value in values)
