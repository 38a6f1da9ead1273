"""What the services hold as ``workspace.contents()`` tells it, and that looking changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.errors import UnknownName
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.views.service_contents import ServiceTable
from sfn_notebook.workspace import Workspace


@pytest.fixture
def registry() -> Iterator[FunctionRegistry]:
    registry = FunctionRegistry()
    yield registry
    registry.clear()


@pytest.fixture
def workspace(registry: FunctionRegistry, tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace(registry=registry, buckets=FolderBuckets(tmp_path / "buckets"))
    yield workspace
    workspace.aws.connection.stop()


def _queue(workspace: Workspace, name: str = "orders", **attributes: str) -> str:
    pytest.importorskip("moto")
    url: str = workspace.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url


def _cells(table: ServiceTable, section: int = 0) -> list[tuple[str, ...]]:
    return [row.cells for row in table.sections[section].rows]


def test_looking_at_a_queue_neither_hides_messages_nor_counts_a_receive(workspace: Workspace) -> None:
    url, sqs = _queue(workspace), workspace.client("sqs")
    for body in ("first", '{"second": 2}'):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    for _ in range(3):
        table = workspace.contents("orders")["orders"]
    assert table.facts == (("visible", "2"), ("in flight", "0"), ("delayed", "0"))
    assert [cells[1:] for cells in _cells(table)] == [("visible", "0", "first"), ("visible", "0", '{"second": 2}')]
    (received,) = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"]
    assert received["Attributes"]["ApproximateReceiveCount"] == "1"
    assert [cells[1:3] for cells in _cells(workspace.contents()["orders"])] == [("in flight", "1"), ("visible", "0")]


def test_a_message_whose_delay_is_modelled_is_delayed_until_it_has_passed(
    registry: FunctionRegistry, workspace: Workspace
) -> None:
    taken: list[Any] = []
    registry.lambda_function(name="ship")(taken.append)
    url = _queue(workspace, VisibilityTimeout="30")
    workspace.map_queue("orders", "ship")
    workspace.client("sqs").send_message(QueueUrl=url, MessageBody="later", DelaySeconds=60)
    workspace.advance(10)
    table = workspace.contents()["orders"]
    assert table.facts[2:] == (("delayed", "1"), ("polled for", "ship"))
    assert _cells(table)[0][1:] == ("delayed", "0", "later")
    workspace.advance(60)
    assert len(taken) == 1
    assert _cells(workspace.contents()["orders"]) == []


def test_a_queue_that_only_lambda_knows_shows_what_was_sent_there(
    registry: FunctionRegistry, workspace: Workspace
) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:done"
    registry.lambda_function(name="work", on_success=queue)(lambda event: event)
    workspace.invoke("work", {"n": 1}, "Event")
    workspace.advance()
    table = workspace.contents("done")["done"]
    payload = table.sections[0].rows[0].payload
    assert payload is not None
    assert '"condition":"Success"' in payload.text


def test_a_topic_and_a_bus_show_who_listens_and_what_was_sent(registry: FunctionRegistry, workspace: Workspace) -> None:
    registry.lambda_function(name="notify")(lambda _event: None)
    workspace.subscribe("news", "notify", filter_policy={"kind": ["order"]})
    workspace.publish("news", "hello", subject="Greeting")
    workspace.rule("all", pattern={"source": ["shop"]}, targets=["notify"], bus="shop")
    workspace.put_events([{"Source": "shop", "DetailType": "order", "Detail": {}, "EventBusName": "shop"}])
    contents = workspace.contents()
    account = "arn:aws:lambda:us-east-1:123456789012:function:notify"
    assert _cells(contents["news"]) == [("lambda", account, '{"kind":["order"]}')]
    assert _cells(contents["news"], 1) == [("0 s", "notebook", "publish: Greeting", '"hello"')]
    assert _cells(contents["shop"]) == [("all", "enabled", '{"source":["shop"]}', "notify", "1", "0")]
    assert _cells(contents["shop"], 1)[0][:3] == ("0 s", "notebook", "put events: order")


def test_a_table_shows_its_items_by_key_and_a_bucket_its_objects(workspace: Workspace) -> None:
    pytest.importorskip("moto")
    dynamodb = workspace.client("dynamodb")
    dynamodb.create_table(
        TableName="stock",
        KeySchema=[{"AttributeName": "sku", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "sku", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for sku, count in (("b", "2"), ("a", "1")):
        item = {"sku": {"S": sku}, "count": {"N": count}, "tags": {"L": [{"BOOL": True}, {"NULL": True}]}}
        dynamodb.put_item(TableName="stock", Item=item)
    workspace.buckets.create_bucket("photos")  # type: ignore[attr-defined]  # the folders of these tests have it
    workspace.put_object("photos", "in/cat.jpg", b"12345")
    contents = workspace.contents()
    assert _cells(contents["stock"]) == [
        ("a", '{"sku":"a","count":"1","tags":[true,null]}'),
        ("b", '{"sku":"b","count":"2","tags":[true,null]}'),
    ]
    assert _cells(contents["photos"]) == [("in/cat.jpg", "5")]


def test_services_elsewhere_are_not_read(workspace: Workspace) -> None:
    pytest.importorskip("boto3")
    workspace.aws.use_endpoint("http://127.0.0.1:9")
    assert "What the services at endpoint http://127.0.0.1:9 hold is not read" in repr(workspace.contents())


def test_an_unknown_name_is_told_with_the_nearest(workspace: Workspace) -> None:
    workspace.publish("news", "hello")
    with pytest.raises(UnknownName, match="new"):
        workspace.contents("new")


def test_without_anything_it_says_so(workspace: Workspace) -> None:
    assert repr(workspace.contents()) == "There is no queue, topic, bus, table or bucket."
