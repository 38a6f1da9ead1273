import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.engine.buckets import NoBuckets
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.functions.event_sources.errors import InvalidEventPatternException, ValidationException
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.workspace import Workspace

WAITING = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 5, "End": True}}}
ORDER = {"Source": "shop", "DetailType": "Order placed", "Detail": {"id": 7, "items": ["tea"]}}


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace without AWS's SDK: none of this needs it."""

    def missing(package: str) -> None:
        from sfn_notebook.errors import FeatureNotSupported

        raise FeatureNotSupported(package)

    monkeypatch.setattr("sfn_notebook.integrations.aws.endpoint.require_installed", missing)
    return Workspace(registry=FunctionRegistry())


@pytest.fixture
def events(workspace: Workspace) -> list[Any]:
    """What the function ``note`` was called with."""
    found: list[Any] = []
    workspace.registry.lambda_function(name="note")(found.append)
    return found


def test_an_event_has_eventbridge_s_envelope(workspace: Workspace, events: list[Any]) -> None:
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=["note"])
    answer = workspace.put_events([ORDER, {"Source": "other", "DetailType": "x", "Detail": "{}"}])
    workspace.advance()
    assert answer["FailedEntryCount"] == 0
    assert list(events[0].items()) == [
        ("version", "0"),
        ("id", answer["Entries"][0]["EventId"]),
        ("detail-type", "Order placed"),
        ("source", "shop"),
        ("account", "123456789012"),
        ("time", "2026-01-01T00:00:00Z"),
        ("region", "us-east-1"),
        ("resources", []),
        ("detail", {"id": 7, "items": ["tea"]}),
    ]
    assert len(events) == 1


def test_a_rule_starts_a_machine(workspace: Workspace) -> None:
    machine = workspace.define("M", WAITING)
    workspace.rule("orders", pattern={"detail": {"id": [7]}}, targets=[machine])
    workspace.put_events([ORDER])
    workspace.advance()
    execution = workspace.execution("M-1")
    assert execution.status.name == "SUCCEEDED"
    assert execution.input["detail"] == {"id": 7, "items": ["tea"]}
    assert workspace.scheduler.now() == execution.started_seconds + 5


def test_a_machine_that_puts_an_event_wakes_a_rule_at_its_time(workspace: Workspace, events: list[Any]) -> None:
    workspace.registry.lambda_function(name="put")(lambda event: workspace.put_events([{**ORDER, "Detail": event}]))
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=["note"])
    wait = {"Type": "Wait", "Seconds": 60, "Next": "Put"}
    states = {"Wait": wait, "Put": {"Type": "Task", "Resource": "put", "End": True}}
    workspace.define("M", {"StartAt": "Wait", "States": states}).run({"n": 1})
    workspace.advance()
    assert [(event["time"], event["detail"]) for event in events] == [("2026-01-01T00:01:00Z", {"n": 1})]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail.items[0]"}, "tea"),
        (
            {"InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": '{"order": <id>}'}},
            {"order": 7},
        ),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"kind": "$.detail-type", "items": "$.detail.items", "none": "$.detail.x"},
                    "InputTemplate": '{"text": "<kind>: <items>", "items": <items>, "none": <none>}',
                }
            },
            {"text": 'Order placed: ["tea"]', "items": ["tea"], "none": None},
        ),
        ({"InputTransformer": {"InputPathsMap": {"id": "$.detail.id"}, "InputTemplate": "order <id>"}}, "order 7"),
        ({"InputTransformer": {"InputTemplate": '"<aws.events.rule-name>"'}}, "orders"),
    ],
)
def test_a_target_gets_what_it_asked_for(
    workspace: Workspace, events: list[Any], fields: dict[str, Any], expected: Any
) -> None:
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=[{"Arn": "note", **fields}])
    workspace.put_events([ORDER])
    workspace.advance()
    assert events == [expected]


def test_a_schedule_fires_while_time_passes(workspace: Workspace, events: list[Any]) -> None:
    workspace.rule("often", schedule="rate(5 minutes)", targets=["note"])
    workspace.advance()
    assert events == []
    workspace.advance(15 * 60 + 1)
    assert [event["time"] for event in events] == [f"2026-01-01T00:{each}:00Z" for each in ("05", "10", "15")]
    assert events[0] | {"id": "", "time": ""} == {
        "version": "0",
        "id": "",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/often"],
        "detail": {},
    }


def test_what_the_last_instant_brings_about_belongs_to_it(workspace: Workspace, events: list[Any]) -> None:
    workspace.rule("often", schedule="rate(5 minutes)", targets=["note"])
    workspace.advance(15 * 60)
    assert [event["time"] for event in events] == [f"2026-01-01T00:{each}:00Z" for each in ("05", "10", "15")]


def test_a_schedule_fires_during_a_run(workspace: Workspace, events: list[Any]) -> None:
    workspace.rule("daily", schedule="cron(0 12 * * ? *)", targets=["note"])
    day = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86_400, "End": True}}}
    workspace.define("Day", day).run()
    assert [event["time"] for event in events] == ["2026-01-01T12:00:00Z"]


