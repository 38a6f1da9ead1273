"""Events and results by value, through JSON text as Lambda's Python runtime does; it knows nothing of handlers."""

from decimal import Decimal
from typing import Final

from sfn_notebook._json import MAX_NESTING, JSONValue, encoder, is_too_deep, own_copy, plain_copy, read

MAX_RESPONSE_BYTES: Final = 6_291_556
"""Largest response of a synchronous invocation. Source: recorded on AWS, 2025-11-24."""


class MarshalError(Exception):
    """A result is not JSON; the message is the ``errorMessage`` that Lambda reports."""


class ResponseTooLargeError(Exception):
    """A result has more than ``MAX_RESPONSE_BYTES`` bytes."""


def _encode_decimal(value: object) -> JSONValue:
    # Lambda's runtime writes a Decimal as the number it is: what comes from DynamoDB can be returned as it came.
    if isinstance(value, Decimal) and value.is_finite():
        return int(value) if value == value.to_integral_value() and abs(value) < 10**18 else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_write: Final = encoder(separators=(", ", ": "), default=_encode_decimal)


def copy_event(event: JSONValue, *, is_payload: bool) -> JSONValue:
    """Copy an event, so that a handler cannot change the payload of the workflow; a payload is plain JSON already.

    Raises:
        TypeError: For what JSON cannot hold.
        ValueError: For NaN, infinities and circular structures.
        RecursionError: For nesting that exhausts the stack.
    """
    return own_copy(event) if is_payload else plain_copy(event)


_TOO_DEEP: Final = "Unable to marshal response: maximum recursion depth exceeded"


def marshal(result: JSONValue) -> tuple[JSONValue, int]:
    """Copy a handler's result by value, through JSON text; with a bound of its size in bytes.

    Raises:
        MarshalError: For what JSON cannot hold, NaN, circular structures and nesting that exhausts the stack.
        ResponseTooLargeError: Beyond ``MAX_RESPONSE_BYTES`` bytes of UTF-8, with the runtime's own spacing.
    """
    try:
        text = _write(result)
        copy = read(text)
    except RecursionError:
        # Python's own text names the container at the limit, which depends on how deep the caller's stack is.
        raise MarshalError(_TOO_DEEP) from None
    except Exception as error:
        # Exception: a result may be of a user's class, whose methods raise anything.
        raise MarshalError(f"Unable to marshal response: {error}") from error
    if len(text) > 2 * MAX_NESTING and is_too_deep(copy):
        raise MarshalError(_TOO_DEEP)
    # A character has at most 4 bytes: only texts beyond a quarter of the limit need counting.
    size_bound_bytes = len(text) * 4
    if size_bound_bytes > MAX_RESPONSE_BYTES:
        size_bound_bytes = len(text.encode("utf-8", "surrogatepass"))
        if size_bound_bytes > MAX_RESPONSE_BYTES:
            raise ResponseTooLargeError
    return copy, size_bound_bytes
