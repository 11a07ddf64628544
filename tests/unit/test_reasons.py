"""Programs test for reasons, so each reason that the server can give is named by a test that provokes it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
SERVER = TESTS.parent / "server" / "clipshot"
REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")

# Texts in capitals that are no reasons.
SETTINGS = {
    "API_KEY",
    "CLIPSHOT_DATA_DIR",
    "CLIPSHOT_SERVER",
    "DATABASE_URL",
    "DATA_DIR",
    "REPLAY_SECONDS",
    "SECRET_KEY",
}
OF_OTHERS = {"DEADLINE_EXCEEDED", "GRPC_VERBOSITY", "XDG_RUNTIME_DIR"}
OF_THE_NATIVE_CORE = {"ALREADY_EXISTS", "BROKEN_FILE", "INVALID_CONFIG", "RING_EMPTY", "RING_OFF"}
NO_REASONS = SETTINGS | OF_OTHERS | OF_THE_NATIVE_CORE


def nodes(folder: Path) -> Iterator[ast.AST]:
    """The code of a folder, generated code aside."""
    for file in folder.rglob("*.py"):
        if "gen" not in file.relative_to(folder).parts:
            yield from ast.walk(ast.parse(file.read_text()))


def reasons(folder: Path) -> set[str]:
    """Every text in capitals, and what NotFoundError makes of the type that it is given."""
    found = set()
    for node in nodes(folder):
        match node:
            case ast.Constant(value=str(text)) if REASON.fullmatch(text):
                found.add(text)
            case ast.Call(func=ast.Name(id="NotFoundError"), args=[ast.Constant(value=str(kind)), *_]):
                found.add(f"{kind.upper()}_NOT_FOUND")
    return found


def test_each_reason_is_named_by_a_test() -> None:
    named = {word for file in TESTS.rglob("*.py") if file != Path(__file__) for word in words(file)}
    assert len(reasons(SERVER)) > 80
    assert reasons(SERVER) - NO_REASONS - named == set()


def words(file: Path) -> set[str]:
    return {match.group() for match in REASON.finditer(file.read_text())}


def test_what_is_set_aside_is_there() -> None:
    assert NO_REASONS - reasons(SERVER) == set()
