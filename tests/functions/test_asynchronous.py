import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.calls import CallKind, CallRecord
from sfn_notebook.functions.event_invoke_config import EventInvokeConfig
from sfn_notebook.functions.lambda_context import LambdaContext
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException, ResourceNotFoundException
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.runtime.clock import ManualClock, stopwatch
from sfn_notebook.runtime.scheduler import Scheduler

QUEUE = "arn:aws:sqs:us-east-1:123456789012:failed-orders"
TOPIC = "arn:aws:sns:us-east-1:123456789012:failed-orders"


class Attempts:
    """A handler that notes when it is called, under which request id, and fails so often."""

    def __init__(self, service: LambdaService, failures: int = 99) -> None:
        self._service = service
        self._began_seconds = service.scheduler.now()
        self._failures = failures
        self.seconds: list[float] = []
        self.request_ids: list[str] = []

    def __call__(self, event: Any, context: LambdaContext) -> Any:
        self.seconds.append(round(self._service.scheduler.now() - self._began_seconds, 3))
        self.request_ids.append(context.aws_request_id)
        if len(self.seconds) <= self._failures:
            raise ValueError("not yet")
        return event


def _records(service: LambdaService) -> list[CallRecord]:
    records: list[CallRecord] = []
    service.log.observe(records.append)
    return records


def _reasons(records: list[CallRecord]) -> list[str | None]:
    return [each.reason for each in records if each.kind is CallKind.DROPPED]


@pytest.mark.parametrize(("retries", "seconds"), [(0, [0]), (1, [0, 60]), (2, [0, 60, 180]), (None, [0, 60, 180])])
def test_a_failed_event_is_tried_again_after_one_and_two_minutes(
    registry: FunctionRegistry, service: LambdaService, retries: int | None, seconds: list[float]
) -> None:
    handler = Attempts(service)
    registry.lambda_function(name="charge", retries=retries)(handler)
    accepted = service.invoke("charge", {}, "Event")
    service.advance()
    assert handler.seconds == seconds
    assert set(handler.request_ids) == {accepted.request_id}


def test_no_event_is_tried_again_once_it_went_well(registry: FunctionRegistry, service: LambdaService) -> None:
    handler = Attempts(service, failures=1)
    registry.lambda_function(name="charge")(handler)
    service.invoke("charge", {}, "Event")
    service.advance()
    assert handler.seconds == [0, 60]


def test_the_delay_begins_when_the_attempt_has_ended(registry: FunctionRegistry, service: LambdaService) -> None:
    handler = Attempts(service)
    registry.lambda_function(name="charge", init=1, duration=2)(handler)
    service.invoke("charge", {}, "Event")
    service.advance()
    assert handler.seconds == [0, 63, 185]


def test_a_timeout_is_tried_again_too(registry: FunctionRegistry, service: LambdaService) -> None:
    handler = Attempts(service, failures=0)
    registry.lambda_function(name="charge", duration=5, timeout=3)(handler)
    service.invoke("charge", {}, "Event")
    service.advance()
    assert handler.seconds == [0, 63, 186]


@pytest.mark.parametrize(("age", "seconds"), [(60, [0]), (61, [0, 60]), (180, [0, 60]), (181, [0, 60, 180])])
def test_an_event_that_is_too_old_is_dropped_when_it_would_be_tried_again(
    registry: FunctionRegistry, service: LambdaService, age: int, seconds: list[float]
) -> None:
    records, handler = _records(service), Attempts(service)
    registry.lambda_function(name="charge", max_event_age=age)(handler)
    service.invoke("charge", {}, "Event")
    service.advance()
    assert handler.seconds == seconds
    assert _reasons(records) == ["RetriesExhausted" if len(seconds) == 3 else "EventAgeExceeded"]


