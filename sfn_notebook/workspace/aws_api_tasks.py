"""Calls of the Step Functions API for workers: activities and task tokens of a workspace; it starts nothing.

Source: Step Functions API reference; recorded answers.
"""

import re
from typing import TYPE_CHECKING, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.errors import InvalidInput, TaskTokenError
from sfn_notebook.workspace.aws_api_arns import page_of, read_arn, with_page
from sfn_notebook.workspace.service_errors import ServiceError

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_NAME: Final = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


class ActivityCalls:
    """CreateActivity and its like."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._created: dict[str, float] = {}

    def create(self, request: JSONObject) -> JSONObject:
        """CreateActivity; one of that name stays as it is."""
        name = request["name"]
        if not _NAME.fullmatch(name):
            raise _invalid_name(name)
        try:
            arn = self._workspace.create_activity(name)
        except InvalidInput:
            raise _invalid_name(name) from None
        return {"activityArn": arn, "creationDate": self._date(arn)}

    def describe(self, request: JSONObject) -> JSONObject:
        """DescribeActivity."""
        arn = self._require(request["activityArn"])
        return {
            "activityArn": arn,
            "name": arn.rpartition(":")[2],
            "creationDate": self._date(arn),
            "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
        }

    def delete(self, request: JSONObject) -> JSONObject:
        """DeleteActivity; of one that is not there, too."""
        arn = read_arn(request["activityArn"], "activity")
        if self._workspace.activities.arn_of(arn.name) is not None:
            self._workspace.activities.delete(arn.name)
            self._created.pop(arn.text, None)
        return {}

    def list_all(self, request: JSONObject) -> JSONObject:
        """ListActivities."""
        names, token = page_of(self._workspace.activities.names, request)
        arns = [self._workspace.account.activity_arn(name) for name in names]
        entries = [
            {"activityArn": arn, "name": name, "creationDate": self._date(arn)}
            for arn, name in zip(arns, names, strict=True)
        ]
        return with_page("activities", entries, token)

    def poll(self, request: JSONObject) -> JSONObject:
        """GetActivityTask; without a task, nothing, and at once: no minute passes."""
        arn = self._require(request["activityArn"])
        return self._workspace.get_activity_task(arn, request.get("workerName"))

    def _require(self, text: str) -> str:
        arn = read_arn(text, "activity")
        if self._workspace.activities.arn_of(arn.name) != text:
            raise ServiceError("ActivityDoesNotExist", f"Activity Does Not Exist: '{text}'")
        return text

    def _date(self, arn: str) -> float:
        return self._created.setdefault(arn, self._workspace.scheduler.now())


class TokenCalls:
    """SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    def succeed(self, request: JSONObject) -> JSONObject:
        """SendTaskSuccess."""
        try:
            self._workspace.holder_of(request["taskToken"])  # AWS looks at the token before it looks at the output
            self._workspace.send_task_success(request["taskToken"], _json.load(request["output"]))
        except TaskTokenError as error:
            raise ServiceError(error.code, error.message) from None
        except (ValueError, InvalidInput) as error:
            raise ServiceError("InvalidOutput", f"Invalid Output: '{error.args[0]}'") from None
        return {}

    def fail(self, request: JSONObject) -> JSONObject:
        """SendTaskFailure."""
        try:
            self._workspace.send_task_failure(request["taskToken"], request.get("error"), request.get("cause"))
        except TaskTokenError as error:
            raise ServiceError(error.code, error.message) from None
        return {}

    def beat(self, request: JSONObject) -> JSONObject:
        """SendTaskHeartbeat."""
        try:
            self._workspace.send_task_heartbeat(request["taskToken"])
        except TaskTokenError as error:
            raise ServiceError(error.code, error.message) from None
        return {}


def _invalid_name(name: str) -> ServiceError:
    return ServiceError("InvalidName", f"Invalid Name: '{name}'")
