"""Routes that the gateway serves by hand: files with ranges, live pictures, and its own health."""

from typing import Any

CLIP_ID = {
    "name": "clip_id",
    "in": "path",
    "required": True,
    "description": "The clip.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}
SESSION_ID = {
    "name": "session_id",
    "in": "path",
    "required": True,
    "description": "The session; `current` for the one that buffers.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
}
SIGNATURE = [
    {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
    for name, text in (
        ("expires", "Of a signed link: when it stops working, in seconds since 1970."),
        ("sig", "Of a signed link: its signature."),
    )
]
OPTIONAL = [
    *SIGNATURE,
    *(
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in (
            ("Range", "Bytes wanted, `bytes=FIRST-LAST`."),
            ("If-None-Match", "ETag of the copy at hand."),
        )
    ),
]
# OpenAPI 3.1 needs no schema for bytes; generated clients return nothing without one.
BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
ETAG = {"ETag": {"description": "Changes with the bytes.", "schema": {"type": "string"}}}
CONTENT_RANGE = {"Content-Range": {"description": "Which bytes of how many.", "schema": {"type": "string"}}}
ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/google.rpc.Status"}}}
ERROR = {"$ref": "#/components/responses/Error"}


def media_operation(operation_id: str, summary: str, media_types: tuple[str, ...]) -> dict[str, Any]:
    """GET of a file; HEAD answers the same without the bytes."""
    content: dict[str, Any] = dict.fromkeys(media_types, BYTES)
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


def live_operation(
    operation_id: str, summary: str, text: str, media_type: str, parameters: tuple[dict[str, Any], ...] = ()
) -> dict[str, Any]:
    """GET of a stream of pictures, which ends with the session; there is no HEAD."""
    return {
        "tags": ["Capture"],
        "summary": summary,
        "description": f"{summary} {text}",
        "operationId": operation_id,
        "parameters": [SESSION_ID, *parameters, *SIGNATURE],
        "responses": {"200": {"description": "The stream.", "content": {media_type: BYTES}}, "default": ERROR},
    }


LIVE_MP4 = live_operation(
    "Gateway_GetLiveMp4",
    "The session's own stream as fragmented MP4, for a plain `<video>` and for tools.",
    "It starts at once at a keyframe. Times are session time, so players begin far from 0, and what a slow reader has "
    "skipped is a gap.",
    "video/mp4",
)
PREVIEW = live_operation(
    "Gateway_GetLivePreview",
    "A live preview with low latency, from a second encoder that runs while somebody watches.",
    "Records of a header and a payload, numbers big-endian. Header, 56 bytes: kind (1 byte: 1 start, 2 picture, 3 "
    "error), flags (1: bit 0 is a keyframe), size of the header (2), size of the payload (4), then 8 bytes each: "
    "sequence, presentation time in ns of session time, ns of the server's monotonic clock when the screen was read, "
    "when the picture was encoded, when it was sent, and the number of pictures left out for this viewer. Payloads: "
    "of the first record StreamPreviewResponse.Start as JSON (`preview_id`, `codec`, `width`, `height`, "
    "`monotonic_ns`), of a picture H.264 in Annex B form, of an error a google.rpc.Status.",
    "application/octet-stream",
    (
        {
            "name": "max_width",
            "in": "query",
            "description": "Widest picture in pixels; 0 means half of the session's.",
            "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 7680},
        },
        {
            "name": "acknowledge",
            "in": "query",
            "description": "The viewer acknowledges pictures, and is sent no more than it keeps up with.",
            "schema": {"type": "boolean"},
        },
    ),
)

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
    "/api/v1/capture/sessions/{session_id}/live.mp4": {"get": LIVE_MP4},
    "/api/v1/capture/sessions/{session_id}/preview.h264": {"get": PREVIEW},
    "/healthz": {"get": HEALTHZ},
}
