"""What the services around a workspace hold now, gathered without changing it; how that is shown is not known here."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.engine.buckets import BucketError
from sfn_notebook.errors import UnknownName
from sfn_notebook.functions.event_sources.event_bus import Rule
from sfn_notebook.integrations.aws import local_contents
from sfn_notebook.integrations.aws.local_contents import HeldMessage, HeldQueue, HeldTopic
from sfn_notebook.views.interaction_records import Excerpt, excerpt_of
from sfn_notebook.views.interactions import Interaction, Party, PartyKind, party_of
from sfn_notebook.views.service_contents import ServiceContents, ServiceRow, ServiceSection, ServiceTable
from sfn_notebook.views.wording import duration_words

if TYPE_CHECKING:
    from sfn_notebook.workspace.workspace import Workspace

MOST_ROWS: Final = 200
"""Of one kind in one queue, topic, bus, table or bucket; more are only counted."""

_LONGEST_CELL: Final = 200
_HANDED_OVER: Final = frozenset({"publish", "put events", "putEvents", "record", "dead letter"})


def contents_of(workspace: "Workspace", name: str | None = None) -> ServiceContents:
    """The queues, topics, buses, tables and buckets, or only those called ``name``.

    Raises:
        UnknownName: If nothing is called so.
    """
    tables = sorted(_Contents(workspace).tables(), key=_place)
    if name is not None:
        found = [each for each in tables if each.party.name == name.rpartition(":")[2]]
        if not found:
            raise UnknownName("queue, topic, bus, table or bucket", name, [each.party.name for each in tables])
        tables = found
    place = workspace.aws.place
    note = "" if place.is_local else f"What the services at {place} hold is not read; only what this notebook has."
    return ServiceContents(tables=tuple(tables), note=note)


_ORDER: Final = (PartyKind.QUEUE, PartyKind.TOPIC, PartyKind.BUS, PartyKind.TABLE, PartyKind.BUCKET)


def _place(table: ServiceTable) -> tuple[int, str]:
    return _ORDER.index(table.party.kind), table.party.name


class _Contents:
    """Reads one workspace once."""

    def __init__(self, workspace: "Workspace") -> None:
        self._workspace = workspace
        self._account = workspace.account
        self._sources = workspace.event_sources
        sent = workspace.interaction_log.sent()
        self._origin_seconds = workspace.interaction_log.first_seconds
        self._handed_over: dict[Party, list[Interaction]] = {}
        for each in sent:
            if each.what in _HANDED_OVER:
                self._handed_over.setdefault(each.target, []).append(each)

    def tables(self) -> Iterator[ServiceTable]:
        is_running = self._workspace.aws.is_local and self._workspace.aws.connection.local_url is not None
        queues = list(local_contents.held_queues(self._account)) if is_running else []
        yield from map(self._queue, queues)
        yield from self._kept_queues({each.arn for each in queues})
        yield from self._topics(list(local_contents.held_topics(self._account)) if is_running else [])
        yield from self._buses(set(local_contents.held_buses(self._account)) if is_running else set())
        for table in local_contents.held_tables(self._account) if is_running else ():
            rows = (_item_row(item, table.keys) for item in table.items)
            section = _section(("item", "items"), (*table.keys, "Item"), rows, len(table.items))
            yield ServiceTable(party=Party(PartyKind.TABLE, table.name), facts=(), sections=(section,))
        yield from self._folders()
        for bucket in local_contents.held_buckets(self._account) if is_running else ():
            yield _bucket(bucket.name, bucket.objects, "S3 service")

    # -- queues -------------------------------------------------------------------------------------------------------

    def _queue(self, queue: HeldQueue) -> ServiceTable:
        now_seconds = self._workspace.scheduler.now()
        states = [self._state_of(each, now_seconds) for each in queue.messages]
        facts = [(word, f"{states.count(word):,}") for word in ("visible", "in flight", "delayed")]
        functions = sorted(function for arn, function in self._sources.queues if arn == queue.arn)
        if functions:
            facts.append(("polled for", ", ".join(functions)))
        if queue.dead_letter_arn:
            facts.append(("dead-letter queue", queue.dead_letter_arn.rpartition(":")[2]))
        has_groups = any(each.group for each in queue.messages)
        columns = ("Message", "State", "Received", *(["Group"] if has_groups else []), "Body")
        rows = (
            _message_row(message, state, has_groups=has_groups)
            for message, state in zip(queue.messages, states, strict=True)
        )
        section = _section(("message", "messages"), columns, rows, len(queue.messages))
        return ServiceTable(party=Party(PartyKind.QUEUE, queue.name), facts=tuple(facts), sections=(section,))

    def _state_of(self, message: HeldMessage, now_seconds: float) -> str:
        """A poller takes a delayed message at once and keeps it until its modelled delay has passed."""
        if message.is_delayed or self._sources.due_seconds(message.message_id) > now_seconds:
            return "delayed"
        return "in flight" if message.is_hidden else "visible"

    def _kept_queues(self, known: set[str]) -> Iterator[ServiceTable]:
        """Queues of which there is nothing but their ARN and what Lambda has sent there."""
        kept: dict[str, list[JSONValue]] = {}
        for each in self._workspace.lambda_service.deliveries:
            if each.arn.split(":")[2] == "sqs" and each.arn not in known:
                kept.setdefault(each.arn, []).append(each.record.get("MessageBody", ""))
        for arn, bodies in kept.items():
            rows = (ServiceRow(cells=(_line(body),), payload=_body_of(str(body))) for body in bodies)
            section = _section(
                ("message sent by Lambda", "messages sent by Lambda"), ("Body",), rows, len(bodies), is_latest=True
            )
            facts = (("only kept", "no service has a queue of this name"),)
            yield ServiceTable(party=party_of(arn), facts=facts, sections=(section,))

    # -- topics and buses ---------------------------------------------------------------------------------------------

    def _topics(self, held: list[HeldTopic]) -> Iterator[ServiceTable]:
        subscriptions: dict[str, list[ServiceRow]] = {}
        for topic in held:
            rows = [ServiceRow(cells=(protocol, endpoint, "")) for protocol, endpoint in topic.subscriptions]
            subscriptions[topic.arn] = rows
        for each in self._sources.topics.subscriptions:
            policy = "" if each.filter_policy is None else _json.dump(each.filter_policy.document)
            row = ServiceRow(cells=("lambda", each.endpoint, policy))
            subscriptions.setdefault(each.topic_arn, []).append(row)
        told = {self._sources.topics.arn_of(each.name) for each in self._handed_over if each.kind is PartyKind.TOPIC}
        for arn in sorted(subscriptions.keys() | told):
            party, rows = party_of(arn), subscriptions.get(arn, [])
            section = _section(
                ("subscription", "subscriptions"), ("Protocol", "Endpoint", "Filter policy"), rows, len(rows)
            )
            yield ServiceTable(
                party=party,
                facts=(),
                sections=(section, self._handed(party, ("message published", "messages published"))),
            )

    def _buses(self, held: set[str]) -> Iterator[ServiceTable]:
        rules: dict[str, list[Rule]] = {}
        for rule in self._sources.buses.rules.values():
            rules.setdefault(rule.bus, []).append(rule)
        told = {each.name for each in self._handed_over if each.kind is PartyKind.BUS}
        for bus in sorted((held - {"default"}) | rules.keys() | told):
            party, found = Party(PartyKind.BUS, bus), sorted(rules.get(bus, []), key=lambda each: each.name)
            columns = ("Rule", "State", "Pattern or schedule", "Targets", "Sent", "Failed")
            section = _section(("rule", "rules"), columns, map(_rule_row, found), len(found))
            yield ServiceTable(
                party=party,
                facts=(),
                sections=(section, self._handed(party, ("call that put events", "calls that put events"))),
            )

    def _handed(self, party: Party, nouns: tuple[str, str]) -> ServiceSection:
        found = self._handed_over.get(party, [])
        rows = (self._handed_row(each) for each in found[-MOST_ROWS:])
        return _section(nouns, ("Time", "From", "What", "Sent"), rows, len(found), is_latest=True)

    def _handed_row(self, interaction: Interaction) -> ServiceRow:
        exchange = interaction.exchange
        sent = None if exchange is None else exchange.sent
        words = ": ".join(filter(None, [interaction.what, interaction.why]))
        time = duration_words(round(interaction.at_seconds - self._origin_seconds, 3))
        text = "" if sent is None else sent.text[:_LONGEST_CELL]
        return ServiceRow(cells=(time, interaction.source.name, words, text), payload=sent)

    # -- buckets ------------------------------------------------------------------------------------------------------

    def _folders(self) -> Iterator[ServiceTable]:
        names = getattr(self._workspace.buckets, "names", None)
        for name in names() if callable(names) else ():
            try:
                objects = [(each.key, each.size_bytes) for each in self._workspace.buckets.list(name)]
            except BucketError:
                continue
            yield _bucket(name, objects, "folder of the notebook")


def _bucket(name: str, objects: Iterable[tuple[str, int]], where: str) -> ServiceTable:
    found = list(objects)
    rows = (ServiceRow(cells=(key, f"{size_bytes:,}")) for key, size_bytes in found)
    section = _section(("object", "objects"), ("Key", "Bytes"), rows, len(found))
    return ServiceTable(party=Party(PartyKind.BUCKET, name), facts=(("kept in", where),), sections=(section,))


def _message_row(message: HeldMessage, state: str, *, has_groups: bool) -> ServiceRow:
    # What a poller holds back until its delay has passed nobody has received yet.
    received = 0 if state == "delayed" else message.receive_count
    group = [message.group or ""] if has_groups else []
    cells = (message.message_id[:8], state, str(received), *group, _line(message.body))
    return ServiceRow(cells=cells, payload=_body_of(message.body))


def _item_row(item: dict[str, JSONValue], keys: tuple[str, ...]) -> ServiceRow:
    return ServiceRow(cells=(*(_line(item.get(key)) for key in keys), _line(item)), payload=excerpt_of(item))


def _rule_row(rule: Rule) -> ServiceRow:
    pattern = "" if rule.pattern is None else _json.dump(rule.pattern.document)
    schedule = "" if rule.schedule is None else str(rule.schedule)
    targets = ", ".join(each.arn.rpartition(":")[2] for each in rule.targets)
    state = "enabled" if rule.is_enabled else "disabled"
    failed = str(len(rule.failures))
    cells = (rule.name, state, pattern or schedule, targets, str(rule.invocations), failed)
    return ServiceRow(cells=cells, payload=excerpt_of(list(rule.failures)) if rule.failures else None)


def _section(
    nouns: tuple[str, str], columns: tuple[str, ...], rows: Iterable[ServiceRow], total: int, *, is_latest: bool = False
) -> ServiceSection:
    found = tuple(rows)
    kept = found[-MOST_ROWS:] if is_latest else found[:MOST_ROWS]
    single, title = nouns
    return ServiceSection(title=title, single=single, columns=columns, rows=kept, total=total, is_latest=is_latest)


def _line(value: JSONValue) -> str:
    text = value if isinstance(value, str) else _json.dump(value)
    return f"{text[:_LONGEST_CELL]}…" if len(text) > _LONGEST_CELL else text


def _body_of(text: str) -> Excerpt | None:
    """A body that is JSON as such, any other as a string."""
    try:
        return excerpt_of(_json.load(text))
    except (ValueError, RecursionError):
        return excerpt_of(text)
