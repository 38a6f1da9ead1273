"""Lambda's poller of one stream: each shard in its order, in modelled time; which batch is next is decided elsewhere.

Source: Lambda developer guide, "Using Lambda with Kinesis" and "with DynamoDB"; recorded event source mappings.
"""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeAlias

from sfn_notebook import _json
from sfn_notebook._json import JSONObject, JSONValue
from sfn_notebook.errors import SfnNotebookError
from sfn_notebook.functions.attempts import Attempt
from sfn_notebook.functions.event_sources.mapping_config import StreamMappingConfig
from sfn_notebook.functions.event_sources.partial_batch import failed_identifiers
from sfn_notebook.functions.event_sources.stream_batches import Batch, ShardBatches, checkpoint_of
from sfn_notebook.functions.event_sources.stream_event import (
    BatchCondition,
    LastResponse,
    StreamRecord,
    batch_failure_record,
)
from sfn_notebook.functions.event_sources.tumbling_window import OpenWindow, state_in, window_at
from sfn_notebook.functions.lambda_service import LambdaService
from sfn_notebook.integrations.aws.failures import client_errors
from sfn_notebook.integrations.event_sources.stream_reader import StreamReader
from sfn_notebook.runtime.ids import DEFAULT_ACCOUNT, IdSource
from sfn_notebook.runtime.scheduler import Timer

DeliverFailure: TypeAlias = Callable[[str, JSONObject, str], None]
"""Sends a failure record to the destination of an ARN; the text is the key that it has in a bucket."""

_NEVER: Final = -1


class _Shard:
    """One shard, or one of the lanes that it is read in, and what is under way in it: a call, or a wait."""

    def __init__(self, shard_id: str, config: StreamMappingConfig) -> None:
        self.shard_id = shard_id
        self.batches = ShardBatches(config)
        self.is_busy = False
        self.timer: Timer | None = None
        self.window: OpenWindow | None = None
        self.closing: Timer | None = None


