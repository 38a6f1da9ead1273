"""Line icons as paths on a 16 by 16 grid; it knows neither where they stand nor their colour.

Paths use only the absolute commands M, L, C and Z, so that every painter can transform them.
"""

from typing import Final

from sfn_notebook.views.geometry import Point, Stroke

ICONS: Final = {
    "function": "M3.5 3 L5 3 C6.3 3 6.8 3.8 7.2 4.9 L9.7 11.2 C10.2 12.4 10.8 13 12 13 L12.8 13 M7.4 5.6 L3.6 13",
    "service": "M8 2 L13.4 5 L13.4 11 L8 14 L2.6 11 L2.6 5 Z M2.6 5 L8 8 L13.4 5 M8 8 L8 14",
    "pass": "M2.5 8 L13 8 M9 4 L13 8 L9 12",
    "choice": "M8 2 L8 5 M8 5 C8 8.5 3.5 7 3.5 12.5 M8 5 C8 8.5 12.5 7 12.5 12.5 M1.7 10.5 L3.5 13 L5.4 10.5 "
    "M10.6 10.5 L12.5 13 L14.3 10.5",
    "wait": "M14 8 C14 11.3 11.3 14 8 14 C4.7 14 2 11.3 2 8 C2 4.7 4.7 2 8 2 C11.3 2 14 4.7 14 8 Z "
    "M8 4.6 L8 8 L10.6 9.6",
    "succeed": "M3 8.6 L6.4 12 L13 4.6",
    "fail": "M4 4 L12 12 M12 4 L4 12",
    "parallel": "M3.5 3 L3.5 13 M8 3 L8 13 M12.5 3 L12.5 13",
    "map": "M2.5 2.5 L6.8 2.5 L6.8 6.8 L2.5 6.8 Z M9.2 2.5 L13.5 2.5 L13.5 6.8 L9.2 6.8 Z "
    "M2.5 9.2 L6.8 9.2 L6.8 13.5 L2.5 13.5 Z M9.2 9.2 L13.5 9.2 L13.5 13.5 L9.2 13.5 Z",
    "retry": "M13.2 8 C13.2 10.9 10.9 13.2 8 13.2 C5.1 13.2 2.8 10.9 2.8 8 C2.8 5.1 5.1 2.8 8 2.8 "
    "C9.9 2.8 11.5 3.8 12.5 5.4 M13 2.4 L12.7 5.7 L9.5 5.3",
    "running": "M5.2 3.6 L12 8 L5.2 12.4 Z",
    "hourglass": "M3.5 2.5 L12.5 2.5 L3.5 13.5 L12.5 13.5 Z",
    "edited": "M11.3 2.5 L13.5 4.7 L5.4 12.8 L2.5 13.5 L3.2 10.6 Z M9.5 4.3 L11.7 6.5",
    "caught": "M3 3.5 L3 9.5 L12.5 9.5 M9.3 6.2 L12.7 9.5 L9.3 12.8",
    "notebook": "M3.5 2 L12.5 2 L12.5 14 L3.5 14 Z M6 2 L6 14 M8.4 5.4 L10.4 5.4 M8.4 8 L10.4 8",
    "queue": "M1.8 4.4 L14.2 4.4 L14.2 11.6 L1.8 11.6 Z M6 4.4 L6 11.6 M10 4.4 L10 11.6",
    "topic": "M2.5 8 L7 8 M7 8 L12.5 3.5 M7 8 L13.5 8 M7 8 L12.5 12.5 "
    "M11 3.2 L12.7 3.3 L12.4 5 M12 6.6 L13.5 8 L12 9.4",
    "bus": "M2 8 L14 8 M4.5 8 L4.5 3.5 M8 8 L8 12.5 M11.5 8 L11.5 3.5 M3.2 5 L4.5 3.5 L5.8 5 M6.7 11 L8 12.5 L9.3 11",
    "bucket": "M2.6 4 C2.6 2.2 13.4 2.2 13.4 4 C13.4 5.8 2.6 5.8 2.6 4 Z "
    "M2.6 4 L4.4 13.2 C6 14.2 10 14.2 11.6 13.2 L13.4 4",
    "table": "M2.4 3.2 L13.6 3.2 L13.6 12.8 L2.4 12.8 Z M2.4 6.4 L13.6 6.4 M2.4 9.6 L13.6 9.6 M6.2 6.4 L6.2 12.8",
    "api": "M8 2 C11.3 2 14 4.7 14 8 C14 11.3 11.3 14 8 14 C4.7 14 2 11.3 2 8 C2 4.7 4.7 2 8 2 Z "
    "M2 8 L14 8 M8 2 C5.4 4.6 5.4 11.4 8 14 M8 2 C10.6 4.6 10.6 11.4 8 14",
    "others": "M3 8 L4 8 M7.5 8 L8.5 8 M12 8 L13 8",
    "aborted": "M4.2 4.2 L11.8 4.2 L11.8 11.8 L4.2 11.8 Z",
}
ICONS["distributed-map"] = ICONS["map"]
GRID: Final = 16.0


def icon_strokes(name: str, x: float, y: float, size: float) -> tuple[Stroke, ...]:
    """The icon's lines with its top left corner at ``x``, ``y``, scaled to ``size`` pixels."""
    return tuple(_placed(stroke, x, y, size / GRID) for stroke in parse_path(ICONS[name]))


def _placed(stroke: Stroke, x: float, y: float, scale: float) -> Stroke:
    return Stroke(points=tuple(Point(x + point.x * scale, y + point.y * scale) for point in stroke.points))


def parse_path(path: str) -> tuple[Stroke, ...]:
    """Read a path of M, L, C and Z as strokes of cubic curves."""
    words = path.replace("M", " M ").replace("L", " L ").replace("C", " C ").replace("Z", " Z ").split()
    strokes: list[list[Point]] = []
    index = 0
    while index < len(words):
        command = words[index]
        count = {"M": 2, "L": 2, "C": 6, "Z": 0}[command]
        numbers = [float(word) for word in words[index + 1 : index + 1 + count]]
        points = [Point(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
        index += 1 + count
        if command == "M":
            strokes.append(points)
        elif command == "C":
            strokes[-1] += points
        else:
            target = points[0] if points else strokes[-1][0]
            strokes[-1] += [strokes[-1][-1], target, target]
    return tuple(Stroke(points=tuple(each)) for each in strokes)
