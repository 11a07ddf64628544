"""Logs: JSON lines on stderr, or text for people on a terminal; never a secret."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_NAMES = ("key", "secret", "cookie", "signature", "token", "authorization", "password", "sig")
_HARMLESS = frozenset({"key_file", "keyframe", "keyframes"})
_MASK = "***"


def configure_logging(*, debug: bool, secrets: tuple[str, ...] = ()) -> None:
    """Set up structlog and the standard library's logging, once, at start.

    ``secrets`` are texts that no line may hold, wherever they come from.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        SecretMask(secrets),
    ]
    people = sys.stderr.isatty()
    renderer: Processor = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    structlog.configure(
        # Loggers are made once, so the level that can change is looked up line by line in the standard library's.
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells every plugin that it looks for
    set_debug(debug)


def set_debug(debug: bool) -> None:
    """Log the steps of the server too, or no more; works at once."""
    logging.getLogger("clipshot").setLevel(logging.DEBUG if debug else logging.INFO)


class SecretMask:
    """Masks values whose name says that they are secret, and known secrets inside any text."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Mask a line's values."""
        return {name: self._masked(name, value) for name, value in event.items()}

    def _masked(self, name: str, value: Any) -> Any:
        if _is_secret(name):
            return _MASK
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, _MASK)
        elif isinstance(value, Mapping):
            return {key: self._masked(str(key), entry) for key, entry in value.items()}
        elif isinstance(value, (list, tuple)):
            return [self._masked("", entry) for entry in value]
        return value


def _is_secret(name: str) -> bool:
    parts = name.lower().replace("-", "_").split("_")
    return name not in _HARMLESS and any(part in _SECRET_NAMES for part in parts)
