"""A comparison as a cell's value: its text, and a view of both executions side by side; it compares nothing."""

from IPython.core.interactiveshell import InteractiveShell

from sfn_notebook.magics.pictures import Bundle
from sfn_notebook.views.execution import view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.trace import trace_of
from sfn_notebook.workspace.comparison import Comparison


def comparison_bundle(comparison: Comparison, shell: InteractiveShell) -> Bundle:
    """The text for every front end; where there is a kernel, also the view."""
    text = {"text/plain": repr(comparison)}
    if getattr(shell, "kernel", None) is None:
        return text, {}
    from sfn_notebook.widgets.execution_widget import ExecutionWidget

    left = comparison.left
    widget = ExecutionWidget(
        graph_of(left.definition, title=left.machine_name), title=f"{left.name} and {comparison.right.name}"
    )
    widget.comparison = comparison.comparison
    widget.finish(view_execution(left), lambda characters: trace_of(left, characters=characters))
    shown = widget._repr_mimebundle_()
    data = shown[0] if isinstance(shown, tuple) else shown
    return {**(data or {}), **text}, {}
