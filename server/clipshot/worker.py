"""A worker: does one task after another for the core, in a process that may break.

``python -m clipshot.worker MEMORY_MIB`` reads tasks from standard input and answers on standard output. It ends when
its input is closed or its parent dies.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys
from typing import Any

import psutil

from clipshot.media import tasks
from clipshot.media.wire import Message, pack, receive_blocking

NICENESS = 15
"""Low enough that a 2-core machine's encoder keeps every picture beside a busy worker."""

OPEN_FILES = 64
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serve tasks until the core is gone."""
    parent = os.getppid()
    limit_memory(int(sys.argv[1]))
    step_back()
    die_with(parent)
    source = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    with contextlib.suppress(BrokenPipeError):  # the core is gone, and so is whoever wanted to know
        while (task := receive_blocking(source)) is not None:
            answers.write(pack(answer_to(task)))
            answers.flush()
    return 0


def answer_to(task: Message) -> Message:
    """Do the task; every failure is an answer."""
    try:
        result = tasks.find(str(task["task"]))(task["arguments"])
    except tasks.TaskError as error:
        return failure(error.reason, str(error))
    except MemoryError:
        return failure("OUT_OF_MEMORY", "the task needs more memory than a worker may use")
    except Exception as error:  # the core decides what an unexpected failure means
        return failure("TASK_FAILED", f"{type(error).__name__}: {error}")
    return {"result": result}


def failure(reason: str, message: str) -> dict[str, Any]:
    """The answer that says why there is no result."""
    return {"error": {"reason": reason, "message": message}}


def limit_memory(mebibytes: int) -> None:
    """Bound what a hostile file can make a decoder allocate, and leave no core dump of it."""
    size = mebibytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def step_back() -> None:
    """Give way to everything else, in CPU and in disk access; some containers forbid the latter."""
    os.nice(NICENESS)
    with contextlib.suppress(OSError, psutil.Error, AttributeError):
        psutil.Process().ionice(psutil.IOPRIO_CLASS_IDLE)


def die_with(parent: int) -> None:
    """Have the kernel end this process when its parent dies, even while a decoder hangs."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
