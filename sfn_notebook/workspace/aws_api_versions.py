"""Lambda's API of functions, their versions, aliases and provisioned concurrency, as AWS answers; it invokes nothing.

Source: Lambda API reference.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONObject
from sfn_notebook.functions.deployments import Deployment, ProvisionedConcurrency
from sfn_notebook.functions.function import VERSION, LambdaFunction
from sfn_notebook.functions.lambda_errors import (
    ProvisionedConcurrencyConfigNotFoundException,
    ResourceNotFoundException,
)
from sfn_notebook.functions.registry import reference_in
from sfn_notebook.functions.versions import Alias, PublishedVersion
from sfn_notebook.integrations.aws.in_kernel import ApiAnswer, ApiRequest

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_PLACE_OF_NAME: Final = 2
"""Where a request's path tells the function: ``/2015-03-31/functions/NAME/...``."""
_DONE: Final = ApiAnswer(body=b"", status=204)


def function_configuration(function: LambdaFunction, *, arn: str, version: str, description: str = "") -> JSONObject:
    """What GetFunctionConfiguration tells of a function of the notebook: nothing of a package, for it has none."""
    configuration = function.configuration
    dead_letter_arn = configuration.dead_letter_arn
    return {
        "FunctionName": function.name,
        "FunctionArn": arn,
        "Handler": getattr(function.handler, "__name__", function.name),
        "Description": description,
        "Timeout": int(configuration.timeout_seconds),
        "MemorySize": configuration.memory_megabytes,
        "Version": version,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        **({} if dead_letter_arn is None else {"DeadLetterConfig": {"TargetArn": dead_letter_arn}}),
    }


