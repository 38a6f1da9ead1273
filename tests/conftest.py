"""What all tests share: their order; it knows nothing of what any of them tests."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Playwright's synchronous API leaves an event loop running in the thread, so that asyncio.run() would fail in every
    # test after it: browser tests come last, whatever their folder's name. They are the slowest, too.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
