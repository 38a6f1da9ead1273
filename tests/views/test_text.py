from dataclasses import replace
from typing import Any

from sfn_notebook.asl import model
from sfn_notebook.engine.visits import VisitStatus
from sfn_notebook.views.execution import WAITING, view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.text import execution_text, graph_text, machine_text
from tests.views.machines import (
    EPOCH_SECONDS,
    FakeExecution,
    definition_of,
    leave,
    order_machine,
    order_run,
    region_machine,
)

ORDER = """\
OrderFlow
→ Validate order  [Task: validate_order] → Check stock
  Check stock  [Task: check_stock] → Score fraud
  Score fraud  [Task: score_fraud] → Looks risky?
  Looks risky?  [Choice]
    if fraud.score > 80 → Reject order
    if total ≥ 100 and country is "DE" → Cool down
    otherwise → Charge card
  Cool down  [Wait: 1 min 30 s] → Charge card
  Charge card  [Task: charge_card] → Notify customer
    retry PaymentTimeout: up to 3 retries, first after 2 s, then 2\N{MULTIPLICATION SIGN} longer
    catch CardDeclined → Refund
  Refund  [Task: refund] → Reject order
  Notify customer  [Task: notify_customer] (end)
  Reject order  [Fail: OrderRejected] (end)"""

RUN = """\
OrderFlow: SUCCEEDED in 12 s
  output  {"orderId": 7, "total": 129.9, "country": "DE", "items": [{"sku": "A-1"}], "gift": null, "paid": true}
  ✓ Validate order   succeeded
  ✓ Check stock      succeeded
  ✓ Score fraud      succeeded
  ✓ Looks risky?     succeeded
  ✓ Cool down        succeeded
  ✓ Charge card      succeeded, 3 attempts
  ✓ Notify customer  succeeded"""


def test_a_machine_is_a_tree_with_its_ways() -> None:
    assert machine_text(order_machine(), title="OrderFlow") == ORDER


def test_regions_hold_their_states() -> None:
    lines = machine_text(region_machine(), title="Regions").split("\n")
    assert lines[1] == "→ Enrich  [Parallel, 2 branches] → Each item"
    assert lines.index("    branch 1") < lines.index("      → Look up  [Task: look_up] → Rank")
    assert "    → Pack  [Task: sqs:sendMessage (callback)] (end)" in lines


def test_a_run_is_one_line_for_each_state() -> None:
    assert execution_text(view_execution(order_run())) == RUN


def test_a_run_that_waits_says_where_and_a_replaced_payload_is_told() -> None:
    view = view_execution(order_run())
    states = dict(view.states)
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("Validate order", {"is_edited": True}),
        ("Charge card", {"status": WAITING, "counts": {WAITING: 1}, "attempts": 1}),
    )
    for name, change in changes:
        states[f"/States/{name}"] = replace(states[f"/States/{name}"], **change)
    lines = execution_text(replace(view, status="RUNNING", ended_seconds=None, states=states)).split("\n")
    assert lines[0] == "OrderFlow: RUNNING, waits in Charge card"
    assert "  ✓ Validate order   succeeded, ✎ edited by hand" in lines
    assert "  ◷ Charge card      waiting" in lines
    tree = graph_text(graph_of(order_machine(), title="OrderFlow"), states)
    assert "→ Validate order  [Task: validate_order] → Check stock  ✓ succeeded, ✎ edited by hand" in tree
    assert "  Charge card  [Task: charge_card] → Notify customer  ◷ waiting" in tree


def test_a_thousand_iterations_take_one_line() -> None:
    run = FakeExecution(status="SUCCEEDED", output=[], ended_seconds=EPOCH_SECONDS)
    leave(run.enter("Each item", []), [])
    for index in range(1000):
        status = VisitStatus.CAUGHT if index < 3 else VisitStatus.SUCCEEDED
        leave(run.enter("Pack", index, pointer="/x", iteration=(index,)), index, status=status)
    text = execution_text(view_execution(run))
    assert "  !   Pack     3 caught, 997 succeeded" in text.split("\n")
    assert len(text.split("\n")) == 4


def test_a_failure_tells_its_message_without_request_ids() -> None:
    cause = (
        '{"errorMessage": "card 12 declined", "errorType": "CardDeclined", "requestId": "7a-1", "stackTrace": ["/x"]}'
    )
    run = FakeExecution(status="FAILED", error="CardDeclined", cause=cause, ended_seconds=EPOCH_SECONDS + 0.25)
    visit = leave(run.enter("Charge card", {}), None, status=VisitStatus.FAILED)
    visit.error, visit.cause = "CardDeclined", cause
    assert execution_text(view_execution(run)).split("\n") == [
        "OrderFlow: FAILED in 250 ms",
        "  error   CardDeclined: card 12 declined",
        "  ✗ Charge card  failed, CardDeclined: card 12 declined",
    ]


def test_names_cannot_break_the_lines() -> None:
    state = model.PassState(name="two\nlines\u202e", pointer="/States/x")
    assert machine_text(definition_of([state]), title="M") == "M\n→ two\\nlines\\u202e  [Pass] (end)"
