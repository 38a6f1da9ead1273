"""What the services on this machine hold, read beside their API so that nothing changes; it shows nothing.

A call of ReceiveMessage would hide messages and count a receive. moto's server runs in a thread of this process, so its
records can be looked at as they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.integrations.aws.sdk import sdk_module
from sfn_notebook.runtime.ids import Account


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldMessage:
    """A message of a queue; hidden while somebody works on it, delayed before anybody may."""

    message_id: str
    body: str
    receive_count: int
    is_hidden: bool
    is_delayed: bool
    group: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldQueue:
    """A queue with its messages, oldest first."""

    name: str
    arn: str
    dead_letter_arn: str | None
    messages: tuple[HeldMessage, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldTopic:
    """A topic with the protocol and endpoint of each subscription."""

    name: str
    arn: str
    subscriptions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldTable:
    """A table with its items as plain values, in the order of their keys."""

    name: str
    keys: tuple[str, ...]
    items: tuple[JSONObject, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldBucket:
    """A bucket with the key and size in bytes of each object."""

    name: str
    objects: tuple[tuple[str, int], ...]


def held_queues(account: Account) -> Iterator[HeldQueue]:
    """Every queue, by name."""
    backend = sdk_module("moto.sqs.models").sqs_backends[account.account_id][account.region]
    for name, queue in sorted(backend.queues.items()):
        redrive = queue.redrive_policy or {}
        messages = tuple(
            HeldMessage(
                message_id=str(each.id),
                body=str(each.body),
                receive_count=int(each.approximate_receive_count),
                is_hidden=not each.visible,
                is_delayed=bool(each.delayed),
                group=each.group_id,
            )
            for each in tuple(queue._messages)  # noqa: SLF001 - its public list leaves out what is hidden
        )
        yield HeldQueue(
            name=name, arn=queue.queue_arn, dead_letter_arn=redrive.get("deadLetterTargetArn"), messages=messages
        )


def held_topics(account: Account) -> Iterator[HeldTopic]:
    """Every topic, by name."""
    backend = sdk_module("moto.sns.models").sns_backends[account.account_id][account.region]
    subscriptions = tuple(backend.subscriptions.values())
    for arn, topic in sorted(backend.topics.items()):
        found = sorted((each.protocol, str(each.endpoint)) for each in subscriptions if each.topic.arn == arn)
        yield HeldTopic(name=topic.name, arn=arn, subscriptions=tuple(found))


def held_buses(account: Account) -> Iterator[str]:
    """The name of every bus."""
    backend = sdk_module("moto.events.models").events_backends[account.account_id][account.region]
    yield from sorted(backend.event_buses)


def held_tables(account: Account) -> Iterator[HeldTable]:
    """Every table, by name."""
    backend = sdk_module("moto.dynamodb.models").dynamodb_backends[account.account_id][account.region]
    for name, table in sorted(backend.tables.items()):
        keys = tuple(key for key in (table.hash_key_attr, table.range_key_attr) if key)
        items = tuple(_plain_item(each.to_json()["Attributes"]) for each in table.all_items())
        yield HeldTable(name=name, keys=keys, items=items)


def held_buckets(account: Account) -> Iterator[HeldBucket]:
    """Every bucket of the S3 service, by name."""
    backend = sdk_module("moto.s3.models").s3_backends[account.account_id]["aws"]
    for name, bucket in sorted(backend.buckets.items()):
        objects = tuple(sorted((key, int(each.size)) for key, each in bucket.keys.items()))
        yield HeldBucket(name=name, objects=objects)


def _plain_item(attributes: dict[str, Any]) -> JSONObject:
    return {name: _plain_value(value) for name, value in attributes.items()}


def _plain_value(value: dict[str, Any]) -> JSONValue:
    """``{"S": "a"}`` as ``"a"``; numbers stay the text that they are, as a float could not hold all of them."""
    ((kind, given),) = value.items()
    match kind:
        case "M":
            return _plain_item(given)
        case "L":
            return [_plain_value(each) for each in given]
        case "NULL":
            return None
        case "SS" | "NS" | "BS":
            return sorted(given)
        case _:
            plain: JSONValue = given
            return plain
