"""Destinations as a table: outcome x target x source, every record field by field, and what never has one.

The expected records are written here after Lambda's recorded ones; targets are real queues, topics, buses and buckets
of moto, spoken to over HTTP.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.lambda_context import LambdaContext
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException, TooManyRequestsException
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.workspace import Workspace

pytest.importorskip("moto.server", reason="queues, topics, buses and buckets need boto3 and moto")

_BASE = "us-east-1:123456789012"
CHARGE = f"arn:aws:lambda:{_BASE}:function:charge"
TARGETS = {
    "lambda": f"arn:aws:lambda:{_BASE}:function:audit",
    "sqs": f"arn:aws:sqs:{_BASE}:direct",
    "sns": f"arn:aws:sns:{_BASE}:results",
    "events": f"arn:aws:events:{_BASE}:event-bus/default",
    "s3": "arn:aws:s3:::results",
}
_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
EVENT = {"orderId": 7, "text": "caf\u00e9"}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an event ends: what the function does, and what the record says of it."""

    condition: str
    seconds: float
    """Modelled, from the event's arrival to the record."""
    attempts: int
    failures: int = 0
    settings: JSONObject = field(default_factory=dict)

    @property
    def side(self) -> str:
        return "on_success" if self.condition == "Success" else "on_failure"


DURATION_SECONDS = 1.5
OUTCOMES = {
    "success": Outcome(condition="Success", seconds=1.5, attempts=1),
    "success after a retry": Outcome(condition="Success", seconds=63.0, attempts=2, failures=1),
    "retries exhausted": Outcome(condition="RetriesExhausted", seconds=184.5, attempts=3, failures=9),
    "no retries": Outcome(condition="RetriesExhausted", seconds=1.5, attempts=1, failures=9, settings={"retries": 0}),
    "too old": Outcome(
        condition="EventAgeExceeded", seconds=61.5, attempts=1, failures=9, settings={"max_event_age": 60}
    ),
    "too old after a retry": Outcome(
        condition="EventAgeExceeded", seconds=183.0, attempts=2, failures=9, settings={"max_event_age": 100}
    ),
    "turned off": Outcome(
        condition="ZeroReservedConcurrency", seconds=0.0, attempts=0, settings={"reserved_concurrency": 0}
    ),
}


class Account:
    """``charge``, which fails so often, ``audit``, which keeps what it gets, and one resource of each other kind."""

    def __init__(self, folder: Any) -> None:
        self.workspace = Workspace(registry=FunctionRegistry(), buckets=FolderBuckets(folder))
        self.seen: list[Any] = []
        self.request_ids: list[str] = []
        self.audited: list[Any] = []
        self.workspace.registry.lambda_function(name="audit")(self.audited.append)
        self._make_targets()
        self.begin()

    def begin(self) -> None:
        """Forget what came of earlier tests: the services are the same in all of them, for the sake of speed."""
        self.received()
        for key, _ in self.objects():
            self.client("s3").delete_object(Bucket="results", Key=key)
        for kept in (self.seen, self.request_ids, self.audited):
            kept.clear()
        self.began_seconds = self.workspace.scheduler.now()

    def client(self, service: str) -> Any:
        return self.workspace.client(service)

    def _make_targets(self) -> None:
        sqs, sns, events = self.client("sqs"), self.client("sns"), self.client("events")
        for name in ("direct", "of-the-topic", "of-the-bus"):
            sqs.create_queue(QueueName=name)
        topic = sns.create_topic(Name="results")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{_BASE}:of-the-topic")
        events.put_rule(Name="results", EventPattern=json.dumps({"source": ["lambda"]}))
        events.put_targets(Rule="results", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:{_BASE}:of-the-bus"}])
        self.client("s3").create_bucket(Bucket="results")

    def charge(self, outcome: Outcome, **destinations: Any) -> None:
        left = [outcome.failures]
        options = {"duration": DURATION_SECONDS, **outcome.settings, **destinations}

        @self.workspace.registry.lambda_function(name="charge", **options)
        def handler(event: Any, context: LambdaContext) -> Any:
            self.seen.append(event)
            self.request_ids.append(context.aws_request_id)
            left[0] -= 1
            if left[0] >= 0:
                raise ValueError("no card")
            return {"charged": True}

    def messages(self, queue: str) -> list[Any]:
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        messages = list(found.get("Messages", ()))
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return messages

    def objects(self) -> list[tuple[str, Any]]:
        s3 = self.client("s3")
        keys = [each["Key"] for each in s3.list_objects_v2(Bucket="results").get("Contents", ())]
        return [(key, json.load(s3.get_object(Bucket="results", Key=key)["Body"])) for key in keys]

    def received(self) -> dict[str, list[Any]]:
        """What arrived where, as it arrived."""
        return {
            "lambda": self.audited,
            "sqs": self.messages("direct"),
            "sns": [json.loads(each["Body"]) for each in self.messages("of-the-topic")],
            "events": [json.loads(each["Body"]) for each in self.messages("of-the-bus")],
            "s3": self.objects(),
        }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("buckets"))
    yield account
    account.workspace.aws.connection.stop()


