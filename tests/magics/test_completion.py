"""Completion through IPython's own completer, as the Tab key and the kernel ask it."""

import pytest
from IPython.core.completer import provisionalcompleter

from sfn_notebook.runtime.clock import stopwatch
from tests.magics.notebook_shell import NotebookShell

DEBUGGING = ["--answers", "--break", "--break-after", "--break-if"]


def complete(shell: NotebookShell, marked: str) -> list[str]:
    """What may replace the text before ``|``, each as the whole line would read after choosing it."""
    offset = marked.index("|")
    text = marked.replace("|", "", 1)
    with provisionalcompleter():
        found = list(shell.Completer.completions(text, offset))
    line_start = text.rfind("\n", 0, offset) + 1
    return [text[line_start : each.start] + each.text for each in found]


def ends(shell: NotebookShell, marked: str) -> list[str]:
    """The same, of each the last word only."""
    return [line.split()[-1] if line.split() else "" for line in complete(shell, marked)]


def test_keys_and_names_inside_a_cell(orders: NotebookShell) -> None:
    head = '%%asl Other\n{"StartAt": "A", "States": {"A": {"Type": "Task", '
    assert complete(orders, head + '"Res|')[0].endswith('"Resource"')
    assert ends(orders, head + '"Resource": "|"}}}')[:3] == ['"validate', '"charge', '"${validate}']
    assert ends(orders, head + '"Next": "|"}, "Ship": {}}}')[0] == '"Ship'


def test_yaml_cells_and_stated_formats(orders: NotebookShell) -> None:
    assert complete(orders, "%%asl Other\nStartAt: A\nStates:\n  A:\n    Type: Ta|\n") == ["    Type: Task"]
    assert complete(orders, "%%asl Other --format yaml\n|")[0] == "StartAt: "
    assert complete(orders, "%%asl Other --format json\n|") == []


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("%%asl Other --|\n", ["--type", "--format", "--log-level", "--logging", "--no-graph"]),
        ("%%asl Other --type |\n", ["STANDARD", "EXPRESS"]),
        ("%%asl Other --format=y|\n", ["--format=yaml"]),
        ("%%asl Other --log-level |\n", ["ALL", "ERROR", "FATAL", "OFF"]),
        ("%%asl Other --logging my_|\n", ["my_order"]),
        ("%sfn logs --level E|", ["ERROR"]),
        ("%sfn logs OrderFlow-1 --|", ["--level", "--include-execution-data", "--json"]),
        ("%sfn r|", ["run", "redrive-execution", "resume", "redrive", "reject"]),
        ("%sfn start|", ["start-execution", "start-sync-execution"]),
        ("%sfn run |", ["OrderFlow", "--input", "--name", "--clock", "--seed", "--mock", *DEBUGGING]),
        ("%sfn run Ord|", ["OrderFlow"]),
        ("run = %sfn run OrderFlow --in|", ["--input"]),
        ("%sfn run OrderFlow --seed 3 --|", ["--input", "--name", "--clock", "--mock", *DEBUGGING]),
        ("%sfn run OrderFlow --clock |", ["virtual", "manual", "real", "10x"]),
        ("%sfn run OrderFlow --input my_|", ["my_order"]),
        ("%sfn describe |", ["done", "second", "OrderFlow-1", "OrderFlow", "--included-data"]),
        ("%sfn history sec|", ["second"]),
        ("%sfn help st|", ["stop", "step"]),
        ("%sfn ls --status S|", ["SUCCEEDED"]),
    ],
)
def test_lines(orders: NotebookShell, marked: str, expected: list[str]) -> None:
    orders.run("my_order = {'total': 1}\nmy_function = print\ndone = OrderFlow.run()\nOrderFlow.run(name='second')")
    assert ends(orders, marked) == expected


@pytest.mark.parametrize(
    "marked", ['%%asl X\n{"Comment": "pri|"}', "%sfn run OrderFlow --name pri|", "%sfn nonsense pri|", "%%asl pri|\n"]
)
def test_python_is_never_offered_on_our_ground(orders: NotebookShell, marked: str) -> None:
    assert complete(orders, marked) == []


def test_python_is_left_alone_elsewhere(orders: NotebookShell) -> None:
    assert "print" in ends(orders, "pri|")
    assert "OrderFlow" in ends(orders, "Order|")
    assert any(each.endswith("%%asl") for each in ends(orders, "%%as|"))


def test_it_takes_milliseconds(orders: NotebookShell) -> None:
    states = ",\n".join(f'"S{n}": {{"Type": "Pass", "Next": "S{n + 1}"}}' for n in range(200))
    marked = f'%%asl Big\n{{"StartAt": "S0", "States": {{{states}, "Last": {{"Type": "Pass", "Next": "|'
    best = float("inf")
    for _ in range(5):
        started = stopwatch()
        found = complete(orders, marked)
        best = min(best, stopwatch() - started)
    assert len(found) == 201
    assert best < 0.1, "an order of magnitude above what it takes, and below what a person notices"
