"""A notebook without the extra [aws]: Tasks on services are refused by name, everything else runs."""

import importlib.util
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from sfn_notebook.engine import resources
from sfn_notebook.errors import FeatureNotSupported
from sfn_notebook.integrations.aws import service_names
from sfn_notebook.workspace import Workspace


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """Where boto3 and moto are not installed."""
    find_spec, import_module = importlib.util.find_spec, importlib.import_module

    def lacks(name: str) -> bool:
        return name.partition(".")[0] in ("boto3", "botocore", "moto", "werkzeug")

    def absent(name: str, *arguments: Any) -> Any:
        if lacks(name):
            raise ModuleNotFoundError(name)
        return import_module(name, *arguments)

    for name in [each for each in sys.modules if lacks(each)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if lacks(name) else find_spec(name))
    monkeypatch.setattr(importlib, "import_module", absent)
    caches = (service_names._services, service_names.service_model, resources._plan)
    for cache in caches:
        cache.cache_clear()
    yield Workspace()
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    ("resource", "parameters"),
    [
        ("sqs:sendMessage", {"QueueUrl": "https://h/1/q", "MessageBody": "m"}),
        ("aws-sdk:sqs:listQueues", {}),
        ("http:invoke", {"ApiEndpoint": "https://h", "Method": "GET", "Authentication": {"ConnectionArn": "arn"}}),
    ],
)
def test_a_task_on_a_service_is_refused_with_the_remedy(
    workspace: Workspace, resource: str, parameters: dict[str, Any]
) -> None:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    machine = workspace.define("M", {"StartAt": "A", "States": {"A": state}})
    with pytest.raises(FeatureNotSupported, match="/States/A/Resource") as refused:
        machine.run()
    assert "pip install 'sfn_notebook[aws]'" in str(refused.value)
    assert workspace.executions == {}


def test_a_client_is_refused_with_the_remedy(workspace: Workspace) -> None:
    for service in ("stepfunctions", "sqs"):
        with pytest.raises(FeatureNotSupported) as refused:
            workspace.client(service)
        assert "pip install 'sfn_notebook[aws]'" in str(refused.value)


def test_a_function_may_still_stand_in_for_a_service(workspace: Workspace) -> None:
    workspace.service_handler("aws-sdk:sqs:listQueues")(lambda _parameters: {"QueueUrls": []})
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Parameters": {}, "End": True}
    run = workspace.define("M", {"StartAt": "A", "States": {"A": state}}).run()
    assert run.output == {"QueueUrls": []}
