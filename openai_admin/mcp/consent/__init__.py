"""Consent by effect: what removes, grants power or locks out is asked about first."""

from .asking import asking_of
from .codes import Codes, digest
from .dangers import CONFIRM, may_ask, possible
from .elicitation import USED, Reply, ask
from .gate import ANSWER_WITHIN, Gate, Intent, read_code
from .parties import calling, key_of, party_of

__all__ = [
    "ANSWER_WITHIN",
    "CONFIRM",
    "USED",
    "Codes",
    "Gate",
    "Intent",
    "Reply",
    "ask",
    "asking_of",
    "calling",
    "digest",
    "key_of",
    "may_ask",
    "party_of",
    "possible",
    "read_code",
]
