"""Every command explains itself, and quickly."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from clipshot.cli.main import app
from tests.serving import clean_environment

from .conftest import Run


def commands(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command of the tree, with the words that lead to it."""
    command = command or typer.main.get_command(app)
    if not hasattr(command, "commands"):
        yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


COMMANDS = dict(commands())


def examples(command: Any) -> list[str]:
    lines = (command.epilog or "").split("\n\n")
    return [line.removeprefix("[cyan]").removesuffix("[/cyan]") for line in lines[1:]]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_has_a_sentence_an_example_and_short_help(path: tuple[str, ...], run: Run) -> None:
    command = COMMANDS[path]
    assert command.help
    assert examples(command)
    assert all(parameter.help for parameter in command.params if parameter.name != "help")
    result = run(*path, "-h")
    assert result.exit_code == 0
    assert "Example" in result.stdout


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_examples_are_command_lines_that_parse(path: tuple[str, ...]) -> None:
    for line in examples(COMMANDS[path]):
        words = shlex.split(line.replace("$(clipshot clips path last)", "FILE"))
        if words[0] != "clipshot":
            continue
        assert tuple(words[1 : len(path) + 1]) == path
        COMMANDS[path].make_context(path[-1], words[len(path) + 1 :])


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    heavy = {"grpc", "google.protobuf", "pydantic", "rich", "clipshot.core", "clipshot.app"}
    script = f"import sys, clipshot.cli.main; print(sorted({heavy!r} & set(sys.modules)))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_unknown_command_is_a_usage_error(run: Run) -> None:
    assert run("clips", "lst").exit_code == 2
    assert run("replay", "save", "--seconds", "-1").exit_code == 2
    assert run("record", "start", "--size", "big").exit_code == 2
