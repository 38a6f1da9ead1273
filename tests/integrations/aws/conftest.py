"""Connections to a real moto server on this machine, spoken to over HTTP."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.integrations.aws.endpoint import AwsConnection
from sfn_notebook.workspace import Workspace

HAS_SERVICES = all(importlib.util.find_spec(name) is not None for name in ("boto3", "moto", "flask"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the extra [aws] there are no services to speak to."""
    reason = "the services around workflows need boto3 and moto: pip install 'sfn_notebook[aws]'"
    for item in items:
        if not HAS_SERVICES and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def connection(said: list[str]) -> Iterator[AwsConnection]:
    made = AwsConnection(say=said.append)
    yield made
    made.stop()


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    made = Workspace(registry=FunctionRegistry())
    yield made
    made.aws.connection.stop()
