"""What a Task's Resource is, read off its ARN, and the protocol of those who do the work; not how it is done."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    large; ``required`` are the parameters without which AWS does not start the task, and ``find_faults`` tells in AWS's
    words what else is wrong with parameters.
    """

    kind: ResourceKind
    arn: str
    resource_type: str
    resource: str
    limit_name: str
    required: tuple[str, ...] = ()
    find_faults: "Callable[[JSONValue], tuple[str, ...]] | None" = field(default=None, compare=False, repr=False)
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
    find_faults: Callable[[JSONValue], tuple[str, ...]] | None = None


class Integrations:
    """The service actions that can be run: a table that those who run more of them extend."""

    def __init__(self, table: Mapping[tuple[str, str], Integration]) -> None:
        self._table = dict(table)
        self._families: dict[str, Callable[[str, str], Integration | None]] = {}

    def add(self, table: Mapping[tuple[str, str], Integration]) -> None:
        """Add actions, by resource type and name."""
        self._table.update(table)
        _plan.cache_clear()

    def add_family(self, prefix: str, find: Callable[[str, str], Integration | None]) -> None:
        """Add all actions of the resource types that begin with ``prefix``; ``find`` tells what one requires."""
        self._families[prefix] = find
        _plan.cache_clear()

    def find(self, resource_type: str, action: str) -> Integration | None:
        """What an action requires, or ``None`` if it cannot be run."""
        known = self._table.get((resource_type, action))
        if known is not None:
            return known
        families = (find for prefix, find in self._families.items() if resource_type.startswith(prefix))
        return next((found for find in families if (found := find(resource_type, action)) is not None), None)


_OWN: Final = {
    ("lambda", "invoke"): Integration(("FunctionName",), frozenset({Pattern.REQUEST_RESPONSE, Pattern.CALLBACK})),
    ("states", "startExecution"): Integration(("StateMachineArn",), frozenset(Pattern)),
    ("aws-sdk:s3", "getObject"): Integration(("Bucket", "Key"), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:s3", "putObject"): Integration(("Bucket", "Key"), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:s3", "headObject"): Integration(("Bucket", "Key"), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:s3", "copyObject"): Integration(("Bucket", "CopySource", "Key"), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:s3", "deleteObject"): Integration(("Bucket", "Key"), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:s3", "listObjects"): Integration(("Bucket",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:s3", "listObjectsV2"): Integration(("Bucket",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "startExecution"): Integration(("StateMachineArn",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "startSyncExecution"): Integration(("StateMachineArn",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "getActivityTask"): Integration(("ActivityArn",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "sendTaskSuccess"): Integration(("TaskToken", "Output"), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "sendTaskFailure"): Integration(("TaskToken",), frozenset({Pattern.REQUEST_RESPONSE})),
    ("aws-sdk:sfn", "sendTaskHeartbeat"): Integration(("TaskToken",), frozenset({Pattern.REQUEST_RESPONSE})),
}
"""The integrations that need no service outside the kernel."""

RUNNABLE_SERVICES: Final = Integrations(_OWN)
"""All service integrations that can be run."""

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
    integration = RUNNABLE_SERVICES.find(resource_type, action) or (_ANY_SERVICE if allow_any else None)
    if integration is None or suffix not in (frozenset(Pattern) if allow_any else integration.patterns):
        return None
    return ResourcePlan(
        kind=ResourceKind.SERVICE,
        arn=arn,
        resource_type=resource_type,
        resource=resource,
        limit_name=resource_type,
        required=integration.required,
        find_faults=integration.find_faults,
        action=action,
        pattern=Pattern(suffix),
    )


_REMEDY: Final = (
    "This version runs functions of the notebook (a name, ${name}, a Lambda ARN, arn:aws:states:::lambda:invoke), "
    "activities, other state machines, services of AWS, and what @workspace.service_handler stands in for."
)


class TaskRequest(NamedTuple):
    """One attempt's work, as a resolver sees it.

    A named tuple, as ``TaskResult`` is: both are made for every Task, and a frozen dataclass takes three times as long.
    ``answer`` tells how work ended that the resolver had reported as ``TaskPending``. ``execution`` is the one that
    asks: perhaps a child of the one that the resolver was made for. ``credentials`` are the state's, if it has any.
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
    credentials: JSONValue = None


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
