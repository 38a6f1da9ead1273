"""A way to run a definition against scripted tasks, with no workspace and no functions."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest

from sfn_notebook.asl.compile import compile_definition
from sfn_notebook.asl.parser import parse_definition
from sfn_notebook.asl.source import Document
from sfn_notebook.engine.buckets import Buckets
from sfn_notebook.engine.context_object import ExecutionHeader, MachineIdentity
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.runtime.clock import Clock, VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler

Perform = Callable[[TaskRequest], TaskResult | TaskError]


class _Scripted:
    def __init__(self, perform: Perform) -> None:
        self.perform = perform


class MakeExecution(Protocol):
    def __call__(
        self,
        states: dict[str, Any],
        input: Any = ...,
        perform: Perform = ...,
        *,
        clock: Clock | None = ...,
        seed: int = ...,
        start_at: str | None = ...,
        buckets: Buckets | None = ...,
        **top: Any,
    ) -> Execution: ...


def echo(request: TaskRequest) -> TaskResult:
    return TaskResult(result=request.parameters)


def _make(
    states: dict[str, Any],
    input: Any = None,
    perform: Perform = echo,
    *,
    clock: Clock | None = None,
    seed: int = 0,
    start_at: str | None = None,
    buckets: Buckets | None = None,
    **top: Any,
) -> Execution:
    definition = parse_definition(
        Document.from_value({"StartAt": start_at or next(iter(states)), "States": states, **top}), name="Machine"
    )
    machine = MachineIdentity(
        name="Machine",
        arn="arn:aws:states:us-east-1:123456789012:stateMachine:Machine",
        role_arn="arn:aws:iam::123456789012:role/role",
    )
    header = ExecutionHeader("run", machine, {} if input is None else input, seed)
    return Execution(
        definition=definition,
        compiled=compile_definition(definition),
        header=header,
        scheduler=Scheduler(clock if clock is not None else VirtualClock(1_000_000.0)),
        resolver=_Scripted(perform),
        buckets=buckets,
    )


@pytest.fixture
def make_execution() -> MakeExecution:
    return _make
