"""What the execution view is told, by the names of its traits, as plain data; it sends nothing."""

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.views import palette, render
from sfn_notebook.views.execution import ExecutionView, StateSummary
from sfn_notebook.views.graph import Graph
from sfn_notebook.views.icons import GRID, icon_strokes
from sfn_notebook.views.scene import badge_text
from sfn_notebook.views.svg import icon_path
from sfn_notebook.views.typography import visible
from sfn_notebook.views.wording import duration_words
from sfn_notebook.widgets.payloads import payload_of


def machine_traits(graph: Graph, title: str) -> JSONObject:
    """What never changes: heading, picture, the definition of each state, word and icon of each status.

    Raises:
        NoGraphvizError: If neither ``dot`` nor pygraphviz works.
    """
    return {
        "title": visible(title),
        "svg": render.svg(graph, standalone=False),
        "definitions": _definitions(graph),
        "marks": status_marks(),
    }


def execution_traits(view: ExecutionView) -> JSONObject:
    """What changes at each step, beside the trace: the header, and the status of each state by pointer."""
    return {
        "execution": _header(view),
        "statuses": {visible(pointer): _status_row(summary) for pointer, summary in view.states.items()},
    }


def _header(view: ExecutionView) -> JSONObject:
    ended = view.ended_seconds
    return {
        "name": visible(view.name),
        "machine": visible(view.machine_name),
        "status": view.status,
        "word": palette.STATUS_WORDS.get(view.status, view.status.capitalize()),
        "duration": None if ended is None else duration_words(round(ended - view.started_seconds, 3)),
        "error": None if view.error is None else visible(view.error),
    }


def _status_row(summary: StateSummary) -> JSONObject:
    return {
        "status": summary.status,
        "visits": summary.visits,
        "attempts": summary.attempts,
        "badge": badge_text(summary),
    }


def _definitions(graph: Graph) -> JSONObject:
    return {visible(pointer): payload_of(source) for pointer, source in graph.sources.items() if source is not None}


def status_marks() -> dict[str, JSONValue]:
    """The word and the icon of each status."""
    return {
        status: {"word": palette.STATUS_WORDS[status], "icon": icon_path(icon_strokes(icon, 0, 0, GRID))}
        for status, icon in palette.STATUS_ICONS.items()
    }
