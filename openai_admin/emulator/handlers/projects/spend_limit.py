"""A project's spend limit."""

from __future__ import annotations

from ....resources.projects.spend_limit import ProjectSpendLimits
from ...routing import emulates
from ...spend import delete_limit, retrieve_limit, update_limit

emulates(ProjectSpendLimits.retrieve)(retrieve_limit)
emulates(ProjectSpendLimits.update)(update_limit)
emulates(ProjectSpendLimits.delete)(delete_limit)
