"""``clipshot login``: a way into the page for a browser."""

from typing import TYPE_CHECKING, Annotated

import typer

from clipshot.cli.client import connect
from clipshot.cli.errors import CommandError
from clipshot.cli.output import JsonOption, example, note, present

if TYPE_CHECKING:
    from clipshot.gen.system.v1.access_service_pb2 import LoginCode


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog=example("clipshot login", "clipshot login --open"))(login)


def login(
    ctx: typer.Context,
    open_: Annotated[bool, typer.Option("--open", help="Open the link in the browser.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print a link that logs one browser in, once, within a minute. The browser stays logged in for 30 days."""
    from clipshot.gen.system.v1.access_service_pb2 import CreateLoginCodeRequest

    with connect(ctx) as client:
        code = client.access.CreateLoginCode(CreateLoginCodeRequest())
    if not code.url:
        raise CommandError(
            "the server runs without its gateway, so there is no page to log in to",
            "clipshot status says why",
            reason="NO_GATEWAY",
        )
    present(code, as_json, _link)
    if open_:
        import webbrowser

        if not webbrowser.open(code.url):
            note("no browser could be started: open the link yourself")


def _link(code: "LoginCode") -> str:
    return code.url
