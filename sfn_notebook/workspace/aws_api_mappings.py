"""Lambda's API of event source mappings over the notebook's pollers, as AWS answers it; it polls nothing.

Source: Lambda API reference, CreateEventSourceMapping and its like; recorded event source mappings.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfn_notebook._json import JSONObject
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.event_sources.errors import InvalidEventPatternException
from sfn_notebook.functions.event_sources.mapping_config import QueueMappingConfig, StreamMappingConfig
from sfn_notebook.functions.lambda_errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from sfn_notebook.integrations.aws.in_kernel import ApiAnswer, ApiRequest
from sfn_notebook.integrations.event_sources.queue_poller import QueuePoller
from sfn_notebook.integrations.event_sources.stream_poller import StreamPoller

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

Poller: TypeAlias = QueuePoller | StreamPoller
_Key: TypeAlias = tuple[str, str]

_REPORTS: Final = "ReportBatchItemFailures"

_BOTH: Final = {"BatchSize": "batch_size", "MaximumBatchingWindowInSeconds": "window"}
_OF_STREAMS: Final = {
    **_BOTH,
    "StartingPosition": "starting_position",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "MaximumRecordAgeInSeconds": "maximum_record_age",
    "BisectBatchOnFunctionError": "bisect_on_error",
    "ParallelizationFactor": "parallelization_factor",
    "TumblingWindowInSeconds": "tumbling_window",
}
"""Lambda's names of settings -> those of ``map_queue`` and ``map_stream``."""


class MappingCalls:
    """Answers requests about event source mappings; what Lambda refuses comes out as ``LambdaServiceError``."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace

    def table(self) -> Mapping[str, Callable[[ApiRequest], ApiAnswer]]:
        """Who answers which operation."""
        return {
            "CreateEventSourceMapping": self._create,
            "GetEventSourceMapping": self._get,
            "ListEventSourceMappings": self._list,
            "UpdateEventSourceMapping": self._update,
            "DeleteEventSourceMapping": self._delete,
        }

    def _create(self, request: ApiRequest) -> ApiAnswer:
        given = request.parameters
        name = self._workspace.lambda_service.deployment(given["FunctionName"]).name
        source_arn = str(given.get("EventSourceArn", ""))
        for key, poller in self._every():
            if key == (source_arn, name):
                raise ResourceConflictException(
                    f'The event source arn (" {source_arn} ") and function (" {name} ") provided mapping already'
                    f" exists. Please update or delete the existing mapping with UUID {poller.uuid}"
                )
        try:
            poller = self._mapped(source_arn, name, given)
        except (InvalidInput, InvalidEventPatternException) as error:
            raise InvalidParameterValueException(error.message) from None
        if given.get("Enabled") is False:
            poller.disable()
        key = next(key for key, each in self._every() if each is poller)
        return ApiAnswer(body=self._told(key, poller) | {"State": "Creating"}, status=202)

    def _mapped(self, source_arn: str, name: str, given: JSONObject) -> Poller:
        service = source_arn.split(":")[2] if source_arn.count(":") > 1 else ""
        settings: dict[str, Any] = {
            "report_batch_item_failures": _REPORTS in (given.get("FunctionResponseTypes") or ()),
            "filters": [each["Pattern"] for each in (given.get("FilterCriteria") or {}).get("Filters") or ()],
        }
        names = _BOTH if service == "sqs" else _OF_STREAMS
        settings |= {ours: given[theirs] for theirs, ours in names.items() if given.get(theirs) is not None}
        match service:
            case "sqs":
                concurrency = (given.get("ScalingConfig") or {}).get("MaximumConcurrency")
                return self._workspace.map_queue(source_arn, name, maximum_concurrency=concurrency, **settings)
            case "kinesis" | "dynamodb":
                if "starting_position" not in settings:
                    raise InvalidParameterValueException(
                        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint:"
                        " Member must not be null."
                    )
                on_failure = ((given.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
                return self._workspace.map_stream(source_arn, name, on_failure=on_failure, **settings)
            case _:
                raise InvalidParameterValueException(
                    "Unrecognized event source.", hint="There are queues, Kinesis streams and streams of tables."
                )

    def _get(self, request: ApiRequest) -> ApiAnswer:
        return ApiAnswer(body=self._told(*self._find(request)))

    def _list(self, request: ApiRequest) -> ApiAnswer:
        source_arn, function = request.query.get("EventSourceArn"), request.query.get("FunctionName")
        name = None if function is None else self._workspace.lambda_service.deployment(function).name
        told = [
            self._told(key, poller)
            for key, poller in self._every()
            if source_arn in {None, key[0]} and name in {None, key[1]}
        ]
        return ApiAnswer(body={"EventSourceMappings": told})

    def _update(self, request: ApiRequest) -> ApiAnswer:
        key, poller = self._find(request)
        changes = request.parameters.keys() - {"Enabled", "UUID"}
        if changes:
            raise InvalidParameterValueException(
                f"{', '.join(sorted(changes))} cannot be updated in a notebook.",
                hint="Delete the mapping and create it anew.",
            )
        match request.parameters.get("Enabled"):
            case True:
                poller.enable()
            case False:
                poller.disable()
        return ApiAnswer(body=self._told(key, poller), status=202)

    def _delete(self, request: ApiRequest) -> ApiAnswer:
        key, poller = self._find(request)
        told = self._told(key, poller) | {"State": "Deleting"}
        poller.disable()
        self._workspace.event_sources.queues.pop(key, None)
        self._workspace.event_sources.streams.pop(key, None)
        return ApiAnswer(body=told, status=202)

    def _every(self) -> Iterator[tuple[_Key, Poller]]:
        yield from self._workspace.event_sources.queues.items()
        yield from self._workspace.event_sources.streams.items()

    def _find(self, request: ApiRequest) -> tuple[_Key, Poller]:
        for key, poller in self._every():
            if poller.uuid == request.path[-1]:
                return key, poller
        raise ResourceNotFoundException("The resource you requested does not exist.")

    def _told(self, key: _Key, poller: Poller) -> JSONObject:
        source_arn, name = key
        config = poller.config
        return {
            "UUID": poller.uuid,
            "BatchSize": config.batch_size,
            "MaximumBatchingWindowInSeconds": config.window_seconds,
            "EventSourceArn": source_arn,
            "FunctionArn": self._workspace.account.function_arn(name),
            "State": "Enabled" if poller.is_enabled else "Disabled",
            "FunctionResponseTypes": [_REPORTS] if config.reports_item_failures else [],
            **_told_of(config),
        }


def _told_of(config: QueueMappingConfig | StreamMappingConfig) -> JSONObject:
    """What only a queue's mapping has, or only a stream's."""
    match config:
        case QueueMappingConfig():
            concurrency = config.maximum_concurrency
            scaling = {} if concurrency is None else {"ScalingConfig": {"MaximumConcurrency": concurrency}}
            return {"StateTransitionReason": "USER_INITIATED", **scaling}
        case StreamMappingConfig():
            destination = {} if config.on_failure is None else {"Destination": config.on_failure}
            return {
                "StateTransitionReason": "User action",
                "StartingPosition": config.starting_position,
                "MaximumRetryAttempts": config.maximum_retry_attempts,
                "MaximumRecordAgeInSeconds": config.maximum_record_age_seconds,
                "BisectBatchOnFunctionError": config.bisects_on_error,
                "ParallelizationFactor": config.parallelization_factor,
                "TumblingWindowInSeconds": config.tumbling_window_seconds,
                "DestinationConfig": {"OnFailure": destination},
            }
