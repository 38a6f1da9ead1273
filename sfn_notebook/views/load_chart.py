"""A function's load as a picture: a strip of columns each for what waits, runs and is throttled; it counts nothing."""

from collections.abc import Iterator
from typing import Final

from sfn_notebook.views.canvas import canvas_source
from sfn_notebook.views.engines import DRAW, run_graphviz
from sfn_notebook.views.geometry import Box, Point, Stroke
from sfn_notebook.views.load import SLICES, Load, Slice
from sfn_notebook.views.scene import Group, Item, Lines, Scene, Shape, Words
from sfn_notebook.views.typography import text_width, visible
from sfn_notebook.views.wording import duration_words

_MARGIN: Final = 18.0
_LABELS: Final = 150.0
_COLUMN: Final = 8.0
_STRIP: Final = 64.0
_SPACE: Final = 22.0
_TITLE: Final = 26.0

# What a strip shows, in words, and the status whose colour it has.
_STRIPS: Final = (
    ("events that wait", "", "at a time"),
    ("calls that run", "SUCCEEDED", "at a time"),
    ("throttles", "RETRYING", "per column"),
)


def png(load: Load) -> bytes:
    """The picture as PNG in the light palette, at twice the resolution; see ``render.shown_size``.

    Raises:
        NoGraphvizError: If neither ``dot`` nor pygraphviz works.
    """
    return run_graphviz(canvas_source(scene_of_load(load)), task=DRAW, output="png")


def scene_of_load(load: Load) -> Scene:
    """Place everything: time runs to the right, each strip has a scale of its own."""
    groups = [_title(load), *(_strip(load, number) for number in range(len(_STRIPS))), _axis(load)]
    return Scene(
        title=visible(load.function_name),
        width=2 * _MARGIN + _LABELS + SLICES * _COLUMN,
        height=_strip_top(len(_STRIPS)) + _MARGIN,
        groups=tuple(groups),
        has_run=False,
        spoken=f"How busy {visible(load.function_name)} was",
    )


def _strip_top(number: int) -> float:
    return _MARGIN + _TITLE + number * (_STRIP + _SPACE)


def _title(load: Load) -> Group:
    text = visible(load.function_name)
    width = text_width(text, 13, bold=True)
    words = Words(role="name", text=text, x=_MARGIN, centre_y=_MARGIN + 6, size=13, width=width, bold=True)
    return Group(id="title", layer="node", kind="task", items=(words,))


def _strip(load: Load, number: int) -> Group:
    name, status, unit = _STRIPS[number]
    counts = [_count_of(each, number) for each in load.slices]
    highest = max(counts, default=0)
    top = _strip_top(number)
    items: tuple[Item, ...] = (
        *_label(name, f"at most {highest:,} {unit}", top),
        Lines(role="lifeline", strokes=(_line(top + _STRIP),)),
        *_columns(counts, highest, top),
    )
    return Group(id=f"strip-{number}", layer="node", kind="step", items=items, status=status)


def _count_of(each: Slice, number: int) -> int:
    return (each.waiting, each.running, each.throttled)[number]


def _label(name: str, scale: str, top: float) -> Iterator[Words]:
    yield Words(role="name", text=name, x=_MARGIN, centre_y=top + 24, size=12, width=_LABELS - 10, bold=True)
    yield Words(role="detail", text=scale, x=_MARGIN, centre_y=top + 42, size=10.5, width=_LABELS - 10)


def _columns(counts: list[int], highest: int, top: float) -> Iterator[Shape]:
    for index, count in enumerate(counts):
        if count:
            # What happened at all is seen, however little it was.
            height = max(1.5, _STRIP * count / highest)
            box = Box(
                x=_MARGIN + _LABELS + index * _COLUMN, y=top + _STRIP - height, width=_COLUMN - 1.5, height=height
            )
            yield Shape(role="activity", box=box, form="rounded", size=0.5)


def _axis(load: Load) -> Group:
    y = _strip_top(len(_STRIPS)) - _SPACE + 14
    left, right = _MARGIN + _LABELS, _MARGIN + _LABELS + SLICES * _COLUMN
    places = ((left, "start", 0.0), ((left + right) / 2, "middle", 0.5), (right, "end", 1.0))
    words = []
    for x, anchor, share in places:
        text = duration_words(round(load.whole_seconds * share, 3))
        width = text_width(text, 10.5)
        words.append(Words(role="detail", text=text, x=x, centre_y=y, size=10.5, width=width, anchor=anchor))
    return Group(id="axis", layer="node", kind="axis", items=tuple(words))


def _line(y: float) -> Stroke:
    start, end = Point(_MARGIN + _LABELS, y), Point(_MARGIN + _LABELS + SLICES * _COLUMN, y)
    return Stroke(points=(start, start, end, end))
