"""How long the long runs take."""

import os

#: Replaces every 60 s of a run while developing; figures of shortened runs prove nothing.
VARIABLE = "CLIPSHOT_ACCEPTANCE_SECONDS"
FULL = 60.0


def run_seconds() -> float:
    """Length of a full run: a minute, unless shortened."""
    return float(os.environ.get(VARIABLE, FULL))


def scaled(number: int, least: int = 2) -> int:
    """``number`` of a full run, fewer in a shortened one."""
    return max(least, round(number * min(1.0, run_seconds() / FULL)))
