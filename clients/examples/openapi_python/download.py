"""Fetch the file of a clip. Arguments: clip id, file."""

import sys

from clipshot_rest import ClipsApi

from server import connect

clip_id, file = sys.argv[1:]
with connect() as client, open(file, "wb") as target:
    answer = ClipsApi(client).get_clip_media_without_preload_content(clip_id)
    for chunk in answer.stream(256 * 1024):
        target.write(chunk)
        print(f"{target.tell()} of {answer.headers['Content-Length']} bytes")
