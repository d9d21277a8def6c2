"""Jobs of many steps: rotate a key, offboard a person; cut off at any moment, they go on."""

from .rotation.model import Rotated, Rotation
from .sinks.sink import Sink, StagedSink

__all__ = ["Rotated", "Rotation", "Sink", "StagedSink"]
