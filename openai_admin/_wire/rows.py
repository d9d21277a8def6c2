"""Rows of usage: structs, for speed, that attrs knows as its own."""

from __future__ import annotations

import inspect
from typing import Any, TypeVar

import attr
import attrs
import msgspec
from msgspec.structs import FieldInfo
from msgspec.structs import fields as struct_fields

from .portable import Portable

S = TypeVar("S", bound=msgspec.Struct)


class Row(Portable, msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A small wire object of which there are very many; unknown fields are not kept.

    A msgspec struct underneath: msgspec fills a struct at the cost of a bare JSON decode, but asks
    a plain attrs object for each of its fields by name, which takes five times as long. With
    `row`, it is an attrs class for all who ask attrs: ``fields``, ``asdict``, ``evolve``, cattrs.
    """

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        """Leave a struct as it is: it hashes itself, and has no secrets."""


def row(cls: type[S]) -> type[S]:
    """Make a `Row` an attrs class as well; attrs adds no method, and the struct's stay."""
    own = inspect.get_annotations(cls)
    fields = {f.name: _attrs_field(f, typed=f.name not in own) for f in struct_fields(cls)}
    return attr.s(these=fields, init=False, repr=False, eq=False, match_args=False)(cls)


def _attrs_field(field: FieldInfo, *, typed: bool) -> Any:
    default = field.default
    if default is msgspec.NODEFAULT:
        made = field.default_factory is not msgspec.NODEFAULT
        default = attrs.Factory(field.default_factory) if made else attrs.NOTHING
    return attr.ib(default=default, kw_only=True, type=field.type if typed else None)
