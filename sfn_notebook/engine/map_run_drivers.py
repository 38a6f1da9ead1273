"""The Map Runs of one execution at work, by id; it neither reads nor writes and starts no execution itself."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from sfn_notebook.engine.buckets import Buckets, NoBuckets
from sfn_notebook.engine.commands import MapRunEnded, MapRunReported
from sfn_notebook.engine.context_object import ExecutionHeader, MachineIdentity
from sfn_notebook.engine.effects import StartMapRun
from sfn_notebook.engine.map_run import MapRun, MapRunStatus
from sfn_notebook.engine.map_run_driver import MapRunDriver
from sfn_notebook.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution

BeginChild: TypeAlias = "Callable[[StartMapRun, ExecutionHeader, Callable[[Execution], None]], Execution]"


class MapRunDrivers:
    """Starts, finds and stops the drivers; made by an execution when its first Map Run begins.

    ``begin_child`` makes a child execution and begins it; ``on_progress`` and ``on_end`` tell the execution.
    """

    def __init__(
        self,
        *,
        machine: MachineIdentity,
        scheduler: Scheduler,
        buckets: Buckets | None,
        begin_child: BeginChild,
        on_progress: Callable[[], None],
        on_end: Callable[[MapRunEnded], None],
    ) -> None:
        self._machine = machine
        self._scheduler = scheduler
        self._buckets: Buckets = NoBuckets() if buckets is None else buckets
        self._begin_child = begin_child
        self._on_progress = on_progress
        self._on_end = on_end
        self._drivers: dict[int, MapRunDriver] = {}

    def start(self, effect: StartMapRun) -> None:
        """Do the work of a Map Run. Its children belong to a machine of their own, ``<machine>/<label>``."""
        identity = effect.plan.run.identity
        machine = replace(
            self._machine, name=identity.qualified_machine, arn=identity.machine_arn, type=effect.execution_type
        )
        self._drivers[effect.map_run_id] = driver = MapRunDriver(
            map_run_id=effect.map_run_id,
            plan=effect.plan,
            machine=machine,
            scheduler=self._scheduler,
            buckets=self._buckets,
            start_child=lambda header, on_end: self._begin_child(effect, header, on_end),
            on_progress=self._on_progress,
            on_end=self._on_end,
        )
        driver.start()

    def stop(self, map_run_id: int) -> None:
        """The end of the run is not wanted any more."""
        self._drivers[map_run_id].stop()

    def reports(self) -> Iterator[MapRunReported]:
        """How far the open runs have come: the log shall know it at every instant that it holds."""
        for map_run_id, driver in self._drivers.items():
            if driver.run.status is MapRunStatus.RUNNING:
                yield MapRunReported(map_run_id=map_run_id, outcome=driver.run.outcome())

    def exception(self, map_run_id: int) -> BaseException | None:
        """What the user's function raised in the first child that failed with an exception."""
        return self._drivers[map_run_id].exception

    def children(self, map_run: MapRun) -> "list[Execution]":
        """The child executions of a run that are at hand."""
        for driver in self._drivers.values():
            if driver.run is map_run:
                return driver.children
        return []

    def update(
        self,
        map_run: MapRun,
        *,
        max_concurrency: int | None,
        tolerated_failure_count: int | None,
        tolerated_failure_percentage: float | None,
    ) -> None:
        """Change the limits of a run that is open; one that has ended stays as it is."""
        for driver in self._drivers.values():
            if driver.run is map_run and map_run.status is MapRunStatus.RUNNING:
                map_run.update(
                    max_concurrency=max_concurrency,
                    tolerated_failure_count=tolerated_failure_count,
                    tolerated_failure_percentage=tolerated_failure_percentage,
                )
                driver.limits_changed()
