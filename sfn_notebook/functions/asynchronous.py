"""Asynchronous invocations: attempts, delays, what is given up, and who is told; how an attempt runs is not known here.

Source: Lambda developer guide, "Asynchronous invocation", "Error handling" and "Destinations"; recorded deliveries.
"""

from collections.abc import Callable, Mapping, MutableMapping
from functools import partial
from random import Random
from typing import Final, TypeAlias

from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.functions.attempts import Attempt, Attempts, Call
from sfn_notebook.functions.calls import RECURSIVE_LOOP, CallKind, CallLog, CallRecord, Carried
from sfn_notebook.functions.deliveries import DeliveryError, DestinationTarget
from sfn_notebook.functions.deployments import Deployments
from sfn_notebook.functions.destinations import (
    Condition,
    FinishedEvent,
    Response,
    dead_letter_of,
    message_for,
    record_of,
)
from sfn_notebook.functions.event_invoke_config import EventInvokeConfig, service_of
from sfn_notebook.functions.event_queue import AsynchronousEvent, EventQueue
from sfn_notebook.functions.invoke_api import InvocationType
from sfn_notebook.functions.lambda_errors import (
    LambdaServiceError,
    RecursiveInvocationException,
    ResourceNotFoundException,
    TooManyRequestsException,
)
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, IdSource
from sfn_notebook.runtime.scheduler import Scheduler

RETRY_DELAYS_SECONDS: Final = (60.0, 120.0)
"""How long Lambda waits before the first and the second retry."""

InvokeFunction: TypeAlias = Callable[[str, JSONValue, str, Mapping[str, int]], object]
"""Invokes the function of an ARN asynchronously, for a caller and after a chain of calls: how a Lambda destination gets
its record, and how recursive loops through Destinations are found."""


