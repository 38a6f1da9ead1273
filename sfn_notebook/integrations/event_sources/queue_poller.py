"""Lambda's poller of one SQS queue: receives, calls the function, deletes or gives back, all in modelled time.

The queue itself is real: what is received is hidden there for as long as the queue allows, and this poller gives it
back when the visibility timeout has passed on the modelled clock. So the queue counts the receives, keeps the order of
a FIFO queue's groups, and moves messages to its dead-letter queue.

Source: Lambda developer guide, "Using Lambda with Amazon SQS"; recorded event source mappings.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.functions.attempts import Attempt
from sfn_notebook.functions.event_sources.mapping_config import MAX_BATCH_BYTES, QueueMappingConfig
from sfn_notebook.functions.event_sources.partial_batch import failed_identifiers
from sfn_notebook.functions.event_sources.queue_event import passes_filters, queue_event, queue_record
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.integrations.aws.failures import client_errors
from sfn_notebook.integrations.event_sources.queue_facts import QueueFacts
from sfn_notebook.integrations.event_sources.sent_messages import SentMessages
from sfn_notebook.runtime.ids import IdSource
from sfn_notebook.runtime.scheduler import Action, Timer

FIRST_CONCURRENCY: Final = 5
ADDED_PER_MINUTE: Final = 60
MAX_CONCURRENCY: Final = 1000
"""Batches at a time: at first, more for each minute with messages, at most. Source: developer guide."""

_HIDDEN_SECONDS: Final = 43_200 - 60
"""How long the queue is told to hide a message: nearly its limit of 12 hours, which no notebook waits for."""
_PAGE: Final = 10


@dataclass(kw_only=True, slots=True, eq=False)
class _Message:
    """A message that was received and neither deleted nor given back. Times are modelled."""

    record: JSONObject
    received_seconds: float
    size_bytes: int

    @property
    def message_id(self) -> str:
        return str(self.record["messageId"])

    @property
    def receipt_handle(self) -> str:
        return str(self.record["receiptHandle"])

    @property
    def group(self) -> str | None:
        """The group of a FIFO queue's message: it is processed in order."""
        group: str | None = self.record["attributes"].get("MessageGroupId")
        return group


