"""A small event-driven run for the tests of its view; it opens no page."""

from typing import Any

from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.views.interactions import Interaction, Interactions, Outcome, Party, PartyKind
from sfn_notebook.widgets.interactions_widget import InteractionsWidget
from sfn_notebook.workspace import Workspace

HOSTILE = '<img src=x onerror="alert(1)">\u202e'


def event_driven_workspace() -> Workspace:
    """An event that a rule sends to a function, which fails and is tried again, and to a machine that calls another."""
    registry = FunctionRegistry()
    workspace = Workspace(registry=registry)
    tries: list[Any] = []

    def audit(event: Any) -> Any:
        tries.append(event)
        if len(tries) < 2:
            raise ValueError("no ledger yet")
        return {"audited": event["detail"]}

    registry.lambda_function(name="audit", duration=1)(audit)
    registry.lambda_function(name="pack", duration=2)(lambda event: {"packed": event["detail"]["id"]})

    def order(_event: Any) -> None:
        entry = {"Source": "shop", "DetailType": "order", "Detail": {"id": 7}, "EventBusName": "shop"}
        workspace.put_events([entry])

    registry.lambda_function(name="order")(order)
    states = {"Pack": {"Type": "Task", "Resource": "pack", "End": True}}
    machine = workspace.define("Shipping", {"StartAt": "Pack", "States": states})
    workspace.rule("orders", pattern={"source": ["shop"]}, targets=["audit", machine], bus="shop")
    workspace.invoke("order", {})
    workspace.advance()
    return workspace


def event_driven_widget() -> InteractionsWidget:
    """The view of that run."""
    workspace = event_driven_workspace()
    return InteractionsWidget(workspace.interactions(), workspace.contents())


def many_interactions(count: int) -> Interactions:
    """Calls in turn to two functions, of which nothing can be folded."""
    client = Party(PartyKind.NOTEBOOK, "notebook")
    functions = [Party(PartyKind.FUNCTION, name) for name in ("first", "second")]
    rows = tuple(
        Interaction(
            at_seconds=float(number),
            source=client,
            target=functions[number % 2],
            what="call",
            why=f"number {number}",
            outcome=Outcome.SUCCEEDED,
            request_id=f"id-{number}",
        )
        for number in range(count)
    )
    return Interactions(rows=rows, origin_seconds=0.0)
