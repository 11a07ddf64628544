"""A settings file that cannot be used."""

from collections.abc import Sequence

from clipshot.core.config.setting import SettingFault
from clipshot.core.errors import PreconditionError


class SettingsFileError(PreconditionError):
    """The settings file cannot be used; ``faults`` say all that is wrong with it, at least one thing."""

    def __init__(self, path: str, faults: Sequence[SettingFault]) -> None:
        first = faults[0]
        place = f"{path}, line {first.line}" if first.line else path
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(
            "SETTINGS_FILE_BROKEN",
            f"the settings file cannot be used: {place}: {first.reason}{more}",
            subject=path,
            remedy=f"mend {path}",
            metadata={"path": path, "line": str(first.line), "name": first.name},
        )
        self.path = path
        self.faults = tuple(faults)
