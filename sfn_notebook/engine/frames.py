"""A running branch as plain data, and the join that waits for branches; neither moves by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sfn_notebook._json import ABSENT, Absent, JSONObject, JSONValue
from sfn_notebook.asl.compile import CompiledState
from sfn_notebook.engine.visits import Visit


@dataclass(slots=True, eq=False)
class Frame:
    """Where one branch stands: the root, a Parallel's branch or a Map's iteration.

    ``input`` is the raw input of ``state``, ``previous_id`` the event that the next one follows, ``retries`` the
    retries made by each Retrier during this visit, ``target`` where a Choice goes, between choosing and leaving, and
    ``item`` the Map item that this frame (or its item selection) works on. ``variables`` are those in scope, replaced
    and never changed; ``assigned`` is what the state assigns, between its evaluation and its end. ``measured`` is the
    last result whose size was looked at; ``variable_bytes`` counts what this branch has assigned, by name.
    """

    state: CompiledState
    input: JSONValue
    variables: Mapping[str, JSONValue]
    previous_id: int = 0
    parent: "Join | None" = None
    index: int = 0
    iteration: tuple[int, ...] = ()
    item: JSONValue | Absent = ABSENT
    item_index: int = 0
    target: CompiledState | None = None
    visit: Visit | None = None
    entered_id: int = 0
    entered_seconds: float = 0.0
    effective_input: JSONValue = None
    retries: tuple[int, ...] = ()
    retry_count: int = 0
    task_id: int = 0
    task_token: str | None = None
    heartbeat_seconds: int | None = None
    timer_ids: tuple[int, ...] = ()
    map_run_id: int = 0
    join: "Join | None" = None
    is_over: bool = False
    assigned: Mapping[str, JSONValue] | None = None
    measured: JSONValue | Absent = ABSENT
    variable_bytes: dict[str, int] | None = None

    def snapshot(self) -> JSONObject:
        """This branch and those below it as JSON: for printing, comparing and storing."""
        return {
            "state": self.state.pointer,
            "input": self.input,
            "previous_id": self.previous_id,
            "index": self.index,
            "entered_id": self.entered_id,
            "retries": list(self.retries),
            "task_id": self.task_id,
            "timer_ids": list(self.timer_ids),
            "variables": dict(self.variables),
            "branches": [frame.snapshot() for frame in self.join.frames.values()] if self.join else [],
        }


@dataclass(slots=True, eq=False)
class Join:
    """A Parallel or Map at work: it ends when every branch has, or with the first that fails.

    ``frames`` holds the unfinished ones by index; ``items`` and ``limit`` are a Map's.
    """

    owner: Frame
    outputs: list[JSONValue]
    is_map: bool
    frames: dict[int, Frame] = field(default_factory=dict)
    items: list[JSONValue] = field(default_factory=list)
    next_index: int = 0
    limit: int = 0
