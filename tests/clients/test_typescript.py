"""The TypeScript client: its examples, its own tests, and events across a server that is killed."""

import subprocess
from pathlib import Path

from tests.clients.examples import EXAMPLES, NAMES, Examples, prove
from tests.serving import ROOT, RunningServer, serving, start_server

FOLDER = EXAMPLES / "typescript"


def examples(server: RunningServer) -> Examples:
    return Examples(server, lambda name: ("node", str(FOLDER / "dist" / f"{name}.js")))


def publish(server: RunningServer, number: int) -> str:
    """Tells an event; answers its id."""
    body = {"type": "mine:happened", "resource": f"things/{number}"}
    return str(server.call("POST", "/api/v1/events", body).json()["event_id"])


def test_the_six_examples(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        prove(examples(server))


def test_they_are_the_same_as_those_of_other_languages() -> None:
    assert {path.stem for path in FOLDER.glob("*.ts")} == set(NAMES)


def test_events_go_on_across_a_killed_server(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        begin = publish(server, 0)
        with examples(server).running("watch_events", begin) as lines:
            first = publish(server, 1)
            assert next(lines).split() == [first, "mine:happened", "things/1"]
            server.kill()
            again = start_server(server.data_dir)
            try:
                published = [publish(again, number) for number in (2, 3)]
                told = []
                while not told or told[-1] != published[-1]:
                    told.append(next(lines).split()[0])
                numbers = [int(event_id.rpartition("-")[2]) for event_id in [first, *told]]
                assert numbers == list(range(numbers[0], numbers[-1] + 1))
            finally:
                again.stop()


def test_its_own_tests() -> None:
    command = ["node", "--test", "dist/test/"]
    answer = subprocess.run(command, cwd=ROOT / "clients" / "typescript", capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stdout
