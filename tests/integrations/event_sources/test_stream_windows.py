"""Tumbling windows over a stream, and several batches of one shard at a time."""

import base64
from typing import Any

import pytest

from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.functions.lambda_errors import InvalidParameterValueException
from tests.integrations.event_sources.conftest import ACCOUNT, Cloud

STREAM_ARN = f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/clicks"
SHARD = "shardId-000000000000"


class Counter:
    """Adds up clicks in the window's state; fails as often as it is told at a window's end."""

    def __init__(self, cloud: Cloud, *, fails_at_end: int = 0, answer: Any = None) -> None:
        self._cloud = cloud
        self._fails_at_end = fails_at_end
        self._answer = answer
        self.calls: list[tuple[float, list[str], dict[str, Any], bool]] = []
        self.events: list[dict[str, Any]] = []
        cloud.workspace.registry.lambda_function(name="count")(self)

    def __call__(self, event: dict[str, Any]) -> Any:
        self.events.append(event)
        data = [base64.b64decode(each["kinesis"]["data"]).decode() for each in event["Records"]]
        self.calls.append((self._cloud.seconds, data, event["state"], event["isFinalInvokeForWindow"]))
        if event["isFinalInvokeForWindow"]:
            self._fails_at_end -= 1
            if self._fails_at_end >= 0:
                raise ValueError("not yet")
        if self._answer is not None:
            return self._answer
        return {"state": {"count": event["state"].get("count", 0) + len(data)}}


@pytest.fixture
def clicks(cloud: Cloud) -> Cloud:
    cloud.workspace.client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    return cloud


def _click(cloud: Cloud, data: str, key: str = "p") -> None:
    for each in data:
        cloud.workspace.client("kinesis").put_record(StreamName="clicks", Data=each.encode(), PartitionKey=key)


