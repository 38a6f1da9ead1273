"""What a workspace offers for event sources, as thin methods; what they do is known where they lead."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.errors import InvalidInput

if TYPE_CHECKING:
    from sfn_notebook.functions.event_sources.event_bus import Rule
    from sfn_notebook.functions.event_sources.http_api import HttpApi
    from sfn_notebook.functions.event_sources.topics import Subscription
    from sfn_notebook.functions.function import LambdaFunction
    from sfn_notebook.integrations.event_sources.queue_poller import QueuePoller
    from sfn_notebook.integrations.event_sources.stream_poller import StreamPoller
    from sfn_notebook.views.service_contents import ServiceContents
    from sfn_notebook.workspace.event_sources import EventSources
    from sfn_notebook.workspace.machine import StateMachine
    from sfn_notebook.workspace.workspace import Workspace

FunctionReference: TypeAlias = "LambdaFunction | str"
"""A function of the notebook, its name or its ARN."""
RuleTargetReference: TypeAlias = "LambdaFunction | StateMachine | str | Mapping[str, Any]"
"""A function, a machine, a name or an ARN; or one of these as ``Arn`` in a mapping with AWS's fields of a target."""


class EventSourceVerbs:
    """The methods of a workspace that bring events to functions and machines."""

    _event_sources: "EventSources | None" = None

    @property
    def event_sources(self) -> "EventSources":
        """The rules, subscriptions, mappings and APIs of this workspace."""
        if self._event_sources is None:
            from sfn_notebook.workspace.event_sources import EventSources

            self._event_sources = EventSources(cast("Workspace", self))
        return self._event_sources

    def rule(
        self,
        name: str,
        *,
        pattern: str | Mapping[str, Any] | None = None,
        schedule: str | None = None,
        targets: Sequence[RuleTargetReference] = (),
        bus: str = "default",
        is_enabled: bool = True,
    ) -> "Rule":
        """Make an EventBridge rule; one of the same name is replaced.

        A schedule fires while time passes: during runs, and with ``advance(seconds)``; time does not pass for it.

        Args:
            name: The rule's name.
            pattern: An event pattern, as a value or JSON text.
            schedule: ``rate(5 minutes)`` or ``cron(0 12 ? * MON-FRI *)``, in UTC.
            targets: Up to five, see ``RuleTargetReference``; with ``Input``, ``InputPath`` or ``InputTransformer``, and
                perhaps ``RetryPolicy`` and ``DeadLetterConfig``.
            bus: The event bus, by name or ARN.
            is_enabled: Whether it sends anything.

        Raises:
            InvalidEventPatternException: For a pattern that EventBridge cannot read.
            ValidationException: For a schedule or a target that it does not take.
            UnknownName: If a target is not there.
        """
        sources = self.event_sources
        return sources.rule(name, pattern=pattern, schedule=schedule, targets=targets, bus=bus, is_enabled=is_enabled)

    def put_events(self, entries: Sequence[Mapping[str, JSONValue]]) -> JSONObject:
        """Put events on their buses as PutEvents does; see ``EventBuses.put_events``."""
        return self.event_sources.put_events(entries)

    def map_queue(
        self,
        queue: str,
        function: FunctionReference,
        *,
        batch_size: int = 10,
        window: int = 0,
        report_batch_item_failures: bool = False,
        maximum_concurrency: int | None = None,
        filters: Sequence[str | Mapping[str, Any]] = (),
    ) -> "QueuePoller":
        """Let a function have the messages of an SQS queue; an older mapping of the two is replaced.

        Args:
            queue: Name, URL or ARN.
            function: Who gets the batches.
            batch_size: Messages of one call; above 10 needs a window.
            window: Modelled seconds that Lambda waits for a batch to fill.
            report_batch_item_failures: Whether the function names the messages that failed.
            maximum_concurrency: Most batches at a time.
            filters: Event patterns for the messages.

        Raises:
            FeatureNotSupported: If boto3 or moto is not installed, naming the extra.
            InvalidInput: If there is no such queue.
            InvalidParameterValueException: For a value that Lambda does not take.
            UnknownName: If there is no such function.
        """
        return self.event_sources.map_queue(
            queue,
            function,
            batch_size=batch_size,
            window_seconds=window,
            reports_item_failures=report_batch_item_failures,
            maximum_concurrency=maximum_concurrency,
            filters=filters,
        )

    def map_stream(
        self,
        stream: str,
        function: FunctionReference,
        *,
        batch_size: int = 100,
        window: int = 0,
        starting_position: str = "TRIM_HORIZON",
        maximum_retry_attempts: int = -1,
        maximum_record_age: int = -1,
        bisect_on_error: bool = False,
        report_batch_item_failures: bool = False,
        on_failure: str | None = None,
        parallelization_factor: int = 1,
        tumbling_window: int = 0,
        filters: Sequence[str | Mapping[str, Any]] = (),
    ) -> "StreamPoller":
        """Let a function have the records of a Kinesis stream, or of a DynamoDB table's stream.

        Args:
            stream: A Kinesis stream's name or ARN; ``"table/NAME"`` or a table's or its stream's ARN for DynamoDB.
            function: Who gets the batches.
            batch_size: Records of one call.
            window: Modelled seconds that Lambda waits for a batch to fill.
            starting_position: ``TRIM_HORIZON`` or ``LATEST``.
            maximum_retry_attempts: How often a batch is tried again; -1 until its records expire.
            maximum_record_age: Seconds after which records are given up; -1 for never.
            bisect_on_error: Whether a failed batch is split in two.
            report_batch_item_failures: Whether the function names the first record that failed.
            on_failure: ARN of a queue, a topic or a bucket that hears of batches that were given up.
            parallelization_factor: Batches of one shard at a time, 1 to 10.
            tumbling_window: Seconds over which the function aggregates, up to 900: it gets a ``state`` and returns it.
            filters: Event patterns for the records.

        Raises:
            FeatureNotSupported: If boto3 or moto is not installed, or for ``AT_TIMESTAMP``.
            InvalidInput: If there is no such stream.
            InvalidParameterValueException: For a value that Lambda does not take.
            UnknownName: If there is no such function.
        """
        return self.event_sources.map_stream(
            stream,
            function,
            batch_size=batch_size,
            window_seconds=window,
            starting_position=starting_position,
            maximum_retry_attempts=maximum_retry_attempts,
            maximum_record_age_seconds=maximum_record_age,
            bisects_on_error=bisect_on_error,
            reports_item_failures=report_batch_item_failures,
            on_failure=on_failure,
            parallelization_factor=parallelization_factor,
            tumbling_window_seconds=tumbling_window,
            filters=filters,
        )

    def subscribe(
        self,
        topic: str,
        function: FunctionReference,
        *,
        filter_policy: str | Mapping[str, Any] | None = None,
        filter_policy_scope: str = "MessageAttributes",
    ) -> "Subscription":
        """Let a function have what is published to an SNS topic, given by name or ARN.

        Raises:
            InvalidEventPatternException: For a filter policy that cannot be read.
            UnknownName: If there is no such function.
        """
        return self.event_sources.subscribe(
            topic, function, filter_policy=filter_policy, filter_policy_scope=filter_policy_scope
        )

    def publish(
        self,
        topic: str,
        message: str,
        *,
        subject: str | None = None,
        attributes: Mapping[str, Mapping[str, JSONValue]] | None = None,
    ) -> str:
        """Publish to the functions that subscribe to a topic; see ``Topics.publish``."""
        return self.event_sources.publish(topic, message, subject=subject, attributes=attributes)

    def bucket_notification(
        self,
        bucket: str,
        function: FunctionReference,
        *,
        prefix: str = "",
        suffix: str = "",
        events: Sequence[str] = ("s3:ObjectCreated:*",),
    ) -> None:
        """Tell a function of every object that is put into a bucket of this workspace from now on.

        Objects are put by Tasks, by ResultWriters and by ``put_object``; files that other programs write are not seen.

        Raises:
            ValidationException: For other events than ``s3:ObjectCreated:*`` and ``s3:ObjectCreated:Put``.
            UnknownName: If there is no such function.
        """
        self.event_sources.bucket_notification(bucket, function, prefix=prefix, suffix=suffix, events=events)

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket in this workspace: a folder beside its other buckets; one that exists stays as it is.

        Raises:
            BucketError: If S3 would not take the name.
            InvalidInput: If the workspace was given buckets of another kind, which nobody can make here.
        """
        make = getattr(cast("Workspace", self).buckets, "create_bucket", None)
        if make is None:
            raise InvalidInput("the buckets of this workspace cannot be made here.", hint="Make it where they are.")
        make(bucket)

    def put_object(self, bucket: str, key: str, content: bytes | str) -> None:
        """Put an object into a bucket of this workspace; a text is written as UTF-8.

        Raises:
            BucketError: If the bucket is not there, or does not take the key.
        """
        self.event_sources.put_object(bucket, key, content.encode() if isinstance(content, str) else content)

    def api(
        self,
        name: str,
        routes: Mapping[str, FunctionReference],
        *,
        kind: str = "http",
        binary_media_types: Sequence[str] = (),
    ) -> "HttpApi":
        """Put an HTTP API before functions: ``workspace.api("shop", {"GET /orders/{id}": get_order})``.

        Args:
            name: The API's name.
            routes: Functions by route; ``ANY`` stands for every method, ``{proxy+}`` for the rest of a path,
                ``$default`` for what no other route takes.
            kind: ``http`` (payload 2.0), ``rest`` (payload 1.0) or ``function-url``.
            binary_media_types: For ``rest``: where the caller accepts one of these first, base64 is decoded.

        Raises:
            ValidationException: For a route that cannot be read.
            UnknownName: If there is no such function.
        """
        return self.event_sources.api(name, routes, kind=kind, binary_media_types=binary_media_types)

    def function_url(self, function: FunctionReference) -> Callable[..., Any]:
        """The URL of a function, as what requests it: ``workspace.function_url(hello)("GET", "/?name=Ada")``."""
        return self.event_sources.function_url(function)

    def contents(self, name: str | None = None) -> "ServiceContents":
        """What the queues, topics, buses, tables and buckets hold now, or those called ``name``; nothing is received.

        Shows itself as small tables.

        Raises:
            UnknownName: If nothing is called so.
        """
        from sfn_notebook.workspace.service_contents import contents_of

        workspace = cast("Workspace", self)
        with workspace.turn:
            return contents_of(workspace, name)
