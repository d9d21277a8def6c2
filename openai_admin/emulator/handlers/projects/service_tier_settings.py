"""Which service tiers the requests of a project use."""

from __future__ import annotations

from ....resources.projects.service_tier_settings import ServiceTierSettings
from ...routing import Call, emulates
from ...rules import active_project
from ...settings import set_for_project, setting
from ...table import Record

_DEFAULT = {"default": "standard", "enabled_tiers": "all"}


@emulates(ServiceTierSettings.retrieve)
def retrieve(call: Call) -> Record:
    project = call.store.projects.get(call.path["project_id"])
    tiers = setting(call, "service_tier_settings", project["id"], default=_DEFAULT)
    return {"object": "project.service_tier_settings", **tiers}


@emulates(ServiceTierSettings.update)
def update(call: Call) -> Record:
    project = active_project(call)
    if call.body:
        tiers = setting(call, "service_tier_settings", project["id"], default=_DEFAULT)
        set_for_project(call, project, "service_tier_settings", {**tiers, **call.body})
    return retrieve(call)