@pytest.fixture
def account(made: Account) -> Account:
    made.begin()
    return made


def _direct(account: Account) -> None:
    account.workspace.invoke("charge", EVENT, "Event")


def _through_the_api(account: Account) -> None:
    answer = account.client("lambda").invoke(FunctionName="charge", Payload=json.dumps(EVENT), InvocationType="Event")
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")


def _from_a_task(account: Account) -> None:
    parameters = {"FunctionName": "charge", "InvocationType": "Event", "Payload": EVENT}
    state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters, "End": True}
    run = account.workspace.define("Flow", {"StartAt": "A", "States": {"A": state}}).run()
    assert run.output["StatusCode"] == 202


def _from_sns(account: Account) -> None:
    account.client("sns").create_topic(Name="orders")
    account.workspace.subscribe("orders", "charge")
    account.client("sns").publish(TopicArn=f"arn:aws:sns:{_BASE}:orders", Message=json.dumps(EVENT))


def _from_s3(account: Account) -> None:
    account.workspace.buckets.create_bucket("orders")  # type: ignore[attr-defined]  # a folder, beyond the protocol
    account.workspace.bucket_notification("orders", "charge")
    account.workspace.put_object("orders", "7.json", json.dumps(EVENT))


def _from_eventbridge(account: Account) -> None:
    account.workspace.rule("orders", pattern={"source": ["shop"]}, targets=["charge"])
    entry = {"Source": "shop", "DetailType": "order", "Detail": json.dumps(EVENT)}
    account.client("events").put_events(Entries=[entry])


def _is_same(payload: Any) -> bool:
    return bool(payload == EVENT)


def _is_notification(payload: Any) -> bool:
    (record,) = payload["Records"]
    return bool(record["EventSource"] == "aws:sns" and json.loads(record["Sns"]["Message"]) == EVENT)


def _is_object_created(payload: Any) -> bool:
    (record,) = payload["Records"]
    named = (record["eventSource"], record["s3"]["bucket"]["name"], record["s3"]["object"]["key"])
    return named == ("aws:s3", "orders", "7.json")


def _is_bus_event(payload: Any) -> bool:
    return bool((payload["source"], payload["detail-type"], payload["detail"]) == ("shop", "order", EVENT))


SOURCES: dict[str, tuple[Callable[[Account], None], Callable[[Any], bool]]] = {
    "invoke": (_direct, _is_same),
    "boto3": (_through_the_api, _is_same),
    "task": (_from_a_task, _is_same),
    "sns": (_from_sns, _is_notification),
    "s3": (_from_s3, _is_object_created),
    "eventbridge": (_from_eventbridge, _is_bus_event),
}
"""Whoever calls asynchronously, and what tells its event."""


