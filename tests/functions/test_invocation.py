import asyncio
import functools
import json
import linecache
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import gettempdir
from types import TracebackType
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.invocation import InvocationResult, invoke
from sfn_notebook.functions.lambda_context import LambdaContext
from sfn_notebook.functions.registry import Duration, FunctionRegistry
from sfn_notebook.functions.stack_traces import MAX_FRAMES

REQUEST_ID = "6f9619ff-8b86-4d11-b42d-00c04fc964ff"
CELL_FILE = str(Path(gettempdir(), "ipykernel_4711", "3141592653.py"))
"""A name such as ipykernel's; it is never opened."""


class PaymentDeclined(Exception):  # noqa: N818 - an ASL error name
    pass


def _function(handler: Callable[..., Any], *, timeout: float = 3.0, duration: Duration = 0.0) -> LambdaFunction:
    return FunctionRegistry().lambda_function(name="charge", timeout=timeout, duration=duration)(handler)


def _invoke(handler: Callable[..., Any], event: Any = None) -> InvocationResult:
    return invoke(_function(handler), event, request_id=REQUEST_ID)


def _cell(source: str) -> Callable[..., Any]:
    """The function ``handler`` of a notebook cell with this source."""
    linecache.cache[CELL_FILE] = (len(source), None, source.splitlines(keepends=True), CELL_FILE)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(source, CELL_FILE, "exec"), namespace)  # noqa: S102 - a cell is executed
    handler: Callable[..., Any] = namespace["handler"]
    return handler


def _source_name(file_name: str) -> str | None:
    return "In[3]" if file_name == CELL_FILE else None


@pytest.fixture(autouse=True)
def _forget_cells() -> Iterator[None]:
    yield
    linecache.cache.pop(CELL_FILE, None)


def test_a_result_is_lambdas_answer() -> None:
    result = _invoke(lambda event: {**event, "status": "validated"}, {"orderId": 7})
    assert isinstance(result, InvocationResult)
    assert result.payload == {"orderId": 7, "status": "validated"}
    assert (result.request_id, result.duration_seconds) == (REQUEST_ID, 0.0)
    assert result.status_code == 200
    assert result.function_error is None
    assert result.executed_version == "$LATEST"
    assert result.exception is None
    assert result.real_seconds is None


def test_nothing_returned_is_null() -> None:
    assert _invoke(lambda _event: None).payload is None


def test_the_event_is_a_copy() -> None:
    def handler(event: dict[str, list[int]]) -> dict[str, list[int]]:
        event["items"].append(99)
        return event

    event = {"items": [1]}
    assert _invoke(handler, event).payload == {"items": [1, 99]}
    assert event == {"items": [1]}


def test_the_result_is_a_copy() -> None:
    kept = {"items": [1]}
    result = _invoke(lambda _event: kept)
    kept["items"].append(2)
    assert result.payload == {"items": [1]}


def test_the_context_is_passed_to_handlers_of_two_arguments() -> None:
    def handler(_event: object, context: LambdaContext) -> list[Any]:
        return [context.aws_request_id, context.function_name, context.get_remaining_time_in_millis()]

    assert _invoke(handler).payload == [REQUEST_ID, "charge", 3000]


def test_an_event_that_is_not_json_is_the_callers_error() -> None:
    with pytest.raises(InvalidInput, match="event for charge is not JSON: Object of type set"):
        _invoke(lambda event: event, {"tags": {1, 2}})
    with pytest.raises(InvalidInput, match="not JSON"):
        _invoke(lambda event: event, float("nan"))


CELL = """\
class PaymentDeclined(Exception):
    pass

def check(amount):
    if amount > 100:
        raise PaymentDeclined("too much")

def handler(event, context):
    check(event["amount"])
"""


def test_an_exception_is_reported_as_lambda_does_with_the_users_cell() -> None:
    function = _function(_cell(CELL))
    result = invoke(function, {"amount": 500}, request_id=REQUEST_ID, source_name=_source_name)
    assert result.function_error == "Unhandled"
    assert result.status_code == 200
    assert result.payload == {
        "errorMessage": "too much",
        "errorType": "PaymentDeclined",
        "requestId": REQUEST_ID,
        "stackTrace": [
            '  File "In[3]", line 9, in handler\n    check(event["amount"])\n',
            '  File "In[3]", line 6, in check\n    raise PaymentDeclined("too much")\n',
        ],
    }
    assert list(result.payload) == ["errorMessage", "errorType", "requestId", "stackTrace"]


