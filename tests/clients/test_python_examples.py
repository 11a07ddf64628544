"""The Python examples do what they say, in both flavours."""

import sys
from pathlib import Path

import pytest

from tests.clients.examples import EXAMPLES, NAMES, Examples, prove
from tests.serving import ROOT, serving

FLAVOURS = ("betterproto", "grpcio")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_six_examples(tmp_path: Path, flavour: str) -> None:
    env = {"PYTHONPATH": str(ROOT / "clients" / "python")}
    with serving(tmp_path / "data") as server:
        prove(Examples(server, lambda name: (sys.executable, str(EXAMPLES / flavour / f"{name}.py")), env))


def test_each_flavour_has_the_same_examples() -> None:
    for flavour in FLAVOURS:
        assert {path.stem for path in (EXAMPLES / flavour).glob("*.py")} == set(NAMES)
