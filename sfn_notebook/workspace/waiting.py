"""What waits for somebody outside, and which token a name stands for; it answers nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.engine.resources import Pattern, ResourceKind, TaskRequest
from sfn_notebook.engine.task_driver import PendingTask
from sfn_notebook.engine.visits import Visit
from sfn_notebook.errors import InvalidInput, TaskTokenError, UnknownName
from sfn_notebook.views.typography import visible

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A task that waits, and the execution that it is a task of."""

    execution: "Execution"
    task: PendingTask

    def __repr__(self) -> str:
        return f"<Waiting {self.execution.name} in {visible(self.state_name)} for {self.awaited}>"

    @property
    def task_token(self) -> str:
        """The token that answers the task."""
        return self.task.task_token

    @property
    def state_name(self) -> str:
        """The state that waits."""
        return self.task.state_name

    @property
    def input(self) -> JSONValue:
        """What the task was asked with: its Parameters or Arguments."""
        return self.task.input

    @property
    def visit(self) -> Visit | None:
        """The visit that waits."""
        return self.execution.visit_of(self.task)

    @property
    def iteration(self) -> tuple[int, ...]:
        """Index in each Parallel and Map around the state, outermost first."""
        visit = self.visit
        return () if visit is None else visit.iteration

    @property
    def limits(self) -> tuple[int | None, int | None]:
        """TimeoutSeconds and HeartbeatSeconds of the task, from the event that scheduled it."""
        visit = self.visit
        if visit is None:
            return None, None
        for event in reversed(self.execution.events[visit.id :]):
            if event[3].endswith("Scheduled") and event[5][1] is self.task.input:
                return event[5][2], event[5][3]
        return None, None

    @property
    def place(self) -> str:
        """Execution, state and iteration: ``OrderFlow-1/Approve[2]``."""
        return f"{self.execution.name}/{self.state_name}" + "".join(f"[{index}]" for index in self.iteration)

    @property
    def is_for_a_worker(self) -> bool:
        """Whether it is an activity's task that no worker has taken yet."""
        return self.task.plan.kind is ResourceKind.ACTIVITY and not self.task.is_taken

    @property
    def is_for_an_execution(self) -> bool:
        """Whether another execution answers it at its end."""
        return self.task.plan.pattern in (Pattern.RUN_A_JOB, Pattern.RUN_A_JOB_PARSED)

    @property
    def awaited(self) -> str:
        """Who is to answer, in a few words."""
        if self.is_for_an_execution:
            return "another execution"
        if self.is_for_a_worker:
            return f"a worker of {self.task.plan.resource}"
        if self.task.plan.kind is ResourceKind.ACTIVITY:
            return f"worker {self.task.worker_name}" if self.task.worker_name else "its worker"
        return "an answer"

    def describe(self) -> JSONObject:
        """The same as plain data."""
        return {
            "executionArn": self.execution.arn,
            "stateName": self.state_name,
            **({"iteration": list(self.iteration)} if self.iteration else {}),
            "waitsFor": self.awaited,
            "since": format_timestamp(self.task.since_seconds),
            "taskToken": self.task_token,
        }


def waiting_in(execution: "Execution") -> list[Waiting]:
    """What one execution waits for, oldest first."""
    return [Waiting(execution=execution, task=task) for task in execution.pending_tasks.values()]


class TokenHolders:
    """The executions by the tokens that they gave out, also the children of Map Runs, which have no name of their own.

    An execution that nobody holds any more, and its tokens, are forgotten.
    """

    def __init__(self) -> None:
        self._executions: WeakValueDictionary[str, Execution] = WeakValueDictionary()
        self._new: list[str] = []

    def note(self, request: TaskRequest) -> None:
        """Remember whose token a request carries."""
        if request.task_token is not None and request.execution is not None:
            self._executions[request.task_token] = request.execution
            self._new.append(request.task_token)

    def newly_waiting(self) -> "list[Execution]":
        """The executions that have given out a token since this was last asked, and still wait for its answer."""
        if not self._new:
            return []
        tokens, self._new = self._new, []
        held = ((token, self._executions.get(token)) for token in tokens)
        found = (execution for token, execution in held if execution is not None and token in execution.pending_tasks)
        return list(dict.fromkeys(found))

    def holder(self, task_token: str) -> "Execution":
        """The execution whose task a token answers.

        Raises:
            TaskTokenError: If the token is none of this workspace.
        """
        # Authors are not type-checked: a token may be anything, whatever the annotation says.
        given: object = task_token
        execution = self._executions.get(given) if isinstance(given, str) else None
        if execution is None:
            raise TaskTokenError("InvalidToken", "Invalid Token: 'Invalid token'")
        return execution

    def waiting(self) -> list[Waiting]:
        """Every task that waits, oldest first."""
        held = tuple(self._executions.items())
        return [
            Waiting(execution=execution, task=task)
            for token, execution in held
            if (task := execution.pending_tasks.get(token)) is not None
        ]

    def hold(self, task_token: str, execution: "Execution") -> None:
        """Remember whose token it is, where nobody asks for the work: it was asked for before a fork."""
        self._executions[task_token] = execution

    def token_of(
        self,
        reference: str | None,
        *,
        executions: "Mapping[str, Execution]",
        iteration: int | tuple[int, ...] | None = None,
        within: "Execution | None" = None,
    ) -> str:
        """The token that ``reference`` stands for: a token, the name of a state or an execution that waits.

        ``iteration`` and ``within`` leave only some of the tasks, see ``Workspace.token_of``.

        Raises:
            UnknownName: If nothing waits under that name, with the names under which something does.
            InvalidInput: If more than one task does, or if nobody has taken the task yet.
        """
        if reference is not None and reference in self._executions:
            return reference
        wanted = (iteration,) if isinstance(iteration, int) else iteration
        known = [
            each
            for each in self.waiting()
            if not each.is_for_an_execution
            and (within is None or each.execution.root is within)
            and (wanted is None or each.iteration[-len(wanted) :] == wanted)
        ]
        named = executions.get(reference or "")
        found = [each for each in known if reference is None or named is each.execution or reference in _names(each)]
        if not found:
            raise UnknownName(
                "waiting task", reference or "", dict.fromkeys(name for each in known for name in _names(each))
            )
        answerable = [each for each in found if not each.is_for_a_worker]
        if not answerable:
            activity = found[0].task.plan.resource
            hint = f"Take it first: %sfn get-activity-task {activity}, or workspace.get_activity_task({activity!r})."
            raise InvalidInput(f"{found[0].state_name} waits for a worker of the activity {activity!r}.", hint=hint)
        if len(answerable) > 1:
            places = ", ".join(each.place for each in answerable[:10])
            what = "tasks wait" if reference is None else f"tasks wait under the name {reference!r}"
            hint = "Give the iteration or the token: %sfn waiting and workspace.waiting() list them."
            raise InvalidInput(f"{len(answerable)} {what}: {places}.", hint=hint)
        return answerable[0].task_token


def _names(waiting: Waiting) -> tuple[str, str, str]:
    return waiting.state_name, waiting.execution.name, waiting.execution.arn
