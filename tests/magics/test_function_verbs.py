"""``%sfn invoke`` and the verbs around it, as a notebook calls them."""

import pytest

from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.functions.lambda_errors import ResourceNotFoundException
from sfn_notebook.magics.completion import complete_verb
from sfn_notebook.magics.session import Session
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell

PRICE = """@lambda_function(duration=2, retries=1)
def price(event):
    print("pricing", event)
    return 100 / event["amount"]
"""


@pytest.fixture
def priced(shell: NotebookShell) -> NotebookShell:
    shell.run(PRICE)
    return shell


def test_invoke_shows_what_lambda_answers(priced: NotebookShell) -> None:
    assert dict(priced.run('%sfn invoke price --input {"amount": 4}')) == {
        "StatusCode": 200,
        "Payload": 25.0,
        "ExecutedVersion": "$LATEST",
    }
    failed = priced.run('%sfn invoke price --payload {"amount": 0} --invocation-type RequestResponse')
    assert failed["FunctionError"] == "Unhandled"
    assert failed["Payload"]["errorType"] == "ZeroDivisionError"


def test_invoke_shows_the_log_when_asked(priced: NotebookShell) -> None:
    priced.run("order = {'amount': 4}")
    log = priced.run("%sfn invoke price --input order --log")["Log"]
    assert log[2] == "pricing {'amount': 4}"
    assert log[-1].startswith("REPORT RequestId: ")


def test_an_event_runs_when_time_passes(priced: NotebookShell, workspace: Workspace) -> None:
    answer = priced.run('%sfn invoke price --input {"amount": 0} --type Event')
    assert dict(answer) == {"StatusCode": 202, "Payload": ""}
    assert repr(priced.run("%sfn advance --seconds 30")) == "30 s have passed."
    assert workspace.lambda_service.log.metrics("price").errors == 1
    # The second attempt begins a minute after the first has ended, and takes as long.
    assert repr(priced.run("%sfn advance")) == "34 s have passed."
    assert workspace.lambda_service.log.metrics("price").errors == 2


def test_functions_are_listed_with_what_is_set_and_counted(priced: NotebookShell) -> None:
    assert repr(priced.run("%sfn functions")).splitlines() == [
        "function  memory  timeout  reserved  versions  aliases  invocations  errors  throttles",
        "price     128     3        -         -         -        0            0       0",
    ]
    priced.run("%sfn publish-version price --description first")
    priced.run("%sfn create-alias price live 1")
    priced.run("%sfn put-function-concurrency price 5")
    priced.run('%sfn invoke price:live --input {"amount": 0}')
    assert repr(priced.run("%sfn list-functions")).splitlines()[1].split() == [
        *("price", "128", "3", "5", "1", "live", "1", "1", "0")
    ]


def test_versions_and_aliases_are_made_as_the_aws_cli_does(priced: NotebookShell) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:price"
    assert dict(priced.run("%sfn publish-version --function-name price")) == {"FunctionArn": f"{arn}:1", "Version": "1"}
    priced.run(PRICE)
    priced.run("%sfn publish-version price")
    alias = priced.run(
        '%sfn create-alias price --name canary --function-version 1 --routing {"AdditionalVersionWeights": {"2": 0.5}}'
    )
    assert dict(alias) == {
        "AliasArn": f"{arn}:canary",
        "Name": "canary",
        "FunctionVersion": "1",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}},
    }
    with pytest.raises(InvalidInput, match="--routing takes an object"):
        priced.run("%sfn create-alias price other 1 --routing 7")


def test_mistakes_say_what_is_wrong(priced: NotebookShell) -> None:
    with pytest.raises(ResourceNotFoundException, match="function:prise:"):
        priced.run("%sfn invoke prise")
    with pytest.raises(UnknownName, match="value of --type"):
        priced.run("%sfn invoke price --type Sync")
    with pytest.raises(InvalidInput, match="COUNT takes a whole number"):
        priced.run("%sfn put-function-concurrency price many")


def test_function_names_are_completed(priced: NotebookShell, workspace: Workspace) -> None:
    session = Session(workspace=workspace, variables=priced.user_ns)
    assert [each.text for each in complete_verb("invoke pr", session).choices] == ["price"]
