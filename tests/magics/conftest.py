"""A shell with the extension loaded over an empty workspace, bare or with an order flow in it."""

import atexit
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from sfn_notebook.functions.registry import default_registry
from sfn_notebook.magics import extension
from sfn_notebook.workspace import Workspace
from tests.magics.notebook_shell import ORDER_FLOW, ORDER_FUNCTIONS, NotebookShell


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    default_registry().clear()
    yield Workspace()
    default_registry().clear()


@pytest.fixture
def bare_shell() -> Iterator[NotebookShell]:
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    shell = NotebookShell.instance(config=config)
    yield shell
    extension.unload(shell)
    NotebookShell.clear_instance()
    # Each shell would be kept to the end of the run, and then collect all garbage once: minutes, for hundreds of them.
    atexit.unregister(shell.atexit_operations)


@pytest.fixture
def shell(bare_shell: NotebookShell, workspace: Workspace) -> NotebookShell:
    extension.load(bare_shell, workspace)
    return bare_shell


@pytest.fixture
def orders(shell: NotebookShell) -> NotebookShell:
    """A shell in which an order flow and its functions are defined."""
    shell.run(ORDER_FUNCTIONS)
    shell.run(ORDER_FLOW)
    return shell
