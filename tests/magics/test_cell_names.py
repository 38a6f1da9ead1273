"""Cells have the same names in a notebook, in its strict tests, and under old and new compilers."""

from typing import Any

import pytest

import sfn_notebook
from sfn_notebook.magics.cell_names import CellNames
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import NotebookShell

DEFINE = "def where():\n    return where.__code__.co_filename"


def names_of(shell: NotebookShell, workspace: Workspace, *, has_history: bool) -> list[str | None]:
    """What a function of the third and one of the fifth cell are said to stand in, extension loaded in the first."""
    assert workspace.source_name is not None
    found = []
    for number in (2, 3, 4, 5):
        cell = DEFINE + "\n" * number if number in {3, 5} else f"x = {number}"
        result: Any = shell.run_cell(cell, store_history=has_history)  # type: ignore[no-untyped-call]  # IPython's
        assert result.success
        if number in {3, 5}:
            found.append(workspace.source_name(shell.user_ns["where"]()))
    return found


@pytest.mark.parametrize("has_history", [True, False])
def test_names_are_those_of_a_run_from_top_to_bottom(
    shell: NotebookShell,
    workspace: Workspace,
    has_history: bool,  # noqa: FBT001 - a parameter
) -> None:
    shell.execution_count += has_history  # the cell that loaded the extension
    assert names_of(shell, workspace, has_history=has_history) == ["In[3]", "In[5]"]


def test_a_cell_that_is_run_again_has_its_new_number(shell: NotebookShell, workspace: Workspace) -> None:
    assert workspace.source_name is not None
    shell.run(DEFINE)
    first = workspace.source_name(shell.user_ns["where"]())
    shell.run(DEFINE)
    assert (first, workspace.source_name(shell.user_ns["where"]())) == ("In[1]", "In[2]")


def test_what_is_no_cell_has_no_name(shell: NotebookShell, workspace: Workspace) -> None:
    assert workspace.source_name is not None
    assert workspace.source_name(sfn_notebook.__file__) is None
    assert workspace.source_name("<string>") is None


def test_a_cell_that_cannot_be_read_does_no_harm(shell: NotebookShell, workspace: Workspace) -> None:
    assert not shell.attempt("def (").success
    assert names_of(shell, workspace, has_history=True) == ["In[3]", "In[5]"]


@pytest.mark.parametrize("has_public_method", [True, False])
def test_old_and_new_compilers(has_public_method: bool) -> None:  # noqa: FBT001 - a parameter
    file_name = "ipykernel_1/9.py"

    class Compiler:
        def __init__(self) -> None:
            self._filename_map = {file_name: 4}

    class NewCompiler(Compiler):
        def format_code_name(self, name: str) -> tuple[str, str] | None:
            return ("Cell", f"In[{self._filename_map[name]}]") if name in self._filename_map else None

    class Shell:
        compile = NewCompiler() if has_public_method else Compiler()
        execution_count = 5

    names = CellNames(Shell())  # type: ignore[arg-type]  # only its compiler and number are asked
    assert names(file_name) == "In[4]"
    assert names("json.py") is None
