"""The live view of one machine or execution: the graph is sent once, then statuses and payloads as they change."""

import re
import threading
from importlib.resources import files
from typing import Final

import anywidget
import traitlets

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.views import palette, render
from sfn_notebook.views.execution import FAILED_VISITS, FIRST_VISITS, LAST_VISITS, ExecutionView, StateSummary
from sfn_notebook.views.graph import Graph
from sfn_notebook.views.icons import GRID, icon_strokes
from sfn_notebook.views.scene import badge_text
from sfn_notebook.views.svg import graph_css, icon_path
from sfn_notebook.views.typography import visible
from sfn_notebook.widgets.coalescer import Coalescer, StartTimer, start_daemon_timer
from sfn_notebook.widgets.payloads import payload_of
from sfn_notebook.widgets.visit_rows import FINAL_CHARACTERS, LIVE_CHARACTERS, VisitRows

STATUS_INTERVAL_SECONDS: Final = 0.04
"""Statuses go out at most 25 times a second: a browser shows nothing more above that."""

VISITS_INTERVAL_SECONDS: Final = 0.4
"""Payloads are larger and wait for a click, so they go out less often."""

_STATIC: Final = files("sfn_notebook.widgets") / "static"


def _static_text(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _one_module(*names: str) -> str:
    """Join modules that import only each other into the single one that a widget may have; the last one exports."""
    *parts, last = (_static_text(name) for name in names)
    joined = [re.sub(r"^export ", "", part, flags=re.MULTILINE) for part in parts]
    return "\n".join([*joined, re.sub(r"^import .*\n", "", last, flags=re.MULTILINE)])


class ExecutionWidget(anywidget.AnyWidget):
    """A graph with an inspector. Without ``show`` it shows a machine; with it, one execution.

    Of a state that was visited often, the inspector gets the first and the last visits and the first that failed (see
    ``views.execution``); of long payloads, the beginning. Both are said where they are left out.
    """

    _esm = _one_module("parts.js", "execution.js")
    _css = graph_css() + _static_text("execution.css")

    title = traitlets.Unicode("").tag(sync=True)
    svg = traitlets.Unicode("").tag(sync=True)
    # What never changes: the definition of each state, words and icons of each status, the limits to tell.
    definitions = traitlets.Dict().tag(sync=True)
    marks = traitlets.Dict().tag(sync=True)
    limits = traitlets.Dict().tag(sync=True)
    # What changes while an execution runs.
    execution = traitlets.Dict().tag(sync=True)
    statuses = traitlets.Dict().tag(sync=True)
    visits: traitlets.List[JSONObject] = traitlets.List().tag(sync=True)

    def __init__(self, graph: Graph, *, title: str, start_timer: StartTimer = start_daemon_timer) -> None:
        """Draw ``graph``; ``title`` is its heading and all that a text-only front end shows.

        Raises:
            NoGraphvizError: If neither ``dot`` nor pygraphviz works.
        """
        super().__init__(
            title=visible(title),
            svg=render.svg(graph, standalone=False),
            definitions=_definitions(graph),
            marks=_marks(),
            limits={"first": FIRST_VISITS, "last": LAST_VISITS, "failed": FAILED_VISITS},
        )
        self._rows = VisitRows()
        # Two coalescers, one lock: a widget's traits must not be set from two threads at once.
        lock = threading.RLock()
        self._lock = lock
        self._status_updates: Coalescer[ExecutionView] = Coalescer(
            self._send_statuses, interval_seconds=STATUS_INTERVAL_SECONDS, lock=lock, start_timer=start_timer
        )
        self._visit_updates: Coalescer[ExecutionView] = Coalescer(
            self._send_visits, interval_seconds=VISITS_INTERVAL_SECONDS, lock=lock, start_timer=start_timer
        )

    def show(self, view: ExecutionView) -> None:
        """Show how the execution stands, now or within one interval."""
        self._status_updates.put(view)
        self._visit_updates.put(view)

    def flush(self) -> None:
        """Show at once what ``show`` still holds back."""
        self._status_updates.flush()
        self._visit_updates.flush()

    def finish(self, view: ExecutionView) -> None:
        """Show ``view`` at once and completely; call it when the execution has ended or waits."""
        with self._lock:
            self.flush()
            with self.hold_sync():
                self._send_statuses(view)
                self._send_visits(view, characters=FINAL_CHARACTERS)

    def _send_statuses(self, view: ExecutionView) -> None:
        with self.hold_sync():
            self.execution = self._rows.execution_row(view)
            self.statuses = {visible(pointer): _status_row(summary) for pointer, summary in view.states.items()}

    def _send_visits(self, view: ExecutionView, characters: int = LIVE_CHARACTERS) -> None:
        self.visits = self._rows.rows(view, characters=characters)

    def __repr__(self) -> str:
        # Also the text/plain of its output, which notebook tests compare: no id and no status may stand in it.
        return f"Live view of {self.title}"


def _status_row(summary: StateSummary) -> JSONObject:
    return {
        "status": summary.status,
        "visits": summary.visits,
        "attempts": summary.attempts,
        "badge": badge_text(summary),
    }


def _definitions(graph: Graph) -> JSONObject:
    return {visible(pointer): payload_of(source) for pointer, source in graph.sources.items() if source is not None}


def _marks() -> dict[str, JSONValue]:
    return {
        status: {"word": palette.STATUS_WORDS[status], "icon": icon_path(icon_strokes(icon, 0, 0, GRID))}
        for status, icon in palette.STATUS_ICONS.items()
    }
