"""What a review is based on, as it was fetched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from .._wire.portable import Portable
from ..directory.lookup import names_in
from ..directory.not_known import NotKnown
from ..resources.admin_api_keys import AdminAPIKey
from ..resources.certificates import Certificate
from ..resources.invites import Invite
from ..resources.projects import Project
from ..resources.projects.api_keys import ProjectAPIKey
from ..resources.projects.rate_limits import ProjectRateLimit
from ..resources.spend import SpendAlert, SpendLimit
from ..resources.users.model import OrganizationUser
from ..usage.names import names_in_rows
from ..usage.table import UsageTable
from .around import RecordedDay
from .budgets.status import BudgetStatus
from .outliers import AnomalySearch
from .periods import Period
from .scope import Scope


@attrs.frozen(kw_only=True)
class Facts(Portable):
    """Tables and lists of one organization at one moment.

    Attributes:
        now: the moment that they describe, UTC.
        period: the days to look at; the last may be the current one.
        scope: what they are compared with, and which projects everything here is of; by default as
            many days before, and all.
        only: the findings that they were fetched for: what others need may be empty; ``None`` for
            all.
        costs: daily, by project and line item, up to now; from before both periods, and from twelve
            weeks before the later one ends.
        consumer_costs: daily, by user and key, from the first of both periods up to now.
        team_costs: likewise, with the columns of the allocation; ``None`` without one.
        costs_before: as `costs`, of the period that is compared with, where that is a year earlier;
            ``None`` where `costs` has it, or nothing is compared.
        consumer_costs_before: likewise as `consumer_costs`.
        team_costs_before: likewise as `team_costs`.
        month_costs: daily, of the months of the last `months.MONTH_DAYS`.
        usage: daily, by model, batch, service tier and size, of the period.
        hours: of the last week, by project, model and batch.
        minutes: likewise, of the busiest days of what may be near a rate limit; ``None`` where
            nothing may be.
        projects: all of them, archived ones too.
        users: the members of the organization.
        keys: of each active project, by its id; also those whose owners have no access to it.
        admin_keys: what the API lists as admin keys, which may have projects' keys among them.
        invites: in every state.
        certificates: the organization's.
        project_certificates: of each active project, where one that ends soon may be active only
            there; else empty.
        rate_limits: of each active project.
        thresholds: spend limits and alerts of each active project; the organization's own under
            ``None``.
        last_seen: by user id, a sign of activity in the audit log or in costs.
        owners: by id, who owns the organization through a group, and of those who were not seen for
            a while also who does by a role of their own.
        are_owners_asked: whether those who were not seen were all asked for roles of their own.
        budgets: where the budgets stand that were given.
        unusual: the unusual days, where the audit log was read around them; else ``None``.
        recorded: what it has around the most unusual of them.
        found_names: names by id that neither rows nor the lists here have.
        clock_difference: seconds that the server's clock is ahead of this machine's, where `now` is
            of the latter; else ``None``.
        missing: what was left out of usage and costs, in words.
        not_known: what the API refused or did not answer: where a list or a table is empty for
            that reason, it is not known.
        unread: how much was fetched and could not be read, by its kind (see `unread.NOUNS`).
    """

    now: datetime
    period: Period
    scope: Scope = attrs.field(
        default=attrs.Factory(lambda self: Scope(compared=self.period.before()), takes_self=True)
    )
    only: frozenset[str] | None = None
    costs: UsageTable
    consumer_costs: UsageTable
    month_costs: UsageTable
    team_costs: UsageTable | None = None
    costs_before: UsageTable | None = None
    consumer_costs_before: UsageTable | None = None
    team_costs_before: UsageTable | None = None
    usage: UsageTable
    hours: UsageTable
    minutes: UsageTable | None
    projects: Sequence[Project]
    users: Sequence[OrganizationUser]
    keys: Mapping[str, Sequence[ProjectAPIKey]]
    admin_keys: Sequence[AdminAPIKey]
    invites: Sequence[Invite]
    certificates: Sequence[Certificate]
    project_certificates: Mapping[str, Sequence[Certificate]]
    rate_limits: Mapping[str, Sequence[ProjectRateLimit]]
    thresholds: Mapping[str | None, Sequence[SpendLimit | SpendAlert]]
    last_seen: Mapping[str, datetime]
    owners: frozenset[str] = frozenset()
    are_owners_asked: bool = True
    budgets: tuple[BudgetStatus, ...] = ()
    unusual: AnomalySearch | None = None
    recorded: tuple[RecordedDay, ...] = ()
    found_names: Mapping[str, str] = attrs.field(factory=dict)
    clock_difference: int | None = None
    missing: tuple[str, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    unread: Mapping[str, int] = attrs.field(factory=dict)

    @property
    def has_all_keys(self) -> bool:
        """Whether `keys` are those of all projects, so that any other is none of a project's."""
        kinds = ("projects", "keys of projects")
        return (
            not self.scope.project_ids
            and self.only is None
            and all(part.kind not in kinds for part in self.not_known)
            and not any(self.unread.get(kind) for kind in kinds)
        )

    def names(self) -> dict[str, str]:
        """Names by id of projects, people, service accounts and keys: those of rows go first."""
        keys = (key for listed in self.keys.values() for key in listed)
        return {
            **self.found_names,
            **names_in([*self.projects, *self.users, *keys, *self.admin_keys]),
            **{
                id: name
                for table in (
                    *(self.costs_before, self.consumer_costs_before),
                    *(self.costs, self.consumer_costs),
                )
                if table is not None
                for id, name in names_in_rows(table).items()
            },
        }
