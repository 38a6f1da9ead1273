"""The sequence diagram: complete, the same every time, and harmless whatever the names are."""

from xml.etree import ElementTree as ET

from sfn_notebook.views import sequence_diagram
from sfn_notebook.views.interactions import NOTEBOOK, Interaction, Interactions, Outcome, Party, PartyKind
from sfn_notebook.views.typography import TIMES, visible

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>\"'\\N\\G &amp; {a|b} \u202etxt"


def _call(at: float, source: Party, target: Party, what: str = "call", outcome: Outcome = Outcome.NONE) -> Interaction:
    return Interaction(at_seconds=at, source=source, target=target, what=what, outcome=outcome)


def _function(name: str) -> Party:
    return Party(PartyKind.FUNCTION, name)


def _diagram(*rows: Interaction) -> ET.Element:
    return ET.fromstring(sequence_diagram.svg(Interactions(rows=rows, origin_seconds=0.0)))  # noqa: S314 - our own output


def _texts(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def _steps(root: ET.Element) -> list[ET.Element]:
    return [each for each in root.iter(f"{SVG}g") if "sfn-kind-step" in each.attrib.get("class", "").split()]


def test_parties_steps_and_times_are_all_there() -> None:
    work = _function("work")
    root = _diagram(
        _call(0, NOTEBOOK, work, "event"),
        _call(1, work, work, "attempt", Outcome.FAILED),
        _call(1, work, Party(PartyKind.QUEUE, "dead"), "dead letter"),
    )
    texts = _texts(root)
    assert {"notebook", "work", "function", "dead", "queue", "event", "attempt failed", "dead letter"} <= set(texts)
    assert (texts.count("0 s"), texts.count("1 s")) == (1, 1)
    assert root.attrib["aria-label"].startswith("Who called whom")


def test_a_status_is_a_word_a_sign_and_a_colour() -> None:
    work = _function("work")
    outcomes = (Outcome.SUCCEEDED, Outcome.FAILED, Outcome.THROTTLED, Outcome.NONE)
    whats = ("call", "call", "throttled", "event")
    rows = [_call(0, NOTEBOOK, work, what, each) for what, each in zip(whats, outcomes, strict=True)]
    steps = _steps(_diagram(*rows))
    assert [each.attrib.get("data-status") for each in steps] == ["SUCCEEDED", "FAILED", "RETRYING", None]
    signs = [[one for one in each.iter() if one.attrib.get("class") == "sfn-sign"] for each in steps]
    assert [len(each) for each in signs] == [1, 1, 1, 0]
    assert [_texts(each)[-1] for each in steps] == ["call", "call failed", "throttled", "event"]


def test_a_long_pause_is_short_and_says_how_long_it_was() -> None:
    work = _function("work")
    soon = _diagram(_call(0, NOTEBOOK, work), _call(60, NOTEBOOK, work))
    late = _diagram(_call(0, NOTEBOOK, work), _call(7 * 86_400, NOTEBOOK, work))
    assert "1 min pass" in _texts(soon)
    assert "7 d pass" in _texts(late)
    assert soon.attrib["height"] == late.attrib["height"]


def test_five_thousand_calls_draw_a_small_picture() -> None:
    work = _function("work")
    rows = [_call(number, work, work, "throttled", Outcome.THROTTLED) for number in range(5000)]
    root = _diagram(*rows)
    assert f"throttled {TIMES} 5,000" in _texts(root)
    assert float(root.attrib["height"]) < 250


def test_a_crowd_shares_the_last_lifeline() -> None:
    root = _diagram(*(_call(0, NOTEBOOK, _function(f"f{number}")) for number in range(30)))
    heads = [each for each in root.iter(f"{SVG}g") if each.attrib.get("id", "").startswith("sfn-party-")]
    assert len(heads) == sequence_diagram.MOST_PARTIES
    assert "22 others" in _texts(root)


def test_texts_stay_within_the_picture() -> None:
    long = "a-function-with-a-name-of-sixty-four-characters-which-is-the-most"
    rows = [_call(0, NOTEBOOK, _function(long)), _call(0, _function(long), _function(long), "given up " * 20)]
    root = _diagram(*rows)
    width = float(root.attrib["width"])
    for each in root.iter(f"{SVG}text"):
        x, room = float(each.attrib["x"]), float(each.attrib["data-room"])
        left = {"start": x, "middle": x - room / 2, "end": x - room}[each.attrib.get("text-anchor", "start")]
        assert left >= 0
        assert left + room <= width


def test_hostile_names_are_drawn_as_text() -> None:
    rows = (_call(0, Party(PartyKind.QUEUE, HOSTILE), _function(HOSTILE), HOSTILE),)
    interactions = Interactions(rows=rows, origin_seconds=0.0)
    root = _diagram(*rows)
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {"svg", "style", "rect", "g", "path", "text", "title"}
    titles = [each.text or "" for each in root.iter(f"{SVG}title")]
    assert any(visible(HOSTILE) in each for each in titles)
    assert "\u202e" not in "".join((*_texts(root), *titles))
    assert sequence_diagram.png(interactions).startswith(b"\x89PNG")


def test_the_same_interactions_give_the_same_bytes() -> None:
    rows = (_call(0, NOTEBOOK, _function("work")), _call(60, _function("work"), _function("other")))
    interactions = Interactions(rows=rows, origin_seconds=0.0)
    assert sequence_diagram.svg(interactions) == sequence_diagram.svg(interactions)
    assert sequence_diagram.png(interactions) == sequence_diagram.png(interactions)


def test_the_picture_follows_the_theme_and_refers_to_nothing_outside() -> None:
    svg = sequence_diagram.svg(Interactions(rows=(_call(0, NOTEBOOK, _function("work")),), origin_seconds=0.0))
    assert "var(--jp-layout-color1" in svg
    assert "url(" not in svg
    assert "href" not in svg


def test_nothing_to_draw_is_a_picture_too() -> None:
    assert "notebook" in _texts(_diagram())
