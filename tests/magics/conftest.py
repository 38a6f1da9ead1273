"""A real IPython shell that raises what a cell raises, with the extension loaded over an empty workspace."""

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

from sfn_notebook.functions.registry import default_registry
from sfn_notebook.magics import extension
from sfn_notebook.workspace import Workspace


class NotebookShell(InteractiveShell):
    """Runs cells as a notebook does, one number for each."""

    def run(self, cell: str) -> Any:
        """Run ``cell`` and return its value, or raise what it raised."""
        result = self.attempt(cell)
        result.raise_error()  # type: ignore[no-untyped-call]  # IPython leaves it untyped
        return result.result

    def attempt(self, cell: str) -> ExecutionResult:
        """Run ``cell`` as one of the notebook, whatever comes of it."""
        result: ExecutionResult = self.run_cell(cell, store_history=True)  # type: ignore[no-untyped-call]  # as above
        return result


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


@pytest.fixture
def shell(bare_shell: NotebookShell, workspace: Workspace) -> NotebookShell:
    extension.load(bare_shell, workspace)
    return bare_shell


ORDER_FUNCTIONS = """\
@lambda_function
def validate(event, context):
    return {**event, "valid": True}

class CardDeclined(Exception):
    pass

@lambda_function(duration=2)
def charge(event):
    if event.get("total", 0) > 100:
        raise CardDeclined("no cover for %d" % event["total"])
    return {**event, "charged": True}
"""

ORDER_FLOW = """%%asl OrderFlow
{
  "StartAt": "Validate",
  "States": {
    "Validate": {"Type": "Task", "Resource": "validate", "Next": "Hold"},
    "Hold": {"Type": "Wait", "Seconds": 3600, "Next": "Charge"},
    "Charge": {"Type": "Task", "Resource": "${charge}", "End": true}
  }
}
"""


@pytest.fixture
def orders(shell: NotebookShell) -> NotebookShell:
    """A shell in which an order flow and its functions are defined."""
    shell.run(ORDER_FUNCTIONS)
    shell.run(ORDER_FLOW)
    return shell
