"""Mutations that are safe to repeat.

A call that carries a request_id is done once: the first one writes the id together with its change, later ones (also
after a restart, also concurrent twins) are answered from the resource it made. The same id with another body is refused.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class RequestKey:
    """What identifies a call: the caller's ``request_id`` ('' = do not remember), the method, and a digest of the
    request without its id.
    """

    request_id: str
    method: str
    fingerprint: str
