"""Interactions as a picture: a lifeline for each party, an arrow for each step, pauses cut short; painters colour it.

Time runs downwards, one step a row, not to scale: a pause of a week takes as much room as one of a minute, and says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import Final

from sfn_notebook.views.canvas import canvas_source
from sfn_notebook.views.engines import DRAW, run_graphviz
from sfn_notebook.views.geometry import Box, Point, Stroke
from sfn_notebook.views.icons import icon_strokes
from sfn_notebook.views.interaction_text import party_words, pause_seconds, time_words, way_words
from sfn_notebook.views.interactions import SHOWN_STEPS, Interactions, Outcome, Party, PartyKind, Step
from sfn_notebook.views.scene import Group, Item, Lines, Scene, Shape, Tip, Words
from sfn_notebook.views.svg import write_svg
from sfn_notebook.views.typography import shorten, text_width, visible, wrap
from sfn_notebook.views.wording import duration_words

MOST_PARTIES: Final = 10
"""Lifelines of one picture; those who appear later share the last one."""

_MARGIN: Final = 18.0
_HEAD_HEIGHT: Final = 56.0
_HEAD_WIDTH: Final = 148.0
_ICON: Final = 14.0
_LINE: Final = 15.0
_ROW: Final = 38.0
_PAUSE: Final = 30.0
_TIME_SIZE: Final = 10.5
_TEXT_SIZE: Final = 11.0
_SIGN: Final = 10.0
_NARROWEST_GAP: Final = 164.0
_WIDEST_TEXT: Final = 250.0
_ACTIVITY: Final = 8.0
_LOOP: Final = 26.0
_TIP: Final = 7.0

KIND_LOOKS: Final = {
    PartyKind.NOTEBOOK: ("pass", "notebook"),
    PartyKind.FUNCTION: ("task", "function"),
    PartyKind.MACHINE: ("map", "choice"),
    PartyKind.QUEUE: ("wait", "queue"),
    PartyKind.TOPIC: ("choice", "topic"),
    PartyKind.BUS: ("choice", "bus"),
    PartyKind.RULE: ("choice", "bus"),
    PartyKind.BUCKET: ("succeed", "bucket"),
    PartyKind.TABLE: ("succeed", "table"),
    PartyKind.API: ("parallel", "api"),
    PartyKind.STREAM: ("wait", "queue"),
    PartyKind.SERVICE: ("pass", "service"),
    PartyKind.OTHERS: ("pass", "others"),
}
"""The kind of a state whose colour a party shares, so that there is no second palette, and its icon."""
_STATUS: Final = {Outcome.SUCCEEDED: "SUCCEEDED", Outcome.FAILED: "FAILED", Outcome.THROTTLED: "RETRYING"}
_SIGNS: Final = {Outcome.SUCCEEDED: "succeed", Outcome.FAILED: "fail", Outcome.THROTTLED: "parallel"}


def svg(interactions: Interactions, *, standalone: bool = True) -> str:
    """The picture as an ``<svg>`` element without prolog, the same for the same interactions, dark in a dark theme.

    Args:
        interactions: What to draw.
        standalone: Whether to bring the stylesheet and a ground.
    """
    css = (files("sfn_notebook.views") / "static" / "sequence.css").read_text(encoding="utf-8")
    return write_svg(scene_of_interactions(interactions), standalone=standalone, css=css)


def png(interactions: Interactions) -> bytes:
    """The same picture as PNG in the light palette, at twice the resolution; see ``render.shown_size``.

    Raises:
        NoGraphvizError: If neither ``dot`` nor pygraphviz works.
    """
    return run_graphviz(canvas_source(scene_of_interactions(interactions)), task=DRAW, output="png")


def scene_of_interactions(interactions: Interactions) -> Scene:
    """Place everything; the steps are folded as ``Interactions.steps`` does."""
    return _Diagram(interactions).scene()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    """One step at its height; ``left`` and ``right`` are columns."""

    step: Step
    text: str
    source: int
    target: int
    y: float
    time: str

    @property
    def columns(self) -> tuple[int, int]:
        """The columns between which the text stands: beside the lifeline for what a party does by itself."""
        left, right = min(self.source, self.target), max(self.source, self.target)
        return (left, right if right > left else left + 1)


class _Diagram:
    def __init__(self, interactions: Interactions) -> None:
        self._origin_seconds = interactions.origin_seconds
        steps = interactions.steps()
        self._rest = len(steps) - SHOWN_STEPS
        self._parties, columns = _columns(interactions.parties())
        self._pauses: list[tuple[float, float]] = []
        self._rows = list(self._placed(steps[:SHOWN_STEPS], columns))
        self._time_width = max((text_width(row.time, _TIME_SIZE) for row in self._rows), default=0.0)
        self._xs = self._column_places()
        self._bottom = (self._rows[-1].y if self._rows else self._top) + _ROW
        self._width = self._xs[-1] + _MARGIN

    @property
    def _top(self) -> float:
        return _MARGIN + _HEAD_HEIGHT + 12

    def _placed(self, steps: Sequence[Step], columns: dict[Party, int]) -> Iterator[_Row]:
        y, clock, told_time = self._top, self._origin_seconds, ""
        for step in steps:
            pause = pause_seconds(clock, step)
            if pause is not None:
                self._pauses.append((y + _PAUSE / 2 + 9, pause))
                y += _PAUSE
            clock = max(clock, step.ended_seconds)
            y += _ROW
            text = shorten(visible(step.words), _WIDEST_TEXT, _TEXT_SIZE)
            source, target = columns[step.first.source], columns[step.first.target]
            time = time_words(step, self._origin_seconds)
            # What happens at one moment has its time once: a column of the same words says nothing.
            shown_time, told_time = ("" if time == told_time else time), time
            yield _Row(step=step, text=text, source=source, target=target, y=y - 6, time=shown_time)

    def _column_places(self) -> list[float]:
        """The middle of each lifeline, and the right edge: each gap is as wide as the texts in it need."""
        count = len(self._parties)
        places = [_MARGIN + self._time_width + 14 + _HEAD_WIDTH / 2]
        for column in range(count):
            is_last = column == count - 1
            place = places[-1] + (_HEAD_WIDTH / 2 if is_last else _NARROWEST_GAP)
            for row in self._rows:
                left, right = row.columns
                if right == column + 1:
                    loop = _LOOP if row.source == row.target else 0.0
                    place = max(place, places[left] + _text_room(row) + loop + 24)
            places.append(place)
        return places

    def scene(self) -> Scene:
        groups = [
            *(self._lifeline(column) for column in range(len(self._parties))),
            *(self._pause(number, y, seconds) for number, (y, seconds) in enumerate(self._pauses)),
            *(self._step(number, row) for number, row in enumerate(self._rows)),
            *(self._head(column, party) for column, party in enumerate(self._parties)),
            *self._note(),
        ]
        height = self._bottom + _MARGIN
        return Scene(
            title="Who called whom",
            width=self._width,
            height=height,
            groups=tuple(groups),
            has_run=False,
            spoken="Who called whom, in the order of modelled time",
        )

    def _lifeline(self, column: int) -> Group:
        x = self._xs[column]
        line = _line(Point(x, _MARGIN + _HEAD_HEIGHT), Point(x, self._bottom))
        return Group(
            id=f"lifeline-{column}", layer="region", kind="lifeline", items=(Lines(role="lifeline", strokes=(line,)),)
        )

    def _pause(self, number: int, y: float, seconds: float) -> Group:
        text = f"{duration_words(seconds)} pass"
        width = text_width(text, _TIME_SIZE) + 20
        left = self._xs[0]
        box = Box(x=left + 16, y=y - 9, width=width, height=18)
        strokes = (
            _line(Point(_MARGIN, y), Point(box.x - 4, y)),
            _line(Point(box.x + width + 4, y), Point(self._width - _MARGIN, y)),
        )
        words = Words(
            role="label-text", text=text, x=box.centre.x, centre_y=y, size=_TIME_SIZE, width=width - 8, anchor="middle"
        )
        label = Shape(role="label", box=box, form="rounded", size=9)
        return Group(
            id=f"pause-{number}", layer="edge", kind="pause", items=(Lines(role="pause", strokes=strokes), label, words)
        )

    def _head(self, column: int, party: Party) -> Group:
        kind, icon = KIND_LOOKS[party.kind]
        box = Box(x=self._xs[column] - _HEAD_WIDTH / 2, y=_MARGIN, width=_HEAD_WIDTH, height=_HEAD_HEIGHT)
        room = _HEAD_WIDTH - _ICON - 26
        lines = [(line, "name", 12.0) for line in wrap(visible(party.name), room, 12, bold=True)]
        if party.kind not in {PartyKind.NOTEBOOK, PartyKind.OTHERS}:
            lines.append((str(party.kind), "detail", 9.5))
        x = box.x + 10
        first_y = box.centre.y - (len(lines) - 1) * _LINE / 2
        words = [
            Words(
                role=role,
                text=line,
                x=x + _ICON + 7,
                centre_y=first_y + number * _LINE,
                size=size,
                width=room,
                bold=role == "name",
            )
            for number, (line, role, size) in enumerate(lines)
        ]
        strokes = icon_strokes(icon, x, box.centre.y - _ICON / 2, _ICON)
        items: tuple[Item, ...] = (
            Shape(role="card", box=box, form="rounded", size=9),
            Lines(role="icon", strokes=strokes),
            *words,
        )
        return Group(id=f"party-{column}", layer="node", kind=kind, items=items, tooltip=party_words(party))

    def _step(self, number: int, row: _Row) -> Group:
        status = _STATUS.get(row.step.first.outcome, "")
        time = Words(
            role="detail",
            text=row.time,
            x=_MARGIN + self._time_width,
            centre_y=row.y,
            size=_TIME_SIZE,
            width=self._time_width,
            anchor="end",
        )
        arrow = self._loop(row) if row.source == row.target else self._arrow(row)
        tooltip = "\n".join(filter(None, [way_words(row.step), row.step.words, _id_words(row.step)]))
        return Group(
            id=f"step-{number}", layer="node", kind="step", items=(time, *arrow), status=status, tooltip=tooltip
        )

    def _arrow(self, row: _Row) -> Iterator[Item]:
        start, end = self._xs[row.source], self._xs[row.target]
        way = 1 if end > start else -1
        has_activity = row.step.first.what == "call"
        tip = end - way * (_ACTIVITY / 2 if has_activity else 1)
        yield Lines(role="message", strokes=(_line(Point(start, row.y), Point(tip - way * _TIP, row.y)),))
        yield _tip(Point(tip, row.y), way)
        if has_activity:
            yield self._activity(row.target, row.y - 5)
        text_x = min(start, end) + 12
        yield from _label(row, text_x, row.y - 10)

    def _loop(self, row: _Row) -> Iterator[Item]:
        """What a party does by itself: a short bar on its lifeline, or a small way out and back."""
        x = self._xs[row.source]
        if row.step.first.what == "attempt":
            yield self._activity(row.source, row.y - 11)
            yield from _label(row, x + _ACTIVITY + 6, row.y)
            return
        out = x + _LOOP - 8
        points = (Point(x, row.y - 7), Point(out, row.y - 7), Point(out, row.y + 7), Point(x + _TIP + 1, row.y + 7))
        yield Lines(role="message", strokes=tuple(_line(*pair) for pair in pairwise(points)))
        yield _tip(Point(x + 1, row.y + 7), -1)
        yield from _label(row, out + 8, row.y)

    def _activity(self, column: int, y: float) -> Shape:
        box = Box(x=self._xs[column] - _ACTIVITY / 2, y=y, width=_ACTIVITY, height=22)
        return Shape(role="activity", box=box, form="rounded", size=2)

    def _note(self) -> Iterator[Group]:
        if self._rest > 0:
            text = f"… and {self._rest:,} more kinds of interactions"
            words = Words(
                role="detail",
                text=text,
                x=self._xs[0] + 16,
                centre_y=self._bottom,
                size=_TIME_SIZE,
                width=text_width(text, _TIME_SIZE),
            )
            yield Group(id="note", layer="node", kind="note", items=(words,))


def _columns(parties: Sequence[Party]) -> tuple[list[Party], dict[Party, int]]:
    """The parties that have a lifeline, and the column of every one."""
    if len(parties) <= MOST_PARTIES:
        return list(parties) or [Party(PartyKind.NOTEBOOK, "notebook")], {each: at for at, each in enumerate(parties)}
    shown = [*parties[: MOST_PARTIES - 1], Party(PartyKind.OTHERS, f"{len(parties) - MOST_PARTIES + 1:,} others")]
    return shown, {each: min(at, MOST_PARTIES - 1) for at, each in enumerate(parties)}


def _id_words(step: Step) -> str:
    return f"request {step.first.request_id}" if step.count == 1 and step.first.request_id else ""


def _text_room(row: _Row) -> float:
    sign = _SIGN + 5 if row.step.first.outcome in _SIGNS else 0.0
    return text_width(row.text, _TEXT_SIZE) + sign


def _label(row: _Row, x: float, y: float) -> Iterator[Item]:
    """The words of a step, its sign before them: the colour never says anything alone."""
    sign = _SIGNS.get(row.step.first.outcome)
    if sign is not None:
        yield Lines(role="sign", strokes=icon_strokes(sign, x, y - _SIGN / 2, _SIGN))
        x += _SIGN + 5
    yield Words(
        role="message-text", text=row.text, x=x, centre_y=y, size=_TEXT_SIZE, width=text_width(row.text, _TEXT_SIZE)
    )


def _tip(point: Point, way: int) -> Tip:
    base = point.x - way * _TIP
    return Tip(role="message-tip", corners=(point, Point(base, point.y - 3.6), Point(base, point.y + 3.6)))


def _line(start: Point, end: Point) -> Stroke:
    return Stroke(points=(start, start, end, end))
