"""Makes the queues, topics, tables and APIs of a recorded case in the local services, and plays who answered tokens."""

import json
from typing import Any

from sfn_notebook.engine.execution import Execution
from sfn_notebook.workspace import Workspace

Case = dict[str, Any]

NEEDED = frozenset({"apigateway", "dynamodb", "events", "sns", "sqs"})
"""Recorded requirements that the local services meet; ``aws-sdk:`` ones beside those of S3 and Step Functions too."""


def needs_services(case: Case) -> bool:
    """Whether a case cannot be run without the local services."""
    own = {"aws-sdk:sfn", "aws-sdk:s3"}
    return any(need in NEEDED or (need.startswith("aws-sdk") and need not in own) for need in case["requires"])


def make_services(workspace: Workspace, case: Case) -> None:
    """Replay the calls that came before the case."""
    made: dict[str, str] = {}
    for step in case.get("setup") or []:
        if step["service"] == "s3":
            continue
        params = dict(step["params"])
        if step["service"] == "apigateway":
            _complete(workspace, params, made)
        answer = getattr(workspace.client(step["service"]), step["op"])(**params)
        if step["op"] == "create_resource":
            made["resourceId"] = answer["id"]


def _complete(workspace: Workspace, params: dict[str, Any], made: dict[str, str]) -> None:
    """The recordings know neither the API's making nor the resource's id."""
    client = workspace.client("apigateway")
    api = params["restApiId"]
    if "root" not in made:
        client.create_rest_api(name="recorded", tags={"_custom_id_": api})
        made["root"] = client.get_resources(restApiId=api)["items"][0]["id"]
    if "parentId" in params:
        params["parentId"] = made["root"]
    if "resourceId" in params:
        params["resourceId"] = made["resourceId"]


def was_deleted(activity_arn: str, case: Case) -> bool:
    """Whether an activity was deleted before the execution began: the recordings tell it by what AWS said of it."""
    cause = str(case["expect"].get("cause"))
    names = [activity_arn, *(name for name, value in case["tokens"].items() if value == activity_arn)]
    return any(f"The activity {name} does not exist" in cause for name in names)


def answer_as_recorded(workspace: Workspace, execution: Execution, case: Case) -> None:
    """Let time go on for an execution that waits, or answer it as somebody did then.

    The recordings do not hold the call, only what it led to.
    """
    tokens = list(execution.pending_tasks)
    recorded = case["expect"].get("history") or []
    ends = [event for event in recorded if event["type"] in ("TaskSucceeded", "TaskFailed", "TaskTimedOut")]
    if len(tokens) == 1 and ends and not case.get("background_executions"):
        details = ends[-1].get("taskSucceededEventDetails") or ends[-1].get("taskFailedEventDetails") or {}
        if ends[-1]["type"] == "TaskSucceeded":
            output = details["output"]
            workspace.send_task_success(tokens[0], json.loads(output) if isinstance(output, str) else output)
        elif ends[-1]["type"] == "TaskFailed":
            workspace.send_task_failure(tokens[0], details.get("error"), details.get("cause"))
    if execution.status == "RUNNING":
        execution.resume(reach_deadlines=True)
