"""The command ``clipshot``: its groups, and how its failures end."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from clipshot.cli import (
    audio,
    change,
    clips,
    config,
    events,
    login,
    markers,
    operations,
    record,
    replay,
    screenshot,
    serve,
    sources,
    status,
)
from clipshot.cli.errors import CommandError, ExitCode
from clipshot.cli.target import Target


class Commands(TyperGroup):
    """The root group: turns what commands raise into lines on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the command line names."""
        try:
            return super().invoke(ctx)
        except CommandError as failure:
            for line in failure.lines():
                typer.echo(line, err=True)
            raise typer.Exit(failure.code) from None
        except KeyboardInterrupt:
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            # `clipshot ... | head` ended; Python would complain once more while it flushes at exit.
            sys.stdout = None
            raise typer.Exit(ExitCode.FAILURE) from None


app = typer.Typer(
    name="clipshot",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"clipshot {version('clipshot')}")
        except PackageNotFoundError:
            typer.echo("clipshot, run from a source folder")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    server: Annotated[
        str | None,
        typer.Option(
            envvar="CLIPSHOT_SERVER",
            metavar="ADDRESS",
            help="gRPC address of the server, HOST:PORT or unix:PATH; else the one that runs on the data directory.",
            show_default=False,
        ),
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(
            envvar="CLIPSHOT_DATA_DIR",
            metavar="DIR",
            help="Data directory of the server; holds its address and its key.",
            show_default="~/.clipshot",
        ),
    ] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version.", show_default=False
        ),
    ] = False,
) -> None:
    """Record the screen, keep the last minutes, and turn a moment into a clip.

    Start a server with [cyan]clipshot serve[/cyan]; then [cyan]clipshot replay save --seconds 30[/cyan].
    """
    ctx.obj = Target(server, data_dir)


serve.register(app)
status.register(app)
sources.register(app)
screenshot.register(app)
change.register(app)
login.register(app)
app.add_typer(record.app, name="record")
app.add_typer(replay.app, name="replay")
app.add_typer(audio.app, name="audio")
app.add_typer(clips.app, name="clips")
app.add_typer(markers.app, name="markers")
app.add_typer(events.app, name="events")
app.add_typer(operations.app, name="operations")
app.add_typer(config.app, name="config")


def main() -> None:
    """Entry point of the installed command."""
    app()


if __name__ == "__main__":
    main()