def test_the_exception_is_kept_with_the_users_frames_only() -> None:
    result = invoke(_function(_cell(CELL)), {"amount": 500}, request_id=REQUEST_ID)
    assert type(result.exception).__name__ == "PaymentDeclined"
    assert result.exception is not None
    frames = traceback.extract_tb(result.exception.__traceback__)
    assert [(frame.filename, frame.name) for frame in frames] == [(CELL_FILE, "handler"), (CELL_FILE, "check")]


def test_without_a_source_name_files_keep_their_names() -> None:
    payload = invoke(_function(_cell(CELL)), {"amount": 500}, request_id=REQUEST_ID).payload
    assert payload["stackTrace"][0].startswith(f'  File "{CELL_FILE}", line 9, in handler\n')


def test_frames_of_the_library_that_the_handler_called_stay() -> None:
    trace = _invoke(lambda _event: json.loads("{")).payload["stackTrace"]
    assert "<lambda>" in trace[0]
    assert "in loads" in trace[1]
    assert "raw_decode" in trace[-1]


def test_a_function_that_calls_another_shows_no_frame_of_ours() -> None:
    inner = _function(_cell(CELL))
    result = _invoke(lambda _event: inner({"amount": 500}, None))
    assert [line.split(" in ")[1].split("\n")[0] for line in result.payload["stackTrace"]] == [
        "<lambda>",
        "handler",
        "check",
    ]
    assert result.exception is not None
    assert len(traceback.extract_tb(result.exception.__traceback__)) == 3


def test_of_chained_exceptions_only_the_last_is_traced() -> None:
    def handler(event: dict[str, Any]) -> None:
        try:
            event["missing"]
        except KeyError as error:
            raise PaymentDeclined("no amount") from error

    result = _invoke(handler, {})
    assert result.payload["errorType"] == "PaymentDeclined"
    assert len(result.payload["stackTrace"]) == 1
    assert isinstance(result.exception, PaymentDeclined)
    assert isinstance(result.exception.__cause__, KeyError)


class Unprintable(Exception):  # noqa: N818 - an ASL error name
    def __str__(self) -> str:
        raise RuntimeError("no text")


class NotText(Exception):  # noqa: N818 - an ASL error name
    def __str__(self) -> str:
        text: Any = 42
        return text  # type: ignore[no-any-return]  # str() refuses it, as the test wants


@pytest.mark.parametrize(
    ("exception", "error_type", "message"),
    [
        (ValueError(5), "ValueError", "5"),
        (ValueError({"code": 1}), "ValueError", "{'code': 1}"),
        (ValueError("a", 1), "ValueError", "('a', 1)"),
        (KeyError("orderId"), "KeyError", "'orderId'"),
        (PaymentDeclined(), "PaymentDeclined", ""),
        (Unprintable(), "Unprintable", "<unprintable Unprintable object>"),
        (NotText(), "NotText", "<unprintable NotText object>"),
        (json.JSONDecodeError("bad", "{", 1), "JSONDecodeError", "bad: line 1 column 2 (char 1)"),
        (asyncio.CancelledError("stop"), "CancelledError", "stop"),
        (ExceptionGroup("two", [ValueError(1), ValueError(2)]), "ExceptionGroup", "two (2 sub-exceptions)"),
    ],
)
def test_the_error_type_is_the_bare_class_name(exception: BaseException, error_type: str, message: str) -> None:
    def handler(_event: object) -> None:
        raise exception

    payload = _invoke(handler).payload
    assert (payload["errorType"], payload["errorMessage"]) == (error_type, message)


def test_an_endless_recursion_reads_the_same_however_deep_the_caller_is() -> None:
    source = (
        "def handler(event):\n    return odd(event)\ndef odd(n):\n    return even(n)\ndef even(n):\n    return odd(n)\n"
    )
    function = _function(_cell(source))

    def payload_from(depth: int) -> Any:
        if depth:
            return payload_from(depth - 1)
        return invoke(function, {}, request_id=REQUEST_ID, source_name=_source_name).payload

    payload = payload_from(0)
    assert payload["errorType"] == "RecursionError"
    assert len(payload["stackTrace"]) == MAX_FRAMES + 1
    assert payload["stackTrace"][-1] == "  [deeper frames left out]\n"
    assert all(payload_from(depth) == payload for depth in (1, 2, 51))


