"""Finish the OpenAPI document: add what the generator does not know.

Usage: ``finish_openapi.py IMAGE MERGED TARGET``: the descriptor image with REST names, the merged output of
protoc-gen-openapiv3, and the file to write.

From the options of methods and fields come success codes, media types, event streams and limits; from here come title,
tags, security, errors and the routes that the gateway serves by hand.
"""

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import openapi_media
from google.protobuf.descriptor import MethodDescriptor
from openapi_frame import STATUS_SCHEMA, TAG_OF_AREA, TAGS, frame
from openapi_names import shorten
from openapi_rules import Schema, add_limits, must_be_given
from openapi_schemas import close_body, drop_unused
from rest_image import RestImage
from rest_names import SCOPE_SUFFIX

ROOT = Path(__file__).resolve().parent.parent
HTTP_BODY = "google.api.HttpBody"
ERROR = {"$ref": "#/components/responses/Error"}
LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "Id of the last event received; the stream goes on after it.",
    "schema": {"type": "string"},
}
LOCATION = {"Location": {"description": "Where the new resource is.", "schema": {"type": "string"}}}
FRAMES = (
    "Frames of `event:` a type and `data:` its payload as one JSON object; stored events have an `id:` to resume from. "
    "Comment lines greet and keep the connection alive; `event: stream_error` ends the stream with a google.rpc.Status."
)
# Answers beside success that carry the method's own message.
ALSO_ANSWERS = {"SystemService_GetHealth": {"503": "The server is unhealthy."}}


def version() -> str:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def read_merged(path: Path) -> dict[str, Any]:
    """The merged document, with the scopes that rest_names.py put around enums taken out again."""
    scope = re.compile(rf"\.(\w+){SCOPE_SUFFIX}\.\1\b")
    document: dict[str, Any] = json.loads(scope.sub(r".\1", path.read_text()))
    return document


def area_of(method: MethodDescriptor) -> str:
    """The area in a method's package `clipshot.<area>.v1`."""
    return method.containing_service.full_name.split(".")[1]


def split_text(operation: dict[str, Any]) -> None:
    """The first sentence of a comment is the summary; the whole is the description when there is more."""
    text = " ".join(operation["summary"].split())
    operation["summary"] = re.split(r"(?<=\.) (?=[A-Z])", text, maxsplit=1)[0]
    if operation["summary"] != text:
        operation["description"] = text


def _content(media_type: str) -> dict[str, Any]:
    """What a google.api.HttpBody holds."""
    if media_type == "application/json" or media_type.endswith("+json"):
        return {}
    return {"schema": {"type": "string"}} if media_type.startswith("text/") else openapi_media.BYTES


class Finisher:
    """Takes over one operation and one schema after the other."""

    def __init__(self, image: RestImage, merged: dict[str, Any]) -> None:
        self.image = image
        self.methods = {f"{method.containing_service.name}_{method.name}": method for method in image.methods()}
        self.merged = merged
        self.document = frame(version())
        self.schemas: dict[str, Schema] = self.document["components"]["schemas"]

    def finish(self) -> dict[str, Any]:
        """The finished document."""
        self.schemas |= self.merged["components"]["schemas"]
        self.schemas["google.rpc.Status"] = STATUS_SCHEMA
        for name, schema in self.schemas.items():
            self._limit_members(name, schema)
        for path, item in self.merged["paths"].items():
            for operation in item.values():
                self._finish_operation(operation)
            if "post" in item and "201" in item["post"]["responses"] and self._made_can_be_read(path):
                item["post"]["responses"]["201"]["headers"] = LOCATION
        self.document["paths"] = self._in_order(self.merged["paths"] | openapi_media.PATHS)
        drop_unused(self.document)
        shorten(self.document)
        return self.document

    def _in_order(self, paths: dict[str, Any]) -> dict[str, Any]:
        """The paths by their tags, within a tag by their services, the gateway's own last."""
        areas = list(TAG_OF_AREA)

        def rank(path: str) -> tuple[int, int]:
            operation = next(iter(paths[path].values()))
            method = self.methods.get(operation["operationId"])
            return list(TAGS).index(operation["tags"][0]), areas.index(area_of(method)) if method else len(areas)

        return {path: paths[path] for path in sorted(paths, key=rank)}

    def _made_can_be_read(self, path: str) -> bool:
        """Whether what a POST to this path makes has a path of its own below it."""
        below = re.compile(re.escape(path) + r"/\{\w+\}")
        return any(below.fullmatch(other) and "get" in item for other, item in self.merged["paths"].items())

    def _limit_members(self, message_name: str, schema: Schema) -> None:
        # The generator guards each oneof by a schema that openapi-generator's clients cannot read.
        for guard in ("oneOf", "allOf"):
            schema.pop(guard, None)
        message = self.image.message(message_name)
        for field in message.fields if message else ():
            member = schema.get("properties", {}).get(field.name)
            if member is not None:
                add_limits(self.image, field, member)

    def _finish_operation(self, operation: dict[str, Any]) -> None:
        method = self.methods[operation["operationId"]]
        operation["tags"] = [TAG_OF_AREA[area_of(method)]]
        split_text(operation)
        self._finish_parameters(operation, method)
        self._finish_body(operation, method)
        self._finish_answers(operation, method)

    def _finish_parameters(self, operation: dict[str, Any], method: MethodDescriptor) -> None:
        for parameter in operation.get("parameters", ()):
            field = method.input_type.fields_by_name[parameter["name"]]
            limited = {"description": parameter.get("description", "")} | parameter["schema"]
            add_limits(self.image, field, limited)
            parameter["description"] = limited.pop("description")
            parameter["schema"] = limited
            if must_be_given(self.image, field):
                parameter["required"] = True
        facts = self.image.http_facts(method)
        if facts.sse and "after_event_id" in method.input_type.fields_by_name:
            operation.setdefault("parameters", []).append(LAST_EVENT_ID)

    def _finish_body(self, operation: dict[str, Any], method: MethodDescriptor) -> None:
        if "requestBody" not in operation:
            return
        body = operation["requestBody"]
        content = body["content"]["application/json"]
        schema: Schema = content["schema"]
        if "$ref" not in schema:  # the whole request less what the path binds, written out
            schema.setdefault("properties", {})
            fields = [field for field in method.input_type.fields if field.name in schema["properties"]]
            for field in fields:
                add_limits(self.image, field, schema["properties"][field.name])
            required = [field.name for field in fields if must_be_given(self.image, field)]
            if required:
                schema["required"] = required
            body["required"] = bool(required)
        content["schema"] = close_body(self.schemas, schema)

    def _finish_answers(self, operation: dict[str, Any], method: MethodDescriptor) -> None:
        facts = self.image.http_facts(method)
        answer = operation["responses"].pop("200")
        code = str(facts.success_code or 200)
        if facts.sse:
            answer["description"] = FRAMES
            answer["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
        elif method.output_type.full_name == HTTP_BODY:
            answer["description"] = "The bytes."
            answer["content"] = {each: _content(each) for each in facts.produces}
        if code == "204":
            answer = {"description": "Done."}
        operation["responses"] = {code: answer}
        for also, text in ALSO_ANSWERS.get(operation["operationId"], {}).items():
            operation["responses"][also] = answer | {"description": text}
        operation["responses"]["default"] = ERROR


def main(image: str, merged: str, target: str) -> None:
    document = Finisher(RestImage(Path(image)), read_merged(Path(merged))).finish()
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    Path(target).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
