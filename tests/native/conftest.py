"""Sessions that always end."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

import clipshot_native as native

StartSession = Callable[..., Awaitable[native.Session]]


@pytest.fixture
async def start_session() -> AsyncIterator[StartSession]:
    """Starts sessions, by default on a small test source at 60 frames a second; they are stopped after the test."""
    sessions: list[native.Session] = []

    async def start(source_id: str = "test:clock:320x240", **options: Any) -> native.Session:
        video = options.pop("video", None) or native.VideoConfig(fps=60, preset="ultrafast")
        session = await native.Session.start(source_id=source_id, video=video, **options)
        sessions.append(session)
        return session

    yield start
    for session in sessions:
        await session.stop()
