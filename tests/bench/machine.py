"""Facts about the machine and the programs that took part, for whoever compares figures."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import av
import mss

import clipshot_native


def machine_facts() -> dict[str, Any]:
    """CPU, cores, memory, and versions."""
    return {
        "cpu": cpu_model(),
        "cores": cores(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{os_name()}, Linux {platform.release()}",
        "python": platform.python_version(),
        "clipshot_native": clipshot_native.__version__,
        "ffmpeg_libraries": clipshot_native.ffmpeg_version(),
        "ffmpeg": first_line("ffmpeg", "-version"),
        "mss": mss.__version__,
        "pyav": av.__version__,
        "pyav_ffmpeg": str(av.ffmpeg_version_info),
    }


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def cpu_model() -> str:
    """The processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def os_name() -> str:
    """The distribution's name."""
    return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")


def first_line(*command: str) -> str:
    """What a program says first."""
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def load_average() -> float:
    """Of the last minute. Above 2 on two cores, the figures measure the other work too."""
    return round(os.getloadavg()[0], 2)
