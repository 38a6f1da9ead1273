"""Tasks on ``apigateway:invoke`` and ``http:invoke``: a request over HTTP and its answer; it picks no place.

Source: developer guide, "Call HTTPS APIs" and "API Gateway"; recorded answers and errors of apigateway.
"""

import base64
import json
import re
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.resources import Integration, Pattern, TaskError, TaskRequest, TaskResult
from sfn_notebook.errors import FeatureNotSupported, InvalidInput
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.aws.calls import Services
from sfn_notebook.integrations.aws.failures import client_errors, refusal_of
from sfn_notebook.integrations.aws.http_exchange import HttpAnswer, HttpRequest, exchange, many, require_secure
from sfn_notebook.integrations.aws.local_rest_api import answer_locally

_ENDPOINT: Final = ("ApiEndpoint", "Method")
_HIDDEN: Final = "***"
_API_HOST: Final = re.compile(r"(?P<api>[A-Za-z0-9]+)\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com")


def _header_faults(parameters: JSONValue) -> tuple[str, ...]:
    """Recorded: every header of a request to API Gateway has a list of values."""
    headers = parameters.get("Headers") if isinstance(parameters, dict) else None
    if headers is None:
        return ()
    is_right = isinstance(headers, dict) and all(isinstance(value, list) for value in headers.values())
    return () if is_right else ("The value of the field 'Headers' has an invalid format",)


def _connection_faults(parameters: JSONValue) -> tuple[str, ...]:
    if isinstance(parameters, dict) and _connection_arn(parameters) is None:
        return ("The field 'ConnectionArn' is required but was missing",)
    return ()


HTTP_INTEGRATIONS: Final = {
    ("apigateway", "invoke"): Integration(
        _ENDPOINT, frozenset({Pattern.REQUEST_RESPONSE, Pattern.CALLBACK}), _header_faults
    ),
    ("http", "invoke"): Integration(_ENDPOINT, frozenset({Pattern.REQUEST_RESPONSE}), _connection_faults),
}
"""The integrations that this module runs."""


def perform_http_task(
    services: Services, registry: FunctionRegistry, request: TaskRequest, request_id: str
) -> TaskResult | TaskError:
    """Make the request at once; functions of ``registry`` answer for APIs that were made locally."""
    if request.plan.resource_type == "http":
        return _call_endpoint(services, request)
    return _call_api(services, registry, request, request_id)


def _call_api(
    services: Services, registry: FunctionRegistry, request: TaskRequest, request_id: str
) -> TaskResult | TaskError:
    parameters = request.parameters
    host = str(parameters["ApiEndpoint"])
    found = _API_HOST.fullmatch(host)
    duration_seconds = 0.0
    if services.is_local and found is not None:
        answer, duration_seconds = answer_locally(services, registry, found["api"], request, request_id)
    elif found is None:
        cause = f"Unable to execute HTTP request: {host}: Name or service not known"
        return TaskError(error="ApiGateway.SdkClientException", cause=cause)
    else:
        stage, path = str(parameters.get("Stage") or ""), str(parameters.get("Path") or "")
        url = "/".join(part.strip("/") for part in (f"https://{host}", stage, path) if part)
        credentials = services.credentials() if parameters.get("AuthType") == "IAM_ROLE" else None
        try:
            answer = exchange(_request(parameters, url), credentials=credentials, region=found["region"])
        except OSError as error:
            return TaskError(error="ApiGateway.SdkClientException", cause=f"Unable to execute HTTP request: {error}")
    if answer.status >= 400:
        return TaskError(error=f"ApiGateway.{answer.status}", cause=answer.text, duration_seconds=duration_seconds)
    return TaskResult(result=answer.as_result(), duration_seconds=duration_seconds)


def _request(parameters: JSONObject, url: str) -> HttpRequest:
    body = parameters.get("RequestBody")
    headers = many(parameters.get("Headers"))
    encoding = (parameters.get("Transform") or {}).get("RequestBodyEncoding", "NONE")
    if encoding == "URL_ENCODED" and isinstance(body, dict):
        content: bytes | None = urlencode({name: _field(value) for name, value in body.items()}, doseq=True).encode()
        content_type = "application/x-www-form-urlencoded"
    else:
        content = None if body is None else _json.dump(body).encode()
        content_type = "application/json"
    if content is not None and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = (content_type,)
    method = str(parameters["Method"]).upper()
    return HttpRequest(
        method=method, url=url, headers=headers, query=many(parameters.get("QueryParameters")), body=content
    )


