"""Joins event sources to a workspace: who the targets are, what wakes the pollers; shapes and rules stand elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.buckets import put_object
from sfn_notebook.errors import UnknownName
from sfn_notebook.functions.event_sources.bucket_event import BucketNotification, object_created_event
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.functions.event_sources.event_bus import EventBuses, Rule, RuleTarget, bus_name
from sfn_notebook.functions.event_sources.event_pattern import EventPattern
from sfn_notebook.functions.event_sources.http_api import HttpApi
from sfn_notebook.functions.event_sources.http_events import ApiKind
from sfn_notebook.functions.event_sources.input_transformer import InputTransformer
from sfn_notebook.functions.event_sources.mapping_config import (
    QueueMappingConfig,
    StreamMappingConfig,
    filters_of,
)
from sfn_notebook.functions.event_sources.rule_deliveries import (
    MAX_EVENT_AGE_SECONDS,
    MAX_RETRY_ATTEMPTS,
    RetryPolicy,
)
from sfn_notebook.functions.event_sources.schedules import schedule_of
from sfn_notebook.functions.event_sources.topics import Subscription, Topics
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.invoke_api import InvokeResponse
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException
from sfn_notebook.integrations.aws.service_deliveries import deliver_to_service
from sfn_notebook.integrations.event_sources.observed_buckets import ObservedBuckets, PutObject
from sfn_notebook.integrations.event_sources.queue_facts import QueueFacts, queue_facts
from sfn_notebook.integrations.event_sources.queue_poller import QueuePoller
from sfn_notebook.integrations.event_sources.sent_messages import SentMessages
from sfn_notebook.integrations.event_sources.stream_poller import StreamPoller
from sfn_notebook.integrations.event_sources.stream_reader import stream_reader
from sfn_notebook.views.interactions import Party, PartyKind, party_of
from sfn_notebook.workspace.destination_routes import BusRoute, ServiceDeliveries, TopicRoute, route_destinations
from sfn_notebook.workspace.service_watches import ServiceWatches

if TYPE_CHECKING:
    from sfn_notebook.workspace.event_source_verbs import FunctionReference, RuleTargetReference
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.workspace import Workspace

_TARGET_FIELDS: Final = frozenset(
    {"Id", "Arn", "Input", "InputPath", "InputTransformer", "RetryPolicy", "DeadLetterConfig"}
)


class EventSources:
    """The rules, topics, queues, streams, buckets and APIs of one workspace, all in its virtual time."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        service = workspace.lambda_service
        self.buses = EventBuses(workspace.account, workspace.scheduler, service.now)
        self.buses.matched = self._note_match
        self.topics = Topics(workspace.account, service.now)
        self.queues: dict[tuple[str, str], QueuePoller] = {}
        self.streams: dict[tuple[str, str], StreamPoller] = {}
        self._notifications: list[tuple[BucketNotification, str]] = []
        self._watches = ServiceWatches(workspace.aws.connection)
        self._sent = SentMessages()
        self.buses.deliveries.send_dead_letter = self._send_message
        self._notifier = ServiceDeliveries(workspace, "sns")
        self._notifier.route = TopicRoute(topics=self.topics, watches=self._watches)

    def rule(
        self,
        name: str,
        *,
        pattern: str | Mapping[str, Any] | None,
        schedule: str | None,
        targets: Sequence["RuleTargetReference"],
        bus: str,
        is_enabled: bool,
    ) -> Rule:
        """See ``EventSourceVerbs.rule``."""
        now_seconds = self._workspace.scheduler.now()
        rule = self.buses.put_rule(
            name,
            [self._rule_target(each, self.buses.arn_of(name, bus_name(bus))) for each in targets],
            pattern=None if pattern is None else EventPattern.read(pattern),
            schedule=None if schedule is None else schedule_of(schedule, start_seconds=now_seconds),
            bus=bus_name(bus),
            is_enabled=is_enabled,
        )
        route_destinations(self._workspace, "events", BusRoute(buses=self.buses, watches=self._watches))
        self._watches.watch_if_local("events", self._on_events_call)
        return rule

    def put_events(self, entries: Sequence[Mapping[str, JSONValue]]) -> JSONObject:
        """See ``EventBuses.put_events``."""
        with self._workspace.turn:
            # Only what can be put is told; a refusal of the whole call is the caller's to see.
            for bus in sorted({bus_name(each.get("EventBusName")) for each in entries}):
                put = [dict(each) for each in entries if bus_name(each.get("EventBusName")) == bus]
                kinds = ", ".join(dict.fromkeys(str(each.get("DetailType", "")) for each in put))
                target = Party(PartyKind.BUS, bus)
                self._workspace.interaction_log.note_sent(target, "put events", why=kinds, payload=put)
            return self.buses.put_events(entries)

    def _note_match(self, rule: Rule, event: JSONObject) -> None:
        bus, target = Party(PartyKind.BUS, rule.bus), party_of(rule.arn)
        facts = (("Rule", rule.arn),)
        why = str(event.get("detail-type", ""))
        self._workspace.interaction_log.note_sent(target, "match", why=why, payload=event, source=bus, facts=facts)

    def _rule_target(self, given: "RuleTargetReference", rule_arn: str) -> RuleTarget:
        fields: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"Arn": given}
        if "Arn" not in fields or fields.keys() - _TARGET_FIELDS:
            hint = f"A target has {', '.join(sorted(_TARGET_FIELDS))}."
            raise ValidationException(f"{given!r} is no target of a rule.", hint=hint)
        arn, deliver = self._deliver_to(fields["Arn"])
        transformer, retries = fields.get("InputTransformer"), fields.get("RetryPolicy") or {}
        constant = fields.get("Input")
        return RuleTarget(
            arn=arn,
            deliver=partial(self._deliver_for, rule_arn, deliver),
            input=_json.load(constant) if isinstance(constant, str) else constant,
            input_path=fields.get("InputPath"),
            input_transformer=None
            if transformer is None
            else InputTransformer(paths=transformer.get("InputPathsMap", {}), template=transformer["InputTemplate"]),
            retry_policy=RetryPolicy(
                maximum_retry_attempts=retries.get("MaximumRetryAttempts", MAX_RETRY_ATTEMPTS),
                maximum_event_age_seconds=retries.get("MaximumEventAgeInSeconds", MAX_EVENT_AGE_SECONDS),
            ),
            dead_letter_arn=(fields.get("DeadLetterConfig") or {}).get("Arn"),
        )

    def _deliver_for(self, rule_arn: str, deliver: Callable[[JSONValue], object], value: JSONValue) -> None:
        with self._workspace.lambda_service.on_behalf_of(rule_arn):
            deliver(value)

    def _deliver_to(self, target: object) -> tuple[str, Callable[[JSONValue], object]]:
        """The ARN of a target, and what starts it."""
        text = target if isinstance(target, str) else str(getattr(target, "arn", ""))
        service = text.split(":")[2] if text.startswith("arn:") and text.count(":") > 4 else ""
        if service == "sqs":
            return text, lambda value: self._send_message(text, {"MessageBody": _json.dump(value)})
        if service == "sns":
            return text, lambda value: self._notifier.deliver(text, {"Message": _json.dump(value)})
        if isinstance(target, LambdaFunction) or service == "lambda" or text in self._workspace.registry:
            name = self._function_name(target if isinstance(target, LambdaFunction) else text)
            arn = text if service == "lambda" else self._workspace.account.function_arn(name)
            return arn, partial(self._send_event, name)
        machine = self._workspace.machine_of_arn(text)
        if machine is None:
            known = [*self._workspace.registry.names, *self._workspace.machines]
            raise UnknownName("function or state machine", text, known)
        return machine.arn, partial(self._start, machine.name)

    def _function_name(self, function: "FunctionReference") -> str:
        text = function.name if isinstance(function, LambdaFunction) else function
        if text not in self._workspace.registry:
            raise UnknownName("function", text, self._workspace.registry.names)
        return text

    def _send_event(self, function: str, event: JSONValue, *, caller: str | None = None) -> None:
        service = self._workspace.lambda_service
        service.send(function, event, caller=service.caller if caller is None else caller)

    def _start(self, machine_name: str, event: JSONValue) -> None:
        # The machine of that name as it is now: its cell may have run again since the rule was made.
        machine: StateMachine = self._workspace.machine(machine_name)
        self._workspace.start(machine, event, is_asynchronous=True).start()

    def _send_message(self, queue_arn: str, message: JSONObject) -> None:
        deliver_to_service(self._workspace.aws.connection, "sqs", queue_arn, message)

    def subscribe(
        self,
        topic: str,
        function: "FunctionReference",
        *,
        filter_policy: str | Mapping[str, Any] | None,
        filter_policy_scope: str,
    ) -> Subscription:
        """See ``EventSourceVerbs.subscribe``."""
        name = self._function_name(function)
        subscription = self.topics.subscribe(
            topic,
            self._workspace.account.function_arn(name),
            partial(self._send_event, name, caller=self.topics.arn_of(topic)),
            filter_policy=None if filter_policy is None else EventPattern.read(filter_policy),
            filter_policy_scope=filter_policy_scope,
        )
        route_destinations(self._workspace, "sns", TopicRoute(topics=self.topics, watches=self._watches))
        self._watches.watch_if_local("sns", self._on_sns_call)
        return subscription

    def publish(
        self,
        topic: str,
        message: str,
        *,
        subject: str | None,
        attributes: Mapping[str, Mapping[str, JSONValue]] | None,
    ) -> str:
        """See ``Topics.publish``."""
        with self._workspace.turn:
            target = party_of(self.topics.arn_of(topic))
            self._workspace.interaction_log.note_sent(target, "publish", why=subject or "", payload=message)
            return self.topics.publish(topic, message, subject=subject, attributes=attributes)

    def map_queue(
        self,
        queue: str,
        function: "FunctionReference",
        *,
        batch_size: int,
        window_seconds: int,
        reports_item_failures: bool,
        maximum_concurrency: int | None,
        filters: Sequence[str | Mapping[str, Any]],
    ) -> QueuePoller:
        """See ``EventSourceVerbs.map_queue``."""
        name = self._function_name(function)
        self._workspace.aws.connection.require_sdk()
        client = self._workspace.client("sqs")
        facts = queue_facts(client, queue)
        config = QueueMappingConfig(
            batch_size=batch_size,
            window_seconds=window_seconds,
            reports_item_failures=reports_item_failures,
            maximum_concurrency=maximum_concurrency,
            filters=filters_of(filters),
            is_fifo=facts.is_fifo,
        )
        timeout_seconds = self._workspace.registry.resolve(name).configuration.timeout_seconds
        if facts.visibility_seconds < timeout_seconds:
            raise InvalidParameterValueException(
                f"Queue visibility timeout: {facts.visibility_seconds} seconds is less than"
                f" Function timeout: {timeout_seconds:g} seconds"
            )
        poller = QueuePoller(
            client=client,
            facts=facts,
            function_name=name,
            config=config,
            service=self._workspace.lambda_service,
            sent=self._sent,
            moved=partial(self._moved_to_dead_letters, facts),
        )
        older = self.queues.pop((facts.arn, name), None)
        if older is not None:
            older.disable()
        self.queues[facts.arn, name] = poller
        if not facts.is_fifo:
            self._sent.delays[facts.url] = facts.delay_seconds
        self._watches.watch("sqs", self._on_sqs_call, edit=self._sent.take_delay)
        self._watches.watch("sns", self._on_sns_call)
        poller.wake()
        return poller

    def map_stream(
        self,
        stream: str,
        function: "FunctionReference",
        *,
        filters: Sequence[str | Mapping[str, Any]],
        **settings: Any,
    ) -> StreamPoller:
        """See ``EventSourceVerbs.map_stream``."""
        name = self._function_name(function)
        config = StreamMappingConfig(filters=filters_of(filters), **settings)
        connection = self._workspace.aws.connection
        connection.require_sdk()
        reader = stream_reader(connection.client, stream, config.starting_position)
        poller = StreamPoller(
            reader=reader,
            function_name=name,
            config=config,
            service=self._workspace.lambda_service,
            deliver=self._deliver_stream_failure,
        )
        older = self.streams.pop((reader.arn, name), None)
        if older is not None:
            older.disable()
        self.streams[reader.arn, name] = poller
        self._watches.watch(reader.written_by, self._on_stream_call)
        poller.wake()
        return poller

    def _deliver_stream_failure(self, arn: str, record: JSONObject, key: str) -> None:
        text, service = _json.dump(record), arn.split(":")[2]
        forms: dict[str, JSONObject] = {
            "sqs": {"MessageBody": text},
            "sns": {"Message": text},
            "s3": {"Bucket": arn.rpartition(":")[2], "Key": key, "Body": text},
        }
        log = self._workspace.interaction_log
        with log.delivery():
            self._workspace.lambda_service.targets[service].deliver(arn, forms[service])
        log.note_sent(party_of(arn), "record", why="batch given up", payload=record, source=_stream_of(record))

    def bucket_notification(
        self, bucket: str, function: "FunctionReference", *, prefix: str, suffix: str, events: Sequence[str]
    ) -> None:
        """See ``EventSourceVerbs.bucket_notification``."""
        name = self._function_name(function)
        notification = BucketNotification(
            notification_id=f"{bucket}-{name}", bucket=bucket, prefix=prefix, suffix=suffix, events=tuple(events)
        )
        kept = [each for each in self._notifications if (each[0].bucket, each[1]) != (bucket, name)]
        self._notifications = [*kept, (notification, name)]
        if not isinstance(self._workspace.buckets, ObservedBuckets):
            self._workspace.buckets = ObservedBuckets(self._workspace.buckets, self._on_put)

    def put_object(self, bucket: str, key: str, content: bytes) -> None:
        """See ``EventSourceVerbs.put_object``."""
        sent = {"Key": key, "Bytes": len(content)}
        self._workspace.interaction_log.note_sent(Party(PartyKind.BUCKET, bucket), "put object", why=key, payload=sent)
        put_object(self._workspace.buckets, bucket, key, content)

    def _on_put(self, put: PutObject) -> None:
        for notification, function in self._notifications:
            if notification.concerns(put.bucket, put.key):
                event = object_created_event(
                    notification,
                    key=put.key,
                    size_bytes=put.size_bytes,
                    etag=put.etag,
                    sequence=put.sequence,
                    now_seconds=self._workspace.lambda_service.now(),
                    account=self._workspace.account,
                )
                self._send_event(function, event, caller=f"arn:aws:s3:::{put.bucket}")

    def api(
        self, name: str, routes: Mapping[str, "FunctionReference"], *, kind: str, binary_media_types: Sequence[str]
    ) -> HttpApi:
        """See ``EventSourceVerbs.api``."""
        return HttpApi(
            name,
            {route: self._function_name(function) for route, function in routes.items()},
            kind=kind,
            account=self._workspace.account,
            invoke=partial(self._answer_request, name),
            now=self._workspace.lambda_service.now,
            binary_media_types=binary_media_types,
        )

    def _answer_request(self, name: str, function: str, event: JSONValue) -> InvokeResponse:
        workspace = self._workspace
        account = workspace.account
        arn = f"arn:{account.partition}:execute-api:{account.region}:{account.account_id}:{name}"
        workspace.interaction_log.note_sent(party_of(arn), "request", why=_request_line(event), payload=event)
        with workspace.lambda_service.on_behalf_of(arn):
            return workspace.invoke(function, event)

    def function_url(self, function: "FunctionReference") -> Callable[..., Any]:
        """See ``EventSourceVerbs.function_url``."""
        name = self._function_name(function)
        return self.api(name, {"$default": name}, kind=ApiKind.FUNCTION_URL, binary_media_types=()).request

    def due_seconds(self, message_id: str) -> float:
        """When a message of a polled queue may be received for the first time."""
        return self._sent.due_seconds(message_id)

    def _moved_to_dead_letters(self, facts: QueueFacts, records: Sequence[JSONObject]) -> None:
        """Tell which messages a queue has given up, and let those who poll the dead-letter queue look into it."""
        for record in records:
            self._workspace.interaction_log.note_sent(
                party_of(str(facts.dead_letter_arn)),
                "dead letter",
                why=f"received {facts.max_receive_count} times",
                payload=record["body"],
                source=party_of(facts.arn),
            )
        self._wake_queues()

    def _wake_queues(self) -> None:
        for poller in self.queues.values():
            poller.wake()

    def _on_sqs_call(self, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        if operation in {"SendMessage", "SendMessageBatch"}:
            self._sent.note(parameters, answer, self._workspace.lambda_service.now())
            self._wake_queues()

    def _on_sns_call(self, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        match operation:
            case "Publish" if "TopicArn" in parameters:
                self._published(parameters["TopicArn"], parameters, answer["MessageId"])
            case "PublishBatch":
                ids = {each["Id"]: each["MessageId"] for each in answer.get("Successful", ())}
                for entry in parameters["PublishBatchRequestEntries"]:
                    if entry["Id"] in ids:
                        self._published(parameters["TopicArn"], entry, ids[entry["Id"]])
            case _:
                return
        self._wake_queues()

    def _published(self, topic_arn: str, parameters: Mapping[str, Any], message_id: str) -> None:
        self.topics.publish(
            topic_arn,
            parameters["Message"],
            subject=parameters.get("Subject"),
            attributes=parameters.get("MessageAttributes"),
            message_id=message_id,
        )

    def _on_events_call(self, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        if operation != "PutEvents":
            return
        for entry, result in zip(parameters["Entries"], answer["Entries"], strict=True):
            if result.get("EventId"):
                event = self.buses.envelope(entry, event_id=result["EventId"])
                self.buses.route(event, bus=bus_name(entry.get("EventBusName")))

    def _on_stream_call(self, operation: str, _parameters: Mapping[str, Any], _answer: Mapping[str, Any]) -> None:
        if not operation.startswith(("Describe", "Get", "List", "Query", "Scan")):
            for poller in self.streams.values():
                poller.wake()


def _request_line(event: JSONValue) -> str:
    """``GET /orders/7``, from the event of either payload version."""
    if not isinstance(event, dict):
        return ""
    http = event.get("requestContext", {}).get("http", {})
    return f"{http.get('method', event.get('httpMethod', ''))} {event.get('rawPath', event.get('path', ''))}".strip()


def _stream_of(record: JSONObject) -> Party:
    """The stream that a record about a failed batch tells of."""
    infos = [each for name, each in record.items() if name.endswith("BatchInfo") and isinstance(each, dict)]
    return party_of(str(infos[0]["streamArn"])) if infos else Party(PartyKind.STREAM, "stream")
