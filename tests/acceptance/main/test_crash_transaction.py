"""A kill between a change and its event leaves both or neither."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from clipshot.gen.clips.v1.clip_pb2 import Clip
from clipshot.gen.clips.v1.clip_service_pb2 import UpdateClipRequest
from tests.acceptance.main.client import Client
from tests.acceptance.main.report import Report
from tests.serving import RunningServer, serving, start_server

#: More writes than one change takes.
MOST_WRITES = 60


@contextlib.contextmanager
def killed_at_write(server: RunningServer, number: int) -> Iterator[None]:
    """Have the kernel kill the server when it begins its ``number``-th write into the database's log from now on."""
    log = server.data_dir / "clipshot.db-wal"
    inject = f"inject=pwrite64,write:signal=SIGKILL:when={number}"
    command = [
        "strace",
        "-f",
        "-p",
        str(server.process.pid),
        "-P",
        str(log),
        "-e",
        "trace=pwrite64,write",
        "-e",
        inject,
    ]
    tracer = subprocess.Popen([*command, "-o", "/dev/null"], stderr=subprocess.PIPE, text=True)
    try:
        assert tracer.stderr
        for line in tracer.stderr:
            if "attached" in line:
                break
        else:
            pytest.fail("strace did not attach")
        yield
    finally:
        tracer.terminate()
        try:
            tracer.communicate(timeout=3)
        except subprocess.TimeoutExpired:  # a thread began just when all were killed, and the tracer waits for it
            tracer.kill()
            tracer.communicate()


def rename(client: Client, clip_id: str, title: str) -> bool:
    """Give a clip another title; whether the server lived to answer."""
    request = UpdateClipRequest(clip_id=clip_id, clip=Clip(title=title), update_mask=FieldMask(paths=["title"]))
    try:
        client.clips.UpdateClip(request, metadata=client.metadata, timeout=20)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.UNAVAILABLE:
            raise
        return False
    return True


def test_killed_at_every_write_of_a_change(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--replay") as server:
        client = Client(server)
        client.wait_until_buffered(1)
        clip_id = client.save(0.5).saved_clip.clip_id
    report = Report("kill -9 at each write of a change into the database's log")
    outcome: dict[int, str] = {}
    for number in range(1, MOST_WRITES):
        title = f"killed at write {number}"
        server = start_server(data, "--no-replay")
        try:
            with killed_at_write(server, number):
                answered = rename(Client(server), clip_id, title)
        finally:
            server.kill()
        with serving(data, "--no-replay") as again:
            client = Client(again)
            changed = client.clip(clip_id).title == title
            told = [event.clip_updated.clip.title for event in client.history("clip:updated")].count(title)
        outcome[number] = f"change {'yes' if changed else 'no'}, events {told}"
        assert told == int(changed), f"killed at write {number}: {outcome[number]}"
        if answered:
            assert changed
            break
    else:
        pytest.fail(f"the change took more than {MOST_WRITES} writes")
    report.line("writes of the change, each killed once", len(outcome) - 1, limit="at least 2")
    for number, found in outcome.items():
        report.line(f"  killed at write {number}" if number < len(outcome) else "  not killed", found)
    assert len(outcome) > 2, "nothing was killed in the middle of a change"
