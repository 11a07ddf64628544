"""Requests that break a rule of the protos are refused before any servicer sees them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from protovalidate import Validator

from clipshot.api.interceptors.call import Call, CallInterceptor
from clipshot.core.errors import FieldViolation, InvalidArgumentError

_MAX_VIOLATIONS = 20
"""Violations told at once; a list of a thousand bad entries needs no thousand lines."""


class ValidationInterceptor(CallInterceptor):
    """Checks requests with protovalidate."""

    def __init__(self) -> None:
        self._validator = Validator()

    @asynccontextmanager
    async def around(self, call: Call) -> AsyncIterator[None]:
        """Refuse a request that breaks a rule, naming each field."""
        if call.request is not None:
            found = self._validator.collect_violations(call.request)
            if found:
                raise _error([violation.proto for violation in found[:_MAX_VIOLATIONS]])
        yield


def _error(found: list[Any]) -> InvalidArgumentError:
    violations = [FieldViolation(_path(one.field), one.message, _reason(one.rule_id)) for one in found]
    text = "; ".join(f"{violation.field}: {violation.description}" for violation in violations)
    return InvalidArgumentError("REQUEST_INVALID", text, violations=violations, metadata={"field": violations[0].field})


def _path(path: Any) -> str:
    """The path of a field; ``request`` for a rule about the whole message, which has none."""
    parts = []
    for element in path.elements if path else ():
        subscript = element.subscript
        index = f"[{subscript.value}]" if subscript is not None else ""
        parts.append(f"{element.field_name}{index}")
    return ".".join(parts) or "request"


def _reason(rule_id: str) -> str:
    return rule_id.upper().replace(".", "_")[:63]
