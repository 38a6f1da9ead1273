"""The live view of a run whose result will stand below it; apart, since importing widgets takes a while."""

from typing import Any

from sfn_notebook.magics.result_mark import HIDE_RESULT_CSS
from sfn_notebook.widgets.execution_widget import ExecutionWidget


class RunWidget(ExecutionWidget):
    """An ``ExecutionWidget`` that hides the marked picture below it."""

    _css: Any = f"{ExecutionWidget._css}\n{HIDE_RESULT_CSS}"  # noqa: SLF001 - anywidget's name for a public setting
