"""The live view of a run whose result will stand below it; apart, since importing widgets takes a while."""

from typing import Any

import traitlets

from sfn_notebook.magics.result_mark import HIDE_RESULT_CSS
from sfn_notebook.widgets.execution_widget import ExecutionWidget


class RunWidget(ExecutionWidget):
    """An ``ExecutionWidget`` of a run, that hides the marked picture below it."""

    _css: Any = f"{ExecutionWidget._css}\n{HIDE_RESULT_CSS}"  # noqa: SLF001 - anywidget's name for a public setting

    # The view keeps room for a run's panes from the start, so that nothing moves when the first status comes.
    is_run = traitlets.Bool(default_value=True).tag(sync=True)
