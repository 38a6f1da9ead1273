"""When messages were sent and when they may be received, in modelled time; it neither sends nor receives.

The queue's own delay runs on the machine's clock. Where a queue is polled in modelled time, the delay is taken out of
the call, and the poller keeps the message until it has passed.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, eq=False)
class SentMessages:
    """What is known of messages, by id, until they are deleted; ``delays`` are those of polled queues, by URL."""

    delays: dict[str, float] = field(default_factory=dict)
    _sent: dict[str, float] = field(default_factory=dict)
    _due: dict[str, float] = field(default_factory=dict)

    def take_delay(self, operation: str, parameters: MutableMapping[str, Any]) -> None:
        """Take the delay out of a call that sends to a polled queue."""
        if parameters.get("QueueUrl") not in self.delays:
            return
        if operation == "SendMessage":
            parameters["DelaySeconds"] = 0
        elif operation == "SendMessageBatch":
            parameters["Entries"] = [{**each, "DelaySeconds": 0} for each in parameters.get("Entries", ())]

    def note(self, parameters: Mapping[str, Any], answer: Mapping[str, Any], now_seconds: float) -> None:
        """Remember what a call has sent; ``parameters`` are those that the caller gave."""
        entries = {each["Id"]: each for each in parameters.get("Entries", ())}
        usual_seconds = self.delays.get(str(parameters.get("QueueUrl")))
        for sent in answer.get("Successful", [answer]):
            message_id = sent["MessageId"]
            self._sent[message_id] = now_seconds
            if usual_seconds is not None:
                given = entries.get(sent.get("Id"), parameters).get("DelaySeconds")
                self._due[message_id] = now_seconds + (usual_seconds if given is None else given)

    def sent_seconds(self, message_id: str, now_seconds: float) -> float:
        """When it was sent; one that nobody noted is taken to be sent now."""
        return self._sent.setdefault(message_id, now_seconds)

    def due_seconds(self, message_id: str) -> float:
        """When it may be received for the first time."""
        return self._due.get(message_id, 0.0)

    def forget(self, message_id: str) -> None:
        """It was deleted."""
        self._sent.pop(message_id, None)
        self._due.pop(message_id, None)
