"""``aws-sdk:s3`` Tasks: objects of the workspace's buckets are read, written and listed; it stores nothing itself.

Source: recorded executions for getObject, putObject and refusals; Amazon S3 API reference for the other calls, which
the recordings do not show.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from binascii import crc32
from collections.abc import Callable, Iterator, Mapping
from hashlib import md5
from typing import Final, TypeAlias
from urllib.parse import unquote

from sfn_notebook import _json
from sfn_notebook._json import JSONObject
from sfn_notebook.asl.timestamps import format_timestamp
from sfn_notebook.engine.buckets import BucketError, Buckets, ObjectSummary, object_uri, put_object
from sfn_notebook.engine.quotas import MAX_PAYLOAD_BYTES
from sfn_notebook.engine.resources import TaskError, TaskOutcome, TaskRequest, TaskResult
from sfn_notebook.runtime.ids import IdSource

MAX_KEYS: Final = 1000
"""The longest page of a listing. Source: Amazon S3 API reference, ListObjectsV2."""

_Call: TypeAlias = Callable[[Buckets, JSONObject], JSONObject]
_LEGACY_NAME: Final = re.compile(r"[A-Za-z0-9._-]{3,255}")
_NO_BUCKET: Final = "The specified bucket does not exist"
_ENCRYPTION: Final = "AES256"


def perform_bucket_call(buckets: Buckets, request: TaskRequest) -> TaskOutcome:
    """Make one call at once."""
    try:
        return TaskResult(result=OBJECT_CALLS[request.plan.action](buckets, request.parameters))
    except BucketError as error:
        return _failed(error, request)


def _failed(error: BucketError, request: TaskRequest) -> TaskError:
    code, message = error.code, error.message
    if code == "InvalidBucketName" and _LEGACY_NAME.fullmatch(str(request.parameters.get("Bucket"))):
        # Recorded: of a name with capitals, as buckets of long ago have them, S3 says that there is none.
        code, message = "NoSuchBucket", _NO_BUCKET
    ids = IdSource(f"{request.state_pointer}/{request.now_seconds}")
    status = 404 if code == "NoSuchBucket" else error.status_code
    detail = f"Service: S3, Status Code: {status}, Request ID: {ids.uuid()}, Extended Request ID: {ids.uuid()}"
    return TaskError(error=f"S3.{code}Exception", cause=f"{message} ({detail})")


def _get_object(buckets: Buckets, parameters: JSONObject) -> JSONObject:
    bucket, key = str(parameters["Bucket"]), str(parameters["Key"])
    with buckets.open(bucket, key, version_id=parameters.get("VersionId")) as stream:
        # One byte more than a payload may have is enough to be refused.
        content = stream.read(MAX_PAYLOAD_BYTES + 1)
    described = _described(_summary(buckets, bucket, key)) | {"Body": content.decode("utf-8", "replace")}
    return dict(sorted(described.items()))


def _head_object(buckets: Buckets, parameters: JSONObject) -> JSONObject:
    bucket, key = str(parameters["Bucket"]), str(parameters["Key"])
    with buckets.open(bucket, key, version_id=parameters.get("VersionId")):
        return _described(_summary(buckets, bucket, key))


def _copy_object(buckets: Buckets, parameters: JSONObject) -> JSONObject:
    # "bucket/key", as in a URL: encoded, and with the version as its query.
    path, _, query = str(parameters["CopySource"]).removeprefix("/").partition("?")
    source_bucket, slash, source_key = unquote(path).partition("/")
    bucket, key = str(parameters["Bucket"]), str(parameters["Key"])
    if not slash:
        text = "Invalid copy source object key"
        raise BucketError("InvalidArgument", text, place=object_uri(bucket, key))
    version_id = query.removeprefix("versionId=") or None
    with buckets.open(source_bucket, source_key, version_id=version_id) as stream:
        put_object(buckets, bucket, key, stream.read())
    made = _summary(buckets, bucket, key)
    copied = {"ETag": made.etag, "LastModified": format_timestamp(made.last_modified_seconds)}
    return {"CopyObjectResult": copied, "ServerSideEncryption": _ENCRYPTION}


def _delete_object(buckets: Buckets, parameters: JSONObject) -> JSONObject:
    buckets.delete(str(parameters["Bucket"]), str(parameters["Key"]))
    return {}


def _summary(buckets: Buckets, bucket: str, key: str) -> ObjectSummary:
    # Of all keys with a prefix, the prefix itself comes first.
    summary = next(iter(buckets.list(bucket, prefix=key)), None)
    if summary is None or summary.key != key:
        raise BucketError("NoSuchKey", "The specified key does not exist.", place=object_uri(bucket, key))
    return summary


def _described(summary: ObjectSummary) -> JSONObject:
    return {
        "AcceptRanges": "bytes",
        "ContentLength": summary.size_bytes,
        "ContentType": "binary/octet-stream",
        "ETag": summary.etag,
        "LastModified": format_timestamp(summary.last_modified_seconds),
        "Metadata": {},
        "ServerSideEncryption": _ENCRYPTION,
    }


def _put_object(buckets: Buckets, parameters: JSONObject) -> JSONObject:
    # Recorded of objects, numbers and booleans: the object holds their compact JSON. Users find their texts in quotes.
    content = _json.dump(parameters["Body"]).encode() if "Body" in parameters else b""
    put_object(buckets, str(parameters["Bucket"]), str(parameters["Key"]), content)
    return {
        "ChecksumCRC32": b64encode(crc32(content).to_bytes(4, "big")).decode(),
        "ChecksumType": "FULL_OBJECT",
        "ETag": f'"{md5(content, usedforsecurity=False).hexdigest()}"',
        "ServerSideEncryption": _ENCRYPTION,
    }


def _list_objects(buckets: Buckets, parameters: JSONObject) -> JSONObject:
    after = str(parameters.get("Marker") or "")
    page, rest = _page(buckets, parameters, after)
    return page | ({"NextMarker": rest} if rest else {})


def _list_objects_v2(buckets: Buckets, parameters: JSONObject) -> JSONObject:
    token = parameters.get("ContinuationToken")
    after = str(parameters.get("StartAfter") or "") if token is None else _key_of(str(token), parameters)
    page, rest = _page(buckets, parameters, after)
    page["KeyCount"] = len(page["Contents"]) + len(page["CommonPrefixes"])
    return page | ({"NextContinuationToken": b64encode(rest.encode()).decode()} if rest else {})


def _key_of(token: str, parameters: JSONObject) -> str:
    try:
        return b64decode(token, validate=True).decode()
    except (Base64Error, ValueError):
        text = "The continuation token provided is incorrect"
        raise BucketError("InvalidArgument", text, place=object_uri(str(parameters["Bucket"]))) from None


def _page(buckets: Buckets, parameters: JSONObject, after: str) -> tuple[JSONObject, str]:
    """One page of a listing, and the key to go on after if there is more."""
    bucket, prefix = str(parameters["Bucket"]), str(parameters.get("Prefix") or "")
    wanted = parameters.get("MaxKeys")
    limit = min(wanted, MAX_KEYS) if isinstance(wanted, int) and wanted >= 0 else MAX_KEYS
    contents: list[JSONObject] = []
    folders: list[JSONObject] = []
    rest = last = ""
    for entry in _entries(buckets.list(bucket, prefix=prefix, start_after=after), prefix, parameters, after):
        if len(contents) + len(folders) >= limit:
            rest = last
            break
        if isinstance(entry, str):
            folders.append({"Prefix": entry})
            last = entry
        else:
            contents.append(_shown(entry))
            last = entry.key
    page = {"Contents": contents, "CommonPrefixes": folders, "IsTruncated": bool(rest)}
    return {**page, "MaxKeys": limit, "Name": bucket, "Prefix": prefix}, rest


def _entries(
    objects: Iterator[ObjectSummary], prefix: str, parameters: JSONObject, after: str
) -> Iterator[ObjectSummary | str]:
    """The objects, and in the place of those with the ``Delimiter`` beyond the prefix, each common prefix once."""
    delimiter = str(parameters.get("Delimiter") or "")
    last = after if delimiter and after.endswith(delimiter) else ""
    for each in objects:
        head, found, _ = each.key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        folder = f"{prefix}{head}{found}"
        if not found:
            yield each
        elif folder != last:
            last = folder
            yield folder


def _shown(summary: ObjectSummary) -> JSONObject:
    return {
        "ETag": summary.etag,
        "Key": summary.key,
        "LastModified": format_timestamp(summary.last_modified_seconds),
        "Size": summary.size_bytes,
        "StorageClass": summary.storage_class,
    }


OBJECT_CALLS: Final[Mapping[str, _Call]] = {
    "getObject": _get_object,
    "putObject": _put_object,
    "headObject": _head_object,
    "copyObject": _copy_object,
    "deleteObject": _delete_object,
    "listObjects": _list_objects,
    "listObjectsV2": _list_objects_v2,
}
