"""What a worker can do, by name. Each task takes and returns a JSON object, and runs in a process of its own.

The modules are imported when a task is asked for: a worker that makes thumbnails need not load anything else.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

Task = Callable[[dict[str, Any]], dict[str, Any]]

NAMES = ("probe", "thumbnail")


class TaskError(Exception):
    """The task cannot be done with this input; ``reason`` is what programs test for."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def find(name: str) -> Task:
    """The task of this name.

    Raises:
        TaskError: TASK_UNKNOWN.
    """
    if name not in NAMES:
        raise TaskError("TASK_UNKNOWN", f"there is no task {name!r}")
    task: Task = import_module(f"{__name__}.{name}").run
    return task
