"""Lambda as a caller sees it: Invoke, versions, aliases, concurrency and asynchronous events, in modelled time.

It knows functions, not workflows: what a Task makes of an answer is decided elsewhere.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from random import Random
from typing import Final

from sfn_notebook._json import ABSENT, JSONValue
from sfn_notebook.errors import InvalidInput
from sfn_notebook.functions.asynchronous import AsynchronousInvocations
from sfn_notebook.functions.attempts import Attempt, Attempts, Call
from sfn_notebook.functions.calls import CallLog
from sfn_notebook.functions.deliveries import DestinationTarget, RecordedDeliveries
from sfn_notebook.functions.deployments import Deployment, Deployments, ProvisionedConcurrency
from sfn_notebook.functions.environments import Environments
from sfn_notebook.functions.event_invoke_config import EventInvokeConfig, given_fields
from sfn_notebook.functions.event_queue import AsynchronousEvent
from sfn_notebook.functions.function import VERSION
from sfn_notebook.functions.invoke_api import (
    InvocationType,
    InvokeResponse,
    event_of,
    invocation_type_of,
    log_tail,
)
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException, ResourceNotFoundException
from sfn_notebook.functions.registry import FunctionRegistry, reference_in
from sfn_notebook.functions.stack_traces import SourceName
from sfn_notebook.functions.versions import Alias, PublishedVersion, Target
from sfn_notebook.runtime.clock import ManualClock
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, IdSource
from sfn_notebook.runtime.scheduler import Scheduler

_SERVICES: Final = ("sqs", "sns", "events", "s3")


class LambdaService:
    """The functions of a registry, as Lambda runs them on one scheduler.

    ``log`` counts calls and tells observers of them. ``deliveries`` holds what was sent to queues, topics, buses and
    buckets; ``targets`` may name something else for each service. A ``seed`` repeats request ids, weighted choices and
    duplicates.
    """

    def __init__(
        self,
        registry: FunctionRegistry,
        scheduler: Scheduler,
        *,
        deployments: Deployments | None = None,
        log: CallLog | None = None,
        seed: int = 0,
    ) -> None:
        self.registry = registry
        self.scheduler = scheduler
        self.deployments = Deployments(registry) if deployments is None else deployments
        self.log = CallLog() if log is None else log
        self.deliveries = RecordedDeliveries()
        self.targets: dict[str, DestinationTarget] = dict.fromkeys(_SERVICES, self.deliveries)
        self._environments = Environments(self.deployments)
        self._attempts = Attempts(self._environments, self.log)
        self._ids = IdSource(f"lambda/{seed}")
        self._random = Random(f"lambda/{seed}")  # noqa: S311 - choices must repeat for a seed; nothing secret is drawn
        self._asynchronous = AsynchronousInvocations(
            scheduler=scheduler,
            deployments=self.deployments,
            attempts=self._attempts,
            log=self.log,
            ids=self._ids,
            random=self._random,
            targets=self.targets,
            invoke_function=self._invoke_destination,
        )

    def on(self, scheduler: Scheduler) -> "LambdaService":
        """The same functions, settings and observers in another time, with environments and events of its own."""
        if scheduler is self.scheduler:
            return self
        other = LambdaService(self.registry, scheduler, deployments=self.deployments, log=self.log)
        other.targets.update(self.targets)
        other.source_name = self.source_name
        other._attempts.share_callers(self._attempts)
        return other

    @property
    def source_name(self) -> SourceName | None:
        """Maps the file of a notebook cell to what a person knows it by, in stack traces."""
        return self._attempts.source_name

    @source_name.setter
    def source_name(self, source_name: SourceName | None) -> None:
        self._attempts.source_name = source_name

    @property
    def account_concurrency(self) -> int:
        """How many environments all functions may have together; 1,000 unless it is set."""
        return self.deployments.account_concurrency

    @account_concurrency.setter
    def account_concurrency(self, count: int) -> None:
        self.deployments.account_concurrency = count

    def invoke(
        self,
        function_name: str,
        payload: JSONValue | bytes = ABSENT,
        invocation_type: str = "RequestResponse",
        *,
        qualifier: str | None = None,
        log_type: str = "None",
    ) -> InvokeResponse:
        """Invoke a function as Lambda's Invoke does.

        ``RequestResponse`` lets the modelled time of the call pass; within a handler, the handler waits that long.
        ``Event`` only queues the event: it runs when time passes.

        Args:
            function_name: Name, partial ARN or ARN, with or without a qualifier.
            payload: The event as a JSON value, or ``bytes`` for a body as it is; ``{}`` without it.
            invocation_type: ``RequestResponse``, ``Event`` or ``DryRun``.
            qualifier: A version or an alias.
            log_type: ``Tail`` adds the end of the log as ``log_result``.

        Raises:
            ResourceNotFoundException: If there is no such function, version or alias.
            TooManyRequestsException: If a synchronous call is throttled.
            RequestTooLargeException: For more than 6 MB, or 1 MB for an event.
            InvalidRequestContentException: If a body is no JSON.
            InvalidParameterValueException: For an invocation type that is none, or two different qualifiers.
            InvalidInput: If the payload is no JSON.
        """
        kind = invocation_type_of(invocation_type)
        name, qualifier = self._addressed(function_name, qualifier)
        event = event_of(payload, kind)
        caller, chain = self._attempts.caller, self._attempts.chain
        target = self._target(name, qualifier)
        request_id = self._ids.uuid()
        match kind:
            case InvocationType.DRY_RUN:
                return InvokeResponse(status_code=204, request_id=request_id)
            case InvocationType.EVENT:
                self._accept(target, qualifier, event, request_id=request_id, caller=caller, chain=chain)
                return InvokeResponse(status_code=202, request_id=request_id)
            case InvocationType.REQUEST_RESPONSE:
                attempt = self._attempts.run(Call(request_id, target, event, kind, caller, 1, chain), self.now())
                self._let_pass(attempt.ended_seconds)
                return _response(attempt, wants_tail=log_type == "Tail")

    def attempt(
        self,
        function_name: str,
        event: JSONValue,
        *,
        request_id: str,
        qualifier: str | None = None,
        caller: str | None = None,
    ) -> Attempt:
        """Run a function for a caller that lets time pass itself: the answer holds from ``ended_seconds`` on.

        ``event`` is plain JSON. A qualifier of a function that has no versions is not looked at, so that a definition
        written for a real account runs here. The errors are those of ``invoke``.
        """
        name, qualifier = self._addressed(function_name, qualifier)
        target = self._target(name, self._known_qualifier(name, qualifier))
        call = Call(request_id, target, event, InvocationType.REQUEST_RESPONSE, caller, 1, self._attempts.chain)
        return self._attempts.run(call, self.now())

    @property
    def caller(self) -> str | None:
        """The function whose handler runs now, or the ARN on whose behalf something is called; else ``None``."""
        return self._attempts.caller

    @property
    def callers(self) -> tuple[str, ...]:
        """``caller`` with those around it, outermost first: a handler, a rule that its event matched."""
        return self._attempts.callers

    def on_behalf_of(self, caller: str) -> AbstractContextManager[None]:
        """Whatever is called within is called by ``caller``: an ARN, or a function's name."""
        return self._attempts.on_behalf_of(caller)

    def enter(self, caller: str) -> None:
        """As ``on_behalf_of``, until ``leave``."""
        self._attempts.enter(caller)

    def leave(self) -> None:
        """The latest caller is done."""
        self._attempts.leave()

    def now(self) -> float:
        """Modelled seconds; within a handler, those that it has waited for other functions have passed."""
        return self._attempts.now(self.scheduler.now)

    def advance(self, seconds: float | None = None) -> None:
        """Let modelled time pass by ``seconds``, or until nothing is left that happens by itself.

        What is due at the very end happens too, with all that follows from it at that instant.

        Raises:
            InvalidInput: For less than 0 seconds.
        """
        if seconds is None:
            self.scheduler.run_until(lambda: False)
        elif 0 <= seconds < float("inf"):
            due_seconds = self.scheduler.now() + seconds
            clock = self.scheduler.clock
            if isinstance(clock, ManualClock):
                self._step_until(due_seconds, clock)
            self._pass_time_until(due_seconds, reach_deadlines=True)
            self._finish_instant()
        else:
            raise InvalidInput(f"time cannot pass by {seconds!r} seconds.", hint="Give a number that is at least 0.")

    def _let_pass(self, ended_seconds: float) -> None:
        if self._attempts.is_running:
            self._attempts.wait_until(ended_seconds)
        elif not self.scheduler.is_running:
            self._pass_time_until(ended_seconds)

    def _step_until(self, due_seconds: float, clock: ManualClock) -> None:
        """Move a clock that stands still: to each due time, so that everything happens at its own."""
        while (next_seconds := self.scheduler.next_due_seconds()) is not None and next_seconds <= due_seconds:
            clock.advance(max(0.0, next_seconds - clock.now()))
            self.scheduler.run_until(lambda: False)
        clock.advance(max(0.0, due_seconds - clock.now()))

    def _pass_time_until(self, due_seconds: float, *, reach_deadlines: bool = False) -> None:
        ended: list[bool] = []
        timer = self.scheduler.schedule(due_seconds, lambda: ended.append(True))
        try:
            self.scheduler.run_until(lambda: bool(ended), reach_deadlines=reach_deadlines)
        finally:
            timer.cancel()

    def _finish_instant(self) -> None:
        """Let happen what the last instant has brought about: a timeout's event, and whoever hears of it."""

        def is_later() -> bool:
            next_seconds = self.scheduler.next_due_seconds()
            return next_seconds is None or next_seconds > self.scheduler.now()

        self.scheduler.run_until(is_later)

    def _addressed(self, function_name: str, qualifier: str | None) -> tuple[str, str | None]:
        reference = reference_in(function_name)
        if reference is None:
            raise ResourceNotFoundException(
                f"Function not found: {DEFAULT_ACCOUNT.function_arn(function_name)}:{VERSION}"
            )
        if qualifier is not None and reference.qualifier not in {None, qualifier}:
            raise InvalidParameterValueException(
                "The derived qualifier from the function name does not match the specified qualifier."
            )
        return reference.name, qualifier if qualifier is not None else reference.qualifier

    def _known_qualifier(self, name: str, qualifier: str | None) -> str | None:
        return qualifier if self.deployments.of(name).versions else None

    def _target(self, name: str, qualifier: str | None) -> Target:
        function = self.registry.get(name)
        if function is None:
            arn = DEFAULT_ACCOUNT.function_arn(name)
            raise ResourceNotFoundException(f"Function not found: {arn}:{qualifier or VERSION}")
        return self.deployments.of(name).versions.target(function, qualifier, self._random)

    def send(
        self,
        function_name: str,
        event: JSONValue,
        *,
        request_id: str | None = None,
        qualifier: str | None = None,
        caller: str | None = None,
    ) -> str:
        """Accept an asynchronous event for a caller that is no function: a workflow, an event source.

        ``event`` is plain JSON within the limit; the errors are those of ``invoke``. Returns the request id.
        """
        name, qualifier = self._addressed(function_name, qualifier)
        qualifier = self._known_qualifier(name, qualifier)
        target = self._target(name, qualifier)
        request_id = self._ids.uuid() if request_id is None else request_id
        chain = self._attempts.chain
        self._accept(target, qualifier, event, request_id=request_id, caller=caller, chain=chain)
        return request_id

    def _invoke_destination(self, arn: str, record: JSONValue, caller: str, chain: Mapping[str, int]) -> None:
        name, qualifier = self._addressed(arn, None)
        target = self._target(name, qualifier)
        self._accept(target, qualifier, record, request_id=self._ids.uuid(), caller=caller, chain=chain)

    def _accept(
        self,
        target: Target,
        qualifier: str | None,
        event: JSONValue,
        *,
        request_id: str,
        caller: str | None,
        chain: Mapping[str, int],
    ) -> None:
        accepted = AsynchronousEvent(
            request_id=request_id,
            function_name=target.function.name,
            qualifier=qualifier,
            payload=event,
            accepted_seconds=self.now(),
            caller=caller,
            chain=chain,
        )
        self._asynchronous.accept(accepted, duplicate_rate=target.function.configuration.duplicate_rate)

    def waiting_events(self, function_name: str) -> int:
        """Asynchronous events of a function that are due and wait for an environment."""
        return self._asynchronous.waiting(self._addressed(function_name, None)[0])

    def concurrent_executions(self, function_name: str) -> int:
        """Calls of a function that have not ended."""
        return self._environments.in_flight(self._addressed(function_name, None)[0], self.now())

    def publish_version(self, function_name: str, description: str = "") -> PublishedVersion:
        """Keep a function as it is now under the next version number; unchanged, its last version is returned.

        Raises:
            ResourceNotFoundException: If there is no such function.
        """
        deployment = self._deployed(function_name)
        return deployment.versions.publish(self.registry.resolve(deployment.name), description)

    def create_alias(
        self,
        function_name: str,
        name: str,
        function_version: str,
        *,
        routing: Mapping[str, float] | None = None,
        description: str = "",
    ) -> Alias:
        """Give a version a name; ``routing`` gives shares of its invocations to other versions: ``{"2": 0.1}``.

        Raises:
            ResourceConflictException: If the alias is there already.
            ResourceNotFoundException: If there is no such function or version.
            InvalidParameterValueException: For a name or weights that Lambda does not take.
        """
        return self._deployed(function_name).versions.create_alias(name, function_version, routing or {}, description)

    def update_alias(
        self,
        function_name: str,
        name: str,
        function_version: str,
        *,
        routing: Mapping[str, float] | None = None,
        description: str = "",
    ) -> Alias:
        """Let an alias stand for another version, or route it otherwise; the errors are those of ``create_alias``."""
        return self._deployed(function_name).versions.update_alias(name, function_version, routing or {}, description)

    def delete_alias(self, function_name: str, name: str) -> None:
        """Forget an alias; an unknown one is no error."""
        self._deployed(function_name).versions.delete_alias(name)

    def put_function_concurrency(self, function_name: str, reserved_concurrent_executions: int | None) -> None:
        """Reserve environments for a function; 0 turns it off, ``None`` takes the reservation back.

        Raises:
            ResourceNotFoundException: If there is no such function.
            InvalidParameterValueException: If fewer than 100 would remain for the others, or fewer are reserved than
                provisioned.
        """
        self.deployments.reserve(self._deployed(function_name).name, reserved_concurrent_executions)

    def put_provisioned_concurrency_config(
        self, function_name: str, qualifier: str, provisioned_concurrent_executions: int
    ) -> ProvisionedConcurrency:
        """Start environments ahead for a version or an alias; they are ready once their initialisation has passed.

        Raises:
            ResourceNotFoundException: If there is no such function, version or alias.
            InvalidParameterValueException: For ``$LATEST``, or for more than the function reserves.
        """
        name = self._deployed(function_name).name
        return self.deployments.provision(name, qualifier, provisioned_concurrent_executions, self.now())

    def put_function_event_invoke_config(
        self,
        function_name: str,
        *,
        qualifier: str | None = None,
        maximum_retry_attempts: int | None = None,
        maximum_event_age_seconds: float | None = None,
        on_success: object = None,
        on_failure: object = None,
    ) -> EventInvokeConfig:
        """Set how asynchronous events are treated; what is not given gets Lambda's default.

        Destinations are ARNs, functions or names of functions.

        Raises:
            ResourceNotFoundException: If there is no such function, version or alias.
            InvalidParameterValueException: For a value out of bounds, or an ARN that cannot be a destination.
        """
        given = given_fields(maximum_retry_attempts, maximum_event_age_seconds, on_success, on_failure)
        return self._put_asynchronous(function_name, qualifier, lambda _old: EventInvokeConfig(**given))

    def update_function_event_invoke_config(
        self,
        function_name: str,
        *,
        qualifier: str | None = None,
        maximum_retry_attempts: int | None = None,
        maximum_event_age_seconds: float | None = None,
        on_success: object = None,
        on_failure: object = None,
    ) -> EventInvokeConfig:
        """Change how asynchronous events are treated; what is not given stays. The errors are those of ``put_...``."""
        given = given_fields(maximum_retry_attempts, maximum_event_age_seconds, on_success, on_failure)
        return self._put_asynchronous(function_name, qualifier, lambda old: replace(old, **given))

    def _put_asynchronous(
        self,
        function_name: str,
        qualifier: str | None,
        make: Callable[[EventInvokeConfig], EventInvokeConfig],
    ) -> EventInvokeConfig:
        deployment = self._deployed(function_name)
        if qualifier is not None and deployment.versions.version_of(qualifier) is None:
            arn = DEFAULT_ACCOUNT.function_arn(deployment.name)
            raise ResourceNotFoundException(f"Function not found: {arn}:{qualifier}")
        config = make(deployment.asynchronous_config(qualifier))
        deployment.asynchronous[qualifier or VERSION] = config
        return config

    def deployment(self, function_name: str) -> Deployment:
        """What is set for a function, as it is now.

        Raises:
            ResourceNotFoundException: If there is no such function.
        """
        return self._deployed(function_name)

    def _deployed(self, function_name: str) -> Deployment:
        return self.deployments.existing(self._addressed(function_name, None)[0])


def _response(attempt: Attempt, *, wants_tail: bool) -> InvokeResponse:
    result = attempt.result
    return InvokeResponse(
        status_code=result.status_code,
        request_id=result.request_id,
        payload=result.payload,
        function_error=result.function_error,
        executed_version=attempt.executed_version,
        log_result=log_tail(attempt.log) if wants_tail else None,
        log=attempt.log,
        duration_seconds=result.duration_seconds,
        exception=result.exception,
    )
