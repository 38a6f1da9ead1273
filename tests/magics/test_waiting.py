"""Waiting for people and workers in a notebook: what a cell says, and the verbs that answer."""

import json

import pytest

from sfn_notebook.errors import InvalidInput, TaskTokenError, UnknownName
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell
from tests.magics.test_completion import ends

ASK = '"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"'
PARAMETERS = '"Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}'


@pytest.fixture
def shell(shell: NotebookShell) -> NotebookShell:
    """A shell in which ``Approval`` waits for a person and ``Reviewing`` for a worker."""
    shell.run("@lambda_function\ndef ask(event):\n    pass")
    catch = '"Catch": [{"ErrorEquals": ["Declined"], "Next": "Cancel"}], "HeartbeatSeconds": 60, "Next": "Ship"'
    states = (
        f'"Approve": {{{ASK}, {PARAMETERS}, {catch}}}, "Ship": {{"Type": "Succeed"}}, "Cancel": {{"Type": "Succeed"}}'
    )
    shell.run(f'%%asl Approval --no-graph\n{{"StartAt": "Approve", "States": {{{states}}}}}')
    shell.run("%sfn create-activity review")
    review = '"Review it": {"Type": "Task", "Resource": "${review}", "End": true}'
    shell.run(f'%%asl Reviewing --no-graph\n{{"StartAt": "Review it", "States": {{{review}}}}}')
    return shell


