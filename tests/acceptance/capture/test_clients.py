"""Five clients, six examples each, against a real server: what a developer copies works."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.acceptance.main.report import Report
from tests.clients.examples import EXAMPLES, NAMES, Examples, prove
from tests.serving import ROOT, RunningServer, serving

DOCUMENT = ROOT / "server" / "gateway" / "assets" / "openapi.json"
GENERATED = ROOT / "build" / "openapi-clients"
JARS = GENERATED / "java" / "target"
CLASSES = GENERATED / "examples"
CLASS_PATH = f"{CLASSES}:{JARS}/clipshot-rest-0.1.0.jar:{JARS}/dependency/*"


@pytest.fixture(scope="module")
def report() -> Report:
    return Report("clients: six examples each against a real server")


@pytest.fixture(scope="module")
def generated(report: Report) -> Iterator[Path]:
    """The clients out of the OpenAPI document, and the Java examples compiled against theirs."""
    begun = time.monotonic()
    run("setup/packages.sh", "setup/packages-clients.txt")
    run("setup/openapi_clients.sh", str(DOCUMENT), str(GENERATED))
    report.line("OpenAPI clients generated, Java's compiled", time.monotonic() - begun, "s")
    sources = sorted(map(str, (EXAMPLES / "openapi_java").glob("*.java")))
    run("javac", "-Xlint:all", "-d", str(CLASSES), "-cp", CLASS_PATH, *sources)
    return GENERATED


def run(*command: str) -> None:
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1200)
    assert answer.returncode == 0, f"{command[0]}:\n{answer.stdout}\n{answer.stderr}"


def python(folder: str, package: Path, server: RunningServer) -> Examples:
    def command(name: str) -> Sequence[str]:
        return sys.executable, str(EXAMPLES / folder / f"{name}.py")

    return Examples(server, command, {"PYTHONPATH": str(package)})


def prove_and_tell(examples: Examples, report: Report, name: str) -> None:
    begun = time.monotonic()
    prove(examples)
    report.line(f"{name}: {', '.join(NAMES)}", time.monotonic() - begun, "s", limit="all six as expected")


@pytest.mark.parametrize("flavour", ["betterproto", "grpcio"])
def test_python_over_grpc(tmp_path: Path, report: Report, flavour: str) -> None:
    with serving(tmp_path / "data") as server:
        prove_and_tell(python(flavour, ROOT / "clients" / "python", server), report, f"Python, {flavour}")


def test_typescript_over_grpc(tmp_path: Path, report: Report) -> None:
    folder = EXAMPLES / "typescript" / "dist"
    with serving(tmp_path / "data") as server:
        prove_and_tell(Examples(server, lambda name: ("node", str(folder / f"{name}.js"))), report, "TypeScript")


def test_python_from_openapi(tmp_path: Path, report: Report, generated: Path) -> None:
    with serving(tmp_path / "data") as server:
        prove_and_tell(python("openapi_python", generated / "python", server), report, "Python, from OpenAPI")


def test_java_from_openapi(tmp_path: Path, report: Report, generated: Path) -> None:
    def command(name: str) -> Sequence[str]:
        return "java", "-cp", CLASS_PATH, "".join(map(str.capitalize, name.split("_")))

    with serving(tmp_path / "data") as server:
        prove_and_tell(Examples(server, command), report, "Java, from OpenAPI")
