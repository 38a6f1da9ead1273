"""A workspace with a real moto server on this machine, and what tests of queues and streams do again and again."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfn_notebook.functions.registry import FunctionRegistry
from sfn_notebook.workspace import Workspace

HAS_SERVICES = all(importlib.util.find_spec(name) is not None for name in ("boto3", "moto", "flask"))
ACCOUNT = "123456789012"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without the extra [aws] there are no queues and streams to poll."""
    reason = "queues and streams need boto3 and moto: pip install 'sfn_notebook[aws]'"
    for item in items:
        if not HAS_SERVICES and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


class Cloud:
    """A workspace, its clients, and modelled seconds since the test began."""

    def __init__(self) -> None:
        self.workspace = Workspace(registry=FunctionRegistry())
        self._began_seconds = self.workspace.scheduler.now()

    @property
    def seconds(self) -> float:
        return round(self.workspace.scheduler.now() - self._began_seconds, 3)

    def queue(self, name: str, **attributes: object) -> str:
        """Make a queue and return its URL."""
        given = {key: value if isinstance(value, str) else json.dumps(value) for key, value in attributes.items()}
        url: str = self.workspace.client("sqs").create_queue(QueueName=name, Attributes=given)["QueueUrl"]
        return url

    def queue_with_dead_letters(self, name: str, *, receives: int, **attributes: object) -> tuple[str, str]:
        """Make a queue and its dead-letter queue, and return their URLs."""
        dead = self.queue(f"{name}-dead")
        redrive = {"deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}-dead", "maxReceiveCount": receives}
        return self.queue(name, RedrivePolicy=redrive, **attributes), dead

    def send(self, url: str, *bodies: str, **parameters: object) -> None:
        """Send messages."""
        for body in bodies:
            self.workspace.client("sqs").send_message(QueueUrl=url, MessageBody=body, **parameters)

    def bodies(self, url: str) -> list[str]:
        """Receive what is visible."""
        answer = self.workspace.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [message["Body"] for message in answer.get("Messages", ())]

    def invisible(self, url: str) -> dict[str, Any]:
        """How many messages the queue holds, visible and not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.workspace.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return {"visible": int(found[names[0]]), "hidden": int(found[names[1]])}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    made = Cloud()
    yield made
    made.workspace.aws.connection.stop()
