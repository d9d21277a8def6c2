"""The organization as code: read it as a file, plan what would make it as the file says, do it."""

from .applying.model import Applied, AppliedStep
from .planning.model import Plan, Step
from .planning.saved import read as read_plan
from .planning.saved import save as save_plan

__all__ = ["Applied", "AppliedStep", "Plan", "Step", "read_plan", "save_plan"]
