"""Which visits wait for somebody outside, and of which a person replaced a payload, by the events; it draws nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Protocol, runtime_checkable

from sfn_notebook._json import JSONValue
from sfn_notebook.engine.event_log import EventLog
from sfn_notebook.engine.history import Event

_ENTERED: Final = "StateEntered"
_CALLBACK: Final = ".waitForTaskToken"
_ASKING: Final = frozenset({"ActivityScheduled", "TaskSubmitted"})


@runtime_checkable
class Eventful(Protocol):
    """An execution that has a history; one without is never said to wait."""

    @property
    def events(self) -> Sequence[Event]:
        """Every event so far; it only grows."""


@runtime_checkable
class Edited(Eventful, Protocol):
    """An execution of which a person can replace payloads."""

    @property
    def edits(self) -> Mapping[int, JSONValue]:
        """The payloads as they were before, by the id of the event that carries the new one."""


class Attention:
    """Follows one execution: each look costs as much as there are new events.

    Safe to call from a second thread while the execution goes on: it reads what only grows.
    """

    def __init__(self, execution: object) -> None:
        self._eventful = execution if isinstance(execution, Eventful) else None
        self._held = execution if isinstance(execution, Edited) else None
        self._seen = 0
        self._asked: set[int] = set()
        self._edited: dict[int, int] = {}

    def begin_anew(self) -> None:
        """Forget everything: the execution has opened again what had ended."""
        self._seen, self._asked, self._edited = 0, set(), {}

    def waiting(self, open_visits: Collection[int], latest_visit: int) -> list[int]:
        """Ids of the open visits that wait for a token or for an activity; ``latest_visit`` is the last known id."""
        if self._eventful is None:
            return []
        events = self._eventful.events
        end = len(events)
        if self._asked or not _ASKING.isdisjoint(_types(events, self._seen, end)):
            for place in range(self._seen, end):
                self._take_in(events, events[place])
        self._seen = end
        # What was asked by a visit that is not known yet belongs to the next look.
        self._asked = {visit for visit in self._asked if visit in open_visits or visit > latest_visit}
        return [visit for visit in self._asked if visit in open_visits]

    def _take_in(self, events: Sequence[Event], event: Event) -> None:
        match event[3]:
            case "ActivityScheduled":
                self._asked.add(_visit_of(events, event))
            case "TaskSubmitted" if str(event[5][0].resource).endswith(_CALLBACK):
                self._asked.add(_visit_of(events, event))
            case "TaskScheduled" if self._asked:
                # Another attempt has not asked anybody yet.
                self._asked.discard(_visit_of(events, event))

    def edited(self) -> Iterable[int]:
        """Ids of the visits whose input or output a person replaced, as far as the events tell it already."""
        edits = () if self._held is None else tuple(self._held.edits)
        if self._held is None or not edits:
            return ()
        events = self._held.events
        for event_id in edits:
            if event_id not in self._edited and event_id <= len(events):
                self._edited[event_id] = _visit_of(events, events[event_id - 1])
        return self._edited.values()


def _types(events: Sequence[Event], start: int, end: int) -> list[str]:
    """The types of some events; most runs ask nobody, and need no more than this."""
    types = events.types(start) if isinstance(events, EventLog) else [event[3] for event in events[start:end]]
    return types[: end - start]


def _visit_of(events: Sequence[Event], event: Event) -> int:
    """The id of the visit to which an event of a Task, an entry or an exit belongs."""
    # An exit tells its state's name, which the states inside a Parallel or Map do not share; a Task has none inside.
    name = event[4] if event[3].endswith(("StateEntered", "StateExited")) else ""
    while event[1] and not (event[3].endswith(_ENTERED) and name in {"", event[4]}):
        event = events[event[1] - 1]
    return event[0]
