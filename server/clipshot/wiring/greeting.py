"""What a server that is ready says: the run file, for programs, and the banner, for people."""

import os
from collections.abc import Sequence
from pathlib import Path

from clipshot.core.capture.session import Session
from clipshot.instance.banner import Banner
from clipshot.instance.run_file import RunFile
from clipshot.settings import Settings


def run_file(settings: Settings, *, grpc_port: int, web: str, socket: Path) -> RunFile:
    """How this server is found."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return RunFile(
        pid=os.getpid(),
        version=settings.version,
        rest=web,
        page=f"{web}/" if web else "",
        grpc=f"{host}:{grpc_port}",
        socket=str(socket),
        data_dir=str(settings.data_dir),
    )


def banner(settings: Settings, run: RunFile, login_code: str, session: Session | None, notes: Sequence[str]) -> Banner:
    """What is served where, what is captured, and what the user should know."""
    capture = "nothing yet; start with `clipshot record start` or `clipshot replay start`"
    if session is not None:
        video = session.video
        picture = f"{video.width}x{video.height}, {video.fps} fps"
        capture = f"the last {settings.replay_seconds:g} s of {session.source_id} ({picture})"
    return Banner(
        version=run.version,
        rest=run.rest,
        login=f"{run.rest}/login?code={login_code}" if run.rest else "",
        grpc=run.grpc,
        key_file=str(settings.api_key_path),
        capture=capture,
        notes=tuple(notes),
    )
