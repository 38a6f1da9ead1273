"""Every line and word of a graph's picture, placed and named by role; painters decide on colours and syntax."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sfn_notebook.views import cards, palette
from sfn_notebook.views.cards import Card
from sfn_notebook.views.execution import StateSummary
from sfn_notebook.views.geometry import Box, Point, Stroke, hexagon, octagon, rounded
from sfn_notebook.views.graph import Edge, Graph, Node, NodeKind, Region, RegionKind
from sfn_notebook.views.icons import icon_strokes
from sfn_notebook.views.layout import HEAD_LENGTH, Layout, Route
from sfn_notebook.views.typography import TIMES, text_width, visible

_RADIUS: Final = {NodeKind.PASS: 2.0, NodeKind.TASK: 9.0, NodeKind.WAIT: 100.0, NodeKind.SUCCEED: 100.0}
_MARKERS: Final = frozenset({NodeKind.START, NodeKind.END, NodeKind.ENTRY, NodeKind.EXIT})
REGION_RADIUS: Final = 12.0
BADGE_HEIGHT: Final = 17.0
BADGE_TEXT_SIZE: Final = 10.0
BADGE_ICON_SIZE: Final = 9.0
_BADGE_OVERHANG: Final = 9.0
_TIP_HALF_WIDTH: Final = 3.2


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A filled outline; ``form`` is ``rounded``, ``hexagon`` or ``octagon``, ``size`` its radius or cut."""

    role: str
    box: Box
    form: str
    size: float

    @property
    def outline(self) -> Stroke:
        """The closed outline."""
        match self.form:
            case "hexagon":
                return hexagon(self.box, self.size)
            case "octagon":
                return octagon(self.box, self.size)
            case _:
                return rounded(self.box, self.size)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """Strokes that are not filled."""

    role: str
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tip:
    """The head of an arrow: a filled triangle."""

    role: str
    corners: tuple[Point, Point, Point]


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """One line of text; ``centre_y`` is its vertical middle, ``width`` the room it was given."""

    role: str
    text: str
    x: float
    centre_y: float
    size: float
    width: float
    bold: bool = False
    anchor: str = "start"


Item = Shape | Lines | Tip | Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """What belongs to one node, region or edge; ``region`` is the id of the region around it, or empty.

    ``badge_at`` is the badge's top right corner, for states only; ``edit`` tells that a person replaced a payload.
    """

    id: str
    layer: str
    kind: str
    items: tuple[Item, ...]
    pointer: str = ""
    name: str = ""
    spoken: str = ""
    tooltip: str = ""
    status: str = ""
    badge: tuple[Item, ...] = ()
    badge_at: Point | None = None
    edit: tuple[Item, ...] = ()
    source: str = ""
    target: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """The whole picture, back to front: regions, arrows, boxes. ``has_run`` tells whether it shows an execution.

    ``spoken`` is what a screen reader says of it, for a picture of something else than a state machine.
    """

    title: str
    width: float
    height: float
    groups: tuple[Group, ...]
    has_run: bool
    spoken: str = ""


def scene_of(graph: Graph, layout: Layout, statuses: Mapping[str, StateSummary] | None = None) -> Scene:
    """Place everything; ``statuses`` by pointer colours the states that were entered."""
    known = statuses or {}
    groups = [
        *(_region_group(region, layout.boxes[region.id], known.get(region.pointer)) for region in graph.regions),
        *(_edge_group(edge, layout) for edge in graph.edges),
        *(_node_group(node, layout.boxes[node.id], known.get(node.pointer)) for node in graph.nodes),
    ]
    return Scene(
        title=visible(graph.title),
        width=layout.width,
        height=layout.height,
        groups=tuple(groups),
        has_run=statuses is not None,
    )


def _node_group(node: Node, box: Box, summary: StateSummary | None) -> Group:
    card = cards.card_of(node)
    if node.kind in _MARKERS:
        items = _marker_items(node, box)
        return Group(
            id=node.id, layer="node", kind=node.kind, items=items, name=node.name, spoken=node.name, region=node.region
        )
    lines = len(card.name_lines) * cards.NAME_LINE + (cards.DETAIL_LINE if card.detail or card.retry else 0)
    top = box.centre.y - lines / 2
    left = box.x + card.text_left
    icon = icon_strokes(
        node.icon, left - cards.ICON_GAP - cards.ICON_SIZE, box.centre.y - cards.ICON_SIZE / 2, cards.ICON_SIZE
    )
    corner = Point(box.x + box.width + _BADGE_OVERHANG, box.y - BADGE_HEIGHT / 2)
    return Group(
        id=node.id,
        layer="node",
        kind=node.kind,
        items=(_outline(node.kind, box), Lines(role="icon", strokes=icon), *_texts(card, left, top)),
        pointer=node.pointer,
        name=visible(node.name),
        spoken=f"{node.kind} state {visible(node.name)}",
        tooltip=node.tooltip,
        status=summary.status if summary else "",
        badge=badge_items(summary, corner) if summary else (),
        badge_at=corner,
        edit=edit_items(box) if summary and summary.is_edited else (),
        region=node.region,
    )


