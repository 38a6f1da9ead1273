"""Which Retrier or Catcher takes an error, and how long a retry waits; it neither counts attempts nor waits."""

from collections.abc import Sequence
from random import Random
from typing import Final

from sfn_notebook.asl import error_names
from sfn_notebook.asl.model import Catcher, JitterStrategy, Retrier

MAX_SECONDS: Final = 99_999_999
"""The longest time that a field of the language can hold; a back-off that grows past it stays there."""

_TIMEOUTS: Final = frozenset({error_names.TIMEOUT, error_names.HEARTBEAT_TIMEOUT})


def error_matches(error_equals: Sequence[str], error_name: str | None) -> bool:
    """Tell whether an ``ErrorEquals`` list names ``error_name``; ``None`` is a failure that came without a name.

    - ``States.ALL`` takes everything but ``States.Runtime``.
    - ``States.TaskFailed`` takes everything but ``States.Runtime`` and timeouts.
    - ``States.Timeout`` also takes ``States.HeartbeatTimeout``: pass the latter for a missed heartbeat, although the
      history reports it as ``States.Timeout``. ``States.HeartbeatTimeout`` takes only a missed heartbeat.
    - ``States.Runtime`` is taken by nothing, not even by its own name.
    - Any other name takes exactly itself: names differ by letter case, and there are no other wildcards.

    Source: Step Functions developer guide, "Handling errors". Two points come from recordings instead: ``States.ALL``
    does take a Task's ``States.DataLimitExceeded``, which the guide denies, and a failure without a name.
    """
    if error_name == error_names.RUNTIME:
        return False
    if error_name is not None and error_name in error_equals:
        return True
    if error_names.ALL in error_equals:
        return True
    if error_name in _TIMEOUTS:
        return error_names.TIMEOUT in error_equals
    return error_names.TASK_FAILED in error_equals


def find_retrier(retry: Sequence[Retrier], error_name: str | None) -> int | None:
    """Index of the first Retrier that takes the error; its own attempt count decides, never a later Retrier's."""
    for index, retrier in enumerate(retry):
        if error_matches(retrier.error_equals, error_name):
            return index
    return None


def find_catcher(catch: Sequence[Catcher], error_name: str | None) -> int | None:
    """Index of the first Catcher that takes the error."""
    for index, catcher in enumerate(catch):
        if error_matches(catcher.error_equals, error_name):
            return index
    return None


def delay_seconds(retrier: Retrier, retries_made: int, random: Random) -> float:
    """Seconds to wait before the next retry, after ``retries_made`` retries by this Retrier (0 before the first).

    ``IntervalSeconds`` times ``BackoffRate`` per retry made, capped by ``MaxDelaySeconds``; with ``FULL`` jitter a
    number drawn evenly between 0 and that. Only jitter draws from ``random``, so that adding an unjittered Retrier does
    not change the draws of others.

    Source: Step Functions developer guide, "Retrying after an error".
    """
    try:
        delay = retrier.interval_seconds * float(retrier.backoff_rate) ** retries_made
    except OverflowError:
        delay = float(MAX_SECONDS)
    longest = MAX_SECONDS if retrier.max_delay_seconds is None else retrier.max_delay_seconds
    delay = float(min(delay, longest))
    return random.uniform(0.0, delay) if retrier.jitter_strategy is JitterStrategy.FULL else delay
