"""The organization as code: read it as a file, plan what would make it as the file says, do it."""

from .applying.model import Applied, AppliedStep
from .drift.model import Drift, Drifted
from .drift.showing import to_markdown as drift_as_markdown
from .drift.slack import to_slack as drift_as_slack
from .planning.model import Plan, Step
from .planning.saved import read as read_plan
from .planning.saved import save as save_plan
from .showing.markdown import to_markdown as plan_as_markdown

__all__ = [
    "Applied",
    "AppliedStep",
    "Drift",
    "Drifted",
    "Plan",
    "Step",
    "drift_as_markdown",
    "drift_as_slack",
    "plan_as_markdown",
    "read_plan",
    "save_plan",
]
