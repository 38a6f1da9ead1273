"""Workers of activities that are functions of the notebook: they take tasks and answer them; they make no activity."""

import inspect
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.resources import TaskError, TaskResult
from sfn_notebook.errors import InvalidInput, TaskTokenError
from sfn_notebook.functions.coroutines import run_to_completion
from sfn_notebook.functions.marshalling import MarshalError, ResponseTooLargeError, copy_event, marshal
from sfn_notebook.functions.stack_traces import user_traceback
from sfn_notebook.workspace.activities import Activity, ActivityTask

WorkerHandler: TypeAlias = Callable[[Any], Any]

_TOO_LARGE: Final = "The worker's result is too large."


class ActivityWorker:
    """One worker of one activity: it does one task at a time, each for ``duration_seconds`` of modelled time.

    What the handler returns is the task's output; the class of what it raises is the Error Name, the text the cause.

    Raises:
        InvalidInput: If the handler does not take exactly the task's input.
    """

    def __init__(
        self, activity: Activity, handler: WorkerHandler, *, name: str | None = None, duration_seconds: float = 0.0
    ) -> None:
        self.activity = activity
        self.name = name if name is not None else getattr(handler, "__name__", "worker")
        self.is_busy = False
        self._handler = handler
        self._duration_seconds = duration_seconds
        _check(handler, self.name, duration_seconds)

    def __repr__(self) -> str:
        return f"<ActivityWorker {self.name} of {self.activity.name}>"

    def work(self) -> None:
        """Take what waits, one task after another, until nothing waits or a task takes time."""
        while not self.is_busy and self.work_once() is not None:
            pass

    def work_once(self) -> Execution | None:
        """Take one task and do it; the execution that it belongs to, or ``None`` if nothing waits."""
        task = self.activity.take(self.name)
        if task is None:
            return None
        outcome = self._call(task.request.parameters)
        if self._duration_seconds > 0:
            self.is_busy = True
            due_seconds = task.scheduler.now() + self._duration_seconds
            task.scheduler.schedule(due_seconds, lambda: self._finish(task, outcome))
        else:
            _answer(task, outcome)
        return task.execution

    def _finish(self, task: ActivityTask, outcome: TaskResult | TaskError) -> None:
        self.is_busy = False
        _answer(task, outcome)
        if self in self.activity.workers:
            self.work()

    def _call(self, given: JSONValue) -> TaskResult | TaskError:
        try:
            result = self._handler(copy_event(given, is_payload=True))
            if hasattr(type(result), "__await__"):
                result = run_to_completion(result)
        except Exception as error:  # noqa: BLE001 - a worker reports whatever goes wrong in it
            trace = user_traceback(error.__traceback__)
            return TaskError(error=type(error).__name__, cause=str(error), exception=error.with_traceback(trace))
        try:
            return TaskResult(result=marshal(result)[0])
        except MarshalError as error:
            return TaskError(error="Runtime.MarshalError", cause=str(error))
        except ResponseTooLargeError:
            return TaskError(error="States.DataLimitExceeded", cause=_TOO_LARGE)


def _answer(task: ActivityTask, outcome: TaskResult | TaskError) -> None:
    try:
        if isinstance(outcome, TaskResult):
            task.execution.succeed_task(task.token, outcome.result)
        else:
            task.execution.fail_task(task.token, outcome.error, outcome.cause, exception=outcome.exception)
    except TaskTokenError:
        # Timed out, or stopped, while the worker was at it: on AWS too, such an answer is refused and nothing happens.
        return


def _check(handler: WorkerHandler, name: str, duration_seconds: float) -> None:
    hint = "Define it as def handler(input)."
    given: object = handler  # authors are not type-checked
    if not callable(given):
        raise InvalidInput(f"a worker is a function, not {given!r}.", hint=hint)
    try:
        inspect.signature(handler).bind({})
    except (TypeError, ValueError):
        raise InvalidInput(f"the worker {name} cannot be called with a task's input alone.", hint=hint) from None
    if not 0 <= duration_seconds < float("inf"):
        raise InvalidInput(f"duration cannot be {duration_seconds!r}.", hint="Give modelled seconds, 0 or more.")
