"""Positions as Graphviz computed them, turned into pixels with y downwards; nothing of what is drawn there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sfn_notebook._json import JSONObject
from sfn_notebook.views.dot import POINTS_PER_INCH
from sfn_notebook.views.geometry import Box, Point, Stroke

MARGIN: Final = 16.0
_CLUSTER: Final = "cluster_"


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """One drawn piece of an arrow; ``tip`` is where its head points to, if it has one."""

    stroke: Stroke
    tip: Point | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where everything stands; ``boxes`` by id of node, region and labelled edge, ``routes`` by id of edge."""

    width: float
    height: float
    boxes: Mapping[str, Box]
    routes: Mapping[str, tuple[Route, ...]]


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
    for each in document.get("edges", ()):
        edge = each["id"].partition("-")[0]
        pieces = [piece for piece in each.get("pos", "").split(";") if piece]
        routes[edge] = routes.get(edge, ()) + tuple(map(frame.route, pieces))
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
        if start is not None:
            # Written the other way round because it closes a loop: its head is at the start.
            points.reverse()
            tip = start
        return Route(stroke=Stroke(points=tuple(points)), tip=tip)
