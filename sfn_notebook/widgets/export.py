"""Machines and executions as documents: HTML, SVG, PNG, Mermaid and text; it runs nothing and asks no network."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, cast

from sfn_notebook.asl.model import Definition
from sfn_notebook.errors import InvalidInput, UnknownName
from sfn_notebook.views import render
from sfn_notebook.views.execution import ExecutionView, StateSummary, view_execution
from sfn_notebook.views.graph import Graph, graph_of
from sfn_notebook.views.mermaid import mermaid_text
from sfn_notebook.views.text import execution_text, graph_text
from sfn_notebook.views.trace import Trace, TracedExecution, trace_of
from sfn_notebook.widgets.page import page_of


class Machine(Protocol):
    """What a document needs of a state machine."""

    @property
    def name(self) -> str:
        """The machine's name."""

    def graph(self) -> Graph:
        """The machine as a graph."""


class Run(TracedExecution, Protocol):
    """What a document needs of an execution."""

    @property
    def definition(self) -> Definition:
        """The machine's definition."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Subject:
    """A machine, or one of its executions as it stands."""

    name: str
    graph: Graph
    view: ExecutionView | None = None
    trace: Trace | None = None

    @property
    def statuses(self) -> Mapping[str, StateSummary] | None:
        """How each state fared, by pointer."""
        return None if self.view is None else self.view.states


def _html(subject: _Subject) -> bytes:
    return page_of(subject.graph, title=subject.name, view=subject.view, trace=subject.trace).encode()


def _svg(subject: _Subject) -> bytes:
    return render.svg(subject.graph, subject.statuses).encode()


def _png(subject: _Subject) -> bytes:
    return render.png(subject.graph, subject.statuses)


def _mermaid(subject: _Subject) -> bytes:
    return mermaid_text(subject.graph, subject.statuses).encode()


def _text(subject: _Subject) -> bytes:
    tree = graph_text(subject.graph, subject.statuses)
    head = "" if subject.view is None else f"{execution_text(subject.view)}\n\n"
    return f"{head}{tree}\n".encode()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Format:
    """``suffix`` of a file, and what writes it; ``is_text`` tells whether a person may read it as it is."""

    suffix: str
    write: Callable[[_Subject], bytes]
    is_text: bool = False


_FORMATS: Final[Mapping[str, _Format]] = {
    "html": _Format(suffix=".html", write=_html),
    "svg": _Format(suffix=".svg", write=_svg),
    "png": _Format(suffix=".png", write=_png),
    "mermaid": _Format(suffix=".mmd", write=_mermaid, is_text=True),
    "text": _Format(suffix=".txt", write=_text, is_text=True),
}
FORMATS: Final = tuple(_FORMATS)
"""The names of the formats."""

TEXT_FORMATS: Final = tuple(name for name, each in _FORMATS.items() if each.is_text)
"""Those that a person may read as they are."""


def document_of(subject: Machine | Run, format: str = "html") -> bytes:
    """A machine, or an execution as it stands, as the bytes of a document; the same subject gives the same bytes.

    Only those of ``png`` differ between versions of Graphviz.

    Raises:
        UnknownName: If there is no such format.
        NoGraphvizError: For html, svg and png, if neither ``dot`` nor pygraphviz works.
    """
    if format not in _FORMATS:
        raise UnknownName("format", format, FORMATS)
    return _FORMATS[format].write(_subject_of(subject, with_trace=format == "html"))


def export(subject: Machine | Run, path: str | Path | None = None, *, format: str | None = None) -> Path:
    """Write a machine, or an execution as it stands, to a file, and return its path.

    Args:
        subject: What to write.
        path: The file; by default the subject's name in the working folder.
        format: One of ``FORMATS``; by default what the path ends with, or ``html``.

    Raises:
        UnknownName: If there is no such format.
        InvalidInput: If the file cannot be written.
        NoGraphvizError: As ``document_of``.
    """
    suffixes = {each.suffix: name for name, each in _FORMATS.items()}
    chosen = format or suffixes.get(Path(path or "").suffix.lower(), "html")
    document = document_of(subject, chosen)
    target = Path(path) if path is not None else Path(_file_name(subject.name) + _FORMATS[chosen].suffix)
    try:
        target.write_bytes(document)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written: {error.strerror or error}.") from None
    return target


def _subject_of(subject: Machine | Run, *, with_trace: bool) -> _Subject:
    if not hasattr(subject, "visits"):
        return _Subject(name=subject.name, graph=subject.graph())
    run = cast("Run", subject)
    return _Subject(
        name=run.name,
        graph=graph_of(run.definition, title=run.machine_name),
        view=view_execution(run),
        trace=trace_of(run) if with_trace else None,
    )


def _file_name(name: str) -> str:
    """A name that stays in its folder, whatever the execution is called."""
    return re.sub(r"[^\w-]+", "_", name) or "_"
