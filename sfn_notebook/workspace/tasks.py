"""The resolver of an execution's Tasks: it gives each to the part of the workspace that does such work."""

from typing import TYPE_CHECKING

from sfn_notebook.engine.resources import ResourceKind, TaskOutcome, TaskRequest
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.function_tasks import FunctionTasks
from sfn_notebook.workspace.nested_executions import NestedExecutions
from sfn_notebook.workspace.step_functions_calls import perform_call

if TYPE_CHECKING:
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.workspace import Workspace


class WorkspaceTasks:
    """A ``TaskResolver`` for one execution."""

    def __init__(self, workspace: "Workspace", machine: "StateMachine", scheduler: Scheduler, seed: str) -> None:
        self._workspace = workspace
        self._functions = FunctionTasks(machine.registry, seed, workspace.source_name)
        self._scheduler = scheduler
        self._seed = seed
        self._nested: NestedExecutions | None = None

    def perform(self, request: TaskRequest) -> TaskOutcome:
        """Do the work, or begin it."""
        plan = request.plan
        if request.task_token is not None:
            self._workspace.tokens.note(request)
        if plan.kind is ResourceKind.FUNCTION or plan.resource_type == "lambda":
            return self._functions.perform(request)
        if plan.kind is ResourceKind.ACTIVITY:
            return self._workspace.activities.enqueue(request, self._scheduler)
        if plan.action == "startExecution":
            if self._nested is None:
                self._nested = NestedExecutions(self._workspace, self._scheduler, self._seed)
            return self._nested.perform(request)
        return perform_call(self._workspace, self._scheduler, request)
