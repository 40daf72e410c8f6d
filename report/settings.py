"""The base of every stage's settings: frozen, strict about names, filled by `config` from YAML."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Settings(BaseModel):
    """Settings of one stage: immutable, hashable, unknown names refused.

    `config` hands every YAML scalar over as the text that stands in the file (null as None), so that
    `no`, `on` and `12:30` stay text where text is expected; pydantic turns text into numbers elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)


def _listed(value: object) -> object:
    """Return a lone value as a list of one, since YAML authors leave out the brackets."""
    return value if isinstance(value, list | tuple) else [value]


def whole(value: object) -> object:
    """Return the text of a whole number as that number, since a Literal of numbers takes no text."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])]
"""One name or several."""

IDENTIFIER = r"^[a-z][a-z0-9_]*$"
"""What names of entities, relations, taxonomies, panels and figures look like: they become files and ids."""

Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
"""The name of an entity, relation, taxonomy, panel or figure."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1."""
