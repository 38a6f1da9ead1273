"""REST APIs that were made in the local API Gateway, answered by functions of the notebook; nothing is sent anywhere.

moto keeps what an API consists of and answers no request to it. Source: API Gateway developer guide, "Lambda custom
integrations" and "Input format of a Lambda function for proxy integration"; recorded answers.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.engine.resources import TaskRequest
from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.functions.invocation import InvocationResult, invoke
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.aws.calls import Services
from sfn_notebook.integrations.aws.failures import client_errors
from sfn_notebook.integrations.aws.http_exchange import HttpAnswer, body_of, many
from sfn_notebook.runtime.clock import stopwatch

_FUNCTION_IN_URI: Final = re.compile(r"functions/(?P<arn>arn:[^/]+)/invocations")
_VARIABLE: Final = re.compile(r"\\\{(?P<name>[A-Za-z0-9_.:-]+)(?P<greedy>\\\+)?\\\}")
_TYPE: Final = {"Content-Type": ("application/json",)}


def answer_locally(
    services: Services, registry: FunctionRegistry, api_id: str, request: TaskRequest, request_id: str
) -> tuple[HttpAnswer, float]:
    """What the API answers, and the modelled seconds that its function took.

    Raises:
        FeatureNotSupported: If the method's integration is no function and no mock, or maps templates.
    """
    parameters = request.parameters
    api = services.client("apigateway")
    client_error, _, _ = client_errors()
    try:
        api.get_stage(restApiId=api_id, stageName=str(parameters.get("Stage") or ""))
        resources = api.get_resources(restApiId=api_id, embed=["methods"], limit=500)["items"]
    except client_error:
        return _refused(403, "Forbidden"), 0.0
    path = "/" + str(parameters.get("Path") or "").strip("/")
    for resource, variables in _matching(resources, path):
        methods = resource.get("resourceMethods") or {}
        method = methods.get(str(parameters["Method"]).upper()) or methods.get("ANY")
        if method is not None:
            integration = method.get("methodIntegration") or {}
            event = _proxy_event(request, resource["path"], variables, request_id)
            return _integrated(registry, integration, request, event)
    # Recorded: API Gateway says this of any path or method that it does not have.
    return _refused(403, "Missing Authentication Token"), 0.0


def _refused(status: int, message: str) -> HttpAnswer:
    return HttpAnswer(status=status, headers=_TYPE, body={"message": message})


def _matching(resources: list[Any], path: str) -> Iterator[tuple[Any, dict[str, str]]]:
    """The resources that a path leads to, those with the fewest variables first."""
    for resource in sorted(resources, key=lambda each: (each["path"].count("{"), "+}" in each["path"])):
        template = re.escape(resource["path"])
        pattern = _VARIABLE.sub(lambda found: "(.+)" if found["greedy"] else "([^/]+)", template)
        match = re.fullmatch(pattern, path)
        if match is not None:
            names = [found["name"] for found in _VARIABLE.finditer(template)]
            yield resource, dict(zip(names, match.groups(), strict=True))


def _integrated(
    registry: FunctionRegistry, integration: Mapping[str, Any], request: TaskRequest, proxy_event: JSONObject
) -> tuple[HttpAnswer, float]:
    kind = integration.get("type")
    found = _FUNCTION_IN_URI.search(str(integration.get("uri") or ""))
    if kind == "MOCK":
        return HttpAnswer(status=200, headers=_TYPE, body={}), 0.0
    if kind not in ("AWS", "AWS_PROXY") or found is None or integration.get("requestTemplates"):
        hint = "Integrate a function of the notebook, as AWS_PROXY, or as AWS without request templates."
        raise FeatureNotSupported(f"an API's {kind} integration", pointer=request.state_pointer, hint=hint)
    function = registry.get(found["arn"])
    if function is None:
        return _refused(500, "Internal server error"), 0.0
    body = request.parameters.get("RequestBody")
    is_proxy = kind == "AWS_PROXY"
    # Recorded: a body of null arrives as {}.
    event = proxy_event if is_proxy else {} if body is None else body
    request_id = proxy_event["requestContext"]["requestId"]
    invoked = invoke(function, event, request_id=request_id, stopwatch=stopwatch, is_payload=True)
    return _proxied(invoked) if is_proxy else _passed_on(invoked), invoked.duration_seconds


def _proxy_event(request: TaskRequest, resource_path: str, variables: Mapping[str, str], request_id: str) -> JSONObject:
    parameters = request.parameters
    headers, query = many(parameters.get("Headers")), many(parameters.get("QueryParameters"))
    body = parameters.get("RequestBody")
    return {
        "resource": resource_path,
        "path": "/" + str(parameters.get("Path") or "").strip("/"),
        "httpMethod": str(parameters["Method"]).upper(),
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": {name: list(values) for name, values in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": {name: list(values) for name, values in query.items()} or None,
        "pathParameters": dict(variables) or None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": str(parameters["Method"]).upper(),
            "requestId": request_id,
            "resourcePath": resource_path,
            "stage": parameters.get("Stage"),
        },
        "body": body if body is None or isinstance(body, str) else _json.dump(body),
        "isBase64Encoded": False,
    }


def _passed_on(invoked: InvocationResult) -> HttpAnswer:
    """A custom integration passes on what the function returned, an error too, with a status of 200."""
    # With the spacing of Lambda's runtime, which is what API Gateway counts (recorded).
    size = len(json.dumps(invoked.payload, ensure_ascii=False).encode())
    return HttpAnswer(status=200, headers={"Content-Length": (str(size),), **_TYPE}, body=invoked.payload)


def _proxied(invoked: InvocationResult) -> HttpAnswer:
    answer = invoked.payload
    status = answer.get("statusCode", 200) if isinstance(answer, dict) else None
    if invoked.function_error is not None or not isinstance(status, int):
        return _refused(502, "Internal server error")
    body = answer.get("body", "")
    headers = many(answer.get("headers")) | many(answer.get("multiValueHeaders"))
    return HttpAnswer(
        status=status, headers=_TYPE | headers, body=body_of(body.encode()) if isinstance(body, str) else ""
    )
