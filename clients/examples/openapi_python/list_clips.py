"""Print all replays in the library, newest first."""

from clipshot_rest import ClipOrigin, ClipsApi

from server import connect

with connect() as client:
    token = None
    while token != "":
        page = ClipsApi(client).list_clips(origins=[ClipOrigin.REPLAY], page_token=token)
        for clip in page.clips:
            print(clip.clip_id, clip.duration, clip.title)
        token = page.next_page_token