def test_a_function_that_calls_itself_is_folded_as_in_lambda() -> None:
    function = _function(_cell("def handler(event):\n    return handler(event)\n"))
    trace = invoke(function, {}, request_id=REQUEST_ID, source_name=_source_name).payload["stackTrace"]
    assert len(trace) < 8
    assert any("Previous line repeated" in line for line in trace)


def test_a_deep_trace_keeps_both_its_ends() -> None:
    names = [f"f{index}" for index in range(100)]
    chain = zip(names, [*names[1:], "fail"], strict=True)
    lines = [f"def {name}(event): {called}(event)\n" for name, called in chain]
    function = _function(_cell("".join(lines) + "def fail(event): event['x']\ndef handler(event): f0(event)\n"))
    trace = invoke(function, {}, request_id=REQUEST_ID, source_name=_source_name).payload["stackTrace"]
    assert len(trace) == MAX_FRAMES + 1
    assert trace[0].startswith('  File "In[3]", line 102, in handler')
    assert trace[MAX_FRAMES // 2] == "  [38 frames left out]\n"
    assert "in fail" in trace[-1]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({1, 2}, "Object of type set is not JSON serializable"),
        ({"a": object()}, "Object of type object is not JSON serializable"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        (float("nan"), "Out of range float values are not JSON compliant"),
    ],
)
def test_a_result_that_is_not_json_is_a_marshal_error(result: Any, reason: str) -> None:
    answer = _invoke(lambda _event: result)
    assert answer.function_error == "Unhandled"
    assert answer.payload["errorMessage"].startswith(f"Unable to marshal response: {reason}")
    assert answer.payload["errorType"] == "Runtime.MarshalError"
    assert answer.payload["requestId"] == REQUEST_ID
    assert answer.payload["stackTrace"] == []


def test_a_circular_result_is_a_marshal_error() -> None:
    def handler(event: dict[str, Any]) -> dict[str, Any]:
        event["self"] = event
        return event

    assert _invoke(handler, {}).payload["errorMessage"] == "Unable to marshal response: Circular reference detected"


def test_a_result_beyond_lambdas_limit() -> None:
    answer = _invoke(lambda _event: "a" * 6_291_555)
    assert answer.function_error == "Unhandled"
    assert answer.payload == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert _invoke(lambda _event: "a" * 6_291_554).function_error is None


def test_a_generator_as_result_is_a_marshal_error() -> None:
    answer = _invoke(lambda _event: (number for number in (1, 2)))
    assert (
        answer.payload["errorMessage"]
        == "Unable to marshal response: Object of type generator is not JSON serializable"
    )


# Modelled time


def test_the_modelled_duration_is_reported_and_takes_no_time() -> None:
    function = _function(lambda event: event, timeout=900, duration=lambda event: event["seconds"])
    assert invoke(function, {"seconds": 600}, request_id=REQUEST_ID).duration_seconds == 600.0
    assert invoke(function, {"seconds": 900}, request_id=REQUEST_ID).function_error is None


def test_a_duration_beyond_the_timeout_is_sandbox_timedout() -> None:
    done: list[str] = []

    def handler(_event: object) -> str:
        done.append("charged")
        return "receipt"

    result = invoke(_function(handler, duration=3.5), {}, request_id=REQUEST_ID)
    assert result.function_error == "Unhandled"
    assert result.duration_seconds == 3.0
    assert json.dumps(result.payload) == (
        '{"errorType": "Sandbox.Timedout", '
        f'"errorMessage": "RequestId: {REQUEST_ID} Error: Task timed out after 3.00 seconds"}}'
    )
    assert done == ["charged"]


def test_a_timeout_hides_what_the_handler_raised() -> None:
    result = invoke(_function(lambda event: event["x"], timeout=1.5, duration=2), {}, request_id=REQUEST_ID)
    assert result.payload["errorType"] == "Sandbox.Timedout"
    assert "after 1.50 seconds" in result.payload["errorMessage"]
    assert result.exception is None


