"""Payloads as trees in real Chromium: every digit, keys, paths, search, and what is large or hostile."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

import pytest

from sfn_notebook._json import JSONValue
from tests.widgets.inspector_page import InspectorPage, payload_state, visits_trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

HOSTILE: Final = (
    "</script><script>window.attacked = 1</script><img src=x onerror='window.attacked = 1'>\"'`\\ \u202etxt"
)
OpenInspector = Callable[..., InspectorPage]


@pytest.fixture
def open_inspector(browser: "Browser") -> Iterator[OpenInspector]:
    """Open the inspector of what the kernel sent."""
    pages: list[InspectorPage] = []

    def open_state(state: Mapping[str, JSONValue], *, width: int = 420, dark: bool = False) -> InspectorPage:
        pages.append(InspectorPage(browser, state, width=width, dark=dark))
        return pages[-1]

    yield open_state
    for page in pages:
        page.close()


def test_numbers_keep_every_digit(open_inspector: OpenInspector) -> None:
    page = open_inspector(payload_state('{"big":123456789012345678901234567890,"one":1.0,"tiny":1e-400}'))
    for part in ('"big": 123456789012345678901234567890', '"one": 1.0', '"tiny": 1e-400'):
        assert part in page.stage("Input").inner_text()
    page.item('"big"').click()
    page.button("Copy value").click()
    assert page.copied() == "123456789012345678901234567890"


def test_paths_are_copied_in_both_languages(open_inspector: OpenInspector) -> None:
    page = open_inspector(payload_state('{"a":{"b c":[10,{"it\'s":1,"or":2,"`":3}]}}'))
    page.select("/States/Count")
    expected = {
        '"it\'s"': ["$.a['b c'][1]['it\\'s']", "$states.input.a.`b c`[1].`it's`"],
        '"or"': ["$.a['b c'][1].or", "$states.input.a.`b c`[1].`or`"],
        '"`"': ["$.a['b c'][1]['`']", '$lookup($states.input.a.`b c`[1], "`")'],
    }
    for key, paths in expected.items():
        page.item(key).click()
        for name, path in zip(("Copy path", "Copy JSONata path"), paths, strict=True):
            page.button(name).click()
            assert page.copied() == path
    assert page.page.evaluate("() => window.said.at(-1)") == "JSONata path copied"


def test_keys_walk_open_and_close_the_tree(open_inspector: OpenInspector) -> None:
    page = open_inspector(payload_state('{"a":{"b":[1,2]},"z":3}'))
    keyboard = page.page.keyboard
    page.item('"a"').focus()
    steps = [
        ("ArrowDown", '"b": [2 items]'),
        ("ArrowRight", "0: 1"),
        ("ArrowLeft", '"b": [2 items]'),
        ("ArrowLeft", '"b": [2 items]'),
        ("ArrowDown", '"z": 3'),
        ("Home", '"a": {1 field}'),
        ("End", '"z": 3'),
        ("ArrowUp", '"b": [2 items]'),
        ("Enter", '"b": [2 items]'),
        ("ArrowDown", "0: 1"),
    ]
    for key, label in steps:
        keyboard.press(key)
        assert page.focused() == label, key
    row = page.item('"b"')
    assert [row.get_attribute(f"aria-{name}") for name in ("expanded", "level", "setsize")] == ["true", "2", "1"]
    assert page.page.locator("[role=treeitem][tabindex='0']").count() == 1
    keyboard.press("Control+c")
    assert page.copied() == "1"


def test_a_large_array_is_drawn_in_parts(open_inspector: OpenInspector) -> None:
    page = open_inspector(payload_state(json.dumps(list(range(100_000)), separators=(",", ":"))))
    items = page.page.locator("[role=treeitem]")
    assert items.count() == 201
    page.page.get_by_text("Show 200 more (99,800 left)").click()
    assert items.count() == 401
    assert page.focused() == "200: 200"
    field = page.page.get_by_label("Find in names and values")
    field.fill("98765")
    assert page.page.locator("mark").inner_text() == "98765"
    assert items.count() < 800
    assert "Show 200 before" in page.text


def test_search_opens_what_is_around_a_match(open_inspector: OpenInspector) -> None:
    wide = {f"key {number}": number for number in range(40)}
    page = open_inspector(
        payload_state(json.dumps({"top": {"deep": [{"Needle": "x", "v": 'a "needle" in hay'}]}, **wide}))
    )
    assert "Needle" not in page.text
    field = page.page.get_by_label("Find in names and values")
    field.fill("needle")
    assert "1 of 2" in page.text
    assert page.page.locator("mark").all_inner_texts() == ["Needle", "needle"]
    selected = page.page.locator("[role=treeitem][aria-selected=true]")
    assert selected.get_attribute("aria-label") == '"Needle": "x"'
    field.press("Enter")
    assert "2 of 2" in page.text
    assert (selected.get_attribute("aria-label") or "").startswith('"v"')
    page.button("Next match").click()
    assert "1 of 2" in page.text
    field.fill('a "needle" in')
    assert "1 of 1" in page.text
    field.fill("haystack")
    assert "No match" in page.text
    field.press("Escape")
    assert field.input_value() == ""
    assert page.page.locator("mark").count() == 0


def test_hostile_names_and_values_stay_text(open_inspector: OpenInspector) -> None:
    text = json.dumps({HOSTILE: [HOSTILE, {"__proto__": {HOSTILE: None}}], "constructor": "x"}, ensure_ascii=False)
    state = payload_state(text)
    state["trace"]["states"][0]["name"] = HOSTILE
    state["trace"]["visits"]["error"] = {"0": HOSTILE}
    state["trace"]["visits"]["cause"] = {"0": 0}
    page = open_inspector(state)
    page.select("/States/Count")
    page.page.get_by_label("Find in names and values").fill("window.attacked")
    page.button("Changes").click()
    page.button("Values").click()
    assert page.page.evaluate("() => window.attacked") is None
    assert page.page.locator(".sfn-inspector :is(script, img)").count() == 0
    assert "\\u202etxt" in page.stage("Input").inner_text()
    assert "\u202e" not in page.stage("Input").inner_text()
    page.page.locator("details .sfn-tree-row").first.click()
    page.stage("Input").get_by_role("button", name="Copy value").click()
    assert json.loads(page.copied()) == json.loads(text)[HOSTILE]


def test_ten_megabytes_are_cut_opened_and_searched(open_inspector: OpenInspector) -> None:
    long = "x" * 10_000_000 + "needle"
    page = open_inspector(payload_state(json.dumps({"long": long, "after": 1}, separators=(",", ":"))))
    assert "10,000,006 characters" in page.text
    assert len(page.text) < 2_000
    page.item('"long"').click()
    page.page.get_by_text("Show 20,000 more characters").click()
    assert 30_000 < len(page.text) < 60_000
    page.page.get_by_label("Find in names and values").fill("needle")
    page.page.locator("mark").wait_for()
    assert page.page.locator("mark").inner_text() == "needle"
    assert len(page.text) < 60_000
    page.button("Copy value").click()
    assert len(page.copied()) == len(long) + 2


def test_deep_nesting_is_read_level_by_level(open_inspector: OpenInspector) -> None:
    depth = 50_000
    page = open_inspector(payload_state("[" * depth + "1" + "]" * depth))
    assert page.page.locator("[role=treeitem]").count() < 60
    page.select("/States/Count")
    page.button("Changes").click()
    assert "Nothing changed." in page.text


def test_a_text_that_was_cut_is_shown_as_text(open_inspector: OpenInspector) -> None:
    page = open_inspector(payload_state('{"a":[1,2', cut={"0": 70_000}))
    assert "Only the first 9 of 70,000 characters were sent" in page.text
    assert '{"a":[1,2' in page.text
    assert page.page.locator("[role=tree]").count() == 0
    page.set_trace(visits_trace([""]) | {"cut": {"0": 70_000}})
    assert "Not sent" in page.text
