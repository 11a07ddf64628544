"""``clipshot sources``: what can be captured here."""

from typing import TYPE_CHECKING

import typer

from clipshot.cli.client import connect
from clipshot.cli.output import JsonOption, example, present, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clipshot.gen.capture.v1.capture_service_pb2 import ListSourcesResponse


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog=example("clipshot sources"))(sources)


def sources(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List what can be captured, and which capture backends work.

    Beside these, any part of a screen can be captured: BACKEND:region:X,Y,WIDTHxHEIGHT in pixels from the upper left.
    """
    from clipshot.gen.capture.v1.capture_service_pb2 import ListSourcesRequest

    with connect(ctx) as client:
        present(client.capture.ListSources(ListSourcesRequest()), as_json, _tables)


def _tables(answer: "ListSourcesResponse") -> "RenderableType":
    from rich.console import Group

    from clipshot.cli.rest_form import word

    found = table(
        ("source", "kind", "size", "place", "refresh", "title", "application", ""),
        (
            (
                each.source_id,
                word(each, "kind"),
                f"{each.width}x{each.height}",
                f"{each.x},{each.y}" if each.x or each.y else "",
                f"{each.refresh_hz:.0f} Hz" if each.HasField("refresh_hz") else "",
                each.title,
                f"{each.application} ({each.pid})" if each.HasField("pid") else each.application,
                "primary" if each.primary else "",
            )
            for each in answer.sources
        ),
        empty="Nothing can be captured here.",
    )
    backends = table(
        ("backend", "works", "why not"),
        ((each.name, "yes" if each.available else "no", each.reason) for each in answer.backends),
        empty="No capture backend is built in.",
    )
    return Group(found, "", backends)
