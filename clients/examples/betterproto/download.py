"""Fetch the file of a clip; started again, it goes on where it was interrupted. Arguments: clip id, file."""

import asyncio
import sys

from clipshot_client.betterproto import connect


async def main(clip_id: str, file: str) -> None:
    async with connect() as client:
        async for progress in client.download(clip_id, file):
            print(f"{progress.received} of {progress.total} bytes")


asyncio.run(main(*sys.argv[1:]))