class StreamPoller:
    """One event source mapping. ``failures`` tells what could not be called or delivered."""

    def __init__(
        self,
        *,
        reader: StreamReader,
        function_name: str,
        config: StreamMappingConfig,
        service: LambdaService,
        deliver: DeliverFailure,
    ) -> None:
        self._reader = reader
        self.function_name = function_name
        self.config = config
        self._service = service
        self._scheduler = service.scheduler
        self._deliver = deliver
        self._ids = IdSource(f"stream/{reader.arn}/{function_name}")
        self.uuid = self._ids.uuid()
        self.is_enabled = True
        self.failures: list[str] = []
        self._shards: dict[tuple[str, int], _Shard] = {}
        self._poll: Timer | None = None

    def __repr__(self) -> str:
        state = "Enabled" if self.is_enabled else "Disabled"
        return f"<EventSourceMapping {self._reader.arn.partition('/')[2]} -> {self.function_name}: {state}>"

    @property
    def checkpoints(self) -> dict[str, str | None]:
        """The last sequence number of each shard that is done or given up."""
        found: dict[str, tuple[list[str | None], list[str | None]]] = {}
        for shard in self._shards.values():
            has_more = shard.is_busy or shard.batches.upcoming is not None
            found.setdefault(shard.shard_id, ([], []))[has_more].append(shard.batches.checkpoint)
        return {shard_id: checkpoint_of(finished, unfinished) for shard_id, (finished, unfinished) in found.items()}

    def wake(self) -> None:
        """Look into the stream at this moment of modelled time."""
        if self.is_enabled and (self._poll is None or self._poll.is_cancelled):
            self._poll = self._scheduler.schedule(self._service.now(), self._look)

    def disable(self) -> None:
        """Call the function no more until it is enabled; checkpoints stay."""
        self.is_enabled = False
        timers = [each for shard in self._shards.values() for each in (shard.timer, shard.closing)]
        for timer in (self._poll, *timers):
            if timer is not None:
                timer.cancel()

    def enable(self) -> None:
        """Go on at the checkpoints."""
        self.is_enabled = True
        self.wake()

    def _look(self) -> None:
        self._poll = None
        try:
            for record in self._reader.read(self._scheduler.now()):
                if self._is_wanted(record):
                    self._shard_of(record).batches.add(record)
        except client_errors() as error:
            # A stream that is gone ends the mapping, and not the run in which that comes out.
            self.is_enabled = False
            self.failures.append(f"{self._reader.arn}: {error}")
        for shard in self._shards.values():
            self._go_on(shard)

    def _shard_of(self, record: StreamRecord) -> _Shard:
        """Where a record is read: those of one partition key stay in their order, in one lane."""
        key = (record.shard_id, record.lane(self.config.parallelization_factor))
        if key not in self._shards:
            self._shards[key] = _Shard(record.shard_id, self.config)
        return self._shards[key]

    def _is_wanted(self, record: StreamRecord) -> bool:
        seen = record.event
        if self.config.filters and "kinesis" in seen:
            # Filters look into the data as it was before its base64, where that is JSON.
            data = base64.b64decode(seen["kinesis"]["data"])
            try:
                seen = {**seen, "data": _json.load(data)}
            except (ValueError, RecursionError):
                seen = {**seen, "data": data.decode("utf-8", "replace")}
        return not self.config.filters or any(each.matches(seen) for each in self.config.filters)

    def _go_on(self, shard: _Shard) -> None:
        """Try the shard's next batch, or wait for its window."""
        if shard.is_busy or not self.is_enabled or (shard.timer is not None and not shard.timer.is_cancelled):
            return
        if self.config.tumbling_window_seconds and not self._is_window_open(shard):
            return
        oldest = shard.batches.oldest_waiting
        if oldest is not None and not shard.batches.is_full:
            due_seconds = oldest.arrived_seconds + self.config.window_seconds
            if shard.window is not None:
                due_seconds = min(due_seconds, shard.window.end_seconds)
            if self._scheduler.now() < due_seconds:
                self._wait(shard, due_seconds)
                return
        batch = shard.batches.take()
        if batch is not None:
            self._call(shard, batch)

    def _is_window_open(self, shard: _Shard) -> bool:
        """Whether the next batch belongs to the window that is open; if not, that is closed, or its end waited for."""
        upcoming, window = shard.batches.upcoming, shard.window
        if window is None:
            if upcoming is not None:
                shard.window = window_at(upcoming.arrived_seconds, self.config.tumbling_window_seconds)
            return True
        if window.is_too_large or (upcoming is not None and upcoming.arrived_seconds >= window.end_seconds):
            self._close_window(shard, window)
            return False
        if upcoming is None and self._scheduler.now() >= window.end_seconds:
            self._close_window(shard, window)
            return False
        if shard.closing is None or shard.closing.is_cancelled:
            shard.closing = self._scheduler.schedule(window.end_seconds, partial(self._go_on, shard))
        return True

    def _close_window(self, shard: _Shard, window: OpenWindow) -> None:
        """Let the function do what is to be done with the window's state; until it has, the shard waits."""
        event = window.event([], shard_id=shard.shard_id, stream_arn=self._reader.arn, is_final=True)
        request_id = self._ids.uuid()
        try:
            attempt = self._service.attempt(self.function_name, event, request_id=request_id, caller=self._reader.arn)
        except SfnNotebookError as error:
            self._window_failed(shard, window, error.message)
            return
        shard.is_busy = True
        self._scheduler.schedule(attempt.ended_seconds, partial(self._window_closed, shard, window, attempt))

    def _window_closed(self, shard: _Shard, window: OpenWindow, attempt: Attempt) -> None:
        shard.is_busy = False
        if attempt.result.function_error is not None:
            self._window_failed(shard, window, "the function failed at the end of a window")
            return
        # A window that ended early goes on with a fresh state, at the next record that it has.
        shard.window = None
        self._go_on(shard)

    def _window_failed(self, shard: _Shard, window: OpenWindow, reason: str) -> None:
        window.attempts += 1
        limit = self.config.maximum_retry_attempts
        if limit != _NEVER and window.attempts > limit:
            self.failures.append(f"{shard.shard_id}: {reason}; its state is lost")
            shard.window = None
            self._go_on(shard)
            return
        delay_seconds = Batch(records=(), attempts=window.attempts).delay_seconds
        self._wait(shard, self._scheduler.now() + delay_seconds, is_deadline=limit == _NEVER)

    def _wait(self, shard: _Shard, due_seconds: float, *, is_deadline: bool = False) -> None:
        shard.timer = self._scheduler.schedule(due_seconds, partial(self._resume, shard), is_deadline=is_deadline)

    def _resume(self, shard: _Shard) -> None:
        shard.timer = None
        self._go_on(shard)

    def _call(self, shard: _Shard, batch: Batch) -> None:
        batch = self._without_expired(shard, batch)
        if not batch.records:
            self._go_on(shard)
            return
        request_id = self._ids.uuid()
        event = self._event(shard, batch)
        try:
            attempt = self._service.attempt(self.function_name, event, request_id=request_id, caller=self._reader.arn)
        except SfnNotebookError as error:
            # Throttled, or the function is gone: tried again, as after an error.
            self.failures.append(f"{len(batch.records)} record(s): {error.message}")
            self._settle(shard, batch, shard.batches.fail(batch), request_id, None)
            return
        except BaseException:
            # Ctrl-C: as after a crash the batch is tried again, and the shard goes on.
            self._settle(shard, batch, shard.batches.fail(batch), request_id, None)
            raise
        shard.is_busy = True
        self._scheduler.schedule(attempt.ended_seconds, partial(self._end, shard, batch, attempt, request_id))

    def _event(self, shard: _Shard, batch: Batch) -> JSONObject:
        records: list[JSONValue] = [each.event for each in batch.records]
        if shard.window is None:
            return {"Records": records}
        return shard.window.event(records, shard_id=shard.shard_id, stream_arn=self._reader.arn)

    def _without_expired(self, shard: _Shard, batch: Batch) -> Batch:
        """Give up what has grown too old, and forget what the stream itself no longer has."""
        now_seconds = self._scheduler.now()
        lost, batch = shard.batches.split_by_age(batch, now_seconds - self._reader.retention_seconds)
        shard.batches.finish(lost)
        if self.config.maximum_record_age_seconds == _NEVER:
            return batch
        expired, rest = shard.batches.split_by_age(batch, now_seconds - self.config.maximum_record_age_seconds)
        if expired:
            shard.batches.finish(expired)
            self._tell(expired, BatchCondition.RECORD_AGE_EXCEEDED, batch.attempts, self._ids.uuid(), None)
        return rest

    def _end(self, shard: _Shard, batch: Batch, attempt: Attempt, request_id: str) -> None:
        shard.is_busy = False
        result = attempt.result
        numbers = [each.sequence_number for each in batch.records]
        response = LastResponse(
            status_code=result.status_code,
            executed_version=attempt.executed_version,
            function_error=result.function_error,
        )
        state = state_in(result.payload)
        if result.function_error is not None or (shard.window is not None and state is None):
            self._settle(shard, batch, shard.batches.fail(batch), request_id, response)
            return
        if shard.window is not None:
            shard.window.state = state
        failed: frozenset[str] = frozenset()
        if self.config.reports_item_failures:
            failed = failed_identifiers(result.payload, numbers, is_stream=True)
        if failed:
            self._settle(shard, batch, shard.batches.fail_from(batch, failed), request_id, response)
            return
        shard.batches.finish(batch.records)
        self._go_on(shard)

    def _settle(
        self, shard: _Shard, failed: Batch, given_up: Batch | None, request_id: str, response: LastResponse | None
    ) -> None:
        """Give up what is to be given up and go on, or try again after a delay.

        Where retries have no end, virtual time does not pass for their sake.
        """
        if given_up is not None:
            shard.batches.finish(given_up.records)
            condition = BatchCondition.RETRY_ATTEMPTS_EXHAUSTED
            self._tell(given_up.records, condition, given_up.attempts, request_id, response)
            self._go_on(shard)
            return
        delay_seconds = Batch(records=failed.records, attempts=failed.attempts + 1).delay_seconds
        has_no_end = self.config.maximum_retry_attempts == _NEVER == self.config.maximum_record_age_seconds
        self._wait(shard, self._scheduler.now() + delay_seconds, is_deadline=has_no_end)

    def _tell(
        self,
        records: Sequence[StreamRecord],
        condition: BatchCondition,
        invoke_count: int,
        request_id: str,
        response: LastResponse | None,
    ) -> None:
        target = self.config.on_failure
        if target is None:
            return
        now_seconds = self._scheduler.now()
        record = batch_failure_record(
            records,
            info_name=self._reader.info_name,
            stream_arn=self._reader.arn,
            request_id=request_id,
            function_arn=DEFAULT_ACCOUNT.function_arn(self.function_name),
            condition=condition,
            invoke_count=invoke_count,
            response=response,
            now_seconds=now_seconds,
            with_payload=target.split(":")[2] == "s3",
        )
        moment = datetime.fromtimestamp(int(now_seconds), UTC)
        place = f"aws/lambda/{self.uuid}/{records[0].shard_id}/{moment:%Y/%m/%d}"
        key = f"{place}/{moment:%Y-%m-%dT%H.%M.%S}-{self._ids.uuid()}"
        try:
            self._deliver(target, record, key)
        except Exception as error:  # noqa: BLE001 - a destination is a service's or anybody's code: Lambda goes on
            self.failures.append(f"{target}: {error}")
