from typing import Any

import pytest

from sfn_notebook.functions.event_sources.partial_batch import failed_identifiers

ALL = {"a", "b"}


@pytest.mark.parametrize(
    ("response", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, ALL),
        ({"batchItemFailures": [{"item": "a"}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": "z"}]}, ALL),
        ({"batchItemFailures": ["a"]}, ALL),
        ({"batchItemFailures": "a"}, ALL),
        ([], ALL),
        ("", ALL),
        (7, ALL),
    ],
)
def test_which_records_have_failed(response: Any, failed: set[str]) -> None:
    assert failed_identifiers(response, ["a", "b"]) == failed


def test_an_empty_text_is_success_for_a_stream() -> None:
    assert failed_identifiers("", ["a", "b"], is_stream=True) == set()
