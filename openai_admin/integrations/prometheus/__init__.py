"""Spend, budgets, use of limits and findings as metrics for Prometheus (extra ``metrics``).

::

    answers = Answers()
    async with AsyncOpenAIAdmin(on_event=answers) as client:
        exporter = Exporter(client, answers=answers)
        registry.register(exporter)
        await exporter.run()
"""

from .answers import Answers
from .exporter import Exporter
from .families import FAMILIES, FIGURES, Family
from .pace import Refresh
from .reading import INTERVALS
from .series import MAX_SERIES

__all__ = [
    "FAMILIES",
    "FIGURES",
    "INTERVALS",
    "MAX_SERIES",
    "Answers",
    "Exporter",
    "Family",
    "Refresh",
]
