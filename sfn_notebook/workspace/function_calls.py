"""Joins a workspace to the Lambda that runs its functions, and Tasks to their calls; it decides nothing of either."""

from typing import TYPE_CHECKING

from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.engine.resources import ResourceKind, TaskError, TaskRequest
from sfn_notebook.functions.invocation import InvocationResult
from sfn_notebook.functions.invoke_api import InvocationType
from sfn_notebook.functions.lambda_errors import LambdaServiceError
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.runtime.scheduler import Scheduler

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace


def lambda_service_of(workspace: "Workspace", scheduler: Scheduler | None) -> LambdaService:
    """The Lambda of a workspace's functions; without a scheduler it brings one of virtual time."""
    service = workspace.registry.serve(scheduler)

    def source_name(file_name: str) -> str | None:
        # Asked at each error: a notebook tells the workspace later how its cells are called.
        return None if workspace.source_name is None else workspace.source_name(file_name)

    service.source_name = source_name
    return service


def call_for_task(
    service: LambdaService, reference: str, event: JSONValue, *, request: TaskRequest, request_id: str
) -> InvocationResult | TaskError:
    """Invoke a function for a Task: what Lambda answers, its duration with the initialisation, or its refusal.

    The payload of an event's answer is ``ABSENT``.

    Source: Step Functions developer guide, "Handling errors"; the cause has the form of recorded ones.
    """
    is_invoke = request.plan.kind is ResourceKind.SERVICE
    qualifier = request.parameters.get("Qualifier") if is_invoke else None
    try:
        if is_invoke and request.parameters.get("InvocationType") == InvocationType.EVENT:
            service.send(reference, event, request_id=request_id, qualifier=qualifier, caller=_caller(request))
            return InvocationResult(ABSENT, request_id, 0.0, 202)
        attempt = service.attempt(reference, event, request_id=request_id, qualifier=qualifier, caller=_caller(request))
    except LambdaServiceError as error:
        return _refused(error, request_id)
    return attempt.result._replace(duration_seconds=attempt.init_seconds + attempt.result.duration_seconds)


def _caller(request: TaskRequest) -> str | None:
    return None if request.execution is None else request.execution.arn


def _refused(error: LambdaServiceError, request_id: str) -> TaskError:
    details = (
        "Service: AWSLambda",
        f"Status Code: {error.status_code}",
        f"Error Code: {error.code}",
        f"Request ID: {request_id}",
        "Proxy: null",
    )
    return TaskError(error=f"Lambda.{error.code}", cause=f"{error.message} ({'; '.join(details)})")