def _marker_items(node: Node, box: Box) -> tuple[Item, ...]:
    match node.kind:
        case NodeKind.ENTRY | NodeKind.EXIT:
            return (Shape(role="point", box=box, form="rounded", size=box.height / 2),)
        case _:
            words = Words(
                role="marker-text",
                text=node.name,
                x=box.centre.x,
                centre_y=box.centre.y,
                size=cards.LABEL_SIZE,
                width=box.width,
                bold=True,
                anchor="middle",
            )
            return (Shape(role="marker", box=box, form="rounded", size=box.height / 2), words)


def _outline(kind: NodeKind, box: Box) -> Shape:
    match kind:
        case NodeKind.CHOICE:
            return Shape(role="card", box=box, form="hexagon", size=cards.CUT)
        case NodeKind.FAIL:
            return Shape(role="card", box=box, form="octagon", size=cards.CUT * 0.75)
        case _:
            return Shape(role="card", box=box, form="rounded", size=min(_RADIUS[kind], box.height / 2))


def _texts(card: Card, left: float, top: float) -> tuple[Item, ...]:
    items: list[Item] = []
    for line in card.name_lines:
        middle = top + cards.NAME_LINE / 2
        width = text_width(line, cards.NAME_SIZE, bold=True)
        items.append(
            Words(role="name", text=line, x=left, centre_y=middle, size=cards.NAME_SIZE, width=width, bold=True)
        )
        top += cards.NAME_LINE
    middle = top + cards.DETAIL_LINE / 2
    detail_width = text_width(card.detail, cards.DETAIL_SIZE)
    if card.detail:
        items.append(
            Words(role="detail", text=card.detail, x=left, centre_y=middle, size=cards.DETAIL_SIZE, width=detail_width)
        )
    if card.retry:
        at = left + (detail_width + 10 if card.detail else 0)
        size = cards.RETRY_ICON_SIZE
        items.append(Lines(role="retry-icon", strokes=icon_strokes("retry", at, middle - size / 2, size)))
        width = text_width(card.retry, cards.DETAIL_SIZE)
        items.append(
            Words(role="retry", text=card.retry, x=at + size + 3, centre_y=middle, size=cards.DETAIL_SIZE, width=width)
        )
    return tuple(items)


def _region_group(region: Region, box: Box, summary: StateSummary | None) -> Group:
    panel = Shape(role="panel", box=box, form="rounded", size=REGION_RADIUS)
    if region.kind is RegionKind.BRANCH:
        return Group(
            id=region.id,
            layer="region",
            kind=region.kind,
            items=(panel,),
            tooltip=region.tooltip,
            region=region.parent,
        )
    card = cards.header_of(region)
    left = box.x + cards.PADDING + card.text_left
    icon = icon_strokes(region.kind, box.x + cards.PADDING, box.y + 15, cards.ICON_SIZE)
    corner = Point(box.x + box.width + _BADGE_OVERHANG, box.y - BADGE_HEIGHT / 2)
    return Group(
        id=region.id,
        layer="region",
        kind=region.kind,
        items=(panel, Lines(role="icon", strokes=icon), *_texts(card, left, box.y + 9)),
        pointer=region.pointer,
        name=visible(region.name),
        spoken=f"{region.kind.replace('-', ' ')} state {visible(region.name)}",
        tooltip=region.tooltip,
        status=summary.status if summary else "",
        badge=badge_items(summary, corner) if summary else (),
        badge_at=corner,
        edit=edit_items(box) if summary and summary.is_edited else (),
        region=region.parent,
    )


