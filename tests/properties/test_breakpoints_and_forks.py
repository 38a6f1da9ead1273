"""Pausing, editing and forking leave the one idea intact: definition, input, seed and log give the same bytes."""

import copy
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sfn_notebook.asl.compile import CompiledDefinition
from sfn_notebook.engine.breakpoints import AFTER, BEFORE, Breakpoint
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.debugged_execution import DebuggedExecution
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.history import history_of
from sfn_notebook.engine.interpreter import replay
from sfn_notebook.engine.past import Past, past_before
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.scheduler import Scheduler
from tests.properties.test_replay import INPUT, MACHINE, SEEDS, Answers, Json, bounded, chains, compiled_machine, run

Machine = tuple[Any, CompiledDefinition]


def debugged(machine: Machine, seed: int, *breakpoints: Breakpoint, past: Past | None = None) -> DebuggedExecution:
    definition, compiled = machine
    return DebuggedExecution(
        definition=definition,
        compiled=compiled,
        header=ExecutionHeader("run", MACHINE, INPUT, seed),
        scheduler=Scheduler(VirtualClock() if past is None else VirtualClock(past.first_seconds)),
        resolver=Answers(),
        breakpoints=breakpoints,
        past=past,
    )


def everywhere(machine: Machine) -> list[Breakpoint]:
    names = [state.name for state in machine[1].states.values()]
    return [Breakpoint(state=name, when=when) for name in names for when in (BEFORE, AFTER)]


def text(execution: Execution) -> str:
    return json.dumps([execution.history, execution.status, [repr(visit) for visit in execution.visits]])


def replayed_text(execution: Execution) -> str:
    again = replay(execution.compiled, execution.header, copy.deepcopy(execution.log))
    return json.dumps([history_of(again.events), again.status, [repr(visit) for visit in again.visits]])


@bounded(40)
@given(chain=chains(), seed=st.sampled_from(SEEDS), data=st.data())
def test_pausing_anywhere_changes_no_byte(chain: Json, seed: int, data: st.DataObject) -> None:
    machine = compiled_machine(chain)
    chosen = data.draw(st.lists(st.sampled_from(everywhere(machine)), max_size=6))
    execution = debugged(machine, seed, *chosen).run()
    while execution.paused_at is not None:
        execution.resume()
    assert text(execution) == text(run(machine, seed))
    assert replayed_text(execution) == text(execution)


@bounded(20)
@given(chain=chains(), seed=st.sampled_from(SEEDS))
def test_stepping_enters_one_state_at_a_time_and_changes_no_byte(chain: Json, seed: int) -> None:
    machine = compiled_machine(chain)
    execution = debugged(machine, seed, Breakpoint(state=chain["StartAt"])).run()
    seen = 0
    while execution.paused_at is not None:
        assert len(execution.visits) == seen
        seen += 1
        execution.step()
    assert text(execution) == text(run(machine, seed))
    assert len(execution.visits) == seen


@bounded(40)
@given(chain=chains(), seed=st.sampled_from(SEEDS), data=st.data())
def test_edits_replay_to_the_same_bytes(chain: Json, seed: int, data: st.DataObject) -> None:
    machine = compiled_machine(chain)
    execution = debugged(machine, seed, *everywhere(machine)[:8])
    execution.run()
    edits = 0
    while execution.paused_at is not None and edits < 20:
        if data.draw(st.booleans()):
            execution.edit({"n": edits, "items": [], "edited": True})
            edits += 1
        execution.resume()
    assert len(execution.edits) == edits
    assert replayed_text(execution) == text(execution)


@bounded(60)
@given(chain=chains(), seed=st.sampled_from(SEEDS), data=st.data())
def test_a_fork_that_changes_nothing_ends_as_the_execution_did(chain: Json, seed: int, data: st.DataObject) -> None:
    machine = compiled_machine(chain)
    execution = run(machine, seed)
    event_id = data.draw(st.integers(min_value=1, max_value=len(execution.history)))
    past = past_before(event_id, compiled=machine[1], header=execution.header, log=execution.log)
    assert past.event_count < event_id
    fork = debugged(machine, seed, past=past).run()
    assert text(fork) == text(execution)
    assert replayed_text(fork) == text(fork)
