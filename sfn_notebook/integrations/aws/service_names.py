"""Step Functions' names of services, actions, fields and errors beside those of AWS's service models; it calls nothing.

Step Functions speaks as the SDK for Java 2 does: ``aws-sdk:sfn:startExecution``, ``Sfn.InvalidTokenException``,
``DbInstanceIdentifier``. Source: developer guide, "Integrating AWS SDKs"; recorded errors; the SDK for Java's naming.
"""

import re
from functools import lru_cache
from typing import Any, Final

from sfn_notebook.errors import UnknownName
from sfn_notebook.integrations.aws.sdk import sdk_module

_UNALIKE: Final = {
    "directoryservicedata": "ds-data",
    "lexmodelsv2": "lexv2-models",
    "lexruntimev2": "lexv2-runtime",
    "costandusagereport": "cur",
    "elasticsearch": "es",
    "pinpointsmsvoice": "sms-voice",
}
"""Services whose name in botocore cannot be told from the one in Step Functions."""

_WORD_BOUNDARIES: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"[^A-Za-z0-9]+", " "),
        (r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 "),  # SESv2
        (r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 "),  # ApiGatewayV2
        (r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " "),  # DynamoDB, IoTSiteWise
        (r"([A-Z]+)([A-Z][a-z])", r"\1 \2"),  # DBInstance
        (r"([0-9])([a-zA-Z])", r"\1 \2"),  # b2bi
    )
)
"""Where the SDK for Java sees the words of a name, one rule after the other. Source: its code generator."""

_REDUNDANT: Final = re.compile(r"^(amazon|aws)|service$", re.IGNORECASE)
"""What the SDK for Java leaves out of a service's name: ``Config Service`` is ``Config``."""


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache(maxsize=1)
def _services() -> dict[str, str]:
    """Step Functions' name of every service that botocore knows -> botocore's."""
    available = sdk_module("botocore.loaders").Loader().list_available_services("service-2")
    aliases = sdk_module("botocore.utils").EVENT_ALIASES
    names = {_squeezed(name): name for name in available}
    names |= {_squeezed(identifier): name for name, identifier in aliases.items() if name in available}
    return names | {name.removesuffix("service"): boto for name, boto in names.items()} | _UNALIKE


def boto_name(service: str) -> str:
    """boto3's name of the service that Step Functions calls ``service``.

    Raises:
        UnknownName: If AWS has no such service, with the nearest names.
    """
    services = _services()
    if service not in services:
        raise UnknownName("service of AWS", service, services)
    return services[service]


@lru_cache(maxsize=64)
def service_model(boto_service: str) -> Any:
    """Botocore's model of a service, by boto3's name."""
    loaded = sdk_module("botocore.loaders").Loader().load_service_model(boto_service, "service-2")
    return sdk_module("botocore.model").ServiceModel(loaded, boto_service)


def operation_model(service: str, action: str) -> Any:
    """Botocore's model of an action, such as ``listSecrets`` of ``secretsmanager``; both as Step Functions has them.

    Raises:
        UnknownName: If there is no such service or action, with the nearest names.
    """
    model = service_model(boto_name(service))
    operations = {name.casefold(): name for name in model.operation_names}
    if action.casefold() not in operations or not action[:1].islower():
        raise UnknownName(f"action of {service}", action, [name[:1].lower() + name[1:] for name in operations.values()])
    return model.operation_model(operations[action.casefold()])


def method_name(operation: Any) -> str:
    """The method of a boto3 client that makes the call."""
    return str(sdk_module("botocore").xform_name(operation.name))


def pascal_case(name: str) -> str:
    """``name`` in words of one capital each: ``DynamoDB`` is ``DynamoDb``, ``ACM PCA`` is ``AcmPca``."""
    for boundary, words in _WORD_BOUNDARIES:
        name = boundary.sub(words, name)
    return "".join(word[:1].upper() + word[1:].lower() for word in name.split())


def field_name(member: str) -> str:
    """A field as Step Functions spells it: ``ARN`` is ``Arn``, ``jobName`` is ``JobName``, ``ETag`` stays.

    Capitals at the beginning but the last before a small letter are one word.
    """
    end = 1
    while end < len(member) and member[end].isupper() and not member[end + 1 : end + 2].islower():
        end += 1
    return member[:1].upper() + member[1:end].lower() + member[end:]


def error_prefix(boto_service: str) -> str:
    """What the names of a service's errors begin with: ``Sfn`` for ``stepfunctions``."""
    return _REDUNDANT.sub("", pascal_case(service_model(boto_service).service_id))


def exception_name(shape: str) -> str:
    """The name of a modelled error: ``NoSuchBucket`` is ``NoSuchBucketException``."""
    return pascal_case(re.sub(r"(Fault|Exception)$", "", shape)) + "Exception"
