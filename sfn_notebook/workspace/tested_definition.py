"""Cuts the state under test out of a definition, so that it can be compiled and run alone; it runs nothing.

The states that it leads to are replaced by ends of the branch: TestState tells where the state goes and stops there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.aws_diagnostics import Diagnostic, diagnose, refusal
from sfn_notebook.asl.branches import collect_branches
from sfn_notebook.asl.model import Definition, State
from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.source import Document
from sfn_notebook.asl.transition_rules import transitions
from sfn_notebook.workspace.definition_checks import document_of
from sfn_notebook.workspace.service_errors import ServiceError, validation_error

ALONE: Final = "StateName"
"""What a state is called that came without a machine; recorded."""

_AGAIN: Final = " (again)"


@dataclass(frozen=True, kw_only=True, slots=True)
class TestedDefinition:
    """The state under test as a machine of its own."""

    __test__ = False

    state: State
    definition: Definition
    written: JSONObject

    def next_state(self, name: str | None) -> str | None:
        """The state that the definition names where the cut-out machine went to ``name``."""
        return None if name is None else name.removesuffix(_AGAIN) if name == f"{self.state.name}{_AGAIN}" else name


def tested_definition(definition: str | Mapping[str, Any], state_name: str | None) -> TestedDefinition:
    """Find and cut out the state.

    Args:
        definition: A state, or with ``state_name`` a whole machine.
        state_name: A state of the machine, a nested one too.

    Raises:
        ServiceError: InvalidDefinition, or ValidationException for a state that is not there.
    """
    document = document_of(definition)
    value = document.value
    is_machine = isinstance(value, dict) and "Type" not in value and (state_name is not None or "States" in value)
    if not isinstance(value, dict) or is_machine:
        _require_valid(diagnose(document))
    if is_machine:
        name, written = _find(value, state_name)
    else:
        name, written = state_name or ALONE, value
    alone = _alone(name, written, value.get("QueryLanguage") if is_machine else None)
    if not is_machine:
        _require_valid(_within_state(each, name) for each in diagnose(Document.from_value(alone)))
    parsed = parse_definition(alone, name=name)
    return TestedDefinition(state=parsed.states[name], definition=parsed, written=written)


def _find(machine: JSONObject, name: str | None) -> tuple[str, JSONObject]:
    if name is None:
        raise validation_error("A state name must be specified when a state machine definition is provided.")
    for site in collect_branches(machine):
        if name in site.states:
            return name, site.states[name]
    raise validation_error(f"State '{name}' does not exist in the state machine definition.")


def _alone(name: str, state: JSONObject, language: JSONValue) -> JSONObject:
    targets = {target for _, target, _ in transitions(state, "")}
    ends: JSONObject = {f"{name}{_AGAIN}" if each == name else each: {"Type": "Succeed"} for each in sorted(targets)}
    machine: JSONObject = {"StartAt": name, "States": {name: _rewired(state, name), **ends}}
    return machine if language is None else {**machine, "QueryLanguage": language}


def _rewired(state: JSONObject, name: str) -> JSONObject:
    """The state with transitions to itself led elsewhere, so that it runs once."""

    def led(entry: JSONValue) -> JSONValue:
        if not isinstance(entry, dict):
            return entry
        return {key: f"{name}{_AGAIN}" if key in ("Next", "Default") and each == name else each
                for key, each in entry.items()}  # fmt: skip

    rewired: JSONObject = led(state)
    for field in ("Choices", "Catch"):
        if isinstance(rewired.get(field), list):
            rewired[field] = [led(entry) for entry in rewired[field]]
    return rewired


def _within_state(diagnostic: Diagnostic, name: str) -> Diagnostic:
    """The place within the state that was given alone."""
    location = diagnostic.location
    if location is not None:
        location = location.removeprefix(f"/States/{name}") or "/"
    return Diagnostic(severity=diagnostic.severity, code=diagnostic.code, message=diagnostic.message, location=location)


def _require_valid(diagnostics: Any) -> None:
    message = refusal(diagnostics)
    if message is not None:
        raise ServiceError("InvalidDefinition", message)
