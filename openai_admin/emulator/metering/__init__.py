"""What the emulated organization used and what it cost, as a function of time.

Nothing is recorded. A `Stream` says how one consumer uses one endpoint on an ordinary day; the
`Meter` answers how much any set of streams used between any two instants. Usage and costs are
read from the same counts, so they agree however they are cut.
"""

from .bursts import Burst
from .endpoints import ENDPOINTS, Endpoint
from .meter import Meter
from .stream import Stream

__all__ = ["ENDPOINTS", "Burst", "Endpoint", "Meter", "Stream"]