def test_a_disabled_or_deleted_rule_sends_nothing(workspace: Workspace, events: list[Any]) -> None:
    buses = workspace.event_sources.buses
    workspace.rule("often", schedule="rate(1 minute)", pattern={"source": ["shop"]}, targets=["note"])
    buses.disable_rule("often")
    workspace.put_events([ORDER])
    workspace.advance(120)
    assert events == []
    buses.enable_rule("often")
    workspace.advance(61)
    assert len(events) == 1
    buses.delete_rule("often")
    workspace.advance(600)
    assert len(events) == 1


def test_buses_are_separate(workspace: Workspace, events: list[Any]) -> None:
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=["note"], bus="orders")
    workspace.put_events([ORDER])
    arn = "arn:aws:events:us-east-1:123456789012:event-bus/orders"
    workspace.put_events([{**ORDER, "EventBusName": arn}])
    workspace.advance()
    assert len(events) == 1


def test_a_destination_on_a_bus_reaches_its_rules(workspace: Workspace, events: list[Any]) -> None:
    bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
    work = workspace.registry.lambda_function(name="work", on_success=bus)(lambda event: event)
    workspace.rule("results", pattern={"source": ["lambda"]}, targets=["note"])
    work.invoke({"n": 1}, "Event")
    workspace.advance()
    assert events[0]["detail-type"] == "Lambda Function Invocation Result - Success"
    assert len(workspace.lambda_service.deliveries.to(bus)) == 1


def test_an_entry_that_is_refused_does_not_stop_the_others(workspace: Workspace, events: list[Any]) -> None:
    workspace.rule("all", pattern={"source": [{"exists": True}]}, targets=["note"])
    bad = [{}, {**ORDER, "Detail": "no JSON"}, {**ORDER, "Detail": "[]"}, {**ORDER, "Source": "aws.s3"}]
    answer = workspace.put_events([*bad, ORDER])
    workspace.advance()
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == [
        *("InvalidArgument", "MalformedDetail", "MalformedDetail", "NotAuthorizedForSourceException", None)
    ]
    assert answer["FailedEntryCount"] == 4
    assert len(events) == 1


def test_a_wrong_rule_is_refused_and_changes_nothing(workspace: Workspace, events: list[Any]) -> None:
    with pytest.raises(ValidationException, match="EventPattern or ScheduleExpression"):
        workspace.rule("r", targets=["note"])
    with pytest.raises(InvalidEventPatternException, match='"source" must be an object or an array'):
        workspace.rule("r", pattern={"source": "shop"}, targets=["note"])
    with pytest.raises(UnknownName, match="Did you mean"):
        workspace.rule("r", pattern={"source": ["shop"]}, targets=["notes"])
    with pytest.raises(ValidationException, match="only on the default event bus"):
        workspace.rule("r", schedule="rate(1 day)", targets=["note"], bus="orders")
    template = {"InputTransformer": {"InputPathsMap": {}, "InputTemplate": "<x>"}}
    with pytest.raises(ValidationException, match="undefined placeholder <x>"):
        workspace.rule("r", pattern={"source": ["shop"]}, targets=[{"Arn": "note", **template}])
    with pytest.raises(ValidationException, match="Only one of"):
        workspace.rule("r", pattern={"source": ["a"]}, targets=[{"Arn": "note", "Input": "1", "InputPath": "$.id"}])
    with pytest.raises(ValidationException, match="1 to 10"):
        workspace.put_events([ORDER] * 11)
    assert workspace.event_sources.buses.rules == {}
    assert events == []


def test_a_notification_has_sns_s_form(workspace: Workspace, events: list[Any]) -> None:
    subscription = workspace.subscribe("news", "note")
    kind = {"kind": {"DataType": "String", "StringValue": "gift"}}
    message_id = workspace.publish("news", "hello", subject="Hi", attributes=kind)
    workspace.advance()
    (record,) = events[0]["Records"]
    assert record["EventSource"] == "aws:sns"
    assert record["EventVersion"] == "1.0"
    assert record["EventSubscriptionArn"] == subscription.arn
    assert list(record["Sns"]) == [
        *("Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature"),
        *("SigningCertUrl", "UnsubscribeUrl", "MessageAttributes"),
    ]
    told = record["Sns"]
    assert (told["Type"], told["MessageId"], told["Subject"], told["Message"]) == (
        *("Notification", message_id, "Hi", "hello"),
    )
    assert told["TopicArn"] == "arn:aws:sns:us-east-1:123456789012:news"
    assert told["Timestamp"] == "2026-01-01T00:00:00.000Z"
    assert told["MessageAttributes"] == {"kind": {"Type": "String", "Value": "gift"}}


