"""What a workspace's own clients and Tasks send reaches rules and subscriptions, as on AWS."""

import json
from typing import Any

import pytest

from tests.integrations.event_sources.conftest import ACCOUNT, Cloud


@pytest.fixture
def events(cloud: Cloud) -> list[Any]:
    """What the function ``note`` was called with."""
    found: list[Any] = []
    cloud.workspace.registry.lambda_function(name="note")(found.append)
    return found


def test_events_that_a_client_puts_reach_the_rules_under_their_ids(cloud: Cloud, events: list[Any]) -> None:
    cloud.workspace.rule("orders", pattern={"source": ["shop"]}, targets=["note"])
    entries = [{"Source": source, "DetailType": "Order", "Detail": '{"id": 7}'} for source in ("shop", "other")]
    answer = cloud.workspace.client("events").put_events(Entries=entries)
    cloud.workspace.advance()
    assert [event["id"] for event in events] == [answer["Entries"][0]["EventId"]]
    assert events[0]["detail"] == {"id": 7}


def test_events_that_a_task_puts_reach_the_rules_at_its_time(cloud: Cloud, events: list[Any]) -> None:
    cloud.workspace.rule("orders", pattern={"detail-type": ["Order"]}, targets=["note"])
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": [{"Source": "shop", "DetailType": "Order", "Detail": {"id.$": "$.id"}}]},
        "End": True,
    }
    wait = {"Type": "Wait", "Seconds": 90, "Next": "Put"}
    machine = cloud.workspace.define("M", {"StartAt": "Wait", "States": {"Wait": wait, "Put": put}})
    assert machine.run({"id": 7}).status.name == "SUCCEEDED"
    cloud.workspace.advance()
    assert [(event["time"], event["detail"]) for event in events] == [("2026-01-01T00:01:30Z", {"id": 7})]


def test_a_rule_sends_to_a_queue(cloud: Cloud) -> None:
    url = cloud.queue("orders")
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
    cloud.workspace.rule("orders", pattern={"source": ["shop"]}, targets=[{"Arn": arn, "InputPath": "$.detail"}])
    cloud.workspace.put_events([{"Source": "shop", "DetailType": "Order", "Detail": {"id": 7}}])
    assert [json.loads(body) for body in cloud.bodies(url)] == [{"id": 7}]


def test_what_a_client_publishes_reaches_the_subscribed_functions(cloud: Cloud, events: list[Any]) -> None:
    sns = cloud.workspace.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    cloud.workspace.subscribe("news", "note", filter_policy={"kind": ["gift"]})
    kinds = {kind: {"kind": {"DataType": "String", "StringValue": kind}} for kind in ("gift", "sale")}
    message_id = sns.publish(TopicArn=topic, Message="one", Subject="Hi", MessageAttributes=kinds["gift"])["MessageId"]
    sns.publish(TopicArn=topic, Message="two", MessageAttributes=kinds["sale"])
    batch = [{"Id": kind, "Message": kind, "MessageAttributes": kinds[kind]} for kind in kinds]
    sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=batch)
    cloud.workspace.advance()
    told = [event["Records"][0]["Sns"] for event in events]
    assert [each["Message"] for each in told] == ["one", "gift"]
    assert (told[0]["MessageId"], told[0]["Subject"]) == (message_id, "Hi")
