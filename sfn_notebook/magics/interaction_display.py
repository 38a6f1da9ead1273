"""Interactions and loads as a cell's value: text for every front end, a picture and a view beside it; it draws none."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from sfn_notebook.magics.comparison_display import ClosableView
from sfn_notebook.magics.pictures import Bundle
from sfn_notebook.views import load_chart, render, sequence_diagram
from sfn_notebook.views.engines import NoGraphvizError
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.views.load import Load


def interaction_bundle(
    subject: Interactions | Load,
    shell: InteractiveShell | None = None,
    *,
    shown: Callable[[ClosableView], None] = lambda _view: None,
) -> Bundle:
    """Text and PNG, as Jupyter wants them; the text alone where there is nothing to draw, or nothing that draws.

    Where the shell has a kernel, interactions bring a view to walk through too, of which ``shown`` is told.
    """
    data: dict[str, Any] = {"text/plain": repr(subject)}
    metadata: dict[str, Any] = {}
    try:
        drawn = _picture(subject)
    except NoGraphvizError:
        drawn = None
    if drawn is not None:
        data["image/png"] = b64encode(drawn).decode()
        metadata["image/png"] = render.shown_size(drawn)
    if isinstance(subject, Interactions) and subject and getattr(shell, "kernel", None) is not None:
        data = {**_view_of(subject, shown), **data}
    return data, metadata


def _view_of(interactions: Interactions, shown: Callable[[ClosableView], None]) -> dict[str, Any]:
    from sfn_notebook.widgets.interactions_widget import InteractionsWidget

    widget = InteractionsWidget(interactions, interactions.contents())
    shown(widget)
    bundle = widget._repr_mimebundle_()
    return (bundle[0] if isinstance(bundle, tuple) else bundle) or {}


def _picture(subject: Interactions | Load) -> bytes | None:
    if isinstance(subject, Load):
        return load_chart.png(subject) if subject.slices else None
    return sequence_diagram.png(subject) if subject else None
