"""How long a browser takes to show an update of a view's statuses; a slow machine fails nothing here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from sfn_notebook.asl import model
from sfn_notebook.views.graph import graph_of
from sfn_notebook.widgets.execution_widget import STATUS_INTERVAL_SECONDS, ExecutionWidget
from tests.views.machines import definition_of
from tests.widgets.widget_page import WidgetPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.benchmark, pytest.mark.browser]

ARTIFACT: Final = Path(__file__).resolve().parents[2] / ".artifacts" / "page-benchmarks.json"
UPDATES: Final = 75
CHANGED_PER_UPDATE: Final = 4
_MEASURE: Final = """async ({pointers, updates, changed, milliseconds}) => {
  const statuses = {};
  const words = {RUNNING: 'Running', SUCCEEDED: 'Succeeded', FAILED: 'Failed'};
  const names = Object.keys(words);
  const lags = [];
  const begun = performance.now();
  for (let update = 0; update < updates; update++) {
    const due = begun + update * milliseconds;
    await new Promise(done => setTimeout(done, Math.max(0, due - performance.now())));
    for (let each = 0; each < changed; each++) {
      const status = names[(update + each) % names.length];
      statuses[pointers[(update * changed + each) % pointers.length]] =
        {status, visits: 1, attempts: 1, badge: words[status]};
    }
    window.model.set('statuses', {...statuses});
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    lags.push(performance.now() - due);
  }
  return lags;
}"""


def _chain(count: int) -> model.Definition:
    names = [f"Step {number}" for number in range(count)]
    return definition_of(
        [
            model.PassState(name=name, pointer=f"/States/{name}", next_state=next_name)
            for name, next_name in zip(names, [*names[1:], None], strict=True)
        ]
    )


@pytest.mark.parametrize("count", [100, 1000])
def test_lag_of_25_updates_a_second(browser: "Browser", count: int) -> None:
    machine = _chain(count)
    widget = ExecutionWidget(graph_of(machine, title="Chain"), title="Chain")
    page = WidgetPage(browser, widget)
    page.set("execution", {"name": "Chain-1", "machine": "Chain", "status": "RUNNING", "word": "Running"})
    arguments = {
        "pointers": [state.pointer for state in machine.states.values()],
        "updates": UPDATES,
        "changed": CHANGED_PER_UPDATE,
        "milliseconds": STATUS_INTERVAL_SECONDS * 1000,
    }
    lags = sorted(page.page.evaluate(_MEASURE, arguments))
    shown = page.page.locator("[data-pointer][data-status]").count()
    assert shown == min(count, UPDATES * CHANGED_PER_UPDATE)
    assert page.complaints == []
    page.close()
    middle, late = lags[len(lags) // 2], lags[int(len(lags) * 0.95)]
    print(f"\n{count} states: lag of an update p50 {middle:.1f} ms, p95 {late:.1f} ms")  # noqa: T201 - the result
    _keep(f"update lag, {count} states", {"p50_ms": round(middle, 1), "p95_ms": round(late, 1), "updates": UPDATES})


def _keep(name: str, figures: dict[str, Any]) -> None:
    known = json.loads(ARTIFACT.read_text(encoding="utf-8")) if ARTIFACT.exists() else {}
    ARTIFACT.parent.mkdir(exist_ok=True)
    ARTIFACT.write_text(json.dumps({**known, name: figures}, indent=2) + "\n", encoding="utf-8")
