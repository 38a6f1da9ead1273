"""What goes into Lambda's Invoke and what comes out of it: payloads, their limits, the answer; it invokes nothing.

Source: Lambda API reference, Invoke; Lambda quotas; recorded calls.
"""

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl.jackson_errors import first_error
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.lambda_errors import (
    InvalidParameterValueException,
    InvalidRequestContentException,
    RequestTooLargeException,
)

LOG_TAIL_BYTES: Final = 4096


class InvocationType(StrEnum):
    """How a function is called."""

    REQUEST_RESPONSE = "RequestResponse"
    EVENT = "Event"
    DRY_RUN = "DryRun"


_MAX_BYTES: Final = {
    InvocationType.REQUEST_RESPONSE: 6 * 1024 * 1024,
    InvocationType.EVENT: 1024 * 1024,
    InvocationType.DRY_RUN: 6 * 1024 * 1024,
}
"""The largest payload. Source: Lambda quotas; the docs' MB are 1,024 KB."""

MAX_ASYNCHRONOUS_BYTES: Final = _MAX_BYTES[InvocationType.EVENT]


@dataclass(frozen=True, kw_only=True, slots=True)
class InvokeResponse:
    """The answer to an Invoke.

    ``payload`` is the result, or the error object where ``function_error`` says ``Unhandled``; ``ABSENT`` where Lambda
    sends none. ``log`` is what stands in the function's log of this call. ``exception`` is what the handler raised.
    ``as_aws()`` is the API's own form.
    """

    status_code: int
    request_id: str
    payload: JSONValue = ABSENT
    function_error: str | None = None
    executed_version: str | None = None
    log_result: str | None = None
    log: str = ""
    duration_seconds: float = 0.0
    exception: BaseException | None = field(default=None, repr=False, compare=False)

    def as_aws(self) -> JSONObject:
        """The fields of the API, without those that Lambda leaves out; ``Payload`` is its text."""
        fields: JSONObject = {
            "StatusCode": self.status_code,
            "FunctionError": self.function_error,
            "LogResult": self.log_result,
            "Payload": "" if self.payload is ABSENT else _json.dump(self.payload),
            "ExecutedVersion": self.executed_version,
        }
        return {name: value for name, value in fields.items() if value is not None}


def invocation_type_of(text: str) -> InvocationType:
    """The invocation type that the API calls by this name.

    Raises:
        InvalidParameterValueException: If there is none.
    """
    try:
        return InvocationType(text)
    except ValueError:
        listed = ", ".join(f'"{each}"' for each in InvocationType)
        raise InvalidParameterValueException(f"{text!r} is no InvocationType.", hint=f"Use {listed}.") from None


def event_of(payload: JSONValue | bytes | Absent, invocation_type: InvocationType) -> JSONValue:
    """The event of a payload: a JSON value, or ``bytes`` for the request's body as it is; without one ``{}``.

    Raises:
        RequestTooLargeException: Beyond the limit of the invocation type.
        InvalidRequestContentException: If the body is no JSON.
        InvalidInput: If the value is no JSON.
    """
    if payload is ABSENT:
        return {}
    if isinstance(payload, bytes):
        _check_size(len(payload), invocation_type)
        return _read(payload)
    try:
        event, text = _json.copied(payload)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"the payload is not JSON: {error}",
            hint="Use dictionaries with text keys, lists, texts, numbers, True, False and None.",
        ) from None
    if len(text) > 2 * _json.MAX_NESTING and _json.is_too_deep(event):
        raise InvalidInput(f"the payload nests lists and dictionaries more than {_json.MAX_NESTING} deep.")
    # A character has at most 4 bytes: only long texts need counting.
    if len(text) * 4 > _MAX_BYTES[invocation_type]:
        _check_size(_json.size_bytes(event), invocation_type)
    return event


def _check_size(size_bytes: int, invocation_type: InvocationType) -> None:
    limit_bytes = _MAX_BYTES[invocation_type]
    if size_bytes > limit_bytes:
        raise RequestTooLargeException(
            f"Request must be smaller than {limit_bytes} bytes for the InvokeFunction operation"
        )


def _read(body: bytes) -> JSONValue:
    try:
        return _json.load(body)
    except (ValueError, RecursionError) as error:
        found = first_error(body.decode("utf-8", "replace"))
        reason = found.message if found is not None else str(error)
        raise InvalidRequestContentException(f"Could not parse request body into json: {reason}") from None


def log_tail(log: str) -> str:
    """The last 4 KB of a log, base64, as ``LogResult`` carries it."""
    return base64.b64encode(log.encode("utf-8", "replace")[-LOG_TAIL_BYTES:]).decode()
