"""The JSON Schema of the file, made of the models: editors complete from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import attrs

from ..._wire.docstrings import attributes_of, summary_of
from ..._wire.types import (
    Anything,
    Array,
    Choice,
    Model,
    Nullable,
    Object,
    OneOf,
    OpenChoice,
    Record,
    Scalar,
    Type,
    field_types,
)
from . import allowed
from .model import (
    VERSION,
    Document,
    ExternalKey,
    ExternalStorage,
    IdentityProvider,
    Named,
    Project,
    RateLimit,
)
from .scalars import MOST_DOLLARS, MOST_WHOLE
from .shorthand import (
    ADDRESS,
    ALONE,
    NOT_IN_FILE,
    OF_ONE,
    PEOPLE,
    RECIPIENTS,
    SETS,
    SHORTHAND,
    TEMPLATES,
    USER_ID,
    is_missing,
)

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFAULTS = "Defaults"
_SCALARS: Mapping[type, str] = {
    int: "integer",
    float: "number",
    Decimal: "number",
    bool: "boolean",
}
_TEXT: Schema = {"type": ["string", "number", "boolean"]}
"""A text; what stands there without quotes is one as well, whatever it looks like."""

_MORE_THAN_BLANKS = r"\S"
_PERSON = f"^(?:{ADDRESS}|{USER_ID})$"
_RECIPIENT = f"^{ADDRESS}$"


def document_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of the file of an organization.

    It refuses what reading refuses of a file's structure. Whether two things have one name or id,
    it does not know, nor how a number is written: with how many decimals, or as ``5.0``.
    """
    made = _Schemas()
    document = made.of_model(Document)
    document["properties"]["version"] |= {"const": VERSION}
    return {
        "$schema": _DIALECT,
        "title": "The file of an organization (openai-admin org)",
        **document,
        "patternProperties": {f"^{TEMPLATES}": {"description": "what anchors in it name."}},
        "$defs": dict(sorted(made.definitions.items())),
    }


