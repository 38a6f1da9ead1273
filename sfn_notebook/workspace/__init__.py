"""One workspace per kernel: it joins machines, functions, executions and time; it draws and prints nothing."""

from sfn_notebook.workspace.machine import StateMachine
from sfn_notebook.workspace.workspace import Workspace, current_workspace

__all__ = ["StateMachine", "Workspace", "current_workspace"]
