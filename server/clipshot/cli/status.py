"""``clipshot status``: the server at a glance."""

from typing import TYPE_CHECKING

import typer

from clipshot.cli.client import Client, connect
from clipshot.cli.errors import ExitCode
from clipshot.cli.output import JsonOption, example, facts, print_json, table, tell
from clipshot.cli.sessions import buffer_facts, live_sessions, session_facts
from clipshot.cli.wording import length, size

if TYPE_CHECKING:
    from clipshot.gen.capture.v1.session_pb2 import ReplayBuffer, Session
    from clipshot.gen.system.v1.health_pb2 import HealthResponse
    from clipshot.gen.system.v1.metrics_pb2 import MetricsResponse


def register(app: typer.Typer) -> None:
    """Add the command to the root."""
    app.command(epilog=example("clipshot status"))(status)


def status(ctx: typer.Context, as_json: JsonOption = False) -> None:
    """Show the server's health, what it captures, and what it costs.

    Ends with 1 when the server is unhealthy and with 3 when none runs. With --json: `health`, `metrics`, `sessions` and
    `replay_buffers`, each as its own REST call answers.
    """
    from clipshot.gen.system.v1.health_pb2 import GetHealthRequest
    from clipshot.gen.system.v1.system_service_pb2 import GetMetricsRequest

    with connect(ctx) as client:
        health = client.system.GetHealth(GetHealthRequest())
        metrics = client.system.GetMetrics(GetMetricsRequest())
        sessions = list(live_sessions(client).sessions)
        buffers = [_buffer(client, each) for each in sessions if each.HasField("replay_duration")]
        page = client.target.run_file.page if client.target.run_file else ""
        address = client.target.address
    if as_json:
        from clipshot.cli.rest_form import rest_form

        print_json(
            {
                "health": rest_form(health),
                "metrics": rest_form(metrics),
                "sessions": [rest_form(each) for each in sessions],
                "replay_buffers": [rest_form(each) for each in buffers],
            }
        )
    else:
        _tell_server(health, metrics, address, page)
        _tell_sessions(sessions, buffers)
    if health.status == health.STATUS_UNHEALTHY:
        raise typer.Exit(ExitCode.FAILURE)


def _buffer(client: Client, session: "Session") -> "ReplayBuffer":
    from clipshot.gen.capture.v1.capture_service_pb2 import GetReplayBufferRequest

    return client.capture.GetReplayBuffer(GetReplayBufferRequest(session_id=session.session_id))


def _tell_server(health: "HealthResponse", metrics: "MetricsResponse", address: str, page: str) -> None:
    from clipshot.cli.rest_form import word

    gpu = f", GPU {metrics.gpu_percent:.0f} %" if metrics.HasField("gpu_percent") else ""
    tell(
        facts(
            [
                ("server", f"{word(health, 'status')}, version {health.version}, up {length(health.uptime)}"),
                ("grpc", address),
                ("page", page),
                (
                    "load",
                    f"CPU {metrics.cpu_percent:.0f} % of a core, {size(metrics.memory_mb * 1024 * 1024)} memory{gpu}",
                ),
                *((f"{each.role} disk", f"{size(each.free_bytes)} free, {each.path}") for each in metrics.disks),
            ]
        )
    )
    wrong = [each for each in health.components if each.status != health.STATUS_HEALTHY]
    if wrong:
        tell("")
        tell(
            table(
                ("part", "health", "what to do"),
                ((each.name, word(each, "status"), each.detail) for each in wrong),
                empty="",
            )
        )


def _tell_sessions(sessions: "list[Session]", buffers: "list[ReplayBuffer]") -> None:
    held = {each.session_id: each for each in buffers}
    if not sessions:
        tell("")
        tell("Nothing is captured. clipshot replay start keeps the last moments; clipshot record start records.")
    for session in sessions:
        tell("")
        pairs = session_facts(session)
        if session.session_id in held:
            named = {name: value for name, value in buffer_facts(held[session.session_id]) if name != "session"}
            pairs = [pair for pair in pairs if pair[0] != "replay"]
            pairs += [("replay", f"{named['held']}, {named['size']}"), ("place", named["place"])]
        tell(facts(pairs))
