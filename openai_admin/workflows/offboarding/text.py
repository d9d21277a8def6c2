"""A plan and a result in plain words, for a terminal and for evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ..._text.visible import visible
from ...insights.text import count, day
from .model import ActingKey, Holding, Kind, OffboardingPlan, OffboardingResult, Person, Step

_MOST = 12
"""How many things of a kind are named on a terminal, where there are a few more."""

_DOING: dict[Kind, tuple[str, str, str]] = {
    "admin_key": ("Delete {}, which stops working at once", "admin key", "admin keys"),
    "project_key": ("Delete {}, which stops working at once", "project key", "project keys"),
    "invite": ("Withdraw {}, by which they could come back", "open invite", "open invites"),
    "owner_role": ("Make them a reader, so that they are not an owner meanwhile", "", ""),
    "ownership": ("Make {to} an owner of {}, which would have none", "project", "projects"),
    "project_role": ("Take away {}", "role in a project", "roles in projects"),
    "project_membership": ("Remove them from {}", "project", "projects"),
    "group": ("Remove them from {}", "group", "groups"),
    "organization_role": ("Take away {}", "role of the organization", "roles of the organization"),
    "membership": ("Remove them from the organization", "", ""),
}

WORDS: dict[Kind, str] = {
    "admin_key": "admin key",
    "project_key": "project key",
    "invite": "invite",
    "owner_role": "owner of the organization",
    "ownership": "new owner of project",
    "project_role": "project role",
    "project_membership": "project",
    "group": "group",
    "organization_role": "role of the organization",
    "membership": "membership of the organization",
}
"""What a thing is called."""


_VERBS: dict[Kind, str] = {
    "admin_key": "delete",
    "project_key": "delete",
    "invite": "withdraw",
    "project_role": "take away",
    "project_membership": "remove from",
    "group": "remove from",
    "organization_role": "take away",
    "membership": "end",
}


def described(held: Holding, *, kind: bool = True) -> str:
    """A thing in words: ``project key "laptop" (sk-…abcd) in Data, last used 2026-11-20``."""
    words = [WORDS[held.kind]] if kind else []
    if held.kind in ("project_membership", "ownership"):
        words.append(held.project_name or held.project_id or held.id)
    elif held.kind not in ("membership", "owner_role"):
        words.append(f'"{held.name}"' if held.name else held.id)
    if held.redacted_value:
        words.append(f"({held.redacted_value})")
    if held.project_id and held.kind in ("project_key", "project_role"):
        words.append(f"in {held.project_name or held.project_id}")
    text = " ".join(words)
    if held.kind in ("project_key", "admin_key"):
        used = held.last_used_at
        text += f", last used {day(used)}" if used else ", no use known"
    if held.role and held.kind != "owner_role":
        text += f", as {held.role}"
    return visible(text.removeprefix(", "))


def acted(held: Holding, transfer_to: Person | None = None) -> str:
    """What is done with a thing: ``delete project key "laptop" in Data``."""
    if held.kind == "owner_role":
        return "make them a reader of the organization"
    if held.kind == "ownership":
        where = held.project_name or held.project_id
        return visible(f"make {transfer_to or 'somebody else'} an owner of {where}")
    return f"{_VERBS[held.kind]} {described(held)}"


def heading(plan: OffboardingPlan) -> str:
    """Who is offboarded from what: ``Ada <ada@example.com> (user-1), reader of org-1``."""
    person = plan.person
    id = f" ({person.id})" if person.id and person.id != str(person) else ""
    where = plan.organization or "the organization"
    role = f"{person.role or 'member'} of" if person.is_member else "not a member of"
    if person.is_member is None:
        role = "of whom it is not known whether they are a member of"
    return visible(f"{person}{id}, {role} {where}")


def _finished(plan: OffboardingPlan) -> str:
    """When an earlier run came to its end: ``on 2026-11-27 14:05 UTC, in 14 steps``."""
    steps = count(len(plan.earlier), "step")
    return f"on {plan.finished_at:%Y-%m-%d %H:%M} UTC, in {steps}"


def _with_key(acting: ActingKey) -> str:
    name = f' "{acting.name}"' if acting.name else ""
    owner = acting.owner or "somebody whom the API does not name"
    return visible(f"with the admin key{name} ({acting.shown}) of {owner}")


def plan_lines(plan: OffboardingPlan, *, whole: bool = False) -> Iterator[str]:
    """A plan, as whoever agrees to it reads it.

    Args:
        plan: the plan.
        whole: whether everything is named, however much there is.
    """
    yield f"Offboarding {heading(plan)}"
    yield _with_key(plan.acting)
    yield ""
    if plan.finished_at is not None:
        yield f"Already offboarded {_finished(plan)}."
        yield ""
    elif plan.earlier:
        yield f"Earlier runs have done {count(len(plan.earlier), 'step')}; this goes on."
        yield ""
    if plan.steps:
        yield f"What will be done, in this order ({count(len(plan.steps), 'step')}):"
        grouped = groupby(plan.steps, lambda step: (step.holding.kind, _is_own(plan, step)))
        for number, ((kind, is_own), steps) in enumerate(grouped, start=1):
            yield from _group(number, kind, [*steps], plan.transfer_to, is_own, whole=whole)
    elif plan.is_empty:
        yield "There is nothing to do: nothing is held that could be taken away."
    else:
        yield (
            "Nothing was found that could be taken away. Not everything could be looked at, so"
            " they may hold more than that."
        )
    yield from _section(
        "What stays, and why:",
        (f"{described(held)}: {held.stays}" for held in plan.stays),
    )
    yield from _section(
        "What will be held back, and why:",
        (
            f"{acted(step.holding, plan.transfer_to)}: {step.obstacle}"
            for step in plan.steps
            if step.obstacle
        ),
    )
    yield from _section("What you should know:", plan.notes)
    yield from _section("What is not known:", plan.not_known)
    yield from _section("What must be decided before anything is done:", plan.undecided)
    if plan.undecided:
        yield ""
        yield "As it is, this plan cannot be carried out."


def _group(
    number: int,
    kind: Kind,
    steps: Sequence[Step],
    transfer_to: Person | None,
    is_own: bool,
    *,
    whole: bool,
) -> Iterator[str]:
    doing, one, many = _DOING[kind]
    if len(steps) > 1:
        doing = doing.replace("which stops", "which stop").replace("which could", "which could")
    what = count(len(steps), one, many) if one else ""
    line = doing.format(what, to=visible(str(transfer_to)))
    if is_own:
        line = f"Delete {what}, last of all: it is the one in use, or may be"
    yield f"{number:>3}. {line}"
    if one:
        shown = steps if whole or len(steps) <= _MOST + 1 else steps[:_MOST]
        yield from (f"     - {described(step.holding, kind=False)}" for step in shown)
        if len(steps) > len(shown):
            yield f"     - and {len(steps) - len(shown):,} more"


def _is_own(plan: OffboardingPlan, step: Step) -> bool:
    return step.holding.kind == "admin_key" and plan.acting.may_be(step.holding.id)


def _section(title: str, texts: Iterable[str]) -> Iterator[str]:
    found = list(texts)
    if found:
        yield ""
        yield title
        yield from (f"  - {text}" for text in found)


def result_lines(result: OffboardingResult) -> Iterator[str]:
    """What an offboarding did, and what is left."""
    over = [step for step in result.steps if step.is_over]
    gone = sum(step.outcome == "already gone" for step in over)
    before = f", {gone:,} of them gone already" if gone else ""
    if result.plan.finished_at is not None and result.is_complete:
        who = visible(str(result.person))
        yield f"{who}: already offboarded {_finished(result.plan)}; nothing is left to do."
    elif result.steps:
        yield (
            f"{visible(str(result.person))}: {len(over):,} of"
            f" {count(len(result.steps), 'step')} done{before}."
        )
    elif not result.not_known:
        yield f"{visible(str(result.person))}: there was nothing to do."
    else:
        yield (
            f"{visible(str(result.person))}: nothing was found that could be taken away, and not"
            " everything could be looked at."
        )
    to = result.plan.transfer_to
    yield from _section("What was not done:", (told(step, to) for step in result.left))
    yield from _section(
        "What is still there (run the command again):", map(described, result.still_there)
    )
    yield from _section(
        "What stays, and why:",
        (f"{described(held)}: {held.stays}" for held in result.stays),
    )
    yield from _section("What is not known:", result.not_known)


def told(step: Step, transfer_to: Person | None) -> str:
    """A step with its outcome: ``delete project key "a" in Data: refused (…)``."""
    reason = f" ({visible(step.reason)})" if step.reason else ""
    return f"{acted(step.holding, transfer_to)}: {step.outcome}{reason}"
