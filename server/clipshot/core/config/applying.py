"""Making changed settings work."""

from collections.abc import Sequence

import structlog

from clipshot.core.config.ports import Applier, S
from clipshot.core.errors import ClipShotError

_log = structlog.get_logger(__name__)


async def apply_changes(appliers: Sequence[Applier[S]], names: frozenset[str], settings: S) -> tuple[str, ...]:
    """Let everything that follows one of these settings follow; what did not work as far as it should.

    One that fails keeps no other from following, and the settings hold all the same, for whatever starts from now on.
    """
    notes: list[str] = []
    for applier in appliers:
        concerned = ", ".join(sorted(applier.names & names))
        if not concerned:
            continue
        try:
            notes.extend(await applier.apply(settings))
        except ClipShotError as error:
            notes.append(f"{concerned}: {error.message}")
        except Exception:
            _log.exception("settings_not_applied", names=concerned)
            notes.append(f"{concerned}: not followed before a restart; the server's log has the details")
    return tuple(notes)