def test_a_run_that_waits_says_what_for_and_how_to_go_on(
    shell: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run("run = Approval.run()")
    said = [line for line in capsys.readouterr().out.splitlines() if "waits" in line]
    expected = (
        "Approval-1 waits in Approve for an answer: %sfn approve Approve --output JSON, or "
        'workspace.send_task_success(workspace.token_of("Approve"), output)'
    )
    assert said == [expected]


def test_a_run_that_an_event_started_says_so_too_and_once(
    shell: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run('rule = workspace.rule("requests", pattern={"source": ["door"]}, targets=[Approval])')
    shell.run('_ = workspace.put_events([{"Source": "door", "DetailType": "Request", "Detail": {}}])')
    shell.run("workspace.advance()")
    assert "Approval-1 waits in Approve for an answer" in capsys.readouterr().out
    shell.run("workspace.advance()")
    assert "waits" not in capsys.readouterr().out


def test_a_run_that_another_one_s_event_started_says_so_too(
    shell: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run('rule = workspace.rule("requests", pattern={"source": ["door"]}, targets=[Approval])')
    shell.run(
        "@lambda_function\ndef knock(event):\n"
        '    workspace.put_events([{"Source": "door", "DetailType": "Request", "Detail": {}}])'
    )
    shell.run(
        '%%asl Door --no-graph\n{"StartAt": "Knock", "States": {"Knock":'
        ' {"Type": "Task", "Resource": "${knock}", "Next": "Stay"},'
        ' "Stay": {"Type": "Wait", "Seconds": 5, "End": true}}}'
    )
    shell.run("run = Door.run()")
    assert "Approval-1 waits in Approve for an answer" in capsys.readouterr().out


def test_a_run_that_a_client_started_says_so_too(shell: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("boto3")
    shell.run('started = workspace.client("stepfunctions").start_execution(stateMachineArn=Approval.arn, name="first")')
    assert "first waits in Approve for an answer" in capsys.readouterr().out


def test_both_ways_that_it_names_work(shell: NotebookShell) -> None:
    shell.run("first = Approval.run()")
    assert shell.run('%sfn approve Approve --output {"ok": true}').output == {"ok": True}
    shell.run('second = Approval.run()\nworkspace.send_task_success(workspace.token_of("Approve"), {"ok": 2})')
    assert shell.run("second").output == {"ok": 2}


def test_the_answering_cell_shows_the_result_and_what_waits_next(
    shell: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run("run = Approval.run()\nother = Reviewing.run()")
    capsys.readouterr()
    shell.run("_ = %sfn approve Approve")
    out = capsys.readouterr().out
    assert "Approval: SUCCEEDED" in out
    assert "waits" not in out


def test_a_run_that_waits_for_a_worker_says_so(shell: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run("run = Reviewing.run()")
    assert (
        "Reviewing-1 waits in Review it for a worker of review: %sfn get-activity-task review, or "
        '@workspace.activity_worker("review")'
    ) in capsys.readouterr().out
    shell.run('@workspace.activity_worker("review")\ndef check(text):\n    return "fine"')
    assert shell.run("run").output == "fine"
    assert "Reviewing: SUCCEEDED" in capsys.readouterr().out


def test_many_that_wait_are_counted(shell: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    item = f'{{"StartAt": "Item", "States": {{"Item": {{{ASK}, {PARAMETERS}, "End": true}}}}}}'
    each = f'"Each": {{"Type": "Map", "ItemProcessor": {item}, "End": true}}'
    shell.run(f'%%asl Many --no-graph\n{{"StartAt": "Each", "States": {{{each}}}}}\n')
    shell.run("run = Many.run([1, 2, 3])")
    assert "Many-1 waits for 3 tasks: %sfn waiting, or workspace.waiting(), lists them" in capsys.readouterr().out
    tokens = [row["taskToken"] for row in shell.run("%sfn waiting")]
    assert ends(shell, "%sfn approve |")[:3] == tokens
    for number, token in enumerate(tokens):
        shell.run(f"%sfn send-task-success --task-token {token} --task-output {number}")
    assert shell.run("run").output == [0, 1, 2]


def test_children_of_a_distributed_map_wait_too(shell: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    mode = '"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}'
    item = f'{{{mode}, "StartAt": "Item", "States": {{"Item": {{{ASK}, {PARAMETERS}, "End": true}}}}}}'
    each = f'"Each": {{"Type": "Map", "ItemProcessor": {item}, "End": true}}'
    shell.run(f'%%asl Wide --no-graph\n{{"StartAt": "Each", "States": {{{each}}}}}')
    shell.run("run = Wide.run([1, 2])")
    assert "Wide-1 waits for executions that it started: %sfn waiting" in capsys.readouterr().out
    for row in shell.run("%sfn waiting"):
        shell.run(f"%sfn approve {row['taskToken']} --output 1")
    assert shell.run("run").output == [1, 1]


def test_waiting_is_a_table_of_who_waits_for_whom(shell: NotebookShell, workspace: Workspace) -> None:
    assert repr(shell.run("%sfn waiting")) == "Nothing waits for an answer."
    shell.run("Approval.run()\nReviewing.run()")
    listing = shell.run("%sfn waiting")
    first, second = (waiting.task_token for waiting in workspace.waiting())
    lines = [line.split("  ") for line in repr(listing).splitlines()]
    assert [[cell.strip() for cell in line if cell] for line in lines] == [
        ["execution", "state", "waits for", "token"],
        ["Approval-1", "Approve", "an answer", first],
        ["Reviewing-1", "Review it", "a worker of review", second],
    ]
    assert listing[0]["since"] == "2026-01-01T00:00:00.000Z"


def test_rejecting_goes_to_the_catcher(shell: NotebookShell) -> None:
    shell.run("run = Approval.run()")
    execution = shell.run('%sfn reject Approval-1 --error Declined --cause "too expensive"')
    assert execution.output == {"Error": "Declined", "Cause": "too expensive"}
    shell.run("run = Approval.run()")
    assert shell.run("%sfn send-task-failure").status == "FAILED"


def test_a_heartbeat_and_the_aws_cli_s_words(shell: NotebookShell) -> None:
    shell.run("run = Approval.run(clock='manual')")
    token = shell.run("%sfn waiting")[0]["taskToken"]
    shell.run("%sfn step --seconds 59")
    shell.run(f"%sfn send-task-heartbeat --task-token {token}")
    shell.run("%sfn step --seconds 59")
    shell.run("%sfn heartbeat")
    assert shell.run("%sfn step --seconds 59").status == "RUNNING"
    assert shell.run("%sfn step --seconds 1").error == "States.Timeout"


def test_a_worker_s_verbs(shell: NotebookShell) -> None:
    arn = shell.run("%sfn create-activity --name review")["activityArn"]
    assert shell.run(f"%sfn get-activity-task --activity-arn {arn}") == {}
    shell.run('run = Reviewing.run({"text": "a"})')
    with pytest.raises(InvalidInput, match="get-activity-task review"):
        shell.run("%sfn approve")
    task = shell.run("%sfn get-activity-task review --worker-name Ada")
    assert json.loads(task["input"]) == {"text": "a"}
    assert shell.run('%sfn approve "Review it" --output "fine"').output == "fine"


def test_an_output_may_be_a_variable(shell: NotebookShell) -> None:
    shell.run("answer = {'by': 'Ada'}\nrun = Approval.run()")
    assert shell.run("%sfn approve --output answer").output == {"by": "Ada"}


def test_mistakes_are_told(shell: NotebookShell) -> None:
    with pytest.raises(UnknownName):
        shell.run("%sfn approve")
    shell.run("first = Approval.run()\nsecond = Approval.run()")
    with pytest.raises(InvalidInput, match="2 tasks wait"):
        shell.run("%sfn approve Approve")
    with pytest.raises(UnknownName, match='Did you mean "Approve"'):
        shell.run("%sfn approve Aprove")
    with pytest.raises(InvalidInput, match="--output is not JSON"):
        shell.run("%sfn approve Approval-1 --output {no}")
    token = shell.run("workspace.token_of('Approval-1')")
    shell.run(f"%sfn approve {token}")
    with pytest.raises(TaskTokenError):
        shell.run(f"%sfn approve {token}")


def test_completion_offers_what_can_be_answered(shell: NotebookShell) -> None:
    shell.run("Approval.run()\nReviewing.run()")
    assert ends(shell, "%sfn approve |") == ["Approve", "Approval-1", "--output", "--iteration"]
    shell.run("Approval.run()")
    assert ends(shell, "%sfn reject Appr|") == ["Approval-1", "Approval-2"]
    assert ends(shell, "%sfn get-activity-task |") == ["review", "--worker-name"]
    shell.run("%sfn get-activity-task review")
    assert ends(shell, '%sfn approve "Rev|') == ['it"']


def test_a_variable_called_workspace_stays_the_author_s(bare_shell: NotebookShell, workspace: Workspace) -> None:
    from sfn_notebook.magics import extension

    bare_shell.run("workspace = 'mine'")
    extension.load(bare_shell, workspace)
    assert bare_shell.user_ns["workspace"] == "mine"
    extension.unload(bare_shell)
    assert bare_shell.user_ns["workspace"] == "mine"
