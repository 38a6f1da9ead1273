"""The execution view as one HTML document that needs no kernel, no server and no network; it runs no machine.

Names and payloads are data in a block of JSON, in which no character can end the block; scripts from elsewhere, and
requests to anywhere, are forbidden by the document itself.
"""

import html
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.views import render
from sfn_notebook.views.execution import ExecutionView
from sfn_notebook.views.graph import Graph
from sfn_notebook.views.text import execution_text, graph_text
from sfn_notebook.views.trace import Trace
from sfn_notebook.views.typography import visible
from sfn_notebook.widgets.bundle import VIEW_CSS, VIEW_MODULE
from sfn_notebook.widgets.execution_traits import execution_traits, machine_traits

_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none';"
    " form-action 'none'"
)
_LOOK: Final = """\
:root { color-scheme: light dark; }
body { margin: 1rem; background: var(--jp-layout-color1, #ffffff); color: var(--jp-ui-font-color1, #1f2328); }
@media (prefers-color-scheme: dark) {
  :root {
    --jp-layout-color1: #111318;
    --jp-ui-font-color1: rgba(255, 255, 255, 0.92);
    --jp-ui-font-color2: rgba(255, 255, 255, 0.68);
    --jp-border-color2: #3a3f47;
  }
}
"""
_START: Final = """\
const traits = JSON.parse(document.getElementById("sfn-traits").textContent);
const calls = new Map();
const model = {
  get: (key) => traits[key],
  set: (key, value) => {
    traits[key] = value;
    for (const call of [...(calls.get(`change:${key}`) ?? [])]) call();
  },
  on: (event, call) => calls.set(event, [...(calls.get(event) ?? []), call]),
  off: (event, call) => calls.set(event, call ? (calls.get(event) ?? []).filter((each) => each !== call) : []),
  save_changes: () => {},
};
sfnView.render({ model, el: document.getElementById("sfn-view") });
"""


def page_of(graph: Graph, *, title: str, view: ExecutionView | None = None, trace: Trace | None = None) -> str:
    """The document: of a machine, or with ``view`` and ``trace`` of one execution. The same arguments, the same bytes.

    Raises:
        NoGraphvizError: If neither ``dot`` nor pygraphviz works.
    """
    traits: JSONObject = machine_traits(graph, title)
    if view is not None:
        traits |= execution_traits(view)
    if trace is not None:
        traits["trace"] = trace
    picture = render.svg(graph, None if view is None else view.states)
    text = graph_text(graph) if view is None else execution_text(view)
    script = VIEW_MODULE.replace("export default", "const sfnView =", 1) + _START
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(visible(title))}</title>
<style>
{_within_element(VIEW_CSS)}
{_LOOK}</style>
</head>
<body>
<div id="sfn-view"></div>
<noscript>{picture}<pre>{html.escape(text)}</pre></noscript>
<script type="application/json" id="sfn-traits">{_block(traits)}</script>
<script type="module">
{_within_element(script)}</script>
</body>
</html>
"""


def _block(value: JSONObject) -> str:
    """JSON in which nothing can be read as markup: a ``<`` stands only in texts, where its escape means the same."""
    return _json.dump(value).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _within_element(text: str) -> str:
    """Our own script or stylesheet, in which the end of its element could stand only within a text."""
    return text.replace("</", "<\\/")
