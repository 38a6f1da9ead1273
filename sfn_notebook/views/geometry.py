"""Points, strokes and outlines in pixels, y downwards; nothing of what they depict."""

from dataclasses import dataclass
from typing import Final, NamedTuple

# How far a cubic's handles reach along a quarter circle of radius 1.
_ARC: Final = 0.5523


class Point(NamedTuple):
    """A place in pixels."""

    x: float
    y: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A rectangle by its top left corner and size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        """The middle of the box."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stroke:
    """A chain of cubic curves: a first point, then groups of two handles and an end point."""

    points: tuple[Point, ...]


def path_data(stroke: Stroke) -> str:
    """The stroke as SVG path data; straight pieces become lines."""
    points = stroke.points
    parts = [f"M{_pair(points[0])}"]
    for index in range(1, len(points) - 2, 3):
        before, first, second, end = points[index - 1], *points[index : index + 3]
        if first == before and second == end:
            parts.append(f"L{_pair(end)}")
        else:
            parts.append(f"C{_pair(first)} {_pair(second)} {_pair(end)}")
    return "".join(parts)


def _pair(point: Point) -> str:
    return f"{number(point.x)} {number(point.y)}"


def number(value: float) -> str:
    """A coordinate with at most two decimals and no negative zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def rounded(box: Box, radius: float) -> Stroke:
    """The outline of a box whose corners are quarter circles."""
    r = min(radius, box.width / 2, box.height / 2)
    k = r * (1 - _ARC)
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    points = [Point(left + r, top)]
    _line_to(points, Point(right - r, top))
    points += [Point(right - k, top), Point(right, top + k), Point(right, top + r)]
    _line_to(points, Point(right, bottom - r))
    points += [Point(right, bottom - k), Point(right - k, bottom), Point(right - r, bottom)]
    _line_to(points, Point(left + r, bottom))
    points += [Point(left + k, bottom), Point(left, bottom - k), Point(left, bottom - r)]
    _line_to(points, Point(left, top + r))
    points += [Point(left, top + k), Point(left + k, top), Point(left + r, top)]
    return Stroke(points=tuple(points))


def polygon(corners: list[Point]) -> Stroke:
    """A closed outline of straight lines."""
    points = [corners[0]]
    for corner in [*corners[1:], corners[0]]:
        _line_to(points, corner)
    return Stroke(points=tuple(points))


def hexagon(box: Box, cut: float) -> Stroke:
    """A box whose left and right sides come to a point, ``cut`` pixels deep."""
    left, right, middle = box.x, box.x + box.width, box.y + box.height / 2
    bottom = box.y + box.height
    return polygon(
        [
            Point(left + cut, box.y),
            Point(right - cut, box.y),
            Point(right, middle),
            Point(right - cut, bottom),
            Point(left + cut, bottom),
            Point(left, middle),
        ]
    )


def octagon(box: Box, cut: float) -> Stroke:
    """A box whose corners are cut off straight, ``cut`` pixels from each corner."""
    left, right, top, bottom = box.x, box.x + box.width, box.y, box.y + box.height
    return polygon(
        [
            Point(left + cut, top),
            Point(right - cut, top),
            Point(right, top + cut),
            Point(right, bottom - cut),
            Point(right - cut, bottom),
            Point(left + cut, bottom),
            Point(left, bottom - cut),
            Point(left, top + cut),
        ]
    )


def _line_to(points: list[Point], end: Point) -> None:
    points += [points[-1], end, end]
