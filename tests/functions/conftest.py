"""One Lambda account for each test of functions, on a virtual clock; nothing is shared with other tests."""

import pytest

from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.functions.registry import FunctionRegistry


@pytest.fixture
def registry() -> FunctionRegistry:
    return FunctionRegistry()


@pytest.fixture
def service(registry: FunctionRegistry) -> LambdaService:
    return registry.serve(None)
