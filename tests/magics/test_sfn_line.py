"""``%sfn``: each verb over a real workspace, as a notebook calls it."""

import json

import pytest

from sfn_notebook.engine.execution import Execution
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.magics.verbs import VERB_NAMES, VERBS
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell


def test_run_returns_the_execution_and_takes_json_and_variables(orders: NotebookShell) -> None:
    execution = orders.run('run = %sfn run OrderFlow --input {"total": 7, "note": "a  b"} --name first\nrun')
    assert isinstance(execution, Execution)
    assert execution.name == "first"
    assert execution.output == {"total": 7, "note": "a  b", "valid": True, "charged": True}
    orders.run("order = {'total': 8}")
    assert orders.run("%sfn start-execution --state-machine-arn OrderFlow --input order").output["total"] == 8
    assert orders.run("%sfn run OrderFlow").input == {}
    assert orders.run("%sfn run OrderFlow --input {}").input == {}


def test_null_is_an_input_and_no_input_is_an_empty_object(orders: NotebookShell) -> None:
    orders.run('%%asl Echo --no-graph\n{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    assert orders.run("%sfn run Echo --input null").output is None
    assert orders.run("%sfn run Echo").output == {}


def test_machines_and_executions_by_arn_and_by_variable(orders: NotebookShell, workspace: Workspace) -> None:
    arn = workspace.machine("OrderFlow").arn
    execution = orders.run(f"done = %sfn run {arn}\nother = OrderFlow\ndone")
    assert orders.run("%sfn run other").machine_name == "OrderFlow"
    assert orders.run(f"%sfn describe --execution-arn {execution.arn}")["name"] == execution.name
    assert orders.run("%sfn describe done")["name"] == execution.name
    assert "input" not in orders.run("%sfn describe done --included-data METADATA_ONLY")
    assert orders.run("%sfn describe-state-machine OrderFlow")["stateMachineArn"] == arn


def test_ls_is_a_table_of_names_statuses_and_modelled_durations(orders: NotebookShell) -> None:
    orders.run('%sfn run OrderFlow --name good\n%sfn run OrderFlow --name bad --input {"total": 900}')
    listing = orders.run("%sfn ls")
    assert repr(listing).splitlines() == [
        "state machine  type      states",
        "OrderFlow      STANDARD  3",
        "",
        "execution  state machine  status     duration",
        "good       OrderFlow      SUCCEEDED  1 h 2 s",
        "bad        OrderFlow      FAILED     1 h 2 s",
    ]
    assert [each["name"] for each in orders.run("%sfn list-executions --status-filter FAILED")] == ["bad"]
    assert [each["name"] for each in orders.run("%sfn ls OrderFlow --limit 1")] == ["OrderFlow", "bad"]
    assert [each["name"] for each in orders.run("%sfn list-state-machines")] == ["OrderFlow"]


def test_ls_of_an_empty_notebook_says_what_to_do(shell: NotebookShell) -> None:
    assert "%%asl NAME" in repr(shell.run("%sfn ls"))


def test_history_as_a_table_and_in_awss_shape(orders: NotebookShell, workspace: Workspace) -> None:
    orders.run("%sfn run OrderFlow")
    table = repr(orders.run("%sfn history")).splitlines()
    assert table[0].split() == ["id", "type", "state", "elapsed"]
    assert table[1].split() == ["1", "ExecutionStarted", "0", "s"]
    assert any(line.split()[1:3] == ["LambdaFunctionScheduled", "Validate"] for line in table)
    assert table[-1].split() == [str(len(table) - 1), "ExecutionSucceeded", "1", "h", "2", "s"]
    events = orders.run("%sfn get-execution-history --json --reverse-order --max-items 2")
    assert events == workspace.execution().history[::-1][:2]
    bare = orders.run("%sfn history --json --no-include-execution-data")
    assert bare == workspace.execution().get_execution_history(include_execution_data=False) != list(events)
    assert json.loads(repr(events)) == events
    assert repr(orders.run("%sfn history --limit 3")).endswith(f"... {len(table) - 4} more: --limit {len(table) - 1}")


def test_logs_at_the_machines_level_and_at_another(orders: NotebookShell) -> None:
    orders.run('failed = %sfn run OrderFlow --input {"total": 500}')
    nothing = orders.run("%sfn logs")
    assert nothing == []
    assert repr(nothing) == "OrderFlow-1 writes no log at this level: %sfn logs OrderFlow-1 --level ALL"
    errors = orders.run("%sfn logs failed --level ERROR")
    assert [line.split()[:2] for line in repr(errors).splitlines()[1:]] == [
        ["12", "LambdaFunctionFailed"],
        ["13", "ExecutionFailed"],
    ]
    assert "1 h 2 s  {" in repr(errors)
    assert '"total' not in repr(orders.run("%sfn logs --level ALL"))
    data = orders.run("%sfn logs --level ALL --include-execution-data --json")
    assert data[0]["details"]["input"] == '{"total":500}'
    assert json.loads(repr(data)) == data
    with pytest.raises(UnknownName, match="value of --level"):
        orders.run("%sfn logs --level DEBUG")


def test_graph_of_a_machine_and_of_an_execution(orders: NotebookShell) -> None:
    machine = orders.run("%sfn graph OrderFlow")
    orders.run("%sfn run OrderFlow")
    execution = orders.run("%sfn graph")
    for picture in (machine, execution):
        data, metadata = picture.bundle()
        assert set(data) == {"text/plain", "image/png"}
        assert set(metadata["image/png"]) == {"width", "height"}
    assert machine.bundle()[0]["image/png"] != execution.bundle()[0]["image/png"]
    assert "SUCCEEDED" in repr(execution)


def test_a_manual_clock_is_stepped_and_a_run_is_stopped(orders: NotebookShell) -> None:
    orders.run("run = %sfn run OrderFlow --clock manual --name slow")
    assert orders.user_ns["run"].status == "RUNNING"
    assert orders.run("%sfn step --seconds 600").status == "RUNNING"
    assert orders.run("%sfn step slow").status == "RUNNING"
    assert orders.run("%sfn step").status == "SUCCEEDED"
    orders.run("run = %sfn run OrderFlow --clock manual --name lost")
    stopped = orders.run('%sfn stop lost --error Enough --cause "we are done"')
    assert (stopped.status, stopped.error, stopped.cause) == ("ABORTED", "Enough", "we are done")


def test_help_names_every_verb_and_each_verb_has_help(shell: NotebookShell) -> None:
    overview = repr(shell.run("%sfn"))
    assert overview == repr(shell.run("%sfn help"))
    for name in VERB_NAMES:
        assert name in overview
        assert f"%sfn {next(verb.name for verb in VERBS if name in (verb.name, *verb.aliases))}" in repr(
            shell.run(f"%sfn help {name}")
        )


@pytest.mark.parametrize(
    ("line", "error", "expected"),
    [
        ("rnu OrderFlow", UnknownName, 'Did you mean "run"'),
        ("run OrderFlwo", UnknownName, 'Did you mean "OrderFlow"?'),
        ("run OrderFlow --sed 3", UnknownName, 'Did you mean "--seed"'),
        ("run OrderFlow --seed x", InvalidInput, "--seed takes a whole number"),
        ("run OrderFlow --clock fast", InvalidInput, "no clock named 'fast'"),
        ("run OrderFlow --input {'a': 1}", InvalidInput, "--input is not JSON"),
        ("run OrderFlow --input nothing", InvalidInput, "no variable has this name"),
        ("describe Nothing", UnknownName, "OrderFlow"),
        ("history", UnknownName, "no execution"),
        ("help rum", UnknownName, 'Did you mean "run"'),
        ("ls --status DONE", UnknownName, "SUCCEEDED"),
    ],
)
def test_mistakes_are_one_block_with_the_remedy(
    orders: NotebookShell, capsys: pytest.CaptureFixture[str], line: str, error: type[Exception], expected: str
) -> None:
    capsys.readouterr()
    result = orders.attempt(f"%sfn {line}")
    assert isinstance(result.error_in_exec, error)
    printed = capsys.readouterr().out
    assert printed.startswith(f"{error.__name__}: ")
    assert expected in printed
    assert "Traceback" not in printed
    assert len(printed.splitlines()) <= 5


def test_paths_in_a_line_are_not_expanded(orders: NotebookShell) -> None:
    orders.run("total = 5")
    execution = orders.run('%sfn run OrderFlow --input {"a": "$total {total} $$.Execution.Id"}')
    assert execution.input == {"a": "$total {total} $$.Execution.Id"}
