"""What the OpenAPI document says about the API as a whole."""

from typing import Any

from openapi_rules import Schema

DESCRIPTION = """\
Records the screen all the time and keeps the last minutes: one call, and the moment is a clip.

Every call needs the key, in the header `X-API-Key`. Browsers log in once by a one-time link (`clipshot login`) and are
known by a cookie from then on; players, pictures and event streams also open by signed links, such as the `media_url`
of a clip.

Names are snake_case, states lower-case words, times RFC 3339, lengths of time seconds with an `s` (`"1.5s"`), 64-bit
numbers strings. An error is a `google.rpc.Status`; the `reason` of the `ErrorInfo` in its `details` is made for
programs."""

TAGS = {
    "System": "Health, metrics, access, events and long work.",
    "Plugins": "Install, configure, permit and watch plugins.",
    "Capture": "Sources, encoders, sessions, the replay buffer and markers.",
    "Clips": "The library of clips and their media.",
    "AI": "Models, inference and its tasks.",
    "Metadata": "What is known about a clip beyond its file.",
    "Configuration": "Settings of the server.",
    "Marketplace": "Find plugins and keep them up to date.",
}

# Tag of a service, by the area in its package `clipshot.<area>.v1`.
TAG_OF_AREA = {
    "system": "System",
    "events": "System",
    "operations": "System",
    "plugins": "Plugins",
    "capture": "Capture",
    "clips": "Clips",
    "ai": "AI",
    "metadata": "Metadata",
    "config": "Configuration",
    "marketplace": "Marketplace",
}

SERVERS = [
    {
        "url": "/",
        "description": "Local: the server this document comes from, http://127.0.0.1:8000 unless set otherwise",
    },
    {
        "url": "https://{host}",
        "description": "Production: behind a TLS proxy, under a name of your own",
        "variables": {
            "host": {"default": "clipshot.example.com", "description": "A name in the setting ALLOWED_HOSTS"},
        },
    },
]

KEY_SCHEME = {
    "type": "apiKey",
    "in": "header",
    "name": "X-API-Key",
    "description": "Made at first start; see the file `api-key`.",
}

STATUS_SCHEMA: Schema = {
    "type": "object",
    "title": "google.rpc.Status",
    "description": "An error.",
    "properties": {
        "code": {"type": "integer", "format": "int32", "description": "A google.rpc.Code."},
        "message": {"type": "string", "description": "What is wrong and what to do about it, in English."},
        "details": {
            "type": "array",
            "description": "Exactly one google.rpc.ErrorInfo, and others of google/rpc/error_details.proto that fit.",
            "items": {"type": "object", "properties": {"@type": {"type": "string"}}, "additionalProperties": True},
        },
    },
}

ERROR_RESPONSE = {
    "description": "An error.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/google.rpc.Status"}}},
}


def frame(version: str) -> dict[str, Any]:
    """The document without paths and without the schemas of messages."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ClipShot API",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "x-logo": {"url": "/favicon.svg", "altText": "ClipShot", "backgroundColor": "#FFFFFF"},
        },
        "servers": SERVERS,
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "security": [{"apiKey": []}],
        "paths": {},
        "components": {
            "securitySchemes": {"apiKey": KEY_SCHEME},
            "responses": {"Error": ERROR_RESPONSE},
            "schemas": {},
        },
    }
