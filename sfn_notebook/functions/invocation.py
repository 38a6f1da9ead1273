"""One synchronous invocation of a function, with what Lambda answers; it knows nothing of workflows or retries."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.captured_output import begin_capture, end_capture
from sfn_notebook.functions.coroutines import run_to_completion
from sfn_notebook.functions.function import VERSION, Handler, LambdaFunction
from sfn_notebook.functions.lambda_context import lambda_context_for
from sfn_notebook.functions.marshalling import (
    MAX_RESPONSE_BYTES,
    MarshalError,
    ResponseTooLargeError,
    copy_event,
    marshal,
)
from sfn_notebook.functions.stack_traces import SourceName, stack_trace, user_traceback

UNHANDLED: Final = "Unhandled"
"""The only value of ``FunctionError``, whatever went wrong."""


class InvocationResult(NamedTuple):
    """Lambda's answer to an invocation; ``function_error`` is ``None`` where it went well.

    ``payload`` is the result as JSON, or the error object. ``duration_seconds`` is modelled. ``real_seconds`` is
    measured, ``None`` without a stopwatch, and must stay out of anything that is compared. ``exception`` is what the
    handler raised, its traceback cut to the user's own frames; ``logs`` what it printed and logged. A named tuple, for
    it is made at every invocation, and a frozen dataclass takes three times as long.
    """

    payload: JSONValue
    request_id: str
    duration_seconds: float
    status_code: int = 200
    function_error: str | None = None
    executed_version: str = VERSION
    size_bound_bytes: int | None = None
    exception: BaseException | None = None
    real_seconds: float | None = None
    logs: str | None = None


_Outcome: TypeAlias = tuple[JSONValue, str | None, int | None, BaseException | None]
"""What came of a handler's call: payload, function error, bound of its size in bytes, exception."""


def invoke(
    function: LambdaFunction,
    event: JSONValue,
    *,
    request_id: str,
    source_name: SourceName | None = None,
    stopwatch: Callable[[], float] | None = None,
    is_payload: bool = False,
) -> InvocationResult:
    """Invoke ``function`` with its own copy of ``event``, in this thread; ``async def`` handlers run to their end.

    Whatever goes wrong in the handler is a result, never an exception. A function whose modelled duration is beyond its
    timeout is called all the same, since what it did before Lambda would stop it has been done; its result is dropped.

    Args:
        function: What to invoke.
        event: Any JSON value.
        request_id: Lambda's id of this invocation.
        source_name: Turns file names of stack frames into what people read; ``None`` keeps them.
        stopwatch: Reads real seconds from any start; with it ``real_seconds`` is measured and the handler's remaining
            time counts down. Without it the remaining time stands at the timeout.
        is_payload: Whether the event is an execution's payload, which is known to be plain JSON.

    Raises:
        InvalidInput: If the event is not JSON, or the modelled duration cannot be found.
        KeyboardInterrupt: When the user interrupts the handler.

    Source: Lambda API reference, Invoke; recorded error payloads.
    """
    own_event = _copy_event(function, event, is_payload=is_payload)
    configuration = function.configuration
    timeout_seconds = float(configuration.timeout_seconds)
    duration_seconds = float(configuration.duration_for(event))
    started_seconds = stopwatch() if stopwatch else 0.0
    arguments = [own_event]
    if function.takes_lambda_context:
        remaining = _remaining_seconds(timeout_seconds, started_seconds, stopwatch)
        arguments.append(lambda_context_for(function, request_id, remaining))
    begin_capture()
    try:
        outcome = _call(function.handler, arguments, request_id, source_name)
    finally:
        logs = end_capture()
    payload, function_error, size_bound_bytes, exception = outcome
    real_seconds = stopwatch() - started_seconds if stopwatch else None
    if duration_seconds > timeout_seconds:
        duration_seconds = timeout_seconds
        payload, function_error = timeout_payload(request_id, timeout_seconds), UNHANDLED
        size_bound_bytes = exception = None
    return InvocationResult(
        payload,
        request_id,
        duration_seconds,
        200,
        function_error,
        VERSION,
        size_bound_bytes,
        exception,
        real_seconds,
        logs,
    )


def _remaining_seconds(
    timeout_seconds: float, started_seconds: float, stopwatch: Callable[[], float] | None
) -> Callable[[], float]:
    return lambda: timeout_seconds - (stopwatch() - started_seconds if stopwatch else 0.0)


def _copy_event(function: LambdaFunction, event: JSONValue, *, is_payload: bool) -> JSONValue:
    try:
        return copy_event(event, is_payload=is_payload)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"the event for {function.name} is not JSON: {error}.",
            hint="Use dicts with text keys, lists, text, finite numbers, booleans and None.",
        ) from error


def _call(handler: Handler, arguments: list[Any], request_id: str, source_name: SourceName | None) -> _Outcome:
    try:
        result = handler(*arguments)
        # Asked of the result, not of the handler: a plain decorator around an async def hides it.
        if hasattr(type(result), "__await__"):
            result = run_to_completion(result)
    except SystemExit as error:
        return _failure(_exit_payload(error, request_id), error)
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - Lambda reports whatever a handler raises
        return _failure(_exception_payload(error, request_id, source_name), error)
    try:
        payload, size_bound_bytes = marshal(result)
    except MarshalError as error:
        return _failure(_error_payload("Runtime.MarshalError", str(error), request_id, []), None)
    except ResponseTooLargeError:
        return _failure(_too_large_payload(), None)
    return payload, None, size_bound_bytes, None


def _failure(payload: JSONObject, exception: BaseException | None) -> _Outcome:
    if exception is not None:
        exception = exception.with_traceback(user_traceback(exception.__traceback__))
    return payload, UNHANDLED, None, exception


def _error_payload(error_type: str, message: str, request_id: str, trace: list[str]) -> JSONObject:
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def _exception_payload(error: BaseException, request_id: str, source_name: SourceName | None) -> JSONObject:
    is_recursion = isinstance(error, RecursionError)
    trace = stack_trace(user_traceback(error.__traceback__), source_name, is_recursion=is_recursion)
    return _error_payload(type(error).__name__, _message_of(error), request_id, trace)


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - __str__ is the user's code too
        return f"<unprintable {type(error).__name__} object>"


def _exit_payload(error: SystemExit, request_id: str) -> JSONObject:
    status = _exit_status(error.code)
    reason = (
        f"Runtime exited with error: exit status {status}" if status else "Runtime exited without providing a reason"
    )
    return {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {reason}"}


def _exit_status(code: object) -> int:
    """What the process of a Python program that calls ``sys.exit(code)`` ends with."""
    if code is None:
        return 0
    return code & 0xFF if isinstance(code, int) else 1


def timeout_payload(request_id: str, timeout_seconds: float) -> JSONObject:
    """The error object of an invocation that Lambda stopped after ``timeout_seconds``."""
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_seconds:.2f} seconds"
    return {"errorType": "Sandbox.Timedout", "errorMessage": message}


def _too_large_payload() -> JSONObject:
    message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
    return {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
