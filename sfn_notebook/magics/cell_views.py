"""The live views of one run, one for each cell that began or redrove it; what a view draws is not its business."""

import warnings
from collections.abc import Callable
from typing import Protocol

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from sfn_notebook.engine.execution import Execution
from sfn_notebook.magics.acting import Acting, ActingView
from sfn_notebook.magics.cell_output import current_cell
from sfn_notebook.magics.comparison_display import ClosableView
from sfn_notebook.views.execution import ExecutionView
from sfn_notebook.views.graph import Graph
from sfn_notebook.views.interactions import Interactions, Party
from sfn_notebook.views.trace import Trace
from sfn_notebook.workspace.notebook_execution import NotebookExecution


class LiveView(ActingView, Protocol):
    """What a run tells its widget; both get the whole view, and send what is new."""

    def show(self, view: ExecutionView, make_trace: Callable[[int], Trace] | None = None) -> None:
        """The run goes on; ``make_trace`` makes its trace with so many characters of payloads."""

    def finish(self, view: ExecutionView, make_trace: Callable[[int], Trace] | None = None) -> None:
        """The run has ended, or waits."""

    def show_origin(self, starter: Party, execution_arn: str, interactions: Interactions) -> None:
        """Who started the run, if that was not the notebook, and what happened around that."""

    def close(self) -> None:
        """Nobody sees it any more."""


class CellView:
    """One live view, with what people do through it; one that fails is given up and named."""

    def __init__(self, live: LiveView, acting: Acting | None) -> None:
        self._live: LiveView | None = live
        self._acting = acting

    @property
    def is_shown(self) -> bool:
        """Whether it still is in its cell, and works."""
        return self._live is not None

    def tell(self, call: Callable[[LiveView], None]) -> None:
        """Tell the view something; a view that cannot be updated must not cost the result."""
        if self._live is None:
            return
        try:
            call(self._live)
        except Exception as error:  # noqa: BLE001 - as the docstring says
            self._live = None
            warnings.warn(f"the live view failed: {error}", RuntimeWarning, stacklevel=2)

    def update_acting(self, _live: LiveView) -> None:
        """Show what the run waits for now."""
        if self._acting is not None:
            self._acting.update()

    def close(self) -> None:
        """Free what the front end keeps for the view, which is gone from its cell."""
        live, self._live = self._live, None
        if live is not None:
            live.close()


class CellViews:
    """All live views of one run: that of the cell where it began, and of those where it was redriven."""

    def __init__(
        self,
        execution: Execution,
        graph: Graph,
        *,
        shell: InteractiveShell,
        keep: Callable[[ClosableView], None],
    ) -> None:
        self._execution = execution
        self._graph = graph
        self._shell = shell
        self._keep = keep
        self._views: tuple[CellView, ...] = ()
        self._cell: object = None

    @property
    def are_any(self) -> bool:
        """Whether anybody can see the run."""
        return any(each.is_shown for each in self._views)

    def open_here(self) -> None:
        """Show the run in the current cell, unless this very run of the cell shows it already."""
        cell = current_cell(self._shell)
        if self._views and cell is not None and cell == self._cell:
            return
        self._cell = cell
        live = live_view(self._shell, self._graph, title=_title(self._execution))
        if live is None:
            return
        view = CellView(live, _acting(self._execution, live, self._shell))
        self._views = (*(each for each in self._views if each.is_shown), view)
        self._keep(view)

    def tell(self, call: Callable[[LiveView], None]) -> None:
        """Tell each view something."""
        for each in self._views:
            each.tell(call)

    def update_acting(self) -> None:
        """Show in each view what the run waits for now."""
        for each in self._views:
            each.tell(each.update_acting)


def live_view(shell: InteractiveShell, graph: Graph, *, title: str) -> LiveView | None:
    """Show a widget for ``graph`` in the current cell; ``None`` where widgets cannot be shown, as in a terminal."""
    if getattr(shell, "kernel", None) is None:
        return None
    try:
        from sfn_notebook.magics.run_widget import RunWidget

        widget = RunWidget(graph, title=title)
        display(widget)  # type: ignore[no-untyped-call]  # IPython leaves it untyped
    except Exception as error:  # noqa: BLE001 - without its picture a run is still a run
        warnings.warn(f"no live view of this run: {error}", RuntimeWarning, stacklevel=2)
        return None
    return widget


def _acting(execution: Execution, live: LiveView, shell: InteractiveShell) -> Acting | None:
    """How people act on the run through its live view; a child of a Map Run is not acted on."""
    return Acting(execution, live, shell) if isinstance(execution, NotebookExecution) else None


def _title(execution: Execution) -> str:
    """The execution's name; a name of the user's own choosing does not tell the machine, so that stands before it."""
    if execution.name.startswith(execution.machine_name):
        return execution.name
    return f"{execution.machine_name}: {execution.name}"
