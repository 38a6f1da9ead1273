"""A scene as a PNG: Graphviz is used as a canvas that draws given shapes, strokes and words at given places.

Graphviz's own drawing of a graph knows no icons, badges or wrapped cards; its ``nop2`` engine, which takes every
position from the source, draws them all, with the same fonts and without a further dependency.
"""

from dataclasses import dataclass
from typing import Final, assert_never

import graphviz

from sfn_notebook.views import palette
from sfn_notebook.views.dot import POINTS_PER_INCH, inches
from sfn_notebook.views.geometry import Box, Point, Stroke, number
from sfn_notebook.views.palette import mix
from sfn_notebook.views.scene import Group, Item, Lines, Scene, Shape, Tip, Words

PIXEL_RATIO: Final = 2
# Cairo's bitmaps end at 32,767 pixels a side, and writing more pixels than this takes seconds: beyond, the picture
# gets coarser, not cut.
_LARGEST_SIDE_PIXELS: Final = 16_000
_LARGEST_AREA_PIXELS: Final = 12_000_000
_FONT: Final = "Helvetica,Arial,Liberation Sans,Nimbus Sans"


@dataclass(frozen=True, kw_only=True, slots=True)
class Paint:
    """How one item looks; an empty colour means not at all."""

    fill: str = ""
    line: str = ""
    line_width: float = 1.0
    dash: str = ""
    italic: bool = False


def canvas_source(scene: Scene) -> str:
    """DOT for the ``nop2`` engine that draws ``scene``."""
    return _Canvas(scene).source()


class _Canvas:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._count = 0
        side, area = max(scene.width, scene.height), scene.width * scene.height
        ratio = min(PIXEL_RATIO, _LARGEST_SIDE_PIXELS / side, (_LARGEST_AREA_PIXELS / area) ** 0.5)
        self._dot = graphviz.Digraph(
            graph_attr={
                "bb": f"0,0,{number(scene.width)},{number(scene.height)}",
                "bgcolor": palette.SURFACE,
                "dpi": number(POINTS_PER_INCH * ratio),
                "pad": "0",
            },
            node_attr={"fixedsize": "true", "margin": "0", "label": "", "penwidth": "0", "style": "filled"},
            edge_attr={"arrowhead": "none"},
        )

    def source(self) -> str:
        ground = Box(x=0, y=0, width=self._scene.width, height=self._scene.height)
        self._piece("box", ground, palette.SURFACE)
        for layer in ("region", "edge", "node"):
            for group in self._scene.groups:
                if group.layer == layer:
                    self._group(group)
        return str(self._dot.source)

    def _group(self, group: Group) -> None:
        for item in (*group.items, *group.badge, *group.edit):
            paint = paint_of(group, item.role, has_run=self._scene.has_run)
            self._item(item, paint)

    def _item(self, item: Item, paint: Paint) -> None:
        match item:
            case Shape():
                for shape, box in _pieces(item):
                    if paint.fill:
                        self._piece(shape, box, paint.fill)
                if paint.line:
                    self._stroke(item.outline, paint)
            case Lines():
                for stroke in item.strokes:
                    self._stroke(stroke, paint)
            case Tip():
                self._tip(item, paint)
            case Words():
                self._words(item, paint)
            case _:
                assert_never(item)

    def _name(self) -> str:
        self._count += 1
        return f"p{self._count}"

    def _position(self, point: Point) -> str:
        return f"{number(point.x)},{number(self._scene.height - point.y)}"

    def _piece(self, shape: str, box: Box, fill: str) -> None:
        size = {"width": inches(box.width), "height": inches(box.height)}
        self._dot.node(self._name(), shape=shape, pos=self._position(box.centre), fillcolor=fill, **size)

    def _stroke(self, stroke: Stroke, paint: Paint) -> None:
        # A node is drawn, then its own arrows: a fresh invisible node puts this stroke on top of what is there.
        tail, head = self._name(), self._name()
        for each in (tail, head):
            self._dot.node(each, pos=self._position(stroke.points[0]), style="invis", width="0.01", height="0.01")
        style = {"style": paint.dash} if paint.dash else {}
        path = " ".join(self._position(point) for point in stroke.points)
        self._dot.edge(tail, head, pos=path, color=paint.line, penwidth=number(paint.line_width), **style)

    def _tip(self, tip: Tip, paint: Paint) -> None:
        point, left, right = tip.corners
        base = Point((left.x + right.x) / 2, (left.y + right.y) / 2)
        tail, head = self._name(), self._name()
        for each in (tail, head):
            self._dot.node(each, pos=self._position(base), style="invis", width="0.01", height="0.01")
        path = f"e,{self._position(point)} {' '.join([self._position(base)] * 4)}"
        self._dot.edge(tail, head, pos=path, color=paint.fill, arrowhead="normal", arrowsize="0.7", penwidth="1")

    def _words(self, words: Words, paint: Paint) -> None:
        # Graphviz's fonts may run a little wider than the metrics; spare room keeps the anchored side where it belongs.
        room = words.width * 1.2 + 4
        left = {"start": words.x, "middle": words.x - room / 2, "end": words.x - room}[words.anchor]
        justify = {"start": "\\l", "middle": "\\n", "end": "\\r"}[words.anchor]
        style = (" Bold" if words.bold else "") + (" Italic" if paint.italic else "")
        self._dot.node(
            self._name(),
            shape="plaintext",
            style="",
            label=str(graphviz.escape(words.text.replace("&", "&amp;"))) + justify,
            fontname=_FONT + style,
            fontsize=number(words.size),
            fontcolor=paint.fill,
            pos=self._position(Point(left + room / 2, words.centre_y)),
            width=inches(room),
            height=inches(words.size * 1.3),
        )


