"""The OpenAPI document, as core sees it."""

from typing import Protocol


class OpenApiDocument(Protocol):
    """Where the OpenAPI document comes from."""

    async def load(self) -> bytes:
        """The document as JSON.

        Raises:
            UnavailableError: OPENAPI_NOT_BUILT.
        """
