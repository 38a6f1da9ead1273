from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.calls import CallKind, CallRecord
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException, TooManyRequestsException
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry


def _observed(service: LambdaService) -> list[CallRecord]:
    records: list[CallRecord] = []
    service.log.observe(records.append)
    return records


def _attempts(records: list[CallRecord]) -> list[CallRecord]:
    return [each for each in records if each.kind is CallKind.ATTEMPT]


def _elapsed(service: LambdaService, call: Callable[[], object]) -> float:
    began_seconds = service.scheduler.now()
    call()
    return round(service.scheduler.now() - began_seconds, 3)


def test_an_environment_is_reused_when_its_call_has_ended(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _observed(service)
    work = registry.lambda_function(name="work", init=1, duration=2)(lambda event: event)
    for _ in range(3):
        work.invoke({})
    assert [each.is_cold_start for each in records] == [True, False, False]
    assert len({each.environment for each in records}) == 1


def test_calls_at_the_same_time_have_an_environment_each(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _observed(service)
    work = registry.lambda_function(name="work", init=1, duration=2)(lambda event: event)
    for number in range(5):
        work.invoke(number, "Event")
    service.advance(0.5)
    assert service.concurrent_executions("work") == 5
    service.advance()
    assert service.concurrent_executions("work") == 0
    for number in range(5):
        work.invoke(number, "Event")
    service.advance()
    attempts = _attempts(records)
    assert [each.is_cold_start for each in attempts] == [True] * 5 + [False] * 5
    assert len({each.environment for each in attempts}) == 5


def test_running_the_cell_again_deploys_new_code(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _observed(service)
    first = registry.lambda_function(name="work", init=1)(lambda _event: 1)
    assert [first.invoke().payload, first.invoke().payload] == [1, 1]
    second = registry.lambda_function(name="work", init=1)(lambda _event: 2)
    assert [second.invoke().payload, second.invoke().payload] == [2, 2]
    assert [each.is_cold_start for each in records] == [True, False, True, False]


def test_a_slow_initialisation_is_begun_again_within_the_call(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    work = registry.lambda_function(name="work", init=12, duration=1, timeout=20)(lambda event: event)
    assert _elapsed(service, lambda: work.invoke({})) == 10 + 12 + 1
    short = registry.lambda_function(name="short", init=12, duration=1, timeout=5)(lambda event: event)
    response = short.invoke({})
    assert "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout" in response.log
    assert response.payload["errorType"] == "Sandbox.Timedout"


def test_after_a_timeout_the_next_call_initialises_again(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _observed(service)
    work = registry.lambda_function(name="work", init=0.5, duration=lambda event: event, timeout=3)(lambda event: event)
    responses = [work.invoke(seconds) for seconds in (1, 5, 1, 1)]
    assert [each.function_error for each in responses] == [None, "Unhandled", None, None]
    assert [each.duration_seconds for each in responses] == [1, 3, 1.5, 1]
    assert [each.is_cold_start for each in records] == [True, False, False, False]


# What follows reads and writes globals of this module, as a cell does of the notebook.
_counter = 0
_orders: dict[str, list[int]] = {"open": []}


def _note(number: int) -> None:
    _orders["open"].append(number)


def _count(event: Any) -> list[Any]:
    global _counter  # noqa: PLW0603 - module state is what is tested
    _counter += 1
    _note(_counter)
    if event == "crash":
        raise SystemExit(1)
    return [_counter, list(_orders["open"])]


def test_without_isolation_all_environments_share_the_notebooks_globals(
    registry: FunctionRegistry, service: LambdaService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_orders, "open", [])
    monkeypatch.setitem(globals(), "_counter", 0)
    count = registry.lambda_function(name="count", duration=1)(_count)
    assert [count.invoke({}).payload[0], count.invoke({}).payload[0]] == [1, 2]
    assert _counter == 2


def test_isolated_environments_have_globals_of_their_own(registry: FunctionRegistry, service: LambdaService) -> None:
    answers: list[Any] = []
    collect = registry.lambda_function(name="collect")(lambda record: answers.append(record["responsePayload"]))
    count = registry.lambda_function(name="count", duration=1, isolated=True, on_success=collect)(_count)
    for number in range(2):
        count.invoke(number, "Event")
    service.advance()
    assert answers == [[1, [1]], [1, [1]]]
    assert count.invoke({}).payload == [2, [1, 2]]
    assert _counter == 0
    assert _orders == {"open": []}


def test_a_crash_loses_the_globals_of_its_environment(registry: FunctionRegistry, service: LambdaService) -> None:
    count = registry.lambda_function(name="count", isolated=True)(_count)
    assert [count.invoke(event).payload for event in (1, 2)] == [[1, [1]], [2, [1, 2]]]
    assert count.invoke("crash").payload["errorType"] == "Runtime.ExitError"
    assert count.invoke(4).payload == [1, [1]]


def test_only_a_plain_function_can_be_isolated(registry: FunctionRegistry) -> None:
    class Handler:
        def __call__(self, event: Any) -> Any:
            return event

    with pytest.raises(InvalidInput, match="cannot be isolated"):
        registry.lambda_function(name="odd", isolated=True)(Handler())


def test_reserved_concurrency_is_a_limit(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _observed(service)
    work = registry.lambda_function(name="work", duration=10, reserved_concurrency=2)(lambda event: event)
    for number in range(2):
        work.invoke(number, "Event")
    service.advance(1)
    with pytest.raises(TooManyRequestsException, match=r"Rate Exceeded\.") as throttled:
        work.invoke({})
    assert throttled.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert (throttled.value.code, throttled.value.status_code) == ("TooManyRequestsException", 429)
    assert [each.kind for each in records[-1:]] == [CallKind.THROTTLE]
    service.advance(9)
    assert work.invoke({}).status_code == 200


def test_reserved_concurrency_of_0_turns_a_function_off(registry: FunctionRegistry, service: LambdaService) -> None:
    work = registry.lambda_function(name="work")(lambda event: event)
    service.put_function_concurrency("work", 0)
    with pytest.raises(TooManyRequestsException):
        work.invoke({})
    assert work.invoke({}, "Event").status_code == 202
    service.put_function_concurrency("work", None)
    assert work.invoke({}).status_code == 200


def test_the_account_has_a_limit_that_reservations_reduce(registry: FunctionRegistry, service: LambdaService) -> None:
    registry.lambda_function(name="reserved", reserved_concurrency=900)(lambda event: event)
    service.invoke("reserved")
    work = registry.lambda_function(name="work", duration=10)(lambda event: event)
    other = registry.lambda_function(name="other", duration=10)(lambda event: event)
    for number in range(50):
        work.invoke(number, "Event")
        other.invoke(number, "Event")
    service.advance(1)
    with pytest.raises(TooManyRequestsException) as throttled:
        work.invoke({})
    assert throttled.value.reason == "ConcurrentInvocationLimitExceeded"
    assert service.invoke("reserved").status_code == 200


def test_a_function_scales_by_1000_environments_in_10_seconds(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    service.account_concurrency = 5000
    work = registry.lambda_function(name="work", duration=60, timeout=100)(lambda event: event)
    for number in range(2500):
        work.invoke(number, "Event")
    running = []
    for _ in range(4):
        service.advance(1)
        running.append(service.concurrent_executions("work"))
        service.advance(9)
    assert running == [1000, 1000, 2000, 2500]


def test_at_least_100_environments_remain_for_the_others(registry: FunctionRegistry, service: LambdaService) -> None:
    for name in ("first", "second"):
        registry.lambda_function(name=name)(lambda event: event)
    service.put_function_concurrency("first", 800)
    with pytest.raises(InvalidParameterValueException, match=r"below its minimum value of \[100\]"):
        service.put_function_concurrency("second", 101)
    service.put_function_concurrency("second", 100)
    service.put_function_concurrency("first", 700)
    service.put_function_concurrency("second", 200)


def test_provisioned_environments_start_ahead(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _observed(service)
    work = registry.lambda_function(name="work", init=3, duration=1)(lambda event: event)
    work.publish_version()
    service.put_provisioned_concurrency_config("work", "1", 2)
    assert _elapsed(service, lambda: work.invoke({}, qualifier="1")) == 4
    for number in range(3):
        work.invoke(number, "Event", qualifier="1")
    service.advance()
    assert [each.init_seconds for each in _attempts(records)] == [3, 0, 0, 0]
    # The fourth found the environment of the first call warm; a fifth at once starts cold.
    for number in range(4):
        work.invoke(number, "Event", qualifier="1")
    service.advance()
    assert [each.init_seconds for each in _attempts(records)][4:] == [0, 0, 0, 3]


def test_provisioned_concurrency_is_for_versions_within_the_reservation(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    work = registry.lambda_function(name="work", reserved_concurrency=2, duration=1)(lambda event: event)
    work.publish_version()
    work.create_alias("live", "1")
    with pytest.raises(InvalidParameterValueException, match="cannot be applied to unpublished function versions"):
        service.put_provisioned_concurrency_config("work", "$LATEST", 1)
    with pytest.raises(InvalidParameterValueException, match="should not be greater than the reservedConcurrent"):
        service.put_provisioned_concurrency_config("work", "live", 3)
    service.put_provisioned_concurrency_config("work", "live", 2)
    with pytest.raises(InvalidParameterValueException, match=r"total provisioned concurrency \[2\]"):
        service.put_function_concurrency("work", 1)


def test_a_reservation_that_is_all_provisioned_throttles_the_latest_version(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    work = registry.lambda_function(name="work", reserved_concurrency=2)(lambda event: event)
    work.publish_version()
    service.put_provisioned_concurrency_config("work", "1", 2)
    assert work.invoke({}, qualifier="1").status_code == 200
    with pytest.raises(TooManyRequestsException) as throttled:
        work.invoke({})
    assert throttled.value.reason == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_a_handler_that_calls_its_own_function_needs_a_second_environment(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    @registry.lambda_function(reserved_concurrency=1)
    def again(event: int) -> Any:
        return again.invoke(event - 1).payload if event else "done"

    assert again.invoke(0).payload == "done"
    assert again.invoke(1).payload["errorType"] == "TooManyRequestsException"


def test_what_a_decorator_does_not_say_any_more_is_taken_back(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    def work(event: int) -> int:
        return event

    registry.lambda_function(reserved_concurrency=0, retries=0)(work)
    with pytest.raises(TooManyRequestsException):
        service.invoke("work", 1)
    registry.lambda_function(work)
    assert service.invoke("work", 1).payload == 1
    assert service.deployments.of("work").asynchronous_config(None).maximum_retry_attempts == 2


def test_what_was_set_by_a_call_stays_when_the_cell_runs_again(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    def work(event: int) -> int:
        return event

    registry.lambda_function(reserved_concurrency=5)(work)
    service.put_function_concurrency("work", 0)
    service.put_function_event_invoke_config("work", maximum_retry_attempts=1)
    registry.lambda_function(work)
    with pytest.raises(TooManyRequestsException):
        service.invoke("work", 1)
    assert service.deployments.of("work").asynchronous_config(None).maximum_retry_attempts == 1
