"""``clipshot audio``: what can be heard, and the sound of a session."""

import re
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from clipshot.cli.client import connect
from clipshot.cli.output import JsonOption, example, facts, present, table
from clipshot.cli.sessions import CURRENT, SessionOption, session_facts, track_table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clipshot.gen.capture.v1.audio_pb2 import AudioConfig
    from clipshot.gen.capture.v1.capture_service_pb2 import ListAudioDevicesResponse

app = typer.Typer(no_args_is_help=True, help="Sound: devices, levels, gain and mute.")

_INPUT = re.compile(r"(?P<device>.+?)(?:=(?P<label>[^=]*))?")

AudioOption = Annotated[
    list[str] | None,
    typer.Option(
        "--audio",
        metavar="DEVICE[=LABEL]",
        help="Record this sound, a track each; `none` for no sound. See: clipshot audio devices.",
        show_default="the setting AUDIO_INPUTS",
    ),
]


@app.command(epilog=example("clipshot audio devices"))
def devices(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List what can be heard here."""
    from clipshot.gen.capture.v1.capture_service_pb2 import ListAudioDevicesRequest

    with connect(ctx) as client:
        present(client.capture.ListAudioDevices(ListAudioDevicesRequest()), as_json, _devices)


@app.command(epilog=example("clipshot audio levels"))
def levels(ctx: typer.Context, session: SessionOption = CURRENT, as_json: JsonOption = False) -> None:
    """Show the tracks of a session and how loud they are."""
    from clipshot.gen.capture.v1.capture_service_pb2 import GetSessionRequest

    with connect(ctx) as client:
        found = client.capture.GetSession(GetSessionRequest(session_id=session))
        present(found, as_json, lambda answer: track_table(answer.audio))


@app.command("set", epilog=example("clipshot audio set 2 --mute", "clipshot audio set 3 --gain -6"))
def change(
    ctx: typer.Context,
    track: Annotated[int, typer.Argument(min=1, max=16, help="Number of the track, from `clipshot audio levels`.")],
    gain: Annotated[
        float | None, typer.Option(min=-60, max=24, help="Gain in decibels.", show_default="as it is")
    ] = None,
    mute: Annotated[
        bool | None, typer.Option("--mute/--unmute", help="Record silence.", show_default="as it is")
    ] = None,
    session: SessionOption = CURRENT,
    as_json: JsonOption = False,
) -> None:
    """Change gain or mute of a track while it is recorded."""
    from clipshot.gen.capture.v1.capture_service_pb2 import UpdateAudioTrackRequest

    request = UpdateAudioTrackRequest(session_id=session, track=track, request_id=str(uuid4()))
    if gain is not None:
        request.gain_db = gain
    if mute is not None:
        request.muted = mute
    with connect(ctx) as client:
        present(client.capture.UpdateAudioTrack(request), as_json, lambda answer: facts(session_facts(answer)))


def audio_config(asked: list[str] | None) -> "AudioConfig | None":
    """What is to be heard; None where the server's setting serves."""
    from clipshot.gen.capture.v1.audio_pb2 import AudioConfig, AudioInput

    if asked is None:
        return None
    config = AudioConfig()
    for text in asked:
        match = _INPUT.fullmatch(text)
        if match is not None and text != "none":
            config.inputs.append(AudioInput(device_id=match["device"], label=match["label"] or ""))
    return config


def _devices(answer: "ListAudioDevicesResponse") -> "RenderableType | str":
    from clipshot.cli.rest_form import word

    if answer.unavailable_reason:
        return answer.unavailable_reason
    return table(
        ("device", "kind", "title", "channels", ""),
        (
            (each.device_id, word(each, "kind"), each.title, str(each.channels), "default" if each.is_default else "")
            for each in answer.devices
        ),
        empty="Nothing can be heard here.",
    )
