"""Parameters and answers between Step Functions' JSON and the SDK's values."""

import io
from datetime import UTC, datetime
from typing import Any

from sfn_notebook.integrations.aws.payloads import answer_of, faults_of, request_of
from sfn_notebook.integrations.aws.service_names import operation_model


def _input(service: str, action: str) -> Any:
    return operation_model(service, action).input_shape


def test_fields_are_matched_whatever_their_case_and_nulls_are_left_out() -> None:
    shape = _input("batch", "submitJob")
    given = {"JobName": "j", "JobQueue": "q", "JobDefinition": None, "ContainerOverrides": {"Vcpus": 2}}
    assert request_of(shape, given) == {"jobName": "j", "jobQueue": "q", "containerOverrides": {"vcpus": 2}}
    assert list(faults_of(shape, given)) == []


def test_bytes_are_texts_or_the_json_of_values() -> None:
    shape = _input("s3", "putObject")
    assert request_of(shape, {"Bucket": "b", "Key": "k", "Body": "text"})["Body"] == b"text"
    assert request_of(shape, {"Bucket": "b", "Key": "k", "Body": {"a": 1}})["Body"] == b'{"a":1}'


def test_faults_name_the_field_as_aws_does() -> None:
    shape = _input("sqs", "sendMessage")
    faults = list(faults_of(shape, {"QueueUrl": 1, "DelaySeconds": "5", "Colour": "red"}))
    assert faults == [
        "The field 'MessageBody' is required but was missing",
        "The value for the field 'QueueUrl' must be a STRING",
        "The value for the field 'DelaySeconds' must be a NUMBER",
        "The field 'Colour' is not supported by Step Functions",
    ]


def test_parameters_that_are_no_object_are_a_fault() -> None:
    assert list(faults_of(_input("sqs", "listQueues"), "x")) == ["The Parameters must be an OBJECT"]


def test_whole_numbers_stay_whole() -> None:
    request = request_of(_input("sqs", "receiveMessage"), {"QueueUrl": "q", "WaitTimeSeconds": 5.0, "Colour": "red"})
    assert repr(request) == "{'QueueUrl': 'q', 'WaitTimeSeconds': 5}"


def test_faults_are_found_within_lists_and_maps() -> None:
    shape = _input("dynamodb", "putItem")
    item = {"id": {"S": 1}, "list": {"L": [{"N": "1"}, {"Q": "x"}]}}
    assert list(faults_of(shape, {"TableName": "t", "Item": item})) == [
        "The value for the field 'S' must be a STRING",
        "The field 'Q' is not supported by Step Functions",
    ]


def test_answers_have_instants_as_text_bytes_as_text_and_no_metadata() -> None:
    shape = operation_model("s3", "getObject").output_shape
    answer = {
        "Body": io.BytesIO(b"content"),
        "LastModified": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "ETag": '"x"',
        "ResponseMetadata": {"HTTPStatusCode": 200},
    }
    assert answer_of(shape, answer) == {"Body": "content", "LastModified": "2026-01-02T03:04:05Z", "ETag": '"x"'}
    assert answer_of(None, {"Data": b"\xff\xfe"}) == {"Data": "//4="}
