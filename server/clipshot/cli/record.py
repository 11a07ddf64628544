"""``clipshot record``: recordings."""

from typing import Annotated
from uuid import uuid4

import typer

from clipshot.cli.audio import AudioOption, audio_config
from clipshot.cli.client import Client, connect
from clipshot.cli.errors import CommandError
from clipshot.cli.output import JsonOption, example, facts, present
from clipshot.cli.picture import CursorOption, FpsOption, QualityOption, SizeOption, SourceOption, video_config
from clipshot.cli.saved_clip import saved_clip_facts
from clipshot.cli.sessions import GameOption, recording_session, session_facts
from clipshot.cli.splitting import SplitBytesOption, SplitSecondsOption, split_rule
from clipshot.cli.waiting import wait

app = typer.Typer(no_args_is_help=True, help="Record to a file, from start to stop.")

# Header of the StopSession answer: the operation that makes the recording a clip.
_OPERATION_HEADER = "x-operation-id"

RecordingOption = Annotated[
    str | None,
    typer.Option("--session", metavar="ID", help="The session; needed only while several record.", show_default=False),
]


@app.command(
    epilog=example(
        "clipshot record start --fps 60 --title 'Boss fight'", "clipshot record start --game Quake --split-seconds 1800"
    )
)
def start(
    ctx: typer.Context,
    source: SourceOption = "",
    title: Annotated[str, typer.Option(help="Title of the clip that the recording becomes.", show_default=False)] = "",
    fps: FpsOption = None,
    size: SizeOption = None,
    crf: QualityOption = None,
    cursor: CursorOption = True,
    audio: AudioOption = None,
    game: GameOption = "",
    split_seconds: SplitSecondsOption = None,
    split_mib: SplitBytesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a recording.

    Where the source already buffers for replays, the recording joins that session and needs no second encoder.
    """
    from clipshot.gen.capture.v1.capture_service_pb2 import StartSessionRequest
    from clipshot.gen.capture.v1.session_pb2 import Session

    request = StartSessionRequest(
        source_id=source,
        mode=Session.MODE_RECORD,
        video=video_config(fps=fps, size=size, crf=crf),
        title=title,
        draw_cursor=cursor,
        audio=audio_config(audio),
        game=game,
        split=split_rule(split_seconds, split_mib),
        request_id=str(uuid4()),
    )
    with connect(ctx) as client:
        present(client.capture.StartSession(request), as_json, lambda session: facts(session_facts(session)))


@app.command(epilog=example("clipshot record stop", "clipshot record stop --discard"))
def stop(
    ctx: typer.Context,
    session: RecordingOption = None,
    discard: Annotated[bool, typer.Option("--discard", help="Throw the recording away.")] = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait for the clip.")] = False,
    as_json: JsonOption = False,
) -> None:
    """End a recording; it becomes a clip. A replay buffer on the same source goes on.

    With --json: the operation that made the clip, or the session where there is nothing to wait for.
    """
    from clipshot.gen.capture.v1.capture_service_pb2 import StopSessionRequest

    with connect(ctx) as client:
        request = StopSessionRequest(
            session_id=_named(client, session),
            what=StopSessionRequest.WHAT_RECORDING,
            discard=discard,
            request_id=str(uuid4()),
        )
        stopped, call = client.capture.StopSession.with_call(request)
        headers = dict(call.initial_metadata() or ())
        operation_id = headers.get(_OPERATION_HEADER)
        if no_wait or discard or not isinstance(operation_id, str):
            present(stopped, as_json, lambda session: facts(session_facts(session)))
        else:
            _present_clip(client, operation_id, as_json)


@app.command(epilog=example("clipshot record pause"))
def pause(ctx: typer.Context, session: RecordingOption = None, as_json: JsonOption = False) -> None:
    """Record nothing more until it is resumed; the file has no gap, and a replay buffer goes on."""
    from clipshot.gen.capture.v1.capture_service_pb2 import PauseSessionRequest

    with connect(ctx) as client:
        request = PauseSessionRequest(session_id=_named(client, session), request_id=str(uuid4()))
        present(client.capture.PauseSession(request), as_json, lambda paused: facts(session_facts(paused)))


@app.command(epilog=example("clipshot record resume"))
def resume(ctx: typer.Context, session: RecordingOption = None, as_json: JsonOption = False) -> None:
    """Go on with a paused recording."""
    from clipshot.gen.capture.v1.capture_service_pb2 import ResumeSessionRequest

    with connect(ctx) as client:
        request = ResumeSessionRequest(session_id=_named(client, session), request_id=str(uuid4()))
        present(client.capture.ResumeSession(request), as_json, lambda resumed: facts(session_facts(resumed)))


@app.command(epilog=example("clipshot record split", "clipshot record split --title 'Second half'"))
def split(
    ctx: typer.Context,
    title: Annotated[
        str, typer.Option(help="Title of the part that begins.", show_default="the recording's, with a number")
    ] = "",
    session: RecordingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Go on recording into a new file without losing a picture; what was recorded becomes a clip."""
    from clipshot.gen.capture.v1.capture_service_pb2 import SplitSessionRequest

    with connect(ctx) as client:
        request = SplitSessionRequest(session_id=_named(client, session), title=title, request_id=str(uuid4()))
        present(client.capture.SplitSession(request), as_json, lambda going: facts(session_facts(going)))


@app.command(epilog=example("clipshot record toggle"))
def toggle(ctx: typer.Context, source: SourceOption = "", as_json: JsonOption = False) -> None:
    """Start recording when it is off, stop when it is on: for one key."""
    from clipshot.gen.capture.v1.capture_service_pb2 import ToggleSessionRequest

    request = ToggleSessionRequest(source_id=source, what=ToggleSessionRequest.WHAT_RECORDING, request_id=str(uuid4()))
    with connect(ctx) as client:
        present(client.capture.ToggleSession(request), as_json, lambda session: facts(session_facts(session)))


@app.command(epilog=example("clipshot record status"))
def status(ctx: typer.Context, session: RecordingOption = None, as_json: JsonOption = False) -> None:
    """Show the recording that is being written."""
    from clipshot.gen.capture.v1.capture_service_pb2 import GetSessionRequest

    with connect(ctx) as client:
        if session is None:
            found = recording_session(client)
        else:
            found = client.capture.GetSession(GetSessionRequest(session_id=session))
            if not found.HasField("recording"):
                raise CommandError(f"session {session} does not record", "clipshot record start begins a recording")
        present(found, as_json, lambda session: facts(session_facts(session)))


def _named(client: Client, session: str | None) -> str:
    return session or recording_session(client).session_id


def _present_clip(client: Client, operation_id: str, as_json: bool) -> None:
    from clipshot.gen.operations.v1.operations_service_pb2 import GetOperationRequest

    operation = client.operations.GetOperation(GetOperationRequest(operation_id=operation_id))
    present(wait(client, operation), as_json, lambda ended: facts(saved_clip_facts(ended.saved_clip)))
