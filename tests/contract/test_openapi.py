"""The OpenAPI document says what the contract says, and tools can read it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

DOCUMENT = Path(__file__).resolve().parents[2] / "server" / "gateway" / "assets" / "openapi.json"
SCHEMAS = "#/components/schemas/"
METHODS = {"get", "put", "post", "delete", "patch"}
TAGS = ["System", "Plugins", "Capture", "Clips", "AI", "Metadata", "Configuration", "Marketplace"]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DOCUMENT.read_text())
    return loaded


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        assert set(item) <= METHODS, path
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def nodes(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from nodes(value)


def resolved(document: dict[str, Any], part: Any) -> Iterator[dict[str, Any]]:
    """All schemas that a part reaches, through references too."""
    waiting, seen = [part], set()
    while waiting:
        for node in nodes(waiting.pop()):
            yield node
            target = node.get("$ref")
            if target and target not in seen:
                seen.add(target)
                waiting.append(schema(document, target.removeprefix(SCHEMAS)))


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_it_presents_the_api(document: dict[str, Any]) -> None:
    info = document["info"]
    assert info["title"] == "ClipShot API"
    assert info["x-logo"]["url"] == "/favicon.svg"
    assert [tag["name"] for tag in document["tags"]] == TAGS
    assert all(tag["description"] and "\n" not in tag["description"] for tag in document["tags"])
    local, production = document["servers"]
    assert local["description"].startswith("Local")
    assert production["description"].startswith("Production")


def test_calls_need_the_key(document: dict[str, Any]) -> None:
    scheme = document["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")
    assert document["security"] == [{"apiKey": []}]
    assert [name for name, operation in operations(document) if "security" in operation] == ["GET /healthz"]


def test_names_are_those_that_clients_want(document: dict[str, Any]) -> None:
    assert document["paths"]["/api/v1/capture/sessions"]["post"]["operationId"] == "StartSession"
    names = set(document["components"]["schemas"])
    assert {"Session", "SessionState", "Clip", "ClipInput", "Status"} <= names
    assert all(name.isalnum() for name in names)


def test_every_operation_is_described_and_may_fail(document: dict[str, Any]) -> None:
    seen: set[str] = set()
    for name, operation in operations(document):
        assert operation["summary"].endswith("."), name
        assert operation["tags"][0] in TAGS, name
        assert operation["operationId"] not in seen, name
        seen.add(operation["operationId"])
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}, name
    error = document["components"]["responses"]["Error"]["content"]["application/json"]["schema"]
    assert error == {"$ref": f"{SCHEMAS}Status"}


@pytest.mark.parametrize(
    ("path", "method", "code"),
    [
        ("/api/v1/capture/sessions", "post", "201"),
        ("/api/v1/capture/sessions/{session_id}/markers", "post", "201"),
        ("/api/v1/events", "post", "201"),
        ("/api/v1/clips/{clip_id}", "delete", "204"),
        ("/api/v1/clips/{clip_id}", "get", "200"),
        ("/api/v1/capture/sessions/{session_id}:saveReplay", "post", "200"),
    ],
)
def test_success_codes(document: dict[str, Any], path: str, method: str, code: str) -> None:
    answers = document["paths"][path][method]["responses"]
    assert [found for found in answers if found.startswith("2")] == [code]
    assert ("content" in answers[code]) == (code != "204")


def test_an_unhealthy_server_still_tells_its_health(document: dict[str, Any]) -> None:
    answers = document["paths"]["/api/v1/system/health"]["get"]["responses"]
    assert answers["503"]["content"] == answers["200"]["content"]


def test_streams_are_event_streams(document: dict[str, Any]) -> None:
    streams = {
        name: operation
        for name, operation in operations(document)
        if "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
    }
    assert set(streams) == {
        "GET /api/v1/system/events",
        "GET /api/v1/config/events",
        "GET /api/v1/operations/{operation_id}/events",
        "GET /api/v1/capture/sessions/{session_id}/events",
    }
    for operation in streams.values():
        assert list(operation["responses"]["200"]["content"]) == ["text/event-stream"]
    resumed = [parameter["name"] for parameter in streams["GET /api/v1/system/events"]["parameters"]]
    assert "Last-Event-ID" in resumed


def test_bytes_have_their_media_types(document: dict[str, Any]) -> None:
    def media_types(path: str, code: str = "200") -> list[str]:
        return list(document["paths"][path]["get"]["responses"][code]["content"])

    assert media_types("/api/v1/capture/sessions/{session_id}/preview") == ["image/jpeg"]
    assert media_types("/api/v1/system/openapi") == ["application/json"]
    assert media_types("/api/v1/clips/{clip_id}/media", "206") == ["video/mp4"]
    assert media_types("/api/v1/clips/{clip_id}/thumbnail") == ["image/jpeg"]
    live = "/api/v1/capture/sessions/{session_id}"
    assert media_types(f"{live}/live.mp4") == ["video/mp4"]
    assert media_types(f"{live}/preview.h264") == ["application/octet-stream"]


def test_request_bodies_refuse_unknown_members(document: dict[str, Any]) -> None:
    bodies = [
        operation["requestBody"]["content"]["application/json"]["schema"]
        for _, operation in operations(document)
        if "requestBody" in operation
    ]
    assert bodies
    closed = [node for body in bodies for node in resolved(document, body) if "properties" in node]
    assert len(closed) > len(bodies)
    assert all(node["additionalProperties"] is False for node in closed)
    # Answers may grow: what they share with requests is not closed.
    assert "additionalProperties" not in schema(document, "Clip")


def test_limits_of_the_contract_are_told(document: dict[str, Any]) -> None:
    clip = schema(document, "ClipInput")["properties"]
    assert clip["title"]["maxLength"] == 200
    assert (clip["rating"]["minimum"], clip["rating"]["maximum"]) == (0, 5)
    assert clip["tags"]["maxItems"] == 64
    assert clip["tags"]["uniqueItems"] is True
    assert clip["tags"]["items"] == {"type": "string", "minLength": 1, "maxLength": 64}
    assert clip["attributes"]["maxProperties"] == 64
    assert clip["attributes"]["propertyNames"]["maxLength"] == 64
    event = document["paths"]["/api/v1/events"]["post"]["requestBody"]
    assert event["required"] is True
    assert event["content"]["application/json"]["schema"]["required"] == ["type"]
    start = document["paths"]["/api/v1/capture/sessions"]["post"]["requestBody"]
    assert start["required"] is False
    length = start["content"]["application/json"]["schema"]["properties"]["replay_duration"]
    assert length["pattern"].endswith("s$")
    assert "At least 1s, at most 14400s." in length["description"]


def test_names_are_those_of_the_rest_face(document: dict[str, Any]) -> None:
    assert schema(document, "RateControlMode")["enum"] == ["unspecified", "crf", "cbr", "vbr"]
    assert schema(document, "Clip")["properties"]["size_bytes"]["type"] == "string"
    for node in nodes(document):
        for name in node.get("properties", {}):
            assert name == "@type" or name == name.lower(), name
        for value in node.get("enum", []):
            assert value == value.lower() or value == "SERVING", value


def test_nothing_is_defined_in_vain(document: dict[str, Any]) -> None:
    used = {node["$ref"].removeprefix(SCHEMAS) for node in nodes(document) if "$ref" in node}
    assert set(document["components"]["schemas"]) == {name for name in used if not name.startswith("#")}
    assert not any("Enum." in name for name in used)


def test_generated_clients_can_read_it(document: dict[str, Any]) -> None:
    # openapi-generator's Python client cannot parse answers with the guards of protobuf's oneofs.
    assert not any("oneOf" in node or "allOf" in node for node in nodes(document))
