"""What the work of one attempt left behind beside its answer: an observation, and no part of the log or its replay."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptOutput:
    """``logs`` is what was printed and logged, ``traceback`` the user's own frames; ``None`` where there is nothing."""

    logs: str | None
    traceback: str | None
