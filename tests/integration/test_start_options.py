"""What settings change about a server as it starts."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc

from tests.serving import RunningServer, serving
from tests.waiting import wait_for


def servers_of(server: RunningServer, *, key: bool = True) -> Any:
    stub: Any = channelz_pb2_grpc.ChannelzStub(server.channel())
    return stub.GetServers(channelz_pb2.GetServersRequest(), metadata=server.metadata if key else [], timeout=10)


def notes_of(server: RunningServer) -> list[str]:
    """Notes of the greeting, which comes last of all that a start does."""
    wait_for(lambda: "is ready" in server.log.read_text(), 10, "the greeting")
    return [line for line in server.log.read_text().splitlines() if line.startswith("  note")]


def test_debug_serves_the_state_of_connections_to_those_with_the_key(tmp_path: Path) -> None:
    with serving(tmp_path / "data", env={"CLIPSHOT_DEBUG": "true"}) as server:
        (seen,) = servers_of(server).server
        assert seen.data.calls_started > 0
        with pytest.raises(grpc.RpcError) as caught:
            servers_of(server, key=False)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_without_debug_it_is_not_there_and_the_greeting_has_no_note_on_plugins(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as server:
        with pytest.raises(grpc.RpcError) as caught:
            servers_of(server)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert not any("PLUGIN_SANDBOX_ENABLED" in note for note in notes_of(server))


def test_plugins_without_a_sandbox_are_told_at_the_start(tmp_path: Path) -> None:
    with serving(tmp_path / "data", env={"CLIPSHOT_PLUGIN_SANDBOX_ENABLED": "false"}) as server:
        assert any("PLUGIN_SANDBOX_ENABLED" in note for note in notes_of(server))
