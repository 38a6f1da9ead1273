"""Machines and executions as plain text that is the same on every machine and in every run of the same notebook."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.asl.model import Definition
from sfn_notebook.views import palette
from sfn_notebook.views.execution import WAITING, ExecutionView, StateSummary
from sfn_notebook.views.graph import STATE_KINDS, Edge, EdgeKind, Graph, Node, NodeKind, Region, RegionKind, graph_of
from sfn_notebook.views.typography import visible
from sfn_notebook.views.wording import EDITED, duration_words

_INDENT: Final = "  "
_LONGEST_VALUE: Final = 200
_LONGEST_CAUSE: Final = 120
_MARKS: Final = {
    "SUCCEEDED": "✓",
    "FAILED": "✗",
    "TIMED_OUT": "✗",
    "CAUGHT": "!",
    "RETRYING": "↻",
    "WAITING": "◷",
    "RUNNING": "▶",
    "ABORTED": "■",
}


def machine_text(definition: Definition, *, title: str) -> str:
    """The machine as an indented tree: each state with its type, what it does and where it goes."""
    return graph_text(graph_of(definition, title=title))


def graph_text(graph: Graph, statuses: Mapping[str, StateSummary] | None = None) -> str:
    """The same tree from a graph that was made already; ``statuses``, by pointer, tell how each state fared."""
    return "\n".join([visible(graph.title), *_Tree(graph, statuses or {}).lines("", 0)])


class _Tree:
    def __init__(self, graph: Graph, statuses: Mapping[str, StateSummary]) -> None:
        self._statuses = statuses
        self._leaving: defaultdict[str, list[Edge]] = defaultdict(list)
        self._inside: defaultdict[str, list[Node | Region]] = defaultdict(list)
        self._names: dict[str, str] = {}
        nodes = {node.id: node for node in graph.nodes}
        for edge in graph.edges:
            self._leaving[edge.source].append(edge)
        for node in graph.nodes:
            if node.kind in STATE_KINDS:
                self._inside[node.region].append(node)
                self._names[node.id] = node.name
        for region in graph.regions:
            self._inside[region.parent].append(region)
            self._names[region.entry] = region.name
        # Ids count in the order of the definition; a region stands where its entry does.
        order = {node.id: index for index, node in enumerate(graph.nodes)}
        for members in self._inside.values():
            members.sort(key=lambda each: order.get(each.entry if isinstance(each, Region) else each.id, 0))
        starts = (node.id for node in nodes.values() if node.kind in (NodeKind.START, NodeKind.ENTRY))
        self._first = {edge.target for start in starts for edge in self._leaving[start]}

    def lines(self, region: str, depth: int) -> Iterator[str]:
        """What is inside ``region``: its first state first, the others as they were written."""
        members = self._inside[region]
        for each in sorted(members, key=lambda member: _first_id(member) not in self._first):
            if isinstance(each, Region) and each.kind is RegionKind.BRANCH:
                yield f"{_INDENT * depth}{each.name.lower()}"
                yield from self.lines(each.id, depth + 1)
                continue
            mark = "→ " if _first_id(each) in self._first else "  "
            last = each.exit if isinstance(each, Region) else each.id
            words = f"{mark}{visible(each.name)}  [{_kind_words(each)}]"
            yield f"{_INDENT * depth}{words}{self._next(last)}{self._fate(each)}"
            if each.retries:
                yield f"{_INDENT * (depth + 2)}retry {visible(each.retries)}"
            yield from (f"{_INDENT * (depth + 2)}{way}" for way in self._ways(last))
            if isinstance(each, Region):
                yield from self.lines(each.id, depth + 2)

    def _fate(self, member: Node | Region) -> str:
        summary = self._statuses.get(member.pointer)
        return "" if summary is None else f"  {_MARKS.get(summary.status, '·')} {_summary_words(summary)}"

    def _next(self, last: str) -> str:
        forward = [edge for edge in self._leaving[last] if edge.kind is EdgeKind.NEXT]
        if forward and forward[0].target in self._names:
            return f" → {visible(self._names[forward[0].target])}"
        choices = any(edge.kind in (EdgeKind.CHOICE, EdgeKind.DEFAULT) for edge in self._leaving[last])
        return "" if choices else " (end)"

    def _ways(self, last: str) -> Iterator[str]:
        for edge in self._leaving[last]:
            if edge.kind is not EdgeKind.NEXT:
                yield f"{_WAYS[edge.kind]}{visible(edge.label)} → {visible(self._names[edge.target])}"


_WAYS: Final = {EdgeKind.CHOICE: "if ", EdgeKind.DEFAULT: "", EdgeKind.CATCH: "catch "}


def _first_id(member: Node | Region) -> str:
    return member.entry if isinstance(member, Region) else member.id


def _kind_words(member: Node | Region) -> str:
    if isinstance(member, Region):
        return visible(member.detail)
    return f"{member.kind.capitalize()}: {visible(member.detail)}" if member.detail else member.kind.capitalize()


def execution_text(view: ExecutionView) -> str:
    """A finished execution in a few lines: status, modelled duration, output or error, then one line for each state.

    A state that was visited a thousand times takes one line too. No ids, no clock times, no addresses.
    """
    return "\n".join(_execution_lines(view))


def _execution_lines(view: ExecutionView) -> Iterator[str]:
    headline = f"{visible(view.machine_name)}: {view.status}"
    if view.ended_seconds is not None:
        # Rounded: a difference of two large floating-point times carries noise in its last digits.
        headline += f" in {duration_words(round(view.ended_seconds - view.started_seconds, 3))}"
    waiting = [visible(summary.name) for summary in view.states.values() if WAITING in summary.counts]
    if waiting:
        headline += f", waits in {', '.join(waiting)}"
    yield headline
    if view.error:
        yield f"{_INDENT}error   {_error_words(view.error, view.cause)}"
    elif view.output is not ABSENT and view.status == "SUCCEEDED":
        yield f"{_INDENT}output  {_value_words(view.output)}"
    names = [_INDENT * summary.depth + visible(summary.name) for summary in view.states.values()]
    width = max((len(name) for name in names), default=0)
    for name, summary in zip(names, view.states.values(), strict=True):
        yield f"{_INDENT}{_MARKS.get(summary.status, '·')} {name:<{width}}  {_summary_words(summary)}".rstrip()


def _summary_words(summary: StateSummary) -> str:
    parts = [palette.STATUS_WORDS.get(summary.status, summary.status).lower()]
    iterations = sum(summary.counts.values())
    if iterations > 1 and len(summary.counts) > 1:
        parts = [
            f"{count:,} {palette.STATUS_WORDS.get(status, status).lower()}" for status, count in summary.counts.items()
        ]
    elif summary.visits > 1:
        parts.append(f"{summary.visits:,} visits")
    if summary.attempts > 1:
        parts.append(f"{summary.attempts:,} attempts")
    if summary.error and summary.status != "SUCCEEDED":
        parts.append(_error_words(summary.error, summary.cause))
    if summary.is_edited:
        parts.append(f"✎ {EDITED}")
    return ", ".join(parts)


def _error_words(error: str, cause: str | None) -> str:
    reason = _cause_words(cause or "")
    return f"{visible(error)}: {reason}" if reason else visible(error)


def _cause_words(cause: str) -> str:
    """The cause's message; Lambda's JSON causes also hold stack traces and request ids, which differ between runs."""
    message = cause
    if cause.startswith("{"):
        try:
            document: JSONValue = _json.load(cause)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict) and isinstance(document.get("errorMessage"), str):
            message = document["errorMessage"]
        elif isinstance(document, dict) and "errorType" in document:
            return ""
    first = message.strip().partition("\n")[0]
    return visible(_cut(first, _LONGEST_CAUSE))


def _value_words(value: JSONValue) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return visible(_cut(text, _LONGEST_VALUE))


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
