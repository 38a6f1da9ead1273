"""Activities: tasks that wait in a queue for a worker, and the workers' calls; it knows no state machine."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.asl.compile import CompiledDefinition, CompiledTask
from sfn_notebook.engine.resources import TaskOutcome, TaskPending, TaskRequest
from sfn_notebook.errors import InternalError, InvalidInput, UnknownName
from sfn_notebook.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution
    from sfn_notebook.workspace.workers import ActivityWorker

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_RESOURCE: Final = ":activity:"
"""What the ARN of an activity has in it, and no other Resource."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityTask:
    """One task in the queue of an activity; ``scheduler`` is the clock that its execution lives by."""

    execution: "Execution"
    request: TaskRequest
    scheduler: Scheduler

    @property
    def token(self) -> str:
        """The token that answers the task."""
        if self.request.task_token is None:
            raise InternalError("a task of an activity has no token")
        return self.request.task_token

    @property
    def is_pending(self) -> bool:
        """Whether its execution still awaits it."""
        return self.token in self.execution.pending_tasks


@dataclass(kw_only=True, slots=True)
class Poll:
    """A worker that waits for a task; it is answered once, with a task or with nothing."""

    worker_name: str | None
    answer: Callable[[JSONObject], None] | None

    def give(self, task: JSONObject) -> None:
        """Answer, unless that has been done."""
        answer, self.answer = self.answer, None
        if answer is not None:
            answer(task)

    def give_up(self) -> None:
        """Answer that there is no task."""
        self.give({})

    def abandon(self) -> None:
        """Nobody waits for the answer any more: the task shall go to somebody else."""
        self.answer = None


@dataclass(kw_only=True, slots=True)
class Activity:
    """An activity, the tasks that wait for a worker and the calls that wait for a task, oldest first.

    ``workers`` are functions of the notebook, which take what nobody else waits for.
    """

    name: str
    arn: str
    queue: deque[ActivityTask] = field(default_factory=deque)
    polls: deque[Poll] = field(default_factory=deque)
    workers: list["ActivityWorker"] = field(default_factory=list)

    def take(self, worker_name: str | None = None) -> ActivityTask | None:
        """The oldest task that is still pending, which has then begun; ``None`` if there is none."""
        while self.queue:
            task = self.queue.popleft()
            if task.is_pending:
                task.execution.start_activity(task.token, worker_name)
                return task
        return None

    def add_worker(self, worker: "ActivityWorker") -> None:
        """Let a worker take tasks from now on; it replaces one of its name, as a cell does that is run again."""
        self.workers = [*(each for each in self.workers if each.name != worker.name), worker]


class Activities:
    """The activities of a workspace, by name."""

    def __init__(self) -> None:
        self._activities: dict[str, Activity] = {}

    def create(self, name: str, arn: str) -> Activity:
        """Make an activity; one of that name stays as it is, as CreateActivity does.

        Raises:
            InvalidInput: If the name cannot be one.
        """
        if not _NAME.fullmatch(name):
            raise InvalidInput(f"{name!r} cannot name an activity.", hint="Use 1 to 80 letters, digits, dots, - and _.")
        return self._activities.setdefault(name, Activity(name=name, arn=arn))

    def delete(self, reference: str) -> None:
        """Forget an activity; tasks that wait for a worker stay pending until they time out."""
        self._activities.pop(self.find(reference).name)

    def arn_of(self, name: str) -> str | None:
        """The ARN of the activity called ``name``, if there is one."""
        activity = self._activities.get(name)
        return None if activity is None else activity.arn

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all activities, in the order of their making."""
        return tuple(self._activities)

    def find(self, reference: str) -> Activity:
        """The activity of that name or ARN.

        Raises:
            UnknownName: With the nearest names.
        """
        name = reference.rpartition(":")[2]
        if name not in self._activities:
            raise UnknownName("activity", name, self._activities)
        return self._activities[name]

    def missing(
        self, compiled: CompiledDefinition, mocked: frozenset[str] = frozenset()
    ) -> Callable[[], frozenset[str]] | None:
        """A way to ask which activities of a definition are not there; ``None`` if it has none.

        States whose names are ``mocked`` need none.
        """
        if not any(_RESOURCE in resource for resource in compiled.resources):
            return None
        tasks = [state for state in compiled.states.values() if isinstance(state, CompiledTask)]
        named = {task.resource for task in tasks if _RESOURCE in task.resource and task.name not in mocked}
        return lambda: frozenset(arn for arn in named if arn.rpartition(":")[2] not in self._activities)

    def enqueue(self, request: TaskRequest, scheduler: Scheduler) -> TaskOutcome:
        """Put a Task in the queue of its activity; a worker of the notebook takes it at the end of this instant."""
        if request.execution is None:
            raise InternalError("a resolver was asked by no execution")
        try:
            activity = self.find(request.plan.arn)
        except UnknownName:
            # Deleted within this very instant, after the task was scheduled: nobody will take it.
            return TaskPending()
        activity.queue.append(ActivityTask(execution=request.execution, request=request, scheduler=scheduler))
        while activity.polls:
            poll = activity.polls.popleft()
            if poll.answer is not None:
                poll.give(self.take(activity.name, poll.worker_name))
                return TaskPending()
        for worker in activity.workers:
            scheduler.at_end_of_instant(worker.work)
        return TaskPending()

    def wait(self, reference: str, worker_name: str | None, answer: Callable[[JSONObject], None]) -> Poll:
        """Let a worker wait until a task comes."""
        poll = Poll(worker_name=worker_name, answer=answer)
        self.find(reference).polls.append(poll)
        return poll

    def take(self, reference: str, worker_name: str | None = None) -> JSONObject:
        """The oldest task that is still pending, as GetActivityTask returns it; ``{}`` if there is none."""
        task = self.find(reference).take(worker_name)
        return {} if task is None else {"taskToken": task.token, "input": _json.dump(task.request.parameters)}
