"""What users are promised: only this machine, unless they named another; and no secret in anything that is shown."""

import ast
import json
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

import sfn_notebook
from sfn_notebook import export
from sfn_notebook.errors import InvalidInput
from sfn_notebook.integrations.aws.endpoint import AwsConnection
from sfn_notebook.integrations.aws.sensitive_members import without_secrets
from sfn_notebook.workspace import Workspace
from tests.integrations.aws.service_workspace import run_task

PACKAGE = Path(sfn_notebook.__file__).parent
LISTENING = "0A"
KEY, SECRET, TOKEN = "AKIADEVELOPMENT", "dev/secret+key", "dev-session-token"


class _Recorder(BaseHTTPRequestHandler):
    """Keeps what it was asked, and answers as it is told."""

    asked: list[tuple[str, dict[str, str]]]
    status, answer, location = 200, b"{}", ""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.asked.append((self.path, dict(self.headers.items())))
        self.send_response(self.status)
        if self.location:
            self.send_header("Location", self.location)
        self.send_header("Content-Length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


@contextmanager
def somebody(*, status: int = 200, answer: bytes = b"{}", location: str = "") -> Iterator[tuple[str, list[Any]]]:
    """A server that must not be asked, or only so: its URL, and what it was asked."""
    asked: list[Any] = []
    fields = {"asked": asked, "status": status, "answer": answer, "location": location}
    server = HTTPServer(("127.0.0.1", 0), type("Recorder", (_Recorder,), fields))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def _port(connection: AwsConnection) -> int:
    return urlsplit(str(connection.local_url)).port or 0


def test_the_server_listens_on_the_loopback_address_and_on_no_other(connection: AwsConnection) -> None:
    connection.client("sqs")
    with pytest.raises(OSError, match=r"."), socket.create_connection(("127.0.0.2", _port(connection)), timeout=2):
        pass
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    port = f"{_port(connection):04X}"
    addresses = {row[1].partition(":")[0] for row in rows if row[1].endswith(f":{port}") and row[3] == LISTENING}
    assert addresses <= {"0100007F"}
    assert addresses or not tables[0].exists()


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Host": "evil.example:80"}, {"Host": ""}])
def test_a_web_page_has_no_access_not_even_by_a_name_that_leads_here(
    connection: AwsConnection, header: dict[str, str]
) -> None:
    connection.client("sqs")
    page = Request(f"{connection.local_url}/moto-api/data.json", headers=header)  # noqa: S310 - our own server
    with pytest.raises(HTTPError, match="403"):
        urlopen(page)  # noqa: S310 - as above


def test_only_two_modules_of_the_package_make_clients() -> None:
    made: dict[str, int] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
                assert not {name.partition(".")[0] for name in names} & {"boto3", "botocore", "moto"}, path
            has_endpoint = isinstance(node, ast.Call) and "endpoint_url" in {each.arg for each in node.keywords}
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client":
                made[path.name] = made.get(path.name, 0) + has_endpoint
    assert {name for name, count in made.items() if count} == {"endpoint.py", "in_kernel.py"}


@pytest.fixture
def tempting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Any]]:
    """An environment and files that would lead any other program elsewhere; what was asked there."""
    with somebody() as (url, asked):
        config, credentials = tmp_path / "config", tmp_path / "credentials"
        config.write_text(
            f"[default]\nregion = eu-west-1\nendpoint_url = {url}\nservices = s\n"
            f"[services s]\nsqs =\n  endpoint_url = {url}\n"
        )
        credentials.write_text(f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
        for name, value in {
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
            "AWS_PROFILE": "default",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_ENDPOINT_URL": url,
            "AWS_ENDPOINT_URL_SQS": url,
            "AWS_ENDPOINT_URL_STS": url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": url,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/role",
            "HTTP_PROXY": url,
            "http_proxy": url,
            "MOTO_EVENTS_INVOKE_HTTP": "true",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(Path, "home", lambda: tmp_path)
        yield asked


def test_nothing_of_the_environment_or_of_the_users_files_leads_away(tempting: list[Any], workspace: Workspace) -> None:
    sent: list[Any] = []
    for service in ("sqs", "sns", "s3", "dynamodb", "events", "sts", "kinesis", "secretsmanager"):
        client = workspace.client(service)
        assert client.meta.endpoint_url == workspace.aws.connection.local_url
        client.meta.events.register("before-send", lambda request, **_details: sent.append(request))
    workspace.client("sts").get_caller_identity()
    url = workspace.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    run = run_task(workspace, "sqs:sendMessage", {"QueueUrl": url, "MessageBody": "m"})
    run_task(workspace, "aws-sdk:ec2:describeInstances", {})
    assert run.status == "SUCCEEDED"
    assert tempting == []
    shown = "".join(f"{request.url} {dict(request.headers)}" for request in sent)
    assert not {each for each in (KEY, SECRET, TOKEN) if each in shown}


def test_a_profile_gets_no_credentials_but_its_own(
    tempting: list[Any], connection: AwsConnection, said: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "empty"
    config.write_text("[profile bare]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    connection.use_profile("bare")
    connection.client("sqs")
    assert connection.credentials() is None
    assert said == ["AWS calls go to profile bare; its account is not known (NoCredentialsError)."]
    assert tempting == []


@pytest.fixture
def profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A profile with secrets, and no other configuration."""
    credentials = tmp_path / "credentials"
    credentials.write_text(
        f"[dev]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    return "dev"


def test_the_first_call_says_the_account_before_anything_else_is_asked(
    profile: str, connection: AwsConnection, said: list[str]
) -> None:
    identity = (
        b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account>"
        b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    with somebody(answer=identity) as (url, asked):
        connection.use_endpoint(url, profile=profile)
        assert (said, asked) == ([], [])
        connection.client("sqs")
        assert said == [f"AWS calls go to account 111122223333 (endpoint {url}, profile dev)."]
        assert len(asked) == 1
    with pytest.raises(InvalidInput, match="no AWS profile named 'nobody'"):
        connection.use_endpoint("http://127.0.0.1:1", profile="nobody")


def _texts(workspace: Workspace, run: Any, folder: Path) -> dict[str, str]:
    """Everything that a user, or whoever gets the notebook, may see of a run."""
    page = folder / "run.html"
    export(run, page)
    return {
        "history": json.dumps(run.history, default=str),
        "visits": repr([{name: getattr(each, name) for name in dir(each) if name[0] != "_"} for each in run.visits]),
        "output": f"{run.output!r} {run.error!r} {run.cause!r}",
        "reprs": f"{run!r} {workspace.aws!r} {workspace.aws.connection!r} {workspace.aws.place!r}",
        "interactions": str(workspace.interactions()) + repr(list(workspace.interactions())),
        "page": page.read_text(),
    }


def test_credentials_of_a_profile_are_in_nothing_that_is_shown(
    profile: str, workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A service that repeats what was signed, as some do when a signature is wrong.
    refusal = json.dumps({"__type": "AccessDenied", "message": f"no: {KEY} {SECRET} x-amz-security-token:{TOKEN}"})
    with somebody(status=403, answer=refusal.encode()) as (url, asked):
        workspace.aws.use_endpoint(url, profile=profile)
        run = run_task(workspace, "aws-sdk:dynamodb:listTables", {})
        with pytest.raises(Exception, match="no: ") as raised:
            workspace.client("dynamodb").list_tables()
        workspace.registry.lambda_function(name="f", on_success="arn:aws:sqs:us-east-1:123456789012:q")(lambda e: e)
        workspace.invoke("f", {}, "Event")
        workspace.advance()
    assert len(asked) >= 3
    assert TOKEN in str(asked)
    assert run.status == "FAILED"
    shown = {**_texts(workspace, run, tmp_path), "raised": repr(raised.value), "printed": capsys.readouterr().out}
    leaks = [(where, each) for where, text in shown.items() for each in (KEY, SECRET, TOKEN) if each in text]
    assert leaks == []
    assert "its account is not known" in shown["printed"]
    assert "***" in (run.cause or "")


def test_secrets_that_a_function_reads_are_not_kept_with_its_calls(workspace: Workspace) -> None:
    def read(_event: Any) -> int:
        secrets = workspace.client("secretsmanager")
        secrets.create_secret(Name="key", SecretString="open-sesame")
        return len(secrets.get_secret_value(SecretId="key")["SecretString"])

    workspace.registry.lambda_function(name="read")(read)
    assert workspace.invoke("read", {}).payload == len("open-sesame")
    interactions = workspace.interactions()
    assert "open-sesame" not in str(interactions) + repr(list(interactions))


def test_what_the_sdk_calls_sensitive_is_hidden_wherever_it_stands(workspace: Workspace) -> None:
    model = workspace.client("sts").meta.service_model.operation_model("AssumeRole")
    given = {"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t"}, "PackedPolicySize": 1}
    hidden = {"Credentials": {"AccessKeyId": "A", "SecretAccessKey": "***", "SessionToken": "***"}}
    assert without_secrets(model.output_shape, given) == {**hidden, "PackedPolicySize": 1}
    assert without_secrets(None, given) == given


def _connection(workspace: Workspace, kind: str) -> str:
    parameters = {
        "API_KEY": {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "open-sesame"}},
        "BASIC": {"BasicAuthParameters": {"Username": "ada", "Password": "open-sesame"}},
    }[kind]
    created = workspace.client("events").create_connection(Name=kind, AuthorizationType=kind, AuthParameters=parameters)
    return str(created["ConnectionArn"])


def _http(workspace: Workspace, url: str, kind: str = "API_KEY") -> Any:
    arn = _connection(workspace, kind)
    parameters = {"ApiEndpoint": url, "Method": "GET", "Authentication": {"ConnectionArn": arn}}
    return run_task(workspace, "http:invoke", parameters)


@pytest.mark.parametrize("kind", ["API_KEY", "BASIC"])
def test_the_secrets_of_a_connection_are_sent_and_shown_nowhere(
    workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    echo = b'{"key": "open-sesame", "pair": "YWRhOm9wZW4tc2VzYW1l", "list": ["open-sesame!"]}'
    with somebody(answer=echo) as (url, asked):
        run = _http(workspace, url, kind)
    sent = asked[0][1]
    assert sent.get("X-Key", sent.get("Authorization")) in {"open-sesame", "Basic YWRhOm9wZW4tc2VzYW1l"}
    assert run.output["ResponseBody"]["list"] == ["***!"]
    shown = {**_texts(workspace, run, tmp_path)}
    assert [where for where, text in shown.items() if "open-sesame" in text] == []
    assert kind == "API_KEY" or "YWRhOm9wZW4tc2VzYW1l" not in str(shown)


def test_a_secret_that_cannot_be_sent_is_not_told_with_the_error(workspace: Workspace, tmp_path: Path) -> None:
    arn = _connection(workspace, "API_KEY")
    name = re.sub(".*connection/(.*)/.*", r"\1", arn)
    secret = workspace.client("events").describe_connection(Name=name)["SecretArn"]
    told = json.dumps({"api_key_name": "X-Key", "api_key_value": "open\nsesame"})
    workspace.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=told)
    with somebody() as (url, asked):
        parameters = {"ApiEndpoint": url, "Method": "GET", "Authentication": {"ConnectionArn": arn}}
        run = run_task(workspace, "http:invoke", parameters)
    assert (run.error, asked) == ("States.Http.Socket", [])
    assert not [
        where for where, text in _texts(workspace, run, tmp_path).items() if re.search("open.{1,4}sesame", text)
    ]


def test_a_short_secret_does_not_break_an_answer(workspace: Workspace) -> None:
    parameters = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "1"}}
    created = workspace.client("events").create_connection(
        Name="short", AuthorizationType="API_KEY", AuthParameters=parameters
    )
    authentication = {"Authentication": {"ConnectionArn": created["ConnectionArn"]}}
    with somebody(answer=b'{"count": 1, "total": 21}') as (url, _asked):
        run = run_task(workspace, "http:invoke", {"ApiEndpoint": url, "Method": "GET", **authentication})
    assert run.output["ResponseBody"] == {"count": "***", "total": 21}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_takes_the_key_nowhere(workspace: Workspace, status: int) -> None:
    with somebody() as (elsewhere, asked), somebody(status=status, location=elsewhere) as (url, first):
        run = _http(workspace, url)
    assert (len(first), asked) == (1, [])
    assert run.output["StatusCode"] == status


@pytest.mark.parametrize("protocol", ["http", "https"])
def test_a_topic_on_this_machine_sends_nothing_to_other_machines(workspace: Workspace, protocol: str) -> None:
    sns = workspace.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    with somebody() as (url, asked):
        endpoint = url.replace("http://", f"{protocol}://ada:open-sesame@")
        with pytest.raises(sns.exceptions.InvalidParameterException, match="send nothing to other machines") as refused:
            sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        sns.publish(TopicArn=topic, Message="m")
    assert asked == []
    assert "open-sesame" not in str(refused.value)


def test_an_api_destination_is_not_called(tempting: list[Any], workspace: Workspace) -> None:
    with somebody() as (url, asked):
        events = workspace.client("events")
        made = events.create_api_destination(
            Name="out", ConnectionArn=_connection(workspace, "API_KEY"), InvocationEndpoint=url, HttpMethod="POST"
        )
        events.put_rule(Name="r", EventPattern='{"source": ["shop"]}')
        events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": made["ApiDestinationArn"]}])
        with pytest.raises(events.exceptions.ClientError, match="call no other machine"):
            events.put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": "{}"}])
    assert asked == tempting == []


def test_a_client_of_stopped_services_says_what_to_do(workspace: Workspace) -> None:
    sqs = workspace.client("sqs")
    workspace.aws.connection.stop()
    with pytest.raises(InvalidInput, match="were stopped") as refused:
        sqs.list_queues()
    assert "workspace.client" in str(refused.value)
    assert "QueueUrls" not in workspace.client("sqs").list_queues()


def test_a_client_that_was_made_before_goes_on_where_it_was_made_for(workspace: Workspace) -> None:
    sqs = workspace.client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    with somebody() as (elsewhere, asked):
        workspace.aws.use_endpoint(elsewhere)
        assert sqs.list_queues()["QueueUrls"] == [url]
        assert asked == []
    workspace.aws.use_local()
    assert workspace.client("sqs").list_queues()["QueueUrls"] == [url]


def test_event_sources_hear_of_clients_that_are_made_later(workspace: Workspace) -> None:
    got: list[Any] = []
    workspace.registry.lambda_function(name="note")(lambda event: got.append(event["Records"][0]["body"]))
    url = workspace.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    workspace.map_queue("orders", "note")
    workspace.aws.use_local()
    workspace.client("sqs").send_message(QueueUrl=url, MessageBody="late")
    workspace.advance(1)
    assert got == ["late"]
