"""Replays the recorded calls of an API case through the workspace's boto3 clients, mapping names as it goes."""

import importlib
import json
from typing import Any

from sfn_notebook.engine.buckets import put_object
from sfn_notebook.integrations.buckets import FolderBuckets
from sfn_notebook.workspace import Workspace

Case = dict[str, Any]
Step = dict[str, Any]

_ARN_FIELDS = ("stateMachineArn", "executionArn", "activityArn", "stateMachineVersionArn", "stateMachineAliasArn")
_LATEST_MAP_RUN = "arn:aws:states:us-east-1:111111111111:mapRun:x/y:z"
_LATEST_PAGE = "<next-token:1>"


class Replay:
    """The calls of one case, in order; what a call made is known to the later ones by its recorded name."""

    def __init__(self, workspace: Workspace, buckets: FolderBuckets) -> None:
        self._workspace = workspace
        self._buckets = buckets
        self._own: dict[str, str] = {}

    def run(self, case: Case) -> dict[str, Any]:
        """The answers, as the comparator takes them."""
        return {"steps": [self._step(step) for step in case["steps"]]}

    def _step(self, step: Step) -> dict[str, Any]:
        exceptions: Any = importlib.import_module("botocore.exceptions")
        if step["service"] == "s3":
            return {"response": self._object_call(step)}
        params = self._mapped(step["params"])
        try:
            response = getattr(self._workspace.client(step["service"]), step["op"])(**params)
        except exceptions.ClientError as error:
            told = error.response["Error"]
            # Of some, the recorder kept the text of the SDK's exception.
            is_text = any("exception_value" in each for each in (step.get("expect") or {}).values())
            return {"error_code": told["Code"], "message": str(error) if is_text else told["Message"]}
        except exceptions.ParamValidationError as error:
            # The recorder kept the bare text of some, and the name of the exception with others.
            is_bare = any(isinstance(each, str) for each in (step.get("expect") or {}).values())
            return {"error_code": None if is_bare else "ParamValidationError", "message": str(error)}
        self._learn(step, response)
        return {"response": json.loads(json.dumps(response, default=str))}

    def _mapped(self, params: Any) -> Any:
        if isinstance(params, dict):
            return {key: self._mapped(value) for key, value in params.items()}
        if isinstance(params, list):
            return [self._mapped(value) for value in params]
        return self._own.get(params, params) if isinstance(params, str) else params

    def _learn(self, step: Step, response: dict[str, Any]) -> None:
        made = [response[name] for name in _ARN_FIELDS if name in response]
        if step.get("ref") and made:
            self._own[step["ref"]] = made[0]
        if response.get("nextToken"):
            self._own[_LATEST_PAGE] = response["nextToken"]
        if step["op"] == "list_map_runs" and response["mapRuns"]:
            self._own[_LATEST_MAP_RUN] = response["mapRuns"][-1]["mapRunArn"]

    def _object_call(self, step: Step) -> dict[str, Any]:
        params = step["params"]
        if step["op"] == "create_bucket":
            self._buckets.create_bucket(params["Bucket"])
        elif step["op"] == "put_object":
            put_object(self._buckets, params["Bucket"], params["Key"], params["Body"].encode())
        else:
            with self._buckets.open(params["Bucket"], params["Key"]) as stream:
                return {"Body": stream.read().decode()}
        return {}
