"""What pydantic, and so FastAPI, knows of models; imported when pydantic asks for it.

Pydantic reads them from the wire's form and from that of ``to_dict(…, mode="json")``, both as
tolerantly as answers are read, and writes the latter; to Python, as ``model_dump()`` does, with
times and decimals as they are. ``include``, ``exclude`` and ``exclude_none`` hold for it. One-time
secrets are neither written nor described.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any, get_args, get_origin

import attrs
from pydantic import GetCoreSchemaHandler, PydanticSchemaGenerationError
from pydantic_core import CoreSchema, SchemaSerializer
from pydantic_core import core_schema as core

from .codec import structured, written
from .docstrings import entries
from .fields import KIND, is_secret, keyed_by, secret_paths, wire_fields, wire_name
from .models import Entity, Page
from .portable import WrittenAs
from .rows import Row
from .structure import filled_hints
from .types import Anything, Nullable, read

_ATTRIBUTES = "\n\nAttributes:\n"


def _write(value: Any, info: core.SerializationInfo[Any]) -> Any:
    """A value's JSON, or the same in Python, without what is to be left out of it."""
    data = written(value, "json" if info.mode_is_json() else "python")
    if info.exclude_none:
        data = _without_none(data)
    filters: Any = {"include": info.include, "exclude": info.exclude}
    return _plain.to_python(data, **filters)


def _without_none(data: Any) -> Any:
    if isinstance(data, dict):
        return {k: _without_none(v) for k, v in data.items() if v is not None}
    return [_without_none(v) for v in data] if isinstance(data, list) else data


_WRITTEN = core.plain_serializer_function_ser_schema(_write, info_arg=True)
_plain = SchemaSerializer(core.any_schema())

serializer = SchemaSerializer(core.any_schema(serialization=_WRITTEN))
"""Writes what is `Portable` where pydantic was not told its type."""


def schema_of(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """The schema of a class that is `Portable`, with its type arguments.

    What pydantic would make of its fields only describes it; `_read` reads it.
    """
    cls = get_origin(source) or source
    shape_of = _written_shape if issubclass(cls, WrittenAs) else _shape
    summary = inspect.cleandoc(vars(cls).get("__doc__") or "").partition("\n\n")[0]
    about = {"title": _title(source), "description": _markdown(" ".join(summary.split()))}

    def read_value(value: Any, _: Any) -> Any:
        return _read(source, value)

    read_value.__name__ = _title(source)  # which pydantic's errors name
    return core.no_info_wrap_validator_function(
        read_value,
        shape_of(source, handler),
        ref=_reference(source),
        serialization=_WRITTEN,
        metadata={"pydantic_js_updates": about},
    )


# --- what it looks like ----------------------------------------------------------------------


def _written_shape(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """What a table is written as, or a pager: its rows, its first page."""
    if arguments := get_args(source):
        page: Any = Page
        return handler.generate_schema(page[arguments])
    return core.list_schema(core.dict_schema(core.str_schema(), core.any_schema()))


def _shape(source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    cls = get_origin(source) or source
    hints, said = filled_hints(source), _descriptions(cls)
    fields: dict[str, core.TypedDictField] = {}
    for attribute in wire_fields(cls):
        if is_secret(attribute):
            continue
        key = keyed_by(attribute)
        if key is not None:
            for name, variant in key[1].items():
                fields[name] = core.typed_dict_field(
                    handler.generate_schema(variant), required=False
                )
            continue
        schema = _of_field(hints[attribute.name], handler)
        required = attribute.default is attrs.NOTHING
        takes_none = isinstance(read(hints[attribute.name]), Nullable | Anything)
        if not required and not takes_none and issubclass(cls, Entity | Row):
            schema = core.nullable_schema(schema)
        text = said.get(attribute.name)
        about = {} if text is None else {"description": text}
        fields[wire_name(attribute)] = core.typed_dict_field(
            schema, required=required, metadata={"pydantic_js_updates": about}
        )
    return core.typed_dict_schema(fields, extra_behavior="allow")


def _of_field(hint: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    try:
        return handler.generate_schema(hint)
    except PydanticSchemaGenerationError:
        return core.any_schema()


def _descriptions(cls: type) -> dict[str, str]:
    """What is said about each field, by its class or by one that it inherits from."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        text = inspect.cleandoc(vars(base).get("__doc__") or "")
        _, heading, section = text.partition(_ATTRIBUTES)
        if heading:
            found |= entries(heading.strip() + "\n" + section)
    return {name: _markdown(text) for name, text in found.items()}


def _markdown(text: str) -> str:
    return text.replace("``", "`")


def _title(source: Any) -> str:
    name: str = getattr(get_origin(source) or source, "__name__", str(source))
    inner = ", ".join(map(_title, get_args(source)))
    return f"{name}[{inner}]" if inner else name


def _reference(source: Any) -> str:
    """What pydantic takes the name of a component from: the last words before each number."""
    cls = get_origin(source) or source
    own = f"{cls.__module__}.{cls.__qualname__}:{id(cls)}" if isinstance(cls, type) else str(cls)
    inner = ",".join(map(_reference, get_args(source)))
    return f"{own}[{inner}]" if inner else own


# --- how it is read --------------------------------------------------------------------------


def _read(source: Any, value: Any) -> Any:
    """A model from an instance, or from its wire form or its JSON as pydantic gives them.

    Raises:
        ValueError: it is neither, says that it is a thing of another kind, or lacks what
            identifies it.
    """
    cls = get_origin(source) or source
    if isinstance(value, cls):
        return value
    if cls is Page and isinstance(value, WrittenAs):
        value = value._written_as()
        if isinstance(value, Page):
            return value
    if issubclass(cls, Entity | Row | Page) and isinstance(value, Mapping):
        _check_kind(cls, value)
        return _without_secrets(source, value)
    raise ValueError(f"it is not {_title(source)}, but {type(value).__name__}")


def _check_kind(cls: type, value: Mapping[str, Any]) -> None:
    """Refuse what says that it is of another class: in a union it is to become that one.

    Raises:
        ValueError: it says so.
    """
    kind, own = value.get(KIND), _kind_of(cls)
    if kind is None or own in (None, kind):
        return
    if any(kind == _kind_of(other) for other in _models(Entity)):
        raise ValueError(f"it is of the kind {kind!r}, not {own!r}")


def _kind_of(cls: type) -> str | None:
    attribute = attrs.fields_dict(cls).get(KIND)
    default = None if attribute is None else attribute.default
    return default if isinstance(default, str) and issubclass(cls, Entity) else None


def _models(base: type[Any]) -> Iterator[type[Any]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _models(cls)


def _without_secrets(source: Any, value: Mapping[str, Any]) -> Any:
    """Read a model; a one-time secret that is not there, since it was not written, is ``None``."""
    whole: Any = dict(value)
    lacking = []
    for path in secret_paths(read(source)):
        *way, name = path
        holder: Any = whole
        for step in way:
            inner = holder.get(step)
            if not isinstance(inner, Mapping):
                break
            holder[step] = holder = dict(inner)
        else:
            if holder.get(name) is None:
                holder[name] = ""
                lacking.append(path)
    made = structured(whole, source)
    for *way, name in lacking:
        object.__setattr__(reduce(getattr, way, made), name, None)
    return made
