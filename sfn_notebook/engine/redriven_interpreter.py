"""An interpreter that keeps what an unsuccessful execution leaves unfinished, and goes on with it when it is redriven.

Executions run without it; one that is redriven is replayed here first. Source: Step Functions Developer Guide,
"Restarting state machine executions with redrive", for what becomes of each type of state. Not recorded, and so our
choice: ExecutionRedriven follows the event that ended the execution; what goes on follows its own latest event, as a
retry does; a state that is done again writes no second StateEntered, but for a Fail, which is entered again.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.asl.compile import CompiledDefinition, CompiledDistributedMap, CompiledFail, RetryableState
from sfn_notebook.engine import joins, states
from sfn_notebook.engine.commands import Command, Instant, RedriveExecution
from sfn_notebook.engine.context_object import ExecutionHeader
from sfn_notebook.engine.frames import Frame, Join
from sfn_notebook.engine.held_interpreter import HeldInterpreter
from sfn_notebook.engine.interpreter import Transition
from sfn_notebook.engine.quotas import DATA_LIMIT_EXCEEDED
from sfn_notebook.engine.status import ExecutionStatus, TimerPurpose
from sfn_notebook.engine.visits import Attempt, Visit, VisitStatus


class _Broken(NamedTuple):
    """A Parallel or Map that one of its branches failed, and during which attempt of which visit."""

    join: Join
    failed: Frame
    visit: Visit | None
    attempt_count: int


class RedrivenInterpreter(HeldInterpreter):
    """After an unsuccessful end ``unfinished`` holds the branches that a redrive goes on with."""

    def __init__(self, compiled: CompiledDefinition, header: ExecutionHeader) -> None:
        super().__init__(compiled, header)
        self.unfinished: Frame | None = None
        self._broken: dict[Frame, _Broken] = {}

    def apply(self, instant: Instant) -> Transition:
        """As an interpreter does; a RedriveExecution opens what has ended."""
        is_redriven = any(isinstance(command, RedriveExecution) for command in instant.commands)
        if is_redriven and self.status is not ExecutionStatus.RUNNING and self.unfinished is not None:
            self._open()
        return super().apply(instant)

    def note_failed_branch(self, frame: Frame, join: Join) -> None:
        """Remember which branch has failed a Parallel or Map."""
        visit = join.owner.visit
        self._broken[join.owner] = _Broken(join, frame, visit, 0 if visit is None else len(visit.attempts))

    def end(self, status: ExecutionStatus, *, output: JSONValue | Absent = ABSENT) -> None:
        """Close the execution, but keep what is unfinished."""
        self.unfinished = None if status is ExecutionStatus.SUCCEEDED else self.root
        super().end(status, output=output)

    def unfinished_map_runs(self) -> list[str]:
        """The names of the states whose Map Runs a redrive would have to go on with."""
        root = self.unfinished
        return [] if root is None else [frame.state.name for frame in self._leaves(root) if self._has_map_run(frame)]

    def _leaves(self, frame: Frame) -> Iterator[Frame]:
        join = self._join_to_go_on_with(frame)
        if join is None:
            yield frame
        else:
            for branch in join.frames.values():
                yield from self._leaves(branch)

    def _has_map_run(self, frame: Frame) -> bool:
        visit = frame.visit
        if visit is None or not isinstance(frame.state, CompiledDistributedMap):
            return False
        return any(event[3] == "MapRunStarted" for event in self.events[visit.id :])

    def _open(self) -> None:
        self.status, self.output = ExecutionStatus.RUNNING, ABSENT
        self.error = self.cause = self.ended_seconds = None
        self.root, self.unfinished = self.unfinished, None
        self.ready = type(self.ready)()

    def _accept(self, command: Command) -> None:
        match command:
            case RedriveExecution():
                self._redrive()
            case _:
                super()._accept(command)

    def _redrive(self) -> None:
        self.redrive_count += 1
        self.redriven_seconds = self.now_seconds
        self.environment.note_redrive(self.redrive_count, self.now_seconds)
        self.emit(len(self.events), "ExecutionRedriven", payload=self.redrive_count)
        if self.compiled.timeout_seconds is not None:
            self.set_timer(self.now_seconds + self.compiled.timeout_seconds, None, TimerPurpose.EXECUTION)
        if self.root is not None:
            self._revive(self.root)
        self._broken.clear()

    def _revive(self, frame: Frame) -> None:
        """Let a branch go on where it stood."""
        join = self._join_to_go_on_with(frame)
        frame.is_over = False
        frame.timer_ids, frame.task_id, frame.map_run_id, frame.assigned = (), 0, 0, None
        visit = frame.visit
        if visit is None:
            is_iteration = frame.parent is not None and frame.parent.is_map
            self.ready.append((joins.begin_iteration if is_iteration else states.advance, frame, None))
        elif visit.output is not ABSENT or isinstance(frame.state, CompiledFail):
            # It had left the state before it could enter the next one; and a Fail is entered again.
            self.ready.append((states.advance, frame, None))
        else:
            visit.status, visit.exited_seconds, visit.error, visit.cause = VisitStatus.RUNNING, None, None, None
            self.changed.append(visit)
            if join is None:
                frame.join = None
                self.ready.append((states.enter_again, frame, None))
            else:
                self._revive_branches(frame, visit, join)

    def _revive_branches(self, frame: Frame, visit: Visit, join: Join) -> None:
        state = frame.state
        assert isinstance(state, RetryableState)  # noqa: S101 - only these have branches
        frame.join, frame.retry_count, frame.retries = join, 0, (0,) * len(state.retry)
        visit.attempts += (Attempt(self.now_seconds, parameters=visit.attempts[-1].parameters),)
        for branch in list(join.frames.values()):
            self._revive(branch)

    def _join_to_go_on_with(self, frame: Frame) -> Join | None:
        """The branches of a Parallel or Map of which some have ended well; ``None`` where all begin anew."""
        visit, broken = frame.visit, self._broken.get(frame)
        if visit is None or visit.error == DATA_LIMIT_EXCEEDED:
            return None
        if broken is None or broken.visit is not visit or broken.attempt_count != len(visit.attempts):
            return frame.join
        join = broken.join
        join.frames[broken.failed.index] = broken.failed
        join.frames = dict(sorted(join.frames.items()))
        return join


def interpreter_of(
    compiled: CompiledDefinition, header: ExecutionHeader, log: Sequence[Instant]
) -> HeldInterpreter | RedrivenInterpreter:
    """One for a log that may hold breakpoints and redrives; nothing of it has happened yet."""
    return RedrivenInterpreter(compiled, header) if has_redrives(log) else HeldInterpreter(compiled, header)


def has_redrives(log: Sequence[Instant]) -> bool:
    """Whether an execution with this log was ever redriven."""
    return any(isinstance(command, RedriveExecution) for instant in log for command in instant.commands)