class AsynchronousInvocations:
    """The events of all functions, each function's qualifier with a queue of its own.

    ``targets`` are by service: ``sqs``, ``sns``, ``events``, ``s3``.
    """

    def __init__(
        self,
        *,
        scheduler: Scheduler,
        deployments: Deployments,
        attempts: Attempts,
        log: CallLog,
        ids: IdSource,
        random: Random,
        targets: MutableMapping[str, DestinationTarget],
        invoke_function: InvokeFunction,
    ) -> None:
        self._scheduler = scheduler
        self._deployments = deployments
        self._attempts = attempts
        self._log = log
        self._ids = ids
        self._random = random
        self._targets = targets
        self._invoke_function = invoke_function
        self._queues: dict[tuple[str, str | None], EventQueue] = {}

    def waiting(self, name: str) -> int:
        """Events of a function that are due and wait for an environment."""
        return sum(len(queue) for (function_name, _), queue in self._queues.items() if function_name == name)

    def accept(self, event: AsynchronousEvent, *, duplicate_rate: float) -> None:
        """Queue an event; a share of ``duplicate_rate`` is delivered twice, under the same request id."""
        self._tell(event, CallKind.ACCEPTED, sent=event.payload)
        queue = self._queue(event)
        queue.put(event, event.accepted_seconds)
        if duplicate_rate and self._random.random() < duplicate_rate:
            queue.put(_copy(event), event.accepted_seconds)

    def _queue(self, event: AsynchronousEvent) -> EventQueue:
        key = (event.function_name, event.qualifier)
        if key not in self._queues:
            self._queues[key] = EventQueue(self._scheduler, self._take)
        return self._queues[key]

    def _take(self, event: AsynchronousEvent) -> bool:
        """Begin an attempt, or give the event up; ``False`` if there is no environment for it now."""
        now_seconds = self._scheduler.now()
        deployment = self._deployments.of(event.function_name)
        if deployment.reserved_concurrency == 0:
            self._give_up(event, Condition.ZERO_RESERVED_CONCURRENCY)
            return True
        config = deployment.asynchronous_config(event.qualifier)
        has_been_tried = bool(event.attempts or event.throttles)
        if has_been_tried and now_seconds - event.accepted_seconds >= config.maximum_event_age_seconds:
            self._give_up(event, Condition.EVENT_AGE_EXCEEDED)
            return True
        try:
            attempt = self._attempt(event, now_seconds)
        except TooManyRequestsException:
            event.throttles += 1
            return False
        except RecursiveInvocationException:
            self._tell(event, CallKind.DROPPED, reason=RECURSIVE_LOOP)
        except ResourceNotFoundException as error:
            # The function, version or alias was there when the event was accepted.
            self._tell(event, CallKind.DROPPED, reason=error.code)
        else:
            self._scheduler.schedule(attempt.ended_seconds, partial(self._end, event, attempt))
        return True

    def _attempt(self, event: AsynchronousEvent, now_seconds: float) -> Attempt:
        deployment = self._deployments.of(event.function_name)
        latest = self._deployments.registry.get(event.function_name)
        target = deployment.versions.target(latest, event.qualifier, self._random)
        call = Call(
            request_id=event.request_id,
            target=target,
            event=event.payload,
            invocation_type=InvocationType.EVENT,
            caller=event.caller,
            attempt=event.attempts + 1,
            chain=event.chain,
        )
        return self._attempts.run(call, now_seconds)

    def _end(self, event: AsynchronousEvent, attempt: Attempt) -> None:
        event.attempts += 1
        event.last = attempt
        config = self._config(event)
        if attempt.result.function_error is None:
            if config.on_success is not None:
                self._send(_finished(event, Condition.SUCCESS), event, config.on_success)
        elif event.attempts > config.maximum_retry_attempts:
            self._give_up(event, Condition.RETRIES_EXHAUSTED)
        else:
            due_seconds = self._scheduler.now() + RETRY_DELAYS_SECONDS[event.attempts - 1]
            self._queue(event).put(event, due_seconds)
        self._queue(event).wake()

    def _config(self, event: AsynchronousEvent) -> EventInvokeConfig:
        return self._deployments.of(event.function_name).asynchronous_config(event.qualifier)

    def _give_up(self, event: AsynchronousEvent, condition: Condition) -> None:
        self._tell(event, CallKind.DROPPED, reason=condition)
        finished = _finished(event, condition)
        function = self._deployments.registry.get(event.function_name)
        dead_letter_arn = None if function is None else function.configuration.dead_letter_arn
        if dead_letter_arn is not None:
            service = service_of(dead_letter_arn)
            failure = self._deliver(event, service, dead_letter_arn, lambda: dead_letter_of(service, finished))
            self._tell(
                event,
                CallKind.DEAD_LETTER,
                target_arn=dead_letter_arn,
                reason=condition,
                failure=failure,
                sent=event.payload,
            )
        on_failure = self._config(event).on_failure
        if on_failure is not None:
            self._send(finished, event, on_failure)

    def _send(self, finished: FinishedEvent, event: AsynchronousEvent, arn: str) -> None:
        now_seconds = self._scheduler.now()
        record = record_of(finished, now_seconds)
        service = service_of(arn)
        message_id = self._ids.uuid() if service in {"events", "s3"} else ""
        failure = self._deliver(event, service, arn, lambda: message_for(service, arn, record, now_seconds, message_id))
        self._tell(event, CallKind.DESTINATION, target_arn=arn, reason=finished.condition, failure=failure, sent=record)

    def _deliver(
        self, event: AsynchronousEvent, service: str, arn: str, make_message: Callable[[], JSONObject]
    ) -> str | None:
        """Send what ``make_message`` makes; the reason if that fails."""
        try:
            message = make_message()
            if service == "lambda":
                name = event.function_name
                self._invoke_function(arn, message, name, {**event.chain, name: event.chain.get(name, 0) + 1})
            else:
                self._targets[service].deliver(arn, message)
        except LambdaServiceError as error:
            return f"{error.code}: {error.message}"
        except DeliveryError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - a target is anybody's code: Lambda goes on without it
            return f"{type(error).__name__}: {error}"
        return None

    def _tell(
        self,
        event: AsynchronousEvent,
        kind: CallKind,
        *,
        reason: str | None = None,
        target_arn: str | None = None,
        failure: str | None = None,
        sent: JSONValue | Absent = ABSENT,
    ) -> None:
        self._log.tell(
            CallRecord(
                kind=kind,
                at_seconds=event.accepted_seconds if kind is CallKind.ACCEPTED else self._scheduler.now(),
                request_id=event.request_id,
                function_name=event.function_name,
                function_arn=_arn(event),
                invocation_type=InvocationType.EVENT,
                caller=event.caller,
                attempt=event.attempts,
                reason=reason,
                target_arn=target_arn,
                failure=failure,
            ),
            Carried(sent),
        )


def _arn(event: AsynchronousEvent) -> str:
    arn = DEFAULT_ACCOUNT.function_arn(event.function_name)
    return arn if event.qualifier is None else f"{arn}:{event.qualifier}"


def _copy(event: AsynchronousEvent) -> AsynchronousEvent:
    return AsynchronousEvent(
        request_id=event.request_id,
        function_name=event.function_name,
        qualifier=event.qualifier,
        payload=event.payload,
        accepted_seconds=event.accepted_seconds,
        caller=event.caller,
        chain=event.chain,
    )


def _finished(event: AsynchronousEvent, condition: Condition) -> FinishedEvent:
    response = None
    if event.last is not None:
        result = event.last.result
        response = Response(result.status_code, event.last.executed_version, result.function_error, result.payload)
    return FinishedEvent(
        function_name=event.function_name,
        function_arn=_arn(event),
        request_id=event.request_id,
        payload=event.payload,
        condition=condition,
        invoke_count=event.attempts,
        response=response,
    )
