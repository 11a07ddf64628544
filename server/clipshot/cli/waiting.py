"""Waiting for an operation, with a bar where a person looks on."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

from clipshot.cli.errors import CommandError, failure_of_status
from clipshot.cli.output import console, note
from clipshot.cli.wording import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clipshot.cli.client import Client
    from clipshot.gen.operations.v1.operation_pb2 import Operation


def has_ended(operation: "Operation") -> bool:
    """Whether nothing more will happen to an operation."""
    return operation.state in {operation.STATE_SUCCEEDED, operation.STATE_FAILED, operation.STATE_CANCELLED}


def changes(client: "Client", operation_id: str) -> "Iterator[Operation]":
    """The operation now and after each change, until it has ended."""
    from clipshot.gen.operations.v1.operations_service_pb2 import WatchOperationRequest

    for answer in client.operations.WatchOperation(WatchOperationRequest(operation_id=operation_id)):
        if answer.HasField("operation"):
            yield answer.operation


def wait(client: "Client", operation: "Operation") -> "Operation":
    """The operation at its end; shows how far it is on a terminal.

    Raises:
        CommandError: It failed or was cancelled.
    """
    try:
        ended = _watch(client, operation)
    except KeyboardInterrupt:
        note(f"the work goes on: clipshot operations watch {operation.operation_id}")
        raise
    if ended.state == ended.STATE_FAILED:
        raise failure_of_status(ended.error)
    if ended.state == ended.STATE_CANCELLED:
        raise CommandError(f"{ended.operation_id} was cancelled", reason="CANCELLED")
    return ended


def _watch(client: "Client", operation: "Operation") -> "Operation":
    if has_ended(operation):
        return operation
    latest = operation
    with _bar(operation) as show:
        for latest in changes(client, operation.operation_id):
            show(latest)
    return latest


@contextmanager
def _bar(operation: "Operation") -> "Iterator[Callable[[Operation], None]]":
    """A function that shows an operation on the terminal; it does nothing where there is none."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield lambda _: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task(operation.kind, total=1.0)

        def show(latest: "Operation") -> None:
            description = f"{latest.kind}: {latest.stage}" if latest.stage else latest.kind
            progress.update(task, completed=latest.progress, description=plain(description))

        yield show
