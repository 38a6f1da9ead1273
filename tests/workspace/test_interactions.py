"""Who called whom in a workspace: functions, executions and what they send, in the order of modelled time."""

from collections.abc import Iterator
from typing import Any

import pytest

from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.lambda_errors import TooManyRequestsException
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.workspace import Workspace, interaction_log


@pytest.fixture
def registry() -> Iterator[FunctionRegistry]:
    registry = FunctionRegistry()
    yield registry
    registry.clear()


@pytest.fixture
def workspace(registry: FunctionRegistry) -> Workspace:
    return Workspace(registry=registry)


def _told(interactions: Interactions) -> list[str]:
    return [f"{each.source.name} > {each.target.name}: {each.what}" for each in interactions]


def _add(registry: FunctionRegistry, name: str, handler: Any = lambda event: event, **settings: Any) -> LambdaFunction:
    return registry.lambda_function(name=name, **settings)(handler)


def test_a_handler_s_calls_come_after_the_call_that_made_them(registry: FunctionRegistry, workspace: Workspace) -> None:
    price = _add(registry, "price", duration=1)
    _add(registry, "audit")

    def order(event: Any) -> None:
        price.invoke(event)
        workspace.invoke("audit", event, "Event")

    _add(registry, "order", order).invoke({})
    workspace.advance()
    assert _told(workspace.interactions()) == [
        "notebook > order: call",
        "order > price: call",
        "order > audit: event",
        "audit > audit: attempt",
    ]


def test_calls_at_one_moment_keep_their_own_callees(registry: FunctionRegistry, workspace: Workspace) -> None:
    inner = _add(registry, "inner")
    outer = _add(registry, "outer", lambda event: inner.invoke(event).payload if event else None)
    for event in (1, 0, 2):
        outer.invoke(event)
    names = [each.target.name for each in workspace.interactions()]
    assert names == ["outer", "inner", "outer", "outer", "inner"]


def test_a_record_leads_to_the_function_that_gets_it(registry: FunctionRegistry, workspace: Workspace) -> None:
    audit = _add(registry, "audit")
    _add(registry, "work", on_success=audit, duration=2).invoke({}, "Event")
    workspace.advance()
    assert _told(workspace.interactions()) == [
        "notebook > work: event",
        "work > work: attempt",
        "work > audit: record",
        "audit > audit: attempt",
    ]


def test_a_throttled_call_is_told(registry: FunctionRegistry, workspace: Workspace) -> None:
    busy = _add(registry, "busy", reserved_concurrency=0)
    with pytest.raises(TooManyRequestsException):
        busy.invoke({})
    (throttle,) = workspace.interactions()
    assert (throttle.what, throttle.why) == ("throttled", "reserved concurrency")


def test_an_execution_is_told_from_its_start_to_its_end(registry: FunctionRegistry, workspace: Workspace) -> None:
    _add(registry, "plain")
    _add(registry, "modelled", duration=3)

    def fail(_event: Any) -> None:
        raise ValueError("no")

    _add(registry, "failing", fail)
    states = {
        "A": {"Type": "Task", "Resource": "plain", "Next": "B"},
        "B": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "modelled", "Payload": {}},
            "Next": "C",
        },
        "C": {"Type": "Task", "Resource": "${failing}", "End": True},
    }
    workspace.define("Flow", {"StartAt": "A", "States": states}).run({})
    interactions = workspace.interactions()
    assert _told(interactions) == [
        "notebook > Flow: start",
        "Flow > plain: call",
        "Flow > modelled: call",
        "Flow > failing: call",
        "Flow > Flow: FAILED",
    ]
    assert [each.outcome for each in interactions] == ["", "SUCCEEDED", "SUCCEEDED", "FAILED", "FAILED"]
    assert [each.why for each in interactions][-2:] == ["C, ValueError", "Flow-1, ValueError"]


def test_who_starts_an_execution_is_known(registry: FunctionRegistry, workspace: Workspace) -> None:
    child = workspace.define("Child", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    start = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": child.arn},
        "End": True,
    }
    workspace.define("Parent", {"StartAt": "S", "States": {"S": start}}).run({})

    def begin(_event: Any) -> None:
        workspace.start(child, {}).start()

    _add(registry, "starter", begin).invoke({})
    workspace.advance()
    starts = [each for each in _told(workspace.interactions()) if each.endswith("start")]
    assert starts == ["notebook > Parent: start", "Parent > Child: start", "starter > Child: start"]


def test_only_what_is_new_is_told_even_within_one_moment(registry: FunctionRegistry, workspace: Workspace) -> None:
    work = _add(registry, "work")
    other = _add(registry, "other")
    work.invoke({})
    earlier = workspace.interactions()
    other.invoke({})
    assert _told(workspace.interactions(since=earlier)) == ["notebook > other: call"]
    assert len(workspace.interactions(since=workspace.scheduler.now())) == 2
    workspace.advance(5)
    assert not workspace.interactions(since=workspace.scheduler.now())


def test_the_oldest_are_forgotten_and_counted(
    registry: FunctionRegistry, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interaction_log, "MOST_KEPT", 3)
    work = _add(registry, "work")
    for _ in range(5):
        work.invoke({})
    earlier = workspace.interactions()
    assert (len(earlier), earlier.forgotten) == (3, 2)
    assert "2 older interactions are not kept." in repr(earlier)
    work.invoke({})
    assert len(workspace.interactions(since=earlier)) == 1
