"""Who can do what in the organization, and why: facts, rules, answers."""

from .answers import Evaluated, Grant, Path, Principal, Step, Unknown
from .differences import Difference, Differences, access_diff
from .facts import Facts
from .forecast import Forecast
from .holdings import Answer, Holding
from .questions import Access
from .rules import evaluate

__all__ = [
    "Access",
    "Answer",
    "Difference",
    "Differences",
    "Evaluated",
    "Facts",
    "Forecast",
    "Grant",
    "Holding",
    "Path",
    "Principal",
    "Step",
    "Unknown",
    "access_diff",
    "evaluate",
]
