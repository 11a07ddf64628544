"""The figures of a run as a table: ``python -m tests.bench.table [FILE]`` prints it as Markdown."""

import json
import sys
from pathlib import Path
from typing import Any

COLUMNS = {"what": "what", "target": "target", "measured": "ClipShot", "peer": "peer", "ratio": "ratio", "verdict": ""}


def main() -> None:
    """The command."""
    default = Path(__file__).resolve().parents[2] / "build" / "bench" / "capture.json"
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    print(as_markdown(json.loads(path.read_text())))


def as_markdown(report: dict[str, Any]) -> str:
    """For a README."""
    lines = ["| " + " | ".join(COLUMNS.values()) + " |", "|" + " --- |" * len(COLUMNS)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in report["rows"]]
    return "\n".join([*lines, "", caption(report)])


def as_text(report: dict[str, Any]) -> str:
    """For a terminal."""
    table = [list(COLUMNS.values()), *(cells(row) for row in report["rows"])]
    widths = [max(len(line[column]) for line in table) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:], "", caption(report)])


def cells(row: dict[str, Any]) -> list[str]:
    """One row's texts."""
    return ["" if row[name] is None else format_cell(name, row[name]) for name in COLUMNS]


def format_cell(name: str, value: Any) -> str:
    """Ratios with as many digits as they need; everything else is text already."""
    if name != "ratio":
        return str(value)
    return f"{value:.3f}" if value >= 0.1 else f"1/{1 / value:.0f}"


def caption(report: dict[str, Any]) -> str:
    """Where and when it was measured."""
    machine, load = report["machine"], report["load_average"]
    kind = "quick run" if report["quick"] else "long run"
    return (
        f"{report['made']}, {kind} of {report['seconds']} s on {machine['cores']} cores of {machine['cpu']}, "
        f"{machine['system']}; load average {load['before']} before, {load['after']} after; "
        f"FFmpeg {machine['ffmpeg_libraries']}, mss {machine['mss']}, PyAV {machine['pyav']}."
    )


if __name__ == "__main__":
    main()
