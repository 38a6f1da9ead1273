"""Which executions can be redriven, and how one is: replayed, opened, and gone on with; states are not its business.

Source: Step Functions Developer Guide, "Restarting state machine executions with redrive"; API reference,
DescribeExecution, for the reasons.
"""

from typing import Final

from sfn_notebook.engine.commands import RedriveExecution
from sfn_notebook.engine.description import redrive_refusal
from sfn_notebook.engine.execution import Execution
from sfn_notebook.engine.redriven_interpreter import RedrivenInterpreter
from sfn_notebook.errors import FeatureNotSupported, InvalidInput

_NO_MAP_RUNS: Final = "Fork the run where the Map is entered: run.fork(at=...)."


class RedrivableExecution(Execution):
    """An execution that can go on after it has failed, timed out or been stopped."""

    def begin_redrive(self) -> None:
        """Go on from what failed or was stopped, with the next ``resume`` or run of its clock.

        The ARN, the definition and the input stay; what has succeeded is not done again.

        Raises:
            InvalidInput: If it cannot be redriven, with AWS's reason.
            FeatureNotSupported: If a Map Run would have to go on.
        """
        refusal = redrive_refusal(self)
        if self.header.machine.type == "EXPRESS":
            refusal = "Express executions cannot be redriven"
        if refusal is not None:
            raise InvalidInput(f"{self.name} cannot be redriven: {refusal}.")
        self._open_again()
        self._deliver(RedriveExecution())

    def _open_again(self) -> None:
        interpreter = RedrivenInterpreter(self.compiled, self.header)
        for instant in self.log:
            interpreter.apply(instant)
        names = interpreter.unfinished_map_runs()
        if names:
            raise FeatureNotSupported(f"Redriving the Map Run of {names[0]!r}", hint=_NO_MAP_RUNS)
        # Those of before are known by these very objects, to their drivers and to who looks at them.
        interpreter.map_runs[:] = self._interpreter.map_runs
        self._interpreter = interpreter
        self.exception = None
        self.family.take_back(self)