def test_a_throttled_event_is_tried_at_growing_intervals(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _records(service)
    work = registry.lambda_function(name="work")(lambda event: event)
    began_seconds = service.scheduler.now()
    work.publish_version()
    service.put_function_concurrency("work", 1)
    # All of the reservation is provisioned for version 1: $LATEST has nothing left.
    service.put_provisioned_concurrency_config("work", "1", 1)
    work.invoke({}, "Event")
    service.advance(1000)
    throttles = [round(each.at_seconds - began_seconds) for each in records if each.kind is CallKind.THROTTLE]
    assert throttles == [0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811]
    service.put_function_concurrency("work", 2)
    service.advance()
    assert service.log.metrics("work").invocations == 1


def test_a_throttled_event_ages_out_without_having_run(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _records(service)
    work = registry.lambda_function(name="work", dead_letter=QUEUE, max_event_age=60)(lambda event: event)
    work.publish_version()
    service.put_function_concurrency("work", 1)
    service.put_provisioned_concurrency_config("work", "1", 1)
    work.invoke({"n": 1}, "Event")
    service.advance()
    assert _reasons(records) == ["EventAgeExceeded"]
    (letter,) = service.deliveries.to(QUEUE)
    assert letter["MessageAttributes"]["ErrorCode"] == {"DataType": "Number", "StringValue": "429"}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "Rate Exceeded."


def test_a_burst_is_worked_off_at_the_pace_of_the_reserved_concurrency(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    events, concurrency, duration_seconds = 5000, 10, 2
    seen: list[int] = []
    work = registry.lambda_function(name="work", duration=duration_seconds, reserved_concurrency=concurrency)(
        seen.append
    )
    began_seconds, real_start_seconds = service.scheduler.now(), stopwatch()
    for number in range(events):
        work.invoke(number, "Event")
    service.advance()
    rounds = events // concurrency
    metrics = service.log.metrics("work")
    took_seconds = service.scheduler.now() - began_seconds
    real_seconds = stopwatch() - real_start_seconds
    print(f"{events:,} events: {took_seconds:g} modelled seconds in {real_seconds:.2f} real ones")  # noqa: T201 - a figure
    assert took_seconds == rounds * duration_seconds == 1000
    # Each round but the last ends with one event too many, which is tried again once before the round is over.
    assert metrics.throttles == 2 * (rounds - 1) == 998
    assert (metrics.invocations, metrics.async_events_dropped) == (events, 0)
    assert seen == list(range(events))


def test_events_that_come_during_a_pause_wait_for_its_end(registry: FunctionRegistry, service: LambdaService) -> None:
    work = registry.lambda_function(name="work", duration=100, timeout=200, reserved_concurrency=1)(lambda event: event)
    work.invoke(0, "Event")
    for number in range(1, 4):
        work.invoke(number, "Event")
        service.advance(0.1)
    assert service.log.metrics("work").throttles == 1
    assert service.waiting_events("work") == 3
    service.advance()
    assert service.waiting_events("work") == 0


@pytest.mark.parametrize("target", [QUEUE, TOPIC])
def test_a_dead_letter_is_the_event_with_what_went_wrong_as_attributes(
    registry: FunctionRegistry, service: LambdaService, target: str
) -> None:
    handler = Attempts(service)
    registry.lambda_function(name="charge", retries=0, dead_letter=target)(handler)
    accepted = service.invoke("charge", {"orderId": 7}, "Event")
    service.advance()
    (letter,) = service.deliveries.to(target)
    assert letter == {
        "MessageBody" if target is QUEUE else "Message": '{"orderId":7}',
        "MessageAttributes": {
            "RequestID": {"DataType": "String", "StringValue": accepted.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": "not yet"},
        },
    }


def test_the_error_message_of_a_dead_letter_ends_after_1_kb(registry: FunctionRegistry, service: LambdaService) -> None:
    @registry.lambda_function(retries=0, dead_letter=QUEUE)
    def charge(_event: Any) -> None:
        raise ValueError("\u20ac" * 2000)

    charge.invoke({}, "Event")
    service.advance()
    (letter,) = service.deliveries.to(QUEUE)
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "\u20ac" * 341


def test_nothing_is_sent_for_what_went_well(registry: FunctionRegistry, service: LambdaService) -> None:
    registry.lambda_function(name="charge", dead_letter=QUEUE, on_failure=TOPIC)(Attempts(service, failures=2))
    service.invoke("charge", {}, "Event")
    service.advance()
    assert len(service.deliveries) == 0


def test_every_event_may_be_delivered_twice(registry: FunctionRegistry, service: LambdaService) -> None:
    handler = Attempts(service, failures=0)
    registry.lambda_function(name="twice", duplicates=1)(handler)
    ids = [service.invoke("twice", number, "Event").request_id for number in range(3)]
    service.advance()
    assert handler.request_ids == [each for each in ids for _ in range(2)]


def test_the_share_of_duplicates_repeats_for_a_seed() -> None:
    def count(seed: int) -> int:
        registry = FunctionRegistry()
        service = LambdaService(registry, registry.serve(None).scheduler, seed=seed)
        registry.lambda_function(name="some", duplicates=0.25)(lambda event: event)
        for number in range(400):
            service.invoke("some", number, "Event")
        service.advance()
        return service.log.metrics("some").invocations

    assert 440 < count(1) < 560
    assert count(1) == count(1)
    assert count(1) != count(2)


def test_a_configuration_is_of_its_version_or_alias(registry: FunctionRegistry, service: LambdaService) -> None:
    handler = Attempts(service)
    charge = registry.lambda_function(name="charge", retries=0)(handler)
    charge.publish_version()
    charge.create_alias("live", "1")
    service.put_function_event_invoke_config("charge", qualifier="live", maximum_retry_attempts=1)
    for qualifier, attempts in ((None, 1), ("live", 2), ("1", 3)):
        handler.seconds.clear()
        charge.invoke({}, "Event", qualifier=qualifier)
        service.advance()
        assert len(handler.seconds) == attempts
    with pytest.raises(ResourceNotFoundException):
        service.put_function_event_invoke_config("charge", qualifier="9", maximum_retry_attempts=1)


def test_put_overwrites_and_update_patches(registry: FunctionRegistry, service: LambdaService) -> None:
    registry.lambda_function(name="charge", retries=0, on_failure=QUEUE)(lambda event: event)
    updated = service.update_function_event_invoke_config("charge", maximum_event_age_seconds=120)
    assert updated == EventInvokeConfig(maximum_retry_attempts=0, maximum_event_age_seconds=120, on_failure=QUEUE)
    put = service.put_function_event_invoke_config("charge", maximum_event_age_seconds=90)
    assert put == EventInvokeConfig(maximum_event_age_seconds=90)


@pytest.mark.parametrize(
    "wrong",
    [
        {"retries": 3},
        {"retries": -1},
        {"max_event_age": 59},
        {"max_event_age": 21_601},
        {"on_success": "arn:aws:s3:::results"},
        {"on_failure": "arn:aws:dynamodb:us-east-1:123456789012:table/orders"},
        {"on_failure": f"{QUEUE}.fifo"},
        {"on_success": f"{TOPIC}.fifo"},
        {"on_success": 7},
        {"dead_letter": "arn:aws:events:us-east-1:123456789012:event-bus/default"},
        {"dead_letter": f"{QUEUE}.fifo"},
    ],
)
def test_what_lambda_does_not_take_is_refused(registry: FunctionRegistry, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameterValueException):
        registry.lambda_function(name="charge", **wrong)(lambda event: event)


def test_a_function_that_sends_to_itself_is_stopped(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _records(service)
    registry.lambda_function(name="loop", on_success="loop")(lambda _event: "again")
    service.invoke("loop", {}, "Event")
    service.advance()
    metrics = service.log.metrics("loop")
    assert (metrics.invocations, metrics.recursive_invocations_dropped) == (16, 1)
    assert _reasons(records) == ["RecursiveInvocation"]


def test_an_event_for_a_function_that_is_gone_is_dropped(registry: FunctionRegistry, service: LambdaService) -> None:
    records = _records(service)
    registry.lambda_function(name="gone")(lambda event: event)
    service.invoke("gone", {}, "Event")
    registry.remove("gone")
    service.advance()
    assert _reasons(records) == ["ResourceNotFoundException"]


def test_an_authors_error_loses_no_other_event(registry: FunctionRegistry, service: LambdaService) -> None:
    seen: list[Any] = []
    registry.lambda_function(name="work", duration=lambda event: 1 / event)(seen.append)
    for number in (1, 0, 2):
        service.invoke("work", number, "Event")
    with pytest.raises(InvalidInput, match="duration raised ZeroDivisionError"):
        service.advance()
    service.advance()
    assert seen == [1, 2]


def test_a_manual_clock_is_moved_from_one_due_time_to_the_next(registry: FunctionRegistry) -> None:
    service = registry.serve(Scheduler(ManualClock()))
    handler = Attempts(service)
    registry.lambda_function(name="charge")(handler)
    service.invoke("charge", {}, "Event")
    service.advance(100)
    assert handler.seconds == [0, 60]
    service.advance(79)
    assert handler.seconds == [0, 60]
    service.advance(1)
    assert handler.seconds == [0, 60, 180]


@settings(max_examples=60, deadline=None)
@given(
    plan=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=1, max_size=12),
    concurrency=st.integers(1, 4),
    retries=st.integers(0, 2),
)
def test_events_begin_in_order_and_keep_their_request_ids(
    plan: list[tuple[int, int]], concurrency: int, retries: int
) -> None:
    """``plan``: how often each event fails, and how many seconds pass before it is sent."""
    registry = FunctionRegistry()
    service = registry.serve(None)
    calls: list[tuple[int, str]] = []

    @registry.lambda_function(duration=2, reserved_concurrency=concurrency, retries=retries)
    def work(event: Any, context: LambdaContext) -> None:
        calls.append((event["number"], context.aws_request_id))
        if [number for number, _ in calls].count(event["number"]) <= event["failures"]:
            raise ValueError("not yet")

    ids = []
    for number, (failures, pause) in enumerate(plan):
        service.advance(pause)
        ids.append(work.invoke({"number": number, "failures": failures}, "Event").request_id)
    service.advance()
    first = list(dict.fromkeys(number for number, _ in calls))
    assert first == list(range(len(plan)))
    assert set(calls) == set(enumerate(ids))
    for number, (failures, _) in enumerate(plan):
        assert [each for each, _ in calls].count(number) == min(failures, retries) + 1


def test_a_session_repeats_byte_for_byte() -> None:
    def session() -> str:
        registry = FunctionRegistry()
        service = registry.serve(None)
        registry.lambda_function(name="charge", on_failure=QUEUE, duplicates=0.5, duration=1)(Attempts(service))
        for number in range(20):
            service.invoke("charge", number, "Event")
        service.advance()
        return json.dumps(service.deliveries.to(QUEUE))

    assert session() == session()


def test_what_is_due_at_the_end_of_the_time_that_passes_happens_with_all_that_follows(
    registry: FunctionRegistry, service: LambdaService
) -> None:
    made: list[float] = []
    began_seconds = service.scheduler.now()

    @registry.lambda_function(on_failure=QUEUE)
    def charge(_event: Any) -> None:
        made.append(service.scheduler.now() - began_seconds)
        raise ValueError("no card")

    charge.invoke({}, "Event")
    service.advance(0)
    assert made == [0]
    service.advance(59)
    assert made == [0]
    service.advance(1)
    assert made == [0, 60]
    service.advance(119)
    assert len(service.deliveries) == 0
    service.advance(1)
    assert made == [0, 60, 180]
    assert len(service.deliveries) == 1
    assert service.scheduler.now() == began_seconds + 180
