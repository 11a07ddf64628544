"""``clipshot clips``: the library."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from clipshot.cli.client import Client, connect
from clipshot.cli.errors import CommandError
from clipshot.cli.output import JsonOption, example, facts, note, present, print_json, print_json_line, table, tell
from clipshot.cli.pages import collect
from clipshot.cli.wording import exact, length, plain, size, when

if TYPE_CHECKING:
    from rich.console import RenderableType

    from clipshot.gen.clips.v1.clip_pb2 import Clip
    from clipshot.gen.clips.v1.clip_service_pb2 import ListClipsResponse, PurgeClipsResponse

app = typer.Typer(no_args_is_help=True, help="Find, play and delete clips.")

LAST = "last"

ClipArgument = Annotated[
    str, typer.Argument(metavar="CLIP", help="Id of the clip, or `last` for the newest.", show_default=False)
]
ClipsArgument = Annotated[
    list[str], typer.Argument(metavar="CLIP...", help="Ids of the clips; `last` is the newest.", show_default=False)
]


class Origin(StrEnum):
    """Where a clip comes from."""

    RECORDED = "recorded"
    REPLAY = "replay"
    RECOVERED = "recovered"


class Order(StrEnum):
    """What clips are ordered by."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LONGEST = "longest"
    LARGEST = "largest"
    TITLE = "title"


_ORDER_BY = {
    Order.NEWEST: "create_time desc",
    Order.OLDEST: "create_time",
    Order.LONGEST: "duration desc",
    Order.LARGEST: "size_bytes desc",
    Order.TITLE: "title",
}


