"""What boto3 code sets up through the Lambda client: versions, aliases, provisioned environments, mappings."""

from collections.abc import Callable
from typing import Any

import pytest

from sfn_notebook.workspace import Workspace

pytest.importorskip("boto3", reason="the clients are boto3's")
ARN = "arn:aws:lambda:us-east-1:123456789012:function:work"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/clicks"


def _define(workspace: Workspace, handler: Callable[[Any], Any] = lambda _event: 1, **settings: Any) -> None:
    workspace.registry.lambda_function(name="work", **settings)(handler)


def test_a_function_tells_its_configuration(workspace: Workspace) -> None:
    _define(workspace, timeout=30, memory=512, reserved_concurrency=5)
    client = workspace.client("lambda")
    found = client.get_function(FunctionName=ARN)
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 5}
    told = {name: found["Configuration"][name] for name in ("FunctionArn", "Timeout", "MemorySize", "Version", "State")}
    assert told == {"FunctionArn": ARN, "Timeout": 30, "MemorySize": 512, "Version": "$LATEST", "State": "Active"}
    assert client.list_functions()["Functions"] == [found["Configuration"]]
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found"):
        client.get_function_configuration(FunctionName="nothing")


def test_versions_and_aliases_are_published_and_routed(workspace: Workspace) -> None:
    _define(workspace)
    client = workspace.client("lambda")
    assert client.publish_version(FunctionName="work", Description="first")["Version"] == "1"
    _define(workspace, lambda _event: 2)
    client.publish_version(FunctionName="work")
    client.create_alias(FunctionName="work", Name="live", FunctionVersion="1")
    client.update_alias(FunctionName="work", Name="live", RoutingConfig={"AdditionalVersionWeights": {"2": 1.0}})
    told = client.update_alias(FunctionName="work", Name="live", Description="d")
    assert told["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 1.0}}
    assert client.invoke(FunctionName="work:live")["ExecutedVersion"] == "2"
    assert client.get_function_configuration(FunctionName="work:1")["Description"] == "first"
    assert client.get_alias(FunctionName="work", Name="live")["FunctionVersion"] == "1"
    assert [each["Name"] for each in client.list_aliases(FunctionName="work")["Aliases"]] == ["live"]
    versions = client.get_paginator("list_versions_by_function").paginate(FunctionName="work").build_full_result()
    assert [each["Version"] for each in versions["Versions"]] == ["$LATEST", "1", "2"]
    client.delete_alias(FunctionName="work", Name="live")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Cannot find alias arn"):
        client.get_alias(FunctionName="work", Name="live")


def test_provisioned_environments_are_ready_after_their_initialisation(workspace: Workspace) -> None:
    _define(workspace, init=2)
    client = workspace.client("lambda")
    client.publish_version(FunctionName="work")
    of_version = {"FunctionName": "work", "Qualifier": "1"}
    with pytest.raises(client.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        client.get_provisioned_concurrency_config(**of_version)
    put = client.put_provisioned_concurrency_config(**of_version, ProvisionedConcurrentExecutions=3)
    assert (put["Status"], put["AvailableProvisionedConcurrentExecutions"]) == ("IN_PROGRESS", 0)
    workspace.advance(2)
    got = client.get_provisioned_concurrency_config(**of_version)
    assert (got["Status"], got["AvailableProvisionedConcurrentExecutions"]) == ("READY", 3)
    client.delete_provisioned_concurrency_config(**of_version)
    with pytest.raises(client.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        client.get_provisioned_concurrency_config(**of_version)


def test_a_mapping_of_a_queue_is_made_paused_and_deleted(workspace: Workspace) -> None:
    seen: list[int] = []
    _define(workspace, lambda event: seen.append(len(event["Records"])))
    sqs, client = workspace.client("sqs"), workspace.client("lambda")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    made = client.create_event_source_mapping(
        EventSourceArn=QUEUE, FunctionName="work", BatchSize=2, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    assert (made["State"], made["StateTransitionReason"]) == ("Creating", "USER_INITIATED")
    with pytest.raises(client.exceptions.ResourceConflictException, match=made["UUID"]):
        client.create_event_source_mapping(EventSourceArn=QUEUE, FunctionName="work")
    assert client.update_event_source_mapping(UUID=made["UUID"], Enabled=False)["State"] == "Disabled"
    for body in ("a", "b", "c"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    workspace.advance()
    assert seen == []
    client.update_event_source_mapping(UUID=made["UUID"], Enabled=True)
    workspace.advance()
    assert seen == [2, 1]
    (listed,) = client.list_event_source_mappings(FunctionName="work")["EventSourceMappings"]
    assert (listed["UUID"], listed["BatchSize"], listed["State"]) == (made["UUID"], 2, "Enabled")
    assert client.delete_event_source_mapping(UUID=made["UUID"])["State"] == "Deleting"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_event_source_mapping(UUID=made["UUID"])


def test_a_mapping_of_a_stream_has_what_lambda_tells_of_streams(workspace: Workspace) -> None:
    _define(workspace)
    workspace.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    client = workspace.client("lambda")
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="startingPosition"):
        client.create_event_source_mapping(EventSourceArn=STREAM, FunctionName="work")
    failed = {"OnFailure": {"Destination": QUEUE}}
    made = client.create_event_source_mapping(
        EventSourceArn=STREAM,
        FunctionName="work",
        StartingPosition="LATEST",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=2,
        DestinationConfig=failed,
    )
    told = client.get_event_source_mapping(UUID=made["UUID"])
    assert (told["BatchSize"], told["StartingPosition"], told["MaximumRetryAttempts"]) == (100, "LATEST", 2)
    assert (told["BisectBatchOnFunctionError"], told["DestinationConfig"]) == (True, failed)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"EventSourceArn": QUEUE}, "there is no queue"),
        ({"EventSourceArn": "arn:aws:mq:us-east-1:123456789012:broker:b"}, "Unrecognized event source"),
        ({"EventSourceArn": QUEUE, "FilterCriteria": {"Filters": [{"Pattern": "{bad"}]}}, "not JSON|there is no queue"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(workspace: Workspace, given: dict[str, Any], refusal: str) -> None:
    _define(workspace)
    client = workspace.client("lambda")
    with pytest.raises(client.exceptions.InvalidParameterValueException, match=refusal):
        client.create_event_source_mapping(FunctionName="work", **given)
