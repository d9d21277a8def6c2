"""Spend alerts, of the organization and of projects; they have no names to be found by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from ..._declare.arguments import shown, suggest
from ..document.model import NONE, SpendAlert
from ..folding import folded
from .comparing import MAY_BE_THERE, NOT_IN_FILE, changed
from .context import InProject, Planning
from .model import FieldChange
from .money import plain, threshold
from .scope import ORGANIZATION, Scope, of_project


@attrs.frozen(kw_only=True)
class PairedAlerts:
    """The alerts of the file beside those that there are.

    Attributes:
        kept: those of the file, each with the one that it is, in the file's order.
        made: those of the file that there are not.
        left: those that there are and that are not in the file.
        refused: those of the file that are pinned to an id that no alert has, or another has taken.
    """

    kept: tuple[tuple[SpendAlert, SpendAlert], ...]
    made: tuple[SpendAlert, ...]
    left: tuple[SpendAlert, ...]
    refused: tuple[SpendAlert, ...]


def paired(
    wanted: Sequence[SpendAlert], there: Sequence[SpendAlert], *, is_whole: bool
) -> PairedAlerts:
    """Find which alert of the file is which.

    By their ids, then those that are equal, then those of the same amount.

    Args:
        wanted: those of the file.
        there: those that there are.
        is_whole: whether there are to be no others than those of the file; what remains of both is
            paired then, in the order of amounts, since an alert that is changed is never missing.
    """
    pairs: dict[int, SpendAlert] = {}
    left = list(there)
    refused = []
    for index, alert in enumerate(wanted):
        if alert.id is not None:
            found = next((each for each in left if each.id == alert.id), None)
            if found is None:
                refused.append(index)
            else:
                pairs[index] = found
                left.remove(found)
    tests: list[Callable[[SpendAlert, SpendAlert], bool]] = [
        lambda new, old: not changes_of(new, old),
        lambda new, old: new.amount == old.amount,
    ]
    if is_whole:
        tests.append(lambda new, old: True)
    for test in tests:
        left.sort(key=lambda each: each.amount)
        for index, alert in sorted(enumerate(wanted), key=lambda each: each[1].amount):
            if index in pairs or index in refused:
                continue
            found = next((each for each in left if test(alert, each)), None)
            if found is not None:
                pairs[index] = found
                left.remove(found)
    return PairedAlerts(
        kept=tuple((alert, pairs[n]) for n, alert in enumerate(wanted) if n in pairs),
        made=tuple(a for n, a in enumerate(wanted) if n not in pairs and n not in refused),
        left=tuple(left),
        refused=tuple(wanted[index] for index in refused),
    )


def changes_of(wanted: SpendAlert, there: SpendAlert | None) -> list[FieldChange]:
    """What differs of an alert, of what the file manages: without addresses, those stay."""
    changes = []
    old = there.amount if there is not None else None
    if wanted.amount != old:
        changes.append(FieldChange(field="amount", old=old, new=wanted.amount))
    told = there.emails if there is not None else None
    if wanted.emails and _addresses(wanted.emails) != _addresses(told or ()):
        changes.append(FieldChange(field="emails", old=told, new=wanted.emails))
    return changes + changed(there, wanted, ("subject_prefix",))


def plan_spend_alerts(planning: Planning) -> None:
    """Plan the organization's spend alerts."""
    wanted = planning.wanted.settings.spend_alerts if planning.wanted.settings else None
    there = planning.there.settings.spend_alerts if planning.there.settings else None
    _plan(planning, ORGANIZATION, wanted, there)


def plan_project_spend_alerts(planning: Planning, place: InProject) -> None:
    """Plan the spend alerts of a project."""
    _plan(planning, of_project(place), place.wanted.spend_alerts, place.there.spend_alerts)


def _plan(
    planning: Planning,
    scope: Scope,
    wanted: tuple[SpendAlert, ...] | None,
    there: tuple[SpendAlert, ...] | None,
) -> None:
    section = scope.section("spend_alerts")
    if wanted is None or not planning.is_planned(section):
        return
    if not planning.is_known(section, there, scope.project) or there is None:
        return
    alerts = paired(wanted, there, is_whole=planning.is_pruned(section))
    for alert in alerts.refused:
        reason = f"No spend alert has the id {shown(alert.id)}" + suggest(
            alert.id, [each.id for each in there]
        )
        planning.impossible(section, plain(alert.amount), reason, project=scope.project)
    for alert, old in alerts.kept:
        if changes_of(alert, old):
            _change(planning, scope, alert, old)
    same: Counter[str] = Counter()
    is_whole = planning.is_whole(section, scope.arguments.get("project_id"))
    for alert in alerts.made:
        if not is_whole:
            planning.untouched(
                section, plain(alert.amount), "not_known", MAY_BE_THERE, project=scope.project
            )
            continue
        same[plain(alert.amount)] += 1
        _create(planning, scope, alert, same[plain(alert.amount)])
    for alert in alerts.left:
        if planning.is_pruned(section):
            _remove(planning, scope, alert)
        else:
            reason = NOT_IN_FILE.format(section)
            planning.untouched(
                section, plain(alert.amount), "not_in_file", reason, project=scope.project
            )


def _create(planning: Planning, scope: Scope, alert: SpendAlert, number: int) -> None:
    section = scope.section("spend_alerts")
    if not alert.emails:
        reason = "A new spend alert needs at least one address under `emails`."
        planning.impossible(section, plain(alert.amount), reason, project=scope.project)
        return
    planning.add(
        section,
        "create",
        plain(alert.amount),
        scope.operation("spend_alerts.create"),
        {**scope.arguments, **_settings(alert, None)},
        project=scope.project,
        part=str(number) if number > 1 else None,
        changes=changes_of(alert, None),
    )


def _change(planning: Planning, scope: Scope, alert: SpendAlert, old: SpendAlert) -> None:
    planning.add(
        scope.section("spend_alerts"),
        "change",
        plain(alert.amount),
        scope.operation("spend_alerts.update"),
        {**scope.arguments, "alert_id": old.id, **_settings(alert, old)},
        project=scope.project,
        part=old.id,
        changes=changes_of(alert, old),
    )


def _remove(planning: Planning, scope: Scope, alert: SpendAlert) -> None:
    planning.add(
        scope.section("spend_alerts"),
        "remove",
        plain(alert.amount),
        scope.operation("spend_alerts.delete"),
        {**scope.arguments, "alert_id": alert.id},
        project=scope.project,
        part=alert.id,
        changes=[
            FieldChange(field="amount", old=alert.amount),
            FieldChange(field="emails", old=alert.emails),
        ],
        gone=alert.id,
    )


def _settings(alert: SpendAlert, old: SpendAlert | None) -> dict[str, Any]:
    """All settings of an alert, since a change replaces them all: what is not managed stays."""
    emails = alert.emails or (old.emails if old is not None else ())
    channel: dict[str, Any] = {"type": "email", "recipients": [*emails]}
    prefix = alert.subject_prefix
    if prefix is None and old is not None:
        prefix = old.subject_prefix
    if prefix == NONE:
        channel["subject_prefix"] = None
    elif prefix is not None:
        channel["subject_prefix"] = prefix
    return {**threshold(alert.amount), "notification_channel": channel}


def _addresses(emails: Sequence[str]) -> frozenset[str]:
    return frozenset(folded(each) for each in emails)
