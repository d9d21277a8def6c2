"""The keys of several accounts rotated, each into a place of its own."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import attrs

from ..._declare.arguments import one_of, shown
from ..._declare.resource import Async
from ..._transport.session import Caller
from ..._tree import AdminResources
from ...directory.find import with_ids
from ...errors import APIError, InvalidInputError, OpenAIAdminError
from ..sinks.forms import sink_of
from ..sinks.sink import check
from .accounts import Account, AdminKeys, ServiceAccount, project_keys
from .beginning import chosen
from .kept import last_of
from .keys import Key, Listed, base_name
from .model import Rotated, Wishes
from .recovered import recovered
from .run import Place, rotate
from .starting import check_wishes, checked, place_of
from .work import key_of

_PAGE = 100
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.@-]+|^\.+")
SERVICE_ACCOUNT = ("project", "project_id", "account", "account_id")
ADMIN_KEY = ("key", "key_id")


def check_template(template: str, names: Sequence[str]) -> None:
    """Refuse a template that several accounts cannot have.

    Args:
        template: a sink with placeholders.
        names: the placeholders that there are.

    Raises:
        InvalidInputError: it has none, or another one, or it is not a place.
    """
    used = _PLACEHOLDER.findall(template)
    known = [f"{{{name}}}" for name in names]
    for name in used:
        if name not in names:
            raise InvalidInputError(f"to: {{{name}}} is unknown; there are {one_of(known)}.")
    if not used:
        raise InvalidInputError(
            f"to: several keys cannot go to the same place: put {one_of(known)} into it."
        )
    sink_of(filled(template, dict.fromkeys(names, "x")))


def filled(template: str, values: dict[str, str]) -> str:
    """A template with its values; what a path or a command could take for more becomes ``-``."""
    return _PLACEHOLDER.sub(lambda found: _UNSAFE.sub("-", values[found[1]]), template)


def refuse_shared(sinks: Iterable[tuple[str, str]]) -> None:
    """Refuse two accounts that have the same place.

    Args:
        sinks: what each account is called, and its place.

    Raises:
        InvalidInputError: two have.
    """
    seen: dict[str, str] = {}
    for whose, sink in sinks:
        if sink in seen:
            raise InvalidInputError(
                f"to: {seen[sink]} and {whose} would have the same place, {shown(sink)}: put an id"
                " into it, as {account_id}."
            )
        seen[sink] = whose


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
        older_than: seconds; keys that are younger are left alone.
        wishes: how each is rotated; asked is before the first one, with all of them.
        agree: is asked before anything is changed, with what would be done.
    """

    template: str
    older_than: float | None
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
            failed.append(Rotated(project=name, account="all", error=why))
    return found, failed


async def _rotated(caller: Caller, found: Sequence[Candidate], every: All) -> list[Rotated]:
    """Rotate what is to be rotated, one after the other."""
    texts = [filled(every.template, each.values) for each in found]
    sinks = [checked(text, every.wishes) for text in texts]
    refuse_shared((each.name, written) for each, (_, written) in zip(found, sinks, strict=True))
    places = [
        place_of(caller, each.account, sink, written)
        for each, (sink, written) in zip(found, sinks, strict=True)
    ]
    planned = [
        await _one(each, place, every, plan=True) for each, place in zip(found, places, strict=True)
    ]
    if every.wishes.plan:
        return planned
    if every.agree is not None and any(each.rotation is not None for each in planned):
        await every.agree(planned)
    return [
        await _one(each, place, every, plan=False) if before.rotation is not None else before
        for each, place, before in zip(found, places, planned, strict=True)
    ]


async def _one(each: Candidate, place: Place, every: All, *, plan: bool) -> Rotated:
    """Rotate one, or plan it; what goes wrong is told."""
    told = Rotated(project=each.project, account=each.name, sink=place.sink_name)
    wishes = attrs.evolve(every.wishes, plan=plan, key=each.named, agree=None)
    try:
        last = last_of(place.journal(wishes))
        held = await check(place.sink)
        is_open = last is not None and last.is_open
        if not is_open and recovered(each.listed, place.account, wishes, held) is None:
            old = chosen(each.listed, place.account, wishes, held)
            told, goes_on = _judged(told, old, place, every.older_than)
            if not goes_on:
                return told
        return attrs.evolve(told, rotation=await rotate(place, wishes))
    except (OpenAIAdminError, OSError) as error:
        return attrs.evolve(told, error=str(error))


def _judged(
    told: Rotated, old: Key | None, place: Place, older_than: float | None
) -> tuple[Rotated, bool]:
    """How old a key is, and whether it is to be replaced."""
    if old is None:
        return attrs.evolve(told, skipped="It has no key."), False
    if old.created_at is None:
        if older_than is None:
            return told, True
        why = f"How old {old.id} is is not known, so it was not replaced."
        return attrs.evolve(told, error=why), False
    now = place.caller.server_now() or datetime.now(UTC)
    age = now - old.created_at
    told = attrs.evolve(told, age_days=age.days)
    if older_than is not None and age < timedelta(seconds=older_than):
        return attrs.evolve(told, skipped="Its key is not that old."), False
    return told, True
