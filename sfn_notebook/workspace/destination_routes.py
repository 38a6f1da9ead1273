"""Where a workspace lets Lambda's records and dead letters go: to services, to its rules and topics; it makes none."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sfn_notebook._json import JSONObject
from sfn_notebook.engine.buckets import BucketError, put_object
from sfn_notebook.functions.deliveries import DeliveryError, DestinationTarget
from sfn_notebook.functions.event_sources.event_bus import EventBuses, bus_name
from sfn_notebook.functions.event_sources.topics import Topics
from sfn_notebook.integrations.aws.service_deliveries import deliver_to_service
from sfn_notebook.workspace.service_watches import ServiceWatches

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace


class Route(Protocol):
    """The rules or the subscriptions that a workspace itself has for one service."""

    def knows(self, arn: str) -> bool:
        """Whether one of them is for this bus or topic."""

    def is_told(self) -> bool:
        """Whether it hears by itself of what is sent to the service."""

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Hand over what was sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BusRoute:
    """The rules of a workspace."""

    buses: EventBuses
    watches: ServiceWatches

    def knows(self, arn: str) -> bool:
        """Whether a rule is on this bus."""
        return any(rule.bus == bus_name(arn) for rule in self.buses.rules.values())

    def is_told(self) -> bool:
        """Whether the rules hear of what a client puts on a bus."""
        return self.watches.hears("events")

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Send the event to the targets of the rules that it matches."""
        self.buses.route(record, bus=bus_name(arn))


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicRoute:
    """The functions of a workspace that subscribe to topics."""

    topics: Topics
    watches: ServiceWatches

    def knows(self, arn: str) -> bool:
        """Whether a function subscribes to this topic."""
        return any(each.topic_arn == arn for each in self.topics.subscriptions)

    def is_told(self) -> bool:
        """Whether they hear of what a client publishes."""
        return self.watches.hears("sns")

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Publish to them."""
        self.topics.publish(arn, record["Message"], attributes=record.get("MessageAttributes"))


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutedDeliveries:
    """Hands what is delivered to ``target``, which an author put in the place of a service, and then to ``route``."""

    target: DestinationTarget
    route: Route

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Deliver it, and route it."""
        self.target.deliver(arn, record)
        self.route.deliver(arn, record)


class ServiceDeliveries:
    """Sends what is delivered to where a service is, and keeps in ``kept``, if there is one, what arrived.

    As long as nobody has spoken to a service in this workspace there is no queue, topic, bus or bucket either: ``kept``
    alone stands for them, so that Destinations can be tried with nothing but ARNs.
    """

    def __init__(self, workspace: "Workspace", service: str, kept: DestinationTarget | None = None) -> None:
        self._workspace = workspace
        self._service = service
        self._kept = kept
        self.route: Route | None = None

    def deliver(self, arn: str, record: JSONObject) -> None:
        """Deliver it.

        Raises:
            DeliveryError: If the service does not take it, as when there is no such queue.
        """
        with self._workspace.interaction_log.delivery():
            if not self._is_put_into_a_folder(record):
                self._send(arn, record)
        if self._kept is not None:
            self._kept.deliver(arn, record)

    def _send(self, arn: str, record: JSONObject) -> None:
        connection, route = self._workspace.aws.connection, self.route
        if not connection.is_in_use:
            if route is not None:
                route.deliver(arn, record)
            return
        try:
            deliver_to_service(connection, self._service, arn, record)
        except DeliveryError as error:
            if not error.is_missing or route is None or not route.knows(arn):
                raise
            route.deliver(arn, record)
        else:
            if route is not None and not route.is_told():
                route.deliver(arn, record)

    def _is_put_into_a_folder(self, record: JSONObject) -> bool:
        """Whether the bucket is one of the notebook's folders, as it is for the S3 calls of Tasks."""
        workspace = self._workspace
        if self._service != "s3" or not workspace.aws.is_local:
            return False
        try:
            put_object(workspace.buckets, record["Bucket"], record["Key"], record["Body"].encode())
        except BucketError as error:
            if error.code not in {"NoSuchBucket", "InvalidBucketName"}:
                raise
            return False
        return True


def install_destinations(workspace: "Workspace") -> None:
    """Let what the Lambda of a workspace delivers reach the services."""
    service = workspace.lambda_service
    for name in tuple(service.targets):
        if service.targets[name] is service.deliveries:
            service.targets[name] = ServiceDeliveries(workspace, name, service.deliveries)


def route_destinations(workspace: "Workspace", service: str, route: Route) -> None:
    """Let what Lambda sends to a bus or a topic reach the functions behind it."""
    targets = workspace.lambda_service.targets
    target = targets[service]
    if isinstance(target, ServiceDeliveries):
        target.route = route
    elif not isinstance(target, RoutedDeliveries):
        targets[service] = RoutedDeliveries(target=target, route=route)
