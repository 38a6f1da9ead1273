"""Where a thread's prints and displays go: to the cell that a run began in; it starts no thread.

ipykernel tells cells apart by the message that is being answered. A thread that goes on after its cell has returned has
no such message, and its output is lost or lands elsewhere, unless it is told: by a public method from 7.4 on, before
that by the variable that each stream keeps, and in ipykernel 6 by a hook for displays.
"""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any, Final, TypeAlias

from IPython.core.interactiveshell import InteractiveShell

Parent: TypeAlias = Mapping[str, Any] | None

_given: Final[ContextVar[Parent]] = ContextVar("sfn_notebook_cell", default=None)


def current_cell(shell: InteractiveShell) -> Parent:
    """The message that the current cell, or the cell of this thread, answers; ``None`` outside a kernel."""
    given = _given.get()
    if given is not None:
        return given
    get_parent = getattr(shell, "get_parent", None)
    return None if get_parent is None else get_parent()


def id_of_cell(parent: Parent) -> str | None:
    """What the front end calls the cell of ``parent``, the same whenever it is run; ``None`` where it does not say."""
    cell_id = (parent or {}).get("metadata", {}).get("cellId")
    return cell_id if isinstance(cell_id, str) else None


@contextlib.contextmanager
def cell_output(shell: InteractiveShell, parent: Parent) -> Iterator[None]:
    """Let this thread's prints and displays go to the cell of ``parent``."""
    if not parent or not hasattr(shell, "display_pub"):
        yield
        return
    with contextlib.ExitStack() as stack:
        stack.callback(_given.reset, _given.set(parent))
        set_thread_parent = getattr(shell, "set_thread_parent", None)
        if set_thread_parent is not None:
            token = set_thread_parent(parent)
            stack.callback(shell.reset_thread_parent, token)  # type: ignore[attr-defined]  # it comes with the other one
        else:
            _enter_older_kernel(stack, shell, dict(parent.get("header", parent)))
        yield


def _enter_older_kernel(stack: contextlib.ExitStack, shell: Any, header: dict[str, Any]) -> None:
    """Set what each stream of ipykernel before 7.4 answers to, in this thread, until ``stack`` ends."""
    for target in (shell.display_pub, shell.displayhook, sys.stdout, sys.stderr):
        variable = getattr(target, "_parent_header", None)
        if isinstance(variable, ContextVar):
            stack.callback(variable.reset, variable.set(header))
        elif target is shell.display_pub and hasattr(target, "register_hook"):
            # In ipykernel 6 all threads share what a display answers to, but each has hooks of its own.
            hook = partial(_answer_to, header)
            target.register_hook(hook)
            stack.callback(target.unregister_hook, hook)


def _answer_to(header: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    return {**message, "parent_header": header}
