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


def cut_before_leaving(points: tuple[Point, ...], box: Box) -> tuple[Point, ...]:
    """Drop the part of a chain of cubics that lies inside ``box`` before its last way out.

    The chain comes back unchanged if it never leaves the box, or never was inside.
    """
    pieces = [points[index : index + 4] for index in range(0, len(points) - 3, 3)]
    for index in range(len(pieces) - 1, -1, -1):
        if _inside(pieces[index][0], box) and not _inside(pieces[index][3], box):
            first = _after(pieces[index], _way_out(pieces[index], box))
            return first + tuple(point for piece in pieces[index + 1 :] for point in piece[1:])
    return points


def _inside(point: Point, box: Box) -> bool:
    return box.x <= point.x <= box.x + box.width and box.y <= point.y <= box.y + box.height


def _way_out(piece: tuple[Point, ...], box: Box) -> float:
    low, high = 0.0, 1.0
    # Twenty halvings place the border to a millionth of the piece.
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if _inside(_after(piece, middle)[0], box) else (low, middle)
    return high


def _after(piece: tuple[Point, ...], share: float) -> tuple[Point, ...]:
    """The rest of one cubic from ``share`` (0 to 1) on, by de Casteljau's construction."""
    first, second, third, fourth = piece
    ab, bc, cd = _between(first, second, share), _between(second, third, share), _between(third, fourth, share)
    abc, bcd = _between(ab, bc, share), _between(bc, cd, share)
    return (_between(abc, bcd, share), bcd, cd, fourth)


def _between(one: Point, other: Point, share: float) -> Point:
    return Point(one.x + (other.x - one.x) * share, one.y + (other.y - one.y) * share)
