"""Activities: tasks that wait in a queue for a worker, and the workers' calls; it knows no state machine."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.engine.resources import TaskError, TaskOutcome, TaskPending, TaskRequest
from sfn_notebook.errors import UnknownName

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution


@dataclass(frozen=True, kw_only=True, slots=True)
class ActivityTask:
    """One task in the queue of an activity."""

    execution: "Execution"
    request: TaskRequest


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


@dataclass(kw_only=True, slots=True)
class Activity:
    """An activity, the tasks that wait for a worker and the workers that wait for a task, oldest first."""

    name: str
    arn: str
    queue: deque[ActivityTask] = field(default_factory=deque)
    polls: deque[Poll] = field(default_factory=deque)


class Activities:
    """The activities of a workspace, by name."""

    def __init__(self) -> None:
        self._activities: dict[str, Activity] = {}

    def create(self, name: str, arn: str) -> Activity:
        """Make an activity; one of that name stays as it is, as CreateActivity does."""
        return self._activities.setdefault(name, Activity(name=name, arn=arn))

    def delete(self, reference: str) -> None:
        """Forget an activity; tasks that wait for a worker stay pending until they time out."""
        self._activities.pop(self.find(reference).name)

    def find(self, reference: str) -> Activity:
        """The activity of that name or ARN.

        Raises:
            UnknownName: With the nearest names.
        """
        name = reference.rpartition(":")[2]
        if name not in self._activities:
            raise UnknownName("activity", name, self._activities)
        return self._activities[name]

    def enqueue(self, execution: "Execution", request: TaskRequest) -> TaskOutcome:
        """Put a Task in the queue of its activity."""
        try:
            activity = self.find(request.plan.arn)
        except UnknownName:
            return TaskError(error="States.Runtime", cause=f"The activity {request.plan.arn} does not exist.")
        activity.queue.append(ActivityTask(execution=execution, request=request))
        while activity.polls:
            poll = activity.polls.popleft()
            if poll.answer is not None:
                poll.give(self.take(activity.name, poll.worker_name))
                break
        return TaskPending()

    def wait(self, reference: str, worker_name: str | None, answer: Callable[[JSONObject], None]) -> Poll:
        """Let a worker wait until a task comes."""
        poll = Poll(worker_name=worker_name, answer=answer)
        self.find(reference).polls.append(poll)
        return poll

    def take(self, reference: str, worker_name: str | None = None) -> JSONObject:
        """The oldest task that is still pending, as GetActivityTask returns it; ``{}`` if there is none."""
        queue = self.find(reference).queue
        while queue:
            task = queue.popleft()
            token = task.request.task_token
            if token is not None and token in task.execution.pending_tasks:
                task.execution.start_activity(token, worker_name)
                return {"taskToken": token, "input": _json.dump(task.request.parameters)}
        return {}
