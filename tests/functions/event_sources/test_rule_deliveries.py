"""EventBridge's retries and dead letters, in modelled time."""

import json
from typing import Any

import pytest

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.errors import UnknownName
from sfn_notebook.functions.deliveries import DeliveryError
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.functions.event_sources.event_bus import EventBuses, Rule, RuleTarget
from sfn_notebook.functions.event_sources.event_pattern import EventPattern
from sfn_notebook.functions.event_sources.rule_deliveries import RetryPolicy
from sfn_notebook.runtime.clock import VirtualClock
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT
from sfn_notebook.runtime.scheduler import Scheduler

DEAD = "arn:aws:sqs:us-east-1:123456789012:dead"
TARGET = "arn:aws:sqs:us-east-1:123456789012:orders"


class Bus:
    """A bus with one rule, whose target refuses the first ``refusals`` attempts."""

    def __init__(self, refusals: int, *, error: Exception | None = None, dead_letter_arn: str | None = DEAD) -> None:
        self.scheduler = Scheduler(VirtualClock())
        self.began_seconds = self.scheduler.now()
        self.buses = EventBuses(DEFAULT_ACCOUNT, self.scheduler, self.scheduler.now)
        self.refusals = refusals
        self.error = error or DeliveryError("ThrottlingException: slowly")
        self.attempts: list[float] = []
        self.arrived: list[JSONValue] = []
        self.letters: list[tuple[str, JSONObject]] = []
        self.dead_letter_arn = dead_letter_arn
        self.buses.deliveries.send_dead_letter = lambda arn, message: self.letters.append((arn, message))

    def rule(self, **policy: int) -> Rule:
        target = RuleTarget(
            arn=TARGET,
            deliver=self._deliver,
            input_path="$.detail",
            retry_policy=RetryPolicy(**policy),
            dead_letter_arn=self.dead_letter_arn,
        )
        return self.buses.put_rule("orders", [target], pattern=EventPattern.read({"source": ["shop"]}))

    def _deliver(self, value: JSONValue) -> None:
        self.attempts.append(self.scheduler.now() - self.began_seconds)
        self.refusals -= 1
        if self.refusals >= 0:
            raise self.error
        self.arrived.append(value)

    def put(self) -> None:
        self.buses.put_events([{"Source": "shop", "DetailType": "order", "Detail": '{"id": 7}'}])
        self.scheduler.run_until(lambda: False)


def _told(letter: JSONObject) -> dict[str, str]:
    return {name: each["StringValue"] for name, each in letter["MessageAttributes"].items()}


def test_a_refused_event_is_tried_again_until_it_arrives_once() -> None:
    bus = Bus(refusals=4)
    rule = bus.rule()
    bus.put()
    assert bus.attempts == [0, 1, 3, 7, 15]
    assert bus.arrived == [{"id": 7}]
    assert (rule.invocations, rule.failures, bus.letters) == (1, [], [])


def test_after_185_retries_in_less_than_a_day_it_is_a_dead_letter() -> None:
    bus = Bus(refusals=1000)
    rule = bus.rule()
    bus.put()
    assert len(bus.attempts) == 186
    assert 23 * 3600 < bus.attempts[-1] <= 24 * 3600
    ((arn, letter),) = bus.letters
    assert arn == DEAD
    event = json.loads(letter["MessageBody"])
    assert (event["source"], event["detail"]) == ("shop", {"id": 7})
    assert _told(letter) == {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": TARGET,
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "ThrottlingException: slowly",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "185",
    }
    assert rule.failures == [f"{TARGET}: ThrottlingException: slowly"]


@pytest.mark.parametrize(
    ("policy", "attempts", "condition"),
    [
        ({"maximum_retry_attempts": 0}, [0], "MaximumRetryAttempts"),
        ({"maximum_retry_attempts": 2}, [0, 1, 3], "MaximumRetryAttempts"),
        ({"maximum_event_age_seconds": 60}, [0, 1, 3, 7, 15, 31], "MaximumEventAgeInSeconds"),
    ],
)
def test_a_policy_ends_it_earlier(policy: dict[str, int], attempts: list[float], condition: str) -> None:
    bus = Bus(refusals=1000)
    bus.rule(**policy)
    bus.put()
    assert bus.attempts == attempts
    told = _told(bus.letters[0][1])
    assert (told["EXHAUSTED_RETRY_CONDITION"], told["RETRY_ATTEMPTS"]) == (condition, str(len(attempts) - 1))


@pytest.mark.parametrize(
    "error", [DeliveryError("NonExistentQueue: gone", is_missing=True), UnknownName("function", "note", [])]
)
def test_a_target_that_is_gone_is_not_tried_again(error: Exception) -> None:
    bus = Bus(refusals=1000, error=error)
    bus.rule()
    bus.put()
    assert bus.attempts == [0]
    told = _told(bus.letters[0][1])
    assert told["ERROR_CODE"] == "NO_RESOURCE"
    assert "EXHAUSTED_RETRY_CONDITION" not in told


def test_without_a_dead_letter_queue_the_event_is_dropped_and_the_failure_told() -> None:
    bus = Bus(refusals=1000, dead_letter_arn=None)
    rule = bus.rule(maximum_retry_attempts=1)
    bus.put()
    assert (bus.letters, len(rule.failures)) == ([], 1)


def test_a_dead_letter_that_cannot_be_sent_is_told_too() -> None:
    def refuse(_arn: str, _message: Any) -> None:
        raise DeliveryError("NonExistentQueue: no dead letters")

    bus = Bus(refusals=1000)
    bus.buses.deliveries.send_dead_letter = refuse
    rule = bus.rule(maximum_retry_attempts=0)
    bus.put()
    assert rule.failures[1] == f"{DEAD}: NonExistentQueue: no dead letters"


@pytest.mark.parametrize(
    "policy",
    [
        {"maximum_retry_attempts": 186},
        {"maximum_retry_attempts": -1},
        {"maximum_event_age_seconds": 59},
        {"maximum_event_age_seconds": 86_401},
    ],
)
def test_values_out_of_bounds_are_refused(policy: dict[str, int]) -> None:
    with pytest.raises(ValidationException, match="Give a whole number"):
        RetryPolicy(**policy)


@pytest.mark.parametrize("arn", ["dead", "arn:aws:sns:us-east-1:123456789012:dead", f"{DEAD}.fifo"])
def test_only_a_standard_queue_takes_dead_letters(arn: str) -> None:
    with pytest.raises(ValidationException, match="standard SQS queues only"):
        RuleTarget(arn=TARGET, deliver=lambda _value: None, dead_letter_arn=arn)
