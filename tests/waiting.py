"""Waiting for something that another process does."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(ask: Callable[[], T | None], limit: float, what: str) -> T:
    """The first answer of ``ask`` that is true, within ``limit`` seconds; the limit guards against hanging only."""
    deadline = time.monotonic() + limit
    while True:
        answer = ask()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {limit:g} s: {what}"
        time.sleep(0.02)
