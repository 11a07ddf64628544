"""Workers as real processes: what they make, and how they end."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from clipshot.core.clips.clip import Clip, ClipOrigin, ClipVideo
from clipshot.core.errors import InternalError, PreconditionError, ResourceExhaustedError, UnavailableError
from clipshot.media.worker_pictures import WorkerPictures
from clipshot.media.worker_pool import WorkerPool


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(max_workers=2, idle_seconds=0.5)
    yield pool
    await pool.stop()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A second of grey pictures that grow lighter, the first one black."""
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(np.full((720, 1280, 3), number * 8, np.uint8), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def clip_of(path: Path) -> Clip:
    now = datetime.now(UTC)
    return Clip(
        clip_id="clp_1",
        session_id="ses_1",
        origin=ClipOrigin.REPLAY,
        title="film",
        create_time=now,
        update_time=now,
        start_time=now,
        session_start=timedelta(),
        duration=timedelta(seconds=1),
        size_bytes=1,
        path=str(path),
        container="mp4",
        video=ClipVideo("h264", 1280, 720, 30.0, 30),
        etag="",
    )


async def until_gone(pids: tuple[int, ...]) -> None:
    async with asyncio.timeout(5):
        while any(psutil.pid_exists(pid) for pid in pids):
            await asyncio.sleep(0.02)


async def test_a_thumbnail_is_a_small_jpeg_of_the_first_picture(pool: WorkerPool, film: Path, tmp_path: Path) -> None:
    pictures = WorkerPictures(pool, tmp_path / "thumbnails")
    path = await pictures.thumbnail(clip_of(film))
    with av.open(path) as jpeg:
        picture = next(jpeg.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == (360, 640, 3)
    assert picture.mean() < 4
    assert os.listdir(tmp_path / "thumbnails") == ["clp_1.jpg"]


async def test_twins_make_one_thumbnail(pool: WorkerPool, film: Path, tmp_path: Path) -> None:
    pictures = WorkerPictures(pool, tmp_path / "thumbnails")
    paths = await asyncio.gather(*(pictures.thumbnail(clip_of(film)) for _ in range(5)))
    assert len(set(paths)) == 1
    assert len(pool.pids) == 1
    await pictures.forget_thumbnail("clp_1")
    assert not Path(paths[0]).exists()


async def test_a_probe_counts_the_pictures(pool: WorkerPool, film: Path, tmp_path: Path) -> None:
    facts = await WorkerPictures(pool, tmp_path).probe(str(film))
    assert (facts.codec, facts.width, facts.height, facts.frames) == ("h264", 1280, 720, 30)
    assert facts.duration == timedelta(seconds=1)
    assert facts.fps == pytest.approx(30)


async def test_a_broken_file_is_the_callers_news_and_not_the_workers_end(
    pool: WorkerPool, film: Path, tmp_path: Path
) -> None:
    pictures = WorkerPictures(pool, tmp_path / "thumbnails")
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(film.read_bytes()[:200])
    for path in (broken, tmp_path / "nothing.mp4"):
        with pytest.raises(PreconditionError) as caught:
            await pictures.thumbnail(clip_of(path))
        assert caught.value.reason == "CLIP_DAMAGED"
        assert caught.value.metadata["task_reason"] == ("FILE_BROKEN" if path == broken else "FILE_MISSING")
    before = pool.pids
    assert (await pictures.probe(str(film))).frames == 30
    assert pool.pids == before


async def test_a_killed_worker_fails_its_task_at_once_and_is_replaced(
    pool: WorkerPool, film: Path, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo.mp4"
    os.mkfifo(fifo)
    waiting = asyncio.create_task(pool.run("probe", {"source": str(fifo)}, seconds=60))
    while not pool.pids:
        await asyncio.sleep(0.01)
    (pid,) = pool.pids
    await asyncio.sleep(0.2)
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    with pytest.raises(UnavailableError) as caught:
        await waiting
    assert caught.value.reason == "WORKER_DIED"
    assert "signal 9" in caught.value.message
    assert time.monotonic() - killed < 2
    assert (await WorkerPictures(pool, tmp_path).probe(str(film))).frames == 30


async def test_a_task_that_takes_too_long_is_ended(pool: WorkerPool, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.mp4"
    os.mkfifo(fifo)
    with pytest.raises(UnavailableError) as caught:
        await pool.run("probe", {"source": str(fifo)}, seconds=1)
    assert caught.value.reason == "WORKER_TIMEOUT"
    assert pool.pids == ()


async def test_unknown_tasks_are_our_own_fault(pool: WorkerPool) -> None:
    with pytest.raises(InternalError) as caught:
        await pool.run("format_disk", {}, seconds=10)
    assert (caught.value.reason, caught.value.metadata["task_reason"]) == ("TASK_FAILED", "TASK_UNKNOWN")


async def test_a_jpeg_that_cannot_be_written_is_our_own_fault(pool: WorkerPool, film: Path, tmp_path: Path) -> None:
    arguments = {"source": str(film), "target": str(tmp_path / "no-such-folder" / "clp_1.jpg")}
    with pytest.raises(InternalError) as caught:
        await pool.run("thumbnail", arguments, seconds=30)
    assert (caught.value.reason, caught.value.metadata["task_reason"]) == ("TASK_FAILED", "NOT_WRITTEN")


async def test_a_worker_out_of_memory_says_so_and_lives_on(
    pool: WorkerPool, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = tmp_path / "hungry"
    tasks.mkdir()
    # Where the interpreter looks first: a probe that wants more than a worker may have.
    (tasks / "sitecustomize.py").write_text(
        "import clipshot.media.tasks as tasks\n"
        "find = tasks.find\n"
        "tasks.find = lambda name: find(name) if name == 'thumbnail' else (lambda arguments: bytearray(1 << 34))\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tasks))
    with pytest.raises(ResourceExhaustedError) as caught:
        await pool.run("probe", {"source": str(film)}, seconds=30)
    assert (caught.value.reason, caught.value.metadata["limit"]) == ("WORKER_OUT_OF_MEMORY", "worker memory")
    assert caught.value.metadata["task_reason"] == "OUT_OF_MEMORY"
    before = pool.pids
    await WorkerPictures(pool, tmp_path / "thumbnails").thumbnail(clip_of(film))
    assert pool.pids == before


async def test_no_work_begins_at_the_end(pool: WorkerPool) -> None:
    await pool.stop()
    with pytest.raises(UnavailableError) as caught:
        await pool.run("probe", {"source": "x"}, seconds=10)
    assert caught.value.reason == "WORKERS_STOPPED"


async def test_a_worker_steps_back_and_goes_when_idle(pool: WorkerPool, film: Path, tmp_path: Path) -> None:
    await WorkerPictures(pool, tmp_path).probe(str(film))
    pids = pool.pids
    (worker,) = (psutil.Process(pid) for pid in pids)
    assert worker.nice() == 15
    assert worker.rlimit(psutil.RLIMIT_AS)[0] == 2 << 30
    await until_gone(pids)
    assert pool.pids == ()


async def test_no_worker_outlives_a_killed_core(film: Path) -> None:
    core = textwrap.dedent(
        """
        import asyncio, sys
        from clipshot.media.worker_pool import WorkerPool
        async def main():
            pool = WorkerPool(1)
            await pool.run("probe", {"source": sys.argv[1]}, seconds=30)
            print(*pool.pids, flush=True)
            await asyncio.sleep(60)
        asyncio.run(main())
        """
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", core, str(film), stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "server"}
    )
    assert process.stdout is not None
    pids = tuple(int(word) for word in (await process.stdout.readline()).split())
    assert len(pids) == 1
    process.kill()
    await process.wait()
    await until_gone(pids)
