import base64
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook._json import ABSENT
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.lambda_errors import (
    InvalidParameterValueException,
    InvalidRequestContentException,
    LambdaServiceError,
    RequestTooLargeException,
    ResourceNotFoundException,
)
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry

ARN = "arn:aws:lambda:us-east-1:123456789012:function"
MEGABYTE = 1024 * 1024


@pytest.fixture
def validate(registry: FunctionRegistry, service: LambdaService) -> LambdaFunction:
    @registry.lambda_function
    def validate(event: Any) -> Any:
        return {"seen": event}

    return validate


def _elapsed(service: LambdaService, call: Callable[[], object]) -> float:
    began_seconds = service.scheduler.now()
    call()
    return round(service.scheduler.now() - began_seconds, 6)


def test_a_synchronous_call_answers_with_the_result(validate: LambdaFunction) -> None:
    response = validate.invoke({"orderId": 7})
    assert (response.status_code, response.function_error) == (200, None)
    assert response.payload == {"seen": {"orderId": 7}}
    assert response.as_aws() == {
        "StatusCode": 200,
        "Payload": '{"seen":{"orderId":7}}',
        "ExecutedVersion": "$LATEST",
    }


def test_nothing_returned_is_the_text_null(registry: FunctionRegistry, service: LambdaService) -> None:
    silent = registry.lambda_function(name="silent")(lambda _event: None)
    assert silent.invoke({}).as_aws()["Payload"] == "null"


def test_without_a_payload_the_event_is_an_empty_object(validate: LambdaFunction) -> None:
    assert validate.invoke().payload == {"seen": {}}
    assert validate.invoke(None).payload == {"seen": None}


