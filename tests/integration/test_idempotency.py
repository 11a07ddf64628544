"""Calls with one request_id are done once: by twins at the same time, later, and after a restart."""

import asyncio
import uuid
from pathlib import Path

import pytest

from clipshot.core.clock import Clock
from clipshot.core.errors import InvalidArgumentError
from clipshot.core.events.event import Priority
from clipshot.core.events.payloads import Custom
from clipshot.core.idempotency import RequestKey
from tests.clocks import StoppedClock
from tests.core_parts import Foundation, request_key


async def _do(parts: Foundation, key: RequestKey | None, done: list[str]) -> str:
    """A mutation that takes a while, and its answer."""
    async with parts.keeper.once(key) as claim:
        if claim.answer is not None:
            return claim.answer
        await asyncio.sleep(0.01)
        async with parts.store.write() as tx:
            answer = f"things/{uuid.uuid4()}"
            tx.emit_custom("mine:made", Custom(), answer, Priority.NORMAL)
            await claim.remember(tx, answer)
        done.append(answer)
        return answer


async def test_twenty_twins_make_one(tmp_path: Path) -> None:
    done: list[str] = []
    key = request_key()
    async with Foundation(tmp_path / "x.db") as parts:
        answers = await asyncio.gather(*(_do(parts, key, done) for _ in range(20)))
    assert len(done) == 1
    assert answers == done * 20


async def test_the_answer_outlives_a_restart(tmp_path: Path) -> None:
    done: list[str] = []
    key = request_key()
    for _ in range(2):
        async with Foundation(tmp_path / "x.db") as parts:
            await _do(parts, key, done)
    assert len(done) == 1


async def test_another_body_or_method_is_refused_also_after_a_restart(tmp_path: Path) -> None:
    key = request_key("body")
    async with Foundation(tmp_path / "x.db") as parts:
        await _do(parts, key, [])
    for other in (RequestKey(key.request_id, key.method, "other"), RequestKey(key.request_id, "Other", "body")):
        async with Foundation(tmp_path / "x.db") as parts:
            with pytest.raises(InvalidArgumentError) as caught:
                await _do(parts, other, [])
            assert caught.value.reason == "REQUEST_ID_REUSED"
            assert caught.value.violations[0].field == "request_id"


async def test_a_twin_with_another_body_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    key = request_key("body")
    twin = RequestKey(key.request_id, key.method, "other")
    async with Foundation(tmp_path / "x.db") as parts:
        results = await asyncio.gather(_do(parts, key, []), _do(parts, twin, []), return_exceptions=True)
    assert isinstance(results[0], str)
    assert isinstance(results[1], InvalidArgumentError)


async def test_when_the_first_fails_its_twin_does_it(tmp_path: Path) -> None:
    key = request_key()
    done: list[str] = []

    async def fail(parts: Foundation) -> None:
        async with parts.keeper.once(key):
            await asyncio.sleep(0.01)
            raise RuntimeError

    async with Foundation(tmp_path / "x.db") as parts:
        first, second = await asyncio.gather(fail(parts), _do(parts, key, done), return_exceptions=True)
    assert isinstance(first, RuntimeError)
    assert [second] == done


@pytest.mark.parametrize("key", [None, RequestKey("", "Method", "body")])
async def test_without_an_id_each_call_is_done(tmp_path: Path, key: RequestKey | None) -> None:
    done: list[str] = []
    async with Foundation(tmp_path / "x.db") as parts:
        await asyncio.gather(*(_do(parts, key, done) for _ in range(3)))
    assert len(done) == 3


async def test_ids_are_forgotten_after_a_day(tmp_path: Path) -> None:
    clock = StoppedClock()
    typed: Clock = clock
    key = request_key()
    done: list[str] = []
    async with Foundation(tmp_path / "x.db", typed) as parts:
        await _do(parts, key, done)
        clock.forward(hours=23)
        await parts.store.sweep()
        await _do(parts, key, done)
        assert len(done) == 1
        clock.forward(hours=2)
        await _do(parts, key, done)
        assert len(done) == 2
        clock.forward(hours=25)
        await parts.store.sweep()
        async with parts.store.read() as reader:
            assert await reader.requests.get(key.request_id) is None