def test_a_window_hands_its_state_from_call_to_call_and_ends_with_one_of_its_own(clicks: Cloud) -> None:
    counter = Counter(clicks)
    clicks.workspace.map_stream("clicks", "count", tumbling_window=30, batch_size=2)
    _click(clicks, "abc")
    clicks.workspace.advance(10)
    _click(clicks, "d")
    clicks.workspace.advance()
    assert counter.calls == [
        (0, ["a", "b"], {}, False),
        (0, ["c"], {"count": 2}, False),
        (10, ["d"], {"count": 3}, False),
        (30, [], {"count": 4}, True),
    ]
    first, last = counter.events[0], counter.events[-1]
    assert list(last) == [
        *("Records", "window", "state", "shardId", "eventSourceARN"),
        *("isFinalInvokeForWindow", "isWindowTerminatedEarly"),
    ]
    assert first["window"] == last["window"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:30Z"}
    assert (last["shardId"], last["eventSourceARN"], last["isWindowTerminatedEarly"]) == (SHARD, STREAM_ARN, False)


def test_the_next_window_begins_with_nothing(clicks: Cloud) -> None:
    counter = Counter(clicks)
    clicks.workspace.map_stream("clicks", "count", tumbling_window=30)
    _click(clicks, "a")
    clicks.workspace.advance(45)
    _click(clicks, "b")
    clicks.workspace.advance()
    assert counter.calls == [
        (0, ["a"], {}, False),
        (30, [], {"count": 1}, True),
        (45, ["b"], {}, False),
        (60, [], {"count": 1}, True),
    ]
    assert counter.events[2]["window"]["start"] == "2026-01-01T00:00:30Z"


def test_a_batch_does_not_wait_beyond_its_window(clicks: Cloud) -> None:
    counter = Counter(clicks)
    clicks.workspace.map_stream("clicks", "count", tumbling_window=30, window=300)
    _click(clicks, "a")
    clicks.workspace.advance()
    assert counter.calls == [(30, ["a"], {}, False), (30, [], {"count": 1}, True)]


def test_an_answer_without_a_state_is_a_failure(clicks: Cloud) -> None:
    counter = Counter(clicks, answer={"batchItemFailures": []})
    clicks.workspace.map_stream("clicks", "count", tumbling_window=30, maximum_retry_attempts=1)
    _click(clicks, "a")
    clicks.workspace.advance(20)
    assert [call[:2] for call in counter.calls] == [(0, ["a"]), (1, ["a"])]


def test_a_window_that_cannot_be_ended_holds_the_shard_up(clicks: Cloud) -> None:
    counter = Counter(clicks, fails_at_end=2)
    clicks.workspace.map_stream("clicks", "count", tumbling_window=30)
    _click(clicks, "a")
    clicks.workspace.advance(30)
    _click(clicks, "b")
    clicks.workspace.advance(60)
    assert [call[:2] for call in counter.calls] == [(0, ["a"]), (30, []), (31, []), (33, []), (33, ["b"]), (60, [])]
    assert counter.calls[4][2] == {}


def test_a_window_is_given_up_when_its_retries_are_exhausted(clicks: Cloud) -> None:
    counter = Counter(clicks, fails_at_end=99)
    mapping = clicks.workspace.map_stream("clicks", "count", tumbling_window=30, maximum_retry_attempts=1)
    _click(clicks, "a")
    clicks.workspace.advance()
    assert [call[:2] for call in counter.calls] == [(0, ["a"]), (30, []), (31, [])]
    assert mapping.failures == [f"{SHARD}: the function failed at the end of a window; its state is lost"]


def test_a_state_that_grew_too_large_ends_the_window_early(clicks: Cloud) -> None:
    counter = Counter(clicks, answer={"state": {"text": "x" * 1_100_000}})
    clicks.workspace.map_stream("clicks", "count", tumbling_window=30)
    _click(clicks, "a")
    clicks.workspace.advance(1)
    assert [(call[1], call[3]) for call in counter.calls] == [(["a"], False), ([], True)]
    assert counter.events[1]["isWindowTerminatedEarly"] is True


class Worker:
    """Takes ten seconds for each batch, and notes which records it had when."""

    def __init__(self, cloud: Cloud, *, bad: str = "") -> None:
        self._cloud = cloud
        self._bad = bad
        self.calls: list[tuple[float, str]] = []
        cloud.workspace.registry.lambda_function(name="work", duration=10, timeout=60)(self)

    def __call__(self, event: dict[str, Any]) -> None:
        data = "".join(base64.b64decode(each["kinesis"]["data"]).decode() for each in event["Records"])
        self.calls.append((self._cloud.seconds, data))
        if set(data) & set(self._bad):
            raise ValueError("bad")


def test_partition_keys_are_read_side_by_side_and_each_in_its_order(clicks: Cloud) -> None:
    worker = Worker(clicks)
    mapping = clicks.workspace.map_stream("clicks", "work", parallelization_factor=10, batch_size=1)
    for key, data in (("red", "ab"), ("green", "12")):
        _click(clicks, data, key)
    clicks.workspace.advance()
    assert sorted(worker.calls) == [(0, "1"), (0, "a"), (10, "2"), (10, "b")]
    assert mapping.checkpoints == {SHARD: "4"}


def test_a_key_that_fails_does_not_hold_up_the_others(clicks: Cloud) -> None:
    worker = Worker(clicks, bad="a")
    mapping = clicks.workspace.map_stream("clicks", "work", parallelization_factor=10, batch_size=1)
    for key, data in (("red", "ab"), ("green", "12")):
        _click(clicks, data, key)
    clicks.workspace.advance(15)
    assert [data for _, data in worker.calls if data in "12"] == ["1", "2"]
    assert "b" not in {data for _, data in worker.calls}
    assert mapping.checkpoints == {SHARD: None}


def test_without_a_factor_a_shard_is_read_one_batch_after_the_other(clicks: Cloud) -> None:
    worker = Worker(clicks)
    clicks.workspace.map_stream("clicks", "work", batch_size=1)
    for key in ("red", "green"):
        _click(clicks, key[0], key)
    clicks.workspace.advance()
    assert worker.calls == [(0, "r"), (10, "g")]


@pytest.mark.parametrize(
    "settings",
    [
        {"parallelization_factor": 0},
        {"parallelization_factor": 11},
        {"tumbling_window": -1},
        {"tumbling_window": 901},
    ],
)
def test_values_out_of_bounds_are_refused(clicks: Cloud, settings: dict[str, Any]) -> None:
    Worker(clicks)
    with pytest.raises(InvalidParameterValueException, match="Give a whole number"):
        clicks.workspace.map_stream("clicks", "work", **settings)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"starting_position": "AT_TIMESTAMP"}, "AT_TIMESTAMP"),
        ({"tumbling_window": 30, "parallelization_factor": 2}, "TumblingWindowInSeconds with a ParallelizationFactor"),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(clicks: Cloud, settings: dict[str, Any], text: str) -> None:
    Worker(clicks)
    with pytest.raises(FeatureNotSupported, match=text):
        clicks.workspace.map_stream("clicks", "work", **settings)
