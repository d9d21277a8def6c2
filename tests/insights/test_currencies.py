"""Money that is not in the currency of the figures: told beside them in every form."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

from openai_admin.cli.report import _lacking
from openai_admin.cli.report_text import write_report
from openai_admin.insights import Review, known
from openai_admin.report import document, figures, to_brief, to_html, to_markdown, to_slack
from openai_admin.usage.table import UsageTable

from .made import costs
from .test_missing_days import reviewed_of

DAY, BEFORE = date(2026, 11, 20), date(2026, 10, 20)


def _costs(*amounts: tuple[date, str, str | None]) -> UsageTable:
    return costs(
        {"day": day, "amount": amount, "currency": unit, "project_id": "p", "line_item": "a, b"}
        for day, amount, unit in amounts
    )


def _forms(review: Review) -> list[str]:
    file = io.StringIO()
    write_report(review, file)
    forms = [to_brief(review), str(to_slack(review)), to_html(review), to_markdown(review)]
    return [" ".join(form.replace("\\", "").split()) for form in (*forms, file.getvalue())]


def test_another_currency_is_told_beside_the_first_figure_and_is_not_known() -> None:
    found = reviewed_of(
        _costs(
            *((DAY, "100", unit) for unit in ("usd", "USD", "usd")),
            *((DAY, "7.255", "eur"), (DAY, "5", "EUR"), (DAY, "3", None)),
            *((BEFORE, "90", "usd"), (BEFORE, "1", "gbp"), (date(2026, 8, 20), "9", "chf")),
        )
    )
    assert known(found.by_project).total.cost == 300
    assert found.other_currencies == (("eur", Decimal("12.255")), (None, Decimal(3)))
    assert figures(found)["other_currencies"] == [
        {"currency": "eur", "cost": "12.255"},
        {"currency": None, "cost": "3"},
    ]
    assert "(and 12.26 EUR, 3.00 without a currency besides)" in document(found).tiles[0].note
    for form in _forms(found):
        assert "12.26 EUR" in form
        assert "3.00 without a currency" in form
    (lacks,) = _lacking(found)
    for amount in ("12.26 EUR is in no figure", "1.00 GBP is in no comparison"):
        assert amount in lacks
    assert "CHF" not in lacks


def test_amounts_of_a_currency_that_is_not_known_have_no_sign() -> None:
    found = reviewed_of(_costs((DAY, "100", None), (BEFORE, "90", None)))
    assert found.currency is None
    assert figures(found)["currency"] is None
    assert document(found).tiles[0].value == "100.00"
    for form in _forms(found):
        assert "$" not in form.partition("What is about to run out")[0].partition("<script")[0]
        assert "the currency of costs: the API states none" in form
    assert _lacking(found)


def test_nothing_spent_is_nothing_in_the_currency_that_is_billed_in() -> None:
    found = reviewed_of(_costs())
    assert document(found).tiles[0].value == "$0.00"
    assert not found.other_currencies
    assert not _lacking(found)
