"""The base of every stage's settings, which `config` fills from YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class Settings(BaseModel):
    """Settings of one stage: immutable and hashable. Unknown names are errors.

    `config` passes every YAML scalar as the text in the file (null as None), so that `no`, `on` and `12:30` stay text
    where text is expected. For other types, pydantic converts the text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)

    removed: ClassVar[Mapping[str, str]] = {}
    """Keys of earlier versions, each with the end of the message "was removed: ..."."""


class ChoiceSettings(Settings):
    """Entries by name, each with its options. In YAML, a list of names and one-key mappings.

    A name that is not a field belongs to an entry of a pack or of another package, which defines its options. `yes`
    selects it without options, `no` leaves it out. `switches` are the fields that only take yes and no.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, object]] = Field(init=False)
    switches: ClassVar[frozenset[str]] = frozenset()

    @property
    def others(self) -> dict[str, dict[str, object]]:
        """The entries of packs and other packages, each with its options as in the config."""
        return dict(self.__pydantic_extra__ or {})

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: object) -> object:
        if isinstance(value, dict):
            return cls._with_others(value)
        if not isinstance(value, list | tuple):
            return value
        chosen: dict[str, object] = {}
        for entry in value:
            if not isinstance(entry, str | dict):
                raise ValueError("needs a list of names and one-key mappings")  # noqa: TRY004 - pydantic reports it
            for name, options in ({entry: None} if isinstance(entry, str) else entry).items():
                chosen[name] = options if options is not None else name in cls.switches or {}
        return cls._with_others(chosen)

    @classmethod
    def _with_others(cls, chosen: dict[str, object]) -> dict[str, object]:
        """Return the entries with options for each that is not a field, without entries that are switched off."""
        fields = {name: of for name, of in chosen.items() if name in cls.model_fields}
        others = {name: _options(of) for name, of in chosen.items() if name not in cls.model_fields}
        return fields | {name: of for name, of in others.items() if of is not None}


def _options(value: object) -> object:
    """Return the options of an entry, or None if the value switches the entry off.

    >>> _options("yes"), _options(None), _options("No"), _options({"width": "60"})
    ({}, {}, None, {'width': '60'})
    """
    word = str(value).lower()
    if value is None or word in {"yes", "on", "true"}:
        return {}
    return None if word in {"no", "off", "false"} else value


def as_list(value: object) -> object:
    """Return a single value as a list of one, since YAML authors may leave out the brackets."""
    return value if isinstance(value, list | tuple) else [value]


def whole(value: object) -> object:
    """Return the text of a whole number as that number, since a Literal of numbers does not accept text."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value


Names = Annotated[tuple[str, ...], BeforeValidator(as_list, json_schema_input_type=str | tuple[str, ...])]
"""One name or several."""


def _order(value: object) -> object:
    """Return true or false for their texts, and anything else as a list."""
    words = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    return words.get(str(value).lower(), as_list(value))


Ordered = Annotated[bool | tuple[str, ...], BeforeValidator(_order, json_schema_input_type=bool | tuple[str, ...])]
"""Whether categories are in order, or the categories in order."""

_Name = Annotated[str, Field(min_length=1)]

Label = Annotated[
    tuple[_Name, ...],
    Field(min_length=1, max_length=2),
    BeforeValidator(as_list, json_schema_input_type=_Name | tuple[_Name, ...]),
]
"""The name of a thing, and perhaps its plural. Empty if it has none of its own."""

IDENTIFIER = r"^[a-z][a-z0-9_]*$"
"""The form of the names of entities, relations, taxonomies, panels and figures, which become files and ids."""

LONGEST_IDENTIFIER = 100
"""Names become file names, which are limited to 255 bytes on most systems."""

Identifier = Annotated[str, Field(pattern=IDENTIFIER, max_length=LONGEST_IDENTIFIER)]
"""The name of an entity, relation, taxonomy, panel or figure."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1."""
