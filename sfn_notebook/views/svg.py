"""A scene as an SVG document: built as a tree, never from strings, so that no name can become markup."""

from importlib.resources import files
from typing import Final, assert_never
from xml.etree import ElementTree as ET

from sfn_notebook.views import palette
from sfn_notebook.views.geometry import Stroke, number, path_data
from sfn_notebook.views.scene import Group, Item, Lines, Scene, Shape, Tip, Words
from sfn_notebook.views.typography import FONT_STACK, visible
from sfn_notebook.views.wording import EDITED

_NAMESPACE: Final = "http://www.w3.org/2000/svg"
# Distance from the middle of a line of capitals and x-heights down to its baseline, in font sizes.
_BASELINE: Final = 0.35
_LAYERS: Final = ("region", "edge", "node")


def graph_css() -> str:
    """The stylesheet of a graph: the palette as variables, then the rules; a theme's ``--jp-*`` variables win."""
    rules = (files("sfn_notebook.views") / "static" / "graph.css").read_text(encoding="utf-8")
    fonts = f".sfn-graph {{ font-family: {FONT_STACK}; }}\n.sfn-graph, .sfn-view {{ {palette.css_variables()} }}\n"
    return fonts + rules


def write_svg(scene: Scene, *, standalone: bool = True, css: str = "") -> str:
    """Write the scene; standalone adds the stylesheet and an opaque ground, for places that bring neither.

    ``css`` are the rules of what only this kind of picture has.
    """
    root = ET.Element(
        "svg",
        {
            "xmlns": _NAMESPACE,
            "class": "sfn-graph sfn-has-run" if scene.has_run else "sfn-graph",
            "viewBox": f"0 0 {number(scene.width)} {number(scene.height)}",
            "width": number(scene.width),
            "height": number(scene.height),
            "role": "group",
            "aria-label": scene.spoken or f"State machine {scene.title}",
        },
    )
    if standalone:
        ET.SubElement(root, "style").text = graph_css() + css
        ground = {"class": "sfn-ground", "width": "100%", "height": "100%", "rx": "10"}
        ET.SubElement(root, "rect", ground)
    for layer in _LAYERS:
        parent = ET.SubElement(root, "g", {"class": f"sfn-{layer}s"})
        for group in scene.groups:
            if group.layer == layer:
                _write_group(parent, group)
    return ET.tostring(root, encoding="unicode")


def _write_group(parent: ET.Element, group: Group) -> None:
    element = ET.SubElement(parent, "g", _group_attributes(group))
    if group.tooltip:
        ET.SubElement(element, "title").text = "\n".join(visible(line) for line in group.tooltip.split("\n"))
    for item in group.items:
        _write_item(element, item)
    if group.badge_at is not None:
        place = {"data-x": number(group.badge_at.x), "data-y": number(group.badge_at.y)}
        badge = ET.SubElement(element, "g", {"class": "sfn-mark", "aria-hidden": "true", **place})
        for item in group.badge:
            _write_item(badge, item)
    if group.edit:
        edit = ET.SubElement(element, "g", {"class": "sfn-edit-mark", "aria-hidden": "true"})
        for item in group.edit:
            _write_item(edit, item)


def _group_attributes(group: Group) -> dict[str, str]:
    attributes = {"class": f"sfn-{group.layer} sfn-kind-{group.kind}", "id": f"sfn-{group.id}"}
    if group.pointer:
        status = palette.STATUS_WORDS.get(group.status, group.status)
        attributes |= {
            "data-pointer": visible(group.pointer),
            "data-name": group.name,
            "role": "button",
            "tabindex": "0",
            "aria-label": ", ".join(filter(None, [group.spoken, status, EDITED if group.edit else ""])),
        }
    if group.status:
        attributes["data-status"] = group.status
    if group.source:
        attributes |= {"data-from": group.source, "data-to": group.target}
    if group.region:
        attributes["data-region"] = group.region
    return attributes


def _write_item(parent: ET.Element, item: Item) -> None:
    role = f"sfn-{item.role}"
    match item:
        case Shape():
            ET.SubElement(parent, "path", {"class": role, "d": path_data(item.outline) + "Z"})
        case Lines():
            ET.SubElement(parent, "path", {"class": role, "d": "".join(map(path_data, item.strokes))})
        case Tip():
            first, second, third = (f"{number(each.x)} {number(each.y)}" for each in item.corners)
            ET.SubElement(parent, "path", {"class": role, "d": f"M{first}L{second}L{third}Z"})
        case Words():
            _write_words(parent, role, item)
        case _:
            assert_never(item)


def _write_words(parent: ET.Element, role: str, words: Words) -> None:
    attributes = {
        "class": role,
        "x": number(words.x),
        "y": number(words.centre_y + words.size * _BASELINE),
        "font-size": number(words.size),
        # The room that was reserved: a page whose font is wider than Helvetica squeezes the text into it.
        "data-room": number(words.width),
    }
    if words.bold:
        attributes["font-weight"] = "600"
    if words.anchor != "start":
        attributes["text-anchor"] = words.anchor
    ET.SubElement(parent, "text", attributes).text = words.text


def icon_path(strokes: tuple[Stroke, ...]) -> str:
    """Path data of an icon, for a page that draws icons itself."""
    return "".join(map(path_data, strokes))
