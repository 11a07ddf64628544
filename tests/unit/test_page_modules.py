"""The page's modules that need no browser, run by Node's own test runner."""

import subprocess
from pathlib import Path

import pytest

TESTS = sorted((Path(__file__).parent / "page").glob("*.test.mjs"))


@pytest.mark.parametrize("tests", TESTS, ids=lambda tests: tests.stem)
def test_of_node(tests: Path) -> None:
    done = subprocess.run(["node", "--test", str(tests)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    assert "# tests 0" not in done.stdout
