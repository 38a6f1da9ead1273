"""The inspector in real Chromium: stages, variables, attempts, visits, moments; there is no frame and no kernel."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

from sfn_notebook._json import JSONValue
from tests.widgets.inspector_page import InspectorPage, payload_state, run_state, visits_trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

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


def test_with_nothing_selected_the_run_is_told(open_inspector: OpenInspector) -> None:
    page = open_inspector(run_state("failing"))
    for part in ("Failed", "4 visits", "CardDeclinedError", "has no money", '"orderId": 7', "took 6 s"):
        assert part in page.text
    assert page.stages() == ["Input"]
    # The message can be read without its JSON, which stands below it, folded.
    assert page.page.get_by_label("Cause", exact=True).inner_text() == "card of order 7 has no money"
    assert "errorMessage" not in page.text
    page.page.get_by_text("Cause as JSON").click()
    # What is folded is drawn when it is opened.
    page.page.get_by_text("errorMessage").first.wait_for()


def test_a_failed_run_leads_to_the_state_that_failed_and_its_traceback(open_inspector: OpenInspector) -> None:
    page = open_inspector(run_state("failing"))
    page.page.get_by_role("button", name="Open Refund").click()
    assert page.page.evaluate("() => store.pointer") == "/States/Refund"
    headings = [name for name in page.stages() if name in ("Traceback", "Input")]
    assert headings == ["Traceback", "Input"]


def test_a_state_that_waits_for_somebody_says_so_until_it_is_answered(open_inspector: OpenInspector) -> None:
    run = run_state("linear")
    trace = run["trace"]
    trace["statuses"].append("RUNNING")
    trace["visits"]["status"][-1] = len(trace["statuses"]) - 1
    trace["visits"]["end"][-1] = 0
    page = open_inspector(run)
    visit = "store.trace.visits.id.length - 1"
    page.page.evaluate(f"() => store.selectVisit({visit})")
    chip = page.page.locator(".sfn-title .sfn-chip")
    rows = f"[{{kind: 'callback', visit: store.trace.visits.id[{visit}]}}]"
    page.page.evaluate(f"() => model.set('waiting', {rows})")
    assert chip.inner_text() == "Waiting"
    page.page.evaluate("() => model.set('waiting', [])")
    assert chip.inner_text() == "Running"


def test_a_machine_without_a_run_asks_to_select_a_state(open_inspector: OpenInspector) -> None:
    run = run_state("linear")
    page = open_inspector({"definitions": run["definitions"]})
    assert "Select a state to see its definition." in page.text
    page.select("/States/Shape")
    assert '"ResultPath": "$.shape"' in page.text


def test_the_stages_of_a_task_stand_in_their_order_with_their_fields(open_inspector: OpenInspector) -> None:
    page = open_inspector(run_state("linear"))
    page.select("/States/Charge")
    names = ["Input", "Sent to the task", "Result of the task", "After ResultSelector", "Output"]
    assert [name for name in page.stages() if name in names] == names
    assert "Parameters" in page.stage("Sent to the task").inner_text()
    assert 'ResultPath\n"$.charged"' in page.stage("Output").inner_text().replace("\n\n", "\n")
    page.select("/States/Validate")
    assert page.stages()[1] == "After InputPath"
    assert '"$.order"' in page.stage("After InputPath").inner_text()


def test_what_a_stage_changed_is_told_by_path(open_inspector: OpenInspector) -> None:
    page = open_inspector(run_state("linear"))
    page.select("/States/Charge")
    page.button("Changes").click()
    output = page.stage("Output").inner_text()
    assert "compared with Input" in output
    assert "1 added" in output
    assert "$.charged" in output
    assert '{"done":true}' in output
    assert "removed" not in output
    selected = page.stage("After ResultSelector").inner_text()
    for part in ("compared with Result of the task", "removed", "$.paid", "added", "$.done"):
        assert part in selected
    page.select("/States/Validate")
    assert "What was at $.order, and nothing else." in page.stage("After InputPath").inner_text()


def test_an_unchanged_stage_says_so_instead_of_repeating_it(open_inspector: OpenInspector) -> None:
    page = open_inspector(payload_state('{"n":1}'))
    page.select("/States/Count")
    assert "= Input" in page.stage("Output").inner_text()
    assert page.page.locator("[role=tree]").count() == 1
    page.stage("Output").locator("summary").click()
    assert page.stage("Output").locator("[role=treeitem]").inner_text().strip() == '"n": 1'
    page.button("Changes").click()
    assert "Nothing changed." in page.stage("Output").inner_text()


def test_variables_stand_beside_what_was_assigned(open_inspector: OpenInspector) -> None:
    page = open_inspector(run_state("jsonata"))
    page.select("/States/Count")
    assert '"n": 2' in page.stage("Variables before").inner_text()
    assert '"n": 3' in page.stage("Assigned").inner_text()
    page.item('"who": ').click()
    page.button("Copy path").click()
    assert page.copied() == "$who"
    page.button("Changes").click()
    changed = page.stage("Assigned").inner_text()
    assert "$n" in changed
    assert "who" not in changed


def test_attempts_tell_their_errors_waits_prints_and_tracebacks(open_inspector: OpenInspector) -> None:
    run = run_state("failing")
    place = next(place for place, attempts in run["trace"]["visits"]["attempts"].items() if len(attempts) == 3)
    run["trace"]["visits"]["attempts"][place][1]["logs"] = "charging 7\nonce more\n"
    run["trace"]["visits"]["attempts"][place][1]["traceback"] = "Traceback\n  in cell 3"
    page = open_inspector(run)
    page.select("/States/Charge")
    for part in ("Attempt 1 of 3", "TimeoutError", "then waited 2 s", "then waited 4 s", "Succeeded"):
        assert part in page.text
    assert "the bank did not answer" not in page.text
    page.page.get_by_role("button", name="Attempt 2 of 3").click()
    for part in ("the bank did not answer", "charging 7\nonce more", "Traceback\n  in cell 3"):
        assert part in page.text
    assert page.page.evaluate("() => document.activeElement.textContent").startswith("▾Attempt 2 of 3")


def test_ten_thousand_visits_are_chosen_by_number(open_inspector: OpenInspector) -> None:
    failed = dict.fromkeys((40, 5000, 9000), 2)
    trace = visits_trace([f'{{"n":{number}}}' for number in range(10_000)], statuses=failed)
    page = open_inspector({"trace": trace})
    page.select("/States/Count")
    assert '"n": 9999' in page.text
    assert page.page.locator(".sfn-inspector *").count() < 150
    number = page.page.get_by_label("Number of the visit")
    number.fill("124")
    number.press("Enter")
    assert '"n": 123' in page.text
    page.button("Next visit").click()
    assert number.input_value() == "125"
    number.fill("999999")
    number.press("Enter")
    assert '"n": 9999' in page.text
    assert page.button("Next visit").get_attribute("aria-disabled") == "true"
    page.button("Failed only (3)").click()
    assert '"n": 9000' in page.text
    assert "of 3" in page.text
    page.button("Previous visit").click()
    assert '"n": 5000' in page.text
    page.page.evaluate("() => store.selectVisit(7)")
    assert '"n": 7' in page.text
    assert "of 10,000" in page.text


def test_a_moment_in_the_past_shows_only_what_had_happened(open_inspector: OpenInspector) -> None:
    run = run_state("failing")
    visits = run["trace"]["visits"]
    place = next(int(place) for place, attempts in visits["attempts"].items() if len(attempts) == 3)
    first, second = visits["attempts"][str(place)][:2]
    page = open_inspector(run)
    page.select("/States/Charge")
    page.go_to(visits["id"][place])
    assert page.stages() == ["Input", "Definition"]
    assert "Running" in page.text
    page.go_to(first["last"])
    assert "TimeoutError" in page.text
    assert "Attempt 2" not in page.text
    page.go_to(second["first"])
    assert "Attempt 2 of 2" in page.text
    assert "Output" not in page.stages()
    page.go_to(visits["end"][place])
    assert "Output" in page.stages()
    page.go_to(visits["id"][place] - 1)
    assert "Not entered at this moment." in page.text
    page.select("")
    assert page.stages() == ["Input"]
    page.go_to(None)
    assert "CardDeclinedError" in page.text


def test_updates_leave_focus_open_values_and_scrolling_alone(open_inspector: OpenInspector) -> None:
    big = json.dumps({"first": {"inner": {"x": 1}}, "list": list(range(60))}, separators=(",", ":"))
    page = open_inspector({"trace": visits_trace([big], ended=False)}, width=380)
    page.select("/States/Count")
    page.item('"list"').click()
    page.item("30: 30").focus()
    tree = page.page.locator("[role=tree]").first
    tree.evaluate("tree => { tree.scrollTop = 150; window.kept = document.activeElement; }")
    scrolled = tree.evaluate("tree => tree.scrollTop")
    assert scrolled > 0
    page.set_trace(visits_trace([big], ended=True))
    assert page.stages() == ["Input", "Output"]
    assert page.focused() == "30: 30"
    assert page.page.evaluate("() => document.activeElement === window.kept")
    assert tree.evaluate("tree => tree.scrollTop") == scrolled


def test_what_was_opened_stays_open_in_the_next_visit(open_inspector: OpenInspector) -> None:
    def payload(number: int) -> str:
        return json.dumps({"rows": [{"n": number, "m": {}} for _ in range(50)]})

    page = open_inspector({"trace": visits_trace([payload(1), payload(2)])})
    page.select("/States/Count")
    page.item('"rows"').click()
    page.item("3: ").click()
    assert '"n": 2' in page.text
    page.button("Previous visit").click()
    assert '"n": 1' in page.text
    assert page.focused() == "Previous visit"


def test_the_latest_visit_is_followed_until_another_is_chosen(open_inspector: OpenInspector) -> None:
    payloads = [f'{{"n":{number}}}' for number in range(3)]
    page = open_inspector({"trace": visits_trace(payloads[:2], ended=False)})
    page.select("/States/Count")
    page.button("Previous visit").click()
    page.set_trace(visits_trace(payloads, ended=False))
    assert '"n": 0' in page.text
    page.button("Follow latest").click()
    assert '"n": 2' in page.text


def test_a_number_that_is_being_typed_survives_an_update(open_inspector: OpenInspector) -> None:
    payloads = [f'{{"n":{number}}}' for number in range(30)]
    page = open_inspector({"trace": visits_trace(payloads[:20], ended=False)})
    page.select("/States/Count")
    number = page.page.get_by_label("Number of the visit")
    number.fill("1")
    page.set_trace(visits_trace(payloads, ended=False))
    assert number.input_value() == "1"
    assert page.focused() == "Number of the visit"
    number.press("Enter")
    assert '"n": 0' in page.text


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [280, 380, 1000])
def test_nothing_is_wider_than_the_pane(open_inspector: OpenInspector, width: int, *, dark: bool) -> None:
    page = open_inspector(run_state("linear"), width=width, dark=dark)
    page.select("/States/Charge")
    page.item('"orderId"').click()
    for mode in ("Values", "Changes"):
        page.button(mode).click()
        assert page.page.locator(".sfn-inspector").evaluate("pane => pane.scrollWidth <= pane.clientWidth")
    page.button("Values").click()
    lefts = page.page.locator("details").evaluate_all(
        "all => new Set(all.map((each) => each.getBoundingClientRect().left)).size"
    )
    assert (lefts > 1) == (width == 1000)


def test_many_attempts_are_shown_in_parts(open_inspector: OpenInspector) -> None:
    state = run_state("failing")
    attempts = next(each for each in state["trace"]["visits"]["attempts"].values() if len(each) == 3)
    attempts[1:1] = [attempts[1]] * 117
    page = open_inspector(state)
    page.select("/States/Charge")
    heads = page.page.locator(".sfn-attempt-head")
    assert heads.count() == 50
    page.button("Show 50 earlier attempts (70 left)").click()
    assert heads.count() == 100
    assert "Attempt 21 of 120" in heads.first.inner_text()


@pytest.mark.parametrize("name", ["failing", "linear", "jsonata", "parallel", "week", "hostile"])
def test_a_state_has_its_output_from_the_moment_it_ended(open_inspector: OpenInspector, name: str) -> None:
    page = open_inspector(run_state(name))
    script = """() => {
      const wrong = [];
      const { visits, states, events } = store.trace;
      for (let moment = 1; moment <= events.type.length; moment++) {
        store.goTo(moment);
        for (const [visit, id] of visits.id.entries()) {
          store.select(states[visits.state[visit]].pointer, visit);
          if (id > moment) continue;
          const shown = [...document.querySelectorAll('.sfn-stage-name')].map((each) => each.textContent);
          const heads = document.querySelectorAll('.sfn-attempt-head').length;
          const begun = (visits.attempts[visit] ?? []).filter(({ first }) => first <= moment).length;
          const ended = visits.end[visit] > 0 && visits.end[visit] <= moment && visits.output[visit] >= 0;
          const first = shown.find((name) => name !== 'Traceback');
          const right = first === 'Input' && shown.includes('Output') === ended && heads <= begun;
          if (!right) wrong.push([moment, visit, shown, heads]);
        }
      }
      return wrong;
    }"""
    assert page.page.evaluate(script) == []
