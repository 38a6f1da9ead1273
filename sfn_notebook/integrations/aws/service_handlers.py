"""Services that a notebook plays itself: a function answers for one action and pattern; no service is called."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.resources import (
    Integration,
    Pattern,
    TaskError,
    TaskOutcome,
    TaskPending,
    TaskRequest,
    TaskResult,
)
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.coroutines import run_to_completion
from sfn_notebook.functions.marshalling import MarshalError, ResponseTooLargeError, copy_event, marshal
from sfn_notebook.functions.stack_traces import user_traceback
from sfn_notebook.runtime.scheduler import Scheduler

Handler: TypeAlias = Callable[[Any], Any]

_ACTION: Final = re.compile(
    r"(?:arn:[^:]+:states:[^:]*:[^:]*:)?(?P<type>(?:aws-sdk:)?[a-zA-Z0-9-]+):(?P<action>[A-Za-z0-9]+)"
    r"(?:\.(?P<pattern>sync|sync:2|waitForTaskToken))?"
)
_JOBS: Final = (Pattern.RUN_A_JOB, Pattern.RUN_A_JOB_PARSED)


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceHandler:
    """A function in the place of a service: what it returns is the result, what it raises the error."""

    function: Handler
    duration_seconds: float

    def answer(self, request: TaskRequest) -> TaskResult | TaskError:
        """Call the function with the parameters; its exception's class is the Error, its text the Cause."""
        try:
            result = self.function(copy_event(request.parameters, is_payload=True))
            if hasattr(type(result), "__await__"):
                result = run_to_completion(result)
        except Exception as error:  # noqa: BLE001 - whatever the user's code raises is the task's error
            trace = user_traceback(error.__traceback__)
            return TaskError(error=type(error).__name__, cause=str(error), exception=error.with_traceback(trace))
        try:
            payload, size_bound_bytes = marshal(result)
        except MarshalError as error:
            return TaskError(error="Runtime.MarshalError", cause=str(error))
        except ResponseTooLargeError:
            return TaskError(error="States.DataLimitExceeded", cause="The handler's result is too large.")
        return TaskResult(payload, 0.0, size_bound_bytes)


class ServiceHandlers:
    """The functions of a notebook that stand in for services, by resource type, action and pattern."""

    def __init__(self) -> None:
        self._handlers: dict[tuple[str, str, Pattern], ServiceHandler] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What they answer for, as a Resource names it: ``glue:startJobRun.sync``."""
        return tuple(f"{type_}:{action}{'.' if pattern else ''}{pattern}" for type_, action, pattern in self._handlers)

    def add(self, name: str, function: Handler, *, duration_seconds: float = 0.0) -> None:
        """Let ``function`` answer for the action called ``name``; it replaces another.

        Raises:
            InvalidInput: If ``name`` names no action, the function cannot be called with parameters alone, or the
                duration is negative.
        """
        match = _ACTION.fullmatch(name)
        if match is None:
            hint = 'Write it as a Resource does: "glue:startJobRun.sync", "ecs:runTask", "aws-sdk:s3:copyObject".'
            raise InvalidInput(f"{name!r} names no action of a service.", hint=hint)
        if not 0 <= duration_seconds < float("inf"):
            raise InvalidInput(f"a duration of {duration_seconds!r} seconds.", hint="Give a number that is at least 0.")
        try:
            inspect.signature(function).bind({})
        except (TypeError, ValueError):
            hint = "Write def handler(parameters): ..."
            raise InvalidInput(f"the handler of {name} must take the Task's parameters.", hint=hint) from None
        key = (match["type"], match["action"], Pattern(match["pattern"] or ""))
        self._handlers[key] = ServiceHandler(function=function, duration_seconds=duration_seconds)

    def integration(self, resource_type: str, action: str) -> Integration | None:
        """The patterns of an action that functions answer for; ``None`` if there is no such function."""
        patterns = frozenset(
            pattern for type_, name, pattern in self._handlers if (type_, name) == (resource_type, action)
        )
        return Integration((), patterns) if patterns else None

    def perform(self, request: TaskRequest, scheduler: Scheduler) -> TaskOutcome | None:
        """Have a function answer; ``None`` if there is none for the Task.

        A job (``.sync``) is submitted at once and ends after the function's duration; with a task token, what the
        function returns answers the request only.
        """
        plan = request.plan
        handler = self._handlers.get((plan.resource_type, plan.action, plan.pattern))
        if handler is None:
            return None
        outcome = handler.answer(request)
        if plan.pattern in _JOBS and request.answer is not None:
            return _job(request, outcome, scheduler, handler.duration_seconds)
        if isinstance(outcome, TaskError):
            return TaskError(
                error=outcome.error,
                cause=outcome.cause,
                duration_seconds=handler.duration_seconds,
                exception=outcome.exception,
            )
        return TaskResult(outcome.result, handler.duration_seconds, outcome.size_bound_bytes)


def _job(
    request: TaskRequest, outcome: TaskResult | TaskError, scheduler: Scheduler, duration_seconds: float
) -> TaskPending:
    answer = request.answer
    assert answer is not None  # noqa: S101 - asked for only then

    def end() -> None:
        scheduler.at_end_of_instant(lambda: answer(outcome))

    # One hop later than the answer to the request, which is scheduled once this returns.
    timer = scheduler.schedule(scheduler.now() + duration_seconds, end)
    submitted: JSONObject = {}
    return TaskPending(submitted=submitted, cancel=timer.cancel)
