"""Consent by effect: what removes, grants power or locks out is asked about first."""

from .codes import Codes
from .dangers import CONFIRM, may_ask, possible
from .gate import Gate, Intent, read_code

__all__ = ["CONFIRM", "Codes", "Gate", "Intent", "may_ask", "possible", "read_code"]
