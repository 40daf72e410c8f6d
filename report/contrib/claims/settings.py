"""The section `text` of the config: the folder of authored text, and the treatment of false claims."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from ...config.places import Fault, View
from ...config.sections import ConfigSection
from ...confine import OpensPath
from ...settings import Settings
from .functions import FUNCTIONS, PREDICATES
from .parsing import TAGS


class TextSettings(Settings):
    """The folder of authored text, and the treatment of false claims."""

    folder: Annotated[str, OpensPath("folder")] = "text/"
    """Folder with the Markdown files."""
    on_false_claim: Literal["error", "withdraw"] = "error"
    """How a false claim is handled: stop the build, or withdraw the sentence."""


_SYNTAX = ("and", "block", "else", "endif", "false", "if", "in", "is", "none", "not", "or", "range", "set", "true")
"""Keywords of the template language."""

RESERVED = frozenset({*FUNCTIONS, *PREDICATES, *TAGS, *_SYNTAX, "date"})
"""Names reserved in authored text: the cells of a panel with such a name could not be written."""


def _check(config: View) -> Iterator[Fault]:
    """Yield an error for each panel whose id is a reserved name in authored text."""
    for panel in config["panels"].elements():
        name = panel["id"].text
        if name in RESERVED:
            yield panel["id"].wrong(f'"{name}" has a meaning of its own in authored text; choose another id')


TEXT = ConfigSection("text", TextSettings, "Authored text and claims (docs/claims.md).", _check)
