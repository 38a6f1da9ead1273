"""A notebook that is run again shows the same events, ids and times included."""

from typing import Any

from tests.integrations.event_sources.conftest import Cloud


def _events_of_all_sources() -> list[dict[str, Any]]:
    cloud = Cloud()
    workspace = cloud.workspace
    events: list[dict[str, Any]] = []
    workspace.registry.lambda_function(name="note")(events.append)
    url = cloud.queue("orders")
    workspace.map_queue("orders", "note")
    cloud.send(url, "hello")
    workspace.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    workspace.map_stream("clicks", "note")
    workspace.client("kinesis").put_record(StreamName="clicks", Data=b"hello", PartitionKey="p")
    workspace.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    workspace.map_stream("table/orders", "note")
    workspace.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": "7"}})
    workspace.subscribe("news", "note")
    workspace.publish("news", "hello")
    workspace.rule("all", pattern={"source": ["shop"]}, targets=["note"])
    workspace.put_events([{"Source": "shop", "DetailType": "hello", "Detail": {}}])
    workspace.api("shop", {"GET /": "note"}).request("GET", "/")
    workspace.advance()
    workspace.aws.connection.stop()
    return events


def test_the_same_calls_make_the_same_events() -> None:
    first, second = _events_of_all_sources(), _events_of_all_sources()
    assert len(first) == 6
    assert first == second
