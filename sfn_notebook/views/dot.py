"""Graph to DOT source through the graphviz package: every size is fixed here, so that no engine has to measure text."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import graphviz

from sfn_notebook.views import palette
from sfn_notebook.views.cards import Card, card_of, header_of, label_of
from sfn_notebook.views.graph import Edge, EdgeKind, Graph, Node, NodeKind, Region, RegionKind
from sfn_notebook.views.typography import visible

POINTS_PER_INCH: Final = 72
TURNED: Final = "turned"
_SHAPES: Final = {NodeKind.CHOICE: "hexagon", NodeKind.FAIL: "octagon", NodeKind.PASS: "box"}
_MARKERS: Final = frozenset({NodeKind.START, NodeKind.END, NodeKind.ENTRY, NodeKind.EXIT})
# How much an arrow wants to be short and straight: the way forward shapes the picture, a Catch gives way.
_WEIGHTS: Final = {EdgeKind.NEXT: 8, EdgeKind.DEFAULT: 4, EdgeKind.CHOICE: 3, EdgeKind.CATCH: 1}
_LARGE: Final = 250


def dot_source(graph: Graph) -> str:
    """DOT that any Graphviz program draws readably, with names, labels and colours."""
    return _Writer(graph, with_text=True).source()


def layout_source(graph: Graph) -> str:
    """DOT for layout only: sizes and arrows, no text of the definition, so that nothing in it can be misread.

    An arrow's label is a node of its own between two arrows (``e3``, with ``e3-in`` and ``e3-out``), which puts it on
    the line instead of beside it. Arrows to a region lead to its entry: Graphviz's own clipping at the border
    (``lhead``) ends the whole process by a failed assertion where a region stands close, so the reader clips them.
    """
    return _Writer(graph, with_text=False).source()


def inches(pixels: float) -> str:
    """A length as Graphviz wants it."""
    return f"{pixels / POINTS_PER_INCH:.4f}"


class _Writer:
    def __init__(self, graph: Graph, *, with_text: bool) -> None:
        self._graph = graph
        self._with_text = with_text
        self._backward = _backward_edges(graph)
        self._points = frozenset(node.id for node in graph.nodes if node.kind in (NodeKind.ENTRY, NodeKind.EXIT))
        self._nodes_in: defaultdict[str, list[Node]] = defaultdict(list)
        self._labels_in: defaultdict[str, list[Edge]] = defaultdict(list)
        self._regions_in: defaultdict[str, list[Region]] = defaultdict(list)
        for node in graph.nodes:
            self._nodes_in[node.region].append(node)
        for edge in graph.edges:
            if edge.label:
                self._labels_in[edge.region].append(edge)
        for region in graph.regions:
            self._regions_in[region.parent].append(region)

    def source(self) -> str:
        attributes = {"rankdir": "TB", "nodesep": "0.36", "ranksep": "0.42", "splines": "true"}
        if len(self._graph.nodes) > _LARGE:
            # Bounds on the optimiser: a large picture a little less tidy beats a notebook that hangs.
            attributes |= {"nslimit": "4", "nslimit1": "4", "mclimit": "0.5"}
        dot = graphviz.Digraph(
            graph_attr=attributes,
            node_attr={"fixedsize": "true", "shape": "box", "label": "", "fontname": "Helvetica"},
            edge_attr={"arrowsize": "0.7"},
        )
        self._write_level(dot, "")
        for edge in self._graph.edges:
            for tail, head, own in self._pieces(edge):
                dot.edge(tail, head, **own)
        return str(dot.source)

    def _write_level(self, dot: graphviz.Digraph, region: str) -> None:
        for node in self._nodes_in[region]:
            dot.node(node.id, **self._node_attributes(node, card_of(node)))
        for edge in self._labels_in[region]:
            dot.node(edge.id, **self._label_attributes(edge))
        for inner in self._regions_in[region]:
            with dot.subgraph(name=f"cluster_{inner.id}") as cluster:
                cluster.attr(**self._region_attributes(inner))
                self._write_level(cluster, inner.id)

    def _node_attributes(self, node: Node, card: Card) -> dict[str, str]:
        own = {"width": inches(card.width), "height": inches(card.height)}
        if not self._with_text:
            return own
        accent = palette.KIND_ACCENTS.get(node.kind, palette.LINE)
        fill = palette.mix(accent, palette.SURFACE, palette.FILL_SHARE)
        own |= {"color": accent, "fillcolor": fill, "style": "filled", "fontcolor": palette.INK}
        if node.kind in _MARKERS:
            return own | {"shape": "ellipse", "label": node.name, "fontsize": "11"}
        second = " ".join(filter(None, [card.detail, card.retry and f"↻ {card.retry}"]))
        lines = [*card.name_lines, second] if second else list(card.name_lines)
        shape = _SHAPES.get(node.kind)
        own |= {"shape": shape} if shape else {"style": "rounded,filled"}
        return own | {"label": _plain("\n".join(lines)), "tooltip": _plain(visible(node.tooltip)), "fontsize": "12"}

    def _label_attributes(self, edge: Edge) -> dict[str, str]:
        label = label_of(edge)
        own = {"width": inches(label.width), "height": inches(label.height)}
        if not self._with_text:
            return own
        colour = palette.CATCH if edge.kind is EdgeKind.CATCH else palette.MUTED
        text = _plain("\n".join(label.lines))
        return own | {"shape": "plain", "label": text, "fontsize": "11", "fontcolor": colour}

    def _region_attributes(self, region: Region) -> dict[str, str]:
        if region.kind is RegionKind.BRANCH:
            return {"margin": "12", "label": "", "style": "rounded", "color": palette.BORDER}
        header = header_of(region)
        text = _html(f"{header.name_lines[0]}   {header.detail}") if self._with_text else ""
        # A table of fixed size reserves the header's room; plain text would be measured with whatever font there is.
        table = (
            '<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" FIXEDSIZE="TRUE" '
            f'WIDTH="{header.width:g}" HEIGHT="{header.height:g}"><TR><TD>{text}</TD></TR></TABLE>>'
        )
        colour = palette.KIND_ACCENTS[region.kind]
        return {"margin": "18", "label": table, "labeljust": "l", "style": "rounded", "color": colour}

    def _pieces(self, edge: Edge) -> Iterator[tuple[str, str, dict[str, str]]]:
        # Weak arrows into a region's exit let all its branches begin in the same row.
        own = {"weight": "2" if edge.target in self._points else str(_WEIGHTS[edge.kind])}
        if self._with_text:
            own |= {"color": palette.LINE}
            if edge.kind is EdgeKind.CATCH:
                own |= {"color": palette.CATCH, "style": "dashed"}
        # A region's margin eats into the gap between two rows.
        leaving = {"minlen": "2"} if edge.leaves else {}
        arriving = {"minlen": "2"} if edge.enters else {}
        if edge.id not in self._backward and (edge.enters or edge.target not in self._points):
            # Arrows arrive at the middle of the top, clear of the status badge; they may leave where it is shortest.
            arriving["headport"] = "n"
        if not edge.label:
            yield self._turned(edge, edge.source, edge.target, own | leaving | arriving | {"id": edge.id})
            return
        yield self._turned(edge, edge.source, edge.id, own | leaving | {"id": f"{edge.id}-in", "dir": "none"})
        yield self._turned(edge, edge.id, edge.target, own | arriving | {"id": f"{edge.id}-out"})

    def _turned(self, edge: Edge, tail: str, head: str, own: dict[str, str]) -> tuple[str, str, dict[str, str]]:
        """An arrow that closes a loop, written the other way round, so that the rows follow the way from the start.

        Left to itself, Graphviz may break a loop at any of its arrows and put a late state on top.
        """
        if edge.id not in self._backward:
            return tail, head, own
        return head, tail, {"dir": "back"} | own | {"id": f"{own['id']}-{TURNED}"}


def _backward_edges(graph: Graph) -> frozenset[str]:
    """The arrows that close a loop, found by a walk from the start in the order of the definition."""
    leaving: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        leaving[edge.source].append(edge)
    for region in graph.regions:
        # From a region's entry there is always a way to its exit, even if every branch inside fails.
        if region.entry:
            leaving[region.entry].append(Edge(id="", kind=EdgeKind.NEXT, source=region.entry, target=region.exit))
    backward: set[str] = set()
    finished: set[str] = set()
    on_path: set[str] = set()
    for node in graph.nodes:
        stack = [(node.id, iter(leaving[node.id]))] if node.id not in finished else []
        on_path.update(each for each, _ in stack)
        while stack:
            current, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                on_path.discard(current)
                finished.add(current)
            elif step.target in on_path:
                backward.add(step.id)
            elif step.target not in finished:
                on_path.add(step.target)
                stack.append((step.target, iter(leaving[step.target])))
    return frozenset(backward)


def _plain(text: str) -> str:
    """Quote text for a plain label: backslashes and entities would otherwise be read as Graphviz's own."""
    return str(graphviz.escape(text.replace("&", "&amp;"))).replace("\n", "\\n")


def _html(text: str) -> str:
    r"""Quote text for an HTML-like label, in which Graphviz still substitutes escapes such as ``\N``."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return escaped.replace("\\", "&#92;&#8288;")
