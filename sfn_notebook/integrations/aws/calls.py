"""One call of an AWS service for a Task, from its parameters to its answer or its refusal; it names no errors."""

from typing import Any, Protocol

from sfn_notebook._json import JSONObject
from sfn_notebook.integrations.aws.failures import Refusal, client_errors, refusal_of, unmet_constraint
from sfn_notebook.integrations.aws.local_deviations import (
    answer_of_aws,
    refusal_of_aws,
    refused_by_aws,
    request_for_moto,
)
from sfn_notebook.integrations.aws.payloads import request_of
from sfn_notebook.integrations.aws.sdk import sdk_module
from sfn_notebook.integrations.aws.service_names import method_name


class Services(Protocol):
    """Who has the clients."""

    @property
    def is_local(self) -> bool:
        """Whether they speak to moto."""

    def client(self, service: str) -> Any:
        """The boto3 client of a service, by boto3's name."""

    def credentials(self) -> Any:
        """Botocore's credentials of the account where the services are."""


class RefusedCallError(Exception):
    """The service refused the call."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class UnreachableServiceError(Exception):
    """The call never reached the service; ``__cause__`` is the SDK's own exception."""


def call(services: Services, boto_service: str, operation: Any, parameters: JSONObject) -> dict[str, Any]:
    """Make the call and return what boto3 returns.

    Args:
        services: Who has the clients.
        boto_service: boto3's name of the service.
        operation: botocore's model of the call.
        parameters: As a Task gives them, see ``payloads.request_of``.

    Raises:
        RefusedCallError: The service refuses.
        UnreachableServiceError: The service does not answer.
    """
    request: dict[str, Any] = request_of(operation.input_shape, parameters) or {}
    refusal = unmet_constraint(boto_service, operation.input_shape, request)
    if refusal is None and services.is_local:
        refusal = refused_by_aws(boto_service, operation.name, request)
    if refusal is not None:
        raise RefusedCallError(refusal)
    if not services.is_local:
        return _call(services, boto_service, operation, request)
    try:
        answer = _call(services, boto_service, operation, request_for_moto(boto_service, operation.name, request))
    except RefusedCallError as error:
        raise RefusedCallError(refusal_of_aws(boto_service, request, error.refusal)) from None
    return answer_of_aws(boto_service, request, answer)


def _call(services: Services, boto_service: str, operation: Any, request: dict[str, Any]) -> dict[str, Any]:
    client_error, invalid_parameters, other_error = client_errors()
    try:
        answer: dict[str, Any] = getattr(services.client(boto_service), method_name(operation))(**request)
    except client_error as error:
        raise RefusedCallError(refusal_of(error)) from None
    except invalid_parameters as error:
        raise RefusedCallError(Refusal(code="ValidationException", message=str(error))) from None
    except sdk_module("botocore.parsers").ResponseParserError:
        message = "The service failed, and its answer cannot be read."
        raise RefusedCallError(Refusal(code="InternalFailure", message=message, status=500)) from None
    except other_error as error:
        raise UnreachableServiceError(str(error)) from error
    return answer
