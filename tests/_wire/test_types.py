"""Type hints are read into one description, whatever an operation or a model declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, MaxLen, MinLen, MultipleOf

from openai_admin._declare.arguments import Ruled, Wire
from openai_admin._declare.operation import OPERATIONS
from openai_admin._wire.fields import wire_fields
from openai_admin._wire.models import Page
from openai_admin._wire.types import (
    Anything,
    Array,
    Bounds,
    Choice,
    Model,
    Null,
    Nullable,
    Object,
    OneOf,
    OpenChoice,
    Record,
    Scalar,
    Time,
    Tuple,
    Type,
    Unknown,
    Variable,
    alternatives,
    field_types,
    known_values,
    read,
    takes_list,
    takes_text,
)
from openai_admin.resources.audit_logs import AuditLog
from openai_admin.resources.audit_logs.event_types import EVENT_TYPES
from openai_admin.resources.audit_logs.filters import EffectiveAtParam, effective_at_bounds
from openai_admin.resources.invites import Invite, InviteProject, InviteProjectParam
from openai_admin.resources.projects.service_tier_settings import ProjectServiceTierSettings
from openai_admin.resources.usage.results import Cost, CostAmount, R, UsageBucket
from tests.contract import MODELS


def parts(described: Type) -> Iterator[Type]:
    """A description and all that it is made of, fields of typed dictionaries included."""
    yield described
    match described:
        case Nullable(inner) | Array(inner) | Object(inner):
            yield from parts(inner)
        case OneOf(several) | Tuple(several) | Model(arguments=several):
            for each in several:
                yield from parts(each)
        case Record(cls):
            for each in field_types(cls).values():
                yield from parts(each)


@pytest.mark.parametrize(
    ("operation", "argument", "described"),
    [
        ("admin_api_keys.list", "limit", Nullable(Scalar(int, Bounds(1, 100)))),
        ("roles.list", "limit", Nullable(Scalar(int, Bounds(0, 1000)))),
        ("spend_alerts.list", "limit", Nullable(Scalar(int, Bounds(0, 100)))),
        ("usage.completions", "limit", Nullable(Scalar(int))),
        ("projects.rate_limits.update", "max_requests_per_1_minute", Scalar(int, Bounds(0))),
        ("projects.retrieve", "project_id", Scalar(str)),
        ("admin_api_keys.create", "name", Scalar(str, Bounds(1))),
        ("groups.create", "name", Scalar(str, Bounds(1, 255))),
        ("workload_identity_providers.create", "enabled", Scalar(bool)),
        ("certificates.activate", "certificate_ids", Array(Scalar(str), Bounds(1, 10))),
        ("roles.update", "permissions", Nullable(Array(Scalar(str, Bounds(1))))),
        ("admin_api_keys.list", "order", Nullable(Choice(("asc", "desc")))),
        ("projects.users.create", "role", OpenChoice(("owner", "member", "viewer"))),
        ("projects.users.update", "role", Nullable(OpenChoice(("owner", "member", "viewer")))),
        (
            "projects.service_tier_settings.update",
            "enabled_tiers",
            OneOf((Choice(("all",)), Array(Choice(("flex", "fast", "ultrafast"))))),
        ),
        (
            "audit_logs.list",
            "event_types",
            Nullable(Array(Choice(EVENT_TYPES), Bounds(least=1)), marks=(Wire("event_types[]"),)),
        ),
        (
            "audit_logs.list",
            "effective_at",
            Nullable(
                OneOf((Record(EffectiveAtParam), Tuple((Nullable(Time()), Nullable(Time()))))),
                marks=(Ruled(effective_at_bounds),),
            ),
        ),
        ("usage.completions", "start_time", Time()),
        ("usage.completions", "end_time", Nullable(Time())),
        ("invites.create", "projects", Array(Record(InviteProjectParam))),
    ],
)
def test_an_argument(operation: str, argument: str, described: Type) -> None:
    assert OPERATIONS[operation].parameters[argument].type == described


@pytest.mark.parametrize(
    ("model", "field", "described"),
    [
        (Invite, "projects", Nullable(Array(Model(InviteProject)))),
        (Cost, "amount", Nullable(Model(CostAmount))),
        (CostAmount, "value", Nullable(Scalar(Decimal))),
        (UsageBucket, "results", Array(Variable(R))),
        (UsageBucket, "start_time", Scalar(datetime, marks=(msgspec.Meta(tz=True),))),
        (
            ProjectServiceTierSettings,
            "enabled_tiers",
            Nullable(
                OneOf((OpenChoice(("all",)), Array(OpenChoice(("flex", "fast", "ultrafast")))))
            ),
        ),
    ],
)
def test_a_field(model: type, field: str, described: Type) -> None:
    assert field_types(model)[field] == described


def test_an_answer() -> None:
    bucket = Model(UsageBucket, (Model(Cost),))
    assert read(OPERATIONS["usage.costs"].answer) == Model(Page, (bucket,))
    assert read(OPERATIONS["usage.costs"].result) == bucket
    assert read(OPERATIONS["audit_logs.list"].result) == Model(AuditLog)


@pytest.mark.parametrize(
    ("hint", "described"),
    [
        (Any, Anything()),
        (object, Anything()),
        (None.__class__, Null()),
        (dict, Object(Anything())),
        (Mapping[str, Any], Object(Anything())),
        (dict[str, int], Object(Scalar(int))),
        (list, Array(Anything())),
        (tuple[int, ...], Array(Scalar(int))),
        (tuple[int, str], Tuple((Scalar(int), Scalar(str)))),
        (Literal[1, "a"], Choice((1, "a"))),
        (str | None, Nullable(Scalar(str))),
        (str | int, OneOf((Scalar(str), Scalar(int)))),
        (str | Sequence[str], OneOf((Scalar(str), Array(Scalar(str))))),
        (Literal["a"] | int | str, OneOf((OpenChoice(("a",)), Scalar(int)))),
        (Callable[[int], str], Unknown(Callable[[int], str])),
        (frozenset[str], Unknown(frozenset[str])),
    ],
)
def test_a_hint(hint: Any, described: Type) -> None:
    assert read(hint) == described


@pytest.mark.parametrize(
    ("hint", "described"),
    [
        (Annotated[int, Ge(1), Le(5)], Scalar(int, Bounds(1, 5))),
        (Annotated[float, Interval(le=5)], Scalar(float, Bounds(None, 5))),
        (Annotated[str, MaxLen(5)], Scalar(str, Bounds(None, 5))),
        (Annotated[str, Len(0, 5)], Scalar(str, Bounds(None, 5))),
        (Annotated[Literal["a"] | str, MinLen(1)], OpenChoice(("a",), Bounds(1))),
        (Annotated[int | None, Ge(1)], Nullable(Scalar(int, Bounds(1)))),
        (Annotated[int, Ge(1)] | None, Nullable(Scalar(int, Bounds(1)))),
        (
            Annotated[int | Sequence[int], Ge(1), MaxLen(3)],
            OneOf((Scalar(int, Bounds(1)), Array(Scalar(int), Bounds(None, 3)))),
        ),
    ],
)
def test_bounds_go_to_what_they_are_of(hint: Any, described: Type) -> None:
    assert read(hint) == described


@pytest.mark.parametrize("bound", [Gt(1), Interval(lt=5), MultipleOf(2)])
def test_a_bound_that_nothing_reads_is_refused(bound: Any) -> None:
    with pytest.raises(TypeError, match="cannot be read: use Ge, Le, MinLen or MaxLen"):
        read(Annotated[int, bound])


def test_marks_are_kept_in_their_order() -> None:
    described = read(Annotated[int | None, Wire("a"), Ge(1), "note", Wire("b")])
    assert described.marks == (Wire("a"), "note", Wire("b"))
    assert described.mark(Wire) == Wire("a")
    assert described.mark(Ruled) is None


def test_questions_about_a_description() -> None:
    described = read(Literal["all"] | Sequence[Literal["a"] | str] | None)
    array = Array(OpenChoice(("a",)))
    assert alternatives(described) == (Choice(("all",)), array)
    assert known_values(described) == ("all",)
    assert takes_list(described)
    assert not takes_list(read(tuple[int, str]))
    assert not takes_text(described)
    assert takes_text(array.item)
    assert takes_text(read(int | str | None))


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_annotation_of_an_operation_is_read(name: str) -> None:
    operation = OPERATIONS[name]
    hints = get_type_hints(operation.function, include_extras=True)
    assert hints.keys() == {*operation.parameters, "return"}
    for argument, hint in hints.items():
        assert not [part for part in parts(read(hint)) if isinstance(part, Unknown)], argument


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_of_a_model_is_read(model: type) -> None:
    types = field_types(model)
    for attribute in wire_fields(model):
        unread = [part for part in parts(types[attribute.name]) if isinstance(part, Unknown)]
        assert not unread, attribute.name
