"""S3's notifications of new objects: the event's shape, and which objects a function hears of; it stores nothing.

Source: recorded notifications of January 2025; Amazon S3 user guide, "Event notification types".
"""

import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus

from sfn_notebook._json import JSONObject
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.functions.event_sources.errors import ValidationException
from sfn_notebook.runtime.ids import Account

OBJECT_CREATED_PUT: Final = "ObjectCreated:Put"
_EVENTS: Final = frozenset({"s3:ObjectCreated:*", "s3:ObjectCreated:Put"})


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketNotification:
    """Which objects of a bucket a function hears of.

    Raises:
        ValidationException: For events that a bucket of a notebook has not.
    """

    notification_id: str
    bucket: str
    prefix: str = ""
    suffix: str = ""
    events: tuple[str, ...] = ("s3:ObjectCreated:*",)

    def __post_init__(self) -> None:
        unknown = [each for each in self.events if each not in _EVENTS]
        if unknown or not self.events:
            raise ValidationException(
                f"A bucket of a notebook does not tell of {', '.join(unknown) or 'nothing'}.",
                hint=f"Objects are only put there: {', '.join(sorted(_EVENTS))}.",
            )

    def concerns(self, bucket: str, key: str) -> bool:
        """Whether the function hears of that object."""
        return bucket == self.bucket and key.startswith(self.prefix) and key.endswith(self.suffix)


def object_created_event(
    notification: BucketNotification,
    *,
    key: str,
    size_bytes: int,
    etag: str,
    sequence: int,
    now_seconds: float,
    account: Account,
) -> JSONObject:
    """The event of one object that was put; ``etag`` has no quotes, ``sequence`` counts the bucket's writes."""
    request = hashlib.sha256(f"{notification.bucket}/{key}/{sequence}".encode("utf-8", "surrogatepass")).hexdigest()
    principal = f"AWS:{account.account_id}"
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "awsRegion": account.region,
                "eventTime": format_timestamp(now_seconds),
                "eventName": OBJECT_CREATED_PUT,
                "userIdentity": {"principalId": principal},
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {"x-amz-request-id": request[:16].upper(), "x-amz-id-2": request},
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": notification.notification_id,
                    "bucket": {
                        "name": notification.bucket,
                        "ownerIdentity": {"principalId": principal},
                        "arn": f"arn:{account.partition}:s3:::{notification.bucket}",
                    },
                    "object": {
                        "key": quote_plus(key, safe="/*", errors="surrogatepass"),
                        "size": size_bytes,
                        "eTag": etag,
                        "sequencer": f"{round(now_seconds * 1000):014X}{sequence:04X}",
                    },
                },
            }
        ]
    }
