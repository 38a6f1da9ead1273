"""The numbers that a Map takes from its input, checked as AWS does; it knows neither paths nor how a Map is run.

Source: the texts are those of recorded executions, except where a function says otherwise.
"""

import re
from typing import Final

from sfn_notebook import _json
from sfn_notebook._json import JSONValue
from sfn_notebook.asl import error_names
from sfn_notebook.asl.environment import EvaluationError
from sfn_notebook.asl.paths import Evaluator

MAX_BATCH_BYTES: Final = 262_144
"""The largest input of a child execution, so of a batch. Source: Step Functions quotas."""

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,3})?")


def _refuse(field: str, path: str, value: JSONValue, kind: str) -> EvaluationError:
    shown = value if isinstance(value, str) else _json.dump(value)
    detail = f'The {field}Path field refers to value "{shown}" which is not a valid {kind}: {path}'
    return EvaluationError(error_names.RUNTIME, detail)


def integer_at(field: str, path: str, value: JSONValue) -> int:
    """Read the integer that ``<field>Path`` found; a text of digits counts as one, ``1.5`` and ``{}`` do not.

    ``field`` is a name such as ``MaxItems`` and ``path`` the text of the path, for the message.

    Raises:
        EvaluationError: States.Runtime.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise _refuse(field, path, value, "integer")


def float_at(field: str, path: str, value: JSONValue) -> float:
    """Read the number that ``<field>Path`` found; a text that is a decimal number counts as one.

    Raises:
        EvaluationError: States.Runtime.
    """
    if _json.is_finite_number(value):
        return float(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return float(value)
    raise _refuse(field, path, value, "float")


def _not_negative(field: str, value: int) -> int:
    if value < 0:
        raise EvaluationError(error_names.RUNTIME, f"{field} cannot be negative.")
    return value


def tolerated_failure_count(value: int) -> int:
    """Check ToleratedFailureCount.

    Raises:
        EvaluationError: States.Runtime, below 0.
    """
    return _not_negative("ToleratedFailureCount", value)


def tolerated_failure_percentage(value: float) -> float:
    """Check ToleratedFailurePercentage.

    Raises:
        EvaluationError: States.Runtime, outside 0 to 100.
    """
    if not 0 <= value <= 100:
        raise EvaluationError(error_names.RUNTIME, "ToleratedFailurePercentage must be between 0 and 100.")
    return float(value)


def max_concurrency(value: int) -> int:
    """Check MaxConcurrency; 0 is no limit. The text for a negative one is by analogy: none was recorded.

    Raises:
        EvaluationError: States.Runtime, below 0.
    """
    return _not_negative("MaxConcurrency", value)


def max_items(value: int) -> int:
    """Check MaxItems; 0 is no limit. More than AWS's 100,000,000 was recorded as accepted through MaxItemsPath.

    Raises:
        EvaluationError: States.ItemReaderFailed, below 0: recorded as the Map Run's failure, without a prefix.
    """
    if value < 0:
        raise EvaluationError(error_names.ITEM_READER_FAILED, "field MaxItems must be positive", prefixed=False)
    return value


def batch_limit(field: str, value: int) -> int:
    """Check MaxItemsPerBatch or MaxInputBytesPerBatch, which must be positive; the text is by analogy with MaxItems.

    Raises:
        EvaluationError: States.Runtime, below 1.
    """
    if value < 1:
        raise EvaluationError(error_names.RUNTIME, f"field {field} must be positive")
    return value


def integer_evaluator(field: str, path: str, evaluate: Evaluator) -> Evaluator:
    """Compile ``<field>Path`` given the compiled path: what it finds, as an integer."""
    return lambda state_input, environment: integer_at(field, path, evaluate(state_input, environment))


def float_evaluator(field: str, path: str, evaluate: Evaluator) -> Evaluator:
    """Compile ``<field>Path`` given the compiled path: what it finds, as a number."""
    return lambda state_input, environment: float_at(field, path, evaluate(state_input, environment))
