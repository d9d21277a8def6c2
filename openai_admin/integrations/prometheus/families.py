"""Every metric of the exporter: its name, type, labels and help, each stated once.

Names follow Prometheus' conventions. Amounts are in whole units of the currency that the label
`currency` names, in lower case, since currencies may differ. Spend is a gauge, not a counter: the
API restates recent days, and amounts go down as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

OTHER = "other"
"""The value of a label that stands for all that has no series of its own."""
NONE = "none"
"""The value of a label where the API names none, as of costs that are of no project."""
UNALLOCATED = "unallocated"
"""The team of what the allocation gives to no team."""
ORGANIZATION = "organization"
"""The `project_id` of what is the whole organization's."""

_PREFIX = "openai_admin_"
_PROJECT = ("project_id", "project")


@attrs.frozen
class Family:
    """A metric family.

    Attributes:
        name: without the prefix, and of a counter without `_total`.
        help: one sentence.
        labels: in the order of their values.
        kind: its type.
        by_team: whether it has the label `team` as well, where there is an allocation.
    """

    name: str
    help: str
    labels: tuple[str, ...] = ()
    kind: Literal["gauge", "counter"] = "gauge"
    by_team: bool = False

    @property
    def full_name(self) -> str:
        """The name as it is exposed."""
        return f"{_PREFIX}{self.name}{'_total' if self.kind == 'counter' else ''}"

    def labels_with(self, *, teams: bool) -> tuple[str, ...]:
        """The labels of an exporter that knows teams, or does not."""
        return (*self.labels, "team") if teams and self.by_team else self.labels


_SPEND = (*_PROJECT, "model", "tier", "currency")
_PROJECT_SPEND = (*_PROJECT, "currency")
_BUDGET = ("budget", "period", "currency")
_LIMITED = (*_PROJECT, "model", "unit")
_COUNTED = ("endpoint", *_PROJECT, "model")
_BURST = ("api_key_id", "api_key", *_PROJECT)

