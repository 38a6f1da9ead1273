"""A Map Run as plain data: its identity, its counters and when it has failed too often; it starts no execution.

Source: API reference, "DescribeMapRun" and "ListMapRuns"; recorded calls of both.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from random import Random
from typing import Final, NamedTuple

from sfn_notebook._json import JSONObject
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.runtime.ids import seeded_uuid

MAX_CONCURRENCY: Final = 10_000
"""How many child executions AWS runs at the same time when MaxConcurrency is 0. Source: Step Functions quotas."""


class MapRunStatus(StrEnum):
    """Where a Map Run stands."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"


_COUNTERS: Final = {
    ExecutionStatus.SUCCEEDED: "succeeded",
    ExecutionStatus.FAILED: "failed",
    ExecutionStatus.TIMED_OUT: "timed_out",
    ExecutionStatus.ABORTED: "aborted",
}


@dataclass(kw_only=True, slots=True)
class MapRunCounts:
    """How many items, or child executions, stand where. ``total`` is the sum of the six first counters."""

    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    aborted: int = 0
    total: int = 0
    results_written: int = 0
    failures_not_redrivable: int = 0
    pending_redrive: int = 0

    def start(self, count: int) -> None:
        """Move ``count`` from pending to running."""
        self.pending -= count
        self.running += count

    def end(self, count: int, status: ExecutionStatus) -> None:
        """Move ``count`` from running to the counter of ``status``."""
        self.running -= count
        if status is ExecutionStatus.SUCCEEDED:  # a million times, so not by name
            self.succeeded += count
            return
        name = _COUNTERS[status]
        setattr(self, name, getattr(self, name) + count)

    def abort_open(self) -> None:
        """Count as aborted what has not ended."""
        self.aborted += self.running
        self.running = 0

    def as_json(self) -> JSONObject:
        """``itemCounts`` or ``executionCounts``. Recorded: the two redrive counters are not there without a redrive."""
        counts = {
            "pending": self.pending,
            "running": self.running,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "timedOut": self.timed_out,
            "aborted": self.aborted,
            "total": self.total,
            "resultsWritten": self.results_written,
        }
        if self.failures_not_redrivable:
            counts["failuresNotRedrivable"] = self.failures_not_redrivable
        if self.pending_redrive:
            counts["pendingRedrive"] = self.pending_redrive
        return counts


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureTolerance:
    """ToleratedFailureCount and ToleratedFailurePercentage, ``None`` where not written.

    Exceeding either fails the run; where neither is written, the first failure does.
    Source: developer guide, "Setting failure thresholds for Distributed Map states".
    """

    count: int | None = None
    percentage: float | None = None

    def is_exceeded(self, failed_items: int, total_items: int | None) -> bool:
        """Tell whether a run with so many failed items has failed.

        ``total_items`` is ``None`` while the items are still being read: a share of an unknown number cannot be told,
        so ToleratedFailurePercentage is judged when it is known.
        """
        if self.count is None and self.percentage is None:
            return failed_items > 0
        if self.count is not None and failed_items > self.count:
            return True
        if self.percentage is None or total_items is None or not total_items:
            return False
        return failed_items * 100 > self.percentage * total_items