class VersionCalls:
    """Answers requests about functions as they are and as they were published.

    What Lambda refuses comes out as ``LambdaServiceError``.
    """

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    def table(self) -> Mapping[str, Callable[[ApiRequest], ApiAnswer]]:
        """Who answers which operation."""
        return {
            "GetFunction": self._get,
            "GetFunctionConfiguration": self._get_configuration,
            "PublishVersion": self._publish,
            "ListVersionsByFunction": self._list_versions,
            "CreateAlias": self._create_alias,
            "GetAlias": self._get_alias,
            "UpdateAlias": self._update_alias,
            "DeleteAlias": self._delete_alias,
            "ListAliases": self._list_aliases,
            "PutProvisionedConcurrencyConfig": self._provision,
            "GetProvisionedConcurrencyConfig": self._get_provisioned,
            "DeleteProvisionedConcurrencyConfig": self._delete_provisioned,
        }

    def _get(self, request: ApiRequest) -> ApiAnswer:
        reserved = self._deployment(request).reserved_concurrency
        concurrency = {} if reserved is None else {"Concurrency": {"ReservedConcurrentExecutions": reserved}}
        return ApiAnswer(body={"Configuration": self._configuration(request), **concurrency})

    def _get_configuration(self, request: ApiRequest) -> ApiAnswer:
        return ApiAnswer(body=self._configuration(request))

    def _configuration(self, request: ApiRequest) -> JSONObject:
        """The configuration of what the request's qualifier stands for: an alias answers for its own version."""
        deployment = self._deployment(request)
        reference = reference_in(request.path[_PLACE_OF_NAME])
        qualifier = request.query.get("Qualifier") or (None if reference is None else reference.qualifier)
        version = VERSION if qualifier is None else deployment.versions.version_of(qualifier)
        function = self._workspace.registry.resolve(deployment.name)
        if version is None:
            raise ResourceNotFoundException(f"Function not found: {function.arn}:{qualifier}")
        arn = function.arn if qualifier is None else f"{function.arn}:{qualifier}"
        published = next((each for each in deployment.versions if each.version == version), None)
        if published is None:
            return function_configuration(function, arn=arn, version=VERSION)
        return function_configuration(published.function, arn=arn, version=version, description=published.description)

    def _publish(self, request: ApiRequest) -> ApiAnswer:
        description = str(request.parameters.get("Description") or "")
        published = self._workspace.lambda_service.publish_version(request.path[_PLACE_OF_NAME], description)
        return ApiAnswer(body=_version(published), status=201)

    def _list_versions(self, request: ApiRequest) -> ApiAnswer:
        deployment = self._deployment(request)
        latest = self._workspace.registry.resolve(deployment.name)
        told = [function_configuration(latest, arn=f"{latest.arn}:{VERSION}", version=VERSION)]
        return ApiAnswer(body={"Versions": told + [_version(each) for each in deployment.versions]})

    def _create_alias(self, request: ApiRequest) -> ApiAnswer:
        given = request.parameters
        alias = self._workspace.lambda_service.create_alias(
            request.path[_PLACE_OF_NAME],
            given["Name"],
            given["FunctionVersion"],
            routing=_weights(given),
            description=given.get("Description") or "",
        )
        return ApiAnswer(body=_alias(alias), status=201)

    def _get_alias(self, request: ApiRequest) -> ApiAnswer:
        return ApiAnswer(body=_alias(self._alias(request)))

    def _update_alias(self, request: ApiRequest) -> ApiAnswer:
        old, given = self._alias(request), request.parameters
        alias = self._workspace.lambda_service.update_alias(
            request.path[_PLACE_OF_NAME],
            old.name,
            given.get("FunctionVersion") or old.function_version,
            routing=_weights(given) if "RoutingConfig" in given else old.routing,
            description=given.get("Description", old.description),
        )
        return ApiAnswer(body=_alias(alias))

    def _delete_alias(self, request: ApiRequest) -> ApiAnswer:
        self._workspace.lambda_service.delete_alias(request.path[_PLACE_OF_NAME], request.path[-1])
        return _DONE

    def _list_aliases(self, request: ApiRequest) -> ApiAnswer:
        version = request.query.get("FunctionVersion")
        aliases = self._deployment(request).versions.aliases
        told = [
            _alias(each) for each in aliases if version is None or version in {each.function_version, *each.routing}
        ]
        return ApiAnswer(body={"Aliases": told})

    def _alias(self, request: ApiRequest) -> Alias:
        deployment, name = self._deployment(request), request.path[-1]
        for each in deployment.versions.aliases:
            if each.name == name:
                return each
        arn = self._workspace.account.function_arn(deployment.name)
        raise ResourceNotFoundException(f"Cannot find alias arn: {arn}:{name}")

    def _provision(self, request: ApiRequest) -> ApiAnswer:
        provisioned = self._workspace.lambda_service.put_provisioned_concurrency_config(
            request.path[_PLACE_OF_NAME],
            request.query["Qualifier"],
            request.parameters["ProvisionedConcurrentExecutions"],
        )
        return ApiAnswer(body=self._provisioned(provisioned), status=202)

    def _get_provisioned(self, request: ApiRequest) -> ApiAnswer:
        provisioned = self._deployment(request).provisioned.get(request.query["Qualifier"])
        if provisioned is None:
            raise ProvisionedConcurrencyConfigNotFoundException(
                "No Provisioned Concurrency Config found for this function"
            )
        return ApiAnswer(body=self._provisioned(provisioned))

    def _delete_provisioned(self, request: ApiRequest) -> ApiAnswer:
        self._deployment(request).provisioned.pop(request.query["Qualifier"], None)
        return _DONE

    def _provisioned(self, provisioned: ProvisionedConcurrency) -> JSONObject:
        is_ready = provisioned.ready_seconds <= self._workspace.lambda_service.now()
        started = provisioned.count if is_ready else 0
        return {
            "RequestedProvisionedConcurrentExecutions": provisioned.count,
            "AllocatedProvisionedConcurrentExecutions": started,
            "AvailableProvisionedConcurrentExecutions": started,
            "Status": "READY" if is_ready else "IN_PROGRESS",
        }

    def _deployment(self, request: ApiRequest) -> Deployment:
        return self._workspace.lambda_service.deployment(request.path[_PLACE_OF_NAME])


def _version(published: PublishedVersion) -> JSONObject:
    return function_configuration(
        published.function, arn=published.arn, version=published.version, description=published.description
    )


def _alias(alias: Alias) -> JSONObject:
    routing = {"RoutingConfig": {"AdditionalVersionWeights": dict(alias.routing)}} if alias.routing else {}
    return {
        "AliasArn": alias.arn,
        "Name": alias.name,
        "FunctionVersion": alias.function_version,
        "Description": alias.description,
        **routing,
    }


def _weights(given: JSONObject) -> dict[str, Any]:
    return dict((given.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {})
