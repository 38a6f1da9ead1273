"""A graph as the text of a Mermaid state diagram, for places that draw such text; it draws nothing.

Source: Mermaid documentation, "State diagrams" and "Entity codes to escape characters".
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sfn_notebook.views import palette
from sfn_notebook.views.execution import StateSummary
from sfn_notebook.views.graph import STATE_KINDS, Edge, EdgeKind, Graph, Node, NodeKind, Region, RegionKind
from sfn_notebook.views.typography import visible

_INDENT: Final = "    "
_PLAIN: Final = frozenset(" _.,-/()=+*'?!$")
_END: Final = "[*]"
_KIND_LABELS: Final = {EdgeKind.CATCH: "catch "}


def mermaid_text(graph: Graph, statuses: Mapping[str, StateSummary] | None = None) -> str:
    """The graph as ``stateDiagram-v2``; with ``statuses``, by pointer, each state has the colour and word of its own.

    Whatever a name consists of, it can end neither its quotes nor its line: all but letters, digits and a few signs
    stand as entity codes.
    """
    return "\n".join(["stateDiagram-v2", *_Diagram(graph, statuses or {}).lines()]) + "\n"


class _Diagram:
    def __init__(self, graph: Graph, statuses: Mapping[str, StateSummary]) -> None:
        self._graph = graph
        self._statuses = statuses
        self._kinds = {node.id: node.kind for node in graph.nodes}
        self._members: list[Node | Region] = [*graph.nodes, *graph.regions]

    def lines(self) -> Iterator[str]:
        yield from self._inside("", 1)
        for status, accent in palette.STATUS_ACCENTS.items():
            ids = [each.id for each in self._members if self._status(each) == status]
            if ids:
                fill = palette.mix(accent, palette.SURFACE, palette.STATUS_SHARE)
                yield f"{_INDENT}classDef {status} fill:{fill},stroke:{accent},color:{palette.INK}"
                yield f"{_INDENT}class {','.join(ids)} {status}"

    def _status(self, member: Node | Region) -> str:
        # A branch has the pointer of no state.
        summary = self._statuses.get(member.pointer) if member.pointer else None
        return "" if summary is None else summary.status

    def _inside(self, region: str, depth: int) -> Iterator[str]:
        indent = _INDENT * depth
        for node in self._graph.nodes:
            if node.region == region and node.kind in STATE_KINDS:
                yield f'{indent}state "{self._words(node)}" as {node.id}'
        branches = 0
        for each in self._graph.regions:
            if each.parent != region:
                continue
            if each.kind is RegionKind.BRANCH:
                if branches:
                    yield f"{indent}--"
                branches += 1
                yield from self._inside(each.id, depth)
                continue
            yield f'{indent}state "{self._words(each)}" as {each.id} {{'
            yield from self._inside(each.id, depth + 1)
            yield f"{indent}}}"
        yield from (f"{indent}{line}" for line in self._edges(region))

    def _edges(self, region: str) -> Iterator[str]:
        for edge in self._graph.edges:
            if self._region_of(edge) == region:
                source, target = edge.leaves or self._end(edge.source), edge.enters or self._end(edge.target)
                words = _escaped(f"{_KIND_LABELS.get(edge.kind, '')}{edge.label}")
                yield f"{source} --> {target}{f': {words}' if edge.label else ''}"

    def _region_of(self, edge: Edge) -> str:
        """The region that an arrow stands in: one to the end of a Parallel stands in its branch."""
        if self._kinds[edge.target] is NodeKind.EXIT and not edge.leaves:
            return next(node.region for node in self._graph.nodes if node.id == edge.source)
        if self._kinds[edge.target] is NodeKind.EXIT:
            return next(each.parent for each in self._graph.regions if each.id == edge.leaves)
        return edge.region

    def _end(self, node: str) -> str:
        is_marker = self._kinds[node] in {NodeKind.START, NodeKind.END, NodeKind.ENTRY, NodeKind.EXIT}
        return _END if is_marker else node

    def _words(self, member: Node | Region) -> str:
        status = self._status(member)
        kind = member.detail if isinstance(member, Region) else member.kind.capitalize()
        words = [visible(member.name), f"({visible(kind)})"]
        if status:
            words.append(f"- {palette.STATUS_WORDS.get(status, status)}")
        return _escaped(" ".join(words))


def _escaped(text: str) -> str:
    return "".join(each if each.isalnum() or each in _PLAIN else f"#{ord(each)};" for each in visible(text))
