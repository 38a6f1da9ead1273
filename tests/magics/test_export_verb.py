from pathlib import Path

import pytest

from sfn_notebook.magics.export_verb import FORMATS
from sfn_notebook.widgets import export
from tests.magics.notebook_shell import ORDER_FLOW, ORDER_FUNCTIONS, NotebookShell


@pytest.fixture
def notebook(shell: NotebookShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookShell:
    monkeypatch.chdir(tmp_path)
    shell.run(ORDER_FUNCTIONS)
    shell.run(ORDER_FLOW)
    shell.run('run = OrderFlow.run({"total": 1}, name="first")')
    return shell


def test_the_latest_execution_is_written_as_a_page(notebook: NotebookShell) -> None:
    assert str(notebook.run("%sfn export")) == "first is written to first.html"
    assert Path("first.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_machine_goes_to_the_file_that_was_asked_for(notebook: NotebookShell) -> None:
    notebook.run("%sfn export OrderFlow --output 'the graph.svg'")
    assert Path("the graph.svg").read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(("format", "start"), [("mermaid", "stateDiagram-v2"), ("text", "OrderFlow: SUCCEEDED")])
def test_text_stands_below_the_cell(notebook: NotebookShell, format: str, start: str) -> None:
    assert str(notebook.run(f"%sfn export first --format {format}")).startswith(start)
    assert list(Path().iterdir()) == []


def test_the_verb_offers_every_format() -> None:
    assert FORMATS == export.FORMATS
