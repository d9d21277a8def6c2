"""Any file beside any organization: what never happens, whatever both have."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_admin._declare.effect import Effect
from openai_admin._declare.operation import OPERATIONS
from openai_admin.organization.document.model import (
    Certificate,
    Document,
    ExternalKey,
    ExternalStorage,
    FederationRule,
    IdentityProvider,
    Models,
    Project,
    RateLimit,
    ServiceAccount,
    Settings,
    SpendAlert,
)
from tests.pem import CERTIFICATE

from .frame import planned

_LABELS = st.sampled_from(["a", "b", "c"])
_EMAILS = st.sampled_from([("a@example.com",), ("b@example.com", "a@example.com")])
_MONEY = st.one_of(st.just("none"), st.sampled_from([Decimal(5), Decimal("7.50")]))
_TAKEN_AWAY = ("settings.spend_limit", "projects.spend_limit", "projects.models")
"""What a file takes away by itself, with `none`."""
_DETAILS = {"external_id": "org-1", "kms_arn": "arn:1", "role_arn": "arn:2"}


def _ids(kind: str, *, is_there: bool) -> st.SearchStrategy[str | None]:
    """Ids that there are; in a file a few of them, or none."""
    ids = st.sampled_from([f"{kind}_{number}" for number in range(3)])
    return ids if is_there else st.one_of(st.none(), st.none(), ids)


def _things(kind: str, thing: st.SearchStrategy[Any], *, is_there: bool) -> st.SearchStrategy[Any]:
    """Things by label, each id at most once."""
    pairs = st.lists(
        st.tuples(_LABELS, _ids(kind, is_there=is_there), thing),
        max_size=3,
        unique_by=(lambda each: each[0], lambda each: each[1] or each[0]),
    )
    return pairs.map(lambda found: {label: attrs.evolve(t, id=id) for label, id, t in found})


def _listed(kind: str, thing: st.SearchStrategy[Any], *, is_there: bool) -> st.SearchStrategy[Any]:
    """Things without labels, likewise."""
    return _things(kind, thing, is_there=is_there).map(lambda found: tuple(found.values()))


def _projects(*, is_there: bool) -> st.SearchStrategy[Project]:
    return st.builds(
        Project,
        service_accounts=_things(
            "svc",
            st.builds(ServiceAccount, role=st.sampled_from([None, "member", "owner"])),
            is_there=is_there,
        ),
        rate_limits=st.dictionaries(
            st.sampled_from(["gpt-5", "whisper-1"]),
            st.builds(RateLimit, max_requests_per_1_minute=st.integers(1, 2)),
        ).map(lambda found: {m: attrs.evolve(limit, id=f"rl-{m}") for m, limit in found.items()}),
        spend_limit=_MONEY,
        spend_alerts=_listed(
            "alert",
            st.builds(SpendAlert, amount=st.sampled_from([Decimal(1), Decimal(2)]), emails=_EMAILS),
            is_there=is_there,
        ),
        models=st.one_of(
            st.just("none"),
            st.builds(
                Models,
                mode=st.sampled_from(["allow_list", "deny_list"]),
                models=st.sampled_from([(), ("gpt-5",), ("gpt-5", "o3"), ("o3", "gpt-5")]),
            ),
        ),
        hosted_tools=st.dictionaries(st.sampled_from(["mcp", "web_search"]), st.booleans()),
        data_retention=st.sampled_from(["organization_default", "none", "zero_data_retention"]),
        certificates=st.lists(_LABELS, unique=True).map(tuple),
        external_key=st.sampled_from(["none", "a"]) if not is_there else st.sampled_from([None]),
        external_storage=_listed(
            "store",
            st.builds(
                ExternalStorage,
                provider=st.sampled_from(["x", "y"]).map(
                    lambda bucket: {"type": "aws", "bucket": bucket, "role_arn": "arn:1"}
                ),
            ),
            is_there=is_there,
        ),
    )


def _documents(*, is_there: bool) -> st.SearchStrategy[Document]:
    rules = _things(
        "rule",
        st.builds(
            FederationRule,
            project=_LABELS,
            service_account=_LABELS,
            attributes=st.just({"a": "b"}),
            enabled=st.booleans(),
        ),
        is_there=is_there,
    )
    return st.builds(
        Document,
        prune=st.sampled_from([(), ("all",), ("certificates", "identity_providers.rules")]),
        projects=_things("proj", _projects(is_there=is_there), is_there=is_there),
        settings=st.builds(Settings, spend_limit=_MONEY, spend_alerts=st.just(())),
        certificates=_things(
            "cert",
            st.builds(Certificate, content=st.just(CERTIFICATE), active=st.booleans()),
            is_there=is_there,
        ),
        identity_providers=_things(
            "wip",
            st.builds(
                IdentityProvider,
                issuer=st.just("https://example.com"),
                audience=st.sampled_from(["a", "b"]),
                rules=rules,
            ),
            is_there=is_there,
        ),
        external_keys=_things(
            "key",
            st.just(ExternalKey(type="aws", details=_DETAILS)),
            is_there=is_there,
        ),
    )


_ANY = settings(max_examples=25)


@_ANY
@given(wanted=_documents(is_there=False), there=_documents(is_there=True))
def test_steps_can_be_sent_come_after_what_they_need_and_remove_only_what_is_pruned(
    wanted: Document, there: Document
) -> None:
    plan = planned(wanted, there)
    done: set[str] = set()
    for step in plan.steps:
        assert done.issuperset(step.needs)
        done.add(step.id)
        is_removal = OPERATIONS[step.operation].effect is Effect.REMOVES
        if is_removal and step.section not in _TAKEN_AWAY and not wanted.prune:
            assert any(step.id in other.needs for other in plan.steps)  # it is made anew
    assert len(done) == len(plan.steps)


@_ANY
@given(there=_documents(is_there=True))
def test_what_is_there_is_what_it_is(there: Document) -> None:
    assert planned(attrs.evolve(there, prune=("all",)), there).steps == ()
