"""Destinations: every outcome at every target, field by field, and the calls that never have one."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.calls import CallKind, CallRecord
from sfn_notebook.functions.lambda_context import LambdaContext
from sfn_notebook.functions.lambda_errors import TooManyRequestsException
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry

_BASE = "us-east-1:123456789012"
CHARGE = f"arn:aws:lambda:{_BASE}:function:charge"
TARGETS = {
    "lambda": f"arn:aws:lambda:{_BASE}:function:audit",
    "sqs": f"arn:aws:sqs:{_BASE}:results",
    "sns": f"arn:aws:sns:{_BASE}:results",
    "events": f"arn:aws:events:{_BASE}:event-bus/default",
    "s3": "arn:aws:s3:::results",
}
EVENT = {"orderId": 7, "text": "caf\u00e9"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an event ends, and what its record says of it."""

    condition: str
    timestamp: str
    invoke_count: int
    response: JSONObject
    failures: int = 0
    settings: JSONObject
    """What the decorator is given."""

    @property
    def is_success(self) -> bool:
        return self.condition == "Success"


_ANSWERED = {
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
    "responsePayload": {"charged": True},
}
_FAILED = {
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
    "responsePayload": {"errorMessage": "no card", "errorType": "ValueError"},
}
OUTCOMES = {
    "success": Outcome(
        condition="Success", timestamp="2026-01-01T00:00:01.500Z", invoke_count=1, response=_ANSWERED, settings={}
    ),
    "success at the second attempt": Outcome(
        condition="Success",
        timestamp="2026-01-01T00:01:03.000Z",
        invoke_count=2,
        response=_ANSWERED,
        failures=1,
        settings={},
    ),
    "retries exhausted": Outcome(
        condition="RetriesExhausted",
        timestamp="2026-01-01T00:03:04.500Z",
        invoke_count=3,
        response=_FAILED,
        failures=9,
        settings={},
    ),
    "no retries": Outcome(
        condition="RetriesExhausted",
        timestamp="2026-01-01T00:00:01.500Z",
        invoke_count=1,
        response=_FAILED,
        failures=9,
        settings={"retries": 0},
    ),
    "too old after one attempt": Outcome(
        condition="EventAgeExceeded",
        timestamp="2026-01-01T00:01:01.500Z",
        invoke_count=1,
        response=_FAILED,
        failures=9,
        settings={"max_event_age": 60},
    ),
    "too old after two attempts": Outcome(
        condition="EventAgeExceeded",
        timestamp="2026-01-01T00:03:03.000Z",
        invoke_count=2,
        response=_FAILED,
        failures=9,
        settings={"max_event_age": 100},
    ),
    "turned off": Outcome(
        condition="ZeroReservedConcurrency",
        timestamp="2026-01-01T00:00:00.000Z",
        invoke_count=0,
        response={},
        settings={"reserved_concurrency": 0},
    ),
}


class Account:
    """``charge``, which fails so often, and ``audit``, which keeps the records that it gets."""

    def __init__(self, outcome: Outcome, **destinations: Any) -> None:
        self.registry = FunctionRegistry()
        self.service = self.registry.serve(None)
        self.records: list[CallRecord] = []
        self.service.log.observe(self.records.append)
        self.audited: list[Any] = []
        self.registry.lambda_function(name="audit")(self.audited.append)
        left = [outcome.failures]

        @self.registry.lambda_function(duration=1.5, **destinations, **outcome.settings)
        def charge(_event: Any) -> Any:
            left[0] -= 1
            if left[0] >= 0:
                raise ValueError("no card")
            return {"charged": True}

    def received(self, service: str) -> list[Any]:
        """What arrived at the target of a service, as it arrived."""
        return self.audited if service == "lambda" else self.service.deliveries.to(TARGETS[service])


def _record_in(service: str, received: JSONObject) -> JSONObject:
    """The invocation record in what a target got."""
    match service:
        case "lambda":
            record = received
        case "events":
            record = received["detail"]
        case "sqs":
            record = json.loads(received["MessageBody"])
        case "sns":
            record = json.loads(received["Message"])
        case _:
            record = json.loads(received["Body"])
    return dict(record)


