from sfn_notebook.engine.visits import VisitStatus
from sfn_notebook.views.execution import ExecutionTracker, view_execution
from sfn_notebook.widgets.visit_rows import FINAL_CHARACTERS, VisitRows
from tests.views.machines import ORDER, FakeExecution, leave, order_run


def test_a_retried_visit_tells_its_attempts_and_what_was_sent() -> None:
    view = view_execution(order_run())
    row = next(each for each in VisitRows().rows(view, characters=FINAL_CHARACTERS) if "Charge" in each["pointer"])
    assert [(each["error"], each["wait"], each["duration"]) for each in row["attempts"]] == [
        ("PaymentTimeout", "2 s", "500 ms"),
        ("PaymentTimeout", "4 s", "500 ms"),
        (None, None, "1 s"),
    ]
    assert "the bank did not answer" in row["attempts"][0]["cause"]
    assert row["result"]["text"] == '{\n  "paid": true\n}'
    # What was sent was the input, so it is not told twice.
    assert "parameters" not in row
    assert (row["word"], row["duration"]) == ("Succeeded", "1 s")


def test_rows_follow_a_visit_until_it_ends() -> None:
    run = FakeExecution()
    tracker = ExecutionTracker(run)
    rows = VisitRows()
    visit = run.enter("Validate order", ORDER)
    assert rows.rows(tracker.view(), characters=1000)[0]["status"] == "RUNNING"
    visit.status = VisitStatus.RETRYING
    assert rows.rows(tracker.view(), characters=1000)[0]["word"] == "Retrying"
    leave(visit, {"ok": True})
    row = rows.rows(tracker.view(), characters=1000)[0]
    assert row["output"]["text"] == '{\n  "ok": true\n}'
    assert rows.rows(tracker.view(), characters=1000)[0] is row


def test_when_the_run_is_too_large_the_newest_payloads_are_sent() -> None:
    run = FakeExecution()
    for index in range(4):
        leave(run.enter(f"S{index}", "x" * 1000), "y")
    rows = VisitRows().rows(view_execution(run), characters=2500)
    assert [len(row["input"]["text"]) for row in rows] == [0, 0, 1002, 1002]
    assert rows[0]["input"]["length"] == 1002


def test_the_header_has_an_output_only_when_there_is_one() -> None:
    rows = VisitRows()
    assert rows.execution_row(view_execution(order_run()))["output"]["text"].endswith('"paid": true\n}')
    running = rows.execution_row(view_execution(FakeExecution(input=ORDER)))
    assert "output" not in running
    assert (running["status"], running["word"], running["duration"]) == ("RUNNING", "Running", None)