def threshold_exceeded() -> EvaluationError:
    """The failure of a Map Run with too many failed items. Recorded, in TestState."""
    return EvaluationError(
        error_names.EXCEED_TOLERATED_FAILURE_THRESHOLD,
        "The specified tolerated failure threshold was exceeded",
        prefixed=False,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class MapRunIdentity:
    """The ARNs of a Map Run and of what it starts.

    ``qualified_machine`` is ``<machine>/<label>``: child executions belong to a machine of that name.
    """

    prefix: str
    qualified_machine: str
    uuid: str

    @classmethod
    def draw(cls, *, machine_arn: str, state_pointer: str, label: str | None, random: Random) -> "MapRunIdentity":
        """Draw the uuid of a new run from ``random``.

        A Map without Label has a uuid in its place, which is the same in every run of the same state.
        """
        base, _, machine_name = machine_arn.rpartition(":stateMachine:")
        return cls(
            prefix=base,
            qualified_machine=f"{machine_name}/{label or generated_label(machine_arn, state_pointer)}",
            uuid=seeded_uuid(random),
        )

    @property
    def arn(self) -> str:
        """``...:mapRun:<machine>/<label>:<uuid>``."""
        return f"{self.prefix}:mapRun:{self.qualified_machine}:{self.uuid}"

    @property
    def machine_arn(self) -> str:
        """The machine of the child executions. Recorded, in ListMapRuns."""
        return f"{self.prefix}:stateMachine:{self.qualified_machine}"

    def child_name(self, index: int) -> str:
        """The name of the child execution for batch or item ``index``, a uuid that depends on nothing else."""
        return self.child(index)[0]

    def child(self, index: int) -> tuple[str, int]:
        """Name and seed of the child execution ``index``.

        A digest and no ``Random``, whose state takes ten times as long to set up.
        """
        digest = blake2b(f"{self.uuid}/{index}".encode(), digest_size=24).hexdigest()
        name = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
        return name, int(digest[32:], 16)

    def child_arn(self, child_name: str, *, is_express: bool = False) -> str:
        """The ARN of a child execution."""
        if is_express:
            return f"{self.prefix}:express:{self.qualified_machine}:{self.uuid}:{child_name}"
        return f"{self.prefix}:execution:{self.qualified_machine}:{child_name}"


def generated_label(machine_arn: str, state_pointer: str) -> str:
    """The uuid that stands in ARNs for a Label that was not written."""
    return seeded_uuid(Random(f"{machine_arn}#{state_pointer}"))  # noqa: S311 - as above


class MapRunOutcome(NamedTuple):
    """Where a Map Run stands, or ended; the limits are there because UpdateMapRun may have changed them."""

    status: MapRunStatus
    item_counts: MapRunCounts
    execution_counts: MapRunCounts
    are_items_known: bool
    max_concurrency: int
    tolerance: FailureTolerance


@dataclass(kw_only=True, slots=True)
class MapRun:
    """One Map Run: changed by whoever runs it, read by whoever shows it.

    ``are_items_known`` tells that every item was read, so that the totals are final.
    """

    identity: MapRunIdentity
    execution_arn: str
    started_seconds: float
    max_concurrency: int = 0
    tolerance: FailureTolerance = field(default_factory=FailureTolerance)
    status: MapRunStatus = MapRunStatus.RUNNING
    stopped_seconds: float | None = None
    are_items_known: bool = False
    redrive_count: int = 0
    redriven_seconds: float | None = None
    item_counts: MapRunCounts = field(default_factory=MapRunCounts)
    execution_counts: MapRunCounts = field(default_factory=MapRunCounts)

    @property
    def arn(self) -> str:
        """The Map Run's ARN."""
        return self.identity.arn

    @property
    def concurrency(self) -> int:
        """How many child executions may run at the same time."""
        return min(self.max_concurrency or MAX_CONCURRENCY, MAX_CONCURRENCY)

    @property
    def running_children(self) -> int:
        """How many child executions run."""
        return self.execution_counts.running

    def add_child(self, item_count: int = 1) -> None:
        """An input for a child execution was read; it holds ``item_count`` items and is pending."""
        items, executions = self.item_counts, self.execution_counts
        items.pending += item_count
        items.total += item_count
        executions.pending += 1
        executions.total += 1

    def start_child(self, item_count: int = 1) -> None:
        """A pending child execution starts."""
        self.item_counts.start(item_count)
        self.execution_counts.start(1)

    def end_child(self, status: ExecutionStatus, item_count: int = 1) -> None:
        """A running child execution ends with ``status``. All its items count so: AWS cannot tell them apart."""
        self.item_counts.end(item_count, status)
        self.execution_counts.end(1, status)

    @property
    def is_beyond_tolerance(self) -> bool:
        """Whether so many items failed or timed out that the run has to fail."""
        counts = self.item_counts
        return self.tolerance.is_exceeded(
            counts.failed + counts.timed_out, counts.total if self.are_items_known else None
        )

    @property
    def is_complete(self) -> bool:
        """Whether every item was read and every child execution has ended."""
        counts = self.execution_counts
        return self.are_items_known and not counts.pending and not counts.running

    def reset(self) -> None:
        """Let it be as it was when it began: before its log is told again."""
        self.item_counts, self.execution_counts = MapRunCounts(), MapRunCounts()
        self.are_items_known = False
        self.status = MapRunStatus.RUNNING
        self.stopped_seconds = None

    def outcome(self) -> "MapRunOutcome":
        """What an ended run comes to."""
        return MapRunOutcome(
            status=self.status,
            item_counts=replace(self.item_counts),
            execution_counts=replace(self.execution_counts),
            are_items_known=self.are_items_known,
            max_concurrency=self.max_concurrency,
            tolerance=self.tolerance,
        )

    def settle(self, outcome: "MapRunOutcome", at_seconds: float | None) -> None:
        """Take over counters and status from elsewhere, such as a log; ``at_seconds`` is ``None`` while it runs."""
        self.item_counts = replace(outcome.item_counts)
        self.execution_counts = replace(outcome.execution_counts)
        self.are_items_known = outcome.are_items_known
        self.max_concurrency = outcome.max_concurrency
        self.tolerance = outcome.tolerance
        self.status = outcome.status
        self.stopped_seconds = at_seconds

    def end(self, status: MapRunStatus, at_seconds: float) -> None:
        """Close the run: what still runs is aborted, what is pending stays so.

        Recorded: every result counts as written, without a ResultWriter too.
        """
        for counts in (self.item_counts, self.execution_counts):
            counts.abort_open()
            counts.results_written = counts.succeeded + counts.failed + counts.timed_out + counts.aborted
        self.status = status
        self.stopped_seconds = at_seconds

    def describe(self) -> JSONObject:
        """What DescribeMapRun returns. Times are ISO 8601, in UTC."""
        described: JSONObject = {
            "mapRunArn": self.arn,
            "executionArn": self.execution_arn,
            "status": self.status.value,
            "startDate": format_timestamp(self.started_seconds),
        }
        if self.stopped_seconds is not None:
            described["stopDate"] = format_timestamp(self.stopped_seconds)
        described |= {
            "maxConcurrency": self.max_concurrency,
            "toleratedFailurePercentage": float(self.tolerance.percentage or 0),
            "toleratedFailureCount": self.tolerance.count or 0,
            "itemCounts": self.item_counts.as_json(),
            "executionCounts": self.execution_counts.as_json(),
        }
        if self.redriven_seconds is not None:
            described |= {"redriveCount": self.redrive_count, "redriveDate": format_timestamp(self.redriven_seconds)}
        return described

    def list_entry(self) -> JSONObject:
        """This run's entry in what ListMapRuns returns."""
        entry = {
            "executionArn": self.execution_arn,
            "mapRunArn": self.arn,
            "stateMachineArn": self.identity.machine_arn,
            "startDate": format_timestamp(self.started_seconds),
        }
        if self.stopped_seconds is not None:
            entry["stopDate"] = format_timestamp(self.stopped_seconds)
        return entry

    def update(
        self,
        *,
        max_concurrency: int | None = None,
        tolerated_failure_count: int | None = None,
        tolerated_failure_percentage: float | None = None,
    ) -> None:
        """Change the limits while it runs, as UpdateMapRun does; what is ``None`` stays."""
        if max_concurrency is not None:
            self.max_concurrency = max_concurrency
        tolerance = self.tolerance
        self.tolerance = FailureTolerance(
            count=tolerance.count if tolerated_failure_count is None else tolerated_failure_count,
            percentage=(tolerance.percentage if tolerated_failure_percentage is None else tolerated_failure_percentage),
        )

    def snapshot(self) -> JSONObject:
        """This run as JSON: for printing, comparing and storing."""
        return {**self.describe(), "stateMachineArn": self.identity.machine_arn, "itemsKnown": self.are_items_known}