def test_an_event_is_accepted_at_once_and_runs_when_time_passes(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    seen: list[Any] = []
    collect = registry.lambda_function(name="collect")(seen.append)
    response = collect.invoke({"n": 1}, "Event")
    assert response.as_aws() == {"StatusCode": 202, "Payload": ""}
    assert response.payload is ABSENT
    assert not seen
    service.advance()
    assert seen == [{"n": 1}]


def test_a_dry_run_checks_the_name_and_runs_nothing(registry: FunctionRegistry, service: LambdaService) -> None:
    seen: list[Any] = []
    collect = registry.lambda_function(name="collect")(seen.append)
    assert collect.invoke({}, "DryRun").as_aws() == {"StatusCode": 204, "Payload": ""}
    with pytest.raises(ResourceNotFoundException):
        service.invoke("colect", {}, "DryRun")
    service.advance()
    assert not seen


def test_a_function_error_is_an_answer_with_status_200(registry: FunctionRegistry, service: LambdaService) -> None:
    @registry.lambda_function
    def charge(event: Any) -> None:
        raise ValueError(f"no card for {event}")

    response = charge.invoke("Ada")
    assert (response.status_code, response.function_error) == (200, "Unhandled")
    assert response.payload["errorType"] == "ValueError"
    assert response.payload["requestId"] == response.request_id
    assert isinstance(response.exception, ValueError)


@pytest.mark.parametrize("reference", ["nobody", f"{ARN}:nobody", "function:nobody"])
@pytest.mark.parametrize("invocation_type", ["RequestResponse", "Event", "DryRun"])
def test_a_function_that_is_not_there_is_refused(service: LambdaService, reference: str, invocation_type: str) -> None:
    with pytest.raises(ResourceNotFoundException) as refused:
        service.invoke(reference, {}, invocation_type)
    assert refused.value.message == f"Function not found: {ARN}:nobody:$LATEST"
    assert (refused.value.code, refused.value.status_code) == ("ResourceNotFoundException", 404)


def test_what_is_no_function_name_is_not_found(service: LambdaService) -> None:
    with pytest.raises(ResourceNotFoundException):
        service.invoke("no such name")


def test_an_unknown_invocation_type_is_refused(validate: LambdaFunction) -> None:
    with pytest.raises(InvalidParameterValueException, match="'Sync' is no InvocationType") as refused:
        validate.invoke({}, "Sync")
    assert '"RequestResponse", "Event", "DryRun"' in refused.value.hint


@pytest.mark.parametrize(
    ("invocation_type", "limit_bytes"),
    [("RequestResponse", 6 * MEGABYTE), ("Event", MEGABYTE), ("DryRun", 6 * MEGABYTE)],
)
def test_a_payload_has_a_limit_of_its_invocation_type(
    validate: LambdaFunction, invocation_type: str, limit_bytes: int
) -> None:
    validate.invoke("x" * (limit_bytes - 2), invocation_type)
    with pytest.raises(RequestTooLargeException) as refused:
        validate.invoke("x" * (limit_bytes - 1), invocation_type)
    assert refused.value.message == f"Request must be smaller than {limit_bytes} bytes for the InvokeFunction operation"
    assert refused.value.status_code == 413
    with pytest.raises(RequestTooLargeException):
        validate.invoke(b'"' + b"x" * limit_bytes + b'"', invocation_type)
    with pytest.raises(RequestTooLargeException):
        validate.invoke("\u20ac" * (limit_bytes // 3), invocation_type)


def test_a_response_beyond_the_limit_is_a_function_error(registry: FunctionRegistry, service: LambdaService) -> None:
    large = registry.lambda_function(name="large")(lambda _event: "x" * 6_291_555)
    assert large.invoke({}).payload == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }


def test_a_body_in_bytes_is_read_as_it_is(validate: LambdaFunction) -> None:
    assert validate.invoke(b'{"a": [1, 2]}').payload == {"seen": {"a": [1, 2]}}
    with pytest.raises(InvalidRequestContentException) as refused:
        validate.invoke(b"{a: 1}")
    assert refused.value.message.startswith(
        "Could not parse request body into json: Unexpected character ('a' (code 97))"
    )
    assert refused.value.status_code == 400


def test_a_payload_that_is_no_json_is_the_authors_error(validate: LambdaFunction) -> None:
    with pytest.raises(InvalidInput, match="payload is not JSON"):
        validate.invoke({"tags": {1, 2}})


def test_two_different_qualifiers_are_refused(service: LambdaService, validate: LambdaFunction) -> None:
    with pytest.raises(InvalidParameterValueException, match="derived qualifier from the function name"):
        service.invoke("validate:1", {}, qualifier="2")
    assert service.invoke("validate:$LATEST", {}, qualifier="$LATEST").status_code == 200


def test_every_refusal_is_one_kind_of_error(service: LambdaService) -> None:
    with pytest.raises(LambdaServiceError) as refused:
        service.invoke("nobody")
    assert refused.value._render_traceback_()[0].startswith("ResourceNotFoundException: Function not found:")


def test_a_function_of_no_notebook_says_so() -> None:
    with pytest.raises(InvalidInput, match="belongs to no notebook"):
        LambdaFunction(lambda event: event, name="loose").invoke()


def test_the_modelled_time_of_a_call_passes(registry: FunctionRegistry, service: LambdaService) -> None:
    slow = registry.lambda_function(name="slow", duration=2.5, init=0.5)(lambda event: event)
    assert _elapsed(service, lambda: slow.invoke({})) == 3.0
    assert _elapsed(service, lambda: slow.invoke({})) == 2.5


def test_a_handler_that_calls_another_function_waits_for_it(registry: FunctionRegistry, service: LambdaService) -> None:
    inner = registry.lambda_function(name="inner", duration=2.0)(lambda event: event + 1)

    @registry.lambda_function(duration=0.5, timeout=10)
    def outer(event: int) -> Any:
        first = inner.invoke(event)
        second = inner.invoke(first.payload)
        return [second.payload, len({first.request_id, second.request_id})]

    assert _elapsed(service, lambda: outer.invoke(1)) == 4.5
    assert outer.invoke(1).payload == [3, 2]
    assert outer.invoke(1).duration_seconds == 4.5


def test_waiting_for_another_function_counts_against_the_timeout(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    inner = registry.lambda_function(name="inner", duration=2.9)(lambda event: event)
    outer = registry.lambda_function(name="outer", duration=0.2)(lambda event: inner.invoke(event).payload)
    response = outer.invoke({})
    assert response.payload["errorType"] == "Sandbox.Timedout"
    assert response.duration_seconds == 3.0


def test_a_handler_can_send_events(registry: FunctionRegistry, service: LambdaService) -> None:
    seen: list[Any] = []
    later = registry.lambda_function(name="later")(seen.append)
    first = registry.lambda_function(name="first")(lambda event: later.invoke(event, "Event").status_code)
    assert first.invoke("x").payload == 202
    service.advance()
    assert seen == ["x"]


def test_a_timeout_has_lambdas_text(registry: FunctionRegistry, service: LambdaService) -> None:
    slow = registry.lambda_function(name="slow", duration=5, timeout=1)(lambda event: event)
    response = slow.invoke({})
    assert response.function_error == "Unhandled"
    message = f"RequestId: {response.request_id} Error: Task timed out after 1.00 seconds"
    assert response.payload == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    assert response.log.rstrip().endswith("Status: timeout")


def test_more_memory_than_there_is_kills_the_function(registry: FunctionRegistry, service: LambdaService) -> None:
    load = registry.lambda_function(name="load", memory=256, memory_used=lambda event: event["rows"] / 10)(len)
    assert load.invoke({"rows": 2560}).payload == 1
    response = load.invoke({"rows": 2561})
    message = f"RequestId: {response.request_id} Error: Runtime exited with error: signal: killed"
    assert response.payload == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert "Max Memory Used: 256 MB" in response.log
    assert response.log.rstrip().endswith("Status: error\tError Type: Runtime.ExitError")


def test_a_memory_model_that_fails_is_the_authors_error(registry: FunctionRegistry, service: LambdaService) -> None:
    load = registry.lambda_function(name="load", memory_used=lambda event: event["rows"])(len)
    with pytest.raises(InvalidInput, match="memory_used raised KeyError"):
        load.invoke({})
    with pytest.raises(InvalidInput, match="memory_used returned cannot be -1"):
        load.invoke({"rows": -1})
    assert service.concurrent_executions("load") == 0


def test_a_process_that_exits_has_lambdas_text(registry: FunctionRegistry, service: LambdaService) -> None:
    leave = registry.lambda_function(name="leave")(sys.exit)
    response = leave.invoke(127)
    assert response.payload["errorType"] == "Runtime.ExitError"
    assert response.payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 127")


def test_the_log_of_a_cold_start_and_of_a_warm_call(registry: FunctionRegistry, service: LambdaService) -> None:
    @registry.lambda_function(init=0.1101, duration=0.00301, memory_used=36)
    def hello(event: Any) -> None:
        print("got", event)  # noqa: T201 - what a handler prints is what is looked at

    cold, warm = hello.invoke(1), hello.invoke(2)
    report = (
        "REPORT RequestId: {}\tDuration: 3.01 ms\tBilled Duration: {} ms\tMemory Size: 128 MB\tMax Memory Used: 36 MB"
    )
    assert cold.log.splitlines() == [
        "INIT_START Runtime Version: notebook\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:notebook",
        f"START RequestId: {cold.request_id} Version: $LATEST",
        "got 1",
        f"END RequestId: {cold.request_id}",
        f"{report.format(cold.request_id, 114)}\tInit Duration: 110.10 ms",
    ]
    assert warm.log.splitlines() == [
        f"START RequestId: {warm.request_id} Version: $LATEST",
        "got 2",
        f"END RequestId: {warm.request_id}",
        report.format(warm.request_id, 4),
    ]


def test_the_log_of_an_error_has_the_traceback_with_no_break_spaces(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    @registry.lambda_function
    def charge(event: Any) -> None:
        raise ValueError("no card")

    lines = charge.invoke({}).log.splitlines()
    assert lines[2:4] == ["[ERROR] ValueError: no card", "Traceback (most recent call last):"]
    assert lines[4].startswith('\u00a0\u00a0File "')
    assert lines[5] == '\u00a0\u00a0\u00a0\u00a0raise ValueError("no card")'


def test_the_tail_of_the_log_is_sent_when_asked_for(registry: FunctionRegistry, service: LambdaService) -> None:
    @registry.lambda_function
    def talk(event: int) -> None:
        print("word " * event)  # noqa: T201 - as above

    assert "LogResult" not in talk.invoke(1).as_aws()
    response = talk.invoke(1, log_type="Tail")
    assert base64.b64decode(response.as_aws()["LogResult"]).decode() == response.log
    assert len(base64.b64decode(talk.invoke(5000, log_type="Tail").log_result or "")) == 4096


def test_request_ids_and_answers_repeat() -> None:
    def session() -> list[str]:
        registry = FunctionRegistry()
        echo = registry.lambda_function(name="echo", duration=1)(lambda event: event)
        return [json.dumps(echo.invoke(number).as_aws()) + echo.invoke(number).request_id for number in range(5)]

    assert session() == session()


def test_a_workspace_goes_on_in_the_time_of_what_was_invoked_before(registry: FunctionRegistry) -> None:
    seen: list[Any] = []
    collect = registry.lambda_function(name="collect")(seen.append)
    collect.invoke(1, "Event")
    registry.serve(None).advance()
    assert seen == [1]
    assert registry.serve(None) is not registry.serve(None)


def test_time_does_not_pass_backwards(service: LambdaService) -> None:
    service.advance(5)
    with pytest.raises(InvalidInput, match="-1 seconds"):
        service.advance(-1)
