"""The widget of a real run, as the kernel would send it; it opens no page."""

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.execution import Execution
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.views.execution import view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.trace import TraceBuilder
from sfn_notebook.widgets.execution_widget import ExecutionWidget
from sfn_notebook.workspace import StateMachine, Workspace


def widget_of(execution: Execution) -> ExecutionWidget:
    """What the kernel has sent when ``execution`` has come as far as it has."""
    widget = ExecutionWidget(graph_of(execution.definition, title=execution.machine_name), title=execution.machine_name)
    show(widget, execution)
    return widget


def show(widget: ExecutionWidget, execution: Execution) -> None:
    """Send how the execution stands now."""
    widget.finish(view_execution(execution), lambda characters: TraceBuilder(execution).trace(characters=characters))


def running_map() -> Execution:
    """A Map over 12 items, 4 at a time, that stands still while the first ones wait; ``step()`` lets time go on."""
    inner: JSONObject = {
        "Pack": {"Type": "Choice", "Choices": [_less_than(2, "Dispatch")], "Default": "Dry"},
        "Dry": {"Type": "Wait", "Seconds": 5, "Next": "Dispatch"},
        "Dispatch": {"Type": "Pass", "End": True},
    }
    states: JSONObject = {
        "Prepare": {"Type": "Pass", "Next": "Each item"},
        "Each item": {
            "Type": "Map",
            "MaxConcurrency": 4,
            "ItemProcessor": {"StartAt": "Pack", "States": inner},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    }
    machine = StateMachine.from_definition(
        {"StartAt": "Prepare", "States": states},
        name="OrderFlow",
        functions={},
        workspace=Workspace(registry=FunctionRegistry()),
    )
    return machine.run(list(range(12)), clock="manual")


def _less_than(limit: int, next_state: str) -> JSONObject:
    return {"Variable": "$", "NumericLessThan": limit, "Next": next_state}
