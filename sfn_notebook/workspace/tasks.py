"""The resolver of an execution's Tasks: it gives each to the part of the workspace that does such work."""

from typing import TYPE_CHECKING, Final, Protocol

from sfn_notebook.engine.resources import ResourceKind, TaskOutcome, TaskRequest
from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.function_tasks import FunctionTasks
from sfn_notebook.workspace.nested_executions import STARTS, NestedExecutions
from sfn_notebook.workspace.step_functions_calls import CALLS, perform_call

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_STEP_FUNCTIONS: Final = frozenset({"states", "aws-sdk:sfn"})


class WithFunctions(Protocol):
    """A machine, or a workspace."""

    @property
    def registry(self) -> FunctionRegistry:
        """Its functions."""


class WorkspaceTasks:
    """A ``TaskResolver`` for one execution."""

    def __init__(self, workspace: "Workspace", machine: "WithFunctions", scheduler: Scheduler, seed: str) -> None:
        self._workspace = workspace
        service = workspace.lambda_service.on(scheduler) if machine.registry is workspace.registry else None
        self._functions = FunctionTasks(machine.registry, seed, workspace.source_name, service)
        self._scheduler = scheduler
        self._seed = seed
        self._nested: NestedExecutions | None = None

    def perform(self, request: TaskRequest) -> TaskOutcome:
        """Do the work, or begin it."""
        plan = request.plan
        if request.task_token is not None:
            self._workspace.tokens.note(request)
        if plan.kind is ResourceKind.FUNCTION:
            return self._functions.perform(request)
        if plan.kind is ResourceKind.ACTIVITY:
            return self._workspace.activities.enqueue(request, self._scheduler)
        if request.execution is None:
            return self._perform_service(request)
        with self._workspace.lambda_service.on_behalf_of(request.execution.arn):
            return self._perform_service(request)

    def _perform_service(self, request: TaskRequest) -> TaskOutcome:
        played = self._workspace.aws.played(request, self._scheduler)
        return self._call_service(request) if played is None else played

    def _call_service(self, request: TaskRequest) -> TaskOutcome:
        plan = request.plan
        if plan.resource_type == "lambda":
            return self._functions.perform(request)
        if plan.resource_type in _STEP_FUNCTIONS and plan.action in STARTS:
            if self._nested is None:
                self._nested = NestedExecutions(self._workspace, self._scheduler, self._seed)
            return self._nested.perform(request)
        if plan.resource_type in _STEP_FUNCTIONS and plan.action in CALLS:
            return perform_call(self._workspace, self._scheduler, request)
        return self._workspace.aws.perform(request)
