"""How Step Functions names a failed Lambda invocation; it knows nothing of Retry and Catch.

Source: Step Functions developer guide, "Handling errors"; recorded executions.
"""

import json
from typing import Final

from sfn_notebook._json import dump
from sfn_notebook.errors import InternalError
from sfn_notebook.functions.invocation import InvocationResult

UNKNOWN: Final = "Lambda.Unknown"
RESOURCE_NOT_FOUND: Final = "Lambda.ResourceNotFoundException"


def task_error(result: InvocationResult, *, is_compact: bool = True) -> tuple[str, str]:
    """Error name and cause of a Task whose invocation failed: the payload's ``errorType``, and the payload as text.

    Args:
        result: A result with ``function_error``.
        is_compact: JSON without blanks, as ``arn:aws:states:::lambda:invoke`` reports it; ``False`` gives the spacing
            of Lambda's runtime, which a Task with the function's own ARN reports.

    Raises:
        InternalError: If the invocation did not fail.
    """
    if result.function_error is None:
        raise InternalError(f"invocation {result.request_id} did not fail, so it has no error name.")
    text = dump(result.payload) if is_compact else json.dumps(result.payload, ensure_ascii=False)
    error_type = result.payload.get("errorType") if isinstance(result.payload, dict) else None
    if isinstance(error_type, str) and error_type:
        return error_type, text
    reason = "The cause could not be determined because Lambda did not return an error type."
    return UNKNOWN, f"{reason} Returned payload: {text}"


def function_not_found(function_arn: str, request_id: str) -> tuple[str, str]:
    """Error name and cause of a Task that names a function which does not exist."""
    details = (
        "Service: AWSLambda",
        "Status Code: 404",
        "Error Code: ResourceNotFoundException",
        f"Request ID: {request_id}",
        "Proxy: null",
    )
    return RESOURCE_NOT_FOUND, f"Function not found: {function_arn} ({'; '.join(details)})"
