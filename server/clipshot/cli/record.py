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
from clipshot.cli.sessions import recording_session, session_facts
from clipshot.cli.waiting import wait

app = typer.Typer(no_args_is_help=True, help="Record to a file, from start to stop.")

# Header of the StopSession answer: the operation that makes the recording a clip.
_OPERATION_HEADER = "x-operation-id"

RecordingOption = Annotated[
    str | None,
    typer.Option("--session", metavar="ID", help="The session; needed only while several record.", show_default=False),
]


@app.command(epilog=example("clipshot record start --fps 60 --title 'Boss fight'"))
def start(
    ctx: typer.Context,
    source: SourceOption = "",
    title: Annotated[str, typer.Option(help="Title of the clip that the recording becomes.", show_default=False)] = "",
    fps: FpsOption = None,
    size: SizeOption = None,
    crf: QualityOption = None,
    cursor: CursorOption = True,
    audio: AudioOption = None,
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
            session_id=session or recording_session(client).session_id,
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


def _present_clip(client: Client, operation_id: str, as_json: bool) -> None:
    from clipshot.gen.operations.v1.operations_service_pb2 import GetOperationRequest

    operation = client.operations.GetOperation(GetOperationRequest(operation_id=operation_id))
    present(wait(client, operation), as_json, lambda ended: facts(saved_clip_facts(ended.saved_clip)))
