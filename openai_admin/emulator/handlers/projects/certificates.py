"""The organization's certificates in one project."""

from __future__ import annotations

from ....resources.projects.certificates import ProjectCertificates
from ...certificates import listed, switch
from ...routing import Call, emulates
from ...rules import active_project
from ...table import Record


@emulates(ProjectCertificates.list)
def list_certificates(call: Call) -> Record:
    return listed(call, call.store.projects.get(call.path["project_id"]))


@emulates(ProjectCertificates.activate)
def activate(call: Call) -> Record:
    return switch(call, True, active_project(call))


@emulates(ProjectCertificates.deactivate)
def deactivate(call: Call) -> Record:
    return switch(call, False, active_project(call))
