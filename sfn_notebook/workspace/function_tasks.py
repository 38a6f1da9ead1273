"""Tasks that functions of the notebook do: a Lambda ARN, and ``lambda:invoke`` with its result as recorded on AWS."""

import base64
from collections.abc import Callable
from email.utils import formatdate
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONObject, JSONValue
from sfn_notebook.engine.attempt_output import AttemptOutput
from sfn_notebook.engine.resources import ResourceKind, TaskError, TaskRequest, TaskResult
from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.functions.captured_output import beginning_of
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.invocation import InvocationResult, invoke
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry, name_in
from sfn_notebook.functions.task_errors import function_not_found, task_error
from sfn_notebook.runtime.clock import stopwatch
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, IdSource
from sfn_notebook.workspace.function_calls import call_for_task

_INVOCATION_TYPES: Final = ("RequestResponse", "Event")


class FunctionTasks:
    """A ``TaskResolver`` over a registry; request ids repeat for a ``seed``."""

    def __init__(
        self,
        registry: FunctionRegistry,
        seed: str,
        source_name: Callable[[str], str | None] | None = None,
        service: LambdaService | None = None,
    ) -> None:
        self._registry = registry
        self._seed = seed
        self._ids: IdSource | None = None
        self._source_name = source_name
        self._service = service

    def perform(self, request: TaskRequest) -> TaskResult | TaskError:
        """Invoke the function that the request names."""
        if self._ids is None:
            self._ids = IdSource(self._seed)
        request_id = self._ids.uuid()
        if request.plan.kind is ResourceKind.FUNCTION:
            reference, event = request.plan.arn, request.parameters
        else:
            reference = request.parameters["FunctionName"]
            try:
                event = _event_of(request.parameters)
            except ValueError as unreadable:
                return _unreadable(unreadable, request_id)
        function = self._registry.get(str(reference))
        if function is None:
            error, cause = function_not_found(_named(reference), request_id)
            return TaskError(error=error, cause=cause)
        service = self._service
        if service is not None and (_is_event(request) or service.deployments.governs(function)):
            governed = call_for_task(service, str(reference), event, request=request, request_id=request_id)
            if isinstance(governed, TaskError):
                return governed
            invoked = governed
        else:
            invoked = self._invoke(function, event, request_id)
        if (invoked.logs is not None or invoked.function_error is not None) and request.execution is not None:
            request.execution.note_attempt(AttemptOutput(logs=invoked.logs, traceback=_traceback_of(invoked)))
        if invoked.function_error is not None:
            return _failed(invoked, request)
        if request.plan.kind is ResourceKind.FUNCTION:
            return TaskResult(invoked.payload, invoked.duration_seconds, invoked.size_bound_bytes)
        wants_log = request.parameters.get("LogType") == "Tail"
        result = _invoke_result(invoked, request.now_seconds + invoked.duration_seconds, wants_log=wants_log)
        return TaskResult(result=result, duration_seconds=invoked.duration_seconds)

    def _invoke(self, function: LambdaFunction, event: JSONValue, request_id: str) -> InvocationResult:
        """Call the handler; what it calls in its turn is called by the function."""
        service = self._service
        if service is not None:
            service.enter(function.name)
        try:
            return invoke(
                function,
                event,
                request_id=request_id,
                source_name=self._source_name,
                stopwatch=stopwatch,
                is_payload=True,
            )
        finally:
            if service is not None:
                service.leave()


def _failed(invoked: InvocationResult, request: TaskRequest) -> TaskError:
    error, cause = task_error(invoked, is_compact=request.plan.kind is ResourceKind.SERVICE)
    return TaskError(error=error, cause=cause, duration_seconds=invoked.duration_seconds, exception=invoked.exception)


def _traceback_of(invoked: InvocationResult) -> str | None:
    """The user's own frames and the error, as Python writes them, cut like a print; ``None``: nothing was raised."""
    if invoked.exception is None:
        return None
    payload = invoked.payload
    frames = "".join(payload.get("stackTrace", ()))
    head = "Traceback (most recent call last):\n" if frames else ""
    return beginning_of(f"{head}{frames}{payload['errorType']}: {payload['errorMessage']}")


