"""One request over HTTPS and its answer, with the SDK's own HTTP client; it knows no Task and keeps no secret."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import responses
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.errors import InvalidInput
from sfn_notebook.integrations.aws.sdk import sdk_module

LONGEST_SECONDS: Final = 60
"""How long AWS waits for an answer. Source: developer guide, "Call HTTPS APIs"."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpRequest:
    """A request; every header and query parameter has a list of values. Headers, which may be secret, are not shown."""

    method: str
    url: str
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    query: Mapping[str, tuple[str, ...]]
    body: bytes | None = None

    @property
    def address(self) -> str:
        """The URL with its query."""
        pairs = [(name, value) for name, values in self.query.items() for value in values]
        if not pairs:
            return self.url
        return f"{self.url}{'&' if urlsplit(self.url).query else '?'}{urlencode(pairs)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpAnswer:
    """An answer; ``body`` is JSON where it could be read as such, else text."""

    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: JSONValue

    def as_result(self) -> JSONObject:
        """As a Task returns it."""
        return {
            "Headers": {name: list(values) for name, values in self.headers.items()},
            "ResponseBody": self.body,
            "StatusCode": self.status,
            "StatusText": responses.get(self.status, ""),
        }

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body if isinstance(self.body, str) else _json.dump(self.body)


def require_secure(url: str) -> None:
    """Refuse what Step Functions refuses: everything but HTTPS; this machine may be spoken to in plain HTTP.

    Raises:
        InvalidInput: For any other URL.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return
    raise InvalidInput(f"{url!r} is no HTTPS endpoint.", hint="Write https://HOST/PATH.")


def exchange(request: HttpRequest, *, credentials: Any = None, region: str = "") -> HttpAnswer:
    """Send the request and read the answer; no redirect is followed.

    Args:
        request: What to send.
        credentials: botocore's; with them the request is signed for API Gateway.
        region: Where that API is.

    Raises:
        OSError: If no answer came, whatever the reason.
    """
    awsrequest = sdk_module("botocore.awsrequest")
    headers = {name: ",".join(values) for name, values in request.headers.items()}
    made = awsrequest.AWSRequest(method=request.method, url=request.address, headers=headers, data=request.body or b"")
    if credentials is not None:
        sdk_module("botocore.auth").SigV4Auth(credentials, "execute-api", region).add_auth(made)
    session = sdk_module("botocore.httpsession").URLLib3Session(timeout=LONGEST_SECONDS)
    try:
        answer = session.send(made.prepare())
        content, status = answer.content, int(answer.status_code)
    except sdk_module("botocore.exceptions").BotoCoreError as error:
        raise OSError(_reason(error)) from None
    finally:
        session.close()
    found: dict[str, tuple[str, ...]] = {}
    for name, value in answer.headers.items():
        found[name] = (*found.get(name, ()), value)
    return HttpAnswer(status=status, headers=found, body=body_of(content))


def _reason(error: Any) -> str:
    """Why no answer came. Of what is not about the connection only the kind is told: it may repeat a header."""
    if type(error).__name__ != "HTTPClientError":
        return str(error)
    return f"The request could not be sent ({type(error.kwargs.get('error')).__name__})."


def body_of(content: bytes) -> JSONValue:
    """A body as JSON, or as the text that it is; ``""`` where there is none."""
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def many(value: JSONValue) -> dict[str, tuple[str, ...]]:
    """Headers or query parameters as Tasks write them: each a text, a number, or a list of them."""
    if not isinstance(value, dict):
        return {}
    lists = {name: each if isinstance(each, list) else [each] for name, each in value.items() if each is not None}
    return {name: tuple(_word(each) for each in values) for name, values in lists.items()}


def _word(value: JSONValue) -> str:
    return value if isinstance(value, str) else _json.dump(value)
