"""What makes two requests the same."""

import hashlib

from google.protobuf.message import Message

from clipshot.core.idempotency import RequestKey


def request_key(request: Message, method: str) -> RequestKey:
    """The key of a call: its ``request_id``, and a digest of everything else in the request."""
    request_id: str = getattr(request, "request_id", "")
    rest = type(request)()
    rest.CopyFrom(request)
    rest.ClearField("request_id")
    return RequestKey(request_id, method, hashlib.sha256(rest.SerializeToString(deterministic=True)).hexdigest())
