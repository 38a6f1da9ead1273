"""One run as a cell shows it: a live widget while it goes on, one static result at its end, the user's own error.

Between the two lies the difference that matters to notebooks: the widget needs a front end that has its model, the
result is plain output that is saved, exported and compared.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Final

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.magics.cell_views import CellViews
from sfn_notebook.magics.comparison_display import ClosableView
from sfn_notebook.magics.pictures import picture_of_view
from sfn_notebook.magics.rows import duration_of, waiting_line
from sfn_notebook.magics.user_errors import SourceName, enter_with_debug, error_text
from sfn_notebook.views.execution import ExecutionTracker
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.interactions import party_of
from sfn_notebook.views.trace import Trace, TraceBuilder
from sfn_notebook.widgets.coalescer import Coalescer
from sfn_notebook.workspace.notebook_execution import NotebookExecution

STATUS_INTERVAL_SECONDS: Final = 0.04
"""A browser shows nothing more above 25 updates a second."""

_LONGEST_CAUSE: Final = 400


class RunDisplay:
    """Shows one run in full: an observer of the execution."""

    def __init__(
        self,
        execution: Execution,
        *,
        shell: InteractiveShell,
        source_name: SourceName,
        ended: Callable[[Execution], None],
        keep: Callable[[ClosableView], None] = lambda _view: None,
    ) -> None:
        self._shell = shell
        self._source_name = source_name
        self._ended = ended
        self._graph = graph_of(execution.definition, title=execution.machine_name)
        self._tracker = ExecutionTracker(execution)
        self._traces = TraceBuilder(execution)
        self._views = CellViews(execution, self._graph, shell=shell, keep=keep)
        # The widget keeps to a rate of its own; but making a view costs something, so none is made in vain.
        self._updates: Coalescer[CellViews] = Coalescer(self._send, interval_seconds=STATUS_INTERVAL_SECONDS)
        self._told_pause = ""
        self._has_ended = False
        self._views.open_here()

    def on_transition(self, execution: Execution, changes: Sequence[Visit]) -> None:
        """Bring the live view up to date, soon; a run that was redriven is shown where that was done."""
        del changes
        if self._has_ended:
            self._has_ended, self._told_pause = False, ""
            self._views.open_here()
        # An execution that has ended is told at once, whole.
        if self._views.are_any and execution.status is ExecutionStatus.RUNNING:
            self._updates.put(self._views)

    def on_end(self, execution: Execution) -> None:
        """Show the result, or where a run stands that waits for its clock."""
        view = self._tracker.view()
        self._updates.drop()
        self._views.tell(lambda live: live.finish(view, self._make_trace))
        self._views.update_acting()
        self._tell_origin(execution)
        if execution.status is ExecutionStatus.RUNNING:
            self._tell_pause(execution)
            return
        self._has_ended = True
        display(picture_of_view(self._graph, view, is_marked=self._views.are_any))  # type: ignore[no-untyped-call]  # IPython leaves it untyped
        self._ended(execution)
        tell_failure(execution, shell=self._shell, source_name=self._source_name)

    def _send(self, views: CellViews) -> None:
        views.tell(lambda live: live.show(self._tracker.view(), self._make_trace))

    def _make_trace(self, characters: int) -> Trace:
        return self._traces.trace(characters=characters)

    def _tell_origin(self, execution: Execution) -> None:
        if not self._views.are_any or not isinstance(execution, NotebookExecution):
            return
        log = execution.workspace.interaction_log
        starter = log.caller_of(execution)
        if starter is not None:
            self._views.tell(lambda live: live.show_origin(party_of(starter), execution.arn, log.around(execution)))

    def _tell_pause(self, execution: Execution) -> None:
        line = waiting_line(execution)
        if line != self._told_pause:
            self._told_pause = line
            print(line)  # noqa: T201 - the notebook's own output


class LineDisplay:
    """Tells how one run ended in a line; the last line that a cell may have tells that the others are not shown."""

    def __init__(self, *, is_last: bool) -> None:
        self._is_last = is_last
        self._told_pause = ""

    def on_transition(self, execution: Execution, changes: Sequence[Visit]) -> None:
        """Nothing is shown before the end."""

    def on_end(self, execution: Execution) -> None:
        """One line."""
        if execution.status is ExecutionStatus.RUNNING:
            pause = waiting_line(execution)
            if pause != self._told_pause and not self._is_last:
                self._told_pause = pause
                print(pause)  # noqa: T201 - the notebook's own output
            return
        line = f"{execution.name} {execution.status} in {duration_of(execution)}"
        if self._is_last:
            line = "... further runs of this cell are not shown: %sfn ls lists them."
        elif execution.error:
            line += f": {execution.error}"
        print(line)  # noqa: T201 - the notebook's own output


def tell_failure(execution: Execution, *, shell: InteractiveShell, source_name: SourceName) -> None:
    """Print why ``execution`` failed; a user's own exception with its lines, ready for ``%debug``.

    Nothing is printed for a run that succeeded or was stopped.
    """
    if execution.status not in {ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT}:
        return
    where = failed_state(execution)
    headline = f"{execution.name} {execution.status}{f' in {where}' if where else ''}"
    if execution.exception is not None:
        enter_with_debug(shell, execution.exception)
        reason = error_text(execution.exception, source_name)
        print(f"{headline}: {reason}\n%debug enters this code.", file=sys.stderr)  # noqa: T201 - the notebook's own output
        return
    cause = execution.cause or ""
    cause = f"{cause[:_LONGEST_CAUSE]} ..." if len(cause) > _LONGEST_CAUSE else cause
    print(": ".join(filter(None, [headline, execution.error, cause])), file=sys.stderr)  # noqa: T201 - the notebook's own output


def failed_state(execution: Execution) -> str:
    """The innermost state that failed last; an empty string if none did."""
    failed = [visit for visit in execution.visits if visit.status is VisitStatus.FAILED]
    return max(failed, key=lambda visit: (len(visit.iteration), visit.id)).name if failed else ""
