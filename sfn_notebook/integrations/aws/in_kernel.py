"""boto3 clients whose requests never leave the process: somebody here answers them; it knows no API's meaning.

The requests are validated, serialised and signed by botocore, and the answers are parsed by it, so that a client
behaves as one of the real service does, its exceptions and paginators too.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from sfn_notebook._json import JSONObject
from sfn_notebook.integrations.aws.sdk import ONE_ATTEMPT, local_session, sdk_module
from sfn_notebook.runtime.ids import IdSource

_NOWHERE: Final = "https://in-kernel.invalid"
"""A host that cannot exist, should a request ever be sent. Source: RFC 2606."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiRequest:
    """One request: the operation's name, its path segments and query, headers in small letters, and the body."""

    operation: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def parameters(self) -> JSONObject:
        """The body as JSON."""
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiAnswer:
    """What is answered: JSON, or bytes as they are; an error is an answer with a status of 400 or more."""

    body: JSONObject | bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def error_answer(code: str, message: str, *, status: int = 400, members: Mapping[str, str] = {}) -> ApiAnswer:
    """A refusal, from which botocore makes the exception that the service's model has for it.

    ``members`` are those that the exception has beside its message.
    """
    return ApiAnswer(
        body={"__type": code, "message": message, "Message": message, **members},
        status=status,
        headers={"x-amzn-ErrorType": code},
    )


def not_done(operation: str) -> ApiAnswer:
    """The refusal of an operation that nobody here does."""
    text = f"{operation} is not answered in the kernel."
    return error_answer("UnknownOperationException", text, status=501)


Answer: TypeAlias = Callable[[ApiRequest], ApiAnswer]


def in_kernel_client(service: str, answer: Answer, *, region: str) -> Any:
    """A boto3 client of ``service`` whose requests ``answer`` answers; what that raises comes out of the call.

    Raises:
        FeatureNotSupported: If boto3 is not installed.
    """
    config = sdk_module("botocore.config").Config(inject_host_prefix=False, proxies={}, retries=ONE_ATTEMPT)
    client = local_session(region).client(service, endpoint_url=_NOWHERE, config=config)
    ids = IdSource(f"{service}/in-kernel")

    def respond(request: Any, event_name: str, **_details: Any) -> Any:
        answered = answer(_read(request, event_name.rpartition(".")[2]))
        is_json = isinstance(answered.body, dict)
        body = json.dumps(answered.body).encode() if isinstance(answered.body, dict) else answered.body
        headers = {
            "x-amzn-RequestId": ids.uuid(),
            "Content-Type": "application/json" if is_json else "application/octet-stream",
            "Content-Length": str(len(body)),
            **answered.headers,
        }
        response = sdk_module("botocore.awsrequest").AWSResponse
        return response(request.url, answered.status, headers, _Raw(body))

    client.meta.events.register(f"before-send.{service}", respond)
    return client


def _read(request: Any, operation: str) -> ApiRequest:
    parts = urlsplit(request.url)
    body = request.body or b""
    return ApiRequest(
        operation=operation,
        path=tuple(unquote(each) for each in parts.path.strip("/").split("/")),
        query={name: values[-1] for name, values in parse_qs(parts.query).items()},
        headers={str(name).lower(): _text(value) for name, value in request.headers.items()},
        body=body.encode() if isinstance(body, str) else body.read() if hasattr(body, "read") else bytes(body),
    )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class _Raw(io.BytesIO):
    """A body as urllib3 would give it to botocore."""

    def stream(self, **_options: Any) -> Iterator[bytes]:
        """The content, in one piece."""
        yield self.read()
