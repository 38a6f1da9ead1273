"""``%load_ext`` and ``%unload_ext``: what comes into a shell, and that it goes again."""

from typing import Any

import pytest

from sfn_notebook.magics import extension
from sfn_notebook.workspace import StateMachine, Workspace, current_workspace
from tests.magics.notebook_shell import NotebookShell


def footprint(shell: Any, workspace: Workspace) -> dict[str, Any]:
    """Everything of a shell and a workspace that the extension touches."""
    formatter = shell.display_formatter.mimebundle_formatter
    return {
        "line magics": set(shell.magics_manager.magics["line"]),
        "cell magics": set(shell.magics_manager.magics["cell"]),
        "matchers": list(shell.Completer.custom_matchers),
        "formatters": set(formatter.type_printers),
        "callbacks": list(shell.events.callbacks["pre_run_cell"]),
        "observers": list(workspace.observer_factories),
        "source name": workspace.source_name,
        "variables": {name for name in shell.user_ns if not name.startswith("_")},
    }


def test_unloading_leaves_no_trace(bare_shell: NotebookShell, workspace: Workspace) -> None:
    before = footprint(bare_shell, workspace)
    extension.load(bare_shell, workspace)
    loaded = footprint(bare_shell, workspace)
    assert all(loaded[key] != before[key] for key in before)
    extension.unload(bare_shell)
    assert footprint(bare_shell, workspace) == before
    extension.unload(bare_shell)


def test_loading_twice_changes_nothing(shell: NotebookShell, workspace: Workspace) -> None:
    once = footprint(shell, workspace)
    extension.load(shell, workspace)
    assert footprint(shell, workspace) == once


def test_names_of_the_author_are_kept(bare_shell: NotebookShell, workspace: Workspace) -> None:
    bare_shell.user_ns["lambda_function"] = "mine"
    extension.load(bare_shell, workspace)
    assert bare_shell.user_ns["lambda_function"] == "mine"
    assert bare_shell.user_ns["StateMachine"] is StateMachine
    bare_shell.run("StateMachine = 'mine now'")
    extension.unload(bare_shell)
    assert bare_shell.user_ns["lambda_function"] == "mine"
    assert bare_shell.run("StateMachine") == "mine now"


def test_the_names_do_not_clutter_who(shell: NotebookShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run("%who")
    assert "lambda_function" not in capsys.readouterr().out


def test_ipythons_own_commands_load_unload_and_reload(bare_shell: NotebookShell) -> None:
    factories = list(current_workspace().observer_factories)
    bare_shell.run("%load_ext sfn_notebook")
    bare_shell.run("%reload_ext sfn_notebook")
    assert len(current_workspace().observer_factories) == len(factories) + 1
    assert "sfn" in bare_shell.magics_manager.magics["line"]
    bare_shell.run("%unload_ext sfn_notebook")
    assert "sfn" not in bare_shell.magics_manager.magics["line"]
    assert current_workspace().observer_factories == factories
