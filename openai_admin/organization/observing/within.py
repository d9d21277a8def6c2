"""What is in one project, as the file says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

import attrs

from ..._wire.models import Entity, as_told
from ...resources.certificates import Certificate
from ...resources.projects.data_retention import ProjectDataRetention
from ...resources.projects.groups import ProjectGroup
from ...resources.projects.hosted_tool_permissions import ProjectHostedToolPermissions
from ...resources.projects.model_permissions import ProjectModelPermissions
from ...resources.projects.rate_limits import ProjectRateLimit
from ...resources.projects.service_accounts import ProjectServiceAccount
from ...resources.projects.service_tier_settings import ProjectServiceTierSettings
from ...resources.projects.users import ProjectUser
from ...resources.roles import Role
from ...resources.spend import SpendAlert, SpendLimit
from ..document import model
from . import money, parts
from .answers import Answers
from .clouds import storage
from .gaps import Gaps
from .given import are_all_told, besides, is_clear, is_membership, named, through_groups
from .labels import in_order, is_name, labels, labels_of
from .names import Names, own
from .needs import Needs
from .people import roles_by_label
from .told import Told

_LIMITS = (
    "max_requests_per_1_minute",
    "max_tokens_per_1_minute",
    "max_images_per_1_minute",
    "max_audio_megabytes_per_1_minute",
    "max_requests_per_1_day",
    "batch_1_day_max_input_tokens",
)
_TOOLS = ("code_interpreter", "file_search", "image_generation", "mcp", "web_search")


@attrs.frozen
class Within:
    """Makes the parts of one project; one that is not known, or not asked for, is ``None``.

    Attributes:
        answers: what came.
        needs: what was asked for.
        names: what everything is called.
        gaps: is told what cannot be said.
        id: the project's id.
    """

    answers: Answers
    needs: Needs
    names: Names
    gaps: Gaps
    id: str

    def members(self) -> dict[str, model.Member] | None:
        """People by label, with those whom an open invite lets in."""
        users: Sequence[ProjectUser] | None = self.answers.part(parts.USERS, self.id)
        if users is None:
            return None
        answers = self.answers
        listed = {
            group.group_id: answers.roles_of_project_groups.get((self.id, group.group_id), ())
            for group in answers.part(parts.GROUPS, self.id) or ()
        }
        by_groups = through_groups(listed, answers.users_of_groups)
        found = {
            self.names.people[user.id]: self._member(user, by_groups.get(user.id, ()))
            for user in users
            if self.names.is_person(user.id)
        }
        for invite in self.names.invites.values():
            for project in invite.projects or ():
                if project.id == self.id:
                    member = model.Member(role=project.role, roles=())
                    found.setdefault(str(invite.email), member)
        return in_order(found)

    def _member(self, user: ProjectUser, by_groups: Collection[str]) -> model.Member:
        told = self._told(user, "projects.members", self.names.people[user.id], user.id)
        return model.Member(role=told.field("role"), roles=self._roles_of(user, told, by_groups))

    def _told(self, of: Entity, section: str, what: str, *ids: str) -> Told:
        """What the API said of the project, or of something in it."""
        return Told(of, self.gaps, section, what, ids, self.id)

    def _roles_of(
        self, user: ProjectUser, told: Told, by_groups: Collection[str]
    ) -> tuple[str, ...] | None:
        """The roles of a member besides the membership's."""
        defined: Sequence[Role] | None = self.answers.part(parts.ROLES, self.id)
        if defined is None:
            return None
        is_whole = ("projects.roles", self.id) not in self.gaps.incomplete
        if are_all_told(defined, self.id, is_whole=is_whole):
            return ()
        listed = self.answers.roles_of_members.get((self.id, user.id))
        if listed is None:
            return None
        given = besides(user.role, listed, user.id, self.id)
        is_known = is_membership(user.role, of_project=True)
        if not is_known or not is_clear(listed, given, by_groups):
            told.lack("roles")
            return None
        return named(given, self._role_labels(), of_project=True)

    def groups(self) -> dict[str, model.ProjectGroup] | None:
        """Groups by label."""
        groups: Sequence[ProjectGroup] | None = self.answers.part(parts.GROUPS, self.id)
        if groups is None:
            return None
        found: dict[str, model.ProjectGroup] = {}
        for group in groups:
            roles = self.answers.roles_of_project_groups.get((self.id, group.group_id))
            if roles is None:  # the reads have told why
                self.gaps.incomplete.add(("projects.groups", self.id))
                continue
            given = named(roles, self._role_labels(), of_project=True)
            found[self.names.groups[group.group_id]] = model.ProjectGroup(roles=given)
        return in_order(found)

    def _role_labels(self) -> dict[str, str]:
        return labels_of(own(self.answers.part(parts.ROLES, self.id)))

    def roles(self) -> dict[str, model.Role] | None:
        """The project's own roles by label."""
        listed: Sequence[Role] | None = self.answers.part(parts.ROLES, self.id)
        if listed is None:
            return None
        labels = self._role_labels()
        return roles_by_label(listed, labels, self.gaps, "projects.roles", self.id)

    def service_accounts(self) -> dict[str, model.ServiceAccount] | None:
        """Service accounts by label."""
        listed: Sequence[ProjectServiceAccount] | None = self.answers.part(parts.ACCOUNTS, self.id)
        if listed is None:
            listed = self.answers.accounts.get(self.id)
        if listed is None:
            return None
        names = labels_of(listed)
        return in_order(
            {names[account.id]: self._account(account, names[account.id]) for account in listed}
        )

    def _account(self, account: ProjectServiceAccount, label: str) -> model.ServiceAccount:
        what = f"the service account {label}"
        told = self._told(account, "projects.service_accounts", what, account.id)
        role = told.field("role")
        return model.ServiceAccount(
            id=account.id, name=told.name(label), role=None if role == model.NONE else role
        )

    def rate_limits(self) -> dict[str, model.RateLimit] | None:
        """Rate limits by model."""
        listed: Sequence[ProjectRateLimit] | None = self.answers.part(parts.RATE_LIMITS, self.id)
        if listed is None:
            return None
        named = [limit for limit in listed if is_name(limit.model)]
        if len(named) < len(listed):
            reason = "the API does not say of which models some are"
            self.gaps.lack(parts.RATE_LIMITS.kind, reason, self.id)
        names = labels((limit.id, limit.model) for limit in named)
        return in_order({names[limit.id]: self._limit(limit) for limit in named})

    def _limit(self, limit: ProjectRateLimit) -> model.RateLimit:
        """The limits of a model; it has none of those that the API leaves out, or gives as null."""
        told = self._told(limit, "projects.rate_limits", f"the limits of {limit.model}", limit.id)
        told.lack(*(name for name in _LIMITS if limit.is_unread(name)))
        return model.RateLimit(id=limit.id, **{name: getattr(limit, name) for name in _LIMITS})

    def spend_limit(self) -> Decimal | model.Absent | None:
        """The spend limit in dollars."""
        found: Sequence[SpendLimit] | None = self.answers.part(parts.SPEND_LIMIT, self.id)
        return money.limit(found, parts.SPEND_LIMIT.kind, self.gaps, self.id)

    def spend_alerts(self) -> tuple[model.SpendAlert, ...] | None:
        """The spend alerts in the order of amounts."""
        found: Iterable[SpendAlert] | None = self.answers.part(parts.SPEND_ALERTS, self.id)
        return money.alerts(found, parts.SPEND_ALERTS.kind, self.gaps, self.id)

    def models(self) -> model.Models | model.Absent | None:
        """Which models may be used; ``none`` where nothing is forbidden."""
        found: ProjectModelPermissions | None = self.answers.part(parts.MODELS, self.id)
        if found is None:
            return None
        models = as_told(found, "model_ids")
        if found.mode is None or models is None:
            self.gaps.lack(parts.MODELS.kind, "the API did not say which", self.id)
            return None
        if found.mode == "deny_list" and not models:
            return model.NONE
        return model.Models(mode=found.mode, models=tuple(sorted(set(models))))

    def hosted_tools(self) -> dict[str, bool] | None:
        """Whether each hosted tool may be used, as far as the API says."""
        found: ProjectHostedToolPermissions | None = self.answers.part(parts.HOSTED_TOOLS, self.id)
        if found is None:
            return None
        told = self._told(found, "projects.hosted_tools", "the hosted tools of projects")
        tools = {name: tool and tool.enabled for name in _TOOLS for tool in [getattr(found, name)]}
        told.lack(*(name for name, is_enabled in tools.items() if is_enabled is None))
        known = {name: is_ for name, is_ in tools.items() if is_ is not None}
        return known or None

    def service_tiers(self) -> model.ServiceTiers | None:
        """The service tiers."""
        found: ProjectServiceTierSettings | None = self.answers.part(parts.SERVICE_TIERS, self.id)
        if found is None:
            return None
        told = self._told(found, "projects.service_tiers", "the service tiers of projects")
        default, enabled = told.field("default"), told.field("enabled_tiers", "enabled")
        if default is None and enabled is None:
            return None
        return model.ServiceTiers(
            default=default,
            enabled=None
            if enabled is None
            else "all"
            if enabled == "all"
            else (enabled,)
            if isinstance(enabled, str)
            else tuple(sorted(set(enabled))),
        )

    def data_retention(self) -> str | None:
        """The data retention."""
        found: ProjectDataRetention | None = self.answers.part(parts.DATA_RETENTION, self.id)
        if found is None:
            return None
        told = self._told(found, "projects.data_retention", "projects")
        retention: str | None = told.field("type", "data_retention")
        return retention

    def certificates(self) -> tuple[str, ...] | None:
        """The labels of the certificates that are active here."""
        found: Sequence[Certificate] | None = self.answers.part(parts.CERTIFICATES, self.id)
        if found is None:
            return None
        if any(certificate.active is None for certificate in found):
            reason = "the API does not say of all of them whether they are active"
            self.gaps.lack(parts.CERTIFICATES.kind, reason, self.id)
            return None
        names = self.names.certificates
        active = {names.get(c.id, c.name or c.id): c for c in found if c.active}
        return tuple(in_order(active))

    def external_storage(self) -> tuple[model.ExternalStorage, ...] | None:
        """The customer's buckets."""
        listed = self.answers.external_storage
        if listed is None:
            return None
        if any(one.project_id is None for one in listed):
            self.gaps.lack("external storage", "the API does not say of which projects some is")
        found = [one for one in listed if one.project_id == self.id]
        return storage(found, self.gaps, self.id)
