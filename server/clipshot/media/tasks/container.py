"""Opening a clip's file for reading."""

from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from clipshot.media.tasks import TaskError

PROTOCOLS = "file,pipe"
"""A file that points elsewhere (a playlist, a reference movie) must not make the worker fetch or open anything."""


@contextmanager
def opened(path: str) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The file and its first video stream; whatever FFmpeg says is wrong becomes TaskError FILE_BROKEN.

    Raises:
        TaskError: FILE_MISSING or FILE_BROKEN.
    """
    try:
        with av.open(path, format="mov", options={"protocol_whitelist": PROTOCOLS}) as container:
            if not container.streams.video:
                raise TaskError("FILE_BROKEN", "the file holds no pictures")
            yield container, container.streams.video[0]
    except FileNotFoundError as error:
        raise TaskError("FILE_MISSING", "the file is gone") from error
    except MemoryError:
        raise
    except av.FFmpegError as error:
        raise TaskError("FILE_BROKEN", f"FFmpeg cannot read the file: {error.strerror}") from error
