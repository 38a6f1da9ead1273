"""The view of who called whom, with what services hold: a diagram and a list of the same rows; it gathers nothing."""

import anywidget
import traitlets

from sfn_notebook import _json
from sfn_notebook.views.interactions import Interactions
from sfn_notebook.views.service_contents import ServiceContents
from sfn_notebook.widgets.bundle import LOADER, VIEW_CSS, VIEW_MODULE
from sfn_notebook.widgets.execution_traits import status_marks
from sfn_notebook.widgets.interaction_traits import interactions_trait, services_trait


class InteractionsWidget(anywidget.AnyWidget):
    """Interactions to walk through. ``show`` may be called again, for what has happened since.

    Of very many interactions the view gets the latest, and of long payloads the beginning; it tells what was left out.
    """

    _esm = LOADER
    _css = VIEW_CSS

    module = traitlets.Unicode(VIEW_MODULE).tag(sync=True)
    view = traitlets.Unicode("interactions").tag(sync=True)
    title = traitlets.Unicode("Who called whom").tag(sync=True)
    marks = traitlets.Dict().tag(sync=True)
    # As text, since ipywidgets looks at every number of a structure before it is sent.
    interactions = traitlets.Dict().tag(sync=True, to_json=lambda value, _widget: _json.dump(value))
    services = traitlets.Dict().tag(sync=True, to_json=lambda value, _widget: _json.dump(value))

    def __init__(self, interactions: Interactions, contents: ServiceContents | None = None) -> None:
        """Show ``interactions``, and with ``contents`` what the services hold."""
        super().__init__(marks=status_marks())
        self.show(interactions, contents)

    def show(self, interactions: Interactions, contents: ServiceContents | None = None) -> None:
        """Show these in the place of what was shown."""
        with self.hold_sync():
            self.interactions = interactions_trait(interactions)
            self.services = services_trait(contents)

    def close(self) -> None:
        """Let the front end forget what it was told; the view is gone for good."""
        with self.hold_sync():
            self.interactions, self.services = {}, {}
            for name in ("module", "_css"):
                self.set_trait(name, "")
        # As for executions: a model remembers what was before its latest change.
        self.marks = {}
        self.layout.close()
        super().close()

    def __repr__(self) -> str:
        # Also the text/plain of its output, which notebook tests compare: no id may stand in it.
        return f"View of {len(self.interactions['columns']['at']):,} interactions" if self.interactions else "Closed"
