"""``clipshot replay``: the replay buffer, and clips out of it."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import uuid4

import typer

from clipshot.cli.audio import AudioOption, audio_config
from clipshot.cli.client import connect
from clipshot.cli.output import JsonOption, example, facts, note, present
from clipshot.cli.picture import CursorOption, FpsOption, QualityOption, SizeOption, SourceOption, video_config
from clipshot.cli.saved_clip import saved_clip_facts
from clipshot.cli.sessions import CURRENT, GameOption, SessionOption, buffer_facts, session_facts
from clipshot.cli.waiting import wait

app = typer.Typer(no_args_is_help=True, help="Keep the last minutes, and save a moment after it happened.")

MAX_SECONDS = 14400


class Start(StrEnum):
    """Which picture a saved replay starts with."""

    CLEAN = "clean"
    KEYFRAME = "keyframe"


@app.command(epilog=example("clipshot replay start --seconds 120"))
def start(
    ctx: typer.Context,
    source: SourceOption = "",
    seconds: Annotated[
        float | None,
        typer.Option(min=1, max=MAX_SECONDS, help="How much to keep.", show_default="REPLAY_SECONDS"),
    ] = None,
    fps: FpsOption = None,
    size: SizeOption = None,
    crf: QualityOption = None,
    cursor: CursorOption = True,
    audio: AudioOption = None,
    game: GameOption = "",
    as_json: JsonOption = False,
) -> None:
    """Begin to keep the last moments of a source."""
    from clipshot.gen.capture.v1.capture_service_pb2 import StartSessionRequest
    from clipshot.gen.capture.v1.session_pb2 import Session

    request = StartSessionRequest(
        source_id=source,
        mode=Session.MODE_REPLAY,
        video=video_config(fps=fps, size=size, crf=crf),
        replay_duration=None if seconds is None else timedelta(seconds=seconds),
        draw_cursor=cursor,
        audio=audio_config(audio),
        game=game,
        request_id=str(uuid4()),
    )
    with connect(ctx) as client:
        present(client.capture.StartSession(request), as_json, lambda session: facts(session_facts(session)))


@app.command(
    epilog=example(
        "clipshot replay save --seconds 30",
        "clipshot replay save --seconds 15 --title 'Triple kill' --tag best",
        "clipshot replay save --since-last --post-roll 5 --flush --game Quake",
    )
)
def save(
    ctx: typer.Context,
    seconds: Annotated[
        float | None,
        typer.Option(
            "--seconds",
            "-s",
            min=0.1,
            max=MAX_SECONDS,
            help="How much to save.",
            show_default="all that is kept",
        ),
    ] = None,
    since_last: Annotated[
        bool, typer.Option("--since-last", help="Begin exactly where the last save ended, instead of --seconds.")
    ] = False,
    post_roll: Annotated[
        float | None, typer.Option(min=0, max=600, metavar="SECONDS", help="Go on for this long.", show_default=False)
    ] = None,
    flush: Annotated[bool, typer.Option("--flush", help="Forget what was saved: no later save holds it.")] = False,
    start: Annotated[
        Start,
        typer.Option(
            help="First picture of the file: exactly the asked one, or the keyframe before it, "
            "which is quicker and up to a second earlier."
        ),
    ] = Start.CLEAN,
    title: Annotated[str, typer.Option(help="Title of the clip.", show_default=False)] = "",
    tag: Annotated[
        list[str] | None, typer.Option(help="A tag of the clip; may be repeated.", show_default=False)
    ] = None,
    game: GameOption = "",
    session: SessionOption = CURRENT,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Return as soon as the moment is on its way; do not wait for the file.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Save the last moments, up to the picture on the screen now, as a clip.

    With --json: the operation, whose `saved_clip` holds the facts.
    """
    from clipshot.gen.capture.v1.capture_service_pb2 import SaveReplayRequest

    request = SaveReplayRequest(
        session_id=session,
        duration=None if seconds is None else timedelta(seconds=seconds),
        start=f"START_{start.name}",
        title=title,
        tags=tag or (),
        since_last_save=since_last,
        post_roll=None if post_roll is None else timedelta(seconds=post_roll),
        flush=flush,
        game=game,
        # Waiting is done by watching, which shows how far the work is and has no deadline.
        no_wait=True,
        request_id=str(uuid4()),
    )
    with connect(ctx) as client:
        operation = client.capture.SaveReplay(request)
        if no_wait:
            present(operation, as_json, lambda running: facts([("operation", running.operation_id)]))
            if not as_json:
                note(f"it goes on: clipshot operations watch {operation.operation_id}")
        else:
            present(wait(client, operation), as_json, lambda ended: facts(saved_clip_facts(ended.saved_clip)))


@app.command(epilog=example("clipshot replay toggle"))
def toggle(ctx: typer.Context, source: SourceOption = "", as_json: JsonOption = False) -> None:
    """Start the replay buffer when it is off, stop it when it is on: for one key."""
    from clipshot.gen.capture.v1.capture_service_pb2 import ToggleSessionRequest

    request = ToggleSessionRequest(source_id=source, what=ToggleSessionRequest.WHAT_REPLAY, request_id=str(uuid4()))
    with connect(ctx) as client:
        present(client.capture.ToggleSession(request), as_json, lambda session: facts(session_facts(session)))


@app.command(epilog=example("clipshot replay status"))
def status(ctx: typer.Context, session: SessionOption = CURRENT, as_json: JsonOption = False) -> None:
    """Show how much is kept, and where."""
    from clipshot.gen.capture.v1.capture_service_pb2 import GetReplayBufferRequest

    with connect(ctx) as client:
        answer = client.capture.GetReplayBuffer(GetReplayBufferRequest(session_id=session))
        present(answer, as_json, lambda buffer: facts(buffer_facts(buffer)))


@app.command(epilog=example("clipshot replay stop"))
def stop(ctx: typer.Context, session: SessionOption = CURRENT, as_json: JsonOption = False) -> None:
    """Keep nothing any more. A recording on the same source goes on."""
    from clipshot.gen.capture.v1.capture_service_pb2 import StopSessionRequest

    request = StopSessionRequest(session_id=session, what=StopSessionRequest.WHAT_REPLAY, request_id=str(uuid4()))
    with connect(ctx) as client:
        present(client.capture.StopSession(request), as_json, lambda stopped: facts(session_facts(stopped)))
