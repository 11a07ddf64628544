"""The OpenAPI document that the build made."""

import asyncio
from pathlib import Path

from clipshot.core.errors import UnavailableError


class OpenApiFile:
    """Reads the document from a file. Implements :class:`clipshot.core.system.document.OpenApiDocument`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def load(self) -> bytes:
        """The document as JSON.

        Raises:
            UnavailableError: OPENAPI_NOT_BUILT.
        """
        try:
            return await asyncio.to_thread(self._path.read_bytes)
        except OSError as error:
            raise UnavailableError(
                "OPENAPI_NOT_BUILT", "the OpenAPI document was not built", remedy="run `make gen`"
            ) from error