def _pieces(shape: Shape) -> list[tuple[str, Box]]:
    """The overlapping boxes, circles and diamonds that fill a shape: a canvas of nodes has no free polygons."""
    box, cut = shape.box, min(shape.size, shape.box.width / 2, shape.box.height / 2)
    x, y, width, height = box.x, box.y, box.width, box.height
    middle = ("box", Box(x=x + cut, y=y, width=width - 2 * cut, height=height))
    if shape.form == "hexagon":
        ends = (x, x + width - 2 * cut)
        return [middle, *(("diamond", Box(x=at, y=y, width=2 * cut, height=height)) for at in ends)]
    corner = "diamond" if shape.form == "octagon" else "ellipse"
    corners = [(at, top) for at in (x, x + width - 2 * cut) for top in (y, y + height - 2 * cut)]
    return [
        middle,
        ("box", Box(x=x, y=y + cut, width=width, height=height - 2 * cut)),
        *((corner, Box(x=at, y=top, width=2 * cut, height=2 * cut)) for at, top in corners),
    ]


def paint_of(group: Group, role: str, *, has_run: bool) -> Paint:
    """The look of one role in the light palette, as ``graph.css`` gives it on a white page."""
    if role in _SEQUENCE_ROLES:
        return _sequence_paint(role, group.status)
    if group.layer == "edge":
        return _edge_paint(role, group.kind)
    if role in ("marker", "marker-text", "point"):
        return _marker_paint(role, group.kind)
    accent = palette.KIND_ACCENTS.get(group.kind, palette.LINE)
    status = palette.STATUS_ACCENTS.get(group.status, "")
    stepped_back = has_run and bool(group.pointer) and not status
    if role in ("card", "panel"):
        return _surface_paint(role, group, accent, status, stepped_back=stepped_back)
    strength = 0.62 if stepped_back else 1.0
    paints = {
        "icon": Paint(line=mix(mix(accent, palette.INK, 0.78), palette.SURFACE, strength), line_width=1.5),
        "name": Paint(fill=mix(palette.INK, palette.SURFACE, strength)),
        "retry-icon": Paint(line=palette.MUTED, line_width=1.2),
        "badge": Paint(fill=status, line=palette.SURFACE, line_width=1.5),
        "badge-icon": Paint(line=palette.ON_ACCENT, line_width=1.7),
        "badge-text": Paint(fill=palette.ON_ACCENT),
        "edit": Paint(fill=palette.SURFACE, line=mix(palette.INK, palette.SURFACE, 0.55)),
        "edit-icon": Paint(line=palette.INK, line_width=1.2),
        "edit-text": Paint(fill=palette.INK),
    }
    return paints.get(role, Paint(fill=palette.MUTED))


