"""What an expression may see besides its input, and how it reports failure; nothing of who evaluates it or when."""

from collections.abc import Mapping
from random import Random
from typing import Protocol

from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.asl.error_names import QUERY_EVALUATION_ERROR


class Environment(Protocol):
    """The surroundings of one state's visit.

    ``context_object`` is the Context Object (``$$``), made when first read; ``random`` is the execution's seeded
    generator, so that ``States.UUID`` and ``States.MathRandom`` repeat on replay; ``variables`` are the workflow
    variables in scope, by name without ``$``; ``states`` is ``$states`` of JSONata; ``now_seconds`` is modelled time.
    """

    @property
    def context_object(self) -> JSONObject:
        """The Context Object as JSON: ``Execution``, ``State``, ``StateMachine``, and in a Map ``Map``."""

    @property
    def variables(self) -> Mapping[str, JSONValue]:
        """The variables in scope."""

    @property
    def states(self) -> JSONObject:
        """``input`` and ``context``, and where they exist ``result`` and ``errorOutput``."""

    @property
    def now_seconds(self) -> float:
        """Modelled seconds since the epoch."""

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


class JsonataEvaluationError(EvaluationError):
    """A JSONata expression failed; ``location`` is the field, such as ``Output/total``, where AWS tells one."""

    def __init__(self, detail: str, location: str | None) -> None:
        super().__init__(QUERY_EVALUATION_ERROR, detail)
        self.location = location
