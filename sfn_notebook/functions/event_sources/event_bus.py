"""Event buses and their rules: which events go to which targets, and what these get; no target runs here.

Source: EventBridge API reference, PutEvents, PutRule and PutTargets; user guide, "Events".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import parse_timestamp
from sfn_notebook.errors import UnknownName
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.functions.event_sources.event_pattern import EventPattern
from sfn_notebook.functions.event_sources.input_transformer import InputTransformer, input_path_of, value_at
from sfn_notebook.functions.event_sources.rule_deliveries import (
    DEFAULT_RETRY_POLICY,
    RetryPolicy,
    RuleDeliveries,
    RuleDelivery,
    check_dead_letter_queue,
)
from sfn_notebook.functions.event_sources.schedules import Schedule, fire_time
from sfn_notebook.runtime.ids import Account, IdSource
from sfn_notebook.runtime.scheduler import Scheduler, Timer

DEFAULT_BUS: Final = "default"
MAX_ENTRIES: Final = 10
MAX_ENTRIES_BYTES: Final = 1024 * 1024
"""Of all entries of one call. Source: quotas since January 2026; it was 256 KB before."""
MAX_TARGETS: Final = 5
"""Of one rule. Source: EventBridge quotas."""

Deliver: TypeAlias = Callable[[JSONValue], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleTarget:
    """Where a rule sends events. ``deliver`` starts the work and does not wait for it.

    At most one of ``input`` (a constant), ``input_path`` (a part of the event) and ``input_transformer`` is given.
    ``dead_letter_arn`` is the queue of the events that could not be delivered.
    """

    arn: str
    deliver: Deliver = field(repr=False, compare=False)
    input: JSONValue = None
    input_path: str | None = None
    input_transformer: InputTransformer | None = None
    retry_policy: RetryPolicy = DEFAULT_RETRY_POLICY
    dead_letter_arn: str | None = None

    def __post_init__(self) -> None:
        check_dead_letter_queue(self.dead_letter_arn)
        given = [each for each in (self.input, self.input_path, self.input_transformer) if each is not None]
        if len(given) > 1:
            raise ValidationException("Only one of Input, InputPath, or InputTransformer must be provided.")
        if self.input_path is not None:
            input_path_of(self.input_path)

    def input_for(self, event: JSONObject, *, rule_name: str, rule_arn: str) -> JSONValue:
        """What the target gets for ``event``."""
        if self.input_transformer is not None:
            return self.input_transformer.apply(event, rule_name=rule_name, rule_arn=rule_arn)
        if self.input_path is not None:
            return value_at(event, input_path_of(self.input_path))
        return event if self.input is None else self.input


@dataclass(kw_only=True, slots=True, eq=False)
class Rule:
    """A rule of a bus. ``invocations`` counts what was sent; ``failures`` tells what could not be."""

    name: str
    arn: str
    bus: str
    targets: tuple[RuleTarget, ...]
    pattern: EventPattern | None
    schedule: Schedule | None
    is_enabled: bool = True
    invocations: int = 0
    failures: list[str] = field(default_factory=list)
    timer: Timer | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        kinds = [word for word, has in (("pattern", self.pattern), ("schedule", self.schedule)) if has is not None]
        targets = ", ".join(each.arn.rpartition(":")[2] for each in self.targets)
        return f"<Rule {self.name}: {' and '.join(kinds)} -> {targets or 'no target'}>"


class EventBuses:
    """Rules by name, and the events that are put on their buses. ``now`` tells the time of whoever puts them.

    ``matched`` is told of every rule whose pattern matches an event, before its targets get anything.

    Virtual time does not pass for the sake of schedules: they fire while it passes for something else.
    """

    def __init__(self, account: Account, scheduler: Scheduler, now: Callable[[], float], *, seed: int = 0) -> None:
        self._account = account
        self._scheduler = scheduler
        self._now = now
        self._ids = IdSource(f"events/{seed}")
        self.rules: dict[str, Rule] = {}
        self.deliveries = RuleDeliveries(scheduler)
        self.matched: Callable[[Rule, JSONObject], object] = lambda _rule, _event: None

    def put_rule(
        self,
        name: str,
        targets: Iterable[RuleTarget],
        *,
        pattern: EventPattern | None = None,
        schedule: Schedule | None = None,
        bus: str = DEFAULT_BUS,
        is_enabled: bool = True,
    ) -> Rule:
        """Add a rule; it replaces one of the same name.

        Raises:
            ValidationException: If it has neither pattern nor schedule, too many targets, or a schedule elsewhere than
                on the default bus.
        """
        found = tuple(targets)
        if pattern is None and schedule is None:
            raise ValidationException("Parameter(s) EventPattern or ScheduleExpression must be specified.")
        if schedule is not None and bus != DEFAULT_BUS:
            raise ValidationException("ScheduleExpression is supported only on the default event bus.")
        if len(found) > MAX_TARGETS:
            raise ValidationException(f"a rule has at most {MAX_TARGETS} targets, and here are {len(found)}.")
        if name in self.rules:
            self.delete_rule(name)
        rule = Rule(
            name=name,
            arn=self.arn_of(name, bus),
            bus=bus,
            targets=found,
            pattern=pattern,
            schedule=schedule,
            is_enabled=is_enabled,
        )
        self.rules[name] = rule
        self._plan(rule)
        return rule

    def arn_of(self, name: str, bus: str = DEFAULT_BUS) -> str:
        """The ARN of a rule of that name on a bus."""
        path = name if bus == DEFAULT_BUS else f"{bus}/{name}"
        return f"arn:{self._account.partition}:events:{self._account.region}:{self._account.account_id}:rule/{path}"

    def enable_rule(self, name: str) -> None:
        """Let a rule send events (again)."""
        rule = self._rule(name)
        rule.is_enabled = True
        self._plan(rule)

    def disable_rule(self, name: str) -> None:
        """Let a rule send nothing until it is enabled."""
        rule = self._rule(name)
        rule.is_enabled = False
        self._plan(rule)

    def delete_rule(self, name: str) -> None:
        """Forget a rule.

        Raises:
            UnknownName: If there is none of that name.
        """
        rule = self._rule(name)
        rule.is_enabled = False
        self._plan(rule)
        del self.rules[name]

    def _rule(self, name: str) -> Rule:
        if name not in self.rules:
            raise UnknownName("rule", name, self.rules)
        return self.rules[name]

    def put_events(self, entries: Iterable[Mapping[str, JSONValue]]) -> JSONObject:
        """Put up to ten events on their buses, as PutEvents does; what is wrong with one is told in its entry.

        Args:
            entries: With ``Source``, ``DetailType`` and ``Detail`` (a JSON object or its text), and perhaps
                ``Resources``, ``Time`` and ``EventBusName``.

        Returns:
            ``FailedEntryCount`` and, for each entry, ``EventId``, or ``ErrorCode`` and ``ErrorMessage``.

        Raises:
            ValidationException: For no or more than ten entries, or more than 1 MB.
        """
        given = [dict(entry) for entry in entries]
        if not 1 <= len(given) <= MAX_ENTRIES:
            raise ValidationException(
                f"1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length"
                f" from 1 to {MAX_ENTRIES}, and here are {len(given)}."
            )
        if sum(_size_bytes(entry) for entry in given) > MAX_ENTRIES_BYTES:
            raise ValidationException("Total size of the entries in the request is over the limit.")
        answers = [self._put(entry) for entry in given]
        return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}

    def _put(self, entry: JSONObject) -> JSONObject:
        refusal = refusal_of_entry(entry)
        if refusal is not None:
            return refusal
        event = self.envelope(entry, event_id=self._ids.uuid())
        self.route(event, bus=bus_name(entry.get("EventBusName")))
        return {"EventId": event["id"]}

    def envelope(self, entry: JSONObject, *, event_id: str) -> JSONObject:
        """The event that an entry becomes, keys in EventBridge's order."""
        detail = entry["Detail"]
        return {
            "version": "0",
            "id": event_id,
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self._account.account_id,
            "time": fire_time(_seconds_of(entry.get("Time"), self._now())),
            "region": self._account.region,
            "resources": list(entry.get("Resources") or ()),
            "detail": _json.load(detail) if isinstance(detail, str) else _json.plain_copy(detail),
        }

    def route(self, event: JSONObject, *, bus: str = DEFAULT_BUS) -> None:
        """Send an event to the targets of every rule of the bus that it matches."""
        for rule in tuple(self.rules.values()):
            is_concerned = rule.is_enabled and rule.bus == bus and rule.pattern is not None
            if is_concerned and rule.pattern is not None and rule.pattern.matches(event):
                self.matched(rule, event)
                self._send(rule, event)

    def _send(self, rule: Rule, event: JSONObject) -> None:
        for target in rule.targets:
            value = target.input_for(event, rule_name=rule.name, rule_arn=rule.arn)
            self.deliveries.attempt(
                RuleDelivery(rule=rule, target=target, event=event, value=value, began_seconds=self._scheduler.now())
            )

    def _plan(self, rule: Rule, *, after_seconds: float | None = None) -> None:
        if rule.timer is not None:
            rule.timer.cancel()
            rule.timer = None
        if not rule.is_enabled or rule.schedule is None:
            return
        due_seconds = rule.schedule.next_after(self._scheduler.now() if after_seconds is None else after_seconds)
        if due_seconds is not None:
            fire = partial(self._fire, rule, due_seconds)
            rule.timer = self._scheduler.schedule(due_seconds, fire, is_deadline=True)

    def _fire(self, rule: Rule, due_seconds: float) -> None:
        self._plan(rule, after_seconds=due_seconds)
        self._send(
            rule,
            {
                "version": "0",
                "id": self._ids.uuid(),
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": self._account.account_id,
                "time": fire_time(due_seconds),
                "region": self._account.region,
                "resources": [rule.arn],
                "detail": {},
            },
        )


