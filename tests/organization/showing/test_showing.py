"""A plan as people see it: everything that it does, and no name that is more than a name."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from markdown_it import MarkdownIt
from rich.cells import cell_len

from openai_admin.cli.org_text import text_of
from openai_admin.directory.not_known import NotKnown
from openai_admin.organization.planning.model import (
    Exceeded,
    FieldChange,
    Impossible,
    Plan,
    Step,
    Untouched,
)
from openai_admin.organization.showing.arranging import arranged, summary_of
from openai_admin.organization.showing.markdown import LONGEST, to_markdown

HOSTILE = "@all `x` | <b>*y*</b> [z](//w)\n# \x1b[31m\u202e#12 :tada: $a$"


def _step(section: str, action: Any, subject: str, *changes: Any, **fields: Any) -> Step:
    parts = [section, action, *filter(None, [fields.get("project")]), subject]
    return Step(
        id="/".join([*parts, *filter(None, [fields.pop("part", None)])]),
        section=section,
        action=action,
        subject=subject,
        changes=tuple(FieldChange(field=f, old=old, new=new) for f, old, new in changes),
        **{"operation": "projects.update", **fields},
    )


PLAN = Plan(
    steps=(
        _step("projects", "create", "Nova", ("name", None, "Nova"), project="Nova"),
        _step(
            "people",
            "change",
            "ana@example.com",
            ("role", "reader", "owner"),
            power="makes ana@example.com an owner of the organization",
        ),
        _step(
            "projects.rate_limits",
            "change",
            "gpt-5",
            ("max_requests_per_1_minute", None, 30000),
            project="Nova",
        ),
        _step(
            "projects.spend_limit",
            "change",
            "spend limit",
            ("spend_limit", Decimal(2500), Decimal("1250.5")),
            project="Marketing",
        ),
        _step(
            "projects.models",
            "change",
            "models",
            ("models", ("gpt-5", "tts-1"), ("gpt-5", "gpt-5-mini")),
            project="Marketing",
        ),
        _step("groups.members", "remove", "Data", ("members", "bob@example.com", None)),
        _step(
            "projects",
            "remove",
            "Old",
            ("archived", False, True),
            project="Old",
            operation="projects.archive",
            is_final=True,
            notes=("Its keys stop working at once.",),
        ),
        _step(
            "identity_providers.rules",
            "remove",
            "prod",
            ("project", "Nova", None),
            part="Git%2FHub",
        ),
    ),
    impossible=(Impossible(section="roles", subject="Auditor", reason="It cannot be"),),
    exceeded=(Exceeded(kind="owners", reason="1 ownership would be taken away."),),
    untouched=(
        Untouched(
            section="people", subject="c@example.com", reason="`protect` names it", kind="protected"
        ),
        Untouched(section="groups", subject="New", reason="it may be there", kind="not_known"),
        *(
            Untouched(
                section="projects.members",
                subject=f"p{n}@example.com",
                project="Marketing",
                reason="it is not in the file",
                kind="not_in_file",
            )
            for n in range(6)
        ),
    ),
    not_known=(NotKnown(kind="models of projects", reason="no answer", project_id="proj_1"),),
)


def _text(plan: Plan, **options: Any) -> str:
    return text_of(arranged(plan, {"proj_1": "Search"}, **options), io.StringIO())


def test_a_plan_is_grouped_and_says_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert (
        _text(PLAN)
        == """\
People
  ~ ana@example.com  role reader → owner
      ! grants power: makes ana@example.com an owner of the organization.

Groups
  - Data  member bob@example.com

Project Marketing
  ~ spend limit  $2,500 → $1,250.50
  ~ models       + gpt-5-mini, - tts-1

Project Nova
  + project
  ~ rate limit gpt-5  max_requests_per_1_minute 30,000

Project Old
  - project  archived
      ! cannot be undone
      Its keys stop working at once.

