"""What a Task's Resource is, read off its ARN, and the protocol of those who do the work; not how it is done."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from sfn_notebook._json import JSONValue
from sfn_notebook.errors import FeatureNotSupported


class ResourceKind(StrEnum):
    """Which family of history events a Task writes."""

    FUNCTION = "function"
    SERVICE = "service"


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


_FUNCTION: Final = re.compile(r"arn:[^:]+:lambda:[^:]*:[^:]*:function:.+")
_SERVICE: Final = re.compile(r"arn:[^:]+:states:[^:]*:[^:]*:(?P<type>aws-sdk:[^:]+|[^:]+):(?P<action>.+)")
RUNNABLE_SERVICES: Final = {("lambda", "invoke"): ("FunctionName",)}
"""The service integrations that this version runs, with the parameters that each requires."""


def plan_resource(arn: str, *, pointer: str = "") -> ResourcePlan:
    """Tell what ``arn`` asks for.

    Raises:
        FeatureNotSupported: For a Resource that this version cannot run, naming it.
    """
    plan = _plan(arn)
    if plan is None:
        raise FeatureNotSupported(f"The Resource {arn!r}", pointer=pointer, hint=_REMEDY)
    return plan


@lru_cache(maxsize=4096)
def _plan(arn: str) -> ResourcePlan | None:
    if _FUNCTION.fullmatch(arn):
        return ResourcePlan(kind=ResourceKind.FUNCTION, arn=arn, resource_type="lambda", resource=arn, limit_name=arn)
    if match := _SERVICE.fullmatch(arn):
        resource_type, action = match["type"], match["action"]
        if (resource_type, action) in RUNNABLE_SERVICES:
            return ResourcePlan(
                kind=ResourceKind.SERVICE,
                arn=arn,
                resource_type=resource_type,
                resource=action,
                limit_name=resource_type,
                required=RUNNABLE_SERVICES[resource_type, action],
            )
    return None


_REMEDY: Final = (
    "This version runs functions of the notebook: a name, ${name}, a Lambda ARN, or arn:aws:states:::lambda:invoke."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRequest:
    """One attempt's work, as a resolver sees it."""

    plan: ResourcePlan
    parameters: JSONValue
    state_name: str
    state_pointer: str
    retry_count: int
    now_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskResult:
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


class TaskResolver(Protocol):
    """Does the work of Tasks; joined to the engine by the workspace."""

    def perform(self, request: TaskRequest) -> TaskResult | TaskError:
        """Do it now, in this thread; user code may raise KeyboardInterrupt, which ends the run."""
