"""The inspector alone on an empty page, and the traces that it is shown; there is no frame and no kernel."""

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.views.graph import graph_of
from sfn_notebook.views.svg import graph_css
from sfn_notebook.widgets.bundle import one_module, one_stylesheet
from sfn_notebook.widgets.execution_traits import machine_traits
from tests.views.machines import order_machine
from tests.widgets import traces
from tests.widgets.stub_page import STUB_MODEL, StubPage
from tests.widgets.trace_reader import unpacked_trace

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

_EXPORTS: Final = "export { InspectorPane, Store, diffPayloads, jsonPathOf, readJson };"
_START: Final = f"""async ({{source, css, state, kernel}}) => {{
  {STUB_MODEL}
  Object.defineProperty(navigator, 'clipboard', {{
    value: {{ writeText: async (text) => {{ window.copied = text; }} }},
  }});
  window.loaded = loaded;
  window.said = [];
  window.store = new loaded.Store(window.model);
  window.pane = new loaded.InspectorPane(window.store, {{ say: (words) => window.said.push(words) }});
  window.store.subscribe((change) => window.pane.update(change));
  document.body.style.margin = 0;
  const view = document.getElementById('el');
  view.className = 'sfn-view';
  view.append(window.pane.element);
}}"""


class InspectorPage(StubPage):
    """The inspector alone in Chromium."""

    def __init__(
        self, browser: "Browser", state: Mapping[str, JSONValue], *, width: int = 420, dark: bool = False
    ) -> None:
        super().__init__(browser, width=width, height=900, dark=dark)
        source = "\n".join([one_module("inspector.js"), one_module("store.js"), _EXPORTS])
        css = graph_css() + one_stylesheet("execution.js")
        sent = json.loads(json.dumps({"marks": _marks(), **state}))
        self.page.evaluate(_START, {"source": source, "css": css, "state": sent, "kernel": False})

    def select(self, pointer: str, visit: int | None = None) -> None:
        """Select a state as the graph does."""
        self.page.evaluate("([pointer, visit]) => store.select(pointer, visit)", [pointer, visit])

    def go_to(self, moment: int | None) -> None:
        """Travel to an event."""
        self.page.evaluate("moment => store.goTo(moment)", moment)

    def set_trace(self, trace: Mapping[str, JSONValue]) -> None:
        """Send a trace as the kernel would."""
        self.page.evaluate("trace => model.set('trace', trace)", json.loads(json.dumps(trace)))

    def stages(self) -> list[str]:
        """The names of the sections, top to bottom."""
        return self.page.locator(".sfn-stage-name").all_inner_texts()

    def stage(self, name: str) -> "Locator":
        """The latest section with a name."""
        named = self.page.locator("details").filter(has=self.page.get_by_text(name, exact=True))
        return named.last

    def item(self, text: str) -> "Locator":
        """The first row of a tree that starts with a text."""
        return self.page.locator(f"[role=treeitem][aria-label^={json.dumps(text)}]").first

    def button(self, name: str) -> "Locator":
        """The first button with a name."""
        return self.page.get_by_role("button", name=name, exact=True).first

    @property
    def text(self) -> str:
        """All that can be read."""
        return self.page.locator(".sfn-inspector").inner_text()

    def copied(self) -> Any:
        """What was copied last."""
        return self.page.evaluate("() => window.copied")

    def close(self) -> None:
        """Leave the page; its console must have been silent."""
        super().close()
        assert self.complaints == []

    def focused(self) -> Any:
        """The label of what has the focus."""
        return self.page.evaluate("() => document.activeElement?.getAttribute('aria-label')")


@cache
def _marks() -> JSONValue:
    return machine_traits(graph_of(order_machine(), title=""), "")["marks"]


def run_state(name: str) -> JSONObject:
    """What the kernel sends of one of the runs of ``traces``."""
    execution = traces.RUNS[name]()
    machine = machine_traits(graph_of(execution.definition, title=name), name)
    return {"trace": unpacked_trace(execution), "definitions": machine["definitions"]}


def visits_trace(payloads: list[str], *, statuses: Mapping[int, int] | None = None, ended: bool = True) -> JSONObject:
    """A trace of a Pass state that was visited once for each payload, each with two events."""
    count = len(payloads)
    places = list(range(count))
    none: list[JSONValue] = [None] * count
    visits: JSONObject = {
        "id": [2 * place + 1 for place in places],
        "end": [2 * place + 2 if ended else 0 for place in places],
        "state": [0] * count,
        "parent": [-1] * count,
        "iteration": [[] for _ in places],
        "entered": [float(place) for place in places],
        "exited": [place + 0.5 for place in places] if ended else none,
        "status": [(statuses or {}).get(place, 1 if ended else 0) for place in places],
        "input": places,
        "output": places.copy() if ended else [-1] * count,
        "next": none,
        **{name: {} for name in ("error", "cause", "stages", "variables", "assigned", "attempts")},
    }
    events: JSONObject = {
        "type": [0] * (2 * count),
        "at": [place / 2 for place in range(2 * count)],
        "visit": [place // 2 for place in range(2 * count)],
        "previous": [0] * (2 * count),
        "details": [-1] * (2 * count),
    }
    return {
        "name": "run-1",
        "machine": "Flow",
        "status": "SUCCEEDED" if ended else "RUNNING",
        "started": 0.0,
        "ended": float(count) if ended else None,
        "input": 0,
        "output": count - 1 if ended else -1,
        "error": None,
        "cause": -1,
        "texts": payloads,
        "cut": {},
        "states": [{"pointer": "/States/Count", "name": "Count", "type": "Pass", "parent": -1}],
        "statuses": ["RUNNING", "SUCCEEDED", "FAILED"],
        "event_types": ["PassStateEntered"],
        "visits": visits,
        "events": events,
        "edits": [],
    }


def payload_state(payload: str, **changes: JSONValue) -> JSONObject:
    return {"trace": {**visits_trace([payload]), **changes}}