def _expected(outcome: Outcome, request_id: str) -> JSONObject:
    return {
        "version": "1.0",
        "timestamp": outcome.timestamp,
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{CHARGE}:$LATEST",
            "condition": outcome.condition,
            "approximateInvokeCount": outcome.invoke_count,
        },
        "requestPayload": EVENT,
        **outcome.response,
    }


CASES = [
    (name, service)
    for name, outcome in OUTCOMES.items()
    for service in TARGETS
    if not (outcome.is_success and service == "s3")
]


@pytest.mark.parametrize(("name", "service"), CASES)
def test_the_record_arrives_field_by_field(name: str, service: str) -> None:
    outcome = OUTCOMES[name]
    side, other = ("on_success", "on_failure") if outcome.is_success else ("on_failure", "on_success")
    account = Account(outcome, **{side: TARGETS[service], other: f"arn:aws:sqs:{_BASE}:the-other-one"})
    accepted = account.service.invoke("charge", EVENT, "Event")
    account.service.advance()
    (received,) = account.received(service)
    record = _record_in(service, received)
    if outcome.response is _FAILED:
        payload = record["responsePayload"]
        assert (payload.pop("requestId"), len(payload.pop("stackTrace"))) == (accepted.request_id, 1)
    expected = _expected(outcome, accepted.request_id)
    assert record == expected
    assert list(record) == list(expected)
    assert list(record["requestContext"]) == list(expected["requestContext"])
    assert not account.service.deliveries.to(f"arn:aws:sqs:{_BASE}:the-other-one")
    (told,) = [each for each in account.records if each.kind is CallKind.DESTINATION]
    assert (told.target_arn, told.reason, told.failure) == (TARGETS[service], outcome.condition, None)


@pytest.mark.parametrize("name", OUTCOMES)
def test_without_destinations_nothing_is_sent(name: str) -> None:
    account = Account(OUTCOMES[name])
    account.service.invoke("charge", EVENT, "Event")
    account.service.advance()
    assert not account.audited
    assert not len(account.service.deliveries)


@pytest.mark.parametrize("service", ["lambda", "sqs", "sns", "events"])
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_synchronous_call_never_has_a_destination(name: str, service: str) -> None:
    account = Account(OUTCOMES[name], on_success=TARGETS[service], on_failure=TARGETS[service])
    try:
        account.service.invoke("charge", EVENT)
    except TooManyRequestsException:
        assert name == "turned off"
    account.service.advance()
    assert not account.audited
    assert not len(account.service.deliveries)


def _deliver(outcome: Outcome, service: str) -> Any:
    side = "on_success" if outcome.is_success else "on_failure"
    account = Account(outcome, **{side: TARGETS[service]})
    account.service.invoke("charge", EVENT, "Event")
    account.service.advance()
    (received,) = account.received(service)
    return received


def test_a_queue_gets_the_record_as_its_message_and_no_attributes() -> None:
    received = _deliver(OUTCOMES["success"], "sqs")
    assert list(received) == ["MessageBody"]
    assert received["MessageBody"].startswith('{"version":"1.0","timestamp":"2026-01-01T00:00:01.500Z",')


def test_a_topic_gets_the_record_as_its_message() -> None:
    assert list(_deliver(OUTCOMES["success"], "sns")) == ["Message"]


@pytest.mark.parametrize(
    ("name", "word"), [("success", "Success"), ("no retries", "Failure"), ("turned off", "Failure")]
)
def test_a_bus_gets_an_event_of_lambdas(name: str, word: str) -> None:
    received = _deliver(OUTCOMES[name], "events")
    detail, event_id = received.pop("detail"), received.pop("id")
    assert received == {
        "version": "0",
        "detail-type": f"Lambda Function Invocation Result - {word}",
        "source": "lambda",
        "account": "123456789012",
        "time": OUTCOMES[name].timestamp[:19] + "Z",
        "region": "us-east-1",
        "resources": [TARGETS["events"], f"{CHARGE}:$LATEST"],
    }
    assert detail["requestContext"]["requestId"] != event_id


