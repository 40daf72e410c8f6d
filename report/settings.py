"""The base of every stage's settings, filled by `config` from YAML."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class Settings(BaseModel):
    """Settings of one stage: immutable, hashable, unknown names refused.

    `config` hands every YAML scalar over as the text that stands in the file (null as None), so that
    `no`, `on` and `12:30` stay text where text is expected; pydantic turns text into numbers elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


class ChoiceSettings(Settings):
    """Entries by name, each with its options. In YAML a list of names and one-key mappings.

    A name that is not a field is an entry of a pack or of another package. That package says which options it takes;
    `yes` chooses it without options, `no` leaves it out. `switches` are the fields that only take yes and no.
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, dict[str, object]] = Field(init=False)
    switches: ClassVar[frozenset[str]] = frozenset()

    @property
    def others(self) -> dict[str, dict[str, object]]:
        """The entries of packs and other packages, each with its options as the config has them."""
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
        """Return the entries with options for each that is not a field, without those that are switched off."""
        fields = {name: of for name, of in chosen.items() if name in cls.model_fields}
        others = {name: _options(of) for name, of in chosen.items() if name not in cls.model_fields}
        return fields | {name: of for name, of in others.items() if of is not None}


def _options(value: object) -> object:
    """Return the options that a value gives an entry; None if it switches the entry off.

    >>> _options("yes"), _options(None), _options("No"), _options({"width": "60"})
    ({}, {}, None, {'width': '60'})
    """
    word = str(value).lower()
    if value is None or word in {"yes", "on", "true"}:
        return {}
    return None if word in {"no", "off", "false"} else value


def as_list(value: object) -> object:
    """Return a lone value as a list of one, since YAML authors leave out the brackets."""
    return value if isinstance(value, list | tuple) else [value]


def whole(value: object) -> object:
    """Return the text of a whole number as that number, since a Literal of numbers takes no text."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value


Names = Annotated[tuple[str, ...], BeforeValidator(as_list, json_schema_input_type=str | tuple[str, ...])]
"""One name or several."""

Within = Literal["brackets", "quotes"]

Respected = Annotated[tuple[Within, ...], BeforeValidator(as_list, json_schema_input_type=Within | tuple[Within, ...])]
"""Between which signs a separator does not split."""

IDENTIFIER = r"^[a-z][a-z0-9_]*$"
"""What names of entities, relations, taxonomies, panels and figures look like: they become files and ids."""

LONGEST_IDENTIFIER = 100
"""Names become names of files, which have 255 bytes at most on most systems."""

Identifier = Annotated[str, Field(pattern=IDENTIFIER, max_length=LONGEST_IDENTIFIER)]
"""The name of an entity, relation, taxonomy, panel or figure."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1."""
