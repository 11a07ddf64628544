"""Print all replays in the library, newest first."""

import asyncio

from clipshot_client.betterproto import clips, connect


async def main() -> None:
    async with connect() as client:
        async for clip in client.clips(clips.ListClipsRequest(origins=[clips.ClipOrigin.REPLAY])):
            print(clip.clip_id, clip.duration, clip.title)


asyncio.run(main())