def test_a_bucket_gets_an_object_under_the_functions_name_and_the_day() -> None:
    received = _deliver(OUTCOMES["no retries"], "s3")
    assert received["Bucket"] == "results"
    prefix = "aws/lambda/async/charge/2026/01/01/2026-01-01T00.00.01-"
    assert received["Key"].startswith(prefix)
    assert len(received["Key"]) == len(prefix) + 36


def test_success_and_failure_go_to_different_targets(registry: FunctionRegistry, service: LambdaService) -> None:
    @registry.lambda_function(retries=0, on_success=TARGETS["sqs"], on_failure=TARGETS["sns"])
    def charge(event: Any) -> Any:
        return 1 / event

    for number in (1, 0, 2, 0):
        charge.invoke(number, "Event")
    service.advance()
    assert len(service.deliveries.to(TARGETS["sqs"])) == len(service.deliveries.to(TARGETS["sns"])) == 2


def test_functions_can_be_chained(registry: FunctionRegistry, service: LambdaService) -> None:
    printed: list[Any] = []

    @registry.lambda_function
    def third(record: Any, context: LambdaContext) -> None:
        printed.append([record["responsePayload"], record["requestPayload"]["responsePayload"], context.aws_request_id])

    second = registry.lambda_function(name="second", on_success=third)(lambda record: record["responsePayload"] + 1)
    first = registry.lambda_function(name="first", on_success=second)(lambda event: event + 1)
    request_id = first.invoke(1, "Event").request_id
    service.advance()
    assert [each[:2] for each in printed] == [[3, 2]]
    assert printed[0][2] != request_id


def test_a_version_and_an_alias_are_named_in_the_record(registry: FunctionRegistry, service: LambdaService) -> None:
    charge = registry.lambda_function(name="charge")(lambda event: event)
    charge.publish_version()
    charge.create_alias("live", "1")
    service.put_function_event_invoke_config("charge", qualifier="live", on_success=TARGETS["sqs"])
    charge.invoke({}, "Event", qualifier="live")
    service.advance()
    (received,) = service.deliveries.to(TARGETS["sqs"])
    record = _record_in("sqs", received)
    assert record["requestContext"]["functionArn"] == f"{CHARGE}:live"
    assert record["responseContext"]["executedVersion"] == "1"


class _Refusing:
    def deliver(self, arn: str, record: JSONObject) -> None:
        raise ConnectionError(f"{arn} is away")


@pytest.mark.parametrize(
    ("target", "payload", "failure"),
    [
        ("sqs", 1, f"ConnectionError: {TARGETS['sqs']} is away"),
        ("sns", "x" * 262_144, "TooLargeForTargetError: the record has 262,"),
        ("lambda", "x" * 1_048_500, "TooLargeForTargetError: the record has 1,048,"),
        ("lambda", 1, "ResourceNotFoundException: Function not found: "),
    ],
)
def test_a_delivery_that_fails_is_counted_and_told(
    registry: FunctionRegistry, service: LambdaService, target: str, payload: Any, failure: str
) -> None:
    records: list[CallRecord] = []
    service.log.observe(records.append)
    service.targets["sqs"] = _Refusing()
    registry.lambda_function(name="charge", on_success=TARGETS[target])(lambda _event: "ok")
    service.invoke("charge", payload, "Event")
    service.advance()
    assert service.log.metrics("charge").destination_delivery_failures == 1
    assert (records[-1].kind, records[-1].target_arn) == (CallKind.DESTINATION, TARGETS[target])
    assert (records[-1].failure or "").startswith(failure)


def test_a_dead_letter_and_a_record_may_both_be_sent(registry: FunctionRegistry, service: LambdaService) -> None:
    queue = f"arn:aws:sqs:{_BASE}:dead"

    @registry.lambda_function(retries=0, dead_letter=queue, on_failure=TARGETS["sns"])
    def charge(_event: Any) -> None:
        raise ValueError("no card")

    charge.invoke(EVENT, "Event")
    service.advance()
    assert len(service.deliveries.to(queue)) == len(service.deliveries.to(TARGETS["sns"])) == 1
