"""``clipshot markers``: moments worth finding again."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from clipshot.cli.client import connect
from clipshot.cli.output import JsonOption, example, present, table
from clipshot.cli.pages import collect
from clipshot.cli.sessions import CURRENT, SessionOption
from clipshot.cli.wording import clock, exact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from clipshot.gen.capture.v1.marker_pb2 import Marker

app = typer.Typer(no_args_is_help=True, help="Mark moments of a session.")


@app.command(epilog=example("clipshot markers add 'Boss down'", "clipshot markers add Start --at 12.5"))
def add(
    ctx: typer.Context,
    label: Annotated[str, typer.Argument(help="Text for people.", show_default=False)] = "",
    at: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Session time.", show_default="now")
    ] = None,
    duration: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Length of the moment.")] = 0,
    session: SessionOption = CURRENT,
    as_json: JsonOption = False,
) -> None:
    """Mark a moment: now, or at a session time."""
    from clipshot.gen.capture.v1.capture_service_pb2 import CreateMarkerRequest
    from clipshot.gen.capture.v1.marker_pb2 import Marker

    request = CreateMarkerRequest(
        session_id=session,
        at=None if at is None else timedelta(seconds=at),
        duration=timedelta(seconds=duration) if duration else None,
        label=label,
        kind=Marker.KIND_USER,
        request_id=str(uuid4()),
    )
    with connect(ctx) as client:
        present(client.capture.CreateMarker(request), as_json, lambda marker: _table([marker]))


@app.command("list", epilog=example("clipshot markers list"))
def list_(
    ctx: typer.Context,
    session: SessionOption = CURRENT,
    limit: Annotated[int, typer.Option(min=1, help="Most to show.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List the markers of a session, in session time."""
    from clipshot.gen.capture.v1.capture_service_pb2 import ListMarkersRequest

    with connect(ctx) as client:
        request = ListMarkersRequest(session_id=session)
        answer = collect(client.capture.ListMarkers, request, limit, lambda page: page.markers)
        present(answer, as_json, lambda found: _table(found.markers))


@app.command(epilog=example("clipshot markers delete mrk_01k3x5v9c2"))
def delete(
    ctx: typer.Context,
    marker: Annotated[str, typer.Argument(metavar="MARKER", help="Id of the marker.", show_default=False)],
    session: SessionOption = CURRENT,
    as_json: JsonOption = False,
) -> None:
    """Remove a marker."""
    from clipshot.gen.capture.v1.capture_service_pb2 import DeleteMarkerRequest

    with connect(ctx) as client:
        answer = client.capture.DeleteMarker(DeleteMarkerRequest(session_id=session, marker_id=marker))
        present(answer, as_json, lambda _: f"removed {marker}")


def _table(markers: "Iterable[Marker]") -> "RenderableType":
    from clipshot.cli.rest_form import word

    return table(
        ("marker", "at", "time", "length", "kind", "label"),
        (
            (
                each.marker_id,
                exact(each.at),
                clock(each.time),
                exact(each.duration) if each.duration.ToNanoseconds() else "",
                word(each, "kind"),
                each.label,
            )
            for each in markers
        ),
        numbers=["at", "length"],
        empty="No markers.",
    )
