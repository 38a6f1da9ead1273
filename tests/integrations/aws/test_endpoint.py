"""Where the services are, over HTTP to a real moto server: who is asked, with whose credentials, and what is said."""

from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from sfn_notebook.errors import InvalidInput
from sfn_notebook.integrations.aws.endpoint import AwsConnection
from sfn_notebook.integrations.aws.local_server import LocalServer
from sfn_notebook.runtime.ids import Account


def test_the_server_starts_with_the_first_client_on_the_loopback_interface_and_stops(
    connection: AwsConnection, said: list[str]
) -> None:
    before = connection.local_url
    url = connection.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    assert before is None
    assert str(connection.local_url).startswith("http://127.0.0.1:")
    assert url.startswith(str(connection.local_url))
    assert connection.client("sqs") is connection.client("sqs")
    connection.stop()
    assert connection.local_url is None
    assert said == []


def test_a_new_server_knows_nothing_of_the_old_one_and_draws_the_same_ids(connection: AwsConnection) -> None:
    def message_id() -> str:
        sqs = connection.client("sqs")
        assert "QueueUrls" not in sqs.list_queues()
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]
        return str(sqs.send_message(QueueUrl=url, MessageBody="m")["MessageId"])

    first = message_id()
    connection.stop()
    assert message_id() == first


def test_local_clients_read_nothing_of_the_users_and_use_no_proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, connection: AwsConnection
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-1\nendpoint_url = http://real.invalid\n")
    for name, value in {
        "AWS_CONFIG_FILE": str(config),
        "AWS_PROFILE": "nobody",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real-secret",
        "AWS_ENDPOINT_URL": "http://real.invalid",
        "HTTP_PROXY": "http://proxy.invalid:3128",
    }.items():
        monkeypatch.setenv(name, value)
    seen: list[Any] = []
    sqs = connection.client("sqs")
    sqs.meta.events.register("before-send", lambda request, **_details: seen.append(request))
    sqs.create_queue(QueueName="orders")
    assert sqs.meta.region_name == "us-east-1"
    assert seen[0].url.startswith("http://127.0.0.1:")
    assert "AKIAREAL" not in str(dict(seen[0].headers))


def test_the_services_are_those_of_the_workspaces_account() -> None:
    connection = AwsConnection(Account(account_id="111111111111"))
    try:
        assert "/111111111111/" in connection.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    finally:
        connection.stop()


def test_web_pages_are_kept_out(connection: AwsConnection) -> None:
    connection.client("sqs")
    page = Request(f"{connection.local_url}/moto-api/reset", data=b"", headers={"Origin": "https://evil.example"})  # noqa: S310 - our own server
    with pytest.raises(HTTPError, match="403"):
        urlopen(page)  # noqa: S310 - as above


def test_an_endpoint_is_asked_only_after_it_was_named_and_its_account_is_said_once(
    connection: AwsConnection, said: list[str]
) -> None:
    elsewhere = LocalServer()
    try:
        connection.use_endpoint(elsewhere.start())
        assert said == []
        assert connection.client("sqs").create_queue(QueueName="q")["QueueUrl"].startswith(str(elsewhere.url))
        connection.client("sns")
        assert said == [f"AWS calls go to account 123456789012 (endpoint {elsewhere.url})."]
        assert connection.local_url is None
    finally:
        elsewhere.stop()


def test_a_profile_is_announced_and_its_credentials_appear_nowhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, connection: AwsConnection, said: list[str]
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text("[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev-secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    elsewhere = LocalServer()
    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere.start())
    try:
        connection.use_profile("dev", region="eu-central-1")
        sqs = connection.client("sqs")
        assert sqs.meta.region_name == "eu-central-1"
        assert said == ["AWS calls go to account 123456789012 (profile dev)."]
        assert connection.redacted("denied to AKIADEV with dev-secret") == "denied to *** with ***"
        assert "AKIADEV" not in repr(connection) + "".join(said)
    finally:
        elsewhere.stop()


def test_a_profile_that_is_not_there_and_a_bad_url_are_refused(connection: AwsConnection) -> None:
    with pytest.raises(InvalidInput, match="no AWS profile named 'nobody'"):
        connection.use_profile("nobody")
    for url in ("sqs.example", "ftp://x", "http://user:secret@host", "https://"):
        with pytest.raises(InvalidInput) as refused:
            connection.use_endpoint(url)
        assert "secret" not in str(refused.value)
    assert connection.place.is_local


def test_no_call_starts_a_container(connection: AwsConnection) -> None:
    role = connection.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    batch = connection.client("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName="hosts", type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    queue = batch.create_job_queue(
        jobQueueName="q",
        state="ENABLED",
        priority=1,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
    )["jobQueueArn"]
    container = {"image": "busybox", "vcpus": 1, "memory": 4, "command": ["true"]}
    definition = batch.register_job_definition(jobDefinitionName="d", type="container", containerProperties=container)
    job = batch.submit_job(jobName="j", jobQueue=queue, jobDefinition=definition["jobDefinitionArn"])["jobId"]
    # A job that is simulated has ended at once; one in a container would only begin.
    assert batch.describe_jobs(jobs=[job])["jobs"][0]["status"] == "SUCCEEDED"


def test_a_profile_without_a_region_gets_that_of_the_workspace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, connection: AwsConnection
) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_text("[dev]\naws_access_key_id = AKIADEV\naws_secret_access_key = dev-secret\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    elsewhere = LocalServer()
    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere.start())
    try:
        connection.use_profile("dev")
        assert connection.client("sqs").meta.region_name == "us-east-1"
    finally:
        elsewhere.stop()


def test_accounts_share_a_server_and_not_what_is_on_it(connection: AwsConnection) -> None:
    mine = connection.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    other = AwsConnection(Account(account_id="222222222222"))
    other.share_server(connection)
    theirs = other.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    assert other.local_url == connection.local_url
    assert connection.client("sqs").list_queues()["QueueUrls"] == [mine]
    assert other.client("sqs").list_queues()["QueueUrls"] == [theirs]
