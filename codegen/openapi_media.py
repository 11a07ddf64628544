"""Routes that the gateway serves by hand: files with ranges, and its own health."""

from typing import Any

CLIP_ID = {
    "name": "clip_id",
    "in": "path",
    "required": True,
    "description": "The clip.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}
OPTIONAL = [
    {"name": name, "in": place, "description": text, "schema": {"type": "string"}}
    for name, place, text in (
        ("expires", "query", "Of a signed link: when it stops working, in seconds since 1970."),
        ("sig", "query", "Of a signed link: its signature."),
        ("Range", "header", "Bytes wanted, `bytes=FIRST-LAST`."),
        ("If-None-Match", "header", "ETag of the copy at hand."),
    )
]
ETAG = {"ETag": {"description": "Changes with the bytes.", "schema": {"type": "string"}}}
CONTENT_RANGE = {"Content-Range": {"description": "Which bytes of how many.", "schema": {"type": "string"}}}
ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/google.rpc.Status"}}}
ERROR = {"$ref": "#/components/responses/Error"}


def media_operation(operation_id: str, summary: str, media_types: tuple[str, ...]) -> dict[str, Any]:
    """GET of a file; HEAD answers the same without the bytes."""
    content: dict[str, Any] = {media_type: {} for media_type in media_types}
    return {
        "tags": ["Clips"],
        "summary": summary,
        "operationId": operation_id,
        "parameters": [CLIP_ID, *OPTIONAL],
        "responses": {
            "200": {"description": "The whole file.", "headers": ETAG, "content": content},
            "206": {"description": "The bytes asked for.", "headers": ETAG | CONTENT_RANGE, "content": content},
            "304": {"description": "The copy at hand is still good.", "headers": ETAG},
            "416": {"description": "There are no such bytes.", "headers": CONTENT_RANGE, "content": ERROR_CONTENT},
            "default": ERROR,
        },
    }


HEALTHZ: dict[str, Any] = {
    "tags": ["System"],
    "summary": "Whether the server serves, for supervisors; needs no key.",
    "operationId": "Gateway_Healthz",
    "security": [],
    "responses": {
        "200": {
            "description": "It serves.",
            "content": {
                "application/json": {
                    "schema": {"type": "object", "properties": {"status": {"type": "string", "enum": ["SERVING"]}}}
                }
            },
        },
        "503": {"description": "It does not serve.", "content": ERROR_CONTENT},
        "default": ERROR,
    },
}

PATHS: dict[str, Any] = {
    "/api/v1/clips/{clip_id}/media": {
        "get": media_operation("Gateway_GetClipMedia", "The file of a clip.", ("video/mp4",))
    },
    "/api/v1/clips/{clip_id}/thumbnail": {
        "get": media_operation("Gateway_GetClipThumbnail", "A JPEG of a clip.", ("image/jpeg",))
    },
    "/healthz": {"get": HEALTHZ},
}