def _edge_group(edge: Edge, layout: Layout) -> Group:
    routes = list(layout.routes.get(edge.id, ()))
    if edge.leaves and routes:
        routes[0] = routes[0].leaving(layout.boxes[edge.leaves])
    if edge.enters and routes:
        routes[-1] = routes[-1].entering(layout.boxes[edge.enters])
    items: list[Item] = [Lines(role="line", strokes=tuple(_to_tip(route) for route in routes))]
    items += [Tip(role="tip", corners=_tip_corners(route)) for route in routes if route.tip is not None]
    if edge.label:
        label, box = cards.label_of(edge), layout.boxes[edge.id]
        items.append(Shape(role="label", box=box, form="rounded", size=min(10.0, box.height / 2)))
        middle = box.centre.y - (len(label.lines) - 1) * cards.LABEL_LINE / 2
        for line in label.lines:
            items.append(
                Words(
                    role="label-text",
                    text=line,
                    x=box.centre.x,
                    centre_y=middle,
                    size=cards.LABEL_SIZE,
                    width=text_width(line, cards.LABEL_SIZE),
                    anchor="middle",
                )
            )
            middle += cards.LABEL_LINE
    return Group(
        id=edge.id,
        layer="edge",
        kind=edge.kind,
        items=tuple(items),
        tooltip=edge.tooltip,
        source=edge.leaves or edge.source,
        target=edge.enters or edge.target,
        region=edge.region,
    )


def _to_tip(route: Route) -> Stroke:
    """The line, led into the middle of the arrow's head so that no gap shows."""
    if route.tip is None:
        return route.stroke
    end = route.stroke.points[-1]
    inside = Point((end.x + route.tip.x) / 2, (end.y + route.tip.y) / 2)
    return Stroke(points=(*route.stroke.points, end, inside, inside))


def _tip_corners(route: Route) -> tuple[Point, Point, Point]:
    end = route.stroke.points[-1]
    tip = route.tip or end
    away_x, away_y = end.x - tip.x, end.y - tip.y
    length = (away_x**2 + away_y**2) ** 0.5 or 1.0
    unit_x, unit_y = away_x / length, away_y / length
    base = Point(tip.x + unit_x * HEAD_LENGTH, tip.y + unit_y * HEAD_LENGTH)
    side_x, side_y = -unit_y * _TIP_HALF_WIDTH, unit_x * _TIP_HALF_WIDTH
    return (tip, Point(base.x + side_x, base.y + side_y), Point(base.x - side_x, base.y - side_y))


def badge_text(summary: StateSummary) -> str:
    """What a state's badge says: ``Succeeded``, ``Succeeded, try 3``, ``Failed 3 of 40``."""
    word = palette.STATUS_WORDS.get(summary.status, summary.status.capitalize())
    iterations = sum(summary.counts.values())
    here = summary.counts.get(summary.status, 0)
    if iterations > 1 and here < iterations:
        return f"{word} {here:,} of {iterations:,}"
    if summary.visits > 1:
        return f"{word} {summary.visits:,}{TIMES}"
    if summary.attempts > 1:
        return f"{word}, try {summary.attempts}"
    return word


def edit_items(box: Box) -> tuple[Item, ...]:
    """A pill with a pencil and a word, at the lower left corner of ``box``, which no badge uses."""
    text, size = "edited", BADGE_ICON_SIZE
    width = text_width(text, BADGE_TEXT_SIZE, bold=True)
    pill = Box(
        x=box.x - _BADGE_OVERHANG, y=box.y + box.height - BADGE_HEIGHT / 2, width=width + 28, height=BADGE_HEIGHT
    )
    return (
        Shape(role="edit", box=pill, form="rounded", size=BADGE_HEIGHT / 2),
        Lines(role="edit-icon", strokes=icon_strokes("edited", pill.x + 8, pill.centre.y - size / 2, size)),
        Words(
            role="edit-text",
            text=text,
            x=pill.x + 20,
            centre_y=pill.centre.y,
            size=BADGE_TEXT_SIZE,
            width=width,
            bold=True,
        ),
    )


def badge_items(summary: StateSummary, corner: Point) -> tuple[Item, ...]:
    """A pill with icon and word, its top right corner at ``corner``."""
    text = badge_text(summary)
    width = text_width(text, BADGE_TEXT_SIZE, bold=True)
    box = Box(x=corner.x - width - 28, y=corner.y, width=width + 28, height=BADGE_HEIGHT)
    size = BADGE_ICON_SIZE
    icon = palette.STATUS_ICONS.get(summary.status, "running")
    return (
        Shape(role="badge", box=box, form="rounded", size=BADGE_HEIGHT / 2),
        Lines(role="badge-icon", strokes=icon_strokes(icon, box.x + 8, box.centre.y - size / 2, size)),
        Words(
            role="badge-text",
            text=text,
            x=corner.x - 8,
            centre_y=box.centre.y,
            size=BADGE_TEXT_SIZE,
            width=width,
            bold=True,
            anchor="end",
        ),
    )
