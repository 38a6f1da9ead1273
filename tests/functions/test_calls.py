import warnings
from typing import Any

import pytest

from sfn_notebook.functions.calls import CallKind, CallRecord
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry

AUDIT = "arn:aws:lambda:us-east-1:123456789012:function:audit"


@pytest.fixture
def records(service: LambdaService) -> list[CallRecord]:
    records: list[CallRecord] = []
    service.log.observe(records.append)
    return records


def test_an_event_is_told_from_its_acceptance_to_its_destination(
    registry: FunctionRegistry, service: LambdaService, records: list[CallRecord]
) -> None:
    registry.lambda_function(name="audit")(lambda _record: None)

    @registry.lambda_function(retries=1, on_failure="audit")
    def charge(_event: Any) -> None:
        raise ValueError("no card")

    request_id = charge.invoke({}, "Event").request_id
    service.advance()
    own = [each for each in records if each.request_id == request_id]
    kinds = CallKind.ACCEPTED, CallKind.ATTEMPT, CallKind.ATTEMPT, CallKind.DROPPED, CallKind.DESTINATION
    assert tuple(each.kind for each in own) == kinds
    assert [each.attempt for each in own] == [0, 1, 2, 2, 2]
    assert [each.at_seconds - own[0].at_seconds for each in own] == [0, 0, 60, 60, 60]
    assert own[-1].target_arn == AUDIT
    audited = [each for each in records if each.function_name == "audit"]
    assert [(each.kind, each.caller) for each in audited] == [
        (CallKind.ACCEPTED, "charge"),
        (CallKind.ATTEMPT, "charge"),
    ]


def test_a_call_within_a_handler_names_its_caller(
    registry: FunctionRegistry, service: LambdaService, records: list[CallRecord]
) -> None:
    inner = registry.lambda_function(name="inner", duration=2)(lambda event: event)
    outer = registry.lambda_function(name="outer", init=1)(lambda event: inner.invoke(event).payload)
    began_seconds = service.scheduler.now()
    outer.invoke("x")
    told = {each.function_name: (each.caller, each.at_seconds - began_seconds) for each in records}
    assert told == {"inner": ("outer", 1), "outer": (None, 0)}


def test_metrics_count_what_cloudwatch_counts(registry: FunctionRegistry, service: LambdaService) -> None:
    @registry.lambda_function(retries=0)
    def charge(event: int) -> float:
        return 1 / event

    charge.invoke(1)
    charge.invoke(0)
    charge.invoke(0, "Event")
    service.advance()
    metrics = service.log.metrics("charge")
    assert (metrics.invocations, metrics.errors) == (3, 2)
    assert (metrics.async_events_received, metrics.async_events_dropped) == (1, 1)
    assert service.log.metrics("nobody").invocations == 0


def test_an_observer_that_fails_is_dropped_and_named(
    registry: FunctionRegistry, service: LambdaService, records: list[CallRecord]
) -> None:
    def clumsy(_record: CallRecord) -> None:
        raise RuntimeError("oops")

    service.log.observe(clumsy)
    echo = registry.lambda_function(name="echo")(lambda event: event)
    with pytest.warns(RuntimeWarning, match="observer .*clumsy failed and was dropped"):
        assert echo.invoke(1).payload == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        echo.invoke(2)
    service.log.forget(records.append)
    echo.invoke(3)
    assert len(records) == 2
