"""Which Graphviz does the work: the ``dot`` program if it is on PATH, else the one inside pygraphviz's wheel."""

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Final

import graphviz

from sfn_notebook.errors import SfnNotebookError

# dot lays out; nop2 draws at the positions that the source gives.
LAYOUT: Final = "dot"
DRAW: Final = "nop2"

_STDERR_LOCK: Final = threading.Lock()


class NoGraphvizError(SfnNotebookError):
    """Neither Graphviz engine could be used."""


def run_graphviz(source: str, *, task: str, output: str) -> bytes:
    """Give ``source`` to the first engine that works; ``task`` is LAYOUT or DRAW, ``output`` a Graphviz format.

    Raises:
        NoGraphvizError: If no engine works; the message says why each did not.
    """
    reasons = []
    for name, engine in (("dot", _with_program), ("pygraphviz", _with_wheel)):
        answer = _attempt(engine, source, task, output)
        if isinstance(answer, bytes):
            return answer
        reasons.append(f"{name}: {answer}")
    raise NoGraphvizError(
        f"no Graphviz engine can draw this graph ({'; '.join(reasons)}).",
        hint="Run `pip install pygraphviz` (its wheels carry Graphviz) or put the dot program on PATH.",
    )


def _attempt(engine: Callable[[str, str, str], bytes], source: str, task: str, output: str) -> bytes | str:
    try:
        return engine(source, task, output)
    except (graphviz.ExecutableNotFound, graphviz.CalledProcessError, ImportError, OSError, ValueError) as error:
        # An old dot without the JSON or PNG plugin fails here as well, and the wheel may still do it.
        return str(error).strip().partition("\n")[0]


def _with_program(source: str, task: str, output: str) -> bytes:
    if shutil.which("dot") is None:
        raise FileNotFoundError("not on PATH")
    if task == DRAW:
        return bytes(graphviz.Source(source, engine="neato").pipe(format=output, neato_no_op=2, quiet=True))
    return bytes(graphviz.Source(source, engine=task).pipe(format=output, quiet=True))


def _with_wheel(source: str, task: str, output: str) -> bytes:
    import pygraphviz

    graph = pygraphviz.AGraph(string=source)
    # With this set and no ``prog``, AGraph spares its warning about large graphs and takes the engine from ``args``.
    graph.has_layout = True
    with _quiet_stderr():
        try:
            return bytes(graph.draw(format=output, args=f"-K{task}"))
        finally:
            graph.close()


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Drop what the C libraries write to file descriptor 2: the machine's fonts are no news for a notebook's output."""
    with _STDERR_LOCK:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()
        try:
            kept = os.dup(2)
        except OSError:
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(nowhere)
            os.close(kept)
