"""The embedded emulator: an organization in memory, served over the API's HTTP on a real socket.

::

    async with Emulator() as emulator:
        client = AsyncOpenAIAdmin(emulator.admin_key, base_url=emulator.base_url)
"""

from .app import Emulator
from .demo import Size
from .faults import Drop, Fault, Latency, RateLimit, Status, parse_fault
from .metering import Burst
from .received import ReceivedRequest
from .replies import EmulatedError
from .store import Snapshot, Store

__all__ = [
    "Burst",
    "Drop",
    "EmulatedError",
    "Emulator",
    "Fault",
    "Latency",
    "RateLimit",
    "ReceivedRequest",
    "Size",
    "Snapshot",
    "Status",
    "Store",
    "parse_fault",
]
