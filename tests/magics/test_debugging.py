"""Breakpoints, edits, forks, comparisons and told answers in a notebook: the verbs, what they say, what they refuse."""

import pytest

from sfn_notebook.errors import ExecutionStalled, InvalidInput, UnknownName
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell
from tests.magics.test_completion import ends

INVOKE = '"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken"'
GIVEN = '"Parameters": {"FunctionName": "validate", "Payload": {"token.$": "$$.Task.Token"}}'
ASK = f'{{"StartAt": "Approve", "States": {{"Approve": {{{INVOKE}, {GIVEN}, "End": true}}}}}}'
ASKING = f"%%asl Asking --no-graph\n{ASK}"


def test_a_run_pauses_says_so_and_goes_on(orders: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    orders.run('run = %sfn run OrderFlow --input {"total": 5} --break Charge')
    said = "OrderFlow-1 is paused before Charge: %sfn step, %sfn continue, or %sfn edit --payload JSON"
    assert said in capsys.readouterr().out
    assert orders.run("run.status") == "RUNNING"
    orders.run('%sfn edit --payload {"total": 6}')
    assert orders.run("%sfn continue").output == {"total": 6, "charged": True}


def test_several_breakpoints_and_steps(orders: NotebookShell) -> None:
    orders.run('run = %sfn run OrderFlow --input {"total": 5} --break Validate --break-after Charge')
    places = [orders.run("str(run.paused_at)")]
    for verb in ("step", "step OrderFlow-1", "continue", "resume"):
        orders.run(f"%sfn {verb}")
        places.append(orders.run("str(run.paused_at)"))
    assert places == ["before Validate", "before Hold", "before Charge", "after Charge", "None"]


@pytest.mark.parametrize("condition", ["'{% $states.input.total > 100 %}'", "is_large"])
def test_a_condition_is_an_expression_or_a_function(orders: NotebookShell, condition: str) -> None:
    orders.run("def is_large(order):\n    return order['total'] > 100")
    line = f"%sfn run OrderFlow --break Charge --break-if {condition} --input"
    assert orders.run(f'{line} {{"total": 5}}').paused_at is None
    assert str(orders.run(f'{line} {{"total": 500}}').paused_at) == "before Charge"


def test_a_failed_run_is_forked_and_compared(orders: NotebookShell) -> None:
    orders.run('failed = %sfn run OrderFlow --input {"total": 500}')
    orders.run("cheaper = {'total': 50}")
    fork = orders.run("%sfn fork failed --payload cheaper --name cheap")
    assert (fork.name, fork.output) == ("cheap", {"total": 50, "charged": True})
    assert orders.run("%sfn fork OrderFlow-1 --at 2 --payload cheaper").output["valid"]
    shown = repr(orders.run("%sfn compare OrderFlow-1 cheap"))
    assert "They part in Charge: another input, output, status and error." in shown
    assert "input $.total: 500 -> 50" in shown


def test_a_fork_under_another_definition(orders: NotebookShell) -> None:
    orders.run('failed = %sfn run OrderFlow --input {"total": 500}')
    states = '"Validate": {"Type": "Task", "Resource": "validate", "Next": "Hold"}, "Hold": {"Type": "Succeed"}'
    orders.run(f'%%asl Shorter --no-graph\n{{"StartAt": "Validate", "States": {{{states}}}}}')
    assert orders.run("%sfn fork failed --at Hold --definition Shorter").output == {"total": 500, "valid": True}
    with pytest.raises(InvalidInput, match="the past of OrderFlow-1 would be another one"):
        orders.run("%sfn fork failed --at Charge --definition Shorter")


def test_a_failed_run_is_redriven_where_it_failed(orders: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    failed = orders.run('failed = %sfn run OrderFlow --input {"total": 500}\nfailed')
    orders.run("@lambda_function\ndef charge(event):\n    return {**event, 'charged': True}")
    capsys.readouterr()
    redriven = orders.run("%sfn redrive")
    assert redriven is failed
    assert redriven.output == {"total": 500, "valid": True, "charged": True}
    assert [each["type"] for each in redriven.history].count("ExecutionRedriven") == 1
    assert capsys.readouterr().out.count("OrderFlow: SUCCEEDED") == 1
    with pytest.raises(InvalidInput, match="OrderFlow-1 cannot be redriven: Execution is SUCCEEDED"):
        orders.run("%sfn redrive-execution --execution-arn failed")
    with pytest.raises(UnknownName, match='Did you mean "OrderFlow-1"'):
        orders.run("%sfn redrive OrderFlow1")


def test_a_redriven_run_that_fails_again_says_so_again(
    orders: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    orders.run('failed = %sfn run OrderFlow --input {"total": 500}')
    capsys.readouterr()
    assert orders.run("%sfn redrive failed").status == "FAILED"
    assert "OrderFlow-1 FAILED in Charge: CardDeclined: no cover for 500" in capsys.readouterr().err


def test_answers_let_a_run_go_through(orders: NotebookShell) -> None:
    orders.run(ASKING)
    orders.run("yes = {'Approve': {'output': 'yes'}}")
    assert orders.run("%sfn run Asking --answers yes").output == "yes"
    assert orders.run('%sfn run Asking --answers {"Approve": "approve"}').output == {}
    assert orders.run("%sfn run Asking").status == "RUNNING"
    assert orders.run("%sfn fork --answers yes").status == "RUNNING"


def test_answering_by_iteration(orders: NotebookShell, workspace: Workspace) -> None:
    states = f'{{"M": {{"Type": "Map", "ItemProcessor": {ASK}, "End": true}}}}'
    orders.run(f'%%asl Many --no-graph\n{{"StartAt": "M", "States": {states}}}')
    orders.run("run = Many.run([1, 2])")
    orders.run("%sfn approve Approve --iteration 1 --output 1")
    assert [each.iteration for each in workspace.waiting()] == [(0,)]
    assert "Approve[0]" in repr(orders.run("%sfn waiting"))
    assert orders.run("%sfn approve --iteration [0] --output 0").output == [0, 1]
    with pytest.raises(InvalidInput, match="--iteration takes an index"):
        orders.run("%sfn approve --iteration first")


def test_mistakes_are_told(orders: NotebookShell) -> None:
    with pytest.raises(UnknownName, match='Did you mean "Charge"'):
        orders.run("%sfn run OrderFlow --break Chagre")
    with pytest.raises(InvalidInput, match="--break-if is a condition"):
        orders.run("%sfn run OrderFlow --break-if {% true %}")
    with pytest.raises(InvalidInput, match="no function has this name"):
        orders.run("%sfn run OrderFlow --break Charge --break-if nothing")
    orders.run('run = %sfn run OrderFlow --input {"total": 5}')
    with pytest.raises(ExecutionStalled, match="does not stand at a breakpoint"):
        orders.run("%sfn edit --payload {}")
    with pytest.raises(InvalidInput, match="needs --payload"):
        orders.run("%sfn edit")
    with pytest.raises(UnknownName):
        orders.run("%sfn fork --at Nowhere")


def test_states_are_completed(orders: NotebookShell) -> None:
    assert ends(orders, "%sfn run OrderFlow --break |") == ["Validate", "Hold", "Charge"]
    assert ends(orders, "%sfn fork --at Ch|") == ["Charge"]
