"""A year of one-minute buckets streamed: peak memory above the start, month by month."""

from __future__ import annotations

import json
import subprocess
import sys

from .measure import Figure
from .server import Server

# In a process of its own, so that nothing measured before counts. The resident set is read once
# for each month of the stream.
_SCRIPT = """
import asyncio, json, resource, sys
from openai_admin import AsyncOpenAIAdmin

START, DAYS = 1_704_067_200, 365

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20

async def main():
    async with AsyncOpenAIAdmin("sk-admin-benchmark-000000000000", base_url=sys.argv[1]) as client:
        await client.usage.completions(start_time=START, end_time=START + 86400)
        before, months, peak, count = resident(), [], 0.0, 0
        async for bucket in client.usage.stream(
            "completions", start_time=START, end_time=START + DAYS * 86400, bucket_width="1m"
        ):
            count += 1
            if count % 1440 == 0:
                peak = max(peak, resident() - before)
            if count % (1440 * 30) == 0:
                months.append(peak)
                peak = 0.0
        print(json.dumps({"count": count, "months": months}))

asyncio.run(main())
"""


async def figures(server: Server) -> list[Figure]:
    """The figures of a year streamed."""
    server.set()
    command = [sys.executable, "-c", _SCRIPT, server.base_url]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    result = json.loads(run.stdout)
    if result["count"] != 365 * 1440:
        raise RuntimeError(f"{result['count']} buckets came, not {365 * 1440}")
    months: list[float] = result["months"]
    return [
        Figure("a year of minutes, peak memory", "40 MB", max(months), 40, "MB", 1.0),
        Figure("the same, last month", "its second month", months[-1], months[1], "MB"),
    ]