def _surface_paint(role: str, group: Group, accent: str, status: str, *, stepped_back: bool) -> Paint:
    if role == "panel":
        fill = mix(accent, palette.SURFACE, palette.REGION_SHARE)
        if group.kind == "branch":
            fill = mix(palette.SURFACE, fill, 0.55)
        line = mix(accent, palette.SURFACE, palette.REGION_BORDER_SHARE)
    else:
        fill = palette.SURFACE if stepped_back else mix(accent, palette.SURFACE, palette.FILL_SHARE)
        line = palette.BORDER if stepped_back else mix(accent, palette.SURFACE, palette.BORDER_SHARE)
    if not status:
        return Paint(fill=fill, line=line, line_width=1.25, dash="dotted" if group.kind == "branch" else "")
    dash = {"RETRYING": "dashed", "CAUGHT": "dashed", "ABORTED": "dotted"}.get(group.status, "")
    width = 2.6 if group.status == "FAILED" else 1.9
    fill = fill if role == "panel" else mix(status, palette.SURFACE, palette.STATUS_SHARE)
    return Paint(fill=fill, line=mix(status, palette.INK, 0.88), line_width=width, dash=dash)


def _marker_paint(role: str, kind: str) -> Paint:
    dark = mix(palette.INK, palette.SURFACE, 0.84)
    if role == "point":
        return Paint(fill=palette.LINE)
    if role == "marker":
        return Paint(fill=palette.SURFACE, line=dark, line_width=1.75) if kind == "end" else Paint(fill=dark)
    return Paint(fill=palette.INK if kind == "end" else palette.SURFACE)


_SEQUENCE_ROLES: Final = frozenset({"lifeline", "message", "message-tip", "message-text", "activity", "pause", "sign"})


def _sequence_paint(role: str, status: str) -> Paint:
    """The look of what only a sequence diagram has, as ``sequence.css`` gives it."""
    accent = palette.STATUS_ACCENTS.get(status, mix(palette.INK, palette.SURFACE, 0.7))
    paints = {
        "lifeline": Paint(line=palette.BORDER, line_width=1.2),
        "pause": Paint(line=palette.LINE, line_width=1.2, dash="dotted"),
        # Dashed is what did not get through, also for those who see no colours.
        "message": Paint(line=accent, line_width=1.6, dash="dashed" if status in _NOT_DONE else ""),
        "activity": Paint(fill=mix(accent, palette.SURFACE, 0.18), line=accent, line_width=1.2),
        "sign": Paint(line=accent, line_width=1.7),
        "message-tip": Paint(fill=accent),
        "message-text": Paint(fill=mix(accent, palette.INK, 0.75) if status else palette.INK),
    }
    return paints[role]


_NOT_DONE: Final = frozenset({"RETRYING", "FAILED"})


def _edge_paint(role: str, kind: str) -> Paint:
    caught = kind == "catch"
    strong = mix(palette.CATCH, palette.INK, 0.82) if caught else palette.LINE
    match role:
        case "line":
            return Paint(line=strong, line_width=1.4, dash="dashed" if caught else "")
        case "tip":
            return Paint(fill=strong)
        case "label":
            fill = mix(palette.CATCH, palette.SURFACE, 0.07) if caught else palette.SURFACE
            line = mix(palette.CATCH, palette.SURFACE, 0.45) if caught else palette.BORDER
            return Paint(fill=fill, line=line, dash="dashed" if caught else "")
        case _:
            plain = mix(palette.INK, palette.SURFACE, 0.82)
            return Paint(fill=strong if caught else plain, italic=kind == "default")
