"""An API that bills what a test says: rows of costs by day, restated and refused as it likes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from openai_admin import AsyncOpenAIAdmin
from openai_admin.insights import Period
from openai_admin.usage.days import beginning, day_of

Lines = dict[date, list[dict[str, Any]]]

ORGANIZATION = "org-billed"
OCTOBER = Period(date(2025, 10, 1), date(2025, 11, 1))
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)

ODD: Sequence[Any] = (
    "0E-6176",
    "0.000004500000000000000000000000000000000",
    "-0E-6176",
    "1e-07",
    "1E+3",
    Decimal("1E-7"),
    "0.123456789012345678",
    "-12.5",
    "19.99",
)
"""Amounts as they came, the last but one a credit."""


def line(
    amount: Any,
    item: str | None = "gpt-5, input",
    *,
    project: str | None = "proj_a",
    currency: str | None = "usd",
    quantity: Any = None,
    unit: str | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """A row of costs."""
    value = {"value": amount} if currency is None else {"value": amount, "currency": currency}
    return {
        "object": "organization.costs.result",
        "amount": value,
        "line_item": item,
        "project_id": project,
        "project_name": project and project.removeprefix("proj_").upper(),
        "quantity": quantity,
        "quantity_unit": unit,
        **fields,
    }


def odd_bill() -> Lines:
    """A bill with all that amounts, currencies and quantities have been seen as."""
    first = date(2025, 10, 1)
    rows = [line(amount, f"gpt-{n}, output") for n, amount in enumerate(ODD)]
    rows += [
        line("1.5", "priority | gpt-5, output, long context", quantity=30.0, unit="tokens"),
        line("2.5", "ft:gpt-4o-mini:acme, inc::abc, Input", quantity=0.0),
        line("3.5", "web search tool calls", quantity=7, currency="USD"),
        line("4.5", "vector storage", quantity=3.25, unit="gibibyte_hours", currency=None),
        line("5.5", None, project=None),
        line("0.25", "sales tax"),
        line("-3", "promotional credit"),
    ]
    return {first + timedelta(days=n): rows[n::3] for n in range(3)}


class Biller:
    """A server of costs.

    Attributes:
        lines: the rows of each day.
        refused: the days that cannot be fetched.
        organization: whose answers these are; ``None`` says nothing of it.
        ungrouped: the fields that it does not group by.
        lists: whether anything but costs may be read.
        groups: what the queries grouped by.
    """

    def __init__(self, lines: Mapping[date, list[dict[str, Any]]]) -> None:
        self.lines = dict(lines)
        self.refused: set[date] = set()
        self.organization: str | None = ORGANIZATION
        self.ungrouped: set[str] = set()
        self.lists = True
        self.now = NOW
        self.groups: list[list[str]] = []
        app = web.Application()
        app.router.add_get("/v1/organization/costs", self._costs)
        app.router.add_get("/{rest:.*}", self._other)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.close()

    @property
    def base_url(self) -> str:
        """Its address."""
        return str(self._server.make_url("/v1"))

    def client(self) -> AsyncOpenAIAdmin:
        """A client of it that does not try again."""
        return AsyncOpenAIAdmin("sk-admin-test", base_url=self.base_url, max_retries=0)

    def _answer(self, body: Any, status: int = 200) -> web.Response:
        headers = {"Date": self.now.strftime("%a, %d %b %Y %H:%M:%S GMT")}
        if self.organization is not None:
            headers["openai-organization"] = self.organization
        text = json.dumps(body, default=str)
        return web.Response(
            text=text, status=status, headers=headers, content_type="application/json"
        )

    async def _costs(self, request: web.Request) -> web.Response:
        query = request.query
        self.groups.append(query.getall("group_by", []) or query.getall("group_by[]", []))
        if refused := self.ungrouped.intersection(self.groups[-1]):
            told = f"Invalid value for group_by: {min(refused)} is not supported"
            return self._answer({"error": {"message": told, "param": "group_by"}}, 400)
        start, end = int(query["start_time"]), int(query.get("end_time", NOW.timestamp()))
        first, last = day_of(start), day_of(end - 1)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        if self.refused & set(days):
            return self._answer({"error": {"message": "Internal error."}}, 500)
        buckets = [
            {
                "object": "bucket",
                "start_time": beginning(day),
                "end_time": beginning(day + timedelta(days=1)),
                "results": self._results(day),
            }
            for day in days
        ]
        return self._answer(
            {"object": "page", "data": buckets, "has_more": False, "next_page": None}
        )

    def _results(self, day: date) -> list[dict[str, Any]]:
        """The rows of a day, without the fields that it does not group by."""
        return [row | dict.fromkeys(self.ungrouped) for row in self.lines.get(day, [])]

    async def _other(self, request: web.Request) -> web.Response:
        if not self.lists:
            return self._answer({"error": {"message": "You may not."}}, 403)
        return self._answer({"object": "list", "data": [], "has_more": False})
