"""Which records of a batch a function says have failed; what becomes of them is decided by the source.

Source: Lambda developer guide, "Implementing partial batch responses"; recorded event source mappings.
"""

from collections.abc import Sequence

from sfn_notebook._json import JSONValue


def failed_identifiers(response: JSONValue, identifiers: Sequence[str], *, is_stream: bool = False) -> frozenset[str]:
    """The identifiers that ``response`` names in ``batchItemFailures``; all of them if it cannot be understood.

    ``identifiers`` are those of the batch: message ids or sequence numbers. Success is ``null``, ``{}``, and a list
    that is empty or ``null``; for a stream also an empty text.
    """
    if response is None or (is_stream and response == ""):
        return frozenset()
    failures = response.get("batchItemFailures") if isinstance(response, dict) else ()
    if failures is None:
        return frozenset()
    everything = frozenset(identifiers)
    if not isinstance(failures, list):
        return everything
    named: set[str] = set()
    for failure in failures:
        identifier = failure.get("itemIdentifier") if isinstance(failure, dict) else None
        if not isinstance(identifier, str) or identifier not in everything:
            return everything
        named.add(identifier)
    return frozenset(named)
