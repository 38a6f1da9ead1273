"""AWS's services as a workspace uses them: where they are, which Tasks they do, and the clients; it draws nothing."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook.engine.resources import (
    RUNNABLE_SERVICES,
    Integration,
    ResourceKind,
    ResourcePlan,
    TaskOutcome,
    TaskRequest,
    TaskResult,
    plan_resource,
)
from sfn_notebook.errors import FeatureNotSupported, UnknownName, did_you_mean
from sfn_notebook.integrations.aws.endpoint import AwsConnection, Place
from sfn_notebook.integrations.aws.http_tasks import HTTP_INTEGRATIONS, perform_http_task
from sfn_notebook.integrations.aws.optimised_tasks import OPTIMISED, perform_optimised_task
from sfn_notebook.integrations.aws.sdk_tasks import PREFIX, perform_sdk_task, sdk_integration
from sfn_notebook.integrations.aws.sensitive_members import without_secrets
from sfn_notebook.integrations.aws.service_handlers import ServiceHandlers
from sfn_notebook.integrations.event_sources.client_watch import watch_calls
from sfn_notebook.runtime.ids import IdSource
from sfn_notebook.runtime.scheduler import Scheduler
from sfn_notebook.workspace.bucket_calls import OBJECT_CALLS, perform_bucket_call
from sfn_notebook.workspace.sent_calls import SentCalls

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

_S3: Final = "aws-sdk:s3"


def _known_sdk_action(resource_type: str, action: str) -> Integration | None:
    """What an action requires, for those who only want to know; ``None`` where the SDK is not installed."""
    try:
        return sdk_integration(resource_type, action)
    except (UnknownName, FeatureNotSupported):
        return None


RUNNABLE_SERVICES.add(OPTIMISED)
RUNNABLE_SERVICES.add(HTTP_INTEGRATIONS)
RUNNABLE_SERVICES.add_family(PREFIX, _known_sdk_action)


class AwsServices:
    """The services around the machines of one workspace: local at first, see ``AwsConnection``."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self.connection = AwsConnection(workspace.account)
        self.handlers = ServiceHandlers()
        self._own_clients: dict[str, Any] = {}
        self.connection.observe_clients(self._tell_calls)

    def __repr__(self) -> str:
        return repr(self.connection)

    @property
    def place(self) -> Place:
        """Where the services are."""
        return self.connection.place

    @property
    def is_local(self) -> bool:
        """Whether they are on this machine."""
        return self.place.is_local

    def use_local(self) -> None:
        """Let the services be on this machine, in a moto server that starts with the first call."""
        self.connection.use_local()

    def use_endpoint(self, url: str, *, profile: str | None = None, region: str | None = None) -> None:
        """Let the services be at ``url``; see ``AwsConnection.use_endpoint``.

        Raises:
            InvalidInput: If ``url`` is no http or https URL.
        """
        self.connection.use_endpoint(url, profile=profile, region=region)

    def use_profile(self, name: str, *, region: str | None = None) -> None:
        """Let the services be those of a real account; the first call prints which one.

        Raises:
            InvalidInput: If there is no such profile.
        """
        self.connection.use_profile(name, region=region)

    def client(self, service: str) -> Any:
        """A boto3 client, by boto3's name of the service.

        Those of ``stepfunctions`` and ``lambda`` speak to the machines and functions of the notebook; all others to
        where the services are.
        """
        if service not in ("stepfunctions", "lambda"):
            return self.connection.client(service)
        if service not in self._own_clients:
            from sfn_notebook.workspace.aws_clients import own_client

            self._own_clients[service] = own_client(self._workspace, service)
        return self._own_clients[service]

    def _tell_calls(self, service: str, client: Any) -> None:
        watch_calls(client, partial(self._note_call, service, client.meta.service_model))

    def _note_call(
        self, service: str, model: Any, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        caller, called = self._workspace.lambda_service.caller, model.operation_model(operation)
        sent, got = without_secrets(called.input_shape, parameters), without_secrets(called.output_shape, answer)
        SentCalls(self._workspace.interaction_log).note(service, caller, operation, sent, got)

    def credentials(self) -> Any:
        """Botocore's credentials of the account where the services are; they appear in no output."""
        return self.connection.credentials()

    def plan(self, resource: str, *, pointer: str = "") -> ResourcePlan:
        """Tell what a Resource asks for, and refuse what nobody here can do.

        Raises:
            FeatureNotSupported: Naming the Resource, with the nearest names where AWS has no such call.
        """
        planned = plan_resource(resource, pointer=pointer, allow_any=True)
        if planned.kind is not ResourceKind.SERVICE or self._is_played(planned):
            return planned
        if planned.resource_type == _S3 and planned.action not in OBJECT_CALLS and self.is_local:
            hint = f"The buckets of a notebook are folders; they answer {', '.join(OBJECT_CALLS)}."
            raise FeatureNotSupported(f"The Resource {resource!r}", pointer=pointer, hint=hint)
        try:
            if planned.resource_type.startswith(PREFIX):
                sdk_integration(planned.resource_type, planned.action)
            elif planned.resource_type in _CALLED:
                self.connection.require_sdk()
        except UnknownName as unknown:
            # Without the list of all that is known: EC2 alone has hundreds of actions.
            hint = f"There is {unknown.message} {did_you_mean(unknown.name, unknown.known)}".rstrip()
            raise FeatureNotSupported(f"The Resource {resource!r}", pointer=pointer, hint=hint) from None
        except FeatureNotSupported as missing:
            raise FeatureNotSupported(f"The Resource {resource!r}", pointer=pointer, hint=missing.hint) from None
        return plan_resource(resource, pointer=pointer)

    def _is_played(self, plan: ResourcePlan) -> bool:
        integration = self.handlers.integration(plan.resource_type, plan.action)
        return integration is not None and plan.pattern in integration.patterns

    def played(self, request: TaskRequest, scheduler: Scheduler) -> TaskOutcome | None:
        """What a function of the notebook answers in the place of a service; ``None`` if there is no such function."""
        return self.handlers.perform(request, scheduler)

    def perform(self, request: TaskRequest) -> TaskOutcome:
        """Make one call of a service."""
        plan = request.plan
        if plan.resource_type == _S3 and plan.action in OBJECT_CALLS and self.is_local:
            return perform_bucket_call(self._workspace.buckets, request)
        request_id = _request_id(request)
        if plan.resource_type in ("apigateway", "http"):
            return perform_http_task(self, self._workspace.registry, request, request_id)
        perform = perform_sdk_task if plan.resource_type.startswith(PREFIX) else perform_optimised_task
        outcome = perform(self, request, request_id)
        if isinstance(outcome, TaskResult) or outcome.cause is None:
            return outcome
        return type(outcome)(error=outcome.error, cause=self.connection.redacted(outcome.cause))


_CALLED: Final = frozenset(resource_type for resource_type, _ in OPTIMISED) | {"apigateway", "http"}


def _request_id(request: TaskRequest) -> str:
    """An id that is the same in every run: the execution's, the state's, the attempt's."""
    arn = "" if request.execution is None else request.execution.arn
    return IdSource(f"{arn}/{request.state_pointer}/{request.retry_count}/{request.now_seconds}/aws").uuid()
