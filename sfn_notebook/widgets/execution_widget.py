"""The live view of one machine or execution: the graph is sent once, then statuses and payloads as they change."""

import threading
from collections.abc import Callable
from typing import Final, TypeAlias

import anywidget
import traitlets

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.runtime.clock import stopwatch
from sfn_notebook.views.execution import ExecutionView
from sfn_notebook.views.graph import Graph
from sfn_notebook.views.interaction_text import party_words
from sfn_notebook.views.interactions import Interactions, Party
from sfn_notebook.views.trace import FINAL_CHARACTERS, LIVE_CHARACTERS, Trace
from sfn_notebook.views.typography import visible
from sfn_notebook.widgets.bundle import LOADER, VIEW_CSS, VIEW_MODULE
from sfn_notebook.widgets.coalescer import Coalescer, StartTimer, start_daemon_timer
from sfn_notebook.widgets.execution_traits import execution_traits, machine_traits
from sfn_notebook.widgets.interaction_traits import interactions_trait

STATUS_INTERVAL_SECONDS: Final = 0.04
"""Statuses go out at most 25 times a second: a browser shows nothing more above that."""

TRACE_INTERVAL_SECONDS: Final = 0.4
"""A trace goes out less often, and the less often the longer it takes."""

MakeTrace: TypeAlias = Callable[[int], Trace]
"""Makes the trace of an execution as it stands, with at most so many characters of payloads."""


class ExecutionWidget(anywidget.AnyWidget):
    """A graph with an inspector. Without ``show`` it shows a machine; with it, one execution.

    Of long payloads the view gets the beginning, and of very many the latest; it tells what was left out.
    """

    _esm = LOADER
    _css = VIEW_CSS

    module = traitlets.Unicode(VIEW_MODULE).tag(sync=True)

    title = traitlets.Unicode("").tag(sync=True)
    svg = traitlets.Unicode("").tag(sync=True)
    # What never changes: the definition of each state, words and icons of each status.
    definitions = traitlets.Dict().tag(sync=True)
    marks = traitlets.Dict().tag(sync=True)
    # What changes while an execution runs.
    execution = traitlets.Dict().tag(sync=True)
    statuses = traitlets.Dict().tag(sync=True)
    trace = traitlets.Dict().tag(sync=True)
    # What waits for somebody, whether this kernel hears of clicks, and why the last one was refused.
    waiting: traitlets.List[JSONObject] = traitlets.List().tag(sync=True)
    can_act = traitlets.Bool(default_value=False).tag(sync=True)
    acting_error = traitlets.Dict().tag(sync=True)
    # Two executions side by side: {left, right, parted, rows}.
    comparison = traitlets.Dict().tag(sync=True)
    # Who started the execution, and what happened around that: {words, execution, interactions}, as text.
    origin = traitlets.Dict().tag(sync=True, to_json=lambda origin, _widget: _json.dump(origin))

    def __init__(self, graph: Graph, *, title: str, start_timer: StartTimer = start_daemon_timer) -> None:
        """Draw ``graph``; ``title`` is its heading and all that a text-only front end shows.

        Raises:
            NoGraphvizError: If neither ``dot`` nor pygraphviz works.
        """
        super().__init__(**machine_traits(graph, title))
        # Two coalescers, one lock: a widget's traits must not be set from two threads at once.
        lock = threading.RLock()
        self._lock = lock
        self._status_updates: Coalescer[ExecutionView] = Coalescer(
            self._send_statuses, interval_seconds=STATUS_INTERVAL_SECONDS, lock=lock, start_timer=start_timer
        )
        self._trace_updates: Coalescer[MakeTrace] = Coalescer(
            self._send_trace,
            interval_seconds=TRACE_INTERVAL_SECONDS,
            lock=lock,
            start_timer=start_timer,
            stopwatch=stopwatch,
        )

    def show(self, view: ExecutionView, make_trace: MakeTrace | None = None) -> None:
        """Show how the execution stands, now or within one interval; a trace is made only when it is sent."""
        self._status_updates.put(view)
        if make_trace is not None:
            self._trace_updates.put(make_trace)

    def flush(self) -> None:
        """Show at once what ``show`` still holds back."""
        self._status_updates.flush()
        self._trace_updates.flush()

    def finish(self, view: ExecutionView, make_trace: MakeTrace | None = None) -> None:
        """Show ``view`` at once and completely; call it when the execution has ended or waits."""
        with self._lock:
            self._status_updates.drop()
            self._trace_updates.drop()
            with self.hold_sync():
                self._send_statuses(view)
                if make_trace is not None:
                    self._send_trace(make_trace, characters=FINAL_CHARACTERS)

    def show_waiting(self, rows: list[JSONObject]) -> None:
        """Show what waits for somebody, and let people act on it."""
        with self._lock:
            is_same = self.waiting == rows
            with self.hold_sync():
                self.can_act = True
                self.waiting = rows
            # A trait that keeps its value is not sent: after a heartbeat the form would wait for an answer for ever.
            if is_same:
                self.send({"kind": "still"})

    def show_origin(self, starter: Party, execution_arn: str, interactions: Interactions) -> None:
        """Tell who started the execution, with the interactions around its start."""
        with self._lock:
            rows = interactions_trait(interactions)
            self.origin = {"words": party_words(starter), "execution": visible(execution_arn), "interactions": rows}

    def refuse(self, subject: str, text: str) -> None:
        """Tell why nothing came of a click on the row ``subject``."""
        with self._lock:
            # A number, so that the same refusal twice is two changes of the trait.
            self.acting_error = {"id": subject, "text": visible(text), "number": self.acting_error.get("number", 0) + 1}

    def close(self) -> None:
        """Let the front end forget what it was told; the view is gone for good."""
        with self._lock:
            self._status_updates.drop()
            self._trace_updates.drop()
            # A front end may keep a closed model for as long as its page is open: without its texts it is small.
            with self.hold_sync():
                self.trace, self.comparison, self.definitions, self.waiting = {}, {}, {}, []
                self.origin = {}
                for name in ("module", "svg", "_css"):
                    self.set_trait(name, "")
            # Its models remember what was before their latest change, so that takes another one.
            self.marks = {}
            self.layout.close()
            super().close()

    def _send_trace(self, make_trace: MakeTrace, characters: int = LIVE_CHARACTERS) -> None:
        self.trace = dict(make_trace(characters))

    def _send_statuses(self, view: ExecutionView) -> None:
        with self.hold_sync():
            for name, value in execution_traits(view).items():
                self.set_trait(name, value)

    def __repr__(self) -> str:
        # Also the text/plain of its output, which notebook tests compare: no id and no status may stand in it.
        return f"Live view of {self.title}"
