"""A large organization as a review finds it: what `fetch_facts` would give, made from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import attrs

from openai_admin.insights import HISTORY_DAYS, Facts, whole_days
from openai_admin.insights.months import months_from
from openai_admin.resources.admin_api_keys import AdminAPIKey
from openai_admin.resources.invites import Invite
from openai_admin.resources.projects import Project
from openai_admin.resources.projects.api_keys import (
    ProjectAPIKey,
    ProjectAPIKeyOwner,
    ProjectAPIKeyOwnerUser,
)
from openai_admin.resources.projects.rate_limits import ProjectRateLimit
from openai_admin.resources.spend import SpendAlert, SpendLimit
from openai_admin.resources.users.model import OrganizationUser
from openai_admin.usage.table import UsageTable

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
MODELS = ("gpt-5", "gpt-5-mini", "gpt-4.1", "o4-mini", "text-embedding-3-large")
KINDS = ("input", "cached input", "output")
LINE_ITEMS = (*(f"{model}, {kind}" for model in MODELS for kind in KINDS), "vector storage")
KEYS = 10
"""Keys of a project: four are stale, one was never used."""

_WEEK = (1.04, 1.10, 1.12, 1.08, 0.96, 0.50, 0.45)
_HOURS = 168
_TEAMS = (
    *("Search", "Checkout", "Support", "Fraud", "Marketing", "Mobile", "Catalog", "Billing"),
    *("Documents", "Voice", "Copilot", "Research", "Logistics", "Risk", "Hiring", "Legal"),
)
_ENDS = ("prod", "staging", "batch", "experiments", "evaluation")


def facts(projects: int, *, days: int = 30, seed: int = 1) -> Facts:
    """What a review of an organization of so many projects is based on.

    Each has 16 line items on every day of twelve weeks or of both periods, five models on every
    hour of a week, ten keys, three thresholds and five rate limits. The spend of projects falls
    as one over their rank, so that a few have most of it.
    """
    random = Random(seed)
    return _Made(random, projects, days).facts()


@attrs.define
class _Made:
    random: Random
    number: int
    days: int

    def facts(self) -> Facts:
        """All of it."""
        random, ids = self.random, [f"proj_{n:04d}" for n in range(self.number)]
        users = [self._user(n) for n in range(10 * self.number)]
        keys = {id: [self._key(id, k, users) for k in range(KEYS)] for id in ids}
        listed = [
            Project(id=id, name=_name(n), created_at=NOW - timedelta(days=400), status="active")
            for n, id in enumerate(ids)
        ]
        shares = {id: 1 / (1 + rank) for rank, id in enumerate(random.sample(ids, len(ids)))}
        period = whole_days(self.days, now=NOW)
        first = min(
            period.before().start - timedelta(days=7), NOW.date() - timedelta(days=HISTORY_DAYS)
        )
        return Facts(
            now=NOW,
            period=period,
            costs=self._costs(first, shares),
            consumer_costs=self._consumers(period.before().start, keys, shares),
            month_costs=self._month_costs(),
            usage=self._usage(period.start),
            hours=self._hours(ids),
            minutes=None,
            projects=listed,
            users=users[: -max(1, self.number // 20)],  # the others have left
            keys=keys,
            admin_keys=[self._admin_key(n) for n in range(max(4, self.number // 20))],
            invites=[self._invite(n) for n in range(max(2, self.number // 4))],
            certificates=[],
            project_certificates={},
            rate_limits={id: [self._rate_limit(model) for model in MODELS] for id in ids},
            thresholds={
                None: [_limit(self.number * 320_000)],
                **{id: self._thresholds(id, shares[id]) for id in ids},
            },
            last_seen={},
        )

    def _user(self, n: int) -> OrganizationUser:
        seen = self.random.randrange(400)
        return OrganizationUser(
            id=f"user-{n:05d}",
            name=f"Person {n}",
            email=f"person{n}@example.com",
            role="owner" if n % 50 == 0 else "reader",
            added_at=NOW - timedelta(days=500),
            api_key_last_used_at=NOW - timedelta(days=seen),
        )

    def _key(self, project: str, n: int, users: list[OrganizationUser]) -> ProjectAPIKey:
        user = self.random.choice(users)
        idle = self.random.randrange(91, 600) if n < 4 else self.random.randrange(60)
        owner = ProjectAPIKeyOwnerUser(id=user.id, name=user.name, email=user.email)
        return ProjectAPIKey(
            id=f"key_{project[5:]}_{n:02d}",
            name=f"service-{n}",
            created_at=NOW - timedelta(days=700),
            last_used_at=None if n == 9 else NOW - timedelta(days=idle),
            owner=ProjectAPIKeyOwner(type="user", user=owner),
        )

    def _admin_key(self, n: int) -> AdminAPIKey:
        idle = timedelta(days=self.random.randrange(200))
        return AdminAPIKey(
            id=f"key_admin_{n:03d}",
            name=f"admin-{n}",
            redacted_value="sk-admin-...abc",
            created_at=NOW - timedelta(days=300),
            last_used_at=NOW - idle,
        )

    def _invite(self, n: int) -> Invite:
        return Invite(
            id=f"invite-{n:04d}",
            email=f"guest{n}@example.org",
            role="reader",
            status="pending",
            created_at=NOW - timedelta(days=self.random.randrange(60)),
            expires_at=NOW + timedelta(days=30),
        )

    def _rate_limit(self, model: str) -> ProjectRateLimit:
        return ProjectRateLimit(
            id=f"rl-{model}",
            model=model,
            max_requests_per_1_minute=5_000,
            max_tokens_per_1_minute=self.random.choice((18_000, *[2_000_000] * 9)),
        )

    def _thresholds(self, id: str, share: float) -> list[SpendLimit | SpendAlert]:
        return [
            _limit(int(1 + 48_000_000 * share * self.random.uniform(0.8, 3))),
            *(
                SpendAlert(
                    id=f"alert_{id}_{n}",
                    threshold_amount=int(1 + 16_000_000 * share * self.random.uniform(0.8, 3)),
                    currency="USD",
                    interval="month",
                )
                for n in range(2)
            ),
        ]

    def _costs(self, first: date, shares: dict[str, float]) -> UsageTable:
        items = {item: self.random.uniform(0.2, 3) for item in LINE_ITEMS}
        rows = []
        for start, day in _until_today(first):
            for id, share in shares.items():
                level = 800_000 * share * _WEEK[day.weekday()] * self.random.uniform(0.9, 1.1)
                for item, weight in items.items():
                    amount = Decimal(int(level * weight)).scaleb(-4)
                    unit = None if item == "vector storage" else "1000_tokens"
                    rows.append((start, id, item, amount, "usd", amount * 50, unit))
        return _table(
            rows,
            ("start_time", "project_id", "line_item"),
            ("amount", "currency", "quantity", "quantity_unit"),
            timedelta(days=1),
        )

    def _consumers(
        self, first: date, keys: dict[str, list[ProjectAPIKey]], shares: dict[str, float]
    ) -> UsageTable:
        rows = []
        for start, _ in _until_today(first):
            for id, listed in keys.items():
                for key in listed[4:9]:
                    assert key.owner is not None
                    assert key.owner.user is not None
                    amount = Decimal(int(3_200_000 * shares[id])).scaleb(-4)
                    rows.append((start, key.owner.user.id, key.id, amount, "usd"))
        return _table(
            rows,
            ("start_time", "user_id", "api_key_id"),
            ("amount", "currency"),
            timedelta(days=1),
        )

    def _month_costs(self) -> UsageTable:
        rows = [
            (start, Decimal(int(800_000 * _WEEK[day.weekday()])).scaleb(-4), "usd")
            for start, day in _until_today(months_from(NOW.date()))
        ]
        return _table(rows, ("start_time",), ("amount", "currency"), timedelta(days=1))

    def _usage(self, first: date) -> UsageTable:
        rows = [
            (start, model, False, "default", 9_000_000, 2_000_000, 3_000_000, 4_000)
            for start, _ in _until_today(first)
            for model in MODELS
        ]
        return _table(
            rows,
            ("start_time", "model", "batch", "service_tier"),
            ("input_tokens", "input_cached_tokens", "output_tokens", "num_model_requests"),
            timedelta(days=1),
        )

    def _hours(self, ids: list[str]) -> UsageTable:
        first = NOW.replace(minute=0) - timedelta(hours=_HOURS - 1)
        random = self.random
        rows = [
            (start, id, model, False, random.randrange(900_000), 9_000, random.randrange(30_000))
            for start in (first + timedelta(hours=n) for n in range(_HOURS))
            for id in ids
            for model in MODELS
        ]
        return _table(
            rows,
            ("start_time", "project_id", "model", "batch"),
            ("input_tokens", "output_tokens", "num_model_requests"),
            timedelta(hours=1),
        )


def _name(n: int) -> str:
    team, rest = _TEAMS[n % len(_TEAMS)], n // len(_TEAMS)
    return f"{team} {_ENDS[rest % len(_ENDS)]} {1 + rest // len(_ENDS)}"


def _limit(cents: int) -> SpendLimit:
    return SpendLimit(threshold_amount=cents, currency="USD", interval="month")


def _until_today(first: date) -> Iterator[tuple[datetime, date]]:
    for n in range((NOW.date() - first).days + 1):
        day = first + timedelta(days=n)
        yield datetime(day.year, day.month, day.day, tzinfo=UTC), day


def _table(
    rows: list[tuple[Any, ...]],
    dimensions: tuple[str, ...],
    metrics: tuple[str, ...],
    width: timedelta,
) -> UsageTable:
    columns = dict(zip((*dimensions, *metrics), map(list, zip(*rows, strict=True)), strict=True))
    ends = {start: start + width for start in set(columns["start_time"])}
    columns["end_time"] = [ends[start] for start in columns["start_time"]]
    return UsageTable(columns, dimensions=(*dimensions, "end_time"), metrics=metrics)
