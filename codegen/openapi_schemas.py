"""References between the schemas of an OpenAPI document."""

import copy
from collections.abc import Iterator
from typing import Any

from openapi_rules import Schema

PREFIX = "#/components/schemas/"


def references(node: Any) -> Iterator[str]:
    """Names of the schemas that a part of the document refers to."""
    if isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str) and target.startswith(PREFIX):
            yield target.removeprefix(PREFIX)
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def close_body(schemas: dict[str, Schema], body: Schema) -> Schema:
    """The schema of a request body, refusing unknown members at every depth as the gateway does.

    A message that answers use too is closed in a twin, ``<name>Input``, so that answers may grow.
    """
    if PREFIX in body.get("$ref", ""):
        name = body["$ref"].removeprefix(PREFIX)
        if schemas[name].get("type") != "object":
            return body
        twin = f"{name}Input"
        if twin not in schemas:
            schemas[twin] = {}  # reserved first: a message may hold itself
            schemas[twin] |= close_body(schemas, copy.deepcopy(schemas[name]))
        return body | {"$ref": PREFIX + twin}
    if "properties" in body:
        members = {name: close_body(schemas, member) for name, member in body["properties"].items()}
        return body | {"properties": members, "additionalProperties": False}
    for keyword in ("items", "additionalProperties"):
        if isinstance(body.get(keyword), dict):
            body = body | {keyword: close_body(schemas, body[keyword])}
    return body


def drop_unused(document: dict[str, Any]) -> None:
    """Remove schemas that nothing refers to."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    parts = {name: part for name, part in document["components"].items() if name != "schemas"}
    waiting = list(references([document["paths"], parts]))
    used: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += references(schemas[name])
    document["components"]["schemas"] = {name: schemas[name] for name in sorted(used)}
