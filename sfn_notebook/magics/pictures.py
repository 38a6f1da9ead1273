"""Machines and executions as static output: text that is the same on every machine, and a picture beside it.

The picture is PNG, which strict notebook tests do not compare: its bytes differ between versions of Graphviz. SVG and
HTML would be compared, and an untrusted notebook does not show them.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sfn_notebook.engine.execution import Execution
from sfn_notebook.magics.result_mark import marked
from sfn_notebook.views import render, text
from sfn_notebook.views.engines import NoGraphvizError
from sfn_notebook.views.execution import ExecutionView, StateSummary, view_execution
from sfn_notebook.views.graph import Graph, graph_of
from sfn_notebook.workspace import StateMachine

Bundle: TypeAlias = tuple[dict[str, Any], dict[str, Any]]
"""Data and metadata by MIME type."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """Text with a drawing of the same thing; ``statuses`` colour it by state pointer.

    ``is_marked`` tells that the picture stands below a live view of the same run, which then hides it.
    """

    text: str
    graph: Graph
    statuses: Mapping[str, StateSummary] | None = None
    is_marked: bool = False

    def __repr__(self) -> str:
        return self.text

    def bundle(self) -> Bundle:
        """Text and PNG, as Jupyter wants them; the text alone where nothing can draw."""
        data: dict[str, Any] = {"text/plain": self.text}
        try:
            drawn = render.png(self.graph, self.statuses)
        except NoGraphvizError:
            return data, {}
        data["image/png"] = b64encode(marked(drawn) if self.is_marked else drawn).decode()
        return data, {"image/png": render.shown_size(drawn)}

    def _repr_mimebundle_(self, **_: object) -> Bundle:
        return self.bundle()


def picture_of(subject: StateMachine | Execution) -> Picture:
    """A machine as it is defined, or an execution as it stands."""
    if isinstance(subject, StateMachine):
        graph = subject.graph()
        return Picture(text=text.machine_text(subject.definition, title=subject.name), graph=graph)
    return picture_of_view(graph_of(subject.definition, title=subject.machine_name), view_execution(subject))


def picture_of_view(graph: Graph, view: ExecutionView, *, is_marked: bool = False) -> Picture:
    """An execution that has been looked at already."""
    return Picture(text=text.execution_text(view), graph=graph, statuses=view.states, is_marked=is_marked)
