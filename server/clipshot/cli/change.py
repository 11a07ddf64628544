"""``clipshot change``: change a session while it runs."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from clipshot.cli.client import connect
from clipshot.cli.errors import CommandError
from clipshot.cli.output import JsonOption, example, facts, present
from clipshot.cli.sessions import CURRENT, SessionOption, session_facts
from clipshot.cli.splitting import SplitBytesOption, SplitSecondsOption, split_rule

if TYPE_CHECKING:
    from clipshot.gen.capture.v1.encoder_pb2 import RateControl


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog=example("clipshot change --game Quake --title 'Final'", "clipshot change --bitrate 6000"))(
        change
    )


def change(
    ctx: typer.Context,
    title: Annotated[str | None, typer.Option(help="Title, also of the recording's clip.", show_default=False)] = None,
    game: Annotated[str | None, typer.Option(help="Game that is played.", show_default=False)] = None,
    seconds: Annotated[
        float | None, typer.Option(min=1, max=14400, help="How much the replay buffer keeps.", show_default=False)
    ] = None,
    crf: Annotated[
        float | None,
        typer.Option(min=0, max=51, help="Constant rate factor from now on, lower is better.", show_default=False),
    ] = None,
    bitrate: Annotated[
        int | None, typer.Option(min=1, metavar="KBPS", help="Constant bitrate from now on.", show_default=False)
    ] = None,
    cursor: Annotated[
        bool | None, typer.Option("--cursor/--no-cursor", help="Show the pointer in the pictures.", show_default=False)
    ] = None,
    split_seconds: SplitSecondsOption = None,
    split_mib: SplitBytesOption = None,
    no_split: Annotated[
        bool, typer.Option("--no-split", help="Do not split the recording by itself any more.")
    ] = False,
    session: SessionOption = CURRENT,
    as_json: JsonOption = False,
) -> None:
    """Change a session while it runs; everything applies at once."""
    from clipshot.gen.capture.v1.capture_service_pb2 import UpdateSessionRequest
    from clipshot.gen.capture.v1.session_pb2 import SplitRule

    request = UpdateSessionRequest(
        session_id=session,
        rate_control=_rate_control(crf, bitrate),
        replay_duration=None if seconds is None else timedelta(seconds=seconds),
        title=title,
        draw_cursor=cursor,
        game=game,
        split=SplitRule() if no_split else split_rule(split_seconds, split_mib),
        request_id=str(uuid4()),
    )
    with connect(ctx) as client:
        present(client.capture.UpdateSession(request), as_json, lambda changed: facts(session_facts(changed)))


def _rate_control(crf: float | None, bitrate: int | None) -> "RateControl | None":
    from clipshot.gen.capture.v1.encoder_pb2 import RateControl

    if crf is not None and bitrate is not None:
        raise CommandError("--crf and --bitrate exclude each other", "give one of them")
    if crf is not None:
        return RateControl(mode=RateControl.MODE_CRF, crf=crf)
    return None if bitrate is None else RateControl(mode=RateControl.MODE_CBR, bitrate_kbps=bitrate)
