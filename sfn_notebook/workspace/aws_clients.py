"""The boto3 clients of Step Functions and Lambda that speak to a workspace: which call is answered by whom.

Source: Step Functions and Lambda API references.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import ABSENT, JSONObject
from sfn_notebook.functions.lambda_errors import LambdaServiceError, TooManyRequestsException
from sfn_notebook.integrations.aws.in_kernel import ApiAnswer, ApiRequest, error_answer, in_kernel_client, not_done
from sfn_notebook.workspace.aws_api_executions import ExecutionCalls
from sfn_notebook.workspace.aws_api_functions import FunctionCall, FunctionCalls
from sfn_notebook.workspace.aws_api_machines import MachineCalls, TagCalls
from sfn_notebook.workspace.aws_api_mappings import MappingCalls
from sfn_notebook.workspace.aws_api_tasks import ActivityCalls, TokenCalls
from sfn_notebook.workspace.aws_api_versions import VersionCalls
from sfn_notebook.workspace.aws_machine_records import MachineRecords
from sfn_notebook.workspace.definition_checks import validate_state_machine_definition
from sfn_notebook.workspace.service_errors import ServiceError
from sfn_notebook.workspace.test_state import test_state as run_test_state

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_Call: TypeAlias = Callable[[JSONObject], JSONObject]


def own_client(workspace: "Workspace", service: str) -> Any:
    """The client of ``stepfunctions`` or ``lambda`` whose requests this workspace answers."""
    answer = StepFunctionsApi(workspace).answer if service == "stepfunctions" else LambdaApi(workspace).answer
    return in_kernel_client(service, answer, region=workspace.account.region)


class StepFunctionsApi:
    """Answers requests to Step Functions."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        records = MachineRecords(workspace)
        self._calls: Mapping[str, _Call] = {
            **_machine_calls(MachineCalls(workspace, records), TagCalls(workspace, records)),
            **_execution_calls(ExecutionCalls(workspace, records)),
            **_worker_calls(ActivityCalls(workspace), TokenCalls(workspace)),
            "TestState": self._test_state,
            "ValidateStateMachineDefinition": _validate,
        }

    def answer(self, request: ApiRequest) -> ApiAnswer:
        """Answer one request; what the service refuses becomes botocore's exception for it."""
        call = self._calls.get(request.operation)
        if call is None:
            return not_done(request.operation)
        try:
            with self._workspace.turn:
                return ApiAnswer(body=call(request.parameters))
        except ServiceError as error:
            return error_answer(error.code, error.message)

    def _test_state(self, request: JSONObject) -> JSONObject:
        return run_test_state(
            definition=request["definition"],
            input=request.get("input", "{}"),
            inspection_level=request.get("inspectionLevel", "INFO"),
            mock=request.get("mock"),
            state_name=request.get("stateName"),
            variables=request.get("variables"),
            context=request.get("context"),
            state_configuration=request.get("stateConfiguration"),
            reveal_secrets=request.get("revealSecrets", False),
            registry=self._workspace.registry,
            resolver=self._workspace.services_alone(),
            account=self._workspace.account,
        )


def _machine_calls(machines: MachineCalls, tags: TagCalls) -> dict[str, _Call]:
    return {
        "CreateStateMachine": machines.create,
        "CreateStateMachineAlias": machines.create_alias,
        "DeleteStateMachine": machines.delete,
        "DeleteStateMachineAlias": machines.delete_alias,
        "DeleteStateMachineVersion": machines.delete_version,
        "DescribeStateMachine": machines.describe,
        "DescribeStateMachineAlias": machines.describe_alias,
        "ListStateMachineAliases": machines.list_aliases,
        "ListStateMachineVersions": machines.list_versions,
        "ListStateMachines": machines.list_all,
        "PublishStateMachineVersion": machines.publish,
        "UpdateStateMachine": machines.update,
        "UpdateStateMachineAlias": machines.update_alias,
        "ListTagsForResource": tags.list_all,
        "TagResource": tags.tag,
        "UntagResource": tags.untag,
    }


def _execution_calls(executions: ExecutionCalls) -> dict[str, _Call]:
    return {
        "DescribeExecution": executions.describe,
        "DescribeMapRun": executions.describe_map_run,
        "DescribeStateMachineForExecution": executions.describe_machine,
        "GetExecutionHistory": executions.history,
        "ListExecutions": executions.list_all,
        "ListMapRuns": executions.list_map_runs,
        "RedriveExecution": executions.redrive,
        "StartExecution": executions.start,
        "StartSyncExecution": executions.start_sync,
        "StopExecution": executions.stop,
        "UpdateMapRun": executions.update_map_run,
    }


def _worker_calls(activities: ActivityCalls, tokens: TokenCalls) -> dict[str, _Call]:
    return {
        "CreateActivity": activities.create,
        "DeleteActivity": activities.delete,
        "DescribeActivity": activities.describe,
        "GetActivityTask": activities.poll,
        "ListActivities": activities.list_all,
        "SendTaskFailure": tokens.fail,
        "SendTaskHeartbeat": tokens.beat,
        "SendTaskSuccess": tokens.succeed,
    }


def _validate(request: JSONObject) -> JSONObject:
    return validate_state_machine_definition(
        request["definition"],
        type=request.get("type", "STANDARD"),
        severity=request.get("severity", "ERROR"),
        max_results=request.get("maxResults", 0),
    )


class LambdaApi:
    """Answers requests to Lambda: Invoke, and what sets up the notebook's functions."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._calls: Mapping[str, FunctionCall] = {
            **FunctionCalls(workspace).table(),
            **VersionCalls(workspace).table(),
            **MappingCalls(workspace).table(),
            "Invoke": self._invoke,
        }

    def answer(self, request: ApiRequest) -> ApiAnswer:
        """Answer one request; what Lambda refuses becomes botocore's exception for it."""
        call = self._calls.get(request.operation)
        if call is None:
            return not_done(request.operation)
        try:
            with self._workspace.turn:
                return call(request)
        except LambdaServiceError as error:
            members = {"Reason": error.reason} if isinstance(error, TooManyRequestsException) else {}
            return error_answer(error.code, error.message, status=error.status_code, members=members)

    def _invoke(self, request: ApiRequest) -> ApiAnswer:
        answer = self._workspace.invoke(
            request.path[-2],
            request.body or ABSENT,
            request.headers.get("x-amz-invocation-type", "RequestResponse"),
            qualifier=request.query.get("Qualifier"),
            log_type=request.headers.get("x-amz-log-type", "None"),
        )
        told = {
            "X-Amz-Executed-Version": answer.executed_version,
            "X-Amz-Function-Error": answer.function_error,
            "X-Amz-Log-Result": answer.log_result,
        }
        headers = {name: text for name, text in told.items() if text is not None}
        body = b"" if answer.payload is ABSENT else _json.dump(answer.payload).encode()
        return ApiAnswer(body=body, status=answer.status_code, headers=headers)
