"""``clipshot operations``: long work."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from clipshot.cli.client import connect
from clipshot.cli.output import JsonOption, example, facts, present, print_json_line, table
from clipshot.cli.pages import collect
from clipshot.cli.saved_clip import saved_clip_facts
from clipshot.cli.waiting import changes, wait
from clipshot.cli.wording import when

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clipshot.gen.operations.v1.operation_pb2 import Operation
    from clipshot.gen.operations.v1.operations_service_pb2 import ListOperationsResponse

app = typer.Typer(no_args_is_help=True, help="Look at long work, wait for it, stop it.")

OperationArgument = Annotated[str, typer.Argument(metavar="OPERATION", help="Id of the operation.", show_default=False)]


class State(StrEnum):
    """Where an operation stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@app.command("list", epilog=example("clipshot operations list --state running"))
def list_(
    ctx: typer.Context,
    state: Annotated[list[State] | None, typer.Option(help="Only these; may be repeated.", show_default=False)] = None,
    kind: Annotated[str, typer.Option(help="Only this kind, e.g. save_replay.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(min=1, help="Most to show.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List operations, newest first."""
    from clipshot.gen.operations.v1.operations_service_pb2 import ListOperationsRequest

    request = ListOperationsRequest(states=[f"STATE_{each.name}" for each in state or ()], kind=kind)
    with connect(ctx) as client:
        answer = collect(client.operations.ListOperations, request, limit, lambda page: page.operations)
        present(answer, as_json, _table)


@app.command(epilog=example("clipshot operations show op_01k3x5v9c2"))
def show(ctx: typer.Context, operation: OperationArgument, as_json: JsonOption = False) -> None:
    """Show one operation."""
    from clipshot.gen.operations.v1.operations_service_pb2 import GetOperationRequest

    with connect(ctx) as client:
        found = client.operations.GetOperation(GetOperationRequest(operation_id=operation))
        present(found, as_json, lambda each: facts(_facts(each)))


@app.command(epilog=example("clipshot operations cancel op_01k3x5v9c2"))
def cancel(ctx: typer.Context, operation: OperationArgument, as_json: JsonOption = False) -> None:
    """Ask an operation to stop. One that has ended stays as it is."""
    from clipshot.gen.operations.v1.operations_service_pb2 import CancelOperationRequest

    with connect(ctx) as client:
        answer = client.operations.CancelOperation(CancelOperationRequest(operation_id=operation))
        present(answer, as_json, lambda each: facts(_facts(each)))


@app.command(epilog=example("clipshot operations watch op_01k3x5v9c2"))
def watch(ctx: typer.Context, operation: OperationArgument, as_json: JsonOption = False) -> None:
    """Wait for the end of an operation. Ends with 1 when it failed or was cancelled.

    With --json: the operation after each change, one a line.
    """
    from clipshot.cli.rest_form import rest_form
    from clipshot.gen.operations.v1.operations_service_pb2 import GetOperationRequest

    with connect(ctx) as client:
        latest = client.operations.GetOperation(GetOperationRequest(operation_id=operation))
        if as_json:
            for latest in changes(client, operation):
                print_json_line(rest_form(latest))
        ended = wait(client, latest)
        if not as_json:
            present(ended, as_json, lambda each: facts(_facts(each)))


def _table(answer: "ListOperationsResponse") -> "RenderableType":
    from clipshot.cli.rest_form import word

    rows = (
        (
            each.operation_id,
            each.kind,
            word(each, "state"),
            f"{each.progress:.0%}",
            when(each.create_time),
            each.error.message or each.stage,
        )
        for each in answer.operations
    )
    columns = ("operation", "kind", "state", "done", "asked for", "stage")
    return table(columns, rows, numbers=["done"], empty="No operations.")


def _facts(operation: "Operation") -> list[tuple[str, str]]:
    from clipshot.cli.rest_form import word

    pairs = [
        ("operation", operation.operation_id),
        ("kind", operation.kind),
        ("state", f"{word(operation, 'state')}, {operation.progress:.0%}"),
        ("stage", operation.stage),
        ("works on", operation.resource),
        ("asked for", when(operation.create_time)),
        ("ended", when(operation.end_time) if operation.HasField("end_time") else ""),
        ("error", operation.error.message),
    ]
    if operation.WhichOneof("result") == "saved_clip":
        pairs += saved_clip_facts(operation.saved_clip)
    return pairs
