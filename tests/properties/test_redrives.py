"""Redriving leaves the one idea intact: the log, with the redrives in it, gives the same bytes."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.engine.redrives import RedrivableExecution
from sfn_notebook.engine.resources import TaskError, TaskRequest, TaskResult
from sfn_notebook.engine.visits import VisitStatus
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler
from tests.properties.test_replay import INPUT, MACHINE, SEEDS, Answers, Json, bounded, chains, compiled_machine

OPEN = {VisitStatus.RUNNING, VisitStatus.RETRYING}


class Repaired(Answers):
    """Fails as ``Answers`` do, until ``is_repaired``."""

    is_repaired = False

    def perform(self, request: TaskRequest) -> TaskResult | TaskError:
        outcome = super().perform(request)
        return TaskResult(result=request.parameters) if self.is_repaired else outcome


def broken_run(chain: Json, seed: int) -> tuple[RedrivableExecution, Repaired]:
    definition, compiled = compiled_machine(chain)
    resolver = Repaired()
    execution = RedrivableExecution(
        definition=definition,
        compiled=compiled,
        header=ExecutionHeader("run", MACHINE, INPUT, seed),
        scheduler=Scheduler(VirtualClock()),
        resolver=resolver,
    )
    execution.run()
    return execution, resolver


def redrive(execution: RedrivableExecution) -> None:
    execution.begin_redrive()
    execution.resume()


@bounded(100)
@given(chain=chains(), seed=st.sampled_from(SEEDS), times=st.integers(1, 3), is_repaired=st.booleans())
def test_a_redriven_execution_replays_to_the_same_bytes(
    chain: Json, seed: int, times: int, *, is_repaired: bool
) -> None:
    execution, resolver = broken_run(chain, seed)
    resolver.is_repaired = is_repaired
    for _ in range(times):
        if execution.status == "SUCCEEDED":
            break
        before, passed = execution.history, [repr(each) for each in execution.visits if each.status == "SUCCEEDED"]
        redrive(execution)
        assert execution.history[: len(before)] == before
        assert set(passed) - {repr(each) for each in execution.visits} == set(), "what succeeded was done again"
        assert execution.status in ("SUCCEEDED", "FAILED", "TIMED_OUT")
    assert not [visit for visit in execution.visits if visit.status in OPEN]
    again = replay(execution.compiled, execution.header, copy.deepcopy(execution.log))
    assert json.dumps(history_of(again.events)) == json.dumps(execution.history)
    assert (again.status, again.visits) == (execution.status, list(execution.visits))