def test_a_stopwatch_measures_beside_the_modelled_time() -> None:
    now_seconds = [100.0]

    def handler(_event: object, context: LambdaContext) -> list[int]:
        before = context.get_remaining_time_in_millis()
        now_seconds[0] += 1.25
        return [before, context.get_remaining_time_in_millis()]

    result = invoke(_function(handler), {}, request_id=REQUEST_ID, stopwatch=lambda: now_seconds[0])
    assert result.payload == [3000, 1750]
    assert result.real_seconds == 1.25
    assert result.duration_seconds == 0.0


# Ending the process


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (None, "Runtime exited without providing a reason"),
        (0, "Runtime exited without providing a reason"),
        (False, "Runtime exited without providing a reason"),
        (1, "Runtime exited with error: exit status 1"),
        (127, "Runtime exited with error: exit status 127"),
        (-1, "Runtime exited with error: exit status 255"),
        ("giving up", "Runtime exited with error: exit status 1"),
    ],
)
@pytest.mark.parametrize("is_async", [False, True])
def test_sys_exit_ends_the_invocation_not_the_kernel(*, code: Any, reason: str, is_async: bool) -> None:
    async def async_handler(_event: object) -> None:
        sys.exit(code)

    result = _invoke(async_handler if is_async else lambda _event: sys.exit(code))
    assert result.function_error == "Unhandled"
    assert result.payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {REQUEST_ID} Error: {reason}",
    }


def test_an_interrupt_belongs_to_the_user() -> None:
    with pytest.raises(KeyboardInterrupt):
        _invoke(lambda _event: signal.raise_signal(signal.SIGINT))


def test_control_flow_passes_through() -> None:
    class Suspend(BaseException):
        pass

    def handler(_event: object) -> None:
        raise Suspend

    with pytest.raises(Suspend):
        _invoke(handler)


# async def


async def _async_double(event: dict[str, int]) -> int:
    await asyncio.sleep(0)
    return event["n"] * 2


def test_an_async_handler_runs_to_its_end() -> None:
    assert _invoke(_async_double, {"n": 4}).payload == 8


def test_an_async_handler_runs_while_the_kernels_loop_does() -> None:
    async def cell() -> list[Any]:
        return [_invoke(_async_double, {"n": 4}).payload, await _async_double({"n": 5})]

    assert asyncio.run(cell()) == [8, 10]


def test_an_async_handler_behind_a_plain_decorator_runs_too() -> None:
    @functools.wraps(_async_double)
    def traced(event: dict[str, int]) -> Any:
        return _async_double(event)

    assert _invoke(traced, {"n": 4}).payload == 8


ASYNC_CELL = """\
import asyncio

async def check(amount):
    await asyncio.sleep(0)
    raise ValueError("too much")

async def handler(event):
    async with asyncio.TaskGroup() as group:
        pass
    await check(event)
"""


def test_an_async_handler_that_raises_shows_the_users_frames_only() -> None:
    function = _function(_cell(ASYNC_CELL))

    async def cell() -> InvocationResult:
        return invoke(function, {}, request_id=REQUEST_ID, source_name=_source_name)

    for result in (invoke(function, {}, request_id=REQUEST_ID, source_name=_source_name), asyncio.run(cell())):
        assert result.payload["stackTrace"] == [
            '  File "In[3]", line 10, in handler\n    await check(event)\n',
            '  File "In[3]", line 5, in check\n    raise ValueError("too much")\n',
        ]
        assert isinstance(result.exception, ValueError)
        assert _first_file(result.exception.__traceback__) == CELL_FILE


def _first_file(trace: TracebackType | None) -> str:
    assert trace is not None
    return trace.tb_frame.f_code.co_filename


def test_an_async_handler_may_use_asyncio_freely() -> None:
    async def handler(event: list[int]) -> list[int]:
        async with asyncio.timeout(60):
            doubled = await asyncio.gather(*(_async_double({"n": each}) for each in event))
        in_thread = await asyncio.to_thread(sum, doubled)
        return [*doubled, in_thread]

    assert _invoke(handler, [1, 2, 3]).payload == [2, 4, 6, 12]
