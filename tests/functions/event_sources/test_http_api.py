import base64
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.functions.event_sources.http_api import HttpApi
from sfn_notebook.functions.event_sources.http_routes import Route
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT


class Front:
    """APIs before one function, which notes its events and returns what it was told to return."""

    def __init__(self, registry: FunctionRegistry, service: LambdaService) -> None:
        self._registry = registry
        self._service = service
        self.events: list[dict[str, Any]] = []
        self.result: Any = None

    def api(self, kind: str = "http", route: str = "ANY /{proxy+}", **settings: Any) -> HttpApi:
        def handle(event: dict[str, Any]) -> Any:
            self.events.append(event)
            if isinstance(self.result, Exception):
                raise self.result
            return self.result

        media_types = settings.pop("binary_media_types", ())
        self._registry.lambda_function(name="handle", **settings)(handle)
        return HttpApi(
            "shop",
            {route: "handle"},
            kind=kind,
            account=DEFAULT_ACCOUNT,
            invoke=self._service.invoke,
            now=self._service.now,
            binary_media_types=media_types,
        )


@pytest.fixture
def front(registry: FunctionRegistry, service: LambdaService) -> Front:
    return Front(registry, service)


def _trace_of(context: dict[str, Any]) -> str:
    """X-Ray's header: the second in which it began, and 24 digits of its own."""
    return f"Root=1-{1767225600:x}-{context['requestId'].replace('-', '')[:24]}"


def test_payload_2_of_an_http_api(front: Front) -> None:
    api = front.api(route="POST /orders/{id}")
    api.request(
        "post",
        "/orders/a%20b?x=1&x=2&y=",
        headers={"X-Kind": ["gift", "sale"], "Cookie": "a=1; b=2", "User-Agent": "test"},
        json={"n": 1},
    )
    (event,) = front.events
    context = event.pop("requestContext")
    assert event == {
        "version": "2.0",
        "routeKey": "POST /orders/{id}",
        "rawPath": "/orders/a%20b",
        "rawQueryString": "x=1&x=2&y=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "content-length": "7",
            "content-type": "application/json",
            "host": context["domainName"],
            "user-agent": "test",
            "x-amzn-trace-id": _trace_of(context),
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "x-kind": "gift,sale",
        },
        "queryStringParameters": {"x": "1,2", "y": ""},
        "pathParameters": {"id": "a b"},
        "body": '{"n":1}',
        "isBase64Encoded": False,
    }
    assert context["http"] == {
        "method": "POST",
        "path": "/orders/a%20b",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "test",
    }
    assert (context["stage"], context["routeKey"]) == ("$default", "POST /orders/{id}")
    assert (context["time"], context["timeEpoch"]) == ("01/Jan/2026:00:00:00 +0000", 1767225600000)
    assert context["domainName"] == f"{context['apiId']}.execute-api.us-east-1.amazonaws.com"


def test_payload_2_leaves_out_what_is_not_there(front: Front) -> None:
    front.api("function-url", "$default").request("GET", "/")
    (event,) = front.events
    assert list(event) == [
        *("version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded")
    ]
    assert event["routeKey"] == "$default"
    assert event["requestContext"]["accountId"] == "anonymous"
    assert ".lambda-url.us-east-1.on.aws" in event["requestContext"]["domainName"]


def test_payload_1_of_a_rest_api(front: Front) -> None:
    front.api("rest", "GET /orders/{id}").request("GET", "/orders/7?x=1&x=2", headers={"X-Kind": ["gift", "sale"]})
    (event,) = front.events
    context = event.pop("requestContext")
    seen = event.pop("multiValueHeaders")
    assert seen == {
        "Host": [context["domainName"]],
        "User-Agent": ["sfn_notebook"],
        "X-Amzn-Trace-Id": [_trace_of(context)],
        "X-Forwarded-For": ["127.0.0.1"],
        "X-Forwarded-Port": ["443"],
        "X-Forwarded-Proto": ["https"],
        "X-Kind": ["gift", "sale"],
    }
    assert event == {
        "resource": "/orders/{id}",
        "path": "/orders/7",
        "httpMethod": "GET",
        "headers": {name: values[-1] for name, values in seen.items()},
        "queryStringParameters": {"x": "2"},
        "multiValueQueryStringParameters": {"x": ["1", "2"]},
        "pathParameters": {"id": "7"},
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
    }
    assert (context["path"], context["stage"], context["resourcePath"]) == ("/prod/orders/7", "prod", "/orders/{id}")
    assert context["identity"]["sourceIp"] == "127.0.0.1"


