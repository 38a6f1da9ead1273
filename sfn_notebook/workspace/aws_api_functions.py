"""The calls of Lambda's API that set up the notebook's functions, as AWS takes and answers them; it invokes nothing.

Source: Lambda API reference.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.deployments import Deployment
from sfn_notebook.functions.event_invoke_config import EventInvokeConfig
from sfn_notebook.functions.function import VERSION
from sfn_notebook.functions.lambda_errors import ResourceNotFoundException
from sfn_notebook.integrations.aws.in_kernel import ApiAnswer, ApiRequest
from sfn_notebook.workspace.aws_api_versions import function_configuration

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_PLACE_OF_NAME: Final = 2
"""Where a request's path tells the function: ``/2019-09-25/functions/NAME/...``."""
_DONE: Final = ApiAnswer(body=b"", status=204)

FunctionCall: TypeAlias = Callable[[ApiRequest], ApiAnswer]


class FunctionCalls:
    """Answers requests about functions: what there is, how asynchronous events are treated, reserved concurrency.

    What Lambda refuses comes out as ``LambdaServiceError``.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    def table(self) -> Mapping[str, FunctionCall]:
        """Who answers which operation."""
        return {
            "ListFunctions": self._list,
            "PutFunctionEventInvokeConfig": self._put_config,
            "UpdateFunctionEventInvokeConfig": self._update_config,
            "GetFunctionEventInvokeConfig": self._get_config,
            "DeleteFunctionEventInvokeConfig": self._delete_config,
            "ListFunctionEventInvokeConfigs": self._list_configs,
            "PutFunctionConcurrency": self._put_concurrency,
            "GetFunctionConcurrency": self._get_concurrency,
            "DeleteFunctionConcurrency": self._delete_concurrency,
        }

    def _list(self, _request: ApiRequest) -> ApiAnswer:
        registry = self._workspace.registry
        found = [registry.get(name) for name in sorted(registry.names)]
        listed = [function_configuration(each, arn=each.arn, version=VERSION) for each in found if each is not None]
        return ApiAnswer(body={"Functions": listed})

    def _put_config(self, request: ApiRequest) -> ApiAnswer:
        service = self._workspace.lambda_service
        config = service.put_function_event_invoke_config(request.path[_PLACE_OF_NAME], **_settings(request))
        return ApiAnswer(body=_told(self._arn(request, request.query.get("Qualifier")), config))

    def _update_config(self, request: ApiRequest) -> ApiAnswer:
        self._config(request)
        service = self._workspace.lambda_service
        config = service.update_function_event_invoke_config(request.path[_PLACE_OF_NAME], **_settings(request))
        return ApiAnswer(body=_told(self._arn(request, request.query.get("Qualifier")), config))

    def _get_config(self, request: ApiRequest) -> ApiAnswer:
        config = self._config(request)
        return ApiAnswer(body=_told(self._arn(request, request.query.get("Qualifier")), config))

    def _delete_config(self, request: ApiRequest) -> ApiAnswer:
        self._config(request)
        del self._deployment(request).asynchronous[request.query.get("Qualifier") or VERSION]
        return _DONE

    def _list_configs(self, request: ApiRequest) -> ApiAnswer:
        configs = self._deployment(request).asynchronous
        told = [_told(self._arn(request, qualifier), config) for qualifier, config in configs.items()]
        return ApiAnswer(body={"FunctionEventInvokeConfigs": told})

    def _put_concurrency(self, request: ApiRequest) -> ApiAnswer:
        count = request.parameters["ReservedConcurrentExecutions"]
        self._workspace.lambda_service.put_function_concurrency(request.path[_PLACE_OF_NAME], count)
        return ApiAnswer(body={"ReservedConcurrentExecutions": count})

    def _get_concurrency(self, request: ApiRequest) -> ApiAnswer:
        count = self._deployment(request).reserved_concurrency
        return ApiAnswer(body={} if count is None else {"ReservedConcurrentExecutions": count})

    def _delete_concurrency(self, request: ApiRequest) -> ApiAnswer:
        self._workspace.lambda_service.put_function_concurrency(request.path[_PLACE_OF_NAME], None)
        return _DONE

    def _deployment(self, request: ApiRequest) -> Deployment:
        return self._workspace.lambda_service.deployment(request.path[_PLACE_OF_NAME])

    def _arn(self, request: ApiRequest, qualifier: str | None) -> str:
        return f"{self._workspace.account.function_arn(self._deployment(request).name)}:{qualifier or VERSION}"

    def _config(self, request: ApiRequest) -> EventInvokeConfig:
        qualifier = request.query.get("Qualifier")
        config = self._deployment(request).asynchronous.get(qualifier or VERSION)
        if config is None:
            arn = self._arn(request, qualifier)
            raise ResourceNotFoundException(f"The function {arn} doesn't have an EventInvokeConfig")
        return config


def _settings(request: ApiRequest) -> dict[str, Any]:
    given = request.parameters
    destinations = given.get("DestinationConfig") or {}
    return {
        "qualifier": request.query.get("Qualifier"),
        "maximum_retry_attempts": given.get("MaximumRetryAttempts"),
        "maximum_event_age_seconds": given.get("MaximumEventAgeInSeconds"),
        "on_success": (destinations.get("OnSuccess") or {}).get("Destination"),
        "on_failure": (destinations.get("OnFailure") or {}).get("Destination"),
    }


def _told(arn: str, config: EventInvokeConfig) -> JSONObject:
    targets = {"OnSuccess": config.on_success, "OnFailure": config.on_failure}
    return {
        "FunctionArn": arn,
        "MaximumRetryAttempts": config.maximum_retry_attempts,
        "MaximumEventAgeInSeconds": int(config.maximum_event_age_seconds),
        "DestinationConfig": {side: {} if arn is None else {"Destination": arn} for side, arn in targets.items()},
    }
