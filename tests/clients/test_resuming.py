"""How streams that break are taken up again, told by streams that break on purpose."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from clipshot_client import ClipShotError, Gap, NotFoundError, Steps, UnavailableError
from clipshot_client.events import Batch, resumed
from clipshot_client.tracking import tracked


@dataclass
class Happened:
    event_id: str


class Server:
    """Answers each subscription with the next of its scripts; an error in a script breaks the stream there."""

    def __init__(self, *scripts: Sequence[Batch[Happened] | Exception]) -> None:
        self._scripts = list(scripts)
        self.asked: list[str] = []

    async def subscribe(self, after: str) -> AsyncGenerator[Batch[Happened], None]:
        self.asked.append(after)
        for step in self._scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step


def batch(*ids: str, gap: Gap | None = None) -> Batch[Happened]:
    return Batch([Happened(event_id) for event_id in ids], gap)


def hello(position: str) -> Batch[Happened]:
    return Batch([], None, position)


BROKEN = UnavailableError("broken")


async def taken(server: Server, count: int, after: str = "") -> list[str]:
    found = []
    async with aclosing(resumed(server.subscribe, after)) as events:
        async for event in events:
            found.append("gap" if isinstance(event, Gap) else event.event_id)
            if len(found) == count:
                break
    return found


async def test_each_stream_goes_on_after_the_last_event_of_the_one_before() -> None:
    server = Server(
        [hello("e-0"), batch("e-1", "e-2"), BROKEN],
        [BROKEN],
        [hello("e-2"), batch("e-3"), batch()],
        [hello("e-3"), batch("e-4")],
    )
    assert await taken(server, 4, "e-0") == ["e-1", "e-2", "e-3", "e-4"]
    assert server.asked == ["e-0", "e-2", "e-2", "e-3"]


async def test_a_stream_without_an_event_yet_goes_on_at_its_greeting() -> None:
    server = Server([hello("e-7"), BROKEN], [hello("e-7"), batch("e-8")])
    assert await taken(server, 1) == ["e-8"]
    assert server.asked == ["", "e-7"]


async def test_events_without_a_number_do_not_move_the_position() -> None:
    server = Server([hello("e-0"), batch("e-1", ""), BROKEN], [hello("e-1"), batch("e-2")])
    assert await taken(server, 3) == ["e-1", "", "e-2"]
    assert server.asked == ["", "e-1"]


async def test_a_gap_comes_before_the_events_after_it() -> None:
    server = Server([hello("e-1"), batch("e-5", gap=Gap("e-1", "e-5", 3))])
    assert await taken(server, 2, "e-1") == ["gap", "e-5"]


async def test_a_refusal_is_not_waited_for() -> None:
    server = Server([hello("e-0"), BROKEN], [NotFoundError("gone")])
    with pytest.raises(NotFoundError):
        await taken(server, 1)


class Work:
    """An operation whose states are scripted, stream by stream."""

    def __init__(self, *scripts: Sequence[str | Exception]) -> None:
        self._scripts = list(scripts)

    async def watch(self) -> AsyncGenerator[str, None]:
        for step in self._scripts.pop(0):
            if isinstance(step, Exception):
                raise step
            yield step

    def steps(self, failure: ClipShotError | None = None) -> Steps[str]:
        return Steps(lambda: tracked(self.watch, lambda state: (failure or True) if state == "ended" else False))


async def test_an_operation_is_tracked_across_broken_streams() -> None:
    work = Work(["half", BROKEN], [BROKEN], ["more", "ended"])
    assert [state async for state in work.steps()] == ["half", "more", "ended"]


async def test_an_awaited_operation_answers_its_end() -> None:
    assert await Work(["half", "ended"]).steps() == "ended"


async def test_a_failed_operation_tells_its_last_state_and_raises() -> None:
    states = aiter(Work(["half", "ended"]).steps(UnavailableError("the worker died")))
    assert [await anext(states), await anext(states)] == ["half", "ended"]
    with pytest.raises(UnavailableError, match="the worker died"):
        await anext(states)
