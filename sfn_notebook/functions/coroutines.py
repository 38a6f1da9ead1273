"""Runs one awaitable to its end in the calling thread; it knows nothing of functions or Lambda."""

import asyncio
from asyncio import events
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Result = TypeVar("Result")


def run_to_completion(awaitable: Awaitable[Result]) -> Result:
    """Run ``awaitable`` in an event loop of its own and return its result, even inside a running loop.

    A Jupyter kernel runs its cells inside an event loop, where ``asyncio.run`` refuses to start. A second thread would
    avoid that, but prints, breakpoints and Ctrl-C belong to the kernel's own thread; so the running loop is set aside
    for as long as this takes, just as for any cell that computes. ``KeyboardInterrupt`` arrives at once, where
    ``asyncio.run`` would wait for the next await; tasks that are still running are cancelled and awaited.

    Raises:
        BaseException: Whatever the awaitable raises.
    """
    with _running_loop_set_aside():
        loop = asyncio.new_event_loop()
        try:
            return loop.run_until_complete(_wait_for(awaitable))
        finally:
            try:
                _cancel_remaining_tasks(loop)
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.run_until_complete(loop.shutdown_default_executor())
            finally:
                loop.close()


async def _wait_for(awaitable: Awaitable[Result]) -> Result:
    # run_until_complete needs a coroutine: any other awaitable would look for the loop that was set aside.
    return await awaitable


@contextmanager
def _running_loop_set_aside() -> Iterator[None]:
    """Make asyncio believe that no loop runs in this thread, with the hooks that it keeps for makers of event loops."""
    # Source: Python library reference, "Extending asyncio"; the loop's own pair is exported by asyncio.events.
    loop = events._get_running_loop()  # noqa: SLF001 - exported for this purpose, underscore or not
    if loop is None:
        yield
        return
    task = asyncio.current_task(loop)
    if task is not None:
        asyncio.tasks._leave_task(loop, task)  # noqa: SLF001 - documented for makers of tasks
    events._set_running_loop(None)  # noqa: SLF001 - as above
    try:
        yield
    finally:
        events._set_running_loop(loop)  # noqa: SLF001 - as above
        if task is not None:
            asyncio.tasks._enter_task(loop, task)  # noqa: SLF001 - as above


def _cancel_remaining_tasks(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
