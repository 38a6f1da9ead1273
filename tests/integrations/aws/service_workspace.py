"""A workspace around a real moto server, and the shortest way to run one Task in it."""

from typing import Any

from sfn_notebook.workspace import Workspace
from sfn_notebook.workspace.notebook_execution import NotebookExecution


def run_task(workspace: Workspace, resource: str, parameters: Any = None, **fields: Any) -> NotebookExecution:
    """Run a machine of one Task on ``resource``, an ARN's end such as ``sqs:sendMessage``."""
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True, **fields}
    if parameters is not None:
        state["Parameters"] = parameters
    machine = workspace.define("One", {"StartAt": "Task", "States": {"Task": state}})
    return machine.run()


def event_types(execution: Any) -> list[str]:
    """The types of all events, in order."""
    return [event["type"] for event in execution.history]
