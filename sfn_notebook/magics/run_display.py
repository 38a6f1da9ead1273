"""One run as a cell shows it: a live widget while it goes on, one static result at its end, the user's own error.

Between the two lies the difference that matters to notebooks: the widget needs a front end that has its model, the
result is plain output that is saved, exported and compared.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.engine.visits import Visit, VisitStatus
from sfn_notebook.magics.acting import Acting, ActingView
from sfn_notebook.magics.pictures import picture_of_view
from sfn_notebook.magics.rows import duration_of, waiting_line
from sfn_notebook.magics.user_errors import SourceName, enter_with_debug, error_text
from sfn_notebook.views.execution import ExecutionTracker, ExecutionView
from sfn_notebook.views.graph import Graph, graph_of
from sfn_notebook.views.interactions import Interactions, Party, party_of
from sfn_notebook.views.trace import Trace, TraceBuilder
from sfn_notebook.widgets.coalescer import Coalescer
from sfn_notebook.workspace.notebook_execution import NotebookExecution

STATUS_INTERVAL_SECONDS: Final = 0.04
"""A browser shows nothing more above 25 updates a second."""

_LONGEST_CAUSE: Final = 400


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


class RunDisplay:
    """Shows one run in full: an observer of the execution."""

    def __init__(
        self,
        execution: Execution,
        *,
        shell: InteractiveShell,
        source_name: SourceName,
        ended: Callable[[Execution], None],
    ) -> None:
        self._shell = shell
        self._source_name = source_name
        self._ended = ended
        self._graph = graph_of(execution.definition, title=execution.machine_name)
        self._tracker = ExecutionTracker(execution)
        self._traces = TraceBuilder(execution)
        self._live = live_view(shell, self._graph, title=_title(execution))
        # The widget keeps to a rate of its own; but making a view costs something, so none is made in vain.
        self._updates: Coalescer[LiveView] = Coalescer(self._send, interval_seconds=STATUS_INTERVAL_SECONDS)
        self._told_pause = ""
        self._acting = _acting(execution, self._live, shell)

    def on_transition(self, execution: Execution, changes: Sequence[Visit]) -> None:
        """Bring the live view up to date, soon."""
        del changes
        # An execution that has ended is told at once, whole.
        if self._live is not None and execution.status is ExecutionStatus.RUNNING:
            self._tell_live(self._updates.put)

    def on_end(self, execution: Execution) -> None:
        """Show the result, or where a run stands that waits for its clock."""
        view = self._tracker.view()
        self._tell_live(lambda live: self._finish(live, view))
        self._tell_origin(execution)
        if execution.status is ExecutionStatus.RUNNING:
            self._tell_pause(execution)
            return
        display(picture_of_view(self._graph, view, is_marked=self._live is not None))  # type: ignore[no-untyped-call]  # IPython leaves it untyped
        self._ended(execution)
        tell_failure(execution, shell=self._shell, source_name=self._source_name)

    def close(self) -> None:
        """Free what the front end keeps for the live view, which is gone from its cell."""
        live, self._live = self._live, None
        if live is not None:
            live.close()

    def _send(self, live: LiveView) -> None:
        live.show(self._tracker.view(), self._make_trace)

    def _make_trace(self, characters: int) -> Trace:
        return self._traces.trace(characters=characters)

    def _finish(self, live: LiveView, view: ExecutionView) -> None:
        self._updates.drop()
        live.finish(view, self._make_trace)
        if self._acting is not None:
            self._acting.update()

    def _tell_origin(self, execution: Execution) -> None:
        if self._live is None or not isinstance(execution, NotebookExecution):
            return
        log = execution.workspace.interaction_log
        starter = log.caller_of(execution)
        if starter is not None:
            self._tell_live(lambda live: live.show_origin(party_of(starter), execution.arn, log.around(execution)))

    def _tell_live(self, call: Callable[[LiveView], None]) -> None:
        """Tell the live view something; one that fails is given up and named, and the result is shown all the same."""
        if self._live is None:
            return
        try:
            call(self._live)
        except Exception as error:  # noqa: BLE001 - a view that cannot be updated must not cost the result
            self._live = None
            warnings.warn(f"the live view failed: {error}", RuntimeWarning, stacklevel=2)

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


def live_view(shell: InteractiveShell, graph: Graph, *, title: str) -> LiveView | None:
    """Show a widget for ``graph`` in the current cell; ``None`` where widgets cannot be shown, as in a terminal."""
    if getattr(shell, "kernel", None) is None:
        return None
    try:
        from sfn_notebook.magics.run_widget import RunWidget

        widget = RunWidget(graph, title=title)
        display(widget)  # type: ignore[no-untyped-call]  # as above
    except Exception as error:  # noqa: BLE001 - without its picture a run is still a run
        warnings.warn(f"no live view of this run: {error}", RuntimeWarning, stacklevel=2)
        return None
    return widget


def _acting(execution: Execution, live: LiveView | None, shell: InteractiveShell) -> Acting | None:
    """How people act on the run through its live view; ``None`` without one."""
    return Acting(execution, live, shell) if live is not None and isinstance(execution, NotebookExecution) else None


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


def _title(execution: Execution) -> str:
    """The execution's name; a name of the user's own choosing does not tell the machine, so that stands before it."""
    if execution.name.startswith(execution.machine_name):
        return execution.name
    return f"{execution.machine_name}: {execution.name}"
