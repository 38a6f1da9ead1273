"""``%sfn test-state`` and ``%sfn run --mock``, as a notebook calls them."""

import json
from pathlib import Path

import pytest

from sfn_notebook.errors import InvalidInput
from tests.magics.notebook_shell import NotebookShell

CHARGE = """%%asl Charges --no-graph
{"StartAt": "Charge", "States": {"Charge": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
  "Parameters": {"QueueUrl": "https://sqs/1/q", "MessageBody": "m"},
  "ResultPath": "$.sent", "Retry": [{"ErrorEquals": ["Busy"]}], "Next": "Done"}, "Done": {"Type": "Succeed"}}}"""


def test_one_state_is_tested_with_a_mock(shell: NotebookShell) -> None:
    shell.run(CHARGE)
    line = '%sfn test-state Charges Charge --input {"a": 1} --mock {"result": {"MessageId": "m"}}'
    response = shell.run(line)
    assert (response["status"], response["nextState"]) == ("SUCCEEDED", "Done")
    assert json.loads(response["output"]) == {"a": 1, "sent": {"MessageId": "m"}}
    assert json.loads(response["inspectionData"]["afterInputPath"]) == {"a": 1}
    shell.run("busy = {'errorOutput': {'error': 'Busy'}}")
    assert shell.run("%sfn test Charges Charge --mock busy --inspection-level INFO")["status"] == "RETRIABLE"


def test_a_mistake_names_the_option_that_holds_it(shell: NotebookShell) -> None:
    shell.run(CHARGE)
    with pytest.raises(InvalidInput, match="--mock is not JSON"):
        shell.run('%sfn test Charges Charge --mock {"result": }')


def test_a_run_takes_a_test_case_of_a_mock_file(shell: NotebookShell, tmp_path: Path) -> None:
    shell.run(CHARGE)
    path = tmp_path / "MockConfigFile.json"
    config = {
        "StateMachines": {"Charges": {"TestCases": {"Happy": {"Charge": "Sent"}}}},
        "MockedResponses": {"Sent": {"0": {"Throw": {"Error": "Busy"}}, "1": {"Return": {"MessageId": "m"}}}},
    }
    path.write_text(json.dumps(config), encoding="utf-8")
    execution = shell.run(f"%sfn run Charges --mock {path}#Happy")
    assert execution.result()["sent"]["MessageId"] == "m"
