"""Interactions and loads as a cell's value: text for every front end, a picture beside it; it draws nothing."""

from base64 import b64encode

from sfn_notebook.magics.pictures import Bundle
from sfn_notebook.views import load_chart, render, sequence_diagram
from sfn_notebook.views.engines import NoGraphvizError
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.views.load import Load


def interaction_bundle(subject: Interactions | Load) -> Bundle:
    """Text and PNG, as Jupyter wants them; the text alone where there is nothing to draw, or nothing that draws."""
    text = {"text/plain": repr(subject)}
    try:
        drawn = _picture(subject)
    except NoGraphvizError:
        drawn = None
    if drawn is None:
        return text, {}
    return {**text, "image/png": b64encode(drawn).decode()}, {"image/png": render.shown_size(drawn)}


def _picture(subject: Interactions | Load) -> bytes | None:
    if isinstance(subject, Load):
        return load_chart.png(subject) if subject.slices else None
    return sequence_diagram.png(subject) if subject else None
