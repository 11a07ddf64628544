"""What a command prints: tables and facts for people, JSON for scripts."""

import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from clipshot.cli.wording import plain

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from rich.console import Console, RenderableType

MessageT = TypeVar("MessageT", bound="Message")

JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for scripts, as the REST API answers.", show_default=False)
]

# Wide enough that a pipe gets every column whole; a terminal has its own width.
_PIPE_WIDTH = 250


def example(*command_lines: str) -> str:
    """The help text's last paragraph: command lines that work as they stand."""
    label = "Example:" if len(command_lines) == 1 else "Examples:"
    return "\n\n".join([label, *(f"[cyan]{line}[/cyan]" for line in command_lines)])


def present(message: MessageT, as_json: bool, render: "Callable[[MessageT], RenderableType | str]") -> None:
    """Print an answer: as JSON, or rendered for people."""
    if as_json:
        from clipshot.cli.rest_form import rest_form

        print_json(rest_form(message))
    else:
        tell(render(message))


def print_json(form: Any) -> None:
    """Print one JSON document."""
    sys.stdout.write(json.dumps(form, indent=2, ensure_ascii=False) + "\n")


def print_json_line(form: Any) -> None:
    """Print one JSON document of a stream, on one line, at once."""
    sys.stdout.write(json.dumps(form, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def tell(renderable: "RenderableType | str") -> None:
    """Print for people, on standard output. Strings are text, never markup."""
    if isinstance(renderable, str):
        sys.stdout.write(renderable + "\n")
    else:
        console().print(renderable)


def note(text: str) -> None:
    """Tell a person something beside the answer, on standard error, out of the way of scripts."""
    sys.stderr.write(plain(text) + "\n")


def console(*, stderr: bool = False) -> "Console":
    """A console; where output goes to a pipe it is wide and without colour."""
    from rich.console import Console

    plain_console = Console(stderr=stderr)
    return plain_console if plain_console.is_terminal else Console(stderr=stderr, width=_PIPE_WIDTH)


def table(
    columns: Iterable[str], rows: Iterable[Iterable[str]], *, numbers: Iterable[str] = (), empty: str
) -> "RenderableType":
    """A table of texts, or ``empty`` when there are no rows; ``numbers`` names the columns that are set flush right.

    The first column holds what a person would type into the next command: it is never cut short.
    """
    from rich.table import Table
    from rich.text import Text

    held = [[Text(plain(cell)) for cell in row] for row in rows]
    if not held:
        return Text(empty)
    grid = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    right = set(numbers)
    for index, column in enumerate(columns):
        grid.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=True,
            overflow="fold" if index == 0 else "ellipsis",
        )
    for row in held:
        grid.add_row(*row)
    return grid


def facts(pairs: Iterable[tuple[str, str]]) -> "RenderableType":
    """Names and values, one a line; pairs without a value are left out."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs:
        if value:
            grid.add_row(name, Text(plain(value)))
    return grid
