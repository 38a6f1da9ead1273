"""What a Task's Resource is, read off its ARN, and the protocol of those who do the work; not how it is done."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

from sfn_notebook._json import ABSENT, Absent, JSONValue
from sfn_notebook.errors import FeatureNotSupported

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution


class ResourceKind(StrEnum):
    """Which family of history events a Task writes."""

    FUNCTION = "function"
    SERVICE = "service"
    ACTIVITY = "activity"


class Pattern(StrEnum):
    """When a Task is done. Source: developer guide, "Service integration patterns"."""

    REQUEST_RESPONSE = ""
    RUN_A_JOB = "sync"
    RUN_A_JOB_PARSED = "sync:2"
    CALLBACK = "waitForTaskToken"


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourcePlan:
    """A Resource taken apart.

    For ``arn:aws:states:::lambda:invoke``: kind SERVICE, resource_type ``lambda``, resource ``invoke``. For the ARN of
    a function: kind FUNCTION, resource is the ARN. ``limit_name`` is how AWS names the task when its result is too
    large; ``required`` are the parameters without which AWS does not start the task.
    """

    kind: ResourceKind
    arn: str
    resource_type: str
    resource: str
    limit_name: str
    required: tuple[str, ...] = ()
    action: str = ""
    pattern: Pattern = Pattern.REQUEST_RESPONSE

    @property
    def has_token(self) -> bool:
        """Whether somebody outside may answer the task with a token."""
        return self.kind is ResourceKind.ACTIVITY or self.pattern is not Pattern.REQUEST_RESPONSE


_FUNCTION: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:.+")
_SERVICE: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:(?P<type>aws-sdk:[^:]+|[^:]+):(?P<action>.+)")
_ACTIVITY: Final = re.compile(r"arn:[^:]+:states:[^:]+:[^:]+:activity:(?P<name>[^:]+)")


class Integration(NamedTuple):
    """A service action that this version runs: the parameters it requires and the patterns it has."""

    required: tuple[str, ...]
    patterns: frozenset[Pattern]


RUNNABLE_SERVICES: Final = {
    ("lambda", "invoke"): Integration(("FunctionName",), frozenset({Pattern.REQUEST_RESPONSE, Pattern.CALLBACK})),
    ("states", "startExecution"): Integration(("StateMachineArn",), frozenset(Pattern)),
    ("aws-sdk:sfn", "startExecution"): Integration(("StateMachineArn",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "getActivityTask"): Integration(("ActivityArn",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "sendTaskSuccess"): Integration(("TaskToken", "Output"), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "sendTaskFailure"): Integration(("TaskToken",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "sendTaskHeartbeat"): Integration(("TaskToken",), frozenset({Pattern.REQUEST_RESPONSE})),
}
"""The service integrations that this version runs."""

_ANY_SERVICE: Final = Integration((), frozenset(Pattern))


def plan_resource(arn: str, *, pointer: str = "", allow_any: bool = False) -> ResourcePlan:
    """Tell what ``arn`` asks for.

    Args:
        arn: The Resource.
        pointer: Where it stands, for the error.
        allow_any: Whether any service will do, because somebody else answers for it (a mock).

    Raises:
        FeatureNotSupported: For a Resource that this version cannot run, naming it.
    """
    plan = _plan(arn, allow_any=allow_any)
    if plan is None:
        raise FeatureNotSupported(f"The Resource {arn!r}", pointer=pointer, hint=_REMEDY)
    return plan


@lru_cache(maxsize=4096)
def _plan(arn: str, *, allow_any: bool) -> ResourcePlan | None:
    if _FUNCTION.fullmatch(arn):
        return ResourcePlan(kind=ResourceKind.FUNCTION, arn=arn, resource_type="lambda", resource=arn, limit_name=arn)
    if match := _ACTIVITY.fullmatch(arn):
        return ResourcePlan(
            kind=ResourceKind.ACTIVITY, arn=arn, resource_type="activity", resource=match["name"], limit_name=arn
        )
    if match := _SERVICE.fullmatch(arn):
        return _service_plan(arn, match["type"], match["action"], allow_any=allow_any)
    return None


def _service_plan(arn: str, resource_type: str, resource: str, *, allow_any: bool) -> ResourcePlan | None:
    action, _, suffix = resource.partition(".")
    integration = RUNNABLE_SERVICES.get((resource_type, action), _ANY_SERVICE if allow_any else None)
    if integration is None or suffix not in (frozenset(Pattern) if allow_any else integration.patterns):
        return None
    return ResourcePlan(
        kind=ResourceKind.SERVICE,
        arn=arn,
        resource_type=resource_type,
        resource=resource,
        limit_name=resource_type,
        required=integration.required,
        action=action,
        pattern=Pattern(suffix),
    )


_REMEDY: Final = (
    "This version runs functions of the notebook (a name, ${name}, a Lambda ARN, arn:aws:states:::lambda:invoke), "
    "activities, and arn:aws:states:::states:startExecution."
)


class TaskRequest(NamedTuple):
    """One attempt's work, as a resolver sees it.

    A named tuple, as ``TaskResult`` is: both are made for every Task, and a frozen dataclass takes three times as long.
    ``answer`` tells how work ended that the resolver had reported as ``TaskPending``. ``execution`` is the one that
    asks: perhaps a child of the one that the resolver was made for.
    """

    plan: ResourcePlan
    parameters: JSONValue
    state_name: str
    state_pointer: str
    retry_count: int
    now_seconds: float
    task_token: str | None = None
    answer: "Callable[[TaskResult | TaskError], None] | None" = None
    execution: "Execution | None" = None


class TaskResult(NamedTuple):
    """The work went well after ``duration_seconds`` of modelled time; its text has at most ``size_bound_bytes``."""

    result: JSONValue
    duration_seconds: float = 0.0
    size_bound_bytes: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskError:
    """The work failed after ``duration_seconds``; ``exception`` is the user's own, with its traceback, if any."""

    error: str | None
    cause: str | None
    duration_seconds: float = 0.0
    exception: BaseException | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskPending:
    """The work goes on elsewhere.

    ``submitted`` is the answer to the request, if the integration has one; ``cancel`` stops the work when nobody awaits
    it any more.
    """

    submitted: JSONValue | Absent = ABSENT
    duration_seconds: float = 0.0
    cancel: Callable[[], None] | None = None


TaskOutcome: TypeAlias = TaskResult | TaskError | TaskPending


class TaskResolver(Protocol):
    """Does the work of Tasks; joined to the engine by the workspace."""

    def perform(self, request: TaskRequest) -> TaskOutcome:
        """Do it now, in this thread; user code may raise KeyboardInterrupt, which ends the run."""