def test_bytes_go_in_and_come_out_in_base64(front: Front) -> None:
    front.result = {"statusCode": 200, "body": base64.b64encode(b"\x00\xff").decode(), "isBase64Encoded": True}
    assert front.api().request("POST", "/x", body=b"\xff\x00").body == b"\x00\xff"
    assert front.events[0]["isBase64Encoded"] is True
    assert base64.b64decode(front.events[0]["body"]) == b"\xff\x00"


@pytest.mark.parametrize(
    ("kind", "media_type", "is_base64"),
    [
        ("http", None, False),
        ("http", "Text/CSV; charset=utf-8", False),
        ("http", "application/json; charset=utf-8", False),
        ("http", "application/xml", False),
        ("http", "application/x-www-form-urlencoded", True),
        ("http", "application/vnd.api+json", True),
        ("function-url", "application/x-www-form-urlencoded", True),
        ("rest", "application/x-www-form-urlencoded", False),
        ("rest", "image/png", True),
    ],
)
def test_the_media_type_decides_whether_a_body_comes_in_base64(
    front: Front, kind: str, media_type: str | None, *, is_base64: bool
) -> None:
    api = front.api(kind, binary_media_types=["image/png"])
    api.request("POST", "/x", body="a=1", headers={"Content-Type": media_type} if media_type else None)
    (event,) = front.events
    assert (event["body"], event["isBase64Encoded"]) == ("YT0x" if is_base64 else "a=1", is_base64)
    if media_type is None:
        assert event["headers"]["content-type"] == "text/plain;charset=UTF-8"


def test_a_rest_api_without_binary_media_types_takes_bytes_for_text(front: Front) -> None:
    front.api("rest").request("POST", "/x", body=b"caf\xe9")
    assert (front.events[0]["body"], front.events[0]["isBase64Encoded"]) == ("caf\ufffd", False)


def test_a_rest_api_decodes_only_binary_media_types_that_were_asked_for(front: Front) -> None:
    front.result = {"statusCode": 200, "body": "AAE=", "isBase64Encoded": True}
    assert front.api("rest").request("GET", "/x", headers={"Accept": "image/png"}).body == "AAE="
    api = front.api("rest", binary_media_types=["image/png"])
    assert api.request("GET", "/x", headers={"Accept": "image/png,*/*"}).body == b"\x00\x01"
    assert api.request("GET", "/x", headers={"Accept": "text/html,image/png"}).body == "AAE="


GOOD = [
    ({"statusCode": 201, "body": "x"}, 201, "x"),
    ({"statusCode": "204"}, 204, ""),
    ({"statusCode": 200, "headers": {"A": 1}, "body": None}, 200, ""),
]
MALFORMED = [
    "text",
    None,
    {"body": "x"},
    {"statusCode": 200, "body": {"n": 1}},
    {"statusCode": "ok"},
    {"statusCode": 99},
    {"statusCode": 200, "headers": ["a"]},
    {"statusCode": 200, "unknown": 1},
]


@pytest.mark.parametrize("kind", ["rest", "http", "function-url"])
@pytest.mark.parametrize(("result", "status", "body"), GOOD)
def test_a_proxy_response_is_what_the_caller_gets(front: Front, kind: str, result: Any, status: int, body: str) -> None:
    front.result = result
    answer = front.api(kind).request("GET", "/x")
    assert (answer.status_code, answer.body) == (status, body)


@pytest.mark.parametrize("result", MALFORMED)
def test_a_malformed_proxy_response_is_502(front: Front, result: Any) -> None:
    front.result = result
    answer = front.api("rest").request("GET", "/x")
    assert (answer.status_code, answer.json()) == (502, {"message": "Internal server error"})


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("rest", 502, "Internal server error"),
        ("http", 500, "Internal Server Error"),
        ("function-url", 502, "Internal Server Error"),
    ],
)
def test_an_error_of_the_function_stays_behind_the_api(front: Front, kind: str, status: int, message: str) -> None:
    front.result = ValueError("secret")
    answer = front.api(kind).request("GET", "/x")
    assert (answer.status_code, answer.json()) == (status, {"message": message})
    front.result = {"statusCode": 200, "body": 5}
    assert front.api(kind).request("GET", "/x").status_code == status


