"""Where the files of clips go, and what they are called."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from clipshot.core.clips.clip import ClipOrigin
from clipshot.core.clips.name_template import NameTemplate, folders_of, parse_folders, parse_name, stem_of
from clipshot.core.clips.naming import FALLBACK_NAME

SUFFIX = ".mp4"

DEFAULT_NAME = "{title} {time}"
DEFAULT_FOLDER = "{game|date}"
"""A folder for each game, and for each day where no game is known."""


@dataclass(frozen=True)
class NamedClip:
    """What a file is named after. ``title`` '' takes the source's; ``time`` is local."""

    title: str
    source_title: str
    game: str
    origin: ClipOrigin
    session_id: str
    time: datetime


@dataclass(frozen=True)
class ClipNames:
    """The settings CLIP_NAME_TEMPLATE and CLIP_FOLDER_TEMPLATE."""

    name: NameTemplate
    folder: NameTemplate

    @classmethod
    def of(cls, name: str = DEFAULT_NAME, folder: str = DEFAULT_FOLDER) -> "ClipNames":
        """The names that two templates make.

        Raises:
            ValueError: one of them is not valid; the text says why.
        """
        return cls(parse_name(name), parse_folders(folder))

    def candidates(self, clip: NamedClip, suffix: str = SUFFIX) -> Iterator[str]:
        """Paths relative to the folder of clips, in the order in which they are to be tried; without end.

        They never lead out of that folder, nor into a hidden one.
        """
        values = _values(clip)
        folder = "".join(f"{part}/" for part in folders_of(self.folder, values))
        if self.name.counts:
            for number in count(1):
                yield f"{folder}{stem_of(self.name, {**values, 'counter': f'{number:03}'}) or FALLBACK_NAME}{suffix}"
        stem = stem_of(self.name, values) or FALLBACK_NAME
        yield f"{folder}{stem}{suffix}"
        for number in count(2):
            yield f"{folder}{stem} ({number}){suffix}"


def _values(clip: NamedClip) -> dict[str, str]:
    time = clip.time
    return {
        "title": clip.title or clip.source_title or FALLBACK_NAME,
        "game": clip.game,
        "source": clip.source_title,
        "origin": clip.origin.value,
        "date": f"{time:%Y-%m-%d}",
        "time": f"{time:%H-%M-%S}",
        "year": f"{time:%Y}",
        "month": f"{time:%m}",
        "day": f"{time:%d}",
        "hour": f"{time:%H}",
        "minute": f"{time:%M}",
        "second": f"{time:%S}",
        "session": clip.session_id,
        "counter": "",
    }
