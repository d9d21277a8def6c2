"""How many requests the steps of a plan take, and how long at the API's pace."""

from __future__ import annotations

from collections import Counter

from ..observing.forecast import Forecast
from ..planning.model import Plan
from .checking import operation_of


def forecast(plan: Plan) -> Forecast:
    """What the steps of a plan that was checked send; what is looked up besides is not counted."""
    operations = map(operation_of, plan.steps)
    return Forecast(by_endpoint=Counter(f"{each.method} {each.path}" for each in operations))
