"""Short names in the OpenAPI document: clients that are generated from it take theirs from here."""

import re
from typing import Any

from openapi_schemas import PREFIX

PACKAGE = re.compile(r"^(clipshot\.\w+\.v1|google\.rpc)\.")


def shorten(document: dict[str, Any]) -> None:
    """``CaptureService_StartSession`` becomes ``StartSession``, ``clipshot.clips.v1.Clip.Audio`` ``ClipAudio``.

    Raises:
        SystemExit: Two would have the same name.
    """
    schemas: dict[str, Any] = document["components"]["schemas"]
    names = _distinct({name: PACKAGE.sub("", name).replace(".", "") for name in schemas})
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    ids = _distinct({each["operationId"]: each["operationId"].partition("_")[2] for each in operations})
    for operation in operations:
        operation["operationId"] = ids[operation["operationId"]]
    _rename_references(document, {PREFIX + old: PREFIX + new for old, new in names.items()})
    document["components"]["schemas"] = {names[name]: schemas[name] for name in sorted(schemas, key=names.__getitem__)}


def _distinct(names: dict[str, str]) -> dict[str, str]:
    if len(set(names.values())) < len(names):
        doubled = sorted(old for old, new in names.items() if list(names.values()).count(new) > 1)
        raise SystemExit(f"these need different names, whatever their package or service: {', '.join(doubled)}")
    return names


def _rename_references(node: Any, renamed: dict[str, str]) -> None:
    if isinstance(node, dict):
        if node.get("$ref") in renamed:
            node["$ref"] = renamed[node["$ref"]]
        for value in node.values():
            _rename_references(value, renamed)
    elif isinstance(node, list):
        for value in node:
            _rename_references(value, renamed)
