"""One answer out of as many pages as it takes."""

from collections.abc import Callable, Sized
from typing import Protocol, Self, TypeVar

PAGE_SIZE = 500


class PageRequest(Protocol):
    """A List request."""

    page_size: int
    page_token: str


class Page(Protocol):
    """A List answer."""

    next_page_token: str

    def MergeFrom(self, other: Self, /) -> None:  # noqa: N802
        """Add another page's entries, as protobuf does."""


RequestT = TypeVar("RequestT", bound=PageRequest)
AnswerT = TypeVar("AnswerT", bound=Page)


def collect(
    call: Callable[[RequestT], AnswerT], request: RequestT, limit: int, entries: Callable[[AnswerT], Sized]
) -> AnswerT:
    """Up to ``limit`` entries in one answer; its ``next_page_token`` leads on to the rest."""
    request.page_size = min(limit, PAGE_SIZE)
    answer = call(request)
    page = answer
    while page.next_page_token and len(entries(answer)) < limit:
        request.page_token = page.next_page_token
        request.page_size = min(limit - len(entries(answer)), PAGE_SIZE)
        page = call(request)
        answer.MergeFrom(page)
        answer.next_page_token = page.next_page_token
    return answer
