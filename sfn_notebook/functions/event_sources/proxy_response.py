"""What a caller gets for what a function returned through an API, or for its failure; it calls nothing.

Source: API Gateway developer guide, "Lambda proxy integrations" and "HTTP API"; Lambda developer guide, function URLs.
"""

import base64
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.functions.event_sources.http_events import ApiKind

JSON_TYPE: Final = "application/json"
_FIELDS_1: Final = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiResponse:
    """An HTTP response. ``body`` is text, or ``bytes`` where the function returned them in base64.

    Header names are in lower case; one that repeats has its values joined, except ``cookies``. ``request_id`` is that
    of the invocation, empty where no function ran.
    """

    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | bytes = ""
    cookies: tuple[str, ...] = ()
    request_id: str = ""

    def json(self) -> JSONValue:
        """The body, read as JSON.

        Raises:
            ValueError: If it is none.
        """
        return _json.load(self.body)


_MALFORMED: Final[Mapping[ApiKind, tuple[int, str]]] = {
    ApiKind.REST: (502, "Internal server error"),
    ApiKind.HTTP: (500, "Internal Server Error"),
    ApiKind.FUNCTION_URL: (502, "Internal Server Error"),
}
"""What each answers for a function that failed or returned what is no response; REST writes two words in lower case."""

_TIMED_OUT: Final[Mapping[ApiKind, tuple[int, str]]] = {
    ApiKind.REST: (504, "Endpoint request timed out"),
    ApiKind.HTTP: (503, "Service Unavailable"),
}
INTEGRATION_TIMEOUT_SECONDS: Final[Mapping[ApiKind, float]] = {ApiKind.REST: 29.0, ApiKind.HTTP: 30.0}
"""How long an API waits for a function. A function URL waits as long as the function may run."""

_NO_ROUTE: Final[Mapping[ApiKind, tuple[int, str]]] = {
    ApiKind.REST: (403, "Missing Authentication Token"),
    ApiKind.HTTP: (404, "Not Found"),
}
_THROTTLED: Final[Mapping[ApiKind, tuple[int, str]]] = {
    ApiKind.REST: (500, "Internal server error"),
    ApiKind.HTTP: (503, "Service Unavailable"),
    ApiKind.FUNCTION_URL: (429, "Rate Exceeded."),
}


def message_response(status: tuple[int, str], *, request_id: str = "") -> ApiResponse:
    """An answer of the API itself."""
    code, message = status
    return ApiResponse(
        status_code=code,
        headers={"content-type": JSON_TYPE},
        body=_json.dump({"message": message}),
        request_id=request_id,
    )


def failed_response(kind: ApiKind, *, request_id: str = "") -> ApiResponse:
    """The answer for a function that failed, or returned what is no response."""
    return message_response(_MALFORMED[kind], request_id=request_id)


def timed_out_response(kind: ApiKind, *, request_id: str = "") -> ApiResponse:
    """The answer for a function that ran longer than the API waits."""
    return message_response(_TIMED_OUT[kind], request_id=request_id)


def no_route_response(kind: ApiKind) -> ApiResponse:
    """The answer for a request that no route takes."""
    return message_response(_NO_ROUTE[kind])


def throttled_response(kind: ApiKind) -> ApiResponse:
    """The answer while the function is throttled."""
    return message_response(_THROTTLED[kind])


def response_of(kind: ApiKind, payload: JSONValue, *, request_id: str, decodes_base64: bool = True) -> ApiResponse:
    """What the caller gets for what the function returned.

    A REST API wants the form of a proxy response; the others take any other value as the body of a 200.
    ``decodes_base64`` tells whether a REST API was asked for one of its binary media types.
    """
    is_rest = kind is ApiKind.REST
    if not is_rest and not (isinstance(payload, dict) and "statusCode" in payload):
        return ApiResponse(
            status_code=200,
            headers={"content-type": JSON_TYPE},
            body=payload if isinstance(payload, str) else _json.dump(payload),
            request_id=request_id,
        )
    is_known = isinstance(payload, dict) and (not is_rest or payload.keys() <= _FIELDS_1)
    response = _proxy_response(payload, request_id, decodes_base64=decodes_base64) if is_known else None
    return failed_response(kind, request_id=request_id) if response is None else response


def _proxy_response(payload: JSONObject, request_id: str, *, decodes_base64: bool) -> ApiResponse | None:
    status_code = _status_code(payload.get("statusCode"))
    headers = _headers(payload)
    body = payload.get("body")
    cookies = payload.get("cookies")
    if (
        status_code is None
        or headers is None
        or not isinstance(body, str | None)
        or not isinstance(cookies, list | None)
    ):
        return None
    content: str | bytes = body or ""
    if payload.get("isBase64Encoded") is True and decodes_base64:
        try:
            content = base64.b64decode(content, validate=True)
        except (Base64Error, ValueError):
            return None
    return ApiResponse(
        status_code=status_code,
        headers={"content-type": JSON_TYPE, **headers},
        body=content,
        cookies=tuple(map(str, cookies or ())),
        request_id=request_id,
    )


def _status_code(given: JSONValue) -> int | None:
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) == 3:
        given = int(given)
    is_code = isinstance(given, int) and not isinstance(given, bool) and 100 <= given <= 599
    return given if is_code else None


def _headers(payload: JSONObject) -> dict[str, str] | None:
    """Headers with plain values and with lists of them; ``None`` for anything else."""
    single, multiple = payload.get("headers") or {}, payload.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        return None
    found: dict[str, str] = {}
    for name, value in (*single.items(), *multiple.items()):
        values = value if isinstance(value, list) else [value]
        if any(isinstance(each, dict | list) for each in values):
            return None
        found[name.lower()] = ",".join(_header_text(each) for each in values)
    return found


def _header_text(value: JSONValue) -> str:
    return value if isinstance(value, str) else _json.dump(value)