def _field(value: JSONValue) -> Any:
    if isinstance(value, list):
        return [_field(each) for each in value]
    return value if isinstance(value, str) else _json.dump(value)


def _connection_arn(parameters: JSONObject) -> str | None:
    for name in ("Authentication", "InvocationConfig"):
        value = parameters.get(name)
        if isinstance(value, dict) and isinstance(value.get("ConnectionArn"), str):
            return str(value["ConnectionArn"])
    return None


def _call_endpoint(services: Services, request: TaskRequest) -> TaskResult | TaskError:
    """Call an HTTPS endpoint with the authorisation of an EventBridge connection."""
    parameters = request.parameters
    url = str(parameters["ApiEndpoint"])
    try:
        require_secure(url)
    except InvalidInput as refusal:
        return TaskError(error="States.Runtime", cause=refusal.message)
    client_error, _, _ = client_errors()
    plain = _request(parameters, url)
    try:
        headers, secrets = _authorisation(services, str(_connection_arn(parameters)), request)
    except client_error as error:
        return TaskError(error="Events.ConnectionResource.NotFound", cause=refusal_of(error).message)
    authorised = replace(plain, headers={**plain.headers, **headers})
    try:
        answer = _without(exchange(authorised), secrets)
    except OSError as error:
        # A header that cannot be sent is told as it is.
        return TaskError(error="States.Http.Socket", cause=_hidden(f"{urlsplit(url).hostname}: {error}", secrets))
    if answer.status >= 400:
        return TaskError(error=f"States.Http.StatusCode.{answer.status}", cause=answer.text)
    return TaskResult(result=answer.as_result())


def _authorisation(
    services: Services, connection_arn: str, request: TaskRequest
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The headers that a connection adds to a request, and what of them is secret; it is kept nowhere.

    Raises:
        FeatureNotSupported: For a connection that needs a token first.
    """
    name = connection_arn.partition(":connection/")[2].partition("/")[0]
    connection = services.client("events").describe_connection(Name=name)
    told = services.client("secretsmanager").get_secret_value(SecretId=connection["SecretArn"])["SecretString"]
    secret: dict[str, Any] = json.loads(told)
    match connection.get("AuthorizationType"):
        case "API_KEY":
            key = str(connection["AuthParameters"]["ApiKeyAuthParameters"]["ApiKeyName"])
            value = str(secret.get("api_key_value", ""))
            return {key: (value,)}, (value,)
        case "BASIC":
            password = str(secret.get("password", ""))
            pair = base64.b64encode(f"{secret.get('username', '')}:{password}".encode()).decode()
            return {"Authorization": (f"Basic {pair}",)}, (pair, password)
        case other:
            hint = "Use a connection of the type API_KEY or BASIC."
            raise FeatureNotSupported(f"an HTTP Task's {other} connection", pointer=request.state_pointer, hint=hint)


def _without(answer: HttpAnswer, secrets: tuple[str, ...]) -> HttpAnswer:
    """The answer, should the endpoint have repeated what is secret."""
    headers = {
        _hidden(name, secrets): tuple(_hidden(each, secrets) for each in values)
        for name, values in answer.headers.items()
    }
    return HttpAnswer(status=answer.status, headers=headers, body=_hidden_in(answer.body, secrets))


def _hidden_in(value: JSONValue, secrets: tuple[str, ...]) -> JSONValue:
    match value:
        case dict():
            return {_hidden(name, secrets): _hidden_in(each, secrets) for name, each in value.items()}
        case list():
            return [_hidden_in(each, secrets) for each in value]
        case str():
            return _hidden(value, secrets)
        case _:
            return _HIDDEN if _json.dump(value) in secrets else value


def _hidden(text: str, secrets: tuple[str, ...]) -> str:
    for secret in filter(None, secrets):
        text = text.replace(secret, _HIDDEN)
    return text