class QueuePoller:
    """One event source mapping. ``sent`` tells when messages were sent, and is shared by all pollers.

    ``moved`` is called when the queue may have moved messages to another one, with the records of those that had been
    received as often as it allows. ``failures`` tells why whole batches failed, for the message ids in them.
    """

    def __init__(
        self,
        *,
        client: Any,
        facts: QueueFacts,
        function_name: str,
        config: QueueMappingConfig,
        service: LambdaService,
        sent: SentMessages,
        moved: Callable[[Sequence[JSONObject]], None],
    ) -> None:
        self._client = client
        self.facts = facts
        self.function_name = function_name
        self.config = config
        self._service = service
        self._scheduler = service.scheduler
        self._sent = sent
        self._moved = moved
        self._ids = IdSource(f"sqs/{facts.arn}/{function_name}")
        self.uuid = IdSource(f"mapping/{facts.arn}/{function_name}").uuid()
        self.is_enabled = True
        self.failures: list[str] = []
        self._first_received: dict[str, float] = {}
        self._waiting: list[_Message] = []
        self._running = 0
        self._busy_groups: set[str | None] = set()
        self._busy_since: float | None = None
        self._has_shown = False
        self._spent: list[JSONObject] = []
        self._poll: Timer | None = None
        self._window: Timer | None = None

    def __repr__(self) -> str:
        state = "Enabled" if self.is_enabled else "Disabled"
        return f"<EventSourceMapping {self.facts.name} -> {self.function_name}: {state}>"

    def wake(self) -> None:
        """Look into the queue at this moment of modelled time."""
        if self.is_enabled and (self._poll is None or self._poll.is_cancelled):
            self._poll = self._at(self._service.now(), self._look)

    def disable(self) -> None:
        """Receive nothing until it is enabled; what waits for its batch goes back to the queue."""
        self.is_enabled = False
        for timer in (self._poll, self._window):
            if timer is not None:
                timer.cancel()
        for message in self._waiting:
            self._show(message)
        self._waiting.clear()

    def enable(self) -> None:
        """Receive (again)."""
        self.is_enabled = True
        self.wake()

    def _at(self, due_seconds: float, action: Action, *, is_deadline: bool = False) -> Timer:
        """Do ``action`` then; a queue that is gone ends the mapping, and not the run in which that comes out."""

        def guarded() -> None:
            try:
                action()
            except client_errors() as error:
                self.is_enabled = False
                self.failures.append(f"{self.facts.name}: {error}")

        return self._scheduler.schedule(due_seconds, guarded, is_deadline=is_deadline)

    def _look(self) -> None:
        self._poll = None
        if not self.is_enabled:
            return
        now_seconds = self._scheduler.now()
        wanted = self._free_batches(now_seconds) * self.config.batch_size - len(self._waiting)
        for message in self._receive(wanted):
            sent_seconds = self._sent.sent_seconds(message.message_id, now_seconds)
            due_seconds = self._sent.due_seconds(message.message_id)
            is_kept = now_seconds - sent_seconds < self.facts.retention_seconds
            if not (is_kept and passes_filters(message.record, self.config.filters)):
                self._delete([message])
            elif due_seconds > now_seconds:
                self._at(due_seconds, partial(self._arrive, message))
            else:
                self._waiting.append(message)
        self._dispatch()
        if self._has_shown and self.facts.dead_letter_arn is not None:
            self._has_shown = False
            spent, self._spent = self._spent, []
            self._moved(spent)

    def _arrive(self, message: _Message) -> None:
        """The delay of a message has passed."""
        message.received_seconds = self._scheduler.now()
        self._waiting.append(message)
        self._dispatch()

    def _free_batches(self, now_seconds: float) -> int:
        if self._busy_since is None:
            self._busy_since = now_seconds
        minutes = int((now_seconds - self._busy_since) // 60)
        limit = min(MAX_CONCURRENCY, FIRST_CONCURRENCY + ADDED_PER_MINUTE * minutes)
        return min(limit, self.config.maximum_concurrency or limit) - self._running

    def _receive(self, wanted: int) -> Iterator[_Message]:
        while wanted > 0:
            answer = self._client.receive_message(
                QueueUrl=self.facts.url,
                MaxNumberOfMessages=min(_PAGE, wanted),
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=0,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            found = answer.get("Messages", [])
            yield from map(self._received, found)
            wanted -= len(found)
            if not found:
                return

    def _received(self, message: dict[str, Any]) -> _Message:
        now_seconds = self._scheduler.now()
        message_id = str(message["MessageId"])
        record = queue_record(
            message,
            queue_arn=self.facts.arn,
            sent_seconds=self._sent.sent_seconds(message_id, now_seconds),
            first_received_seconds=self._first_received.setdefault(
                message_id, max(now_seconds, self._sent.due_seconds(message_id))
            ),
        )
        return _Message(record=record, received_seconds=now_seconds, size_bytes=_json.size_bytes(record))

    def _dispatch(self) -> None:
        """Call the function with every batch that is full or has waited long enough."""
        now_seconds = self._scheduler.now()
        while (ready := self._ready()) and self._free_batches(now_seconds) > 0:
            due_seconds = ready[0].received_seconds + self.config.window_seconds
            batch = _first_batch(ready, self.config.batch_size)
            is_full = len(batch) == self.config.batch_size or len(batch) < len(ready)
            if not is_full and now_seconds < due_seconds:
                if self._window is None or self._window.is_cancelled:
                    self._window = self._at(due_seconds, self._close_window)
                return
            self._waiting = [each for each in self._waiting if each not in batch]
            self._call(batch)
        if not self._waiting and not self._running:
            self._busy_since = None

    def _ready(self) -> list[_Message]:
        """What may be processed now: of a FIFO queue's groups, those of which nothing is being processed."""
        if not self.config.is_fifo:
            return self._waiting
        return [each for each in self._waiting if each.group not in self._busy_groups]

    def _close_window(self) -> None:
        self._window = None
        self._dispatch()

    def _call(self, batch: Sequence[_Message]) -> None:
        event = queue_event([each.record for each in batch])
        try:
            attempt = self._service.attempt(
                self.function_name, event, request_id=self._ids.uuid(), caller=self.facts.arn
            )
        except SfnNotebookError as error:
            # Throttled, or the function is gone: the messages come back when their visibility timeout has passed.
            self.failures.append(f"{len(batch)} message(s): {error.message}")
            self._give_back(batch)
            return
        except BaseException:
            # Ctrl-C: as after a crash the messages come back, and those behind them are not held up.
            self._give_back(batch)
            self.wake()
            raise
        self._running += 1
        if self.config.is_fifo:
            self._busy_groups.update(each.group for each in batch)
        self._at(attempt.ended_seconds, partial(self._end, batch, attempt))

    def _end(self, batch: Sequence[_Message], attempt: Attempt) -> None:
        self._running -= 1
        self._busy_groups.difference_update(each.group for each in batch)
        identifiers = [each.message_id for each in batch]
        failed = frozenset(identifiers)
        if attempt.result.function_error is None:
            reports = self.config.reports_item_failures
            failed = failed_identifiers(attempt.result.payload, identifiers) if reports else frozenset()
        self._delete([each for each in batch if each.message_id not in failed])
        returned = [each for each in batch if each.message_id in failed]
        self._give_back(returned)
        if self.config.is_fifo:
            self._hold_groups(frozenset(each.group for each in returned))
        self._dispatch()
        self.wake()

    def _hold_groups(self, groups: frozenset[str | None]) -> None:
        """What was received of a group that failed comes after it again."""
        held = [each for each in self._waiting if each.group in groups]
        self._waiting = [each for each in self._waiting if each.group not in groups]
        self._give_back(held)

    def _delete(self, messages: Sequence[_Message]) -> None:
        for start in range(0, len(messages), _PAGE):
            page = messages[start : start + _PAGE]
            entries = [{"Id": str(index), "ReceiptHandle": each.receipt_handle} for index, each in enumerate(page)]
            self._client.delete_message_batch(QueueUrl=self.facts.url, Entries=entries)
        for each in messages:
            self._sent.forget(each.message_id)
            self._first_received.pop(each.message_id, None)

    def _give_back(self, messages: Sequence[_Message]) -> None:
        """Show messages again when their visibility timeout has passed.

        Without a dead-letter queue a message that always fails would come back for days: virtual time does not pass
        for its sake, as it does not for a timeout that a person may forestall.
        """
        has_no_end = self.facts.dead_letter_arn is None
        for each in messages:
            due_seconds = each.received_seconds + self._visibility_seconds()
            self._at(due_seconds, partial(self._show_again, each), is_deadline=has_no_end)

    def _visibility_seconds(self) -> float:
        """The queue's own, or what a call may take with its window, if that is longer."""
        function = self._service.registry.get(self.function_name)
        timeout_seconds = 0.0 if function is None else float(function.configuration.timeout_seconds)
        window_seconds = self.config.window_seconds
        least = window_seconds + timeout_seconds + 30 if window_seconds else timeout_seconds
        return max(self.facts.visibility_seconds, least)

    def _show_again(self, message: _Message) -> None:
        self._show(message)
        self._has_shown = True
        receives = int(message.record["attributes"]["ApproximateReceiveCount"])
        if self.facts.dead_letter_arn is not None and receives >= self.facts.max_receive_count:
            self._spent.append(message.record)
        self.wake()

    def _show(self, message: _Message) -> None:
        self._client.change_message_visibility(
            QueueUrl=self.facts.url, ReceiptHandle=message.receipt_handle, VisibilityTimeout=0
        )


def _first_batch(messages: Sequence[_Message], batch_size: int) -> list[_Message]:
    """The first messages, as many as a batch and a call's payload hold; at least one."""
    batch: list[_Message] = []
    size_bytes = 0
    for message in messages[:batch_size]:
        size_bytes += message.size_bytes
        if batch and size_bytes > MAX_BATCH_BYTES:
            break
        batch.append(message)
    return batch
