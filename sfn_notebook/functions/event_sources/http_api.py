"""An HTTP front of functions: API Gateway's REST and HTTP APIs, and function URLs; routes, calls and answers.

Source: API Gateway developer guide; Lambda developer guide, "Function URLs". Nothing listens on a port.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.event_sources.http_events import (
    ApiIdentity,
    ApiKind,
    HttpRequest,
    payload_1,
    payload_2,
    request_of,
)
from sfn_notebook.functions.event_sources.http_routes import DEFAULT_ROUTE, Route
from sfn_notebook.functions.event_sources.proxy_response import (
    INTEGRATION_TIMEOUT_SECONDS,
    ApiResponse,
    failed_response,
    no_route_response,
    response_of,
    throttled_response,
    timed_out_response,
)
from sfn_notebook.functions.invoke_api import InvokeResponse
from sfn_notebook.functions.lambda_errors import LambdaServiceError, TooManyRequestsException
from sfn_notebook.runtime.ids import Account, IdSource

_STAGES: Final = {ApiKind.REST: "prod", ApiKind.HTTP: "$default", ApiKind.FUNCTION_URL: "$default"}


class HttpApi:
    """Routes to functions. ``invoke`` calls a function by name and waits; ``now`` tells modelled seconds.

    Raises:
        ValidationException: For a route that cannot be read.
        InvalidInput: For a kind that is none.
    """

    def __init__(
        self,
        name: str,
        routes: Mapping[str, str],
        *,
        kind: str,
        account: Account,
        invoke: Callable[[str, JSONValue], InvokeResponse],
        now: Callable[[], float],
        binary_media_types: Sequence[str] = (),
    ) -> None:
        if kind not in list(ApiKind):
            raise InvalidInput(f"{kind!r} is no kind of API.", hint=f"Use {', '.join(ApiKind)}.")
        self.name = name
        self.kind = ApiKind(kind)
        parsed = [(Route(key=key), function) for key, function in routes.items()]
        self._routes = sorted(parsed, key=lambda each: each[0].rank)
        self._ids = IdSource(f"api/{name}")
        api_id = self._ids.uuid().replace("-", "")[:10]
        self._identity = ApiIdentity(
            api_id=api_id,
            kind=self.kind,
            stage=_STAGES[self.kind],
            account=account,
            binary_media_types=frozenset(each.lower() for each in binary_media_types),
        )
        self._invoke = invoke
        self._now = now

    def __repr__(self) -> str:
        routes = ", ".join(f"{route.key} -> {function}" for route, function in self._routes)
        return f"<HttpApi {self.name} ({self.kind}): {routes}>"

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        body: str | bytes | None = None,
        json: JSONValue = None,
    ) -> ApiResponse:
        """Send a request and wait for the answer, which is never an exception.

        Args:
            method: ``GET``, ``POST``, ...
            url: The path, perhaps with a query: ``"/orders/7?full=1"``.
            headers: A value, or several, for each name.
            query: As ``headers``.
            body: Text, or ``bytes``. Text of which no ``Content-Type`` tells what it is, is sent as ``text/plain``, as
                browsers do. The function gets base64 or text by that type, as on AWS: base64 for a form, too.
            json: In place of a body: a value that is sent as JSON.

        Raises:
            ValidationException: If the URL is no path.
            InvalidInput: If both ``body`` and ``json`` are given, ``json`` is none, or ``body`` is neither text nor
                bytes.
        """
        # Authors are not type-checked: a dict is what everybody gives first.
        given: object = body
        if not isinstance(given, str | bytes | None):
            raise InvalidInput(f"a body cannot be {type(given).__name__}.", hint="Give it as json=...")
        if json is not None:
            body, headers = _json_body(json, body, headers)
        elif isinstance(body, str) and "content-type" not in map(str.lower, headers or ()):
            headers = {"content-type": "text/plain;charset=UTF-8", **(headers or {})}
        request = request_of(method, url, headers=headers, query=query, body=body)
        for route, function in self._routes:
            parameters = route.parameters(request.method, request.path)
            if parameters is not None:
                return self._call(route, function, request, parameters)
        return no_route_response(self.kind)

    def event_for(self, request: HttpRequest, route: Route, parameters: Mapping[str, str]) -> JSONObject:
        """The event of a request that takes ``route``."""
        request_id, now_seconds = self._ids.uuid(), self._now()
        shown = {} if route.key == DEFAULT_ROUTE else parameters
        if self.kind is ApiKind.REST:
            return payload_1(
                self._identity,
                request,
                resource=route.path,
                parameters=parameters,
                request_id=request_id,
                now_seconds=now_seconds,
            )
        return payload_2(
            self._identity,
            request,
            route_key=route.key,
            parameters=shown,
            request_id=request_id,
            now_seconds=now_seconds,
        )

    def _call(self, route: Route, function: str, request: HttpRequest, parameters: Mapping[str, str]) -> ApiResponse:
        event = self.event_for(request, route, parameters)
        began_seconds = self._now()
        try:
            answer = self._invoke(function, event)
        except TooManyRequestsException:
            return throttled_response(self.kind)
        except LambdaServiceError:
            return failed_response(self.kind)
        limit_seconds = INTEGRATION_TIMEOUT_SECONDS.get(self.kind)
        if limit_seconds is not None and self._now() - began_seconds > limit_seconds:
            return timed_out_response(self.kind, request_id=answer.request_id)
        if answer.function_error is not None:
            return failed_response(self.kind, request_id=answer.request_id)
        return response_of(
            self.kind,
            answer.payload,
            request_id=answer.request_id,
            decodes_base64=self.kind is not ApiKind.REST or self._wants_bytes(request),
        )

    def _wants_bytes(self, request: HttpRequest) -> bool:
        """A REST API decodes base64 only where the first type of ``Accept`` is one of its binary media types."""
        first = request.header("accept").split(",")[0].split(";")[0].strip().lower()
        return not self._identity.binary_media_types.isdisjoint((first, "*/*"))


def _json_body(
    value: JSONValue, body: str | bytes | None, headers: Mapping[str, str | Sequence[str]] | None
) -> tuple[str, Mapping[str, str | Sequence[str]]]:
    if body is not None:
        raise InvalidInput("a request has body or json, not both.")
    try:
        text = _json.dump(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"json is not JSON: {error}") from None
    return text, {"content-type": "application/json", **(headers or {})}
