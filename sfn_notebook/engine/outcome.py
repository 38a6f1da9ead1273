"""How an execution ended, as a value or as the exception that says so; it runs nothing."""

from typing import TYPE_CHECKING, assert_never

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.status import ExecutionStatus
from sfn_notebook.errors import ExecutionAborted, ExecutionFailed, ExecutionStalled, ExecutionTimedOut

if TYPE_CHECKING:
    from sfn_notebook.engine.execution import Execution


def result_of(execution: "Execution") -> JSONValue:
    """The output of an execution; see ``Execution.result`` for what is raised."""
    name, error, cause = execution.name, execution.error, execution.cause
    match execution.status:
        case ExecutionStatus.SUCCEEDED:
            return execution.output
        case ExecutionStatus.RUNNING:
            raise ExecutionStalled(f"{name} is still RUNNING.", hint=_way_on(execution))
        case ExecutionStatus.TIMED_OUT:
            raise ExecutionTimedOut(name, error, cause, status=execution.status)
        case ExecutionStatus.ABORTED:
            raise ExecutionAborted(name, error, cause, status=execution.status)
        case ExecutionStatus.FAILED:
            failed = ExecutionFailed(name, error, cause)
            if execution.exception is not None:
                failed.with_exception(execution.exception, execution.exception.__traceback__)
            raise failed
        case status:
            assert_never(status)


def _way_on(execution: "Execution") -> str:
    if execution.paused_at is not None:
        return "Leave the breakpoint: resume(), or step() to the next state."
    if execution.pending_tasks:
        return "Answer what it waits for: workspace.send_task_success(token, output)."
    return "Move its clock with step()."
