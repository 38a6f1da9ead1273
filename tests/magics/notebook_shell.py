"""A real IPython shell that raises what a cell raises, and the cells of a small order notebook."""

from typing import Any, Final

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell


class NotebookShell(InteractiveShell):
    """Runs cells as a notebook does, one number for each."""

    def run(self, cell: str) -> Any:
        """Run ``cell`` and return its value, or raise what it raised."""
        result = self.attempt(cell)
        result.raise_error()  # type: ignore[no-untyped-call]  # IPython leaves it untyped
        return result.result

    def attempt(self, cell: str) -> ExecutionResult:
        """Run ``cell`` as one of the notebook, whatever comes of it."""
        result: ExecutionResult = self.run_cell(cell, store_history=True)  # type: ignore[no-untyped-call]  # as above
        return result


ORDER_FUNCTIONS: Final = """\
@lambda_function
def validate(event, context):
    return {**event, "valid": True}

class CardDeclined(Exception):
    pass

@lambda_function(duration=2)
def charge(event):
    if event.get("total", 0) > 100:
        raise CardDeclined("no cover for %d" % event["total"])
    return {**event, "charged": True}
"""

ORDER_FLOW: Final = """%%asl OrderFlow
{
  "StartAt": "Validate",
  "States": {
    "Validate": {"Type": "Task", "Resource": "validate", "Next": "Hold"},
    "Hold": {"Type": "Wait", "Seconds": 3600, "Next": "Charge"},
    "Charge": {"Type": "Task", "Resource": "${charge}", "End": true}
  }
}
"""
