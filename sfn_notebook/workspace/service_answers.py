"""What AWS's SDK adds to the answers of optimised integrations, as recorded; it calls no service."""

from email.utils import formatdate

from sfn_notebook import _json
from sfn_notebook._json import JSONObject


def with_metadata(answer: JSONObject, *, request_id: str, now_seconds: float) -> JSONObject:
    """``answer`` with SdkHttpMetadata and SdkResponseMetadata. Source: recorded executions."""
    headers = {
        "connection": "keep-alive",
        "Content-Length": str(_json.size_bytes(answer)),
        "Content-Type": "application/x-amz-json-1.0",
        "Date": formatdate(now_seconds, usegmt=True),
        "x-amzn-RequestId": request_id,
    }
    metadata: JSONObject = {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }
    return answer | metadata
