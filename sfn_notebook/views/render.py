"""A graph as a picture: SVG and PNG from one layout, computed once per graph; it draws nothing itself."""

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sfn_notebook.views.canvas import PIXEL_RATIO, canvas_source
from sfn_notebook.views.dot import layout_source
from sfn_notebook.views.engines import DRAW, LAYOUT, run_graphviz
from sfn_notebook.views.execution import StateSummary
from sfn_notebook.views.graph import Graph
from sfn_notebook.views.layout import Layout, read_layout
from sfn_notebook.views.scene import scene_of
from sfn_notebook.views.svg import write_svg

_KEPT_LAYOUTS: Final = 64


@lru_cache(maxsize=_KEPT_LAYOUTS)
def _layout_of_source(source: str) -> Layout:
    return read_layout(run_graphviz(source, task=LAYOUT, output="json0"))


def layout(graph: Graph) -> Layout:
    """Where everything of ``graph`` stands, in pixels.

    Raises:
        NoGraphvizError: If neither ``dot`` nor pygraphviz works.
    """
    return _layout_of_source(layout_source(graph))


def svg(graph: Graph, statuses: Mapping[str, StateSummary] | None = None, *, standalone: bool = True) -> str:
    """The picture as an ``<svg>`` element without prolog, ids and sizes the same for the same graph and engine.

    Args:
        graph: What to draw.
        statuses: By pointer, the states to colour as in an execution.
        standalone: Whether to bring the stylesheet and a ground; a widget has its own.

    Raises:
        NoGraphvizError: If neither ``dot`` nor pygraphviz works.
    """
    return write_svg(scene_of(graph, layout(graph), statuses), standalone=standalone)


def png(graph: Graph, statuses: Mapping[str, StateSummary] | None = None) -> bytes:
    """The same picture as PNG in the light palette, at twice the resolution; see ``shown_size``.

    Raises:
        NoGraphvizError: If neither ``dot`` nor pygraphviz works.
    """
    scene = scene_of(graph, layout(graph), statuses)
    return run_graphviz(canvas_source(scene), task=DRAW, output="png")


def shown_size(picture: bytes) -> dict[str, int]:
    """Width and height in CSS pixels at which to show a PNG of ``png``, as Jupyter's image metadata wants it."""
    width, height = struct.unpack(">II", picture[16:24])
    return {"width": round(width / PIXEL_RATIO), "height": round(height / PIXEL_RATIO)}
