"""Errors of the REST face: a google.rpc.Status as JSON."""

import json
from http import HTTPStatus
from typing import Any

from clipshot_client.errors import ClipShotError, UnavailableError, Violation, error_of


def error_of_answer(status: int, body: bytes) -> ClipShotError:
    """The error that an HTTP answer means; one without a google.rpc.Status is not the server's own."""
    try:
        told: dict[str, Any] = json.loads(body)
        code, message, details = int(told["code"]), str(told["message"]), list(told.get("details", ()))
    except (ValueError, KeyError, TypeError):
        kind = UnavailableError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ClipShotError
        return kind(f"HTTP status {status}", reason=f"HTTP_{status}")
    info: dict[str, Any] = next((each for each in details if each["@type"].endswith("/google.rpc.ErrorInfo")), {})
    violations = [
        Violation(each.get("field", ""), each.get("description", ""))
        for detail in details
        if detail["@type"].endswith("/google.rpc.BadRequest")
        for each in detail.get("field_violations", ())
    ]
    return error_of(code, message, info.get("reason", ""), info.get("metadata"), violations)
