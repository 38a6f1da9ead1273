"""Tasks on the optimised integrations of SQS, SNS, DynamoDB and EventBridge, as AWS answers them; it picks no place.

Source: developer guide, "Integrating optimized services"; recorded answers and errors.
"""

import re
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.resources import Integration, Pattern, TaskError, TaskRequest, TaskResult
from sfn_notebook.integrations.aws.calls import RefusedCallError, Services, UnreachableServiceError, call
from sfn_notebook.integrations.aws.failures import client_failure, family_of, optimised_failure
from sfn_notebook.integrations.aws.payloads import answer_of
from sfn_notebook.integrations.aws.service_names import operation_model

_PLAIN: Final = frozenset({Pattern.REQUEST_RESPONSE})
_WITH_TOKEN: Final = frozenset({Pattern.REQUEST_RESPONSE, Pattern.CALLBACK})

OPTIMISED: Final = {
    ("sqs", "sendMessage"): Integration(("QueueUrl", "MessageBody"), _WITH_TOKEN),
    ("sns", "publish"): Integration(("Message",), _WITH_TOKEN),
    ("events", "putEvents"): Integration(("Entries",), _WITH_TOKEN),
    ("dynamodb", "getItem"): Integration(("TableName", "Key"), _PLAIN),
    ("dynamodb", "putItem"): Integration(("TableName", "Item"), _PLAIN),
    ("dynamodb", "updateItem"): Integration(("TableName", "Key"), _PLAIN),
    ("dynamodb", "deleteItem"): Integration(("TableName", "Key"), _PLAIN),
}
"""The integrations that this module runs."""

_Prepare: TypeAlias = Callable[[TaskRequest, JSONObject], JSONObject]


def _text(value: JSONValue) -> JSONValue:
    """A message: a text as it is, everything else as its JSON; null stays null and is missed by the service."""
    return value if value is None or isinstance(value, str) else _json.dump(value)


def _message(field: str) -> _Prepare:
    def prepare(_request: TaskRequest, parameters: JSONObject) -> JSONObject:
        return parameters | {field: _text(parameters.get(field))}

    return prepare


def _entries(request: TaskRequest, parameters: JSONObject) -> JSONObject:
    """Details as text; AWS names the execution and its machine among the resources of every event."""
    execution = request.execution
    origin = [] if execution is None else [execution.header.machine.arn, execution.arn]
    entries = parameters["Entries"] if isinstance(parameters["Entries"], list) else []
    return parameters | {
        "Entries": [
            {
                **{key: _text(value) if key == "Detail" else value for key, value in entry.items()},
                "Resources": [*(entry.get("Resources") or []), *origin],
            }
            for entry in entries
            if isinstance(entry, dict)
        ]
    }


_PREPARE: Final[Mapping[str, _Prepare]] = {
    "sendMessage": _message("MessageBody"),
    "publish": _message("Message"),
    "putEvents": _entries,
}

_QUEUE_URL: Final = re.compile(r"https?://[^/]+/.+")


def perform_optimised_task(services: Services, request: TaskRequest, request_id: str) -> TaskResult | TaskError:
    """Make the call at once."""
    service, action = request.plan.resource_type, request.plan.action
    operation = operation_model(_SERVICES.get(service, service), action)
    prepare = _PREPARE.get(action)
    parameters = request.parameters if prepare is None else prepare(request, request.parameters)
    queue_url = parameters.get("QueueUrl")
    if isinstance(queue_url, str) and not _QUEUE_URL.fullmatch(queue_url):
        # Recorded: the URL is where the request goes, and a host without queues is a host that is not found.
        host = urlsplit(queue_url).hostname or queue_url
        cause = f"Unable to execute HTTP request: {host}: Name or service not known"
        return TaskError(error="SQS.SdkClientException", cause=cause)
    try:
        answer: Any = call(services, service, operation, parameters)
    except RefusedCallError as error:
        return optimised_failure(service, error.refusal, request_id=request_id)
    except UnreachableServiceError as error:
        return client_failure(family_of(service).prefix, error.__cause__ or error)
    return _answered(request, answer_of(operation.output_shape, answer, spell=str), request_id)


_SERVICES: Final = {"events": "eventbridge"}
"""The service of an optimised integration -> its name in SDK integrations, where they differ."""


def _answered(request: TaskRequest, answer: JSONValue, request_id: str) -> TaskResult | TaskError:
    if request.plan.resource_type != "events":
        return TaskResult(result=answer | _metadata(request, answer, request_id))
    if answer.get("FailedEntryCount"):
        return TaskError(error="EventBridge.FailedEntry", cause=_json.dump(dict(sorted(answer.items()))))
    return TaskResult(result=answer)


_HEADERS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "sqs": ("application/x-amz-json-1.0", {"connection": "keep-alive"}),
    "sns": ("text/xml", {"connection": "keep-alive"}),
    "dynamodb": ("application/x-amz-json-1.0", {"Connection": "keep-alive", "Server": "Server"}),
}
"""Content type and further headers of each service's answers. Source: recorded executions."""


def _metadata(request: TaskRequest, answer: JSONValue, request_id: str) -> JSONObject:
    """What the SDK adds; the instant is the modelled one, so that an output repeats."""
    content_type, further = _HEADERS[request.plan.resource_type]
    headers: JSONObject = {
        **further,
        "Content-Length": str(_json.size_bytes(answer)),
        "Content-Type": content_type,
        "Date": formatdate(request.now_seconds, usegmt=True),
        "x-amzn-RequestId": request_id,
    }
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }
