"""Work that is done once for each key, in modelled time."""

import asyncio
from typing import Any

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.idempotency import RememberedResult, idempotent
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry


def test_an_event_that_arrives_twice_is_worked_on_once(registry: FunctionRegistry, service: LambdaService) -> None:
    paid = []

    @registry.lambda_function(duplicates=1.0)
    @idempotent(key="order", registry=registry)
    def pay(event: Any) -> Any:
        paid.append(event["order"])
        return {"receipt": event["order"]}

    for order in ("a", "b"):
        pay.invoke({"order": order}, "Event")
    service.advance()
    assert paid == ["a", "b"]
    assert service.log.metrics("pay").invocations == 4
    assert pay.invoke({"order": "a"}).payload == {"receipt": "a"}


def test_a_result_is_forgotten_when_its_time_is_over(registry: FunctionRegistry, service: LambdaService) -> None:
    store: dict[str, RememberedResult] = {}
    runs = []

    @registry.lambda_function
    @idempotent(key=lambda event: event, store=store, expires_after=60, registry=registry)
    def count(event: Any) -> int:
        runs.append(event)
        return len(runs)

    assert count.invoke(7).payload == 1
    assert store["7"] == RememberedResult(1, service.now() + 60)
    service.advance(59)
    assert count.invoke(7).payload == 1
    service.advance(1)
    assert count.invoke(7).payload == 2


def test_what_failed_is_tried_again(registry: FunctionRegistry, service: LambdaService) -> None:
    attempts = []

    @registry.lambda_function
    @idempotent(key="id", registry=registry)
    def flaky(event: Any) -> str:
        attempts.append(event)
        if len(attempts) < 3:
            raise ConnectionError
        return "done"

    flaky.invoke({"id": 1}, "Event")
    service.advance()
    assert len(attempts) == 3
    assert flaky.invoke({"id": 1}).payload == "done"


def test_a_caller_cannot_change_what_is_remembered(registry: FunctionRegistry) -> None:
    @idempotent(key="id", registry=registry)
    def listed(_event: Any) -> list[int]:
        return [1]

    listed({"id": 1}, None).append(2)
    listed({"id": 1}, None).append(3)
    assert listed({"id": 1}, None) == [1]


def test_the_context_and_coroutines_reach_the_handler(registry: FunctionRegistry) -> None:
    @registry.lambda_function
    @idempotent(key="id", registry=registry)
    async def named(_event: Any, context: Any) -> str:
        await asyncio.sleep(0)
        return str(context.function_name)

    assert named.name == "named"
    assert named.invoke({"id": 1}).payload == "named"
    assert named.invoke({"id": 1}).payload == "named"


def test_what_cannot_be_told_apart_is_refused(registry: FunctionRegistry) -> None:
    @registry.lambda_function
    @idempotent(key="id", registry=registry)
    def work(event: Any) -> Any:
        return event

    assert work.invoke({"other": 1}).payload["errorType"] == "InvalidInput"
    with pytest.raises(InvalidInput, match="below @lambda_function"):
        idempotent(key="id")(work)
    with pytest.raises(InvalidInput, match="cannot be remembered"):
        idempotent(key="id", expires_after=0)
