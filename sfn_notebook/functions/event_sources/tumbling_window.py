"""Tumbling windows of a stream's shard: which records one has, its state, what an event tells of it; it calls nothing.

Source: Lambda developer guide, "Stateful Kinesis Data Streams processing".
"""

from dataclasses import dataclass, field
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.timestamps import format_timestamp

MAX_STATE_BYTES: Final = 1024 * 1024
"""Of one shard's state; with more the window ends early."""


@dataclass(kw_only=True, slots=True, eq=False)
class OpenWindow:
    """A window that began at ``start_seconds``, with what the function has made of its records up to now.

    ``attempts`` counts the final calls that failed.
    """

    start_seconds: float
    size_seconds: int
    state: JSONValue = field(default_factory=dict)
    attempts: int = 0

    @property
    def end_seconds(self) -> float:
        """When it closes: a record that arrives then is in the next one."""
        return self.start_seconds + self.size_seconds

    @property
    def is_too_large(self) -> bool:
        """Whether its state has more than Lambda keeps."""
        return _json.size_bytes(self.state) > MAX_STATE_BYTES

    def event(self, records: list[JSONValue], *, shard_id: str, stream_arn: str, is_final: bool = False) -> JSONObject:
        """The event of a call for some of its records, or of the call that ends it."""
        return {
            "Records": records,
            "window": {"start": _second(self.start_seconds), "end": _second(self.end_seconds)},
            "state": self.state,
            "shardId": shard_id,
            "eventSourceARN": stream_arn,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": is_final and self.is_too_large,
        }


def window_at(arrived_seconds: float, size_seconds: int) -> OpenWindow:
    """The window that a record belongs to which arrived then: windows begin at multiples of their size."""
    return OpenWindow(start_seconds=arrived_seconds // size_seconds * size_seconds, size_seconds=size_seconds)


def state_in(answer: JSONValue) -> JSONObject | None:
    """What a function returns for its window; ``None`` if there is nothing, which Lambda takes for a failure."""
    state = answer.get("state") if isinstance(answer, dict) else None
    return state if isinstance(state, dict) else None


def _second(moment_seconds: float) -> str:
    return f"{format_timestamp(moment_seconds)[:19]}Z"
