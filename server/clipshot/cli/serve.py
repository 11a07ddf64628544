"""``clipshot serve``: run the server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clipshot.cli.errors import CommandError, ExitCode
from clipshot.cli.output import example
from clipshot.cli.target import Target

if TYPE_CHECKING:
    from pydantic import ValidationError


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog=example("clipshot serve", "clipshot serve --replay --port 8080 --data-dir /tmp/clipshot"))(serve)


def serve(
    ctx: typer.Context,
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where clips, database and keys live.", show_default="~/.clipshot"),
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Address to listen on.", show_default="127.0.0.1"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of page and REST API; 0 takes a free one.", show_default="8000"),
    ] = None,
    grpc_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of the gRPC API; 0 takes a free one.", show_default="50051"),
    ] = None,
    replay: Annotated[
        bool | None,
        typer.Option("--replay/--no-replay", help="Begin to keep the last moments at once.", show_default=False),
    ] = None,
) -> None:
    """Run the server, until Ctrl-C.

    What is not given here comes from the environment (CLIPSHOT_PORT, ...), from .env, or from clipshot.toml in the data
    directory.
    """
    import gc

    gc.disable()  # modules make no garbage while they load; looking for some costs a tenth of the time until it runs

    from pydantic import ValidationError

    from clipshot.app import run_server
    from clipshot.config.start import load_settings
    from clipshot.core.errors import ClipShotError

    gc.freeze()
    gc.enable()
    target = ctx.find_object(Target) or Target()
    given: dict[str, Any] = {
        "data_dir": data_dir or target.data_dir,
        "host": host,
        "port": port,
        "grpc_port": grpc_port,
        "replay_autostart": replay,
    }
    try:
        start = load_settings({name: value for name, value in given.items() if value is not None})
        raise typer.Exit(run_server(start))
    except ValidationError as error:
        raise _unusable(_told(error)) from None
    except ClipShotError as error:
        raise CommandError(error.message, error.remedy, reason=error.reason) from None


def _unusable(why: str) -> CommandError:
    remedy = "correct them; clipshot serve --help says where settings come from"
    return CommandError(f"the settings cannot be used: {why}", remedy, code=ExitCode.USAGE)


def _told(error: "ValidationError") -> str:
    """Which settings are wrong and why; never their values, which may be secret."""
    return "; ".join(f"{'.'.join(str(part) for part in each['loc']).upper()}: {each['msg']}" for each in error.errors())
