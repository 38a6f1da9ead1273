"""What a cell shows of runs in a shell without widgets: each result once, failures with the author's own lines."""

from typing import Any

import pytest

from sfn_notebook.magics.display import SHOWN_AS_LINES, SHOWN_IN_FULL
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell

HEADLINE = "OrderFlow: SUCCEEDED in 1 h 2 s"


@pytest.mark.parametrize(
    "cell", ["run = OrderFlow.run({'total': 7})", "OrderFlow.run({'total': 7})", "%sfn run OrderFlow"]
)
def test_a_result_is_shown_once_even_as_the_cells_value(
    orders: NotebookShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    capsys.readouterr()
    orders.run(cell)
    printed = capsys.readouterr().out
    assert printed.count(HEADLINE) == 1
    if "=" not in cell.partition("(")[0]:
        assert "<Execution OrderFlow-1 SUCCEEDED>" in printed


def test_a_later_cell_shows_it_in_full_again(orders: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    orders.run("run = OrderFlow.run()")
    capsys.readouterr()
    orders.run("run")
    assert HEADLINE in capsys.readouterr().out


def test_a_loop_does_not_flood_the_cell(orders: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    orders.run("for total in range(40): OrderFlow.run({'total': total * 10})")
    printed = capsys.readouterr().out
    assert printed.count(HEADLINE) == SHOWN_IN_FULL
    lines = [line for line in printed.splitlines() if line.startswith("OrderFlow-")]
    assert len(lines) == SHOWN_AS_LINES
    assert lines[0] == "OrderFlow-4 SUCCEEDED in 1 h 2 s"
    assert lines[-1] == "OrderFlow-23 FAILED in 1 h 2 s: CardDeclined"
    assert printed.endswith("... further runs of this cell are not shown: %sfn ls lists them.\n")
    orders.run("last = OrderFlow.run()")
    assert HEADLINE in capsys.readouterr().out


def test_a_failure_shows_the_authors_cell_and_line(orders: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    orders.run('%sfn run OrderFlow --input {"total": 700}')
    printed = capsys.readouterr()
    assert "✗ Charge" in printed.out
    assert printed.err.splitlines() == [
        "OrderFlow-1 FAILED in Charge: CardDeclined: no cover for 700",
        "  Cell In[1], line 11, in charge",
        "         9 def charge(event):",
        '        10     if event.get("total", 0) > 100:',
        '  ----> 11         raise CardDeclined("no cover for %d" % event["total"])',
        '        12     return {**event, "charged": True}',
        "%debug enters this code.",
    ]


def test_a_failure_without_an_exception_tells_error_and_cause(
    shell: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    fail = '{"StartAt": "No", "States": {"No": {"Type": "Fail", "Error": "Refused", "Cause": "not today"}}}'
    shell.run(f"%%asl Stop --no-graph\n{fail}")
    shell.run("run = Stop.run()")
    assert capsys.readouterr().err == "Stop-1 FAILED in No: Refused: not today\n"


def test_an_error_that_is_caught_is_no_failure(orders: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    orders.run(
        '%%asl Careful --no-graph\n{"StartAt": "Charge", "States": {"Charge": {"Type": "Task", "Resource": "charge",'
        ' "Catch": [{"ErrorEquals": ["CardDeclined"], "Next": "Refund"}], "End": true},'
        ' "Refund": {"Type": "Pass", "End": true}}}'
    )
    capsys.readouterr()
    assert orders.run('%sfn run Careful --input {"total": 700}').status == "SUCCEEDED"
    assert capsys.readouterr().err == ""


def test_ctrl_c_aborts_in_one_line_and_the_shell_goes_on(
    shell: NotebookShell, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run("@lambda_function\ndef interrupted(event):\n    raise KeyboardInterrupt")
    shell.run(
        '%%asl Flow --no-graph\n{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "interrupted",'
        ' "End": true}}}'
    )
    result = shell.attempt("Flow.run()")
    assert type(result.error_in_exec).__name__ == "ExecutionAborted"
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "ExecutionAborted: Flow-1 ABORTED: interrupted by the user"
    assert "Traceback" not in printed.out + printed.err
    assert workspace.execution().status == "ABORTED"
    assert shell.run("1 + 1") == 2


def test_a_paused_run_tells_how_to_go_on_and_ends_where_it_is_stepped(
    orders: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    orders.run("run = %sfn run OrderFlow --clock manual")
    assert capsys.readouterr().out == "OrderFlow-1 waits for its clock: %sfn step OrderFlow-1\n"
    orders.run("%sfn step")
    assert "▶ Charge" in capsys.readouterr().out
    orders.run("%sfn step")
    printed = capsys.readouterr().out
    assert printed.count(HEADLINE) == 1
    assert "<Execution OrderFlow-1 SUCCEEDED>" in printed


def test_machines_and_executions_have_a_picture_beside_the_text(orders: NotebookShell) -> None:
    orders.run("run = OrderFlow.run()")
    for name in ("OrderFlow", "run"):
        orders.events.trigger("pre_run_cell", None)
        formatter: Any = orders.display_formatter
        data, metadata = formatter.format(orders.user_ns[name])
        assert set(data) == {"text/plain", "image/png"}
        assert data["image/png"].startswith("iVBORw0KGgo")
        assert metadata["image/png"]["width"] > 50


def test_the_same_cells_show_the_same_text(orders: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    def shown() -> str:
        capsys.readouterr()
        orders.run('%sfn run OrderFlow --input {"total": 700}')
        printed = capsys.readouterr()
        return printed.out.partition("Out[")[0]

    assert shown() == shown()