@pytest.mark.parametrize(
    ("policy", "scope", "attribute", "message", "is_delivered"),
    [
        ({"kind": ["gift"]}, "MessageAttributes", ("String", "gift"), "", True),
        ({"kind": ["gift"]}, "MessageAttributes", ("String", "sale"), "", False),
        ({"kind": [{"numeric": [">", 5]}]}, "MessageAttributes", ("Number", "6"), "", True),
        ({"kind": ["b"]}, "MessageAttributes", ("String.Array", '["a", "b"]'), "", True),
        ({"state": ["new"]}, "MessageBody", ("String", "x"), '{"state": "new"}', True),
        ({"state": ["new"]}, "MessageBody", ("String", "x"), "no JSON", False),
    ],
)
def test_a_filter_policy_decides_who_hears(
    workspace: Workspace,
    events: list[Any],
    policy: dict[str, Any],
    scope: str,
    attribute: tuple[str, str],
    *,
    message: str,
    is_delivered: bool,
) -> None:
    workspace.subscribe("news", "note", filter_policy=policy, filter_policy_scope=scope)
    given = {"kind": {"DataType": attribute[0], "StringValue": attribute[1]}}
    workspace.publish("news", message, attributes=given)
    workspace.advance()
    assert len(events) == is_delivered


@pytest.fixture
def uploads(workspace: Workspace, tmp_path: Path) -> Callable[[str, str], None]:
    """Puts an object into the bucket ``uploads``."""
    buckets = FolderBuckets(tmp_path)
    buckets.create_bucket("uploads")
    workspace.buckets = buckets
    return lambda key, content: workspace.put_object("uploads", key, content)


def test_a_new_object_is_told_in_s3_s_form(
    workspace: Workspace, events: list[Any], uploads: Callable[[str, str], None]
) -> None:
    workspace.bucket_notification("uploads", "note", prefix="in/", suffix=".csv")
    for key in ("in/a b(1).csv", "in/a.txt", "out/a.csv"):
        uploads(key, "hello")
    workspace.advance()
    (event,) = events
    (record,) = event["Records"]
    assert list(record) == [
        *("eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity"),
        *("requestParameters", "responseElements", "s3"),
    ]
    assert (record["eventVersion"], record["eventSource"], record["eventName"]) == (
        *("2.1", "aws:s3", "ObjectCreated:Put"),
    )
    assert list(record["responseElements"]) == ["x-amz-request-id", "x-amz-id-2"]
    told = record["s3"]
    assert (told["s3SchemaVersion"], list(told["bucket"])) == ("1.0", ["name", "ownerIdentity", "arn"])
    assert told["bucket"]["arn"] == "arn:aws:s3:::uploads"
    assert told["object"] | {"sequencer": ""} == {
        "key": "in/a+b%281%29.csv",
        "size": 5,
        "eTag": "5d41402abc4b2a76b9719d911017c592",
        "sequencer": "",
    }


def test_a_bucket_can_be_made_before_and_after_somebody_listens(
    workspace: Workspace, events: list[Any], tmp_path: Path
) -> None:
    workspace.buckets = FolderBuckets(tmp_path)
    workspace.create_bucket("uploads")
    workspace.bucket_notification("uploads", "note")
    workspace.create_bucket("uploads")
    workspace.create_bucket("others")
    for bucket in ("uploads", "others"):
        workspace.put_object(bucket, "a.txt", "hello")
    workspace.advance()
    assert [event["Records"][0]["s3"]["bucket"]["name"] for event in events] == ["uploads"]
    workspace.buckets = NoBuckets()
    with pytest.raises(InvalidInput, match="cannot be made here"):
        workspace.create_bucket("uploads")


def test_an_object_that_a_task_puts_is_told_too(
    workspace: Workspace, events: list[Any], uploads: Callable[[str, str], None]
) -> None:
    del uploads
    workspace.bucket_notification("uploads", "note")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Parameters": {"Bucket": "uploads", "Key": "a.json", "Body": {"n": 1}},
        "End": True,
    }
    workspace.define("Put", {"StartAt": "Put", "States": {"Put": task}}).run()
    workspace.advance()
    assert events[0]["Records"][0]["s3"]["object"]["size"] == len('{"n":1}')


def test_a_bucket_tells_of_puts_only(workspace: Workspace, events: list[Any]) -> None:
    with pytest.raises(ValidationException, match="ObjectRemoved"):
        workspace.bucket_notification("uploads", "note", events=["s3:ObjectRemoved:*"])
    assert events == []


def test_a_request_reaches_the_function_of_its_route(workspace: Workspace) -> None:
    workspace.registry.lambda_function(name="get_order", duration=0.5)(
        lambda event: {"statusCode": 200, "body": json.dumps({"id": event["pathParameters"]["id"]})}
    )
    shop = workspace.api("shop", {"GET /orders/{id}": "get_order"})
    began_seconds = workspace.scheduler.now()
    answer = shop.request("GET", "/orders/7")
    assert (answer.status_code, answer.json()) == (200, {"id": "7"})
    assert workspace.scheduler.now() - began_seconds == 0.5
    assert shop.request("POST", "/orders/7").status_code == 404
    with pytest.raises(UnknownName):
        workspace.api("shop", {"GET /": "nobody"})


def test_a_function_url_takes_every_request(workspace: Workspace) -> None:
    workspace.registry.lambda_function(name="hello")(lambda event: f"Hello {event['queryStringParameters']['name']}")
    url = workspace.function_url("hello")
    assert url("GET", "/any/where?name=Ada").body == "Hello Ada"
