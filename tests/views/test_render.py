import json
import shutil
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sfn_notebook.asl import model
from sfn_notebook.views import engines, palette, render
from sfn_notebook.views.dot import dot_source, layout_source
from sfn_notebook.views.engines import run_graphviz
from sfn_notebook.views.execution import WAITING, view_execution
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.typography import visible
from tests.views.machines import definition_of, order_machine, order_run, region_machine

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"'\\N\\G &amp; {a|b} \u202etxt"


@pytest.fixture(params=["dot", "pygraphviz"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Each engine in turn; the wheel's is used when ``dot`` is not on PATH."""
    name = str(request.param)
    if name == "pygraphviz":
        monkeypatch.setenv("PATH", str(tmp_path))
    elif not shutil.which("dot"):
        pytest.skip("no dot program on PATH")
    render._layout_of_source.cache_clear()
    yield name
    render._layout_of_source.cache_clear()


def _states(svg: str) -> dict[str, ET.Element]:
    found = ET.fromstring(svg).iter(f"{SVG}g")  # noqa: S314 - our own output
    return {each.attrib["data-name"]: each for each in found if "data-pointer" in each.attrib}


def _texts(element: ET.Element) -> list[str]:
    return [each.text or "" for each in element.iter(f"{SVG}text")]


@pytest.mark.usefixtures("engine")
def test_every_state_can_be_found_reached_and_read() -> None:
    states = _states(render.svg(graph_of(order_machine(), title="OrderFlow")))
    assert set(states) == set(order_machine().states)
    charge = states["Charge card"]
    assert charge.attrib["data-pointer"] == "/States/Charge card"
    assert (charge.attrib["role"], charge.attrib["tabindex"]) == ("button", "0")
    assert charge.attrib["aria-label"] == "task state Charge card"
    assert _texts(charge) == ["Charge card", "charge_card", "3\N{MULTIPLICATION SIGN}"]


@pytest.mark.usefixtures("engine")
def test_the_picture_is_one_element_that_refers_to_nothing_outside() -> None:
    svg = render.svg(graph_of(region_machine(), title="Regions"))
    assert svg.startswith("<svg ")
    root = ET.fromstring(svg)  # noqa: S314 - our own output
    assert "viewBox" in root.attrib
    ids = [each.attrib["id"] for each in root.iter() if "id" in each.attrib]
    assert len(set(ids)) == len(ids) > 10
    assert not [each.tag for each in root.iter() if each.tag.removeprefix(SVG) in ("script", "image", "use", "a")]
    assert not [name for each in root.iter() for name in each.attrib if name.endswith("href") or name.startswith("on")]
    assert "url(" not in svg


@pytest.mark.usefixtures("engine")
def test_the_same_graph_gives_the_same_bytes() -> None:
    first = render.svg(graph_of(order_machine(), title="OrderFlow"))
    render._layout_of_source.cache_clear()
    assert render.svg(graph_of(order_machine(), title="OrderFlow")) == first


@pytest.mark.usefixtures("engine")
def test_texts_stay_inside_their_boxes_and_boxes_apart() -> None:
    for machine in (order_machine(), region_machine()):
        graph = graph_of(machine, title="M")
        layout = render.layout(graph)
        boxes = [layout.boxes[node.id] for node in graph.nodes]
        for index, box in enumerate(boxes):
            assert box.x >= 0
            assert box.x + box.width <= layout.width
            for other in boxes[index + 1 :]:
                apart_x = box.x + box.width <= other.x or other.x + other.width <= box.x
                apart_y = box.y + box.height <= other.y or other.y + other.height <= box.y
                assert apart_x or apart_y


@pytest.mark.usefixtures("engine")
def test_the_way_forward_goes_down() -> None:
    loop: list[model.State] = [
        model.WaitState(name="Wait", pointer="/States/Wait", seconds=1, next_state="Poll"),
        model.TaskState(name="Poll", pointer="/States/Poll", resource="poll", next_state="Ready?"),
        model.ChoiceState(
            name="Ready?",
            pointer="/States/Ready?",
            choices=(
                model.ChoiceRule(
                    condition=model.Comparison(variable="$.ready", operator="BooleanEquals", operand=False),
                    next_state="Wait",
                ),
            ),
            default="Done",
        ),
        model.SucceedState(name="Done", pointer="/States/Done"),
    ]
    graph = graph_of(definition_of(loop), title="Loop")
    layout = render.layout(graph)
    assert [layout.boxes[node.id].y for node in graph.nodes] == sorted(layout.boxes[node.id].y for node in graph.nodes)
    back = next(edge for edge in graph.edges if edge.target == "n1" and edge.label)
    tips = [route.tip for route in layout.routes[back.id] if route.tip is not None]
    assert len(tips) == 1
    wait = layout.boxes["n1"]
    assert wait.y - 2 <= tips[0].y <= wait.y + wait.height + 2


@pytest.mark.usefixtures("engine")
def test_an_execution_colours_its_states_with_icon_and_word() -> None:
    graph = graph_of(order_machine(), title="OrderFlow")
    states = _states(render.svg(graph, view_execution(order_run()).states))
    assert states["Charge card"].attrib["data-status"] == "SUCCEEDED"
    assert states["Charge card"].attrib["aria-label"] == "task state Charge card, Succeeded"
    assert "Succeeded, try 3" in _texts(states["Charge card"])
    assert "data-status" not in states["Refund"].attrib


@pytest.mark.usefixtures("engine")
def test_what_waits_and_what_a_person_changed_is_told_by_icon_word_and_speech() -> None:
    graph = graph_of(order_machine(), title="OrderFlow")
    known = view_execution(order_run()).states
    waits = replace(known["/States/Charge card"], status=WAITING, counts={WAITING: 1}, attempts=1)
    edited = replace(known["/States/Check stock"], is_edited=True)
    statuses = {**known, "/States/Charge card": waits, "/States/Check stock": edited}
    states = _states(render.svg(graph, statuses))
    assert states["Charge card"].attrib["data-status"] == "WAITING"
    assert states["Charge card"].attrib["aria-label"] == "task state Charge card, Waiting"
    assert "Waiting" in _texts(states["Charge card"])
    assert states["Check stock"].attrib["aria-label"] == "task state Check stock, Succeeded, edited by hand"
    assert _texts(states["Check stock"])[-1] == "edited"
    assert not any("edited" in _texts(states[name]) for name in states if name != "Check stock")
    assert render.png(graph, statuses) != render.png(
        graph, {**statuses, "/States/Check stock": known["/States/Check stock"]}
    )


def _png_size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_png_shows_the_same_picture_at_twice_the_size(engine: str, capfd: pytest.CaptureFixture[str]) -> None:
    graph = graph_of(order_machine(), title="OrderFlow")
    layout = render.layout(graph)
    plain = render.png(graph)
    width, height = _png_size(plain)
    assert abs(width - 2 * layout.width) <= 8, engine
    assert abs(height - 2 * layout.height) <= 8, engine
    assert render.shown_size(plain) == {"width": round(width / 2), "height": round(height / 2)}
    assert render.png(graph) == plain
    assert render.png(graph, view_execution(order_run()).states) != plain
    # What Graphviz's libraries think of this machine's fonts would stand in a notebook's output.
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("engine")
def test_hostile_names_are_text_in_every_picture() -> None:
    inner = model.PassState(name=HOSTILE, pointer="/States/P/Branches/0/States/x")
    branch = model.Branch(start_at=HOSTILE, states={HOSTILE: inner}, pointer="/States/P/Branches/0")
    states: list[model.State] = [
        model.TaskState(
            name=HOSTILE,
            pointer="/States/" + HOSTILE,
            resource=HOSTILE,
            comment=HOSTILE,
            next_state="P",
            catch=(model.Catcher(error_equals=(HOSTILE,), next_state="P"),),
        ),
        model.ParallelState(name="P", pointer="/States/P", branches=(branch,), comment=HOSTILE),
    ]
    graph = graph_of(definition_of(states), title=HOSTILE)
    svg = render.svg(graph)
    assert "<script" not in svg
    assert visible(HOSTILE) in _states(svg)
    assert visible(HOSTILE)[:12] in _texts(_states(svg)[visible(HOSTILE)])[0]
    assert _png_size(render.png(graph))
    # The readable DOT must still be DOT.
    assert b"<script" not in run_graphviz(dot_source(graph), task=engines.LAYOUT, output="svg")


@settings(max_examples=40, deadline=None)
@example("\x00\ud800\uffff")
@example("]]>")
@given(st.text(min_size=1, max_size=80))
def test_any_name_gives_a_readable_picture(name: str) -> None:
    state = model.PassState(name=name, pointer=f"/States/{name}")
    svg = render.svg(graph_of(definition_of([state]), title=name))
    assert svg.encode("utf-8")
    # XML readers turn no character of a name into another one.
    assert set(_states(svg)) == {visible(name)}


def test_layout_is_computed_once_for_a_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    render._layout_of_source.cache_clear()
    calls = []

    def counting(source: str, *, task: str, output: str) -> bytes:
        calls.append(task)
        return run_graphviz(source, task=task, output=output)

    monkeypatch.setattr(render, "run_graphviz", counting)
    graph = graph_of(order_machine(), title="OrderFlow")
    render.svg(graph)
    render.svg(graph_of(order_machine(), title="Another title"), view_execution(order_run()).states)
    assert calls == [engines.LAYOUT]


def test_without_any_engine_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    render._layout_of_source.cache_clear()
    with pytest.raises(engines.NoGraphvizError, match="pip install pygraphviz"):
        render.svg(graph_of(order_machine(), title="OrderFlow"))


def test_layout_source_holds_no_text_of_the_definition() -> None:
    source = layout_source(graph_of(order_machine(), title="OrderFlow"))
    assert "Charge" not in source
    assert "fraud" not in source


def test_readable_dot_names_states_conditions_and_errors() -> None:
    source = dot_source(graph_of(order_machine(), title="OrderFlow"))
    for text in ("Charge card", "fraud.score > 80", "CardDeclined", "dashed", "↻ 3"):
        assert text in source


def test_a_large_machine_is_laid_out_within_bounds() -> None:
    states = [
        model.PassState(
            name=f"S{index}", pointer=f"/States/S{index}", next_state=f"S{index + 1}" if index < 999 else None
        )
        for index in range(1000)
    ]
    graph = graph_of(definition_of(states), title="Chain")
    assert len(_states(render.svg(graph, standalone=False))) == 1000
    assert max(_png_size(render.png(graph))) <= 16_100


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("status", palette.STATUS_ACCENTS)
def test_badges_are_readable_and_statuses_have_words_and_icons(status: str) -> None:
    # WCAG 2, level AA, for small text.
    assert _contrast(palette.ON_ACCENT, palette.STATUS_ACCENTS[status]) >= 4.5
    assert palette.STATUS_WORDS[status]
    assert palette.STATUS_ICONS[status]


def test_status_icons_differ_where_colours_repeat() -> None:
    looks = {(colour, palette.STATUS_ICONS[status]) for status, colour in palette.STATUS_ACCENTS.items()}
    assert len(looks) == len(palette.STATUS_ACCENTS)


DEFINITIONS = Path(__file__).resolve().parents[2] / ".." / "shared" / "definitions"


def _definition_files() -> list[Path]:
    if not DEFINITIONS.is_dir():
        return []
    return [
        DEFINITIONS / entry["file"] for entry in json.loads((DEFINITIONS / "index.json").read_text(encoding="utf-8"))
    ]


@pytest.mark.skipif(not DEFINITIONS.is_dir(), reason="../shared/definitions is not beside this checkout")
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("path", _definition_files(), ids=lambda path: path.name)
def test_real_machines_draw(path: Path) -> None:
    from sfn_notebook.asl.parser import parse_definition

    definition = parse_definition(path.read_text(encoding="utf-8"), name=path.stem)
    graph = graph_of(definition, title=path.stem)
    states = _states(render.svg(graph))
    assert {visible(name) for name in graph.state_names().values()} == set(states)
    assert set(definition.states) <= set(graph.state_names().values())