SPEND_DAY = Family(
    "spend_day_to_date",
    "What the current UTC day has cost so far, by project, model and service tier.",
    _SPEND,
    by_team=True,
)
SPEND_MONTH = Family(
    "spend_month_to_date",
    "What the current calendar month (UTC) has cost so far, by project, model and service tier.",
    _SPEND,
    by_team=True,
)
PROJECT_SPEND_DAY = Family(
    "project_spend_day_to_date",
    "What the current UTC day has cost so far, by project alone.",
    _PROJECT_SPEND,
)
PROJECT_SPEND_MONTH = Family(
    "project_spend_month_to_date",
    "What the current calendar month (UTC) has cost so far, by project alone.",
    _PROJECT_SPEND,
)
SPEND_FORECAST = Family(
    "spend_month_forecast",
    "What the current calendar month (UTC) should cost in all: expected, and the low and high end"
    " of the range that should hold it in 80 of 100 months.",
    ("currency", "estimate"),
)
BUDGET_KNOWN = Family(
    "budget_known", "Whether it is known how a budget stands: 1, or 0 where it is not.", _BUDGET
)
BUDGET_LIMIT = Family("budget_limit", "What a budget allows in its period.", _BUDGET)
BUDGET_SPENT = Family("budget_spent", "What has been spent of a budget in its period.", _BUDGET)
BUDGET_SPENT_AT_LEAST = Family(
    "budget_spent_at_least",
    "What has been spent of a budget in its period as far as that is known: the same, or less where"
    " a part is not known.",
    _BUDGET,
)
BUDGET_FORECAST = Family(
    "budget_forecast",
    "What the period of a budget should cost in all: expected, and the low and high end of the"
    " range that should hold it in 80 of 100 periods.",
    (*_BUDGET, "estimate"),
)
BUDGET_PROBABILITY = Family(
    "budget_overrun_probability_ratio",
    "The probability that the period of a budget costs more than it allows, from 0 to 1.",
    _BUDGET,
)
BUDGET_PASSED = Family(
    "budget_passed",
    "Whether a budget is passed, by what was spent or by the forecast, as it says: 1, or 0.",
    _BUDGET,
)
SPEND_LIMIT = Family(
    "spend_limit",
    "The spend limit of a project or of the organization, for a calendar month.",
    _PROJECT_SPEND,
)
SPEND_LIMIT_USED = Family(
    "spend_limit_used_ratio",
    "The fraction of a spend limit that the month has cost so far; of the project 'other', the"
    " highest among the rest.",
    _PROJECT,
)
SPEND_ALERT = Family(
    "spend_alert_threshold",
    "The threshold of a spend alert of a project or of the organization, for a calendar month.",
    (*_PROJECT_SPEND, "alert_id"),
)
WINDOW_TOKENS = Family(
    "usage_window_tokens",
    "Tokens in the latest complete minutes, by endpoint, project, model and type; cached_input is"
    " not part of input.",
    (*_COUNTED, "type"),
)
WINDOW_REQUESTS = Family(
    "usage_window_requests",
    "Requests to models in the latest complete minutes, by endpoint, project and model.",
    _COUNTED,
)
WINDOW_DURATION = Family(
    "usage_window_duration_seconds", "How long the window of complete minutes is."
)
WINDOW_END = Family(
    "usage_window_end_timestamp_seconds",
    "Where the window of complete minutes of an endpoint ends, in Unix seconds.",
    ("endpoint",),
)
RATE_LIMIT = Family(
    "rate_limit_per_minute",
    "How many requests, tokens or images (unit) a minute a project may use of a model.",
    _LIMITED,
)
RATE_LIMIT_USED = Family(
    "rate_limit_used_ratio",
    "The fraction of a rate limit that the fullest minute of the window of complete minutes used;"
    " of the project 'other', the highest among the rest.",
    _LIMITED,
)
KEY_BURSTS = Family(
    "key_bursts", "How many keys are used far more than is usual for them, as the guard finds them."
)
KEY_BURST = Family(
    "key_burst",
    "Whether a key is used far more than is usual for it: 1, or 0 for a day after it was.",
    _BURST,
)
KEY_BURST_SPEND = Family(
    "key_burst_spend_per_hour",
    "What an hour of a key that is used far more than usual should cost at its present pace.",
    (*_BURST, "currency"),
)
FINDINGS = Family(
    "findings",
    "How many keys, people, invites or certificates need attention, by what was found.",
    ("finding",),
)
CERTIFICATE_END = Family(
    "certificate_expiry_timestamp_seconds",
    "When a certificate ends, in Unix seconds.",
    ("certificate_id", "certificate", "active"),
)
UP = Family(
    "up",
    "Whether the API answered any of the latest refreshes, be it with a refusal: 1, or 0 where"
    " there were no answers but errors of the server (5xx).",
)
API_ANSWERS = Family(
    "api_answers",
    "Answers of the API to this exporter, by endpoint and HTTP status; 429 is a refusal for pace.",
    ("endpoint", "status"),
    kind="counter",
)
API_FAILURES = Family(
    "api_failures",
    "Requests of this exporter that got no answer, by endpoint and kind of error.",
    ("endpoint", "error"),
    kind="counter",
)
API_REFUSED = Family(
    "api_refused",
    "How many paths of an endpoint the API refused when they were last asked for, by endpoint and"
    " HTTP status (401, 403).",
    ("endpoint", "status"),
)
FIGURE_KNOWN = Family(
    "figure_known",
    "Whether a figure is known: 1, or 0 where it is not and has no series.",
    ("figure",),
)
FIGURE_COMPLETE = Family(
    "figure_complete",
    "Whether nothing is lacking in a figure that is known: 1, or 0 where something could not be"
    " read or was refused.",
    ("figure",),
)
FIGURE_TIMESTAMP = Family(
    "figure_timestamp_seconds", "The moment that a figure is of, in Unix seconds.", ("figure",)
)
FIGURE_INTERVAL = Family(
    "figure_interval_seconds",
    "How long after its last refresh a figure is refreshed again, at most.",
    ("figure",),
)
REFRESH_SUCCESS = Family(
    "refresh_success",
    "Whether the latest refresh that ended gave anything: 1, or 0 where it failed and older figures"
    " are kept.",
    ("refresh",),
)
REFRESH_COMPLETE = Family(
    "refresh_complete",
    "Whether the latest refresh that ended got all that it asked for: 1, or 0 where it failed or a"
    " part was refused or did not come.",
    ("refresh",),
)
REFRESH_TIMESTAMP = Family(
    "refresh_timestamp_seconds", "When the latest refresh ended, in Unix seconds.", ("refresh",)
)
REFRESH_DURATION = Family(
    "refresh_duration_seconds", "How long the latest refresh that ended took.", ("refresh",)
)
FOLDED = Family(
    "folded_series",
    "How many series a metric would have beyond those it has, which 'other' stands for.",
    ("metric",),
)
INFO = Family("exporter_info", "The version of the exporter; always 1.", ("version",))

