"""``clipshot events``: what happens, and what happened."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from clipshot.cli.client import connect
from clipshot.cli.output import JsonOption, example, note, present, print_json_line, table, tell
from clipshot.cli.pages import collect
from clipshot.cli.wording import clock, plain, when

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from rich.console import RenderableType

    from clipshot.gen.events.v1.event_pb2 import Event
    from clipshot.gen.events.v1.event_service_pb2 import ListEventsResponse, ListEventTypesResponse

app = typer.Typer(no_args_is_help=True, help="Follow what happens, and read what happened.")

TopicOption = Annotated[
    list[str] | None,
    typer.Option(
        "--topic",
        "-t",
        metavar="GLOB",
        help="Only types like this, e.g. 'clip:*'; may be repeated.",
        show_default=False,
    ),
]
ResourceOption = Annotated[
    str, typer.Option(metavar="NAME", help="Only what happens to this, e.g. clips/ID.", show_default=False)
]
AfterOption = Annotated[
    str, typer.Option("--after", metavar="EVENT", help="Begin after this event id.", show_default=False)
]


class Priority(StrEnum):
    """How much an event matters."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@app.command(epilog=example("clipshot events watch --topic 'clip:*'"))
def watch(
    ctx: typer.Context,
    topic: TopicOption = None,
    resource: ResourceOption = "",
    priority: Annotated[
        Priority | None, typer.Option(help="Only events that matter at least so much.", show_default=False)
    ] = None,
    after: AfterOption = "",
    all_: Annotated[bool, typer.Option("--all", help="Statistics and progress too, several a second.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print events as they happen, until Ctrl-C. With --json: one event a line."""
    from clipshot.cli.rest_form import rest_form
    from clipshot.gen.events.v1.event_service_pb2 import SubscribeRequest

    request = SubscribeRequest(
        topics=topic or (),
        resource=resource,
        min_priority=None if priority is None else f"PRIORITY_{priority.name}",
        after_event_id=after,
        include_high_volume=all_,
    )
    with connect(ctx) as client:
        for answer in client.events.Subscribe(request):
            if answer.HasField("gap"):
                missed = f"{answer.gap.missed} events" if answer.gap.missed else "events"
                note(f"{missed} are not to be had any more; going on with {answer.gap.next_event_id}")
            for event in answer.events:
                if as_json:
                    print_json_line(rest_form(event))
                else:
                    tell(plain(_line(event)))


@app.command("list", epilog=example("clipshot events list --topic 'capture:*' --limit 20"))
def list_(
    ctx: typer.Context,
    topic: TopicOption = None,
    resource: ResourceOption = "",
    after: AfterOption = "",
    limit: Annotated[int, typer.Option(min=1, help="Most to show.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List stored events, oldest first."""
    from clipshot.gen.events.v1.event_service_pb2 import ListEventsRequest

    request = ListEventsRequest(topics=topic or (), resource=resource, after_event_id=after)
    with connect(ctx) as client:
        answer = collect(client.events.ListEvents, request, limit, lambda page: page.events)
        present(answer, as_json, _events_table)
        if answer.next_page_token and not as_json:
            note(f"there are more: clipshot events list --after {answer.events[-1].event_id}")


@app.command(epilog=example("clipshot events types"))
def types(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """List the types of events that the server can emit."""
    from clipshot.gen.events.v1.event_service_pb2 import ListEventTypesRequest

    with connect(ctx) as client:
        present(client.events.ListEventTypes(ListEventTypesRequest()), as_json, _types_table)


def _line(event: "Event") -> str:
    return f"{clock(event.time)}  {event.type:<28} {event.resource:<38} {_summary(event)}".rstrip()


def _events_table(answer: "ListEventsResponse") -> "RenderableType":
    return table(
        ("event", "time", "type", "resource", ""),
        ((each.event_id, when(each.time), each.type, each.resource, _summary(each)) for each in answer.events),
        empty="No events.",
    )


def _types_table(answer: "ListEventTypesResponse") -> "RenderableType":
    from clipshot.cli.rest_form import word

    return table(
        ("type", "priority", "stored", "what happened"),
        (
            (each.type, word(each, "priority"), "no" if each.high_volume else "yes", each.summary)
            for each in answer.event_types
        ),
        empty="No event types.",
    )


def _summary(event: "Event") -> str:
    """The plain facts of an event's payload; ids are left out where the resource tells them already."""
    name = event.WhichOneof("payload")
    if name is None:
        return ""
    if name == "custom":
        from google.protobuf.json_format import MessageToJson

        return MessageToJson(event.custom, indent=None)
    from clipshot.cli.rest_form import word

    payload: Message = getattr(event, name)
    words = []
    for field, value in payload.ListFields():
        if field.message_type is not None or field.is_repeated or str(value) in event.resource:
            continue
        words.append(f"{field.name}={word(payload, field.name) if field.enum_type else value}")
    return " ".join(words)
