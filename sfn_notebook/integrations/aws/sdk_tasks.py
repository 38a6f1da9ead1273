"""Tasks on ``arn:aws:states:::aws-sdk:SERVICE:ACTION``: any call of any service of AWS; it picks no place.

Source: developer guide, "Integrating AWS SDKs"; recorded answers and errors.
"""

from typing import Any, Final

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.resources import Integration, Pattern, TaskError, TaskRequest, TaskResult
from sfn_notebook.integrations.aws.calls import RefusedCallError, Services, UnreachableServiceError, call
from sfn_notebook.integrations.aws.failures import client_failure, sdk_failure
from sfn_notebook.integrations.aws.payloads import answer_of, faults_of
from sfn_notebook.integrations.aws.service_names import boto_name, error_prefix, operation_model

PREFIX: Final = "aws-sdk:"
"""What the resource types of these Tasks begin with."""

_PATTERNS: Final = frozenset({Pattern.REQUEST_RESPONSE, Pattern.CALLBACK})


def sdk_integration(resource_type: str, action: str) -> Integration:
    """What an action requires.

    Raises:
        UnknownName: If AWS has no such service or action, with the nearest names.
        FeatureNotSupported: If the SDK is not installed.
    """
    operation = operation_model(resource_type.removeprefix(PREFIX), action)

    def faults(parameters: JSONValue) -> tuple[str, ...]:
        return tuple(faults_of(operation.input_shape, parameters))

    return Integration((), _PATTERNS, faults)


def perform_sdk_task(services: Services, request: TaskRequest, request_id: str) -> TaskResult | TaskError:
    """Make the call at once; the answer has no metadata of the SDK."""
    service = request.plan.resource_type.removeprefix(PREFIX)
    boto_service, operation = boto_name(service), operation_model(service, request.plan.action)
    try:
        answer: Any = call(services, boto_service, operation, request.parameters)
    except RefusedCallError as error:
        return sdk_failure(boto_service, error.refusal, request_id=request_id)
    except UnreachableServiceError as error:
        return client_failure(error_prefix(boto_service), error.__cause__ or error)
    return TaskResult(result=answer_of(operation.output_shape, answer))
