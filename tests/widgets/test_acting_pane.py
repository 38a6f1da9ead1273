"""The forms for what waits, in Chromium: what a person types is what the kernel gets."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.widgets.acting_page import ActingPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror='window.attacked = 1'>"
OpenPane = Callable[..., ActingPage]


def row(subject: str = "a", **fields: Any) -> dict[str, Any]:
    return {
        "token_id": subject,
        "kind": "callback",
        "when": "",
        "name": "Approve",
        "note": "",
        "pointer": "/States/Approve",
        "visit": 5,
        "iteration": [],
        "since_seconds": 3,
        "timeout_seconds": None,
        "heartbeat_seconds": None,
        "input": '{"orderId":7}',
        "is_cut": False,
        **fields,
    }


BREAKPOINT = row("breakpoint-9", kind="breakpoint", when="before", name="Charge", input='{"total":5}')


@pytest.fixture
def open_pane(browser: "Browser") -> Iterator[OpenPane]:
    pages: list[ActingPage] = []

    def open_page(*rows: dict[str, Any], **more: Any) -> ActingPage:
        pages.append(ActingPage(browser, "ActingPane", waiting=list(rows), **more))
        return pages[-1]

    yield open_page
    complaints = [each for page in pages for each in page.complaints]
    for page in pages:
        page.page.close()
    assert complaints == []


def test_approving_sends_the_output_that_was_typed(open_pane: OpenPane) -> None:
    page = open_pane(row())
    assert "Approve waits for an answer" in page.text
    page.page.get_by_label("Output (JSON)").fill('{"ok": true}')
    page.button("Approve").click()
    assert page.sent == [{"kind": "approve", "id": "a", "output": '{"ok": true}'}]
    assert "Sent to the kernel" in page.text
    page.button("Approve").click(force=True)
    assert len(page.sent) == 1
    page.set("waiting", [])
    assert not page.page.locator(".sfn-forking").is_visible()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1,}', 'Line 1, column 9: expected a name in double quotes, found "}".'),
        ('{\n  "a" 1\n}', 'Line 2, column 7: expected ":", found "1".'),
        ("[1, 2", 'Line 1, column 6: expected "," or "]", found the end.'),
        ("{'a': 1}", "Line 1, column 2: expected a name in double quotes"),
        ("", "Line 1, column 1: expected a value, found the end."),
        ("yes", 'Line 1, column 1: expected a value, found "y".'),
        ("1 2", 'Line 1, column 3: expected the end, found "2".'),
    ],
)
def test_what_is_not_json_is_told_by_line_and_column_and_not_sent(open_pane: OpenPane, text: str, told: str) -> None:
    page = open_pane(row())
    page.page.get_by_label("Output (JSON)").fill(text)
    assert told in page.text
    page.button("Approve").click()
    assert page.sent == []
    assert page.page.evaluate("() => document.activeElement.tagName") == "TEXTAREA"


def test_rejecting_and_heartbeats_by_keyboard(open_pane: OpenPane) -> None:
    page = open_pane(row(heartbeat_seconds=60, timeout_seconds=3600))
    assert "times out after 1 h · wants a heartbeat every 1 min" in page.text
    page.page.get_by_label("Error").fill("Declined")
    page.page.keyboard.press("Tab")
    page.page.keyboard.type("too expensive")
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("Enter")
    assert page.sent == [{"kind": "reject", "id": "a", "error": "Declined", "cause": "too expensive"}]
    page.set("waiting", [row(heartbeat_seconds=60)])
    page.button("Heartbeat").press("Space")
    assert page.sent[1:] == [{"kind": "heartbeat", "id": "a"}]
    page.button("Approve").click(force=True)
    assert page.sent[2:] == [], "the kernel has not answered yet"
    # The list is as it was, and no model tells that as a change.
    page.page.evaluate("() => tell('msg:custom', {kind: 'still'})")
    page.button("Approve").click()
    assert page.sent[2:] == [{"kind": "approve", "id": "a", "output": "{}"}]


def test_several_wait_and_what_is_typed_stays_while_others_go(open_pane: OpenPane) -> None:
    rows = [row(name, iteration=[index]) for index, name in enumerate("abc")]
    page = open_pane(*rows)
    assert "3 wait for you" in page.text
    for index in range(3):
        assert f"Approve[{index}] waits" in page.text
    last = page.page.get_by_label("Output (JSON)").nth(2)
    last.fill("[1]")
    page.set("waiting", rows[1:])
    assert page.page.evaluate("() => [document.activeElement.value, document.activeElement.tagName]") == [
        "[1]",
        "TEXTAREA",
    ]
    page.button("Approve").nth(1).click()
    assert page.sent == [{"kind": "approve", "id": "c", "output": "[1]"}]
    page.set("waiting", rows[1:2])
    assert page.page.evaluate("() => document.activeElement.textContent") == "Approve[1] waits for an answer"


def test_at_a_breakpoint_one_continues_steps_and_edits(open_pane: OpenPane) -> None:
    page = open_pane(BREAKPOINT)
    assert "Paused before Charge" in page.text
    page.button("Step").click()
    page.set("waiting", [BREAKPOINT])
    page.page.get_by_label("Input (JSON)").fill('{"total": 6}')
    page.button("Set payload").click()
    page.set("waiting", [{**BREAKPOINT, "input": '{"total":6}'}])
    page.button("Continue").click()
    subject = BREAKPOINT["token_id"]
    assert page.sent[:2] == [
        {"kind": "step", "id": subject},
        {"kind": "edit", "id": subject, "payload": '{"total": 6}'},
    ]
    assert page.sent[2]["kind"] == "continue"


def test_a_payload_that_is_edited_keeps_every_digit_and_shows_what_cannot_be_seen(open_pane: OpenPane) -> None:
    page = open_pane({**BREAKPOINT, "input": '{"a":[],"big":12345678901234567890,"n":[{},-1.50],"s":"\u202e\\"{,"}'})
    field = page.page.get_by_label("Input (JSON)")
    lines = field.input_value().splitlines()
    assert lines[1:3] == ['  "a": [],', '  "big": 12345678901234567890,']
    assert lines[3:7] == ['  "n": [', "    {},", "    -1.50", "  ],"]
    assert lines[7] == '  "s": "\\u202e\\"{,"'


def test_a_refusal_is_shown_where_it_belongs_and_one_may_try_again(open_pane: OpenPane) -> None:
    page = open_pane(row("a"), row("b", name="Review"))
    page.button("Approve").first.click()
    page.set("acting_error", {"id": "a", "text": f"No. {HOSTILE}", "number": 1})
    card = page.page.locator(".sfn-act").first
    assert f"No. {HOSTILE}" in card.inner_text()
    assert page.page.evaluate("() => window.said.at(-1)") == f"No. {HOSTILE}"
    page.button("Approve").first.click()
    assert len(page.sent) == 2


@pytest.mark.parametrize("situation", [{"kernel": False}, {"can_act": False}])
def test_without_a_kernel_the_forms_say_why_they_are_off(open_pane: OpenPane, situation: dict[str, Any]) -> None:
    page = open_pane(row(), **situation)
    assert "No kernel answers: run the cell again" in page.text
    assert page.button("Approve").is_disabled()
    assert page.page.get_by_label("Output (JSON)").is_disabled()
    page.button("Approve").click(force=True)
    assert page.sent == []


def test_names_and_payloads_are_text_and_choosing_shows_the_state(open_pane: OpenPane) -> None:
    page = open_pane(row(name=HOSTILE, input=f'{{"a":"{HOSTILE}"}}', note=HOSTILE))
    page.page.get_by_text("What it was asked").click()
    assert page.text.count(HOSTILE) == 3
    assert page.page.locator("#el img").count() == 0
    page.page.get_by_title("Show this state").click()
    assert page.selected() == "/States/Approve"


def test_a_fork_from_the_selected_visit(open_pane: OpenPane) -> None:
    from tests.widgets import traces

    page = open_pane(trace=traces.load("linear"))
    assert not page.page.locator(".sfn-forking").is_visible()
    page.page.evaluate("() => window.store.select(window.store.trace.states[1].pointer)")
    page.page.locator(".sfn-act-fork summary").click()
    page.page.get_by_label("Input to go on with (JSON)").fill('{"other": 1}')
    page.button("Fork").click()
    (sent,) = page.sent
    assert (sent["kind"], sent["payload"]) == ("fork", '{"other": 1}')
    assert sent["at"] == page.page.evaluate("() => window.store.trace.visits.id[1]")