def bus_name(given: JSONValue) -> str:
    """The name of a bus, given by name or ARN, or by nothing."""
    return str(given or DEFAULT_BUS).rpartition("event-bus/")[2]


def refusal_of_entry(entry: JSONObject) -> JSONObject | None:
    """What PutEvents answers for an entry that it does not take; ``None`` for one that it takes."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name) and entry.get(name) != {}:
            reason = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    if str(entry["Source"]).startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    detail = entry["Detail"]
    try:
        value = _json.load(detail) if isinstance(detail, str) else detail
        is_object = isinstance(value, dict) and not _json.is_too_deep(_json.plain_copy(value))
    except (TypeError, ValueError, RecursionError):
        is_object = False
    return None if is_object else {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


def _size_bytes(entry: JSONObject) -> int:
    """As EventBridge counts: 14 bytes for a time, and the texts."""
    detail = entry.get("Detail", "")
    texts = [entry.get("Source", ""), entry.get("DetailType", ""), *(entry.get("Resources") or ())]
    try:
        texts.append(detail if isinstance(detail, str) else _json.dump(detail))
    except (TypeError, ValueError, RecursionError):
        return 0
    return sum(len(str(text).encode("utf-8", "replace")) for text in texts) + (14 if entry.get("Time") else 0)


def _seconds_of(given: JSONValue, now_seconds: float) -> float:
    if given is None:
        return now_seconds
    if isinstance(given, datetime):
        return (given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp()
    if _json.is_number(given):
        return float(given)
    try:
        return parse_timestamp(str(given))
    except ValueError as error:
        raise ValidationException(f"Parameter Time is not valid. {error}") from None
