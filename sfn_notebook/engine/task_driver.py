"""Has the work of Tasks done and delivers the answers, at once or later; it decides nothing about states.

A Task whose work goes on outside is *pending*: whoever holds its token may answer it, once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, assert_never

from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.engine.commands import Command, TaskFailed, TaskSubmitted, TaskSucceeded
from sfn_notebook.engine.effects import StartTask
from sfn_notebook.engine.resources import (
    Pattern,
    ResourceKind,
    ResourcePlan,
    TaskError,
    TaskPending,
    TaskRequest,
    TaskResolver,
    TaskResult,
)
from sfn_notebook.errors import TaskTokenError
from sfn_notebook.runtime.scheduler import Scheduler, Timer

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution

_NOBODY: Final = 0
"""No task has this id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingTask:
    """A task that somebody outside must answer: a person, a worker, another execution.

    ``is_taken`` tells that a worker has taken the task of an activity, and ``worker_name`` who.
    """

    task_token: str
    task_id: int
    state_name: str
    state_pointer: str
    input: JSONValue
    plan: ResourcePlan
    since_seconds: float
    is_taken: bool = False
    worker_name: str | None = None


class TaskDriver:
    """The Tasks of one execution, from the request to the answer.

    ``pending`` holds the tasks that may be answered by token; ``exceptions`` what users' functions raised, by task.
    """

    def __init__(
        self,
        execution: "Execution",
        scheduler: Scheduler,
        resolver: TaskResolver,
        deliver: Callable[[Command], None],
    ) -> None:
        self.pending: dict[str, PendingTask] = {}
        self.exceptions: dict[int, BaseException] = {}
        self._execution = execution
        self._scheduler = scheduler
        self._resolver = resolver
        self._deliver = deliver
        self._answers: dict[int, Timer] = {}
        self._submitted_seconds: dict[int, float] = {}
        self._elsewhere: dict[int, Callable[[], None] | None] = {}
        self._performing = _NOBODY
        self._early: TaskResult | TaskError | None = None

    def perform(self, effect: StartTask) -> None:
        """Have the work of one attempt begun, or done."""
        started_seconds = self._scheduler.now()
        if effect.task_token is not None:
            self._await_token(effect, effect.task_token, started_seconds)
        self._performing, self._early = effect.task_id, None
        task_id, plan, parameters, state_name, state_pointer, retry_count, task_token, credentials = effect
        answer = None if task_token is None and plan.kind is ResourceKind.FUNCTION else self._answering(task_id)
        outcome = self._resolver.perform(
            TaskRequest(
                plan,
                parameters,
                state_name,
                state_pointer,
                retry_count,
                started_seconds,
                task_token,
                answer,
                self._execution,
                credentials,
            )
        )
        self._performing = _NOBODY
        # On a real clock the call itself took time; modelled duration is never shorter than that.
        now_seconds = self._scheduler.now()
        due_seconds = started_seconds + outcome.duration_seconds
        if due_seconds <= now_seconds and answer is None and isinstance(outcome, TaskResult):
            # The usual case, a function that takes no modelled time: nobody else could have answered, or still could.
            self._deliver(TaskSucceeded(task_id, outcome.result, outcome.size_bound_bytes))
            return
        due_seconds = max(now_seconds, due_seconds)
        if isinstance(outcome, TaskPending):
            self._elsewhere[effect.task_id] = outcome.cancel
            self._await_answer(effect.task_id, due_seconds, outcome.submitted)
        elif effect.plan.pattern is Pattern.REQUEST_RESPONSE or isinstance(outcome, TaskError):
            # An answer that came by token before the request failed is the one that counts.
            self._schedule(effect.task_id, due_seconds, self._command_of(effect.task_id, self._take_early() or outcome))
        else:
            self._await_answer(effect.task_id, due_seconds, outcome.result)

    @property
    def performing(self) -> int:
        """The id of the task whose work is being begun, or done, just now; 0 for none."""
        return self._performing

    def succeed(self, task_token: str, output: JSONValue) -> None:
        """Answer a pending task with ``output``.

        Raises:
            TaskTokenError: If nothing waits for this token (any more).
        """
        self._answer(self._holder(task_token).task_id, TaskResult(result=output))

    def fail(
        self, task_token: str, error: str | None, cause: str | None, exception: BaseException | None = None
    ) -> None:
        """Answer a pending task with an error.

        Raises:
            TaskTokenError: If nothing waits for this token (any more).
        """
        outcome = TaskError(error=error, cause=cause, exception=exception)
        self._answer(self._holder(task_token).task_id, outcome)

    def id_of(self, task_token: str) -> int:
        """The id of a pending task.

        Raises:
            TaskTokenError: If nothing waits for this token (any more).
        """
        return self._holder(task_token).task_id

    def take(self, task_token: str, worker_name: str | None) -> int:
        """Note that a worker has taken a pending task, and return its id.

        Raises:
            TaskTokenError: If nothing waits for this token (any more).
        """
        pending = replace(self._holder(task_token), is_taken=True, worker_name=worker_name)
        self.pending[task_token] = pending
        return pending.task_id

    def await_again(
        self, effect: StartTask, since_seconds: float, *, is_taken: bool = False, worker_name: str | None = None
    ) -> None:
        """Await the answer of a task whose work was asked for before: nobody is asked a second time."""
        if effect.task_token is not None:
            self._await_token(effect, effect.task_token, since_seconds)
            pending = self.pending[effect.task_token]
            self.pending[effect.task_token] = replace(pending, is_taken=is_taken, worker_name=worker_name)
        self._elsewhere[effect.task_id] = None

    def cancel(self, task_id: int) -> None:
        """Nobody awaits the task any more: its token is void, and work that goes on elsewhere is stopped."""
        stop = self._forget(task_id)
        if (timer := self._answers.pop(task_id, None)) is not None:
            timer.cancel()
        if stop is not None:
            stop()

    def _await_token(self, effect: StartTask, task_token: str, now_seconds: float) -> None:
        self.pending[task_token] = PendingTask(
            task_token=task_token,
            task_id=effect.task_id,
            state_name=effect.state_name,
            state_pointer=effect.state_pointer,
            input=effect.parameters,
            plan=effect.plan,
            since_seconds=now_seconds,
        )

    def _answering(self, task_id: int) -> Callable[[TaskResult | TaskError], None]:
        """How whoever does the work tells that it has ended, where that may be later than the request's answer."""

        def answer(outcome: TaskResult | TaskError) -> None:
            if task_id == self._performing or task_id in self._elsewhere:
                self._answer(task_id, outcome)

        return answer

    def _holder(self, task_token: str) -> PendingTask:
        if task_token not in self.pending:
            raise TaskTokenError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return self.pending[task_token]

    def _await_answer(self, task_id: int, due_seconds: float, submitted: JSONValue | Absent) -> None:
        """The request was answered with ``submitted``; the answer that counts is still to come, or came too early."""
        if submitted is not ABSENT:
            command = TaskSubmitted(task_id=task_id, result=submitted)
            if due_seconds <= self._scheduler.now():
                self._deliver(command)
            else:
                self._submitted_seconds[task_id] = due_seconds
                self._scheduler.schedule(due_seconds, lambda: self._deliver(command))
        if (early := self._take_early()) is not None:
            self._answer(task_id, early)

    def _take_early(self) -> TaskResult | TaskError | None:
        early, self._early = self._early, None
        return early

    def _answer(self, task_id: int, outcome: TaskResult | TaskError) -> None:
        """Work that was pending has ended; never before the answer to its request was written down."""
        self._forget(task_id)
        if task_id == self._performing:
            self._early = outcome
            return
        due_seconds = max(self._scheduler.now(), self._submitted_seconds.pop(task_id, 0.0))
        self._schedule(task_id, due_seconds, self._command_of(task_id, outcome))

    def _command_of(self, task_id: int, outcome: TaskResult | TaskError) -> Command:
        match outcome:
            case TaskResult(result=result, size_bound_bytes=bound):
                return TaskSucceeded(task_id=task_id, result=result, size_bound_bytes=bound)
            case TaskError(error=error, cause=cause, exception=exception):
                if exception is not None:
                    self.exceptions[task_id] = exception
                return TaskFailed(task_id=task_id, error=error, cause=cause)
            case _:
                assert_never(outcome)

    def _schedule(self, task_id: int, due_seconds: float, command: Command) -> None:
        if due_seconds <= self._scheduler.now():
            # Work that took no time ends with this instant: it need not wait in the queue of times.
            self._close(task_id, command)
            return
        self._answers[task_id] = self._scheduler.schedule(due_seconds, lambda: self._close(task_id, command))

    def _close(self, task_id: int, command: Command) -> None:
        self._answers.pop(task_id, None)
        self._forget(task_id)
        self._deliver(command)

    def _forget(self, task_id: int) -> Callable[[], None] | None:
        """Void the task's token; the way to stop its work, if it goes on elsewhere."""
        if self.pending:
            for token, pending in tuple(self.pending.items()):
                if pending.task_id == task_id:
                    del self.pending[token]
        return self._elsewhere.pop(task_id, None) if self._elsewhere else None