@pytest.mark.parametrize(("result", "body"), [({"n": 1}, '{"n":1}'), ("text", "text"), ([1], "[1]"), (None, "null")])
def test_payload_2_takes_any_value_as_the_body(front: Front, result: Any, body: str) -> None:
    front.result = result
    answer = front.api().request("GET", "/x")
    assert (answer.status_code, answer.body) == (200, body)
    assert answer.headers["content-type"] == "application/json"


def test_headers_and_cookies_come_back(front: Front) -> None:
    front.result = {"statusCode": 200, "headers": {"X-A": "1"}, "cookies": ["a=1; Secure", "b=2"]}
    answer = front.api().request("GET", "/x")
    assert answer.headers["x-a"] == "1"
    assert answer.cookies == ("a=1; Secure", "b=2")
    front.result = {"statusCode": 200, "multiValueHeaders": {"Via": ["a", "b"]}}
    assert front.api("rest").request("GET", "/x").headers["via"] == "a,b"


@pytest.mark.parametrize(
    ("kind", "seconds", "status"), [("rest", 29, 200), ("rest", 30, 504), ("http", 31, 503), ("function-url", 60, 200)]
)
def test_an_api_does_not_wait_for_ever(front: Front, kind: str, seconds: int, status: int) -> None:
    front.result = {"statusCode": 200}
    assert front.api(kind, duration=seconds, timeout=100).request("GET", "/x").status_code == status


@pytest.mark.parametrize(("kind", "status"), [("rest", 500), ("http", 503), ("function-url", 429)])
def test_a_throttled_function(front: Front, kind: str, status: int) -> None:
    assert front.api(kind, reserved_concurrency=0).request("GET", "/x").status_code == status


@pytest.mark.parametrize(("kind", "status"), [("rest", 403), ("http", 404)])
def test_a_request_that_no_route_takes(front: Front, kind: str, status: int) -> None:
    assert front.api(kind, "GET /orders").request("GET", "/x").status_code == status
    assert front.events == []


def test_the_most_specific_route_wins() -> None:
    keys = ["$default", "ANY /{proxy+}", "ANY /a/{id}", "GET /a/{id}", "GET /a/b"]
    routes = sorted((Route(key=key) for key in reversed(keys)), key=lambda route: route.rank)

    def taken(method: str, path: str) -> str:
        return next(route.key for route in routes if route.parameters(method, path) is not None)

    assert taken("GET", "/a/b") == "GET /a/b"
    assert taken("GET", "/a/c") == "GET /a/{id}"
    assert taken("PUT", "/a/c") == "ANY /a/{id}"
    assert taken("GET", "/a/b/c") == "ANY /{proxy+}"
    assert taken("GET", "/") == "$default"
    assert Route(key="ANY /a/{rest+}").parameters("GET", "/a/b/c") == {"rest": "b/c"}


@pytest.mark.parametrize("key", ["/orders", "FETCH /orders", "GET orders", "GET /{a+}/b", "GET /x{id}"])
def test_a_wrong_route_is_refused(key: str) -> None:
    with pytest.raises(ValidationException):
        Route(key=key)


def test_a_wrong_request_is_refused(front: Front) -> None:
    api = front.api()
    with pytest.raises(ValidationException, match="is no path"):
        api.request("GET", "orders")
    with pytest.raises(InvalidInput, match="not both"):
        api.request("POST", "/x", body="a", json={"a": 1})
    with pytest.raises(InvalidInput, match="no kind of API"):
        front.api("soap")


def test_a_space_of_a_query_stays_percent_encoded(front: Front) -> None:
    front.api().request("GET", "/a?y=%20z")
    assert front.events[0]["rawQueryString"] == "y=%20z"


def test_a_body_that_is_a_value_is_refused_with_the_way_to_give_it(front: Front) -> None:
    body: Any = {"a": 1}
    with pytest.raises(InvalidInput, match="json="):
        front.api().request("POST", "/a", body=body)
