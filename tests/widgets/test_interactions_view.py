"""The view of who called whom, in a browser: diagram, list, record, services and the keys that lead through them."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sfn_notebook.views.interaction_records import Excerpt, KeptTexts
from sfn_notebook.views.interactions import Interactions, Party, PartyKind
from sfn_notebook.views.typography import TIMES
from sfn_notebook.widgets.interactions_widget import InteractionsWidget
from tests.widgets.event_runs import HOSTILE, event_driven_widget, many_interactions
from tests.widgets.interactions_page import InteractionsPage, open_interactions, state_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AXE = find_spec("axe_playwright_python")
pytestmark = pytest.mark.browser


def _heads(page: InteractionsPage) -> list[str]:
    return page.page.locator(".sfn-seq-name").all_inner_texts()


def test_the_diagram_has_a_lifeline_for_each_participant_and_a_row_for_each_step(browser: "Browser") -> None:
    with open_interactions(browser, event_driven_widget()) as page:
        assert _heads(page) == ["notebook", "order", "shop", "orders", "audit", "Shipping", "pack"]
        label = page.row("match").get_attribute("aria-label")
        assert label == "0 s, event bus shop → rule orders, match, order"
        assert page.page.locator(".sfn-pause:visible").inner_text() == "59 s pass"


def test_a_click_opens_the_record_and_the_list_has_the_same_row_chosen(browser: "Browser") -> None:
    with open_interactions(browser, event_driven_widget()) as page:
        page.row("attempt 1 failed").click()
        assert "ValueError: no ledger yet" in page.record.inner_text()
        assert page.record.get_by_role("tree", name="Event").count() == 1
        page.tab("List")
        assert "attempt 1 failed" in page.chosen()
        assert page.record.is_visible()


def test_the_attempts_of_an_event_lead_to_each_other(browser: "Browser") -> None:
    with open_interactions(browser, event_driven_widget()) as page:
        page.row("attempt 1 failed").click()
        page.record.get_by_role("button", name="attempt 2").click()
        page.drawn()
        assert "attempt 2" in page.chosen()
        assert '"audited": {1 field}' in page.record.get_by_role("tree", name="Answer").inner_text()


def test_keys_walk_over_pauses_open_the_record_and_close_it(browser: "Browser") -> None:
    with open_interactions(browser, event_driven_widget()) as page:
        page.page.get_by_role("listbox").focus()
        page.page.keyboard.press("End")
        assert "attempt 2" in page.chosen()
        page.page.keyboard.press("ArrowUp")
        assert "SUCCEEDED" in page.chosen()
        page.page.keyboard.press("Enter")
        assert page.record.is_visible()
        page.page.keyboard.press("Escape")
        assert not page.record.is_visible()
        chosen = page.page.get_by_role("listbox").get_attribute("aria-activedescendant")
        assert page.page.evaluate("id => document.getElementById(id).textContent.includes('SUCCEEDED')", chosen)


def test_only_one_participant_or_only_what_failed_is_shown(browser: "Browser") -> None:
    with open_interactions(browser, event_driven_widget()) as page:
        page.page.get_by_label("Participant").select_option(label="state machine Shipping")
        page.drawn()
        assert _heads(page) == ["orders", "Shipping", "pack"]
        page.page.get_by_label("Participant").select_option(label="All participants")
        page.page.get_by_role("button", name="Failed only").click()
        page.drawn()
        assert _heads(page) == ["audit"]
        assert page.page.get_by_role("status").inner_text() == "1 of 9 interactions"
        page.page.get_by_label("Filter by words").fill("nothing is called so")
        assert page.page.get_by_text("No interaction matches the filter.").is_visible()


def test_repeats_are_told_as_one_and_can_be_told_apart(browser: "Browser") -> None:
    rows = many_interactions(12).rows
    alike = tuple(replace(each, why="again", target=rows[0].target) for each in rows)
    with open_interactions(browser, InteractionsWidget(Interactions(rows=alike, origin_seconds=0.0))) as page:
        page.row(f"call {TIMES} 12").click()
        assert page.record.get_by_text("1 of 12 alike").is_visible()
        page.record.get_by_role("button", name="Next of these").click()
        assert page.record.get_by_text("id-1", exact=True).is_visible()
        page.page.get_by_role("button", name="Fold repeats").click()
        page.drawn()
        assert page.page.locator(".sfn-seq-row:visible").count() >= 12


def test_five_thousand_interactions_are_a_few_elements_at_a_time(browser: "Browser") -> None:
    with open_interactions(browser, InteractionsWidget(many_interactions(5000))) as page:
        for tab in ("Diagram", "List"):
            page.tab(tab)
            page.page.get_by_role("listbox" if tab == "Diagram" else "grid").focus()
            page.page.keyboard.press("End")
            page.drawn()
            assert "number 4999" in page.chosen()
            shown: Any = page.page.locator(".sfn-seq-row:visible, .sfn-call-row:visible").count()
            assert shown < 60


def test_what_is_out_of_sight_is_told_and_comes_into_sight_when_it_is_chosen(browser: "Browser") -> None:
    with open_interactions(browser, event_driven_widget(), width=420) as page:
        hints = page.page.locator(".sfn-seq-hint:visible")
        assert "orders → state machine Shipping: start" in " ".join(hints.all_inner_texts())
        page.row("start, Shipping-1").click(position={"x": 60, "y": 20})
        page.drawn()
        head = page.page.locator(".sfn-seq-party", has_text="Shipping").bounding_box()
        assert head is not None
        assert 0 < head["x"] < 420


def test_services_are_small_tables_whose_rows_open(browser: "Browser") -> None:
    with open_interactions(browser, event_driven_widget()) as page:
        page.tab("Services")
        assert page.page.get_by_role("heading", name="shop event bus").is_visible()
        assert page.page.get_by_role("cell", name="audit, Shipping").is_visible()
        page.page.get_by_role("button", name="Show the whole").click()
        assert '"DetailType": "order"' in page.page.get_by_role("tree").inner_text()
        assert not page.page.get_by_role("toolbar").is_visible()


def test_names_and_payloads_are_text_whatever_they_say(browser: "Browser") -> None:
    party = Party(PartyKind.QUEUE, HOSTILE)
    exchange = KeptTexts(sent=Excerpt(f'"{HOSTILE}"'.replace('"', "'"), 33), log=Excerpt(HOSTILE, len(HOSTILE)))
    rows = tuple(
        replace(each, target=party, why=HOSTILE, error=HOSTILE, facts=((HOSTILE, HOSTILE),), exchange=exchange)
        for each in many_interactions(2).rows
    )
    with open_interactions(browser, InteractionsWidget(Interactions(rows=rows, origin_seconds=0.0))) as page:
        page.page.locator(".sfn-seq-row").first.click()
        page.tab("List")
        assert page.page.locator("img").count() == 0
        assert "<img src=x" in page.record.inner_text()
        assert "\u202e" not in page.page.locator("#el").inner_text()


def test_new_interactions_arrive_and_a_closed_view_leaves_nothing(browser: "Browser") -> None:
    widget = InteractionsWidget(many_interactions(2))
    with open_interactions(browser, widget) as page:
        page.row("number 1").click()
        widget.show(many_interactions(3))
        page.page.evaluate("value => window.model.set('interactions', value)", state_of(widget)["interactions"])
        page.drawn()
        assert page.page.locator(".sfn-seq-row:visible").count() == 3
        assert "number 1" in page.chosen()
        page.page.evaluate("() => window.close_view.close?.() ?? window.close_view()")
        assert page.page.evaluate("() => [window.listening(), document.getElementById('el').children.length]") == [0, 0]


def test_nobody_has_called_anybody(browser: "Browser") -> None:
    widget = InteractionsWidget(Interactions(rows=(), origin_seconds=0.0))
    with open_interactions(browser, widget) as page:
        assert page.page.get_by_text("Nobody has called anybody yet.").is_visible()


@pytest.mark.skipif(AXE is None, reason="axe-playwright-python, which brings axe-core, is not installed")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_tab_breaks_a_grave_rule_of_accessibility(browser: "Browser", dark: bool) -> None:  # noqa: FBT001 - a parameter
    assert AXE is not None
    assert AXE.origin is not None
    with open_interactions(browser, event_driven_widget(), dark=dark) as page:
        page.page.evaluate((Path(AXE.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
        page.row("attempt 1 failed").click()
        for tab in ("Diagram", "List", "Services"):
            page.tab(tab)
            found: Any = page.page.evaluate("() => axe.run('.sfn-view', {resultTypes: ['violations']})")
            grave = [
                f"{rule['id']}: {node['html'][:200]}"
                for rule in found["violations"]
                if rule["impact"] in {"serious", "critical"}
                for node in rule["nodes"]
            ]
            assert grave == []
