"""Markers of sessions."""

from collections.abc import Sequence
from datetime import timedelta

from clipshot.core.capture.active_sessions import ActiveSessions
from clipshot.core.capture.marker import Marker
from clipshot.core.capture.requests import MarkerRequest
from clipshot.core.clock import Clock
from clipshot.core.errors import InvalidArgumentError, NotFoundError
from clipshot.core.events.payloads import MarkerAdded, MarkerRemoved
from clipshot.core.idempotency import IdempotencyKeeper, RequestKey
from clipshot.core.ids import new_id
from clipshot.core.page_tokens import PageTokens
from clipshot.core.paging import Keyset, Page, PageRequest
from clipshot.core.store import Store


class MarkerKeeper:
    """Sets, lists and removes markers."""

    def __init__(
        self, store: Store, sessions: ActiveSessions, keeper: IdempotencyKeeper, tokens: PageTokens, clock: Clock
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._keeper = keeper
        self._tokens = tokens
        self._clock = clock

    async def create(self, request: MarkerRequest, key: RequestKey | None) -> Marker:
        """Mark a moment of a session.

        Raises:
            InvalidArgumentError: MARKER_OUTSIDE_SESSION, REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: NOTHING_CAPTURED, or SESSION_ENDED where "now" is meant.
        """
        running = self._sessions.find(request.session_id)
        now = running.live.now if running else timedelta()  # taken first: the moment is that of the call
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                _, session_id, _, marker_id = claim.answer.split("/")
                return await self._get(session_id, marker_id)
            if running is None and request.at is None:
                running = await self._sessions.running(request.session_id)
                now = running.live.now
            session = await self._sessions.view(running.session_id if running else request.session_id)
            end = now if running else session.duration
            at = now if request.at is None else request.at
            if not timedelta() <= at <= end:
                raise InvalidArgumentError.of_field(
                    "at", f"{at} is outside the session, which goes to {end}", reason="MARKER_OUTSIDE_SESSION"
                )
            marker = Marker(
                marker_id=new_id("mrk"),
                session_id=session.session_id,
                at=at,
                time=session.start_time + at,
                duration=request.duration,
                label=request.label,
                kind=request.kind,
                create_time=self._clock(),
                attributes=request.attributes,
            )
            resource = f"sessions/{session.session_id}"
            async with self._store.write() as tx:
                await tx.markers.put(marker)
                tx.emit(MarkerAdded(marker), resource)
                await claim.remember(tx, f"{resource}/markers/{marker.marker_id}")
            return marker

    async def list(self, session_id: str, request: PageRequest) -> Page[Marker]:
        """Markers of a session, by session time.

        Raises:
            InvalidArgumentError: the page token is not of this list.
            NotFoundError: SESSION_NOT_FOUND.
            PreconditionError: NOTHING_CAPTURED.
        """
        session = await self._sessions.view(session_id)

        async def fetch(after: Keyset | None, limit: int) -> Sequence[Marker]:
            async with self._store.read() as reader:
                return await reader.markers.page(session.session_id, after, limit)

        return await self._tokens.page(
            request, session.session_id, fetch, lambda marker: Keyset.at(marker.at, marker.marker_id)
        )

    async def delete(self, session_id: str, marker_id: str, key: RequestKey | None) -> None:
        """Remove a marker.

        Raises:
            InvalidArgumentError: REQUEST_ID_REUSED.
            NotFoundError: SESSION_NOT_FOUND or MARKER_NOT_FOUND.
            PreconditionError: NOTHING_CAPTURED.
        """
        async with self._keeper.once(key) as claim:
            if claim.answer is not None:
                return
            session = await self._sessions.view(session_id)
            resource = f"sessions/{session.session_id}"
            async with self._store.write() as tx:
                marker = await tx.markers.get(session.session_id, marker_id)
                if marker is None:
                    raise NotFoundError("marker", marker_id)
                await tx.markers.remove(marker_id)
                tx.emit(MarkerRemoved(marker), resource)
                await claim.remember(tx, f"{resource}/markers/{marker_id}")

    async def _get(self, session_id: str, marker_id: str) -> Marker:
        async with self._store.read() as reader:
            marker = await reader.markers.get(session_id, marker_id)
        if marker is None:
            raise NotFoundError("marker", marker_id)
        return marker
