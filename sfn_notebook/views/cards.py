"""What is written on each box of a graph and how large the box must be; nothing of where it stands."""

import math
from dataclasses import dataclass
from typing import Final

from sfn_notebook.views.graph import Edge, Node, NodeKind, Region
from sfn_notebook.views.typography import shorten, text_width, visible, wrap

NAME_SIZE: Final = 13.0
DETAIL_SIZE: Final = 11.0
LABEL_SIZE: Final = 11.0
ICON_SIZE: Final = 16.0
RETRY_ICON_SIZE: Final = 10.0
NAME_LINE: Final = 16.0
DETAIL_LINE: Final = 15.0
LABEL_LINE: Final = 13.0
PADDING: Final = 14.0
ICON_GAP: Final = 10.0
CUT: Final = 14.0
HEADER_HEIGHT: Final = 40.0
MARKER_SIZE: Final = (58.0, 24.0)
POINT_SIZE: Final = 7.0

_NARROWEST: Final = 210.0
_TEXT_WIDTH: Final = 236.0
_HEADER_WIDTH: Final = 300.0
_LABEL_WIDTH: Final = 210.0
_VERTICAL_PADDING: Final = 11.0
_RETRY_GAP: Final = 10.0
_STEP: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """The text of a state's box, already cut to size, and the box's size in pixels."""

    name_lines: tuple[str, ...]
    detail: str
    retry: str
    width: float
    height: float
    text_left: float


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelBox:
    """The text on an arrow and the size of the pill around it."""

    lines: tuple[str, ...]
    width: float
    height: float


def card_of(node: Node) -> Card:
    """Measure a node; markers and points have fixed sizes."""
    if node.kind in (NodeKind.START, NodeKind.END):
        width, height = MARKER_SIZE
        return Card(name_lines=(node.name,), detail="", retry="", width=width, height=height, text_left=0)
    if node.kind in (NodeKind.ENTRY, NodeKind.EXIT):
        return Card(name_lines=(), detail="", retry="", width=POINT_SIZE, height=POINT_SIZE, text_left=0)
    name_lines = wrap(visible(node.name), _TEXT_WIDTH, NAME_SIZE, bold=True)
    retry_width = retry_mark_width(node.retry)
    detail = shorten(visible(node.detail), _TEXT_WIDTH - retry_width, DETAIL_SIZE)
    # A hexagon's and an octagon's text must stay clear of the cut corners.
    side = PADDING + (CUT * 0.6 if node.kind in (NodeKind.CHOICE, NodeKind.FAIL, NodeKind.WAIT) else 0)
    text_left = side + ICON_SIZE + ICON_GAP
    widest = max(text_width(line, NAME_SIZE, bold=True) for line in name_lines)
    second = text_width(detail, DETAIL_SIZE) + (retry_width if detail else max(0, retry_width - _RETRY_GAP))
    width = text_left + max(widest, second) + side
    lines = len(name_lines) * NAME_LINE + (DETAIL_LINE if detail or node.retry else 0)
    return Card(
        name_lines=name_lines,
        detail=detail,
        retry=node.retry,
        width=max(_NARROWEST, math.ceil(width / _STEP) * _STEP),
        height=lines + 2 * _VERTICAL_PADDING + (2 if len(name_lines) == 1 and not detail else 0),
        text_left=text_left,
    )


def retry_mark_width(retry: str) -> float:
    """Room for the retry mark after the second line, with the gap before it."""
    return _RETRY_GAP + RETRY_ICON_SIZE + 3 + text_width(retry, DETAIL_SIZE) if retry else 0.0


def header_of(region: Region) -> Card:
    """Measure a region's header: the name, and the second line with the retry mark."""
    retry_width = retry_mark_width(region.retry)
    name = shorten(visible(region.name), _HEADER_WIDTH, NAME_SIZE, bold=True)
    detail = shorten(visible(region.detail), _HEADER_WIDTH - retry_width, DETAIL_SIZE)
    text_left = ICON_SIZE + ICON_GAP
    widest = max(text_width(name, NAME_SIZE, bold=True), text_width(detail, DETAIL_SIZE) + retry_width)
    return Card(
        name_lines=(name,),
        detail=detail,
        retry=region.retry,
        width=math.ceil(text_left + widest) + 2 * PADDING,
        height=HEADER_HEIGHT,
        text_left=text_left,
    )


def label_of(edge: Edge) -> LabelBox:
    """Measure the pill on a labelled arrow."""
    lines = wrap(visible(edge.label), _LABEL_WIDTH, LABEL_SIZE)
    widest = max(text_width(line, LABEL_SIZE) for line in lines)
    return LabelBox(lines=lines, width=math.ceil(widest) + 20, height=len(lines) * LABEL_LINE + 8)