def _is_event(request: TaskRequest) -> bool:
    is_invoke = request.plan.kind is ResourceKind.SERVICE
    return is_invoke and request.parameters.get("InvocationType") == "Event"


def _event_of(parameters: JSONObject) -> JSONValue:
    """The event of ``lambda:invoke``. Recorded: a text is the request's body as it is, null arrives as {}."""
    invocation_type = parameters.get("InvocationType", "RequestResponse")
    if invocation_type not in _INVOCATION_TYPES:
        raise FeatureNotSupported(f"InvocationType {invocation_type!r}", hint='Use "RequestResponse" or "Event".')
    payload = parameters.get("Payload")
    if isinstance(payload, str):
        return _json.load(payload)
    return {} if payload is None else payload


def _unreadable(error: ValueError, request_id: str) -> TaskError:
    detail = (
        f"Service: AWSLambda; Status Code: 400; Error Code: InvalidRequestContentException; Request ID: {request_id}"
    )
    cause = f"Could not parse request body into json: {error} ({detail}; Proxy: null)"
    return TaskError(error="Lambda.InvalidRequestContentException", cause=cause)


def _named(reference: JSONValue) -> str:
    """The ARN of a function that is not there, or whatever stands where its name should."""
    if not isinstance(reference, str):
        return _json.dump(reference)
    name = name_in(reference)
    return reference if name is None else DEFAULT_ACCOUNT.function_arn(name)


def _invoke_result(invoked: InvocationResult, ended_seconds: float, *, wants_log: bool) -> JSONObject:
    """The output of ``lambda:invoke``, keys in AWS's order. Source: recorded executions.

    For an event Lambda sends no payload and names no version.
    """
    if invoked.payload is ABSENT:
        return _accepted(invoked, ended_seconds)
    headers = {
        "Connection": "keep-alive",
        "Content-Length": str(_json.size_bytes(invoked.payload)),
        "Content-Type": "application/json",
        "Date": formatdate(ended_seconds, usegmt=True),
        "X-Amz-Executed-Version": invoked.executed_version,
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": invoked.request_id,
        "X-Amzn-Trace-Id": _trace_id(invoked, ended_seconds),
    }
    result: JSONObject = {"ExecutedVersion": invoked.executed_version}
    if wants_log:
        result["LogResult"] = headers["X-Amz-Log-Result"] = _log_tail(invoked)
    return result | {"Payload": invoked.payload} | _sdk_metadata(invoked, headers)


def _accepted(invoked: InvocationResult, ended_seconds: float) -> JSONObject:
    headers = {
        "Connection": "keep-alive",
        "Content-Length": "0",
        "Date": formatdate(ended_seconds, usegmt=True),
        "x-amzn-Remapped-Content-Length": "0",
        "x-amzn-RequestId": invoked.request_id,
        "X-Amzn-Trace-Id": _trace_id(invoked, ended_seconds),
    }
    return {"Payload": ""} | _sdk_metadata(invoked, headers)


def _trace_id(invoked: InvocationResult, ended_seconds: float) -> str:
    return f"root=1-{int(ended_seconds):08x}-{invoked.request_id.replace('-', '')[:24]};sampled=0"


def _sdk_metadata(invoked: InvocationResult, headers: JSONObject) -> JSONObject:
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": invoked.status_code,
        },
        "SdkResponseMetadata": {"RequestId": invoked.request_id},
        "StatusCode": invoked.status_code,
    }


def _log_tail(invoked: InvocationResult) -> str:
    """The log lines that Lambda writes around an invocation, base64; the function's own prints stay in the notebook."""
    milliseconds = invoked.duration_seconds * 1000
    lines = (
        f"START RequestId: {invoked.request_id} Version: {invoked.executed_version}",
        f"END RequestId: {invoked.request_id}",
        f"REPORT RequestId: {invoked.request_id}\tDuration: {milliseconds:.2f} ms",
    )
    return base64.b64encode("".join(f"{line}\n" for line in lines).encode()).decode()
