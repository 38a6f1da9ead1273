"""A comparison as a cell's value: its text, and a view of both executions side by side; it compares nothing."""

from collections.abc import Callable
from typing import Protocol

from IPython.core.interactiveshell import InteractiveShell

from sfn_notebook.magics.pictures import Bundle
from sfn_notebook.views.execution import view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.trace import trace_of
from sfn_notebook.workspace.comparison import Comparison


class ClosableView(Protocol):
    """What a front end keeps until it is closed."""

    def close(self) -> None:
        """Nobody sees it any more."""


def comparison_bundle(
    comparison: Comparison, shell: InteractiveShell, *, shown: Callable[[ClosableView], None]
) -> Bundle:
    """The text for every front end; where there is a kernel, also the view, of which ``shown`` is told."""
    text = {"text/plain": repr(comparison)}
    if getattr(shell, "kernel", None) is None:
        return text, {}
    from sfn_notebook.widgets.execution_widget import ExecutionWidget

    left = comparison.left
    widget = ExecutionWidget(
        graph_of(left.definition, title=left.machine_name), title=f"{left.name}, compared with {comparison.right.name}"
    )
    widget.comparison = comparison.comparison
    widget.finish(view_execution(left), lambda characters: trace_of(left, characters=characters))
    shown(widget)
    bundle = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    return {**(data or {}), **text}, {}
