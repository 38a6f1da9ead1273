"""What the SDK raises, as Error and Cause of a Task, in the two styles that AWS has; it calls nothing.

Optimised integrations speak as the SDK for Java 1 (``SQS.AmazonSQSException``), the others as the SDK for Java 2
(``Sqs.SqsException``). Source: recorded errors.
"""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from sfn_notebook.engine.resources import TaskError
from sfn_notebook.integrations.aws.sdk import sdk_module
from sfn_notebook.integrations.aws.service_names import error_prefix, exception_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A service refused a call: error code and text, the HTTP status, and the modelled error if the code has one."""

    code: str
    message: str
    status: int = 400
    shape: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """How the errors of an optimised integration are named: ``SQS``, ``AmazonSQS``."""

    prefix: str
    service: str

    @property
    def base(self) -> str:
        """The error that has no name of its own."""
        name = self.service.removesuffix("v2")
        return f"{name}Exception"


_FAMILIES: Final = MappingProxyType(
    {
        "athena": Family(prefix="Athena", service="AmazonAthena"),
        "batch": Family(prefix="Batch", service="AWSBatch"),
        "codebuild": Family(prefix="CodeBuild", service="AWSCodeBuild"),
        "dynamodb": Family(prefix="DynamoDB", service="AmazonDynamoDBv2"),
        "ecs": Family(prefix="ECS", service="AmazonECS"),
        "events": Family(prefix="EventBridge", service="AmazonEventBridge"),
        "glue": Family(prefix="Glue", service="AWSGlue"),
        "sagemaker": Family(prefix="SageMaker", service="AmazonSageMaker"),
        "sns": Family(prefix="SNS", service="AmazonSNS"),
        "sqs": Family(prefix="SQS", service="AmazonSQS"),
    }
)


def family_of(resource_type: str) -> Family:
    """The names of an optimised integration's errors; those of others are made after its own name."""
    name = resource_type[:1].upper() + resource_type[1:]
    return _FAMILIES.get(resource_type, Family(prefix=name, service=f"AWS{name}"))


def optimised_failure(resource_type: str, refusal: Refusal, *, request_id: str) -> TaskError:
    """The error of an optimised integration."""
    family, shape = family_of(resource_type), refusal.shape
    name = family.base if shape is None else shape if shape.endswith("Exception") else f"{shape}Exception"
    detail = (
        f"Service: {family.service}; Status Code: {refusal.status}; Error Code: {refusal.code}; "
        f"Request ID: {request_id}; Proxy: null"
    )
    return TaskError(error=f"{family.prefix}.{name}", cause=f"{refusal.message} ({detail})")


_COUNTING: Final = frozenset({"stepfunctions"})
"""Services whose recorded errors tell the number of attempts; those of the others are older."""


def sdk_failure(boto_service: str, refusal: Refusal, *, request_id: str) -> TaskError:
    """The error of an AWS SDK integration."""
    prefix = error_prefix(boto_service)
    name = f"{prefix}Exception" if refusal.shape is None else exception_name(refusal.shape)
    detail = f"Service: {prefix}, Status Code: {refusal.status}, Request ID: {request_id}"
    count = " (SDK Attempt Count: 1)" if boto_service in _COUNTING else ""
    return TaskError(error=f"{prefix}.{name}", cause=f"{refusal.message} ({detail}){count}")


def client_failure(prefix: str, error: BaseException) -> TaskError:
    """The call never reached the service: a host that is not there, a connection that breaks."""
    return TaskError(error=f"{prefix}.SdkClientException", cause=client_text(error))


def client_text(error: BaseException) -> str:
    """Why a call did not reach its service, in the SDK's words."""
    url = str(getattr(error, "kwargs", {}).get("endpoint_url", ""))
    host = urlsplit(url).hostname
    if host is None:
        return f"Unable to execute HTTP request: {error}"
    return f"Unable to execute HTTP request: {host}: {type(error).__name__}"


def refusal_of(error: Any) -> Refusal:
    """What a ``ClientError`` says."""
    told = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    # botocore makes a class of its own of every error that the service's model has.
    modelled = type(error).__name__
    return Refusal(
        code=str(told.get("Code", "")),
        message=str(told.get("Message", "")),
        status=int(status),
        shape=None if modelled == "ClientError" else modelled,
    )


def client_errors() -> tuple[type[Exception], type[Exception], type[Exception]]:
    """ClientError, ParamValidationError and BotoCoreError of botocore."""
    exceptions = sdk_module("botocore.exceptions")
    return exceptions.ClientError, exceptions.ParamValidationError, exceptions.BotoCoreError


_TABLE_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]+")


def unmet_constraint(boto_service: str, shape: Any, parameters: dict[str, Any]) -> Refusal | None:
    """What the service itself would refuse before it looks at anything: a null, a name that cannot be one.

    Source: the texts are recorded ones.
    """
    for name in () if shape is None else shape.required_members:
        if parameters.get(name) is None:
            if boto_service == "sqs":
                return Refusal(code="MissingParameter", message=f"The request must contain the parameter {name}.")
            return _unmet("null", name, "Member must not be null")
    table = parameters.get("TableName")
    if boto_service == "dynamodb" and isinstance(table, str) and not _TABLE_NAME.fullmatch(table):
        return _unmet(
            f"'{table}'", "TableName", f"Member must satisfy regular expression pattern: {_TABLE_NAME.pattern}"
        )
    return None


def _unmet(value: str, name: str, constraint: str) -> Refusal:
    field = name[:1].lower() + name[1:]
    text = f"1 validation error detected: Value {value} at '{field}' failed to satisfy constraint: {constraint}"
    return Refusal(code="ValidationException", message=text)
