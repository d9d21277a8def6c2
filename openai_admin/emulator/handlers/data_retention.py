"""The organization's data retention."""

from __future__ import annotations

from ...resources.data_retention import DataRetentions
from ..routing import Call, emulates
from ..settings import set_for_organization, setting
from ..table import Record

# The retention that every organization has unless it was approved for another.
_DEFAULT = {"type": "modified_abuse_monitoring"}


@emulates(DataRetentions.retrieve)
def retrieve(call: Call) -> Record:
    retention = setting(call, "data_retention", default=_DEFAULT)
    return {"object": "organization.data_retention", **retention}


@emulates(DataRetentions.update)
def update(call: Call) -> Record:
    set_for_organization(call, "data_retention", {"type": call.body["retention_type"]})
    return retrieve(call)
