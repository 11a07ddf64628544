"""``clipshot`` with a thread beside it that computes in Python all the time, as a bad plugin or a busy server would."""

import threading

from clipshot.cli.main import main


def spin() -> None:
    """Hold the interpreter whenever it is to be had."""
    while True:
        sum(range(1000))


if __name__ == "__main__":
    threading.Thread(target=spin, daemon=True).start()
    main()
