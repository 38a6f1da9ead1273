from random import Random

import pytest

from sfn_notebook.engine.map_run import FailureTolerance, MapRun, MapRunIdentity, MapRunStatus, threshold_exceeded
from sfn_notebook.engine.status import ExecutionStatus

MACHINE_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders"


def _identity(*, label: str | None = "Each", seed: int = 0) -> MapRunIdentity:
    return MapRunIdentity.draw(machine_arn=MACHINE_ARN, state_pointer="/States/Map", label=label, random=Random(seed))


def _run(*, tolerance: FailureTolerance | None = None, max_concurrency: int = 0) -> MapRun:
    return MapRun(
        identity=_identity(),
        execution_arn="arn:aws:states:us-east-1:123456789012:execution:Orders:run",
        started_seconds=1767225600.0,
        max_concurrency=max_concurrency,
        tolerance=tolerance or FailureTolerance(),
    )


def _finish(run: MapRun, *statuses: ExecutionStatus, item_count: int = 1) -> None:
    for status in statuses:
        run.add_child(item_count)
        run.start_child(item_count)
        run.end_child(status, item_count)


def test_arns_are_as_recorded() -> None:
    identity = _identity()
    base = "arn:aws:states:us-east-1:123456789012"
    assert identity.arn == f"{base}:mapRun:Orders/Each:{identity.uuid}"
    assert identity.machine_arn == f"{base}:stateMachine:Orders/Each"
    assert identity.child_arn("name") == f"{base}:execution:Orders/Each:name"
    assert identity.child_arn("name", is_express=True).startswith(f"{base}:express:Orders/Each:")


def test_ids_repeat_for_a_seed_and_differ_between_runs_and_children() -> None:
    assert _identity() == _identity()
    assert _identity().uuid != _identity(seed=1).uuid
    names = [_identity().child_name(index) for index in range(100)]
    assert len(set(names)) == 100
    assert names == [_identity().child_name(index) for index in range(100)]


def test_without_a_label_a_uuid_stands_in_its_place_for_every_run_of_the_state() -> None:
    first, second = _identity(label=None), _identity(label=None, seed=1)
    assert first.qualified_machine == second.qualified_machine
    other = MapRunIdentity.draw(machine_arn=MACHINE_ARN, state_pointer="/States/Other", label=None, random=Random(0))
    assert other.qualified_machine != first.qualified_machine


def test_a_finished_run_is_described_as_recorded() -> None:
    run = _run(max_concurrency=1)
    _finish(run, ExecutionStatus.SUCCEEDED, ExecutionStatus.SUCCEEDED)
    run.are_items_known = True
    run.end(MapRunStatus.SUCCEEDED, 1767225601.0)
    counts = {
        "aborted": 0,
        "failed": 0,
        "pending": 0,
        "resultsWritten": 2,
        "running": 0,
        "succeeded": 2,
        "timedOut": 0,
        "total": 2,
    }
    assert run.describe() == {
        "executionArn": run.execution_arn,
        "executionCounts": counts,
        "itemCounts": counts,
        "mapRunArn": run.arn,
        "maxConcurrency": 1,
        "startDate": "2026-01-01T00:00:00.000Z",
        "status": "SUCCEEDED",
        "stopDate": "2026-01-01T00:00:01.000Z",
        "toleratedFailureCount": 0,
        "toleratedFailurePercentage": 0.0,
    }
    assert run.list_entry() == {
        "executionArn": run.execution_arn,
        "mapRunArn": run.arn,
        "startDate": "2026-01-01T00:00:00.000Z",
        "stateMachineArn": run.identity.machine_arn,
        "stopDate": "2026-01-01T00:00:01.000Z",
    }


