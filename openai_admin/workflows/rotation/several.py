"""The keys of several accounts rotated, each into a place of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import attrs

from ..._declare.resource import Async
from ..._transport.session import Caller
from ..._tree import AdminResources
from ...directory.find import with_ids
from ...errors import APIError, InvalidInputError, OpenAIAdminError
from ..sinks.command import CommandSink
from ..sinks.sink import check
from .accounts import Account, AdminKeys, ServiceAccount, project_keys
from .beginning import chosen
from .doubts import absent
from .kept import past_of, was_made
from .keys import Key, Listed, base_name
from .model import Rotated, Wishes
from .recovered import recovered
from .repeated import age_of, finished, too_young
from .run import Place, ended, rotate
from .starting import check_admin_wishes, check_wishes, checked, place_of
from .templates import ADMIN_KEY, SERVICE_ACCOUNT, check_template, filled, refuse_shared
from .work import key_of

_PAGE = 100


@attrs.frozen(kw_only=True)
class Candidate:
    """An account, or an admin key, that may have its key replaced.

    Attributes:
        account: what has the key.
        values: what its place may be made of.
        listed: the keys.
        named: the key to replace, of an admin key.
        project: the project's name.
    """

    account: Account
    values: dict[str, str]
    listed: Listed
    named: str | None = None
    project: str | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.values.get("account") or self.values["key"]


@attrs.frozen(kw_only=True)
class All:
    """Which keys are to be replaced, and how.

    Attributes:
        template: the place of a new key, with placeholders.
        wishes: how each is rotated; asked is before the first one, with all of them.
        agree: is asked before anything is changed, with what would be done.
    """

    template: str
    wishes: Wishes
    agree: Callable[[Sequence[Rotated]], Awaitable[None]] | None = None


async def service_accounts(caller: Caller, project: str | None, every: All) -> list[Rotated]:
    """Rotate the keys of all service accounts, of a project or of all active ones.

    One that fails does not keep the others from being rotated.

    Raises:
        InvalidInputError: the template cannot be used, or two have the same place.
        APIError: the projects cannot be listed.
    """
    check_template(every.template, SERVICE_ACCOUNT)
    check_wishes(every.wishes)
    found, failed = await _accounts(caller, project)
    return [*failed, *await _rotated(caller, found, every)]


async def admin_keys(caller: Caller, every: All) -> list[Rotated]:
    """Rotate all admin keys, the one that the calls are made with last.

    Raises:
        InvalidInputError: the template cannot be used, or two have the same place.
        APIError: the keys cannot be listed.
    """
    check_template(every.template, ADMIN_KEY)
    check_wishes(every.wishes)
    check_admin_wishes(every.wishes)
    account = AdminKeys(caller)
    listed = await account.listed()
    own = await key_of(caller)
    keys = [key for key in listed.own if not listed.replaced_by(key)]
    found = [
        Candidate(
            account=account,
            values={"key": base_name(key.name or key.id), "key_id": key.id},
            listed=listed,
            named=key.id,
        )
        for key in sorted(keys, key=lambda key: key.may_be(own))
    ]
    return await _rotated(caller, found, every)


async def _accounts(caller: Caller, project: str | None) -> tuple[list[Candidate], list[Rotated]]:
    """The service accounts, and the projects whose accounts cannot be read."""
    client = AdminResources[Async](caller)
    if project is None:
        projects = [each async for each in client.projects.list(limit=_PAGE)]
    else:
        ids, _, _ = await with_ids(
            client, "projects.retrieve", {"project_id": project}, lambda _: "project"
        )
        projects = [await client.projects.retrieve(ids["project_id"])]
    found: list[Candidate] = []
    failed: list[Rotated] = []
    for each in projects:
        name = each.name or each.id
        try:
            keys = await project_keys(caller, each.id)
            async for one in client.projects.service_accounts.list(each.id, limit=_PAGE):
                called = one.name or one.id
                account = ServiceAccount(caller, project=each.id, account=one.id, name=called)
                values = {
                    "project": name,
                    "project_id": each.id,
                    "account": called,
                    "account_id": one.id,
                }
                listed = account.among(*keys)
                found.append(Candidate(account=account, values=values, listed=listed, project=name))
        except APIError as error:
            why = f"Its service accounts could not be read: {error}"
            failed.append(Rotated(project=name, error=why))
    return found, failed


async def _rotated(caller: Caller, found: Sequence[Candidate], every: All) -> list[Rotated]:
    """Rotate what is to be rotated, one after the other."""
    failed: list[Rotated] = []
    jobs: list[tuple[Candidate, Place]] = []
    for each in found:
        try:
            sink, written = checked(filled(every.template, each.values), every.wishes)
        except InvalidInputError as error:
            failed.append(Rotated(project=each.project, account=each.name, error=str(error)))
        else:
            jobs.append((each, place_of(caller, each.account, sink, written)))
    refuse_shared((each.name, place.written) for each, place in jobs)
    planned = [await _one(each, place, every, plan=True) for each, place in jobs]
    if every.wishes.plan:
        return [*failed, *planned]
    if every.agree is not None and any(each.rotation is not None for each in planned):
        await every.agree([*failed, *planned])
    return [
        *failed,
        *[
            await _one(each, place, every, plan=False) if before.rotation is not None else before
            for (each, place), before in zip(jobs, planned, strict=True)
        ],
    ]


async def _one(each: Candidate, place: Place, every: All, *, plan: bool) -> Rotated:
    """Rotate one, or plan it; what goes wrong is told."""
    told = Rotated(project=each.project, account=each.name, sink=place.sink_name)
    wishes = attrs.evolve(every.wishes, plan=plan, key=each.named, agree=None)
    notes: tuple[str, ...] = ()
    try:
        path = place.journal(wishes)
        past = past_of(path)
        last = past[-1] if past else None
        is_finished = last is not None and last.ended == "finished"
        if last is not None and is_finished and last.terms.old == each.named is not None:
            return attrs.evolve(told, skipped=ended(place, last, path).notes[0])  # still listed
        held = await check(place.sink)
        is_open = last is not None and last.is_open
        listed = each.listed
        if not is_open:
            listed = await place.listed(past, held, wishes, listed)
        if not is_open and recovered(listed, place.account, wishes, held) is None:
            if (over := finished(place, wishes, listed, held)) is not None:
                return attrs.evolve(told, skipped=over.notes[0])
            is_ours = was_made(path, held)
            old = chosen(listed, place.account, wishes, held, is_ours=is_ours)
            told, goes_on = _judged(told, old, place, wishes)
            if not goes_on:
                notes = tuple(absent(last, listed)) if last is not None else ()
                return attrs.evolve(told, skipped=" ".join((told.skipped or "", *notes)))
            notes = _new_place(old, place, wishes, held)
        rotation = await rotate(place, wishes)
        return attrs.evolve(told, rotation=attrs.evolve(rotation, notes=(*notes, *rotation.notes)))
    except (OpenAIAdminError, OSError) as error:
        return attrs.evolve(told, error=str(error))


def _new_place(old: Key | None, place: Place, wishes: Wishes, held: str | None) -> tuple[str, ...]:
    """What to know of a place that has no key yet: programs read the old one from elsewhere.

    Raises:
        InvalidInputError: the old key would be deleted at once.
    """
    if old is None or held is not None or isinstance(place.sink, CommandSink):
        return ()
    if not wishes.least_overlap:
        raise InvalidInputError(
            f"{place.sink_name} holds no key yet, so whatever uses {old} reads it from elsewhere,"
            " and it would be deleted at once: pass an --overlap, or rotate this one by itself."
        )
    note = (
        f"{place.sink_name} holds no key yet: make sure that whatever uses {old} reads the new one"
        " from there before the old one is deleted."
    )
    return (note,)


def _judged(told: Rotated, old: Key | None, place: Place, wishes: Wishes) -> tuple[Rotated, bool]:
    """How old a key is, and whether it is to be replaced.

    Raises:
        InvalidInputError: that cannot be told.
    """
    if old is None:
        return attrs.evolve(told, skipped="It has no key."), False
    age = age_of(old, place)
    if age is not None:
        told = attrs.evolve(told, age_days=age.days)
    if (why := too_young(old, place, wishes)) is not None:
        return attrs.evolve(told, skipped=why), False
    return told, True
