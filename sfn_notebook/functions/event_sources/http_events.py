"""The events that API Gateway and function URLs make of an HTTP request; it routes nothing and calls nothing.

REST APIs send payload 1.0, HTTP APIs and function URLs payload 2.0.
Source: API Gateway developer guide, "Lambda proxy integrations"; Lambda developer guide, "Function URLs".
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.runtime.ids import Account


class ApiKind(StrEnum):
    """What stands between the caller and the function."""

    REST = "rest"
    HTTP = "http"
    FUNCTION_URL = "function-url"


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpRequest:
    """A request. ``headers`` and ``query`` keep their order and repeat where they were given twice."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    body: str | bytes | None = None

    @property
    def raw_query(self) -> str:
        """The query as a URL has it."""
        return urlencode(self.query, quote_via=quote)

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        body = self.body or ""
        return body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")

    def header(self, name: str) -> str:
        """The first value of a header, given in lower case; empty without one."""
        return next((value for each, value in self.headers if each.lower() == name), "")


def request_of(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None,
    query: Mapping[str, str | Sequence[str]] | None,
    body: str | bytes | None,
) -> HttpRequest:
    """A request from what a caller gives; a query may also stand in the URL.

    Raises:
        ValidationException: If the path does not begin with a slash.
    """
    parts = urlsplit(url)
    if not parts.path.startswith("/"):
        raise ValidationException(f"{url!r} is no path.", hint='Begin with a slash: "/orders/7".')
    return HttpRequest(
        method=method.upper(),
        path=parts.path,
        headers=_pairs(headers),
        query=(*parse_qsl(parts.query, keep_blank_values=True), *_pairs(query)),
        body=body,
    )


def _pairs(given: Mapping[str, str | Sequence[str]] | None) -> tuple[tuple[str, str], ...]:
    pairs = []
    for name, value in (given or {}).items():
        pairs += [(name, each) for each in ([value] if isinstance(value, str) else value)]
    return tuple(pairs)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiIdentity:
    """What requests of an API tell of it; only a REST API has ``binary_media_types``."""

    api_id: str
    kind: ApiKind
    stage: str
    account: Account
    binary_media_types: frozenset[str] = frozenset()

    @property
    def domain_name(self) -> str:
        """The host that the API has on AWS."""
        service = "lambda-url" if self.kind is ApiKind.FUNCTION_URL else "execute-api"
        suffix = "on.aws" if self.kind is ApiKind.FUNCTION_URL else "amazonaws.com"
        return f"{self.api_id}.{service}.{self.account.region}.{suffix}"


SOURCE_IP: Final = "127.0.0.1"
USER_AGENT: Final = "sfn_notebook"


def payload_1(
    api: ApiIdentity,
    request: HttpRequest,
    *,
    resource: str,
    parameters: Mapping[str, str],
    request_id: str,
    now_seconds: float,
) -> JSONObject:
    """The event of a REST API: what is not there is ``null``."""
    body, is_base64 = _body(api, request)
    headers = _multi(_headers_seen(api, request, request_id=request_id, now_seconds=now_seconds))
    query = _multi(request.query)
    return {
        "resource": resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _context_1(api, request, resource=resource, request_id=request_id, now_seconds=now_seconds),
        "body": body,
        "isBase64Encoded": is_base64,
    }


_UNKNOWN_CALLER: Final = (
    *("accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType"),
    *("cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn"),
)
"""What an API without authorisation does not know of its caller."""


def _context_1(
    api: ApiIdentity, request: HttpRequest, *, resource: str, request_id: str, now_seconds: float
) -> JSONObject:
    return {
        "resourceId": "notebook",
        "resourcePath": resource,
        "httpMethod": request.method,
        "extendedRequestId": request_id.replace("-", "")[:15] + "=",
        "requestTime": _clf_time(now_seconds),
        "path": f"/{api.stage}{request.path}",
        "accountId": api.account.account_id,
        "protocol": "HTTP/1.1",
        "stage": api.stage,
        "domainPrefix": api.api_id,
        "requestTimeEpoch": round(now_seconds * 1000),
        "requestId": request_id,
        "identity": {**dict.fromkeys(_UNKNOWN_CALLER), "sourceIp": SOURCE_IP, "userAgent": _user_agent(request)},
        "domainName": api.domain_name,
        "apiId": api.api_id,
    }


