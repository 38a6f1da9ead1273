"""Rules whose targets are queues and topics of real services: what arrives, what is tried again, dead letters."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace

pytest.importorskip("moto.server", reason="queues and topics need boto3 and moto")

_BASE = "us-east-1:123456789012"
ORDER = {"Source": "shop", "DetailType": "order", "Detail": '{"id": 7}'}


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    made = Workspace(registry=FunctionRegistry())
    yield made
    made.aws.connection.stop()


def _messages(workspace: Workspace, queue: str) -> list[Any]:
    sqs = workspace.client("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    return list(sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", ()))


def test_a_queue_and_the_subscribers_of_a_topic_get_the_event(workspace: Workspace) -> None:
    for name in ("orders", "of-the-topic"):
        workspace.client("sqs").create_queue(QueueName=name)
    topic = workspace.client("sns").create_topic(Name="news")["TopicArn"]
    workspace.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{_BASE}:of-the-topic")
    heard: list[Any] = []
    workspace.registry.lambda_function(name="note")(lambda event: heard.append(event["Records"][0]["Sns"]["Message"]))
    workspace.subscribe("news", "note")
    workspace.rule("r", pattern={"source": ["shop"]}, targets=[f"arn:aws:sqs:{_BASE}:orders", topic])
    workspace.put_events([ORDER])
    workspace.advance()
    direct = json.loads(_messages(workspace, "orders")[0]["Body"])
    notified = json.loads(json.loads(_messages(workspace, "of-the-topic")[0]["Body"])["Message"])
    assert direct == notified == json.loads(heard[0])
    assert len(heard) == 1
    assert direct["detail"] == {"id": 7}


def test_what_a_missing_queue_does_not_take_becomes_a_dead_letter(workspace: Workspace) -> None:
    workspace.client("sqs").create_queue(QueueName="dead")
    target = {"Arn": f"arn:aws:sqs:{_BASE}:gone", "DeadLetterConfig": {"Arn": f"arn:aws:sqs:{_BASE}:dead"}}
    rule = workspace.rule("r", pattern={"source": ["shop"]}, targets=[target])
    workspace.put_events([ORDER])
    (letter,) = _messages(workspace, "dead")
    assert json.loads(letter["Body"])["detail"] == {"id": 7}
    told = {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}
    assert (told["ERROR_CODE"], told["RULE_ARN"], told["TARGET_ARN"]) == ("NO_RESOURCE", rule.arn, target["Arn"])
    assert "NonExistentQueue" in told["ERROR_MESSAGE"]


def test_a_service_that_fails_for_a_while_gets_the_event_later(workspace: Workspace) -> None:
    sqs = workspace.client("sqs")
    sqs.create_queue(QueueName="orders")
    failures = [2]

    def fail(**_details: Any) -> None:
        failures[0] -= 1
        if failures[0] >= 0:
            error: Any = pytest.importorskip("botocore.exceptions").ConnectionClosedError
            raise error(endpoint_url="http://127.0.0.1")

    sqs.meta.events.register("before-send.sqs.SendMessage", fail)
    target = {"Arn": f"arn:aws:sqs:{_BASE}:orders", "RetryPolicy": {"MaximumRetryAttempts": 2}}
    rule = workspace.rule("r", pattern={"source": ["shop"]}, targets=[target])
    began_seconds = workspace.scheduler.now()
    workspace.put_events([ORDER])
    assert _messages(workspace, "orders") == []
    workspace.advance()
    assert len(_messages(workspace, "orders")) == 1
    assert workspace.scheduler.now() - began_seconds == 3
    assert (rule.invocations, rule.failures) == (1, [])


def test_a_policy_out_of_bounds_is_refused_when_the_rule_is_made(workspace: Workspace) -> None:
    target = {"Arn": f"arn:aws:sqs:{_BASE}:orders", "RetryPolicy": {"MaximumRetryAttempts": 500}}
    with pytest.raises(ValidationException, match="MaximumRetryAttempts cannot be 500"):
        workspace.rule("r", pattern={"source": ["shop"]}, targets=[target])
    assert workspace.event_sources.buses.rules == {}