@app.command("list", epilog=example("clipshot clips list --tag best --order longest", "clipshot clips list --trash"))
def list_(
    ctx: typer.Context,
    text: Annotated[str, typer.Option(help="Only with this in title, description or tags.", show_default=False)] = "",
    tag: Annotated[
        list[str] | None, typer.Option(help="Only with this tag; may be repeated.", show_default=False)
    ] = None,
    origin: Annotated[
        list[Origin] | None, typer.Option(help="Only of this origin; may be repeated.", show_default=False)
    ] = None,
    game: Annotated[
        list[str] | None, typer.Option(help="Only of this game; may be repeated.", show_default=False)
    ] = None,
    favourite: Annotated[bool, typer.Option("--favourite", help="Only favourites.")] = False,
    trash: Annotated[bool, typer.Option("--trash", help="What is in the trash instead.")] = False,
    order: Annotated[Order, typer.Option(help="What comes first.")] = Order.NEWEST,
    limit: Annotated[int, typer.Option(min=1, help="Most to show.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List clips, newest first."""
    from clipshot.gen.clips.v1.clip_pb2 import Clip
    from clipshot.gen.clips.v1.clip_service_pb2 import ListClipsRequest

    request = ListClipsRequest(
        text=text,
        tags=tag or (),
        games=game or (),
        origins=[f"ORIGIN_{each.name}" for each in origin or ()],
        favourite=True if favourite else None,
        states=[Clip.STATE_TRASHED] if trash else (),
        order_by=_ORDER_BY[order],
    )
    with connect(ctx) as client:
        answer = collect(client.clips.ListClips, request, limit, lambda page: page.clips)
        present(answer, as_json, _trash_table if trash else _table)
        if answer.next_page_token and not as_json:
            note(f"these are the first {len(answer.clips)}; --limit shows more")


@app.command(epilog=example("clipshot clips show last"))
def show(ctx: typer.Context, clip: ClipArgument, as_json: JsonOption = False) -> None:
    """Show what is known about a clip."""
    with connect(ctx) as client:
        present(_clip(client, clip), as_json, lambda found: facts(_facts(found)))


@app.command(epilog=example("clipshot clips path last", 'mpv "$(clipshot clips path last)"'))
def path(ctx: typer.Context, clip: ClipArgument, as_json: JsonOption = False) -> None:
    """Print the path of a clip's file."""
    with connect(ctx) as client:
        found = _clip(client, clip)
    if as_json:
        print_json({"path": found.path})
    else:
        tell(found.path)


@app.command("open", epilog=example("clipshot clips open last", "clipshot clips open last --browser"))
def open_(
    ctx: typer.Context,
    clip: ClipArgument,
    browser: Annotated[bool, typer.Option("--browser", help="Play it in the web browser.")] = False,
) -> None:
    """Play a clip in the player that this desktop uses for videos."""
    with connect(ctx) as client:
        found = _clip(client, clip)
        page = client.target.run_file.page if client.target.run_file else ""
    if browser:
        _open_in_browser(page, found)
    elif typer.launch(found.path) != 0:
        raise CommandError(f"no player could be started for {found.path}", "open that file with a player of your own")


@app.command(epilog=example("clipshot clips delete last"))
def delete(ctx: typer.Context, clip: ClipsArgument, as_json: JsonOption = False) -> None:
    """Move clips to the trash, where they stay for 30 days.

    With --json: the ids of the clips.
    """
    from clipshot.gen.clips.v1.clip_service_pb2 import DeleteClipRequest

    with connect(ctx) as client:
        ids = [_id(client, each) for each in clip]
        for clip_id in ids:
            client.clips.DeleteClip(DeleteClipRequest(clip_id=clip_id))
            if not as_json:
                tell(f"{clip_id} is in the trash: clipshot clips undelete {clip_id}")
    if as_json:
        print_json({"clip_ids": ids})


@app.command(epilog=example("clipshot clips undelete clp_01k3x5v9c2"))
def undelete(
    ctx: typer.Context,
    clip: Annotated[list[str], typer.Argument(metavar="CLIP...", help="Ids of the clips.", show_default=False)],
    as_json: JsonOption = False,
) -> None:
    """Take clips out of the trash.

    With --json: the clips, one a line.
    """
    from clipshot.cli.rest_form import rest_form
    from clipshot.gen.clips.v1.clip_service_pb2 import UndeleteClipRequest

    with connect(ctx) as client:
        for clip_id in clip:
            restored = client.clips.UndeleteClip(UndeleteClipRequest(clip_id=clip_id))
            if as_json:
                print_json_line(rest_form(restored))
            else:
                tell(plain(f"{clip_id} is back: {restored.title}"))


@app.command(epilog=example("clipshot clips purge --dry-run", "clipshot clips purge --yes"))
def purge(
    ctx: typer.Context,
    clip: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CLIP...]", help="Ids of trashed clips.", show_default="the whole trash"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete trashed clips and their files for good. Asks first."""
    from clipshot.gen.clips.v1.clip_service_pb2 import PurgeClipsRequest

    with connect(ctx) as client:
        request = PurgeClipsRequest(clip_ids=clip or (), validate_only=True)
        plan = client.clips.PurgeClips(request)
        if dry_run or not plan.clip_ids:
            present(plan, as_json, lambda each: _purged(each, "would be deleted"))
            return
        if not yes:
            typer.confirm(f"{_purged(plan, 'will be deleted for good')} Go on?", abort=True, err=True)
        # Only what was shown: a clip that is trashed meanwhile stays.
        request = PurgeClipsRequest(clip_ids=plan.clip_ids, request_id=str(uuid4()))
        present(client.clips.PurgeClips(request), as_json, lambda each: _purged(each, "deleted for good"))


def _id(client: Client, name: str) -> str:
    return _newest(client).clip_id if name == LAST else name


def _clip(client: Client, name: str) -> "Clip":
    from clipshot.gen.clips.v1.clip_service_pb2 import GetClipRequest

    return _newest(client) if name == LAST else client.clips.GetClip(GetClipRequest(clip_id=name))


def _newest(client: Client) -> "Clip":
    from clipshot.gen.clips.v1.clip_service_pb2 import ListClipsRequest

    found = client.clips.ListClips(ListClipsRequest(page_size=1)).clips
    if not found:
        raise CommandError("there is no clip yet", "clipshot replay save --seconds 30 makes one")
    return found[0]


def _open_in_browser(page: str, clip: "Clip") -> None:
    if not page or not clip.media_url:
        raise CommandError("the clip cannot be reached by a browser", "clipshot clips open plays it in a player")
    import webbrowser
    from urllib.parse import urljoin

    link = urljoin(page, clip.media_url)
    if not webbrowser.open(link):
        raise CommandError("no browser could be started", f"open this link within 10 minutes: {link}")


def _table(answer: "ListClipsResponse") -> "RenderableType":
    from clipshot.cli.rest_form import word

    return table(
        ("clip", "made", "length", "size", "origin", "title"),
        (
            (
                each.clip_id,
                when(each.create_time),
                length(each.duration),
                size(each.size_bytes),
                word(each, "origin") if each.state == each.STATE_READY else word(each, "state"),
                f"★ {each.title}" if each.favourite else each.title,
            )
            for each in answer.clips
        ),
        numbers=["length", "size"],
        empty="No clips. clipshot replay save --seconds 30 makes one.",
    )


def _trash_table(answer: "ListClipsResponse") -> "RenderableType":
    return table(
        ("clip", "deleted for good", "length", "size", "title"),
        (
            (each.clip_id, when(each.expire_time), length(each.duration), size(each.size_bytes), each.title)
            for each in answer.clips
        ),
        numbers=["length", "size"],
        empty="The trash is empty.",
    )


def _facts(clip: "Clip") -> list[tuple[str, str]]:
    from clipshot.cli.rest_form import word

    video = clip.video
    flags = [name for name, set_ in (("favourite", clip.favourite), ("protected", clip.protected)) if set_]
    return [
        ("clip", clip.clip_id),
        ("title", clip.title),
        ("description", clip.description),
        ("state", ", ".join([word(clip, "state"), *flags])),
        ("path", clip.path),
        ("length", length(clip.duration)),
        ("size", size(clip.size_bytes)),
        (
            "picture",
            f"{video.width}x{video.height}, at most {video.fps:g} a second, {video.frames} in all, {video.codec}",
        ),
        ("origin", f"{word(clip, 'origin')}, session {clip.session_id}"),
        ("game", clip.game),
        *(("marker", f"{exact(marker.at)}  {marker.label}".rstrip()) for marker in clip.markers),
        ("starts", when(clip.start_time) if clip.HasField("start_time") else ""),
        ("made", when(clip.create_time)),
        ("deleted for good", when(clip.expire_time) if clip.HasField("expire_time") else ""),
        ("rating", "★" * clip.rating),
        ("tags", ", ".join(clip.tags)),
        *((name, value) for name, value in sorted(clip.attributes.items())),
    ]


def _purged(answer: "PurgeClipsResponse", how: str) -> str:
    if not answer.clip_ids:
        return "The trash is empty."
    return f"{len(answer.clip_ids)} clips ({size(answer.freed_bytes)}) {how}."
