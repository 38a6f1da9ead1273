"""What an expression may see besides its input, and how it reports failure; nothing of who evaluates it or when."""

from random import Random
from typing import Protocol

from sfn_notebook._json import JSONObject


class Environment(Protocol):
    """The surroundings of one state's visit.

    ``context_object`` is the Context Object (``$$``), made when first read; ``random`` is the execution's seeded
    generator, so that ``States.UUID`` and ``States.MathRandom`` repeat on replay.
    """

    @property
    def context_object(self) -> JSONObject:
        """The Context Object as JSON: ``Execution``, ``State``, ``StateMachine``, and in a Map ``Map``."""

    @property
    def random(self) -> Random:
        """The execution's seeded generator."""


class EvaluationError(Exception):
    """An ASL error raised while a state's expressions are evaluated: a value for Retry and Catch, not for users.

    ``detail`` is the text without AWS's prefix ``An error occurred while executing the state ...``; the engine puts the
    prefix before it unless ``prefixed`` is false.
    """

    def __init__(self, error: str, detail: str, *, prefixed: bool = True) -> None:
        super().__init__(f"{error}: {detail}")
        self.error = error
        self.detail = detail
        self.prefixed = prefixed
