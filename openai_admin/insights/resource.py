"""Insights as a part of a client's tree, so that both clients have them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from .._declare.decorators import composed
from .._declare.resource import Async, Mode, Resource
from .._forks import importing
from .._tree import AdminResources
from ..allocation import Allocation
from .access.forecast import OnForecast
from .access.questions import Access
from .budgets.model import Budget
from .periods import Period
from .reviews import Review
from .scope import Compare


class Insights(Resource[Mode], name="insights"):
    """What the organization spends and who has access to it, assessed."""

    @composed
    async def review(
        self: Insights[Async],
        /,
        *,
        days: int | None = None,
        period: Period | None = None,
        project: str | Collection[str] | None = None,
        compare: Compare = "previous",
        allocation: Allocation | None = None,
        now: datetime | None = None,
        only: Collection[str] | None = None,
        budgets: Iterable[Budget] = (),
    ) -> Review:
        """Look at spend, keys, people and limits, and say what stands out.

        It takes about twenty requests, five for each active project, one for each group, and where
        a role of the organization's own makes owners, one for each of up to 20 people; and one of
        the audit log for each of up to five unusual days.

        Args:
            days: how many whole days to look at, up to yesterday; by default 30.
            period: the days to look at, in place of `days`, as ``Period(date(2026, 10, 1),
                date(2026, 11, 1))``. Of one that is not over, those up to today. Keys, people and
                limits are always as they are now.
            project: the name or the id of the project to look at, or several; by default the whole
                organization.
            compare: what costs are compared with: ``previous`` is as many days, or months, before;
                ``last-year`` is the same dates a year earlier; ``none`` is nothing.
            allocation: the rules that say whose costs are whose, as
                ``Allocation.from_file("allocation.toml")``; without them, costs by team are not
                looked for.
            now: the moment to treat as the present, with a time zone; by default now.
            only: the findings to look for, as ``["stale_keys"]``; by default all. Nothing is
                fetched that these do not need, and all others are not known.
            budgets: the budgets to look at, as ``read_budgets("budgets.toml")``; those for a month,
                where `period` is one, for that month.

        Raises:
            InvalidInputError: `days` is less than 1, or is passed with `period`; the period is
                empty, in the future, or longer ago than the API answers for; `now` has no time
                zone; there is no such project or finding; or the rules name no team, or contradict
                each other.
            AuthenticationError: the key is wrong. What it may not read is in the review's
                `not_known`.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .gather import review

        return await review(
            AdminResources[Async](self._caller),
            days=days,
            period=period,
            project=project,
            compare=compare,
            allocation=allocation,
            now=now,
            only=only,
            budgets=budgets,
        )

    @composed
    async def access(
        self: Insights[Async],
        /,
        *,
        project: str | Collection[str] | None = None,
        somebody: str | None = None,
        permission: str | None = None,
        thorough: bool = False,
        on_forecast: OnForecast | None = None,
    ) -> Access:
        """Read who can do what, and why: people, service accounts, keys and admin keys.

        ``(await client.insights.access()).who_can("api.prompts.write")``. It takes six requests,
        six for each project, two for each group, and one for each group in each project; and,
        where there are roles other than OpenAI's own, one for each person who could have them.
        What is asked for alone takes fewer.

        Args:
            project: the name or the id of the project to read, or several; by default all.
            somebody: the person, service account or key to read alone, by id, name or address.
            permission: the permission to read alone, as ``api.prompts.write``, or ``owner``. People
                are asked for only where a role that grants it may have been given to them.
            thorough: ask for the roles of each person also where all roles are OpenAI's own, of
                which membership says who has them, as far as is known. That takes a request for
                each person, and for each membership of a project.
            on_forecast: receives a `Forecast` before many requests are sent.

        Raises:
            InvalidInputError: there is no such project, or nobody of that name; several have it;
                or both somebody and a permission were passed.
            AuthenticationError: the key is wrong. What it may not read is in `Access.not_known`.
            APIConnectionError: the API cannot be reached at all.
        """
        with importing():
            from .access.fetching import access

        return await access(
            AdminResources[Async](self._caller),
            project=project,
            somebody=somebody,
            permission=permission,
            thorough=thorough,
            on_forecast=on_forecast,
        )
