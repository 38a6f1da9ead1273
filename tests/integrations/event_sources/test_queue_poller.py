import hashlib
from typing import Any

import pytest

from sfn_notebook.errors import FeatureNotSupported, InvalidInput
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.aws import sdk
from sfn_notebook.workspace import Workspace
from tests.integrations.event_sources.conftest import ACCOUNT, Cloud


class Worker:
    """A handler that notes when it got which bodies, with their receive counts, and reports those that are bad."""

    def __init__(self, cloud: Cloud, *, bad: set[str] | None = None, raises: bool = False) -> None:
        self._cloud = cloud
        self._bad = bad or set()
        self._raises = raises
        self.calls: list[tuple[float, list[tuple[str, int]]]] = []
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        records = event["Records"]
        counted = [(each["body"], int(each["attributes"]["ApproximateReceiveCount"])) for each in records]
        self.calls.append((self._cloud.seconds, counted))
        failed = [each["messageId"] for each in records if each["body"] in self._bad]
        if self._raises and failed:
            raise ValueError("bad message")
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    def define(self, **settings: Any) -> "Worker":
        self._cloud.workspace.registry.lambda_function(name="work", **settings)(self)
        return self


RECEIVES = [(1, [0.0]), (2, [0.0, 30.0]), (3, [0.0, 30.0, 60.0])]


@pytest.mark.parametrize(("receives", "seconds"), RECEIVES)
def test_only_failed_messages_come_back_after_the_visibility_time_and_end_in_the_dead_letter_queue(
    cloud: Cloud, receives: int, seconds: list[float]
) -> None:
    worker = Worker(cloud, bad={"x", "y"}).define(duration=2)
    url, dead = cloud.queue_with_dead_letters("orders", receives=receives, VisibilityTimeout="30")
    cloud.workspace.map_queue("orders", "work", report_batch_item_failures=True)
    cloud.send(url, "a", "x", "b", "y")
    cloud.workspace.advance()
    assert worker.calls[0] == (0.0, [("a", 1), ("x", 1), ("b", 1), ("y", 1)])
    assert worker.calls[1:] == [(at, [("x", count), ("y", count)]) for count, at in enumerate(seconds[1:], start=2)]
    assert cloud.bodies(dead) == ["x", "y"]
    assert cloud.invisible(url) == {"visible": 0, "hidden": 0}
    assert cloud.seconds == 30.0 * receives


def test_an_exception_brings_the_whole_batch_back(cloud: Cloud) -> None:
    worker = Worker(cloud, bad={"x"}, raises=True).define()
    url, dead = cloud.queue_with_dead_letters("orders", receives=2)
    cloud.workspace.map_queue(url, "work", report_batch_item_failures=True)
    cloud.send(url, "a", "x")
    cloud.workspace.advance()
    assert worker.calls == [(0.0, [("a", 1), ("x", 1)]), (30.0, [("a", 2), ("x", 2)])]
    assert cloud.bodies(dead) == ["a", "x"]


def test_without_reports_a_returned_list_of_failures_means_nothing(cloud: Cloud) -> None:
    worker = Worker(cloud, bad={"x"}).define()
    url = cloud.queue("orders")
    cloud.workspace.map_queue("orders", "work")
    cloud.send(url, "x")
    cloud.workspace.advance()
    assert len(worker.calls) == 1
    assert cloud.invisible(url) == {"visible": 0, "hidden": 0}


def test_without_a_dead_letter_queue_time_does_not_pass_for_a_message_that_always_fails(cloud: Cloud) -> None:
    worker = Worker(cloud, bad={"x"}, raises=True).define()
    url = cloud.queue("orders")
    cloud.workspace.map_queue("orders", "work")
    cloud.send(url, "x")
    cloud.workspace.advance()
    assert [at for at, _ in worker.calls] == [0.0]
    cloud.workspace.advance(65)
    assert [at for at, _ in worker.calls] == [0.0, 30.0, 60.0]


def test_a_message_is_forgotten_after_the_queue_s_retention(cloud: Cloud) -> None:
    worker = Worker(cloud, bad={"x"}, raises=True).define()
    url = cloud.queue("orders", MessageRetentionPeriod="100")
    cloud.workspace.map_queue("orders", "work")
    cloud.send(url, "x")
    cloud.workspace.advance(300)
    assert [at for at, _ in worker.calls] == [0.0, 30.0, 60.0, 90.0]
    assert cloud.invisible(url) == {"visible": 0, "hidden": 0}


