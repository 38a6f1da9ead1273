"""Which calls of SDK clients are told as interactions, and with whom; it makes no call and keeps none."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sfn_notebook.views.interactions import Party, PartyKind, party_of
from sfn_notebook.workspace.interaction_log import InteractionLog

_NAMED: Final[Mapping[str, tuple[PartyKind, str, str]]] = {
    "sqs": (PartyKind.QUEUE, "QueueUrl", "/"),
    "sns": (PartyKind.TOPIC, "TopicArn", ":"),
    "s3": (PartyKind.BUCKET, "Bucket", ":"),
    "dynamodb": (PartyKind.TABLE, "TableName", "/"),
    "kinesis": (PartyKind.STREAM, "StreamName", "/"),
}
"""By boto3's name of the service: what its calls are about, and the parameter that names it."""

_ALWAYS_TOLD: Final[Mapping[str, Mapping[str, str]]] = {
    "sqs": {"SendMessage": "send message", "SendMessageBatch": "send messages"},
    "sns": {"Publish": "publish", "PublishBatch": "publish"},
    "events": {"PutEvents": "put events"},
    "s3": {"PutObject": "put object", "DeleteObject": "delete object"},
    "dynamodb": {"PutItem": "put item", "UpdateItem": "update item", "DeleteItem": "delete item"},
    "kinesis": {"PutRecord": "put record", "PutRecords": "put records"},
}
"""Calls that events may come of. Other calls are told only where a function makes them."""

_LOOK_UPS: Final = ("Describe", "GetQueue", "List")
"""How calls begin that only ask for addresses and settings."""


class SentCalls:
    """The watcher of the clients of one workspace."""

    def __init__(self, log: InteractionLog) -> None:
        self._log = log

    def note(
        self, service: str, caller: str | None, operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """Keep a call that went well, unless it is told from elsewhere: a Task's by its execution, a record by Lambda.

        Args:
            service: boto3's name of it.
            caller: On whose behalf it was made: a function's name, an ARN, or ``None`` for the notebook.
            operation: The operation's name.
            parameters: As the caller gave them.
            answer: What the service answered.
        """
        if self._log.is_delivering or (caller is not None and ":states:" in caller):
            return
        what = _ALWAYS_TOLD.get(service, {}).get(operation)
        if what is None and (caller is None or caller.startswith("arn:") or operation.startswith(_LOOK_UPS)):
            return
        shown = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        facts = (("Operation", f"{service} {operation}"),)
        for party in _targets(service, parameters):
            payload, shown_answer = _plain(parameters), _plain(shown)
            why = _subject(parameters)
            self._log.note_sent(party, what or operation, why=why, payload=payload, answer=shown_answer, facts=facts)


def _targets(service: str, parameters: Mapping[str, Any]) -> Iterator[Party]:
    if service == "events" and "Entries" in parameters:
        buses = {str(each.get("EventBusName") or "default") for each in parameters["Entries"]}
        yield from (Party(PartyKind.BUS, each.rpartition("/")[2]) for each in sorted(buses))
        return
    kind, name, separator = _NAMED.get(service, (PartyKind.SERVICE, "", ""))
    given = parameters.get(name) or parameters.get("StreamARN")
    if given is None:
        yield Party(PartyKind.SERVICE, service)
    elif str(given).startswith("arn:") and kind is not PartyKind.TOPIC:
        yield party_of(str(given))
    else:
        yield Party(kind, str(given).rpartition(separator)[2])


def _subject(parameters: Mapping[str, Any]) -> str:
    """What a call is about, in a word: an object's key, the kinds of its events, a subject."""
    entries = parameters.get("Entries")
    kinds = [str(each["DetailType"]) for each in entries or () if isinstance(each, Mapping) and "DetailType" in each]
    given = parameters.get("Subject") or parameters.get("Key")
    return ", ".join(dict.fromkeys(kinds)) or (given if isinstance(given, str) else "")


def _plain(value: Any) -> Any:
    """``value`` as JSON: times and streams as text, bytes by their number."""
    match value:
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case str() | bool() | int() | float() | None:
            return value
        case bytes() | bytearray():
            return _text_of(bytes(value))
        case _:
            return str(value) if not hasattr(value, "read") else f"<{type(value).__name__}>"


def _text_of(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"<{len(content):,} bytes>"
