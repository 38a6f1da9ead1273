"""Where moto answers otherwise than AWS was recorded to, made right; it makes no calls."""

import json
import re
from dataclasses import replace
from typing import Any, Final

from sfn_notebook.integrations.aws.failures import Refusal

_NAME_OF_SECRET: Final = re.compile(r"[A-Za-z0-9/_+=.@!-]{1,512}")
_NAME_TEXT: Final = (
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
)
_NOT_JSON: Final = "{"
"""What moto takes for a malformed detail; JSON that is no object it would accept."""
_FORBIDDEN_SOURCE: Final = {
    "ErrorCode": "NotAuthorizedForSourceException",
    "ErrorMessage": "Not authorized for the source.",
}


def refused_by_aws(boto_service: str, operation: str, request: dict[str, Any]) -> Refusal | None:
    """What moto would accept and AWS refuses."""
    if (boto_service, operation) == ("secretsmanager", "CreateSecret"):
        name = request.get("Name")
        if isinstance(name, str) and not _NAME_OF_SECRET.fullmatch(name):
            return Refusal(code="ValidationException", message=_NAME_TEXT)
    return None


def request_for_moto(boto_service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """The request so that moto sees in it what AWS does."""
    if (boto_service, operation) != ("events", "PutEvents"):
        return request
    return request | {"Entries": [_entry_for_moto(entry) for entry in request["Entries"]]}


def _entry_for_moto(entry: dict[str, Any]) -> dict[str, Any]:
    is_refused = _is_of_aws(entry) or ("Detail" in entry and not _is_object(entry["Detail"]))
    return entry | {"Detail": _NOT_JSON} if is_refused else entry


def _is_of_aws(entry: dict[str, Any]) -> bool:
    """Whether an event says that a service of AWS has sent it, which nobody else may."""
    return str(entry.get("Source", "")).startswith("aws.")


def _is_object(text: Any) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (TypeError, ValueError):
        return False


def answer_of_aws(boto_service: str, request: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what AWS says only when asked."""
    if boto_service == "events" and any(map(_is_of_aws, request.get("Entries", ()))):
        pairs = zip(request["Entries"], answer["Entries"], strict=True)
        return answer | {"Entries": [_FORBIDDEN_SOURCE if _is_of_aws(entry) else told for entry, told in pairs]}
    if boto_service == "dynamodb" and request.get("ReturnConsumedCapacity", "NONE") == "NONE":
        return {name: value for name, value in answer.items() if name != "ConsumedCapacity"}
    return answer


def refusal_of_aws(boto_service: str, request: dict[str, Any], refusal: Refusal) -> Refusal:
    """The refusal in AWS's words."""
    is_topic = boto_service == "sns" and str(request.get("TopicArn", "")).count(":") == 5
    if is_topic and refusal.code == "NotFound":
        return replace(refusal, message="Topic does not exist")
    return refusal
