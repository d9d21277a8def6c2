"""``python -m benchmarks.organization.size.served``: a large organization, until the input ends.

It prints the address and an admin key, a line each.
"""

from __future__ import annotations

import asyncio
import sys

from openai_admin.emulator import Emulator, Size

# One in ten of the projects is archived.
SIZE = Size(projects=555, users=2_000, keys=2_000, events=5_000)


async def _serve() -> None:
    async with Emulator(size=SIZE) as emulator:
        print(emulator.base_url, emulator.admin_key, sep="\n", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
