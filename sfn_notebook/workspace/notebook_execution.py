"""An execution as a notebook holds it: it can be answered, paused, forked and compared; how it runs is the engine's."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.engine.breakpoints import Breakpoint
from sfn_notebook.engine.debugged_execution import DebuggedExecution
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.log_events import log_events_of
from sfn_notebook.engine.redrives import RedrivableExecution
from sfn_notebook.engine.visits import Visit
from sfn_notebook.errors import ExecutionStalled
from sfn_notebook.workspace.mock_config import MockedTestCase
from sfn_notebook.workspace.waiting import Waiting

if TYPE_CHECKING:
    from sfn_notebook.workspace.comparison import Comparison
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.workspace import Workspace


class NotebookExecution(RedrivableExecution):
    """One run of a machine of a workspace, which sets these three when it makes it.

    ``mock`` is the test case that answers for its states, if there is one.
    """

    workspace: "Workspace"
    machine: "StateMachine"
    mock: MockedTestCase | None

    def run(self) -> Execution:
        """Start, and go on until it ends or waits; see ``Execution.run``."""
        with self.workspace.turn:
            return super().run()

    def resume(self, *, reach_deadlines: bool = False) -> Execution:
        """Go on; see ``Execution.resume``."""
        with self.workspace.turn:
            super().resume(reach_deadlines=reach_deadlines)
            self.workspace.tell_waiting(beside=self)
            return self

    def redrive(self) -> Execution:
        """Go on with the unsuccessful states of this very run, as RedriveExecution does; what succeeded stays.

        Parallel and Map go on with those branches and iterations that failed or were stopped. Functions are those of
        the notebook as they are now. ``fork`` leaves this run as it is and makes another one.

        Raises:
            InvalidInput: If it cannot be redriven: it runs, it has succeeded, it is EXPRESS, or it ended 14 modelled
                days ago.
            FeatureNotSupported: If the Map Run of a Distributed Map would have to go on.
        """
        with self.workspace.turn:
            self.begin_redrive()
            return self.resume()

    def waiting(self) -> list[Waiting]:
        """What this run waits for, with the executions that it started; oldest first."""
        return [each for each in self.workspace.waiting() if each.execution.root is self]

    def approve(
        self, state: str | None = None, output: JSONValue = ABSENT, *, iteration: int | tuple[int, ...] | None = None
    ) -> Execution:
        """Answer the task that waits in ``state``, or the only one, with an output (``{}`` without one), and go on.

        Args:
            state: The state's name, or the task's token.
            output: Any JSON value.
            iteration: Which one, if several wait there: the index in the Map or Parallel around it, or the indices in
                all that are around it, outermost first.

        Raises:
            UnknownName: If nothing waits there.
            InvalidInput: If several tasks do, or a worker has to take the task first; also if ``output`` is not JSON.
        """
        token = self.workspace.token_of(state, iteration=iteration, within=self)
        self.workspace.send_task_success(token, output)
        return self

    def reject(
        self,
        state: str | None = None,
        error: str | None = None,
        cause: str | None = None,
        *,
        iteration: int | tuple[int, ...] | None = None,
    ) -> Execution:
        """Answer the task that waits in ``state`` with an error, for its Retry and Catch; see ``approve``."""
        token = self.workspace.token_of(state, iteration=iteration, within=self)
        self.workspace.send_task_failure(token, error, cause)
        return self

    def heartbeat(self, state: str | None = None, *, iteration: int | tuple[int, ...] | None = None) -> Execution:
        """Tell that the task which waits in ``state`` is still worked on; see ``approve``."""
        self.workspace.send_task_heartbeat(self.workspace.token_of(state, iteration=iteration, within=self))
        return self

    @property
    def edits(self) -> Mapping[int, JSONValue]:
        """The payloads that were replaced, as they were before, by the id of the event that carries the new one."""
        return {}

    def edit(self, payload: JSONValue) -> Execution:
        """Replace the payload with which it leaves a breakpoint.

        Raises:
            ExecutionStalled: If it does not stand at one.
        """
        del payload
        hint = f"Give the run one: {self.machine_name}.run(input, breakpoints=[...]), or fork(at=..., payload=...)."
        raise ExecutionStalled(f"{self.name} does not stand at a breakpoint.", hint=hint)

    def fork(
        self,
        at: int | Visit | str | None = None,
        *,
        payload: JSONValue = ABSENT,
        definition: "str | Mapping[str, Any] | StateMachine | None" = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        iteration: int | tuple[int, ...] | None = None,
        name: str | None = None,
        breakpoints: Iterable[str | Breakpoint] = (),
        answers: JSONObject | None = None,
    ) -> "NotebookExecution":
        """Go on from a moment of this run as another execution, which shares what was before; this one stays as it is.

        No function runs again for what is shared. What comes after uses the functions as they are now.

        Args:
            at: The first event that may be another one: its id, a visit (where its state is entered) or a state's name
                (its latest visit). Without it: the state that failed, the breakpoint, or where the run waits.
            payload: Replaces the input of the state that is entered there, or the output of the one that is left.
            definition: Another definition, with which the past must be the same.
            functions: Functions by name, beside or in place of the notebook's.
            iteration: Which visit, if ``at`` is the name of a state in a Map or Parallel; see ``approve``.
            name: The execution's name; numbered without it.
            breakpoints: As for ``StateMachine.run``.
            answers: As for ``StateMachine.run``.

        Raises:
            UnknownName: If there was no such state.
            InvalidInput: If there is no such event, no payload to replace, or another past; nothing has run then.
        """
        from sfn_notebook.workspace.forks import Change, fork

        return fork(
            self,
            at,
            Change(payload=payload, definition=definition, functions=functions),
            iteration=iteration,
            name=name,
            breakpoints=breakpoints,
            answers=answers,
        )

    def log_events(self, level: str | None = None, *, include_execution_data: bool | None = None) -> list[JSONObject]:
        """What this run writes to its machine's log, oldest first; ``level`` asks what it would with another one.

        Args:
            level: ``ALL``, ``ERROR``, ``FATAL`` or ``OFF``; that of the machine without it.
            include_execution_data: Whether payloads are written too; as the machine says without it.

        Raises:
            InvalidInput: For another level.
        """
        logging = self.machine.logging
        return log_events_of(
            self.events,
            execution_arn=self.arn,
            level=logging.level if level is None else level,
            include_execution_data=(
                logging.include_execution_data if include_execution_data is None else include_execution_data
            ),
        )

    def compare(self, other: Execution) -> "Comparison":
        """Where this run and another one part, and what differs in each state."""
        from sfn_notebook.workspace.comparison import compare

        return compare(self, other)


class DebuggedNotebookExecution(DebuggedExecution, NotebookExecution):
    """One that pauses at breakpoints, or goes on where another one's past ends."""

    def start(self) -> None:
        """Begin, or go on where the past ends; what waited then waits again, under tokens of its own."""
        super().start()
        for token in self.pending_tasks:
            self.workspace.tokens.hold(token, self)

    def edit(self, payload: JSONValue) -> Execution:  # type: ignore[override]  # both say what they return, one more exactly
        """Replace the payload with which it leaves the breakpoint; it must be JSON."""
        from sfn_notebook.workspace.payloads import payload_of

        return super().edit(payload_of(payload))
