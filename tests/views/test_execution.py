from dataclasses import dataclass

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.history import Event
from sfn_notebook.engine.visits import Attempt, Visit, VisitStatus
from sfn_notebook.views.execution import ExecutionTracker, view_execution
from tests.views.machines import EPOCH_SECONDS, FakeExecution, leave, order_run


def test_a_finished_run_is_summarised_by_state() -> None:
    view = view_execution(order_run())
    assert view.status == "SUCCEEDED"
    charge = view.states["/States/Charge card"]
    assert (charge.status, charge.visits, charge.attempts) == ("SUCCEEDED", 1, 3)
    assert list(view.states) == [f"/States/{visit.name}" for visit in order_run().visits]


def test_a_tracker_sees_what_changed_between_two_looks() -> None:
    run = FakeExecution()
    tracker = ExecutionTracker(run)
    first = run.enter("Validate order", {})
    assert tracker.view().states[first.pointer].status == "RUNNING"
    leave(first, {})
    second = run.enter("Charge card", {})
    second.status = VisitStatus.RETRYING
    statuses = {pointer: summary.status for pointer, summary in tracker.view().states.items()}
    assert statuses == {"/States/Validate order": "SUCCEEDED", "/States/Charge card": "RETRYING"}


def test_the_latest_visit_of_a_loop_speaks_for_its_state() -> None:
    run = FakeExecution()
    leave(run.enter("Poll", {}), {}, status=VisitStatus.CAUGHT)
    leave(run.enter("Poll", {}), {})
    summary = view_execution(run).states["/States/Poll"]
    assert (summary.status, summary.visits) == ("SUCCEEDED", 2)


def test_among_iterations_side_by_side_the_most_urgent_one_speaks() -> None:
    run = FakeExecution()
    for index in range(40):
        leave(run.enter("Pack", index, iteration=(index,)), index)
    run.visits[7].status = VisitStatus.FAILED
    run.visits[7].error = "Broken"
    summary = view_execution(run).states["/States/Pack"]
    assert (summary.status, dict(summary.counts), summary.error) == ("FAILED", {"FAILED": 1, "SUCCEEDED": 39}, "Broken")


def test_a_second_run_of_an_iteration_replaces_the_first() -> None:
    run = FakeExecution()
    leave(run.enter("Pack", 1, iteration=(0,)), 1, status=VisitStatus.FAILED)
    leave(run.enter("Pack", 1, iteration=(0,)), 1)
    assert dict(view_execution(run).states["/States/Pack"].counts) == {"SUCCEEDED": 1}


class _CountingList(list[Visit]):
    """Counts how many items were read."""

    reads = 0

    def __getitem__(self, index: slice) -> list[Visit]:  # type: ignore[override]  # only slices are read here
        found = super().__getitem__(index)
        self.reads += len(found)
        return found


class _UneventfulExecution(FakeExecution):
    """One without a history, which would be made anew at each look."""

    events = ()  # type: ignore[assignment]  # nothing is written


def test_following_ten_thousand_transitions_reads_each_visit_once() -> None:
    run = _UneventfulExecution()
    visits = _CountingList()
    run.visits = visits
    tracker = ExecutionTracker(run)
    for index in range(10_000):
        visit = run.enter(f"State {index % 10}", index)
        tracker.view()
        leave(visit, index)
        tracker.view()
    assert sum(summary.visits for summary in tracker.view().states.values()) == 10_000
    assert visits.reads == 10_000


def test_attempts_grow_while_a_visit_is_open() -> None:
    run = FakeExecution()
    tracker = ExecutionTracker(run)
    visit = run.enter("Charge card", {})
    for expected in (1, 2, 3):
        visit.attempts += (Attempt(started_seconds=EPOCH_SECONDS),)
        assert tracker.view().states[visit.pointer].attempts == expected


def test_a_redriven_execution_shows_what_became_of_it() -> None:
    run = FakeExecution()
    failed = run.enter("Charge card", {})
    failed.status, failed.error = VisitStatus.FAILED, "Declined"
    tracker = ExecutionTracker(run)
    assert tracker.view().states[failed.pointer].status == "FAILED"
    run.visits = []
    leave(run.enter("Charge card", {}), {})
    state = tracker.view().states[failed.pointer]
    assert (state.status, state.visits, state.error) == ("SUCCEEDED", 1, None)


