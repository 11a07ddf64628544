"""A single picture, and what callers ask for."""

from dataclasses import dataclass
from enum import StrEnum

DEFAULT_QUALITY = 90
"""Of JPEG and WebP, 1..100: text stays readable."""


class ImageFormat(StrEnum):
    """How a picture is written."""

    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"

    @property
    def suffix(self) -> str:
        """How its files end."""
        return ".jpg" if self is ImageFormat.JPEG else f".{self.value}"


@dataclass(frozen=True)
class Screenshot:
    """A picture, sizes in pixels: ``data`` holds it, or ``path`` is the file it was saved as."""

    format: ImageFormat
    width: int
    height: int
    size_bytes: int
    path: str = ""
    data: bytes = b""


@dataclass(frozen=True)
class ScreenshotRequest:
    """Show a source or a running session; neither means what is captured, or else the primary source.

    ``quality`` 0 is DEFAULT_QUALITY, ``max_width`` 0 keeps the size; ``save`` makes a file of it.
    """

    source_id: str = ""
    session_id: str = ""
    format: ImageFormat = ImageFormat.PNG
    quality: int = 0
    max_width: int = 0
    draw_cursor: bool = False
    save: bool = False
