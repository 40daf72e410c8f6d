"""Convert pydantic's errors to problems in our words: the value, the allowed values and a suggestion."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from ..errors import did_you_mean
from ..settings import IDENTIFIER, Settings
from .places import Fault, KeyPath, Plain, listed, not_one_of, quoted

Form: TypeAlias = Any
"""An annotation: a class, or a type expression of `typing`."""


def keys_at(path: KeyPath, root: type[BaseModel]) -> tuple[str, ...]:
    """Return the known keys of the mapping at a path, as in YAML, or none if any key is allowed.

    >>> from diptych.config.loading import Config
    >>> keys_at(("engine",), Config)
    ('name', 'memory', 'threads', 'limits')
    """
    model = _model_at(path, root)
    return () if model is None else keys_of(model)


def _model_at(path: KeyPath, root: type[BaseModel]) -> type[BaseModel] | None:
    """Return the settings class of the mapping at a path, or None if any key is allowed."""
    forms: list[Form] = [root]
    for step in path:
        forms = [below for form in forms for below in _below(form, step)]
    return next((model for form in forms for model in _models(form)), None)


def _removed_from(model: type[BaseModel] | None) -> Mapping[str, str]:
    return model.removed if model is not None and issubclass(model, Settings) else {}


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys of a class of settings, as in YAML."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _flat(form: Form) -> Iterator[Form]:
    """Yield the members of a union, without `Annotated`, and with the content of a root model in its place."""
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
    """Yield the annotations of the value at one key (or list position) of this form."""
    for member in _flat(form):
        origin: object = get_origin(member)
        if origin is dict:
            yield from _flat(get_args(member)[1])
        elif origin is tuple:
            inner = get_args(member)[0]
            # a mapping without brackets around it: the list position is missing
            yield from _flat(inner) if isinstance(step, int) else _below(inner, step)
        elif isinstance(member, type) and issubclass(member, BaseModel):
            if isinstance(step, int):
                # outputs: a list of one-key mappings that becomes one mapping
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


PATTERNS: Mapping[str, str] = {
    r"^[^\s{}]+ [^{}]*\{\}[^{}]*$": "a verb, and {} in place of the category, such as: come from {}",
    IDENTIFIER: "small letters, digits and _, beginning with a letter",
    r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$": "an ORCID such as 0000-0002-1825-0097",
    r"^\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$": "an amount of memory such as 4GB",
    r"^\d+(\.\d+)?\s*(s|min|h)$": "a length of time such as 90min",
}
"""The words for each pattern of the settings. A test checks that none is missing."""


def wrongs(error: ValidationError, value: dict[str, Plain], root: type[BaseModel]) -> Iterator[Fault]:
    """Yield one problem for each wrong entry, although pydantic may try several types for it.

    `root` is the settings class that `value` was validated against.
    """
    by_path: dict[KeyPath, list[ErrorDetails]] = {}
    for details in error.errors(include_url=False):
        by_path.setdefault(path_in(value, details), []).append(details)
    enclosing = {path[:length] for path in by_path for length in range(len(path))}
    shown = {path: found for path, found in by_path.items() if not _read_deeper(path, found, enclosing)}
    clear = {path: found for path, found in shown.items() if not _is_known(path, found, root)}
    for path, found in (clear or shown).items():
        yield Fault(path, _message(path, found, value, root))


def path_in(value: Plain, error: ErrorDetails) -> KeyPath:
    """Return the path of an error in the file, without the steps that pydantic adds for unions and short forms."""
    path: list[str | int] = []
    here = value
    for i, step in enumerate(error["loc"]):
        last = i == len(error["loc"]) - 1
        below = _step(here, step)
        if below is not None:
            steps, here = below
            path += steps
        elif last and error["type"] == "missing" and isinstance(here, dict):
            path.append(step)
    return tuple(path)


def _step(here: Plain, step: str | int) -> tuple[list[str | int], Plain] | None:
    if isinstance(here, dict):
        return ([step], here[step]) if isinstance(step, str) and step in here else None
    if not isinstance(here, list):
        return None
    if isinstance(step, int):
        return ([step], here[step]) if step < len(here) else None
    for i, entry in enumerate(here):
        # outputs: a list of names and one-key mappings
        if entry == step:
            return [i], entry
        if isinstance(entry, dict) and step in entry:
            return [i, step], entry[step]
    return None


def _read_deeper(path: KeyPath, details: list[ErrorDetails], enclosing: Collection[KeyPath]) -> bool:
    """Return whether these errors come only from members of a union that fit less well than another member."""
    return path in enclosing and all(e["type"] in _ALLOWED for e in details)


def _is_known(path: KeyPath, details: list[ErrorDetails], root: type[BaseModel]) -> bool:
    """Return whether a key is only unknown to members of a union that fit less well than another member."""
    model = _model_at(path[:-1], root) if path and all(e["type"] == "extra_forbidden" for e in details) else None
    return model is not None and path[-1] in keys_of(model)


def _message(path: KeyPath, details: list[ErrorDetails], value: Plain, root: type[BaseModel]) -> str:
    error = details[0]
    if error["loc"] and error["loc"][-1] == "[key]":
        return f"the name {quoted(str(path[-1]))} needs {_allowed(error)}"
    here = _value_at(value, path)
    if error["type"] == "extra_forbidden":
        model = _model_at(path[:-1], root)
        known = () if model is None else keys_of(model)
        # a text in the list of outputs is a name, not a key
        if isinstance(here, str) and isinstance(path[-1], int):
            return not_one_of(here, known)
        return unknown(path, known, _removed_from(model))
    if error["type"] == "missing":
        few = isinstance(error["loc"][-1], int) and isinstance(here, list)
        return f"has too few entries ({len(here)})" if few and isinstance(here, list) else "is required and missing"
    if error["type"] == "value_error":
        said = str(error.get("ctx", {}).get("error", error["msg"]))
        return f"{said}, not {shown(here)}" if said.startswith("needs data or") else said
    return _mismatch(here, details)


def unknown(path: KeyPath, known: tuple[str, ...], removed: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the message for an unknown key, or for a key that earlier versions had."""
    if (advice := removed.get(str(path[-1]))) is not None:
        return f"`{path[-1]}` was removed: {advice}"
    return f"unknown key; known keys here are {listed(known)}{did_you_mean(str(path[-1]), known)}"


