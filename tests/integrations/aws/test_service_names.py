"""Step Functions' names against AWS's service models."""

import pytest

from sfn_notebook.errors import UnknownName
from sfn_notebook.integrations.aws.service_names import (
    boto_name,
    error_prefix,
    exception_name,
    field_name,
    method_name,
    operation_model,
)


@pytest.mark.parametrize(
    ("service", "boto_service", "prefix"),
    [
        ("sfn", "stepfunctions", "Sfn"),
        ("dynamodb", "dynamodb", "DynamoDb"),
        ("secretsmanager", "secretsmanager", "SecretsManager"),
        ("cloudwatchlogs", "logs", "CloudWatchLogs"),
        ("eventbridge", "events", "EventBridge"),
        ("acmpca", "acm-pca", "AcmPca"),
        ("cognitoidentityprovider", "cognito-idp", "CognitoIdentityProvider"),
        ("s3", "s3", "S3"),
        ("iot", "iot", "Iot"),
        ("iotsitewise", "iotsitewise", "IoTSiteWise"),
        ("config", "config", "Config"),
        ("databasemigration", "dms", "DatabaseMigration"),
        ("costandusagereport", "cur", "CostAndUsageReport"),
        ("lexmodelbuilding", "lex-models", "LexModelBuilding"),
        ("apigatewayv2", "apigatewayv2", "ApiGatewayV2"),
        ("sesv2", "sesv2", "SesV2"),
        ("b2bi", "b2bi", "B2Bi"),
    ],
)
def test_services(service: str, boto_service: str, prefix: str) -> None:
    assert boto_name(service) == boto_service
    assert error_prefix(boto_service) == prefix


@pytest.mark.parametrize(
    ("member", "spelt"),
    [
        ("ARN", "Arn"),
        ("ETag", "ETag"),
        ("MD5OfBody", "Md5OfBody"),
        ("DBInstances", "DbInstances"),
        ("ChecksumCRC32", "ChecksumCRC32"),
        ("jobName", "JobName"),
        ("SecretList", "SecretList"),
        ("KMSKeyId", "KmsKeyId"),
    ],
)
def test_fields(member: str, spelt: str) -> None:
    assert field_name(member) == spelt


def test_errors() -> None:
    assert exception_name("NoSuchBucket") == "NoSuchBucketException"
    assert exception_name("DBInstanceNotFoundFault") == "DbInstanceNotFoundException"


def test_actions_are_found_and_mistakes_get_the_nearest_names() -> None:
    assert method_name(operation_model("rds", "describeDBInstances")) == "describe_db_instances"
    with pytest.raises(UnknownName, match="no action of sqs named 'recieveMessage'") as unknown:
        operation_model("sqs", "recieveMessage")
    assert "receiveMessage" in str(unknown.value)
    with pytest.raises(UnknownName, match="no action of sqs named 'ReceiveMessage'"):
        operation_model("sqs", "ReceiveMessage")
    with pytest.raises(UnknownName, match="no service of AWS named 'dynamo'"):
        operation_model("dynamo", "getItem")
