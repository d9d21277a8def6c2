"""The report in ten lines, and as a message for Slack."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from openai_admin._text.slack import escape
from openai_admin.insights import NotKnown, Review, known
from openai_admin.report import document, to_brief, to_slack

HOSTILE = "*Ops* <!channel> & <https://evil.example|click>\n\u202edrow"


def _texts(part: Any) -> Iterator[dict[str, Any]]:
    """Every text object of a message."""
    if isinstance(part, dict):
        if part.get("type") in ("mrkdwn", "plain_text"):
            yield part
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _check(message: dict[str, Any]) -> None:
    """Slack's limits, from its reference of Block Kit."""
    assert set(message) == {"text", "blocks"}
    assert 0 < len(message["blocks"]) <= 50
    for block in message["blocks"]:
        assert block["type"] in ("header", "section", "context")
        if block["type"] == "header":
            assert block["text"]["type"] == "plain_text"
            assert 0 < len(block["text"]["text"]) <= 150
        elif block["type"] == "section":
            assert ("text" in block) != ("fields" in block)
            assert all(len(field["text"]) <= 2000 for field in block.get("fields", ()))
            assert len(block.get("fields", ())) <= 10
        else:
            assert 0 < len(block["elements"]) <= 10
    for text in _texts(message["blocks"]):
        assert 0 < len(text["text"]) <= 3000
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", text["text"])
    assert len(message["text"]) <= 3000
    json.dumps(message)


def _renamed(review: Review, name: str) -> Review:
    return attrs.evolve(review, names=dict.fromkeys(review.names, name))


def test_ten_lines_say_what_the_report_says(found: Review) -> None:
    lines = to_brief(found).splitlines()
    assert len(lines) <= 10
    assert str(found.period) in lines[0]
    total = known(found.by_project).total
    assert f"${total.cost:,.2f}" in lines[1]
    first = known(found.by_project).groups[0]
    (projects,) = [line for line in lines if line.startswith("Most by project: ")]
    assert projects.startswith(
        f"Most by project: {found.name(first.group[0])} ${first.cost:,.2f} ({first.share:.1%}), "
    )
    assert projects.endswith(f"; {len(known(found.by_project).groups) - 3} more")
    for tile in document(found).tiles:
        assert sum(f"{tile.label}: {tile.value}" in line for line in lines) == 1


def test_ten_lines_say_what_is_not_known(found: Review) -> None:
    parts = [NotKnown(kind="costs", reason=f"the API answered {n}") for n in range(40)]
    brief = to_brief(attrs.evolve(found, not_known=tuple(parts)))
    lines = brief.splitlines()
    assert len(lines) <= 10
    assert lines[-1].startswith("Not known: costs: the API answered 0; ")
    assert all(len(line) <= 300 for line in lines)


def test_a_name_stays_in_its_line(found: Review) -> None:
    lines = to_brief(_renamed(found, HOSTILE)).splitlines()
    assert len(lines) <= 10
    assert not any("\u202e" in line for line in lines)


def test_a_message_is_one_that_slack_takes(found: Review) -> None:
    message = to_slack(found)
    _check(message)
    shown = json.dumps(message["blocks"], ensure_ascii=False)
    assert f"${known(found.by_project).total.cost:,.2f}" in shown
    for tile in document(found).tiles:
        assert escape(tile.label, 150) in shown


@pytest.mark.parametrize("name", [HOSTILE, "&" * 5000, "\N{PILE OF POO}" * 4000, "<" * 151, ""])
def test_no_name_breaks_a_message_or_calls_anybody(found: Review, name: str) -> None:
    ids = (next(iter(found.names)),)
    renamed = attrs.evolve(_renamed(found, name), scope=attrs.evolve(found.scope, project_ids=ids))
    message = to_slack(renamed)
    _check(message)
    # The header is plain text, in which Slack looks for nothing.
    assert "<!channel>" not in json.dumps([message["text"], message["blocks"][1:]])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("*Ops* ~x~", "\u200b*\u200bOps\u200b*\u200b \u200b~\u200bx\u200b~\u200b"),
        ("`rm`", "\u200b`\u200brm\u200b`\u200b"),
        ("proj_a_b, 2*3", "proj_a_b, 2*3"),
    ],
)
def test_a_name_is_neither_bold_nor_code(name: str, shown: str) -> None:
    assert escape(name, 100) == shown


def test_projects_of_one_name_are_told_apart(found: Review) -> None:
    lines = to_brief(_renamed(found, "Same")).splitlines()
    (projects,) = [line for line in lines if line.startswith("Most by project: ")]
    ids = [group.group[0] for group in known(found.by_project).groups[:3]]
    assert all(f"Same ({id}) $" in projects for id in ids)
    (moved,) = [line for line in lines if line.startswith("Moved most: ")]
    assert re.search(r" in Same \(proj_\w+\) ", moved)


def test_a_message_without_anything_to_tell_is_valid(found: Review) -> None:
    refused = NotKnown(kind="costs", reason="the key lacks `api.usage.read`")
    gone: dict[str, Any] = dict.fromkeys(
        ("daily", "by_project", "by_model", "movers", "projection", "anomalies")
    )
    nothing = attrs.evolve(
        found,
        not_known=(refused, attrs.evolve(refused, kind="costs by consumer")),
        **gone,
    )
    message = to_slack(nothing)
    _check(message)
    assert "the key lacks" in json.dumps(message)
    assert "$0.00" not in to_brief(nothing)


@pytest.mark.parametrize("most", [1, 2, 5, 6, 10, 11, 100])
def test_an_entity_is_never_cut(most: int) -> None:
    cut = escape("a&b<c>" * 5, most)
    assert len(cut) <= most
    assert not re.search(r"&(?!(amp|lt|gt);)", cut)


def test_a_month_that_is_over_is_told_as_its_bill(found: Review) -> None:
    closed = attrs.evolve(found, scope=attrs.evolve(found.scope, is_closed=True), projection=None)
    lines = to_brief(closed).splitlines()
    assert lines[2].startswith("May still be restated: ")
    assert not any("Expected for" in line for line in lines)
