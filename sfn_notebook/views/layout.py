"""Positions as Graphviz computed them, turned into pixels with y downwards; nothing of what is drawn there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sfn_notebook._json import JSONObject
from sfn_notebook.views.dot import POINTS_PER_INCH, TURNED
from sfn_notebook.views.geometry import Box, Point, Stroke, cut_before_leaving

MARGIN: Final = 16.0
HEAD_LENGTH: Final = 7.0
_CLUSTER: Final = "cluster_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One drawn piece of an arrow; ``tip`` is where its head points to, if it has one."""

    stroke: Stroke
    tip: Point | None

    def reversed(self) -> "Route":
        """The same piece run through the other way; its head stays where it is."""
        return Route(stroke=Stroke(points=self.stroke.points[::-1]), tip=self.tip)

    def leaving(self, box: Box) -> "Route":
        """Without what lies inside ``box`` before the piece leaves it for good."""
        kept = cut_before_leaving(self.stroke.points, box)
        return Route(stroke=Stroke(points=kept), tip=self.tip)

    def entering(self, box: Box) -> "Route":
        """Up to where the piece enters ``box``, with its head at the border."""
        turned = cut_before_leaving(self.stroke.points[::-1], box)[::-1]
        if turned == self.stroke.points:
            return self
        return Route(stroke=Stroke(points=_shortened(turned, HEAD_LENGTH)), tip=turned[-1])


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where everything stands; ``boxes`` by id of node, region and labelled edge, ``routes`` by id of edge."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    routes: Mapping[str, tuple[Route, ...]]


def _shortened(points: tuple[Point, ...], length: float) -> tuple[Point, ...]:
    """Cut the end so that the last point is about ``length`` away from where it was."""
    end = points[-1]
    around = Box(x=end.x - length, y=end.y - length, width=2 * length, height=2 * length)
    kept = cut_before_leaving(points[::-1], around)[::-1]
    return kept if len(kept) >= 4 else points


def read_layout(answer: bytes) -> Layout:
    """Read what ``dot -Tjson0`` answered."""
    document: JSONObject = json.loads(answer.decode("utf-8"))
    left, bottom, right, top = _numbers(document["bb"])
    frame = _Frame(left, top)
    boxes: dict[str, Box] = {}
    for each in document.get("objects", ()):
        name = each["name"]
        if name.startswith(_CLUSTER):
            boxes[name.removeprefix(_CLUSTER)] = frame.corners(_numbers(each["bb"]))
        elif "pos" in each:
            width = float(each["width"]) * POINTS_PER_INCH
            height = float(each["height"]) * POINTS_PER_INCH
            boxes[name] = frame.centred(_numbers(each["pos"]), width, height)
    routes: dict[str, tuple[Route, ...]] = {}
    # Sorted, so that the piece before a label ("-in") stands before the one after it ("-out").
    for each in sorted(document.get("edges", ()), key=lambda edge: str(edge["id"])):
        edge, *marks = each["id"].split("-")
        pieces = [frame.route(piece) for piece in each.get("pos", "").split(";") if piece]
        if TURNED in marks:
            pieces = [piece.reversed() for piece in reversed(pieces)]
        routes[edge] = routes.get(edge, ()) + tuple(pieces)
    return Layout(width=right - left + 2 * MARGIN, height=top - bottom + 2 * MARGIN, boxes=boxes, routes=routes)


def _numbers(text: str) -> list[float]:
    return [float(word) for word in text.split(",")]


@dataclass(frozen=True, slots=True)
class _Frame:
    left: float
    top: float

    def point(self, x: float, y: float) -> Point:
        return Point(x - self.left + MARGIN, self.top - y + MARGIN)

    def corners(self, numbers: list[float]) -> Box:
        left, bottom, right, top = numbers
        corner = self.point(left, top)
        return Box(x=corner.x, y=corner.y, width=right - left, height=top - bottom)

    def centred(self, numbers: list[float], width: float, height: float) -> Box:
        centre = self.point(numbers[0], numbers[1])
        return Box(x=centre.x - width / 2, y=centre.y - height / 2, width=width, height=height)

    def route(self, text: str) -> Route:
        """Read ``e,x,y x,y x,y ...``: the end that a head points to, then a chain of cubics."""
        points: list[Point] = []
        start: Point | None = None
        tip: Point | None = None
        for word in text.split():
            match word.split(","):
                case ["e", x, y]:
                    tip = self.point(float(x), float(y))
                case ["s", x, y]:
                    start = self.point(float(x), float(y))
                case [x, y]:
                    points.append(self.point(float(x), float(y)))
        return Route(stroke=Stroke(points=tuple(points)), tip=tip if tip is not None else start)
