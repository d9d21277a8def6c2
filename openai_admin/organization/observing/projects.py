"""Projects, as the file says them."""

from __future__ import annotations

import attrs

from ...resources.projects import Project as ListedProject
from ..document import model
from .answers import Answers
from .gaps import Gaps
from .labels import in_order
from .names import Names
from .needs import Needs
from .told import Told
from .within import Within


@attrs.frozen
class Projects:
    """Makes the projects of what came.

    Attributes:
        answers: what came.
        needs: what was asked for.
        names: what everything is called.
        gaps: is told what cannot be said.
    """

    answers: Answers
    needs: Needs
    names: Names
    gaps: Gaps

    def all(self) -> dict[str, model.Project] | None:
        """The projects that are not archived, by label; ``None`` where they are not known."""
        if self.answers.projects is None:
            return None
        labels = self.names.projects
        return in_order({labels[p.id]: self._project(p) for p in self.answers.active()})

    def _project(self, project: ListedProject) -> model.Project:
        label = self.names.projects[project.id]
        told = Told(project, self.gaps, "projects", "projects", within=project.id)
        key = told.nullable("external_key_id", "external_key")
        is_keyless = key is None and not project.is_unread("external_key_id")
        of = Within(self.answers, self.needs, self.names, self.gaps, project.id)
        known = model.Project(
            id=project.id,
            name=told.name(label),
            residency=told.nullable("residency"),
            external_key=model.NONE if is_keyless else self.names.external_keys.get(key, key),
            service_accounts=of.service_accounts(),
        )
        if project.id not in self.answers.into and not self.needs.beside:
            return known
        return attrs.evolve(
            known,
            members=of.members(),
            groups=of.groups(),
            roles=of.roles(),
            rate_limits=of.rate_limits(),
            spend_limit=of.spend_limit(),
            spend_alerts=of.spend_alerts(),
            models=of.models(),
            hosted_tools=of.hosted_tools(),
            service_tiers=of.service_tiers(),
            data_retention=of.data_retention(),
            certificates=of.certificates(),
            external_storage=of.external_storage(),
        )
