"""How soon ``clipshot serve`` is ready: from its start to the run file that clients read, with a database that exists."""

import time
from pathlib import Path
from typing import Any

from tests.bench.row import Row, verdict_of
from tests.bench.spread import Spread
from tests.serving import start_server

LIMIT = 1.5  # seconds


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], dict[str, Any]]:
    """Several starts, the first of which makes the database and is not counted."""
    times = []
    for number in range(4 if quick else 11):
        began = time.monotonic()
        server = start_server(folder / "data")
        if number:
            times.append(time.monotonic() - began)
        server.stop()
    spread = Spread.of(times)
    row = Row("clipshot serve is ready", f"< {LIMIT} s", f"p50 {spread.p50:.2f}, most {spread.most:.2f} s")
    return [Row(**row.as_json() | {"verdict": verdict_of(spread.p50 < LIMIT)})], {"seconds": times}
