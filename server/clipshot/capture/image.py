"""Pictures of the native core, in core's terms."""

from clipshot.core.capture.screenshot import ImageFormat, Screenshot
from clipshot_native import Image


def to_screenshot(image: Image) -> Screenshot:
    """A picture that is not saved."""
    return Screenshot(ImageFormat(image.format), image.width, image.height, len(image.data), data=image.data)
