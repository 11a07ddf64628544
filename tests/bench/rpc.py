"""``python -m tests.bench.rpc [--quick] [--json FILE]``: calls, events and live packets at a real server's clients.

Prints a table and writes the figures it is made from. Nothing is asserted: a busy machine measures itself.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import rpc_calls, rpc_events, rpc_packets, rpc_start
from tests.bench.child import ROOT
from tests.bench.machine import load_average, machine_facts
from tests.bench.row import Row
from tests.bench.table import as_text


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rpc", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="under a minute: shorter runs, less exact")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench" / "rpc.json", metavar="FILE")
    arguments = parser.parse_args()
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    began, before = time.monotonic(), load_average()
    rows: list[Row] = []
    details: dict[str, Any] = {}
    sections: dict[str, Callable[..., tuple[list[Row], dict[str, Any]]]] = {
        "start of the server": rpc_start.measure,
        "single calls": rpc_calls.measure,
        "packets at a client": rpc_packets.measure,
        "events at twenty subscribers": rpc_events.measure,
    }
    with tempfile.TemporaryDirectory(prefix="clipshot-bench-") as folder:
        for name, measure in sections.items():
            print(
                f"[{time.monotonic() - began:5.0f} s, load {load_average():4.1f}] {name}", file=sys.stderr, flush=True
            )
            found, facts = measure(Path(folder) / name.replace(" ", "-"), quick=arguments.quick)
            rows += found
            details[name] = facts
    report = {
        "made": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "quick": arguments.quick,
        "seconds": round(time.monotonic() - began),
        "machine": machine_facts(),
        "load_average": {"before": before, "after": load_average()},
        "rows": [row.as_json() for row in rows],
        **details,
    }
    arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    print(as_text(report))
    print(f"\nwritten to {arguments.json}")


if __name__ == "__main__":
    main()
