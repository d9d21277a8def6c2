"""Consent by effect: what removes, grants power or locks out is asked about first."""

from .asking import asking_of
from .codes import Codes
from .dangers import CONFIRM, may_ask
from .gate import Gate, Intent, read_code

__all__ = ["CONFIRM", "Codes", "Gate", "Intent", "asking_of", "may_ask", "read_code"]