def test_items_of_a_batch_count_each_and_executions_once() -> None:
    run = _run()
    run.add_child(10)
    run.add_child(5)
    run.start_child(10)
    assert (run.item_counts.pending, run.item_counts.running, run.item_counts.total) == (5, 10, 15)
    assert (run.execution_counts.pending, run.running_children, run.execution_counts.total) == (1, 1, 2)
    run.end_child(ExecutionStatus.FAILED, 10)
    assert (run.item_counts.failed, run.execution_counts.failed) == (10, 1)
    assert not run.is_complete


def test_a_run_is_complete_when_all_items_are_read_and_all_children_have_ended() -> None:
    run = _run()
    seen = []
    _finish(run, ExecutionStatus.SUCCEEDED)
    seen.append(run.is_complete)
    run.are_items_known = True
    seen.append(run.is_complete)
    run.add_child()
    seen.append(run.is_complete)
    assert seen == [False, True, False]


def test_without_tolerance_the_first_failure_fails_the_run() -> None:
    run = _run()
    _finish(run, ExecutionStatus.SUCCEEDED)
    assert not run.is_beyond_tolerance
    _finish(run, ExecutionStatus.TIMED_OUT)
    assert run.is_beyond_tolerance


@pytest.mark.parametrize(
    ("count", "percentage", "failed", "total", "expected"),
    [
        (1, None, 1, 3, False),
        (1, None, 2, 3, True),
        (10, None, 10, None, False),
        (0, None, 1, None, True),
        (None, 50, 1, 2, False),
        (None, 50, 2, 3, True),
        (None, 0, 1, 100, True),
        (None, 100, 100, 100, False),
        (None, 50, 9, None, False),
        (None, 0.5, 1, 200, False),
        (None, 0.5, 1, 199, True),
        (5, 10, 2, 10, True),
        (1, 90, 2, 10, True),
        (None, 50, 0, 0, False),
    ],
)
def test_a_run_fails_when_either_tolerance_is_exceeded(
    count: int | None, percentage: float | None, failed: int, total: int | None, expected: object
) -> None:
    assert FailureTolerance(count=count, percentage=percentage).is_exceeded(failed, total) is expected


def test_a_percentage_is_judged_once_all_items_are_known() -> None:
    run = _run(tolerance=FailureTolerance(percentage=50))
    _finish(run, ExecutionStatus.FAILED)
    assert not run.is_beyond_tolerance
    run.are_items_known = True
    assert run.is_beyond_tolerance


def test_the_failure_is_as_recorded() -> None:
    failure = threshold_exceeded()
    assert (failure.error, failure.detail, failure.prefixed) == (
        "States.ExceedToleratedFailureThreshold",
        "The specified tolerated failure threshold was exceeded",
        False,
    )


def test_ending_a_run_aborts_what_runs_and_leaves_the_rest_pending() -> None:
    run = _run()
    run.add_child(2)
    run.add_child(3)
    run.start_child(2)
    run.end(MapRunStatus.FAILED, 1767225600.0)
    assert (run.item_counts.aborted, run.item_counts.running, run.item_counts.pending) == (2, 0, 3)
    assert run.describe()["status"] == "FAILED"


def test_zero_concurrency_is_the_most_that_aws_runs() -> None:
    assert (_run().concurrency, _run(max_concurrency=5).concurrency) == (10_000, 5)
    assert _run(max_concurrency=50_000).concurrency == 10_000


def test_limits_can_change_while_it_runs() -> None:
    run = _run(tolerance=FailureTolerance(count=1))
    run.update(max_concurrency=3, tolerated_failure_percentage=20)
    assert (run.max_concurrency, run.tolerance) == (3, FailureTolerance(count=1, percentage=20))


def test_a_redriven_run_says_so() -> None:
    run = _run()
    run.redrive_count, run.redriven_seconds = 1, 1767225600.0
    run.item_counts.pending_redrive = 2
    assert run.describe()["redriveCount"] == 1
    assert run.describe()["itemCounts"]["pendingRedrive"] == 2
    assert run.snapshot()["itemsKnown"] is False