class _ToldExecution(FakeExecution):
    """One whose history is written by hand."""

    told: list[Event]
    edits: dict[int, JSONValue]

    @property
    def events(self) -> list[Event]:
        return self.told


@dataclass
class _Resource:
    resource: str


def _told(*events: tuple[int, str, str, JSONValue]) -> list[Event]:
    """Events from their previous ids, types, names and payloads."""
    return [
        (number, previous, EPOCH_SECONDS, event_type, name, payload)
        for number, (previous, event_type, name, payload) in enumerate(events, 1)
    ]


SUBMITTED = (_Resource("invoke.waitForTaskToken"), None)


def test_a_state_waits_from_its_submission_until_another_attempt() -> None:
    run = _ToldExecution()
    visit = run.enter("Approve", {})
    run.told = _told((0, "ExecutionStarted", "", None), (0, "TaskStateEntered", "Approve", {}))
    tracker = ExecutionTracker(run)

    def status() -> str:
        return tracker.view().states[visit.pointer].status

    statuses = []
    for event in ((2, "TaskScheduled"), (3, "TaskStarted"), (4, "TaskSubmitted")):
        run.told += [(len(run.told) + 1, event[0], EPOCH_SECONDS, event[1], "", SUBMITTED)]
        statuses.append(status())
    visit.status = VisitStatus.RETRYING
    run.told.append((6, 5, EPOCH_SECONDS, "TaskTimedOut", "", None))
    statuses.append(status())
    visit.status = VisitStatus.RUNNING
    run.told.append((7, 6, EPOCH_SECONDS, "TaskScheduled", "", None))
    statuses.append(status())
    run.told.append((8, 7, EPOCH_SECONDS, "TaskSubmitted", "", SUBMITTED))
    statuses.append(status())
    leave(visit, {})
    statuses.append(status())
    assert statuses == ["RUNNING", "RUNNING", "WAITING", "RETRYING", "RUNNING", "WAITING", "SUCCEEDED"]


def test_a_job_that_was_started_is_waited_for_by_nobody() -> None:
    run = _ToldExecution()
    visit = run.enter("Run job", {})
    run.told = _told(
        (0, "ExecutionStarted", "", None),
        (0, "TaskStateEntered", "Run job", {}),
        (2, "TaskScheduled", "", None),
        (3, "TaskStarted", "", None),
        (4, "TaskSubmitted", "", (_Resource("startExecution.sync:2"), None)),
    )
    assert view_execution(run).states[visit.pointer].status == "RUNNING"


def test_iterations_that_wait_are_told_from_those_that_work() -> None:
    run = _ToldExecution()
    for index in range(3):
        run.enter("Pack", index, iteration=(index,)).id = index + 2
    run.told = _told(
        (0, "MapStateStarted", "", None),
        *((1, "TaskStateEntered", "Pack", index) for index in range(3)),
        *((index + 2, "ActivityScheduled", "", None) for index in range(2)),
    )
    summary = view_execution(run).states["/States/Pack"]
    assert (summary.status, dict(summary.counts)) == ("WAITING", {"WAITING": 2, "RUNNING": 1})


def test_an_edit_marks_the_state_whose_input_or_output_was_replaced() -> None:
    run = _ToldExecution()
    leave(run.enter("Each", [1]), ["x"])
    run.enter("Item", 1, iteration=(0,)).id = 4
    run.told = _told(
        (0, "ExecutionStarted", "", None),
        (0, "MapStateEntered", "Each", [1]),
        (2, "MapStateStarted", "", None),
        (3, "PassStateEntered", "Item", 1),
        (4, "PassStateExited", "Item", 1),
    )
    run.edits = {6: [1]}
    tracker = ExecutionTracker(run)
    assert not any(state.is_edited for state in tracker.view().states.values())
    run.told.append((6, 5, EPOCH_SECONDS, "MapStateExited", "Each", ["x"]))
    assert [state.name for state in tracker.view().states.values() if state.is_edited] == ["Each"]
