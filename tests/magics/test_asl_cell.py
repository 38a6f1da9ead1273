"""``%%asl``: what a cell defines, binds and prints, and how its mistakes look."""

import pytest

from sfn_notebook.errors import DefinitionError, InvalidInput, Problem, UnknownName
from sfn_notebook.magics.asl_cell import checked_name, code_frame
from sfn_notebook.workspace import StateMachine, Workspace
from tests.magics.notebook_shell import NotebookShell

FLOW = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'


def test_a_cell_binds_its_name_and_shows_the_graph(
    shell: NotebookShell, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run(f"%%asl Flow\n{FLOW}")
    assert shell.user_ns["Flow"] is workspace.machine("Flow")
    assert capsys.readouterr().out.startswith("Flow\n→ A  [Pass]")


def test_yaml_options_and_no_graph(
    shell: NotebookShell, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "StartAt: A\nStates:\n  A:\n    Type: Succeed\n"
    shell.run(f"%%asl Flow --type EXPRESS --format=yaml --no-graph\n{body}")
    assert workspace.machine("Flow").type == "EXPRESS"
    assert capsys.readouterr().out == ""


def test_what_executions_log_is_said_on_the_first_line(shell: NotebookShell) -> None:
    shell.run(f"%%asl Flow --no-graph --log-level ALL\n{FLOW}")
    assert [each["type"] for each in shell.run("Flow.run().log_events()")][-1] == "ExecutionSucceeded"
    shell.run("logging = {'level': 'OFF', 'includeExecutionData': True}")
    shell.run(f"%%asl Flow --no-graph --logging logging\n{FLOW}")
    assert shell.run("Flow.run([1]).log_events()") == []
    shell.run(f"%%asl Flow --no-graph --logging logging --log-level ALL\n{FLOW}")
    assert shell.run("Flow.run([1]).log_events()")[0]["details"]["input"] == "[1]"
    with pytest.raises(InvalidInput, match="--logging takes an object"):
        shell.run(f"%%asl Flow --logging [1]\n{FLOW}")
    with pytest.raises(UnknownName, match="value of --log-level"):
        shell.run(f"%%asl Flow --log-level DEBUG\n{FLOW}")


def test_variables_in_the_line_and_dollars_in_the_body_are_left_alone(
    shell: NotebookShell, workspace: Workspace
) -> None:
    shell.run("id = 'wrong'")
    shell.run(
        '%%asl Flow --no-graph\n{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, '
        '"Parameters": {"id.$": "$$.Execution.Id", "text": "{id} $id"}}}}'
    )
    assert '"$$.Execution.Id"' in workspace.machine("Flow").text
    assert '"{id} $id"' in workspace.machine("Flow").text


def failure(shell: NotebookShell, cell: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a failing cell prints."""
    result = shell.attempt(cell)
    assert not result.success
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert "sfn_notebook/" not in printed.out + printed.err
    return printed.out + printed.err


def test_all_problems_at_once_with_the_cells_own_lines(
    shell: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = """%%asl Flow
{
  "StartAt": "Validate",
  "States": {
    "Validate": {"Type": "Pass", "Next": "Shp"},
    "Ship": {"Type": "Succeed", "Retry": []},
    "Lost": {"Type": "Succeed"}
  }
}"""
    printed = failure(shell, cell, capsys)
    assert printed.startswith("DefinitionError: Flow has ")
    lines = printed.splitlines()
    place = next(index for index, line in enumerate(lines) if "/States/Validate/Next" in line)
    assert "line 5, column 42" in lines[place]
    assert 'Did you mean "Ship"?' in lines[place]
    frame = lines[place + 1 : place + 4]
    assert frame[1] == '    > 5 |     "Validate": {"Type": "Pass", "Next": "Shp"},'
    assert frame[2].index("^") - frame[1].index('"Shp"') == 0
    assert frame[2].count("^") == len('"Shp"')
    assert "/States/Ship/Retry" in printed
    assert "/States/Lost" in printed


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"StartAt": "A",\n "States": {"A": {"Type": "Pass" "End": true}}}', "line 3, column"),
        ('{"StartAt": "A", "StartAt": "B", "States": {}}', "StartAt"),
        ("StartAt: A\nStates:\n  A: {Type: Pass\n", "line"),
        ("StartAt: A\nStates: [\n", "line"),
        ("[]", "DefinitionError"),
    ],
)
def test_broken_text_says_where(
    shell: NotebookShell, capsys: pytest.CaptureFixture[str], body: str, expected: str
) -> None:
    printed = failure(shell, f"%%asl Flow\n{body}", capsys)
    assert printed.startswith("DefinitionError: ")
    assert expected in printed
    assert "Flow" not in shell.user_ns


def test_the_error_can_be_caught_as_what_it_is(shell: NotebookShell) -> None:
    with pytest.raises(DefinitionError) as caught:
        shell.run('%%asl Flow\n{"StartAt": "A", "States": {}}')
    assert caught.value.problems
    assert all(problem.line == 2 for problem in caught.value.problems)


def test_a_redefinition_replaces_and_a_broken_one_does_not(shell: NotebookShell, workspace: Workspace) -> None:
    shell.run(f"%%asl Flow --no-graph\n{FLOW}")
    first = workspace.machine("Flow")
    execution = first.run({})
    with pytest.raises(DefinitionError):
        shell.run("%%asl Flow\n{}")
    assert shell.user_ns["Flow"] is first
    shell.run("%%asl Flow --no-graph\n" + FLOW.replace('"A"', '"B"'))
    second = shell.user_ns["Flow"]
    assert second is not first
    assert list(second.definition.states) == ["B"]
    assert list(execution.definition.states) == ["A"]


def test_a_name_in_other_use_is_told(shell: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run("Flow = {'a': 1}")
    shell.run(f"%%asl Flow --no-graph\n{FLOW}")
    assert capsys.readouterr().out == "Note: Flow was a value of type dict; it now is this state machine.\n"
    assert isinstance(shell.user_ns["Flow"], StateMachine)
    shell.run(f"%%asl Flow --no-graph\n{FLOW}")
    assert capsys.readouterr().out == ""


def test_functions_that_are_missing_are_told_with_the_nearest_names(
    orders: NotebookShell, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    orders.run(
        '%%asl Typo --no-graph\n{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "valdate", "Next": "B"},'
        ' "B": {"Type": "Task", "Resource": "${ship_it}", "End": true}}}'
    )
    assert capsys.readouterr().out == 'Not defined yet: valdate, ship_it.\n  valdate: Did you mean "validate"?\n'


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("order-flow", "such as OrderFlow."), ("2nd", "such as Nd."), ("class", "such as Class."), ("print", "")],
)
def test_a_name_must_be_one_that_a_variable_can_have(name: str, remedy: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_name(name)
    assert remedy in str(caught.value)


def test_bad_options_print_no_traceback(shell: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    assert failure(shell, "%%asl Flow --typ EXPRESS\n{}", capsys).startswith("UnknownName: no option of %%asl")
    assert "%%asl needs NAME." in failure(shell, "%%asl\n{}", capsys)
    with pytest.raises(UnknownName, match="EXPRESS"):
        shell.run("%%asl Flow --type express\n{}")


def test_a_frame_of_a_long_line_shows_the_place_only() -> None:
    line = "x" * 5_000 + '"Shp"' + "y" * 5_000
    problem = Problem(rule="R", severity="ERROR", message="m", line=1, column=5_001, end_line=1, end_column=5_006)
    shown, carets = code_frame([line], problem)
    assert len(shown) < 130
    assert shown[carets.index("^") :].startswith('"Shp"')
    assert carets.count("^") == 5


@pytest.mark.parametrize("line", [0, 3])
def test_a_problem_without_a_place_has_no_frame(line: int) -> None:
    assert list(code_frame(["a", "b"], Problem(rule="R", severity="ERROR", message="m", line=line))) == []