def _mismatch(here: Plain, details: list[ErrorDetails]) -> str:
    options = list(dict.fromkeys(option for e in details for option in _options(e)))
    forms = list(dict.fromkeys(_allowed(e) for e in details if e["type"] != "literal_error"))
    if not here and here is not None and details[0]["type"] in _LENGTHS:
        return f"is empty; it needs {forms[0]}"
    if here and details[0]["type"] == "too_long":
        return f"needs {forms[0]}, not {len(here)}"
    if here is None:
        return f"has no value; it needs {listed([*options, *forms], ' or ')}"
    if isinstance(here, str) and len(options) > 1 and not forms:
        return not_one_of(here, options)
    guess = did_you_mean(here, options) if isinstance(here, str) and options != [here] else ""
    return f"needs {listed([*options, *forms], ' or ')}, not {shown(here)}{guess}"


def _options(error: ErrorDetails) -> list[str]:
    """Return the words that a literal_error allows. pydantic gives them as one text, "'a', 'b' or 'c'"."""
    if error["type"] != "literal_error":
        return []
    expected = str(error.get("ctx", {}).get("expected", ""))
    return re.findall(r"'([^']*)'", expected) or re.findall(r"\d+", expected)


_ALLOWED: Mapping[str, str] = {
    "literal_error": "one of the words allowed",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "keys with values (a mapping)",
    "model_type": "keys with values (a mapping)",
    "model_attributes_type": "keys with values (a mapping)",
    "tuple_type": "a list",
    "greater_than": "a number over {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number under {lt}",
    "less_than_equal": "a number of at most {le}",
}


_LENGTHS: Mapping[str, str] = {
    "string_too_short": "text",
    "string_too_long": "a single character",
    "too_short": "at least {}",
    "too_long": "at most {}",
}


def _allowed(error: ErrorDetails) -> str:
    """Return the requirement of an error, as the object of "needs"."""
    context: dict[str, Any] = error.get("ctx", {})
    kind = error["type"]
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    if kind == "string_too_long" and context["max_length"] > 1:
        return f"at most {context['max_length']:,} characters"
    if kind in _LENGTHS:
        return _LENGTHS[kind].format(_counted(context.get("min_length") or context.get("max_length")))
    if kind in _ALLOWED:
        return _ALLOWED[kind].format(**{name: _number(bound) for name, bound in context.items()})
    return error["msg"]


def _counted(n: int | None) -> str:
    return "one entry" if n == 1 else f"{n} entries"


def _number(bound: object) -> object:
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def shown(value: Plain) -> str:
    """Return a value of the file for a message."""
    if isinstance(value, str):
        return quoted(value)
    return "a mapping" if isinstance(value, dict) else f"a list of {_counted(len(value or []))}"


def _value_at(value: Plain, path: KeyPath) -> Plain:
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    return value
