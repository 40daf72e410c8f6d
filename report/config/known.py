"""Which keys are known at a place of the config, read from the annotations of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from .model import Config
from .places import KeyPath

Form: TypeAlias = Any
"""An annotation: a class, or what `typing` makes of one."""


def keys_at(path: KeyPath) -> tuple[str, ...]:
    """Return the known keys of the mapping at a path, as YAML writes them; none where any key may stand.

    >>> keys_at(("engine",))
    ('name', 'master', 'memory', 'temporary', 'threads', 'row', 'unpacked')
    """
    forms: list[Form] = [Config]
    for step in path:
        forms = [below for form in forms for below in _below(form, step)]
    for form in forms:
        for model in _models(form):
            return keys_of(model)
    return ()


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys of a class of settings, as YAML writes them."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _flat(form: Form) -> Iterator[Form]:
    """Yield the members of a union, without what `Annotated` adds; a root model's content in its place."""
    origin: object = get_origin(form)
    if origin is Annotated:
        yield from _flat(get_args(form)[0])
    elif origin in (Union, UnionType):
        for member in get_args(form):
            yield from _flat(member)
    elif isinstance(form, type) and issubclass(form, RootModel):
        yield from _flat(form.model_fields["root"].annotation)
    else:
        yield form


def _below(form: Form, step: str | int) -> Iterator[Form]:
    """Yield the annotations of what stands at one key (or list position) of values of this form."""
    for member in _flat(form):
        origin: object = get_origin(member)
        if origin is dict:
            yield from _flat(get_args(member)[1])
        elif origin is tuple:
            inner = get_args(member)[0]
            # a mapping without brackets around it: the list position was left out
            yield from _flat(inner) if isinstance(step, int) else _below(inner, step)
        elif isinstance(member, type) and issubclass(member, BaseModel):
            if isinstance(step, int):
                # outputs: a list of one-key mappings that is read as one mapping
                yield member
            for name, field in member.model_fields.items():
                if step == (field.alias or name):
                    yield from _flat(field.annotation)


def _models(form: Form) -> Iterator[type[BaseModel]]:
    for member in _flat(form):
        origin: object = get_origin(member)
        if origin is tuple:
            yield from _models(get_args(member)[0])
        elif isinstance(member, type) and issubclass(member, BaseModel):
            yield member