def _moment(account: Account, outcome: Outcome) -> str:
    """When the record is sent, as it writes it."""
    moment = datetime.fromtimestamp(account.began_seconds + outcome.seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


def _expected(outcome: Outcome, *, moment: str, request_id: str, payload: Any) -> JSONObject:
    record: JSONObject = {
        "version": "1.0",
        "timestamp": moment,
        "requestContext": {
            "requestId": request_id,
            "functionArn": f"{CHARGE}:$LATEST",
            "condition": outcome.condition,
            "approximateInvokeCount": outcome.attempts,
        },
        "requestPayload": payload,
    }
    if outcome.condition == "Success":
        record["responseContext"] = {"statusCode": 200, "executedVersion": "$LATEST"}
        record["responsePayload"] = {"charged": True}
    elif outcome.attempts:
        record["responseContext"] = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
        record["responsePayload"] = {"errorMessage": "no card", "errorType": "ValueError", "requestId": request_id}
    return record


def _unwrapped(target: str, received: Any, *, moment: str, condition: str) -> Any:
    """The record in what arrived; what is around it is checked on the way."""
    match target:
        case "lambda":
            return received
        case "sqs":
            assert "MessageAttributes" not in received
            return json.loads(received["Body"])
        case "sns":
            assert (received["Type"], received["TopicArn"]) == ("Notification", TARGETS["sns"])
            return json.loads(received["Message"])
        case "events":
            word = "Success" if condition == "Success" else "Failure"
            record = received.pop("detail")
            assert re.fullmatch(_UUID, received.pop("id"))
            assert received == {
                "version": "0",
                "detail-type": f"Lambda Function Invocation Result - {word}",
                "source": "lambda",
                "account": "123456789012",
                "time": moment[:19] + "Z",
                "region": "us-east-1",
                "resources": [TARGETS["events"], f"{CHARGE}:$LATEST"],
            }
            return record
        case _:
            key, record = received
            day, second = moment[:10].replace("-", "/"), re.escape(moment[:19].replace(":", "."))
            assert re.fullmatch(f"aws/lambda/async/charge/{day}/{second}-{_UUID}", key)
            return record


CASES = [
    (source, name, target)
    for source in SOURCES
    for name, outcome in OUTCOMES.items()
    for target in TARGETS
    if (outcome.side, target) != ("on_success", "s3")
]


@pytest.mark.parametrize(("source", "name", "target"), CASES)
def test_a_record_arrives_field_by_field(account: Account, source: str, name: str, target: str) -> None:
    send, is_its_event = SOURCES[source]
    outcome = OUTCOMES[name]
    other = "on_failure" if outcome.side == "on_success" else "on_success"
    account.charge(outcome, **{outcome.side: TARGETS[target], other: f"arn:aws:sqs:{_BASE}:never"})
    send(account)
    account.workspace.advance()

    arrived = account.received()
    assert {service for service, found in arrived.items() if found} == {target}
    (received,) = arrived[target]
    moment = _moment(account, outcome)
    record = _unwrapped(target, received, moment=moment, condition=outcome.condition)
    request_id, payload = record["requestContext"]["requestId"], record["requestPayload"]
    assert is_its_event(payload)
    assert account.seen == [payload] * outcome.attempts
    assert account.request_ids == [request_id] * outcome.attempts
    assert re.fullmatch(_UUID, request_id)
    if outcome.condition != "Success" and outcome.attempts:
        (frame,) = record["responsePayload"].pop("stackTrace")
        assert 'raise ValueError("no card")' in frame
    expected = _expected(outcome, moment=moment, request_id=request_id, payload=payload)
    assert record == expected
    assert list(record) == list(expected)
    assert list(record["requestContext"]) == list(expected["requestContext"])


@pytest.mark.parametrize("service", ["sqs", "sns"])
@pytest.mark.parametrize(
    ("name", "code", "text"), [("retries exhausted", "200", "no card"), ("turned off", "429", "Rate Exceeded.")]
)
def test_a_dead_letter_is_the_event_alone_and_its_attributes_tell_why(
    account: Account, service: str, name: str, code: str, text: str
) -> None:
    account.charge(OUTCOMES[name], dead_letter=TARGETS[service])
    request_id = account.workspace.invoke("charge", EVENT, "Event").request_id
    account.workspace.advance()
    arrived = account.received()
    assert {each for each, found in arrived.items() if found} == {service}
    (received,) = arrived[service]
    kind, value = ("DataType", "StringValue") if service == "sqs" else ("Type", "Value")
    assert json.loads(received["Body" if service == "sqs" else "Message"]) == EVENT
    assert received["MessageAttributes"] == {
        "RequestID": {kind: "String", value: request_id},
        "ErrorCode": {kind: "Number", value: code},
        "ErrorMessage": {kind: "String", value: text},
    }


def test_a_dead_letter_of_an_error_without_a_text_arrives_too(account: Account) -> None:
    @account.workspace.registry.lambda_function(retries=0, dead_letter=TARGETS["sqs"])
    def silent(_event: Any) -> None:
        raise ValueError

    silent.invoke(EVENT, "Event")
    account.workspace.advance()
    (received,) = account.received()["sqs"]
    assert sorted(received["MessageAttributes"]) == ["ErrorCode", "RequestID"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", OUTCOMES)
def test_a_call_that_somebody_waits_for_has_no_record(account: Account, name: str, target: str) -> None:
    other = {} if target == "s3" else {"on_success": TARGETS[target]}
    account.charge(OUTCOMES[name], on_failure=TARGETS[target], **other)
    try:
        account.workspace.invoke("charge", EVENT)
    except TooManyRequestsException:
        assert name == "turned off"
    account.workspace.advance()
    assert not any(account.received().values())


@pytest.mark.parametrize("failures", [0, 9])
def test_a_queue_that_is_polled_never_leads_to_the_functions_destinations(account: Account, failures: int) -> None:
    outcome = Outcome(condition="", seconds=0, attempts=0, failures=failures)
    account.charge(outcome, on_success=TARGETS["sqs"], on_failure=TARGETS["sns"])
    sqs = account.client("sqs")
    dead = sqs.create_queue(QueueName=f"dead-{failures}")["QueueUrl"]
    redrive = {"deadLetterTargetArn": f"arn:aws:sqs:{_BASE}:dead-{failures}", "maxReceiveCount": 2}
    url = sqs.create_queue(QueueName=f"q-{failures}", Attributes={"RedrivePolicy": json.dumps(redrive)})["QueueUrl"]
    account.workspace.map_queue(f"q-{failures}", "charge")
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    account.workspace.advance(600)
    assert len(account.seen) == (2 if failures else 1)
    assert not any(account.received().values())
    assert ("Messages" in sqs.receive_message(QueueUrl=dead)) is bool(failures)


@pytest.mark.parametrize(
    ("side", "target", "text"),
    [
        ("on_success", "arn:aws:s3:::results", "cannot be an on-success destination"),
        ("on_failure", f"arn:aws:kinesis:{_BASE}:stream/x", "cannot be an on-failure destination"),
        ("on_success", f"arn:aws:dynamodb:{_BASE}:table/x", "cannot be an on-success destination"),
        ("on_failure", f"arn:aws:states:{_BASE}:stateMachine:x", "cannot be an on-failure destination"),
        ("on_failure", f"arn:aws:sqs:{_BASE}:orders.fifo", "is a FIFO queue"),
        ("on_success", f"arn:aws:sns:{_BASE}:orders.fifo", "is a FIFO topic"),
    ],
)
def test_a_target_that_lambda_does_not_support_is_refused(account: Account, side: str, target: str, text: str) -> None:
    with pytest.raises(InvalidParameterValueException, match=text):
        account.charge(OUTCOMES["success"], **{side: target})


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (f"arn:aws:sqs:{_BASE}:gone", "NonExistentQueue"),
        (f"arn:aws:sns:{_BASE}:gone", "NotFound"),
        (f"arn:aws:events:{_BASE}:event-bus/gone", "ResourceNotFoundException"),
        ("arn:aws:s3:::gone", "NoSuchBucket"),
        (f"arn:aws:lambda:{_BASE}:function:gone", "ResourceNotFoundException"),
    ],
)
def test_a_target_that_is_not_there_is_a_failed_delivery(account: Account, target: str, code: str) -> None:
    service, earlier = account.workspace.lambda_service, account.workspace.interactions()
    failures, delivered = service.log.metrics("charge").destination_delivery_failures, len(service.deliveries)
    account.charge(OUTCOMES["no retries"], on_failure=target)
    _direct(account)
    account.workspace.advance()
    assert service.log.metrics("charge").destination_delivery_failures == failures + 1
    assert code in str(account.workspace.interactions(since=earlier))
    assert not any(account.received().values())
    assert len(service.deliveries) == delivered
