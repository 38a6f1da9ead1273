"""HTTP Tasks against a server of our own, and APIs that functions of the notebook answer."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.workspace import Workspace
from tests.integrations.aws.service_workspace import event_types, run_task


class _Shop(BaseHTTPRequestHandler):
    """Tells what it was asked; ``/missing`` is not there."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        told = {"path": self.path, "key": self.headers.get("X-Key"), "type": self.headers["Content-Type"], "body": body}
        answer = json.dumps(told).encode()
        self.send_response(404 if self.path.startswith("/missing") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing: a test's output is for what fails."""


@pytest.fixture
def shop() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Shop)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def _connection(workspace: Workspace) -> str:
    parameters = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "open-sesame"}}
    created = workspace.client("events").create_connection(
        Name="shop", AuthorizationType="API_KEY", AuthParameters=parameters
    )
    return str(created["ConnectionArn"])


def test_an_endpoint_gets_the_body_the_query_and_the_key_and_no_output_shows_the_key(
    workspace: Workspace, shop: str
) -> None:
    parameters = {
        "ApiEndpoint": f"{shop}/orders",
        "Method": "POST",
        "Authentication": {"ConnectionArn": _connection(workspace)},
        "QueryParameters": {"page": 1, "tag": ["a", "b"]},
        "RequestBody": {"id": 7},
    }
    run = run_task(workspace, "http:invoke", parameters)
    assert (run.output["StatusCode"], run.output["StatusText"]) == (200, "OK")
    told = run.output["ResponseBody"]
    assert told["path"] == "/orders?page=1&tag=a&tag=b"
    assert (told["body"], told["type"]) == ('{"id":7}', "application/json")
    # The server was sent the key and sent it back; here it is hidden.
    assert told["key"] == "***"
    assert "open-sesame" not in json.dumps(run.history)


def test_a_body_may_be_sent_as_a_form(workspace: Workspace, shop: str) -> None:
    parameters = {
        "ApiEndpoint": shop,
        "Method": "POST",
        "Authentication": {"ConnectionArn": _connection(workspace)},
        "Transform": {"RequestBodyEncoding": "URL_ENCODED"},
        "RequestBody": {"a": "x y", "b": [1, 2]},
    }
    told = run_task(workspace, "http:invoke", parameters).output["ResponseBody"]
    assert (told["body"], told["type"]) == ("a=x+y&b=1&b=2", "application/x-www-form-urlencoded")


def test_a_status_of_400_or_more_and_a_dead_host_are_errors(workspace: Workspace, shop: str) -> None:
    parameters = {"Method": "POST", "Authentication": {"ConnectionArn": _connection(workspace)}}
    missing = run_task(workspace, "http:invoke", {**parameters, "ApiEndpoint": f"{shop}/missing"})
    assert missing.error == "States.Http.StatusCode.404"
    dead = run_task(workspace, "http:invoke", {**parameters, "ApiEndpoint": "http://127.0.0.1:9/"})
    assert dead.error == "States.Http.Socket"


def test_only_https_and_only_with_a_connection(workspace: Workspace) -> None:
    parameters = {"ApiEndpoint": "http://169.254.169.254/latest", "Method": "GET"}
    without = run_task(workspace, "http:invoke", parameters)
    assert "ConnectionArn" in (without.cause or "")
    assert "TaskScheduled" not in event_types(without)
    arn = _connection(workspace)
    plain = run_task(workspace, "http:invoke", {**parameters, "Authentication": {"ConnectionArn": arn}})
    assert "is no HTTPS endpoint" in (plain.cause or "")
    lost = {"ConnectionArn": "arn:aws:events:us-east-1:123456789012:connection/nothing/1"}
    unknown = run_task(
        workspace, "http:invoke", {**parameters, "ApiEndpoint": "https://x.invalid", "Authentication": lost}
    )
    assert unknown.error == "Events.ConnectionResource.NotFound"


def _api(workspace: Workspace, function: str, path: str, kind: str, method: str = "POST") -> str:
    api = workspace.client("apigateway")
    made = api.create_rest_api(name="shop")["id"]
    parent = api.get_resources(restApiId=made)["items"][0]["id"]
    for part in path.split("/"):
        parent = api.create_resource(restApiId=made, parentId=parent, pathPart=part)["id"]
    api.put_method(restApiId=made, resourceId=parent, httpMethod=method, authorizationType="NONE")
    arn = workspace.account.function_arn(function)
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    uri = "https://shop.example" if kind == "HTTP_PROXY" else uri
    api.put_integration(
        restApiId=made, resourceId=parent, httpMethod=method, type=kind, integrationHttpMethod="POST", uri=uri
    )
    api.create_deployment(restApiId=made, stageName="live")
    return f"{made}.execute-api.us-east-1.amazonaws.com"


def test_a_function_answers_for_a_local_api(workspace: Workspace) -> None:
    workspace.registry.register(LambdaFunction(lambda event: {"got": event}, name="echo"))
    parameters = {
        "ApiEndpoint": _api(workspace, "echo", "orders", "AWS"),
        "Method": "POST",
        "Stage": "live",
        "Path": "orders",
        "RequestBody": {"id": 7},
    }
    run = run_task(workspace, "apigateway:invoke", parameters)
    assert run.output["ResponseBody"] == {"got": {"id": 7}}
    lost = run_task(workspace, "apigateway:invoke", {**parameters, "Path": "nothing"})
    assert (lost.error, lost.cause) == ("ApiGateway.403", '{"message":"Missing Authentication Token"}')
    assert run_task(workspace, "apigateway:invoke", {**parameters, "Stage": "test"}).error == "ApiGateway.403"


def test_a_proxy_gets_lambdas_event_and_chooses_the_status(workspace: Workspace) -> None:
    seen: list[Any] = []

    def handler(event: Any) -> Any:
        seen.append(event)
        return {"statusCode": 201 if event["body"] else 400, "body": json.dumps({"id": event["pathParameters"]["id"]})}

    workspace.registry.register(LambdaFunction(handler, name="handler"))
    parameters = {
        "ApiEndpoint": _api(workspace, "handler", "orders/{id}", "AWS_PROXY", "ANY"),
        "Method": "PUT",
        "Stage": "live",
        "Path": "/orders/7",
        "QueryParameters": {"dry": ["yes"]},
        "RequestBody": {"n": 1},
    }
    run = run_task(workspace, "apigateway:invoke", parameters)
    assert (run.output["StatusCode"], run.output["ResponseBody"]) == (201, {"id": "7"})
    event = seen[0]
    assert (event["httpMethod"], event["path"], event["resource"]) == ("PUT", "/orders/7", "/orders/{id}")
    assert (event["body"], event["queryStringParameters"]) == ('{"n":1}', {"dry": "yes"})
    refused = run_task(workspace, "apigateway:invoke", {**parameters, "RequestBody": None})
    assert refused.error == "ApiGateway.400"


def test_an_integration_that_is_not_done_is_named(workspace: Workspace) -> None:
    endpoint = _api(workspace, "echo", "orders", "HTTP_PROXY")
    parameters = {"ApiEndpoint": endpoint, "Method": "POST", "Stage": "live", "Path": "orders"}
    with pytest.raises(FeatureNotSupported, match="HTTP_PROXY integration"):
        run_task(workspace, "apigateway:invoke", parameters)
