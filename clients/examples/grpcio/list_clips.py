"""Print all replays in the library, newest first."""

import asyncio

from clipshot_client.grpcio import clips, connect


async def main() -> None:
    async with connect() as client:
        async for clip in client.clips(clips.ListClipsRequest(origins=[clips.Clip.ORIGIN_REPLAY])):
            print(clip.clip_id, clip.duration.ToTimedelta(), clip.title)


asyncio.run(main())