Identity providers
  - Git/Hub: rule prod  project Nova

1 to create, 4 to change, 3 to remove; 1 grants power; 1 cannot be undone.

Cannot be done
  role Auditor: It cannot be.

Refused unless forced
  --force owners: 1 ownership would be taken away.

Not known, and left as it is
  models of projects (Search): no answer.
  group New: it may be there.

Protected, and left as it is
  person c@example.com

Not in the file, and left as it is, as `prune` does not name it
  projects.members (6): --full names each.
"""
    )
    whole = _text(PLAN, full=True)
    assert whole.count("(Marketing)\n") == 6
    assert _text(Plan()) == "Nothing is to be done.\n"


def test_it_fits_a_narrow_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("openai_admin.cli.org_text.screen_width", lambda stream: 50)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = arranged(
        Plan(
            steps=(
                *PLAN.steps,
                _step(
                    "people", "create", "ウ" * 40, ("projects", None, [f"P{n}" for n in range(40)])
                ),
            )
        )
    )
    assert "\x1b[32m+\x1b[0m" in text_of(shown, Screen())
    plain = text_of(shown, io.StringIO())
    assert "\x1b" not in plain
    lines = plain.splitlines()
    assert max(map(cell_len, lines)) <= 50
    assert sum(line.count("ウ") for line in lines) == 40
    assert all(f"P{n}" in plain for n in range(40))


def test_no_name_is_more_than_a_name() -> None:
    plan = Plan(
        steps=(
            _step(
                "projects.members",
                "change",
                HOSTILE,
                (HOSTILE, HOSTILE, HOSTILE + "2"),
                project=HOSTILE,
                power=HOSTILE,
                notes=(HOSTILE,),
            ),
        )
        * 13,
        impossible=(Impossible(section="roles", subject=HOSTILE, reason=HOSTILE),),
        exceeded=(Exceeded(kind=HOSTILE, reason=HOSTILE),),
        not_known=(NotKnown(kind=HOSTILE, reason=HOSTILE),),
    )
    written = _text(plan)
    assert not {"\x1b", "\u202e", "\r"} & {*written}
    page = MarkdownIt("gfm-like", {"linkify": False}).parse(to_markdown(plan))
    kinds = {token.type for token in page} | {
        inner.type for token in page for inner in token.children or ()
    }
    assert not {"link_open", "image", "em_open", "html_inline", "table_open"} & kinds
    raw = [token.content for token in page if token.type == "html_block"]
    assert raw
    assert all(
        part.startswith(("<details><summary><b>Project <code>@all `x` | &lt;b&gt;", "</details>"))
        for part in raw
    )
    words = [
        inner.content for token in page for inner in token.children or () if inner.type == "text"
    ]
    joined = "".join(words)
    assert "@all" not in joined
    assert "@\u2060all" in joined
    assert not any(taken in joined for taken in (":tada:", "#12"))


def test_a_comment_has_room_for_it_and_says_what_it_leaves_out() -> None:
    many = tuple(
        _step("people", "create", f"person{n}@example.com", ("role", None, "reader"))
        for n in range(3000)
    )
    text = to_markdown(Plan(steps=(*many, *PLAN.steps[:2]), impossible=PLAN.impossible))
    assert len(text) <= LONGEST + 200
    listed = text.count("person")
    assert "#### To be looked at first\n\n- People: `~` `ana@example.com`" in text
    assert text.index("Cannot be done") < text.index("To be looked at first")
    left = int(text.rpartition("**")[0].rpartition("**")[2].split()[0].replace(",", ""))
    assert listed + left == 3000 + 1  # Nova's group comes after all people
    assert text.count("<details>") == text.count("</details>")


def test_it_counts() -> None:
    assert summary_of(Plan()) == "Nothing is to be done."
    two = Plan(steps=tuple(_step("roles", "create", n, power="x") for n in "ab"))
    assert summary_of(two) == "2 to create; 2 grant power."
