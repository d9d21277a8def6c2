"""What is planted: each of the twenty detections in several variants, with what is to be found."""

from . import access, network, removals, sessions, settings, spending
from .planting import PLANS, Incident

__all__ = ["PLANS", "Incident", "access", "network", "removals", "sessions", "settings", "spending"]
