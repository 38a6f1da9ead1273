"""Runs the recorded kinds that are no executions: refused creations, validated definitions, tested states."""

import json
from typing import Any

from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.runtime.ids import Account
from sfn_notebook.workspace.definition_checks import require_creatable, validate_state_machine_definition
from sfn_notebook.workspace.service_errors import ServiceError
from sfn_notebook.workspace.test_state import test_state as run_test_state

Case = dict[str, Any]

ACCOUNT = Account(account_id="111111111111")


def definition_text(case: Case) -> str:
    """The definition as it was sent."""
    text = case.get("definition_text")
    if text is not None:
        return str(text)
    definition = case["definition"]
    return definition if isinstance(definition, str) else json.dumps(definition)


def validate(case: Case) -> dict[str, Any]:
    """CreateStateMachine, which must fail."""
    request = {**case["create_params"], "definition": definition_text(case)}
    existing: dict[str, dict[str, Any]] = {}
    if case.get("needs_prior_calls"):
        # What had been created before is known: the same machine, its definition formatted differently.
        compact = json.dumps(case["definition"], separators=(",", ":"))
        existing[request["name"]] = {**request, "definition": compact}
    try:
        require_creatable(request, existing=existing, account=ACCOUNT)
    except ServiceError as error:
        return {"error_code": error.code, "message": _as_recorded(case, error)}
    return {"error_code": None, "message": None}


def _as_recorded(case: Case, error: ServiceError) -> str:
    """AWS's message, or where the recorder kept the SDK's exception instead, the text of that."""
    if "exception_value" in case["expect"]["response"]:
        return f"An error occurred ({error.code}) when calling the CreateStateMachine operation: {error.message}"
    return error.message


def validate_api(case: Case) -> dict[str, Any]:
    """ValidateStateMachineDefinition."""
    try:
        response = validate_state_machine_definition(
            definition_text(case),
            type=case["params"].get("type", "STANDARD"),
            severity=case["params"].get("severity", "ERROR"),
            max_results=case["params"].get("maxResults", 0),
        )
    except SfnNotebookError as error:
        return {"error_code": type(error).__name__, "message": str(error)}
    return {"response": {**response, "ResponseMetadata": {}}}


def test_state(case: Case, registry: FunctionRegistry) -> dict[str, Any]:
    """TestState."""
    params = case["params"]
    try:
        response = run_test_state(
            definition=params["definition"],
            input=params.get("input", "{}"),
            inspection_level=params.get("inspectionLevel", "INFO"),
            mock=params.get("mock"),
            state_name=params.get("stateName"),
            variables=params.get("variables"),
            context=params.get("context"),
            state_configuration=params.get("stateConfiguration"),
            reveal_secrets=params.get("revealSecrets", False),
            registry=registry,
            account=ACCOUNT,
        )
    except ServiceError as error:
        return {"raised": True, "error_code": error.code, "message": error.message}
    except SfnNotebookError as error:
        return {"raised": True, "error_code": type(error).__name__, "message": str(error)}
    return {"response": response}
