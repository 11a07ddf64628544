"""Page tokens cannot be forged, nor used with other filters."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from clipshot.core.errors import InvalidArgumentError
from clipshot.core.page_tokens import PageTokens
from clipshot.core.paging import MAX_PAGE_SIZE, Keyset, PageRequest

_TOKENS = PageTokens(b"secret")


@pytest.mark.parametrize("position", [Keyset(5, "a"), Keyset(1.5, "b"), Keyset("Tïtle\n", "c")])
def test_a_position_comes_back(position: Keyset) -> None:
    assert _TOKENS.decode(_TOKENS.encode(position, "filters"), "filters") == position


def test_other_filters_are_refused() -> None:
    token = _TOKENS.encode(Keyset(1, "a"), PageTokens.digest(("x",)))
    with pytest.raises(InvalidArgumentError) as caught:
        _TOKENS.decode(token, PageTokens.digest(("y",)))
    assert caught.value.reason == "PAGE_TOKEN_OTHER_FILTER"
    assert caught.value.violations[0].field == "page_token"


@pytest.mark.parametrize("token", ["x", "====", "ä", "AAAA" * 20, PageTokens(b"other").encode(Keyset(1, "a"), "f")])
def test_forged_tokens_are_refused(token: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        _TOKENS.decode(token, "f")
    assert caught.value.reason == "PAGE_TOKEN_INVALID"


def test_every_changed_character_is_noticed() -> None:
    token = _TOKENS.encode(Keyset(1, "abc"), "f")
    for index, character in enumerate(token[:-1]):  # the last one may hold unused bits
        forged = token[:index] + ("A" if character != "A" else "B") + token[index + 1 :]
        with pytest.raises(InvalidArgumentError):
            _TOKENS.decode(forged, "f")


async def test_pages_cover_a_list_once() -> None:
    numbers = list(range(7))

    async def fetch(after: Keyset | None, limit: int) -> Sequence[int]:
        begin = int(after.key) + 1 if after else 0
        return numbers[begin : begin + limit]

    seen: list[int] = []
    token = ""
    while True:
        page = await _TOKENS.page(PageRequest(3, token), "all", fetch, lambda n: Keyset(n, str(n)))
        seen += page.items
        token = page.next_token
        if not token:
            break
    assert seen == numbers


def test_sizes_are_clamped() -> None:
    assert PageRequest(0).limit == 50
    assert PageRequest(MAX_PAGE_SIZE + 1).limit == MAX_PAGE_SIZE


def test_times_count_in_microseconds() -> None:
    assert Keyset.at(datetime.fromtimestamp(1, UTC), "a").key == 1_000_000
    assert Keyset.at(timedelta(milliseconds=1), "a").key == 1000
