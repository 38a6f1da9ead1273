"""What AWS's integrations add to an answer and a mock leaves out, so that later states find it; it answers nothing.

What a mock does say stays as it is. Source: recorded executions.
"""

from hashlib import md5
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.resources import Pattern, ResourceKind, TaskError, TaskRequest, TaskResult
from sfn_notebook.runtime.ids import IdSource
from sfn_notebook.workspace.service_answers import with_metadata

_WITH_METADATA: Final = frozenset({"dynamodb", "lambda", "sns", "sqs", "states"})
"""Optimised integrations whose answers carry the SDK's metadata; recorded not to: events, apigateway, aws-sdk."""

_MESSAGES: Final = frozenset({("sqs", "sendMessage"), ("sns", "publish")})
"""Optimised integrations that send a message."""


def completed(request: TaskRequest, result: JSONValue) -> JSONValue:
    """The result of a mocked Task as its integration would give it.

    A Task on a function's ARN gives the payload alone; most optimised integrations add the SDK's metadata,
    ``lambda:invoke`` the version that ran, ``startExecution.sync`` what there is to say about redriving.
    """
    plan = request.plan
    if not isinstance(result, dict) or plan.kind is ResourceKind.ACTIVITY or plan.pattern is Pattern.CALLBACK:
        return result
    if plan.kind is ResourceKind.FUNCTION:
        return result.get("Payload", result)
    if plan.pattern is not Pattern.REQUEST_RESPONSE:
        return _redrive_fields(result) | result if plan.resource_type == "states" else result
    if plan.resource_type not in _WITH_METADATA:
        return result
    if plan.resource_type == "lambda":
        result = {"ExecutedVersion": "$LATEST", "StatusCode": 200} | result
    return _with_sdk_metadata(request, result)


def submitted(request: TaskRequest, outcome: TaskResult | TaskError) -> JSONObject:
    """The answer to the request itself, before its work ends; a mock says nothing of it but for nested executions.

    What SQS and SNS answer to a message follows from the message.
    """
    answer: JSONObject = {}
    result = outcome.result if isinstance(outcome, TaskResult) else None
    if request.plan.resource_type == "states" and isinstance(result, dict):
        answer = {name: result[name] for name in ("ExecutionArn", "StartDate") if name in result}
    elif (request.plan.resource_type, request.plan.action) in _MESSAGES:
        answer = _sent(request)
    return _with_sdk_metadata(request, answer)


def _sent(request: TaskRequest) -> JSONObject:
    parameters: JSONObject = request.parameters if isinstance(request.parameters, dict) else {}
    answer: JSONObject = {"MessageId": _ids(request, "message").uuid()}
    if "MessageBody" in parameters:
        body = parameters["MessageBody"]
        text = body if isinstance(body, str) else _json.dump(body)
        answer["MD5OfMessageBody"] = md5(text.encode(), usedforsecurity=False).hexdigest()
    return answer


def _ids(request: TaskRequest, what: str) -> IdSource:
    return IdSource(f"{request.state_pointer}/{request.retry_count}/{request.now_seconds}/{what}")


def _with_sdk_metadata(request: TaskRequest, answer: JSONObject) -> JSONObject:
    request_id = _ids(request, "mock").uuid()
    return with_metadata(answer, request_id=request_id, now_seconds=request.now_seconds) | answer


def _redrive_fields(result: JSONObject) -> JSONObject:
    status = result.get("Status", "SUCCEEDED")
    if status != "SUCCEEDED":
        return {"RedriveCount": 0, "RedriveStatus": "REDRIVABLE"}
    reason = f"Execution is {status} and cannot be redriven"
    return {"RedriveCount": 0, "RedriveStatus": "NOT_REDRIVABLE", "RedriveStatusReason": reason}