FAMILIES: Sequence[Family] = (
    SPEND_DAY,
    SPEND_MONTH,
    PROJECT_SPEND_DAY,
    PROJECT_SPEND_MONTH,
    SPEND_FORECAST,
    BUDGET_KNOWN,
    BUDGET_LIMIT,
    BUDGET_SPENT,
    BUDGET_SPENT_AT_LEAST,
    BUDGET_FORECAST,
    BUDGET_PROBABILITY,
    BUDGET_PASSED,
    SPEND_LIMIT,
    SPEND_LIMIT_USED,
    SPEND_ALERT,
    WINDOW_TOKENS,
    WINDOW_REQUESTS,
    WINDOW_DURATION,
    WINDOW_END,
    RATE_LIMIT,
    RATE_LIMIT_USED,
    KEY_BURSTS,
    KEY_BURST,
    KEY_BURST_SPEND,
    FINDINGS,
    CERTIFICATE_END,
    UP,
    API_ANSWERS,
    API_FAILURES,
    API_REFUSED,
    FIGURE_KNOWN,
    FIGURE_COMPLETE,
    FIGURE_TIMESTAMP,
    FIGURE_INTERVAL,
    REFRESH_SUCCESS,
    REFRESH_COMPLETE,
    REFRESH_TIMESTAMP,
    REFRESH_DURATION,
    FOLDED,
    INFO,
)
"""All of them, in the order in which they are exposed."""

COUNTED_FINDINGS = (
    "stale_keys",
    "never_used_keys",
    "keys_of_former_members",
    "stale_admin_keys",
    "inactive_owners",
    "pending_invites",
    "ending_certificates",
)
"""The findings of a review that `FINDINGS` counts."""

USAGE_ENDPOINTS: tuple[Any, ...] = (
    "completions",
    "decisions",
    "embeddings",
    "moderations",
    "images",
    "audio_speeches",
    "audio_transcriptions",
)
"""The usage endpoints of which minutes are looked at: those that count requests to models."""

FIGURES: Mapping[str, str] = {
    "spend_day": "spend",
    "spend_month": "spend",
    "forecast": "forecast",
    "budgets": "budgets",
    "spend_limits": "limits",
    **{f"usage_{endpoint}": "usage" for endpoint in USAGE_ENDPOINTS},
    "rate_limits": "usage",
    "key_bursts": "guard",
    **dict.fromkeys(COUNTED_FINDINGS[:-1], "access"),
    "ending_certificates": "certificates",
    "certificates": "certificates",
}
"""The values of the label `figure`, each with the refresh (the label `refresh`) that it is of."""