def test_a_record_has_aws_s_fields(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    url = cloud.queue("orders")
    cloud.workspace.map_queue("orders", "work")
    cloud.workspace.advance(5)
    attribute = {"kind": {"DataType": "String", "StringValue": "gift"}}
    cloud.send(url, "hello", MessageAttributes=attribute)
    cloud.workspace.advance()
    (record,) = worker.events[0]["Records"]
    sent = str(round((cloud.workspace.scheduler.now()) * 1000))
    assert list(record) == [
        *("messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfMessageAttributes"),
        *("md5OfBody", "eventSource", "eventSourceARN", "awsRegion"),
    ]
    assert record["md5OfBody"] == hashlib.md5(b"hello", usedforsecurity=False).hexdigest()
    assert record["eventSourceARN"] == f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
    assert (record["eventSource"], record["awsRegion"]) == ("aws:sqs", "us-east-1")
    assert record["messageAttributes"] == {
        "kind": {"stringValue": "gift", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
    }
    attributes = record["attributes"]
    assert set(attributes) == {
        *("ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp")
    }
    assert (attributes["SentTimestamp"], attributes["ApproximateFirstReceiveTimestamp"]) == (sent, sent)


def test_the_first_receive_and_the_sending_stay_what_they_were(cloud: Cloud) -> None:
    worker = Worker(cloud, bad={"x"}).define()
    url, _ = cloud.queue_with_dead_letters("orders", receives=2)
    cloud.workspace.map_queue("orders", "work", report_batch_item_failures=True)
    cloud.send(url, "x")
    cloud.workspace.advance()
    first, second = (event["Records"][0]["attributes"] for event in worker.events)
    names = ("SentTimestamp", "ApproximateFirstReceiveTimestamp")
    assert [first[name] for name in names] == [second[name] for name in names]


def test_batches_have_their_size(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    url = cloud.queue("orders")
    cloud.send(url, *"abcde")
    cloud.workspace.map_queue("orders", "work", batch_size=2)
    cloud.workspace.advance()
    assert [[body for body, _ in batch] for _, batch in worker.calls] == [["a", "b"], ["c", "d"], ["e"]]


def test_a_window_waits_for_more_messages(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    url = cloud.queue("orders")
    cloud.workspace.map_queue("orders", "work", window=20)
    cloud.send(url, "a")
    cloud.workspace.advance(5)
    cloud.send(url, "b")
    cloud.workspace.advance()
    assert worker.calls == [(20.0, [("a", 1), ("b", 1)])]


def test_a_full_batch_does_not_wait_for_its_window(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    url = cloud.queue("orders")
    cloud.workspace.map_queue("orders", "work", batch_size=2, window=20)
    cloud.send(url, "a", "b")
    cloud.workspace.advance()
    assert [at for at, _ in worker.calls] == [0.0]


def test_maximum_concurrency_limits_batches_at_a_time(cloud: Cloud) -> None:
    worker = Worker(cloud).define(duration=3)
    url = cloud.queue("orders")
    cloud.workspace.map_queue("orders", "work", batch_size=1, maximum_concurrency=2)
    cloud.send(url, *"abcde")
    cloud.workspace.advance()
    assert [at for at, _ in worker.calls] == [0.0, 0.0, 3.0, 3.0, 6.0]


def test_a_throttled_batch_comes_back(cloud: Cloud) -> None:
    worker = Worker(cloud).define(reserved_concurrency=0)
    url, dead = cloud.queue_with_dead_letters("orders", receives=2)
    mapping = cloud.workspace.map_queue("orders", "work")
    cloud.send(url, "a")
    cloud.workspace.advance()
    assert worker.calls == []
    assert cloud.bodies(dead) == ["a"]
    assert len(mapping.failures) == 2


def test_a_delay_passes_in_modelled_time(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    url = cloud.queue("orders", DelaySeconds="60")
    cloud.workspace.map_queue("orders", "work")
    cloud.send(url, "usual")
    cloud.send(url, "longer", DelaySeconds=100)
    cloud.workspace.advance()
    assert worker.calls == [(60.0, [("usual", 1)]), (100.0, [("longer", 1)])]


def test_a_filter_deletes_what_is_for_nobody(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    url = cloud.queue("orders")
    cloud.workspace.map_queue("orders", "work", filters=[{"body": {"total": [{"numeric": [">", 10]}]}}])
    cloud.send(url, '{"total":5}', '{"total":11}', "text")
    cloud.workspace.advance()
    assert [batch for _, batch in worker.calls] == [[('{"total":11}', 1)]]
    assert cloud.invisible(url) == {"visible": 0, "hidden": 0}


def test_a_group_of_a_fifo_queue_waits_for_its_failed_message(cloud: Cloud) -> None:
    worker = Worker(cloud, bad={"a1"}, raises=True).define()
    url = cloud.queue("orders.fifo", FifoQueue="true")
    cloud.workspace.map_queue("orders.fifo", "work", batch_size=1)
    for body in ("a1", "a2", "b1"):
        cloud.send(url, body, MessageGroupId=body[0], MessageDeduplicationId=body)
    cloud.workspace.advance(35)
    assert worker.calls == [(0.0, [("a1", 1)]), (0.0, [("b1", 1)]), (30.0, [("a1", 2)])]
    attributes = worker.events[0]["Records"][0]["attributes"]
    assert attributes["MessageGroupId"] == "a"
    assert {"SequenceNumber", "MessageDeduplicationId"} <= set(attributes)


def test_a_disabled_mapping_leaves_messages_in_the_queue(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    url = cloud.queue("orders")
    mapping = cloud.workspace.map_queue("orders", "work")
    mapping.disable()
    cloud.send(url, "a")
    cloud.workspace.advance()
    assert worker.calls == []
    mapping.enable()
    cloud.workspace.advance()
    assert len(worker.calls) == 1


def test_messages_sent_by_a_topic_reach_the_function_too(cloud: Cloud) -> None:
    worker = Worker(cloud).define()
    cloud.queue("orders")
    sns = cloud.workspace.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders")
    cloud.workspace.map_queue("orders", "work")
    sns.publish(TopicArn=topic, Message="hi")
    cloud.workspace.advance()
    assert '"Message": "hi"' in worker.calls[0][1][0][0]


def test_what_lambda_refuses_is_refused(cloud: Cloud) -> None:
    Worker(cloud).define(timeout=60)
    cloud.queue("orders")
    with pytest.raises(InvalidParameterValueException, match="Maximum batch window in seconds must be greater than 0"):
        cloud.workspace.map_queue("orders", "work", batch_size=11)
    with pytest.raises(InvalidParameterValueException, match="Queue visibility timeout: 30 seconds is less than Func"):
        cloud.workspace.map_queue("orders", "work")
    with pytest.raises(InvalidInput, match="no queue 'nowhere'"):
        cloud.workspace.map_queue("nowhere", "work")


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(registry=FunctionRegistry())
    workspace.registry.lambda_function(name="work")(lambda event: event)

    def missing(package: str) -> None:
        raise FeatureNotSupported(f"A service of AWS without the package {package}", hint=sdk._HINT)

    monkeypatch.setattr("sfn_notebook.integrations.aws.endpoint.require_installed", missing)
    with pytest.raises(FeatureNotSupported, match=r"sfn_notebook\[aws\]"):
        workspace.map_queue("orders", "work")
    with pytest.raises(FeatureNotSupported, match=r"sfn_notebook\[aws\]"):
        workspace.map_stream("clicks", "work")


def test_a_queue_that_is_gone_ends_its_mapping(cloud: Cloud) -> None:
    Worker(cloud).define()
    url = cloud.queue("orders")
    mapping = cloud.workspace.map_queue("orders", "work")
    cloud.workspace.client("sqs").delete_queue(QueueUrl=url)
    cloud.workspace.advance()
    assert not mapping.is_enabled
    assert "orders" in mapping.failures[0]


def test_an_interrupted_call_brings_its_messages_back_and_does_not_hold_up_the_others(cloud: Cloud) -> None:
    seen: list[str] = []

    def handle(event: dict[str, Any]) -> None:
        (record,) = event["Records"]
        seen.append(record["body"])
        if seen == ["a"]:
            raise KeyboardInterrupt

    cloud.workspace.registry.lambda_function(name="work")(handle)
    url, dead = cloud.queue_with_dead_letters("orders", receives=5, VisibilityTimeout="30")
    cloud.workspace.map_queue("orders", "work", batch_size=1)
    cloud.send(url, "a", "b", "c")
    with pytest.raises(KeyboardInterrupt):
        cloud.workspace.advance()
    cloud.workspace.advance()
    assert seen == ["a", "b", "c", "a"]
    assert cloud.seconds == 30.0
    assert cloud.bodies(dead) == []


def test_a_message_that_goes_to_the_dead_letter_queue_is_among_the_interactions(cloud: Cloud) -> None:
    Worker(cloud, bad={"x"}).define()
    url, _dead = cloud.queue_with_dead_letters("orders", receives=2, VisibilityTimeout="30")
    cloud.workspace.map_queue("orders", "work", report_batch_item_failures=True)
    cloud.send(url, "a", "x")
    began_seconds = cloud.workspace.scheduler.now()
    cloud.workspace.advance()
    (moved,) = [each for each in cloud.workspace.interactions() if each.what == "dead letter"]
    assert (moved.source.name, moved.target.name) == ("orders", "orders-dead")
    assert (moved.why, moved.at_seconds - began_seconds) == ("received 2 times", 60.0)
