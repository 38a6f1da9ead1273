import asyncio
import signal
from collections.abc import AsyncIterator, Generator
from contextvars import ContextVar

import pytest

from sfn_notebook.functions.coroutines import run_to_completion

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


async def _double(number: int) -> int:
    await asyncio.sleep(0)
    return number * 2


def test_runs_without_a_loop() -> None:
    assert run_to_completion(_double(4)) == 8


def test_runs_inside_a_running_loop_and_gives_it_back() -> None:
    async def cell() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert run_to_completion(_double(4)) == 8
        assert asyncio.get_running_loop() is loop
        assert asyncio.current_task() is task
        assert await _double(5) == 10
        async with asyncio.timeout(60):
            assert sum(await asyncio.gather(_double(1), _double(2))) == 6

    asyncio.run(cell())


def test_a_coroutine_may_run_another_to_completion() -> None:
    async def outer() -> int:
        return run_to_completion(_double(3)) + await _double(1)

    async def cell() -> int:
        return run_to_completion(outer())

    assert asyncio.run(cell()) == 8


def test_an_exception_leaves_the_outer_loop_as_it_was() -> None:
    async def fail() -> None:
        raise LookupError("gone")

    async def cell() -> int:
        with pytest.raises(LookupError, match="gone"):
            run_to_completion(fail())
        return await _double(1)

    assert asyncio.run(cell()) == 2


def test_context_variables_of_the_caller_are_seen() -> None:
    async def who() -> str:
        return WHO.get()

    token = WHO.set("the cell")
    try:
        assert run_to_completion(who()) == "the cell"
    finally:
        WHO.reset(token)


def test_tasks_left_over_are_cancelled_and_generators_closed() -> None:
    ended: list[str] = []

    async def linger() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("task")

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            ended.append("generator")

    kept: list[object] = []

    async def handler() -> int:
        kept.append(asyncio.create_task(linger()))
        stream = numbers()
        kept.append(stream)
        first = await anext(stream)
        await asyncio.sleep(0)
        return first

    assert run_to_completion(handler()) == 1
    assert sorted(ended) == ["generator", "task"]


def test_an_interrupt_while_waiting_arrives_and_lets_the_handler_clean_up() -> None:
    cleaned: list[str] = []

    async def wait_forever() -> None:
        asyncio.get_running_loop().call_soon(signal.raise_signal, signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            cleaned.append("closed")

    async def cell() -> int:
        with pytest.raises(KeyboardInterrupt):
            run_to_completion(wait_forever())
        return await _double(1)

    # Not asyncio.run: it takes Ctrl-C for itself, while a Jupyter kernel leaves it to the cell.
    kernel_loop = asyncio.new_event_loop()
    try:
        assert kernel_loop.run_until_complete(cell()) == 2
    finally:
        kernel_loop.close()
    assert cleaned == ["closed"]


def test_an_interrupt_while_computing_arrives_at_once() -> None:
    async def compute() -> None:
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("went on after the interrupt")

    with pytest.raises(KeyboardInterrupt):
        run_to_completion(compute())


def test_any_awaitable_will_do() -> None:
    class Later:
        def __await__(self) -> Generator[None, None, str]:
            yield from asyncio.sleep(0).__await__()
            return "later"

    assert run_to_completion(Later()) == "later"
