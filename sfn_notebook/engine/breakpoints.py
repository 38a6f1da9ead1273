"""Where an execution shall pause, and whether it shall now; it pauses nothing itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Final, TypeAlias

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.jsonata_scope import EagerScope
from sfn_notebook.asl.jsonata_template import compile_boolean
from sfn_notebook.engine.context_object import FrameEnvironment
from sfn_notebook.engine.frames import Frame
from sfn_notebook.errors import InvalidInput

BEFORE: Final = "before"
AFTER: Final = "after"
MOMENTS: Final = (BEFORE, AFTER)

Condition: TypeAlias = str | Callable[[JSONValue], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Breakpoint:
    """A state before whose entry, or after whose work, an execution pauses.

    ``condition`` is JSONata, ``{% $states.input.total > 100 %}``, that sees what the state's own fields see, and with
    ``after`` the state's output as ``$states.result``; or a function that is given the payload: the state's input,
    with ``after`` its output. A condition that fails pauses too, and ``Pause.note`` says why.

    Raises:
        InvalidInput: For a moment that is neither ``before`` nor ``after``, or a condition that is neither.
        ExpressionSyntaxError: For a condition that is no JSONata.
    """

    state: str
    when: str = BEFORE
    condition: Condition | None = None
    _holds: "Callable[[EagerScope], bool] | None" = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.when not in MOMENTS:
            raise InvalidInput(f"a breakpoint stands {self.when!r}.", hint="Use before or after.")
        given: object = self.condition  # authors are not type-checked
        if isinstance(given, str):
            text = given.strip()
            expression = text if text.startswith("{%") else f"{{% {text} %}}"
            object.__setattr__(self, "_holds", compile_boolean(expression, "condition"))
        elif given is not None and not callable(given):
            hint = "Give JSONata text, or a function of the payload."
            raise InvalidInput(f"{given!r} is no condition of a breakpoint.", hint=hint)

    def holds(self, scope: EagerScope, payload: JSONValue) -> bool:
        """Whether the condition, if there is one, is met; whatever a function of the user raises goes through."""
        if self._holds is not None:
            return self._holds(scope)
        return not callable(self.condition) or bool(self.condition(payload))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Where an execution stands at a breakpoint.

    ``event_id`` is that of the StateEntered (``before``) or StateExited (``after``) event which will be written next,
    and ``payload`` what it will carry; ``note`` tells of a condition that failed.
    """

    when: str
    state_name: str
    pointer: str
    iteration: tuple[int, ...]
    event_id: int
    payload: JSONValue
    since_seconds: float
    note: str = ""

    def describe(self) -> JSONObject:
        """The same as plain data."""
        return {
            "when": self.when,
            "stateName": self.state_name,
            "iteration": list(self.iteration),
            "eventId": self.event_id,
            "payload": self.payload,
            **({"note": self.note} if self.note else {}),
        }

    def __str__(self) -> str:
        place = "".join(f"[{index}]" for index in self.iteration)
        return f"{self.when} {self.state_name}{place}" + (f" ({self.note})" if self.note else "")


class Stops:
    """The breakpoints of one execution; with ``is_stepping`` it stops before the next state too, whatever that is."""

    def __init__(self, breakpoints: Iterable[Breakpoint] = ()) -> None:
        self.is_stepping = False
        self._by_place: dict[tuple[str, str], list[Breakpoint]] = {}
        for each in breakpoints:
            self._by_place.setdefault((each.when, each.state), []).append(each)

    def note(self, when: str, frame: Frame, payload: JSONValue, environment: FrameEnvironment) -> str | None:
        """Why to stop here, which may be an empty text; ``None`` is a reason to go on."""
        for each in self._by_place.get((when, frame.state.name), ()):
            try:
                if each.condition is None or each.holds(_scope(when, frame, payload, environment), payload):
                    return ""
            except EvaluationError as failure:
                return f"the condition failed: {failure.detail}"
            except Exception as failure:  # noqa: BLE001 - the user's own function: its mistake must be seen, not hidden
                return f"the condition failed: {type(failure).__name__}: {failure}"
        return "" if self.is_stepping and when == BEFORE else None


def _scope(when: str, frame: Frame, payload: JSONValue, environment: FrameEnvironment) -> EagerScope:
    """What a condition sees; its random numbers are its own, so that looking changes no execution."""
    states: JSONObject = {"input": frame.input, "context": environment.context_object}
    if when == AFTER:
        states["result"] = payload
    random = Random(0)  # noqa: S311 - nothing secret is drawn
    return EagerScope(states=states, variables=frame.variables, random=random, now_seconds=environment.now_seconds)
