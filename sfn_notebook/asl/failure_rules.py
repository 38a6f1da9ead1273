"""Checks of Retry, Catch, timeouts and credentials, beyond what the field tables say."""

from typing import Final

from sfn_notebook._json import JSONObject, JSONValue, is_number
from sfn_notebook.asl.error_names import ALL, RESERVED_ERROR_NAMES, RESERVED_PREFIX
from sfn_notebook.asl.expression_rules import check_template, is_jsonata_string
from sfn_notebook.asl.findings import Findings, Site
from sfn_notebook.asl.rules import ERROR, WARNING
from sfn_notebook.asl.spans import child_pointer

_HTTP_STATUS_PREFIX: Final = "States.Http.StatusCode."


def check_error_names(site: Site) -> None:
    """``ErrorEquals``: States.ALL alone, reserved names known."""
    names = [name for name in site.value if isinstance(name, str)] if isinstance(site.value, list) else []
    if ALL in names and len(names) > 1:
        hint = f'It matches every name: write ["{ALL}"], or remove it.'
        site.report("STATES_ALL_ALONE", f"{ALL} must stand alone.", hint)
    for index, name in enumerate(names):
        is_known = name in RESERVED_ERROR_NAMES or name.startswith(_HTTP_STATUS_PREFIX)
        if name.startswith(RESERVED_PREFIX) and not is_known:
            hint = site.findings.suggestion(name, RESERVED_ERROR_NAMES) or 'Only reserved names begin with "States.".'
            site.element(index, name).report("UNKNOWN_ERROR_NAME", f"No error is named {name}.", hint)


def check_all_is_last(site: Site) -> None:
    """States.ALL catches everything, so that no entry after it could match."""
    entries = site.value if isinstance(site.value, list) else []
    for index, entry in enumerate(entries[:-1]):
        names = entry.get("ErrorEquals") if isinstance(entry, dict) else None
        if isinstance(names, list) and ALL in names:
            pointer = child_pointer(child_pointer(site.pointer, index), "ErrorEquals")
            message = f"{ALL} matches every error, so that the entries after this one are never used."
            site.findings.add("STATES_ALL_LAST", pointer, message, f'Move it to the end of "{site.name}".')


def check_heartbeat(findings: Findings, state: JSONObject, pointer: str) -> None:
    """A heartbeat that is not shorter than the timeout could never be missed first."""
    timeout: JSONValue = state.get("TimeoutSeconds")
    heartbeat: JSONValue = state.get("HeartbeatSeconds")
    if is_number(timeout) and is_number(heartbeat) and heartbeat >= timeout:
        message = f'"HeartbeatSeconds" ({heartbeat}) must be smaller than "TimeoutSeconds" ({timeout}).'
        findings.add(
            "HEARTBEAT_BELOW_TIMEOUT", child_pointer(pointer, "HeartbeatSeconds"), message, "Shorten the heartbeat."
        )


def check_credentials(site: Site) -> None:
    """An object with ``RoleArn``, or a JSONata string that makes one."""
    if site.scope.is_jsonata and is_jsonata_string(site.value):
        check_template(site)
        return
    if not isinstance(site.value, dict):
        site.wrong_type("an object", 'Write {"RoleArn": "arn:aws:iam::...:role/..."}.')
        return
    check_template(site)
    if "RoleArn" not in site.value and "RoleArn.$" not in site.value:
        # AWS was recorded to refuse this in a JSONata state; the language leaves the fields of Credentials open.
        severity = ERROR if site.scope.is_jsonata else WARNING
        site.report("CREDENTIALS_ROLE", '"Credentials" needs "RoleArn".', "Name the role to assume.", severity=severity)