def payload_2(
    api: ApiIdentity,
    request: HttpRequest,
    *,
    route_key: str,
    parameters: Mapping[str, str],
    request_id: str,
    now_seconds: float,
) -> JSONObject:
    """The event of an HTTP API or a function URL: what is not there is left out, repeated values are joined."""
    body, is_base64 = _body(api, request)
    seen = _headers_seen(api, request, request_id=request_id, now_seconds=now_seconds)
    headers = _multi(tuple((name.lower(), value) for name, value in seen))
    cookies = [each.strip() for value in headers.pop("cookie", []) for each in value.split(";")]
    query = _multi(request.query)
    context = {
        "accountId": "anonymous" if api.kind is ApiKind.FUNCTION_URL else api.account.account_id,
        "apiId": api.api_id,
        "domainName": api.domain_name,
        "domainPrefix": api.api_id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": SOURCE_IP,
            "userAgent": _user_agent(request),
        },
        "requestId": request_id,
        "routeKey": route_key,
        "stage": api.stage,
        "time": _clf_time(now_seconds),
        "timeEpoch": round(now_seconds * 1000),
    }
    event: JSONObject = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.raw_query,
        "cookies": cookies,
        "headers": {name: ",".join(values) for name, values in headers.items()},
        "queryStringParameters": {name: ",".join(values) for name, values in query.items()},
        "requestContext": context,
        "pathParameters": dict(parameters),
        "body": body,
    }
    optional = ("cookies", "queryStringParameters", "pathParameters", "body")
    shown = {name: value for name, value in event.items() if name not in optional or value or value == ""}
    return shown | {"isBase64Encoded": is_base64}


def _headers_seen(
    api: ApiIdentity, request: HttpRequest, *, request_id: str, now_seconds: float
) -> tuple[tuple[str, str], ...]:
    """The caller's headers, with those that every client and the API itself add; sorted, as the API has them."""
    trace = request_id.replace("-", "")[:24]
    added = {
        "Host": api.domain_name,
        "User-Agent": USER_AGENT,
        "X-Amzn-Trace-Id": f"Root=1-{int(now_seconds):08x}-{trace}",
        "X-Forwarded-For": SOURCE_IP,
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    if api.kind is not ApiKind.REST:
        added["Content-Length"] = str(len(request.content))
    given = {name.lower() for name, _ in request.headers}
    pairs = (*request.headers, *((name, value) for name, value in added.items() if name.lower() not in given))
    return tuple(sorted(pairs, key=lambda pair: pair[0].lower()))


def _multi(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


_TEXT_TYPES: Final = frozenset({"application/json", "application/javascript", "application/xml"})
"""Beside ``text/*``, what an HTTP API and a function URL take for text. AWS was seen to do so; no guide tells it."""


def _body(api: ApiIdentity, request: HttpRequest) -> tuple[str | None, bool]:
    """The body, and whether it is in base64: by its media type, not by what is in it."""
    if request.body is None:
        return None, False
    media_type = request.header("content-type").partition(";")[0].strip().lower()
    if api.kind is ApiKind.REST:
        is_binary = not api.binary_media_types.isdisjoint((media_type, "*/*"))
    else:
        is_binary = not (media_type.startswith("text/") or media_type in _TEXT_TYPES)
    if is_binary:
        return base64.b64encode(request.content).decode(), True
    return request.body if isinstance(request.body, str) else request.content.decode("utf-8", "replace"), False


def _user_agent(request: HttpRequest) -> str:
    return request.header("user-agent") or USER_AGENT


def _clf_time(seconds: float) -> str:
    # Written out: %b would follow the machine's language.
    moment = datetime.fromtimestamp(int(seconds), UTC)
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[moment.month - 1]
    return f"{moment:%d}/{month}/{moment:%Y:%H:%M:%S} +0000"
