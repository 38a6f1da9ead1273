"""Joins event sources to a workspace: who the targets are, what wakes the pollers; shapes and rules stand elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.engine.buckets import put_object
from sfn_notebook.errors import FeatureNotSupported, UnknownName
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
    refuse_tumbling_window,
)
from sfn_notebook.functions.event_sources.schedules import schedule_of
from sfn_notebook.functions.event_sources.topics import Subscription, Topics
from sfn_notebook.functions.function import LambdaFunction
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException
from sfn_notebook.integrations.event_sources.client_watch import CallWatcher, ParameterEditor, watch_calls
from sfn_notebook.integrations.event_sources.observed_buckets import ObservedBuckets, PutObject
from sfn_notebook.integrations.event_sources.queue_facts import queue_facts
from sfn_notebook.integrations.event_sources.queue_poller import QueuePoller
from sfn_notebook.integrations.event_sources.sent_messages import SentMessages
from sfn_notebook.integrations.event_sources.stream_poller import StreamPoller
from sfn_notebook.integrations.event_sources.stream_reader import stream_reader
from sfn_notebook.workspace.destination_routes import RoutedDeliveries

if TYPE_CHECKING:
    from sfn_notebook.workspace.event_source_verbs import FunctionReference, RuleTargetReference
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.workspace import Workspace

_TARGET_FIELDS: Final = frozenset({"Id", "Arn", "Input", "InputPath", "InputTransformer"})


class EventSources:
    """The rules, topics, queues, streams, buckets and APIs of one workspace, all in its virtual time."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        service = workspace.lambda_service
        self.buses = EventBuses(workspace.account, workspace.scheduler, service.now)
        self.topics = Topics(workspace.account, service.now)
        self.queues: dict[tuple[str, str], QueuePoller] = {}
        self.streams: dict[tuple[str, str], StreamPoller] = {}
        self._notifications: list[tuple[BucketNotification, str]] = []
        self._watched: dict[str, Any] = {}
        self._sent = SentMessages()

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
            [self._rule_target(each, name) for each in targets],
            pattern=None if pattern is None else EventPattern.read(pattern),
            schedule=None if schedule is None else schedule_of(schedule, start_seconds=now_seconds),
            bus=bus_name(bus),
            is_enabled=is_enabled,
        )
        self._route_destinations("events", self._route_event)
        self._watch_if_local("events", self._on_events_call)
        return rule

    def put_events(self, entries: Sequence[Mapping[str, JSONValue]]) -> JSONObject:
        """See ``EventBuses.put_events``."""
        with self._workspace.turn:
            return self.buses.put_events(entries)

    def _rule_target(self, given: "RuleTargetReference", rule: str) -> RuleTarget:
        fields: dict[str, Any] = dict(given) if isinstance(given, Mapping) else {"Arn": given}
        if "Arn" not in fields or fields.keys() - _TARGET_FIELDS:
            hint = f"A target has {', '.join(sorted(_TARGET_FIELDS))}."
            raise ValidationException(f"{given!r} is no target of a rule.", hint=hint)
        arn, deliver = self._deliver_to(fields["Arn"], rule)
        transformer = fields.get("InputTransformer")
        constant = fields.get("Input")
        return RuleTarget(
            arn=arn,
            deliver=deliver,
            input=_json.load(constant) if isinstance(constant, str) else constant,
            input_path=fields.get("InputPath"),
            input_transformer=None
            if transformer is None
            else InputTransformer(paths=transformer.get("InputPathsMap", {}), template=transformer["InputTemplate"]),
        )

    def _deliver_to(self, target: object, rule: str) -> tuple[str, Callable[[JSONValue], object]]:
        """The ARN of a target, and what starts it."""
        text = target if isinstance(target, str) else str(getattr(target, "arn", ""))
        service = text.split(":")[2] if text.startswith("arn:") and text.count(":") > 4 else ""
        if service == "sqs":
            return text, partial(self._send_message, text)
        if service == "sns":
            return text, lambda value: self.publish(text, _json.dump(value), subject=None, attributes=None)
        if isinstance(target, LambdaFunction) or service == "lambda" or text in self._workspace.registry:
            name = self._function_name(target if isinstance(target, LambdaFunction) else text)
            arn = text if service == "lambda" else self._workspace.account.function_arn(name)
            account = self._workspace.account
            caller = f"arn:{account.partition}:events:{account.region}:{account.account_id}:rule/{rule}"
            return arn, partial(self._send_event, name, caller=caller)
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
        self._workspace.lambda_service.send(function, event, caller=caller)

    def _start(self, machine_name: str, event: JSONValue) -> None:
        # The machine of that name as it is now: its cell may have run again since the rule was made.
        machine: StateMachine = self._workspace.machine(machine_name)
        self._workspace.start(machine, event).start()

    def _send_message(self, queue_arn: str, event: JSONValue) -> None:
        client = self._workspace.client("sqs")
        url = queue_facts(client, queue_arn).url
        client.send_message(QueueUrl=url, MessageBody=_json.dump(event))

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
        self._route_destinations("sns", self._route_notification)
        self._watch_if_local("sns", self._on_sns_call)
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
            moved=self._wake_queues,
        )
        older = self.queues.pop((facts.arn, name), None)
        if older is not None:
            older.disable()
        self.queues[facts.arn, name] = poller
        if not facts.is_fifo:
            self._sent.delays[facts.url] = facts.delay_seconds
        self._watch("sqs", self._on_sqs_call, edit=self._sent.take_delay)
        self._watch("sns", self._on_sns_call)
        poller.wake()
        return poller

    def map_stream(
        self,
        stream: str,
        function: "FunctionReference",
        *,
        tumbling_window_seconds: int,
        filters: Sequence[str | Mapping[str, Any]],
        **settings: Any,
    ) -> StreamPoller:
        """See ``EventSourceVerbs.map_stream``."""
        refuse_tumbling_window(tumbling_window_seconds)
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
        self._watch(reader.written_by, self._on_stream_call)
        poller.wake()
        return poller

    def _deliver_stream_failure(self, arn: str, record: JSONObject, key: str) -> None:
        match arn.split(":")[2]:
            case "sqs":
                self._send_message(arn, record)
            case "sns":
                self.publish(arn, _json.dump(record), subject=None, attributes=None)
            case _:
                self.put_object(arn.rpartition(":")[2], key, _json.dump(record).encode())

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
            invoke=self._workspace.invoke,
            now=self._workspace.lambda_service.now,
            binary_media_types=binary_media_types,
        )

    def function_url(self, function: "FunctionReference") -> Callable[..., Any]:
        """See ``EventSourceVerbs.function_url``."""
        name = self._function_name(function)
        return self.api(name, {"$default": name}, kind=ApiKind.FUNCTION_URL, binary_media_types=()).request

    def _route_destinations(self, service: str, route: Callable[[str, JSONObject], None]) -> None:
        """Let what Lambda sends to a bus or a topic reach the functions behind it, and be kept as before."""
        targets = self._workspace.lambda_service.targets
        if not isinstance(targets[service], RoutedDeliveries):
            targets[service] = RoutedDeliveries(targets[service], route)

    def _route_event(self, arn: str, event: JSONObject) -> None:
        self.buses.route(event, bus=bus_name(arn))

    def _route_notification(self, arn: str, record: JSONObject) -> None:
        self.topics.publish(arn, record["Message"], attributes=record.get("MessageAttributes"))

    def _watch_if_local(self, service: str, watcher: CallWatcher) -> None:
        """Also hear of what Tasks and clients send, where there are services on this machine."""
        connection = self._workspace.aws.connection
        try:
            connection.require_sdk()
        except FeatureNotSupported:
            return
        if connection.place.is_local:
            self._watch(service, watcher)

    def _watch(self, service: str, watcher: CallWatcher, *, edit: ParameterEditor | None = None) -> None:
        client = self._workspace.client(service)
        if self._watched.get(service) is not client:
            self._watched[service] = client
            watch_calls(client, watcher, edit=edit)

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
