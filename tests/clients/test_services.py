"""Every service of the contract is offered by every client."""

import re

import pytest

from tests.serving import ROOT

CLIENTS = {
    "betterproto": "python/clipshot_client/betterproto/services.py",
    "grpcio": "python/clipshot_client/grpcio/services.py",
    "typescript": "typescript/src/services.ts",
}
PROTOS = sorted((ROOT / "proto").rglob("*.proto"))
SERVICES = [name for file in PROTOS for name in re.findall(r"^service (\w+)", file.read_text(), re.MULTILINE)]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_service_is_offered(client: str) -> None:
    text = (ROOT / "clients" / CLIENTS[client]).read_text()
    offered = set(re.findall(r"= (?:service\()?(\w+?Service)(?:Stub)?\b", text))
    assert offered == set(SERVICES)


def test_every_message_file_is_offered_to_typescript() -> None:
    for area in sorted((ROOT / "clients" / "typescript" / "src" / "messages").glob("*.ts")):
        offered = set(re.findall(r"v1/(\w+)_pb\.js", area.read_text()))
        assert offered == {file.stem for file in (ROOT / "proto" / "clipshot" / area.stem / "v1").glob("*.proto")}
