"""The library in the database."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    column,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    table,
    tuple_,
)

from clipshot.core.clips.clip import Clip, ClipState
from clipshot.core.paging import Keyset
from clipshot.core.store import ClipFilter, ClipOrder
from clipshot.store.database import Connection
from clipshot.store.row_mapping import columns_of, entity, upsert
from clipshot.store.tables import clip_tags, clips

INDEXED_MATCHES = 2000
"""Up to so many clips that hold a text or a tag are taken from its index and sorted. When there are more, walking the
list in order meets a page of them soon."""

_TRIGRAM = 3


class ClipRepository:
    """The library."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def get(self, clip_id: str) -> Clip | None:
        """One clip, trashed or not."""
        found = await self._connection.rows(_SELECT.where(clips.c.clip_id == clip_id))
        return entity(Clip, found[0]) if found else None

    async def page(self, where: ClipFilter, order: ClipOrder, after: Keyset | None, limit: int) -> Sequence[Clip]:
        """Clips after a position."""
        query = _ordered(_SELECT.where(*_conditions(where)), order, after).limit(limit)
        for tag in where.tags:
            query = query.where(await self._is_tagged(tag))
        if where.text:
            query = query.where(await self._holds(where.text.casefold()))
        return [entity(Clip, row) for row in await self._connection.rows(query)]

    async def trashed(self, expired_before: datetime | None = None) -> Sequence[Clip]:
        """All trashed clips, or those whose time in the trash is over."""
        query = _SELECT.where(clips.c.expire_time.is_not(None)).order_by(clips.c.clip_id)
        if expired_before:
            query = query.where(clips.c.expire_time < expired_before)
        return [entity(Clip, row) for row in await self._connection.rows(query)]

    async def put(self, clip: Clip) -> None:
        """Insert or replace."""
        text = "\n".join((clip.title, clip.description, *clip.tags)).casefold()
        await self._connection.run(upsert(clips, "clip_id", clip, search_text=text))
        await self._connection.run(delete(clip_tags).where(clip_tags.c.clip_id == clip.clip_id))
        if clip.tags:
            rows = [{"tag": tag, "clip_id": clip.clip_id} for tag in dict.fromkeys(clip.tags)]
            await self._connection.run(insert(clip_tags), rows)

    async def remove(self, clip_id: str) -> None:
        """Delete, if it is there; its tags go with it."""
        await self._connection.run(delete(clips).where(clips.c.clip_id == clip_id))

    async def _holds(self, text: str) -> ColumnElement[bool]:
        walk = func.instr(clips.c.search_text, text) > 0
        if len(text) < _TRIGRAM:
            return walk
        hits = select(_search.c.rowid).where(_search.c.search_text.op("MATCH")(_phrase(text)))
        return await self._among(clips.c.number, hits, walk)

    async def _is_tagged(self, tag: str) -> ColumnElement[bool]:
        tagged = select(clip_tags.c.clip_id).where(clip_tags.c.tag == tag)
        return await self._among(clips.c.clip_id, tagged, tagged.where(clip_tags.c.clip_id == clips.c.clip_id).exists())

    async def _among(
        self, key: ColumnElement[Any], hits: Select[Any], walk: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """That a clip is among the hits: by their keys when they are few, else by what each clip says itself."""
        keys = [row[0] for row in await self._connection.rows(hits.limit(INDEXED_MATCHES + 1))]
        if len(keys) > INDEXED_MATCHES:
            return walk
        # As one parameter: thousands of them would take longer to compile than to look up.
        return key.in_(select(func.json_each(json.dumps(keys)).table_valued("value").c.value))


def _conditions(where: ClipFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_in_states(where.states)]
    if where.origins:
        found.append(clips.c.origin.in_(where.origins))
    if where.favourite is not None:
        found.append(clips.c.favourite == where.favourite)
    if where.games:
        found.append(clips.c.game.in_(where.games))
    if where.session_id:
        found.append(clips.c.session_id == where.session_id)
    if where.created_after:
        found.append(clips.c.create_time >= where.created_after)
    if where.created_before:
        found.append(clips.c.create_time < where.created_before)
    if where.min_duration is not None:
        found.append(clips.c.duration >= where.min_duration)
    if where.max_duration is not None:
        found.append(clips.c.duration <= where.max_duration)
    return found


def _in_states(states: tuple[ClipState, ...]) -> ColumnElement[bool]:
    untrashed = clips.c.expire_time.is_(None)
    meaning: dict[ClipState, ColumnElement[bool]] = {
        ClipState.READY: untrashed & clips.c.damaged.is_(False),
        ClipState.DAMAGED: untrashed & clips.c.damaged.is_(True),
        ClipState.TRASHED: clips.c.expire_time.is_not(None),
    }
    return or_(*(meaning[state] for state in states)) if states else untrashed


def _ordered(query: Select[Any], order: ClipOrder, after: Keyset | None) -> Select[Any]:
    key, clip_id = clips.c[order.field], clips.c.clip_id
    if after:
        kind = String if isinstance(after.key, str) else BigInteger
        here, position = tuple_(key, clip_id), tuple_(literal(after.key, kind), literal(after.id, String))
        query = query.where(here < position if order.descending else here > position)
    return query.order_by(key.desc(), clip_id.desc()) if order.descending else query.order_by(key, clip_id)


def _phrase(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


_SELECT = select(*columns_of(clips, Clip))
_search = table("clip_search", column("rowid"), column("search_text"))
