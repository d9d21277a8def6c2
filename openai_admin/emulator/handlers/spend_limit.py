"""The organization's spend limit."""

from __future__ import annotations

from ...resources.spend_limit import SpendLimits
from ..routing import emulates
from ..spend import delete_limit, retrieve_limit, update_limit

emulates(SpendLimits.retrieve)(retrieve_limit)
emulates(SpendLimits.update)(update_limit)
emulates(SpendLimits.delete)(delete_limit)
