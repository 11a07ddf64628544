"""The README's tour works as it is written: each command ends well and says what the README says it does."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.main.display import virtual_display
from tests.acceptance.main.picture import painting
from tests.serving import ROOT, RunningServer, clean_environment, serving


@dataclass(frozen=True)
class Step:
    """A command of the tour and the lines below it."""

    command: str
    shown: tuple[str, ...]


def steps() -> list[Step]:
    """All commands of the README's ``console`` blocks, in their order."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"^```console\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return [Step(command, tuple(shown)) for command, shown in found]


def words(text: str) -> set[str]:
    """Words of a text, without ids, numbers, units, times and paths, which differ from run to run."""
    return {word for word in text.split() if re.fullmatch(r"[A-Za-z_(][A-Za-z_):]*", word)} - {"KiB", "MiB", "s"}


@pytest.fixture(scope="module")
def toured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """What `make run` starts, on a moving X11 screen."""
    folder: Path = tmp_path_factory.mktemp("tour")
    with (
        virtual_display(1280, 720) as display,
        painting(display, 30, folder),
        serving(folder / "data", "--replay", env=display.environment) as server,
    ):
        yield server


def test_the_tour(toured: RunningServer) -> None:
    environment = clean_environment({"CLIPSHOT_DATA_DIR": str(toured.data_dir), "COLUMNS": "200"})
    environment["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), environment["PATH"]))
    tour = steps()
    assert len(tour) >= 10
    for step in tour:
        command = (
            step.command.replace(".venv/bin/", "")
            .replace("http://127.0.0.1:8000", toured.rest)
            .replace("~/.clipshot", str(toured.data_dir))
        )
        answer = subprocess.run(command, shell=True, env=environment, capture_output=True, text=True, timeout=60)
        assert answer.returncode == 0, f"{step.command}: {answer.stderr}"
        assert '"reason"' not in answer.stdout, f"{step.command}: {answer.stdout}"
        missing = words("\n".join(step.shown)) - words(answer.stdout)
        assert not missing, f"{step.command} does not say {sorted(missing)}:\n{answer.stdout}"


def test_each_room_it_names_is_there() -> None:
    text = (ROOT / "README.md").read_text()
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    assert [link for link in links if not link.startswith("http") and not (ROOT / link).exists()] == []