@attrs.frozen
class _Schemas:
    """Makes schemas; private.

    Attributes:
        definitions: those of models, by name.
        without: the fields that models do not have here.
    """

    definitions: dict[str, Schema] = attrs.field(factory=dict)
    without: frozenset[str] = frozenset()

    def of_model(self, cls: type) -> Schema:
        """The schema of a model as a mapping."""
        types, said = field_types(cls), attributes_of(cls)
        properties: Schema = {}
        for attribute in attrs.fields(cls):
            name = attribute.name
            field = (cls, name)
            if name in self._left_out(cls) or field in NOT_IN_FILE:
                continue
            words = {"description": _words(said[name])} if name in said else {}
            properties[name] = self._of(types[name], field) | words
        made: Schema = {
            "description": _words(summary_of(cls)),
            "type": "object",
            "additionalProperties": False,
            "properties": properties,
        }
        needed = [a.name for a in attrs.fields(cls) if a.default is attrs.NOTHING]
        made |= {"required": needed} if needed else {}
        if issubclass(cls, Named) and "name" in properties:
            made |= _NAMED
        return made | _RULES.get(cls, dict)()

    def _left_out(self, cls: type) -> frozenset[str]:
        # Of a model's rate limit the id is the same in each project.
        return frozenset() if cls is RateLimit else self.without

    def _of(self, described: Type, field: allowed.Field) -> Schema:
        if field == (Document, "defaults"):
            if _DEFAULTS not in self.definitions:
                inner = _Schemas(self.definitions, OF_ONE)
                self.definitions[_DEFAULTS] = inner.of_model(Project)
            return {"$ref": f"#/$defs/{_DEFAULTS}"}
        match described:
            case Nullable(of):
                return self._of(of, field)
            case OneOf(members):
                return {"anyOf": [self._of(member, field) for member in members]}
            case Model(cls):
                return self._reference(cls)
            case Array(item):
                return self._list(item, field)
            case Object(value):
                return self._mapping(value, field)
            case Choice(values):
                return {"enum": [*values]}
            case Scalar(kind):
                return _scalar(kind, field)
            case Record(cls, required=required):
                types = field_types(cls)
                return {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {name: self._of(of, (cls, name)) for name, of in types.items()},
                    "required": sorted(required),
                }
            case OpenChoice():
                return dict(_TEXT)
            case Anything():
                return dict(_TEXT) if field in allowed.TEXTS else {}
        raise TypeError(f"the file cannot have {described}")

    def _reference(self, cls: type) -> Schema:
        name = cls.__name__
        if any(each.name in self._left_out(cls) for each in attrs.fields(cls)):
            name += _DEFAULTS
        if name not in self.definitions:
            self.definitions[name] = {}  # for what refers to itself
            made = self.of_model(cls)
            short = SHORTHAND.get(cls)
            if short is not None:
                alone = made["properties"][short]
                made = {"description": made.pop("description"), "anyOf": [alone, made]}
            self.definitions[name] = made
        return {"$ref": f"#/$defs/{name}"}

    def _list(self, item: Type, field: allowed.Field) -> Schema:
        items = self._of(item, field)
        if field in PEOPLE | RECIPIENTS:
            items = {"type": "string", "pattern": _PERSON if field in PEOPLE else _RECIPIENT}
        made: Schema = {"type": "array", "items": items}
        if field in SETS | PEOPLE | RECIPIENTS:
            made["uniqueItems"] = True
        return {"anyOf": [items, made]} if field in ALONE else made

    def _mapping(self, value: Type, field: allowed.Field) -> Schema:
        if field == (ExternalStorage, "provider"):
            parameter = allowed.argument(field)
            if parameter is not None:
                return self._of(parameter.type, field)
        made: Schema = {"type": "object"}
        known = allowed.keys(field)
        if known:
            made["properties"] = {
                name: self._of(value, field) | {"description": _words(said)}
                for name, said in known.items()
            }
            made["additionalProperties"] = False
        else:
            made["additionalProperties"] = self._of(value, field)
        if field in PEOPLE:
            made["propertyNames"] = {"pattern": _PERSON}
        elif isinstance(value, Model) and issubclass(value.cls, Named):
            made["propertyNames"] = {"pattern": _MORE_THAN_BLANKS}
        return made


def _scalar(kind: type, field: allowed.Field) -> Schema:
    known = allowed.choices(field)
    if kind is str and known:
        return {"enum": [*known]}
    if kind is str:
        return _TEXT | ({"pattern": _MORE_THAN_BLANKS} if is_missing(field, "") else {})
    made: Schema = {"type": _SCALARS[kind]}
    if kind in (int, Decimal):
        made["maximum"] = float(MOST_DOLLARS) if kind is Decimal else MOST_WHOLE
        least = allowed.bounds(field).least
        if least is not None:
            made["minimum"] = float(allowed.dollars(least)) if kind is Decimal else int(least)
    return made


def _not_both(*names: str) -> Schema:
    return {"not": {"required": [*names]}}


def _key_rules() -> Schema:
    """What the details of an external key of each type must and may have."""
    rules = []
    for kind in allowed.choices((ExternalKey, "type")):
        needed, more = allowed.key_details(kind)
        details = {"required": [*needed], "propertyNames": {"enum": [*needed, *more]}}
        then = {"required": ["details"] if needed else [], "properties": {"details": details}}
        rules.append({"if": {"properties": {"type": {"const": kind}}}, "then": then})
    return {"allOf": rules}


_RULES: Mapping[type, Callable[[], Schema]] = {
    Project: partial(_not_both, "residency", "geography"),
    IdentityProvider: partial(_not_both, "discovery_url", "jwks"),
    ExternalKey: _key_rules,
}
_NAMED: Schema = {
    "if": {"properties": {"name": {"type": "string", "pattern": r"^\s*$"}}, "required": ["name"]},
    "then": {"required": ["id"]},
}
"""What has a name of blanks is pinned."""


def _words(text: str) -> str:
    return text.replace("``None``", "absent").replace("``", "`")
