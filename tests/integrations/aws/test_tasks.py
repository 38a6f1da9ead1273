"""Tasks on services, each call made over HTTP to a real moto server."""

import json
from typing import Any

import pytest

from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.workspace import Workspace
from tests.integrations.aws.service_workspace import event_types, run_task


def _queue(workspace: Workspace, name: str = "orders") -> str:
    return str(workspace.client("sqs").create_queue(QueueName=name)["QueueUrl"])


def _bodies(workspace: Workspace, url: str) -> list[str]:
    messages = workspace.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in messages]


def _table(workspace: Workspace) -> None:
    workspace.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_a_message_that_is_an_object_arrives_as_json(workspace: Workspace) -> None:
    url = _queue(workspace)
    run = run_task(workspace, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": {"id": 7}})
    assert run.status == "SUCCEEDED"
    assert _bodies(workspace, url) == ['{"id":7}']
    answer = run.output
    assert set(answer) == {"MD5OfMessageBody", "MessageId", "SdkHttpMetadata", "SdkResponseMetadata"}
    assert answer["SdkHttpMetadata"]["HttpHeaders"]["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"


def test_a_run_shows_the_same_output_in_every_kernel() -> None:
    def output() -> Any:
        workspace = Workspace()
        try:
            url = _queue(workspace)
            return run_task(workspace, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m"}).output
        finally:
            workspace.aws.connection.stop()

    assert output() == output()


def test_a_topic_delivers_to_its_queue(workspace: Workspace) -> None:
    url = _queue(workspace)
    sns = workspace.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:orders")
    run = run_task(workspace, "sns:publish", {"TopicArn": topic, "Message": {"hello": "world"}})
    assert run.status == "SUCCEEDED"
    assert json.loads(json.loads(_bodies(workspace, url)[0])["Message"]) == {"hello": "world"}


def test_an_event_names_the_execution_and_a_failed_entry_is_an_error(workspace: Workspace) -> None:
    url = _queue(workspace)
    events = workspace.client("events")
    events.put_rule(Name="all", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:orders"}])
    entry = {"Source": "shop", "DetailType": "sold", "Detail": {"id": 7}}
    run = run_task(workspace, "events:putEvents", {"Entries": [entry]})
    assert run.output["FailedEntryCount"] == 0
    event = json.loads(_bodies(workspace, url)[0])
    assert event["detail"] == {"id": 7}
    assert event["resources"] == [run.header.machine.arn, run.arn]
    failed = run_task(workspace, "events:putEvents", {"Entries": [entry, {**entry, "Detail": '"no object"'}]})
    assert failed.error == "EventBridge.FailedEntry"
    assert json.loads(failed.cause or "")["Entries"][1]["ErrorCode"] == "MalformedDetail"


def test_nobody_speaks_for_a_service_of_aws(workspace: Workspace) -> None:
    entry = {"Source": "aws.ec2", "DetailType": "sold", "Detail": {"id": 7}}
    failed = run_task(workspace, "events:putEvents", {"Entries": [{**entry, "Source": "shop"}, entry]})
    assert failed.error == "EventBridge.FailedEntry"
    told = json.loads(failed.cause or "")
    assert told["FailedEntryCount"] == 1
    assert told["Entries"][1]["ErrorCode"] == "NotAuthorizedForSourceException"


def test_an_item_is_put_updated_got_and_deleted(workspace: Workspace) -> None:
    _table(workspace)
    key = {"TableName": "orders", "Key": {"id": {"S": "7"}}}
    put = run_task(workspace, "dynamodb:putItem", {"TableName": "orders", "Item": {"id": {"S": "7"}}})
    assert set(put.output) == {"SdkHttpMetadata", "SdkResponseMetadata"}
    change = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
    updated = run_task(workspace, "dynamodb:updateItem", {**key, **change, "ReturnValues": "UPDATED_NEW"})
    assert updated.output["Attributes"] == {"n": {"N": "1"}}
    assert run_task(workspace, "dynamodb:getItem", key).output["Item"] == {"id": {"S": "7"}, "n": {"N": "1"}}
    run_task(workspace, "dynamodb:deleteItem", key)
    assert "Item" not in run_task(workspace, "dynamodb:getItem", key).output


def test_any_call_of_the_sdk_has_pascal_case_and_no_metadata(workspace: Workspace) -> None:
    created = run_task(workspace, "aws-sdk:secretsmanager:createSecret", {"Name": "key", "SecretString": "x"})
    assert set(created.output) >= {"Arn", "Name"}
    listed = run_task(workspace, "aws-sdk:dynamodb:listTables", {})
    assert listed.output == {"TableNames": []}
    alarms = run_task(workspace, "aws-sdk:cloudwatchlogs:createLogGroup", {"LogGroupName": "/orders"})
    assert alarms.output == {}
    assert workspace.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "/orders"


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "cause"),
    [
        (
            "dynamodb:getItem",
            {"TableName": "nothing", "Key": {"id": {"S": "7"}}},
            "DynamoDB.ResourceNotFoundException",
            "Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; ",
        ),
        (
            "aws-sdk:dynamodb:getItem",
            {"TableName": "nothing", "Key": {"id": {"S": "7"}}},
            "DynamoDb.ResourceNotFoundException",
            "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: ",
        ),
        (
            "sqs:sendMessage",
            {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/nothing", "MessageBody": "m"},
            "SQS.QueueDoesNotExistException",
            "The specified queue does not exist. (Service: AmazonSQS; Status Code: 400; ",
        ),
        (
            "aws-sdk:sqs:sendMessage",
            {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/nothing", "MessageBody": "m"},
            "Sqs.QueueDoesNotExistException",
            "The specified queue does not exist. (Service: Sqs, Status Code: 400, ",
        ),
    ],
)
def test_refusals_are_named_as_aws_names_them(
    workspace: Workspace, resource: str, parameters: Any, error: str, cause: str
) -> None:
    run = run_task(workspace, resource, parameters)
    assert run.error == error
    assert (run.cause or "").startswith(cause)
    assert "TaskFailed" in event_types(run)


def test_a_catch_on_task_failed_takes_a_refusal(workspace: Workspace) -> None:
    parameters = {"TableName": "nothing", "Key": {"id": {"S": "7"}}}
    state = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": parameters, "End": True}
    state["Catch"] = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Caught"}]
    definition = {"StartAt": "Get", "States": {"Get": state, "Caught": {"Type": "Succeed"}}}
    assert workspace.define("Catching", definition).run().output["Error"] == "DynamoDB.ResourceNotFoundException"


def test_parameters_that_cannot_be_used_start_no_task(workspace: Workspace) -> None:
    run = run_task(workspace, "aws-sdk:sqs:sendMessage", {"QueueUrl": 1})
    assert run.error == "States.Runtime"
    assert "could not be used to start the Task" in (run.cause or "")
    assert "TaskScheduled" not in event_types(run)
    assert workspace.aws.connection.local_url is None


def test_a_token_goes_with_the_message_and_answers_the_task(workspace: Workspace) -> None:
    url = _queue(workspace)
    body = {"token.$": "$$.Task.Token"}
    run = run_task(workspace, "sqs:sendMessage.waitForTaskToken", {"QueueUrl": url, "MessageBody": body})
    assert run.status == "RUNNING"
    assert event_types(run)[-1] == "TaskSubmitted"
    token = json.loads(_bodies(workspace, url)[0])["token"]
    workspace.client("stepfunctions").send_task_success(taskToken=token, output='{"approved": true}')
    assert (run.status, run.output) == ("SUCCEEDED", {"approved": True})


def test_what_aws_does_not_have_is_refused_before_anything_runs(workspace: Workspace) -> None:
    with pytest.raises(FeatureNotSupported, match=r'aws-sdk:sqs:sendMesage.*\n.*Did you mean "sendMessage"'):
        run_task(workspace, "aws-sdk:sqs:sendMesage", {})
    with pytest.raises(FeatureNotSupported, match="aws-sdk:s3:deleteBucket"):
        run_task(workspace, "aws-sdk:s3:deleteBucket", {"Bucket": "b"})
    with pytest.raises(FeatureNotSupported, match=r"dynamodb:putItem\.waitForTaskToken"):
        run_task(workspace, "dynamodb:putItem.waitForTaskToken", {"TableName": "t", "Item": {}})
    assert workspace.executions == {}


def test_a_fault_of_the_local_services_is_an_error_of_the_task_and_prints_nothing(
    workspace: Workspace, capfd: pytest.CaptureFixture[str]
) -> None:
    run = run_task(workspace, "sns:publish", {"Message": "to nobody"})
    assert run.error == "SNS.AmazonSNSException"
    assert capfd.readouterr().err == ""
