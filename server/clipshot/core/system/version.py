"""What the server is and can do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VersionInfo:
    """Version of the server and what it can do on this machine.

    ``capabilities`` are such as ``capture:x11``, ``encoder:libx264``, ``gateway``.
    """

    version: str
    commit: str
    api_versions: tuple[str, ...]
    capabilities: tuple[str, ...]
