"""What moto is kept from doing, once for the whole process, so that it reaches nothing else; it does not start it.

moto's modules are changed, not the packages that they use: a notebook's own requests go where they always went.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.integrations.aws.sdk import local_session, sdk_module
from sfn_notebook.runtime.clock import VIRTUAL_EPOCH_SECONDS

_READING_THE_USERS_FILES: Final = ("moto.core.base_backend", "moto.core.utils")
"""They ask boto3 for the names of regions, and fail over a profile that does not exist."""
_STARTING_CONTAINERS: Final = ("batch", "lambda")
_SENDING_REQUESTS: Final = ("moto.events.models", "moto.firehose.models", "moto.sns.models")
"""An API destination, an HTTP endpoint of a delivery stream, an HTTP subscription: AWS calls them, moto would too."""
_HTTP_PROTOCOLS: Final = frozenset({"http", "https"})


class NothingLeavesError(Exception):
    """moto was about to speak to another machine."""


class _NoRequests:
    """Stands for the package ``requests`` where moto uses it."""

    def __getattr__(self, name: str) -> Any:
        raise NothingLeavesError("the services on this machine call no other machine.")


def confine_moto() -> None:
    """Let moto start no container, read no file of the user's and send nothing; a second time changes nothing.

    Raises:
        FeatureNotSupported: If moto is not installed.
    """
    for module in _READING_THE_USERS_FILES:
        sdk_module(module).Session = local_session
    for service in _STARTING_CONTAINERS:
        # A definition may come from anywhere: no call of it may start a container.
        sdk_module("moto.core.config").default_user_config[service] = {"use_docker": False}
    for module in _SENDING_REQUESTS:
        sdk_module(module).requests = _NoRequests()
    _replace("moto.sns.models", "SNSBackend", "subscribe", _refusing_http)
    _replace("moto.events.models", "Rule", "_send_to_sqs_queue", _with_whole_events)
    _replace("moto.dynamodb.models.table", "Table", "set_stream_specification", _with_repeatable_label)


def _replace(module: str, owner: str, name: str, make: Callable[[Any], Any]) -> None:
    cls = getattr(sdk_module(module), owner)
    if not hasattr(getattr(cls, name), "__wrapped__"):
        setattr(cls, name, make(getattr(cls, name)))


def _refusing_http(subscribe: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(subscribe)
    def refusing(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        if protocol in _HTTP_PROTOCOLS:
            # Without the endpoint: it may hold a password.
            raise sdk_module("moto.sns.exceptions").SNSInvalidParameter(
                f"Invalid parameter: Protocol {protocol}: the topics on this machine send nothing to other machines."
                " Subscribe a queue (sqs), or a function of the notebook with workspace.subscribe."
            )
        return subscribe(self, topic_arn, endpoint, protocol)

    return refusing


_EVENT_FIELDS: Final = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")


def _with_whole_events(send: Callable[..., Any]) -> Callable[..., Any]:
    """Recorded: the event that a rule sends to a queue has these fields; moto leaves out the account."""

    @wraps(send)
    def sending(self: Any, resource_id: str, event: dict[str, Any], group_id: str | None = None) -> Any:
        whole = {"account": self.account_id, **event}
        is_event = all(name in whole for name in _EVENT_FIELDS)
        return send(self, resource_id, {name: whole[name] for name in _EVENT_FIELDS} if is_event else event, group_id)

    return sending


def _with_repeatable_label(specify: Callable[..., Any]) -> Callable[..., Any]:
    """A stream's label is when it was made, and stands in each of its events.

    By the machine's clock no notebook would show the same event twice.
    """

    @wraps(specify)
    def specifying(self: Any, streams: dict[str, Any] | None) -> Any:
        answer = specify(self, streams)
        if self.latest_stream_label is not None:
            self.latest_stream_label = format_timestamp(VIRTUAL_EPOCH_SECONDS).removesuffix("Z")
        return answer

    return specifying
