"""One client in many threads."""

from __future__ import annotations

from openai_admin.emulator import Emulator
from openai_admin.emulator.faults import Latency

from .conftest import Scripts, until

# Each read is another minute, so that no two are the same request and each answer is known.
_SCRIPT = """
import json, os, threading, time
from openai_admin import OpenAIAdmin

THREADS, CALLS, BEGIN = 64, 200, int(time.time()) // 60 * 60 - 30 * 86_400

def sockets():
    found = 0
    for fd in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{fd}").startswith("socket:")
        except FileNotFoundError:
            pass
    return found

def work(thread):
    for call in range(CALLS):
        start = BEGIN + 60 * (thread * CALLS + call)
        page = client.usage.completions(
            start_time=start, end_time=start + 60, bucket_width="1m", limit=1
        )
        (bucket,) = page.data
        right.append(int(bucket.start_time.timestamp()) == start)

before = sockets(), threading.active_count()
client = OpenAIAdmin(max_concurrency=16)
right = []
threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
during = sockets()
client.close()
print(json.dumps({
    "answers": len(right), "right": sum(right), "during": during - before[0],
    "sockets": sockets() - before[0], "threads": threading.active_count() - before[1],
}))
"""


async def test_64_threads_share_a_client(emulator: Emulator, scripts: Scripts) -> None:
    """12,800 reads: all right, never more in flight than allowed, nothing left behind."""
    emulator.faults.add(Latency(seconds=0.005))  # so that requests meet at the server
    said = (await scripts.run(_SCRIPT)).said
    assert (said["answers"], said["right"]) == (12_800, 12_800)
    assert 2 <= said["during"] <= 16 + 4  # its connections, and the loop's own pair
    assert (said["sockets"], said["threads"]) == (0, 0)
    assert emulator.peak_in_flight == 16
    await until(lambda: emulator.connections == 0)
