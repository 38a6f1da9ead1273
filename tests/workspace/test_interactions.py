"""Who called whom in a workspace: functions, executions and what they send, in the order of modelled time."""

from collections.abc import Iterator
from datetime import UTC, datetime
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


@pytest.mark.parametrize(
    ("buses", "target"), [(["coffee"], "coffee"), ([None], "default"), (["coffee", "tea"], "events")]
)
def test_events_that_a_task_puts_go_to_their_bus(workspace: Workspace, buses: list[str | None], target: str) -> None:
    workspace.service_handler("events:putEvents")(lambda _: {"FailedEntryCount": 0, "Entries": []})
    entries = [
        {"Source": "bar", "DetailType": "Ready", "Detail": {}, **({"EventBusName": each} if each else {})}
        for each in buses
    ]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::events:putEvents",
        "Parameters": {"Entries": entries},
        "End": True,
    }
    workspace.define("M", {"StartAt": "Put", "States": {"Put": task}}).run()
    assert f"M > {target}: putEvents" in _told(workspace.interactions())


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


PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


def test_a_rule_of_a_named_bus_starts_an_execution(registry: FunctionRegistry, workspace: Workspace) -> None:
    machine = workspace.define("Ship", PASS)
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=[machine], bus="shop")

    def order(_event: Any) -> None:
        workspace.put_events([{"Source": "shop", "DetailType": "order", "Detail": {}, "EventBusName": "shop"}])

    _add(registry, "order", order).invoke({})
    workspace.advance()
    interactions = workspace.interactions()
    assert _told(interactions) == [
        "notebook > order: call",
        "order > shop: put events",
        "shop > orders: match",
        "orders > Ship: start",
        "Ship > Ship: SUCCEEDED",
    ]
    assert workspace.interaction_log.caller_of(workspace.execution("Ship-1")) == (
        "arn:aws:events:us-east-1:123456789012:rule/shop/orders"
    )
    assert ("Rule", "arn:aws:events:us-east-1:123456789012:rule/shop/orders") in interactions.rows[2].facts


def test_an_api_calls_its_function(registry: FunctionRegistry, workspace: Workspace) -> None:
    price = _add(registry, "price")
    _add(registry, "show", lambda _event: price.invoke({}).payload)
    workspace.api("shop", {"GET /orders/{id}": "show"}).request("GET", "/orders/7")
    interactions = workspace.interactions()
    assert _told(interactions) == ["notebook > shop: request", "shop > show: call", "show > price: call"]
    assert interactions.rows[0].why == "GET /orders/7"


def test_a_handler_that_starts_an_execution_by_boto3_is_its_caller(
    registry: FunctionRegistry, workspace: Workspace
) -> None:
    pytest.importorskip("boto3")
    machine = workspace.define("Ship", PASS)

    def begin(_event: Any) -> None:
        workspace.client("stepfunctions").start_execution(stateMachineArn=machine.arn, name="by-boto3", input="{}")

    _add(registry, "begin", begin)
    workspace.define("Outer", {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "begin", "End": True}}})
    workspace.machine("Outer").run({})
    starts = [each for each in _told(workspace.interactions()) if each.endswith("start")]
    assert starts == ["notebook > Outer: start", "begin > Ship: start"]


def test_a_record_in_a_queue_leads_to_the_function_that_polls_it(
    registry: FunctionRegistry, workspace: Workspace
) -> None:
    pytest.importorskip("moto")
    workspace.client("sqs").create_queue(QueueName="done", Attributes={"VisibilityTimeout": "30"})
    _add(registry, "work", duration=2, on_success="arn:aws:sqs:us-east-1:123456789012:done")
    _add(registry, "count", duration=1)
    workspace.map_queue("done", "count")
    workspace.invoke("work", {}, "Event")
    workspace.advance()
    workspace.aws.connection.stop()
    assert _told(workspace.interactions()) == [
        "notebook > work: event",
        "work > work: attempt",
        "work > done: record",
        "done > count: call",
    ]


def test_a_handler_s_calls_of_services_are_told_and_a_task_s_only_once(
    registry: FunctionRegistry, workspace: Workspace
) -> None:
    pytest.importorskip("moto")
    sqs = workspace.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    _add(registry, "send", lambda _event: bool(sqs.send_message(QueueUrl=url, MessageBody="job")))
    resource = "arn:aws:states:::sqs:sendMessage"
    task = {"Type": "Task", "Resource": resource, "Parameters": {"QueueUrl": url, "MessageBody": "job"}, "End": True}
    workspace.define("Flow", {"StartAt": "S", "States": {"S": task}}).run({})
    workspace.invoke("send", {})
    workspace.aws.connection.stop()
    assert [each for each in _told(workspace.interactions()) if "jobs" in each] == [
        "Flow > jobs: sendMessage",
        "send > jobs: send message",
    ]


def test_a_record_keeps_what_was_sent_and_answered_as_it_was(registry: FunctionRegistry, workspace: Workspace) -> None:
    def change(event: Any) -> Any:
        if "bad" in event:
            raise ValueError("no")
        return {"n": event["n"] + 1}

    _add(registry, "change", change)
    event = {"n": 1}
    answer = workspace.invoke("change", event)
    event["n"] = 100
    assert isinstance(answer.payload, dict)
    answer.payload["n"] = 100
    workspace.invoke("change", {"bad": True})
    good, bad = workspace.interactions()
    assert good.exchange is not None
    assert (good.exchange.sent, good.exchange.answer) == (('{"n":1}', 7), ('{"n":2}', 7))
    assert bad.error == "ValueError: no"
    assert bad.exchange is not None
    assert bad.exchange.log is not None
    assert "START RequestId" in bad.exchange.log.text


def test_what_happened_around_the_start_of_an_execution_is_told_alone(
    registry: FunctionRegistry, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interaction_log, "ROWS_AROUND", 3)
    work = _add(registry, "work")
    machine = workspace.define("Ship", PASS)
    for _ in range(10):
        work.invoke({})
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=[machine])
    workspace.put_events([{"Source": "shop", "DetailType": "order", "Detail": {}}])
    workspace.advance()
    around = workspace.interaction_log.around(workspace.execution("Ship-1"))
    assert _told(around) == [
        "notebook > work: call",
        "notebook > default: put events",
        "default > orders: match",
        "orders > Ship: start",
        "Ship > Ship: SUCCEEDED",
    ]
    assert around.forgotten == 9


def test_what_is_no_json_is_kept_as_python_writes_it(workspace: Workspace) -> None:
    entry = {"Source": "shop", "DetailType": "order", "Detail": {}, "Time": datetime(2026, 1, 1, tzinfo=UTC)}
    workspace.put_events([entry])
    (put,) = workspace.interactions()
    assert put.exchange is not None
    assert put.exchange.sent is not None
    assert "datetime.datetime(2026, 1, 1" in put.exchange.sent.text


def test_what_the_oldest_carried_is_forgotten_first(
    registry: FunctionRegistry, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interaction_log, "MOST_CHARACTERS", 1000)
    work = _add(registry, "work")
    for number in range(20):
        work.invoke({"number": number})
    kept = [each.exchange is not None for each in workspace.interactions()]
    assert kept[0] is False
    assert kept[-1] is True
    assert len(kept) == 20
