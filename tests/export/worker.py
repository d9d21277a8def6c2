"""One run of the export as a process, to be killed: ADDRESS KEY FOLDER DAYS NOW ENDPOINT …"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from openai_admin import AsyncOpenAIAdmin
from openai_admin.export import export


async def main() -> None:
    address, key, folder, days, now, *endpoints = sys.argv[1:]
    moment = datetime.fromtimestamp(int(now), UTC)
    async with AsyncOpenAIAdmin(key, base_url=address) as client:
        since = moment - timedelta(days=int(days))
        await export(client, folder, since=since, now=moment, endpoints=endpoints)


if __name__ == "__main__":
    asyncio.run(main())
