"""Vega-Lite specifications as JSON: their text, and the configuration of all figures. Nothing here needs Altair."""

from __future__ import annotations

import json
import re
from typing import Any

from ..theme.colours import LIGHT
from ..theme.fonts import FAMILIES

Json = dict[str, Any]
"""A Vega-Lite specification or a part of one, as defined by the Vega-Lite schema."""

VEGALITE_VERSION = "6.4"
"""Version of Vega-Lite, in the notation of vl-convert."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"

_NOT_IN_XML = re.compile("[\0-\b\v\f\x0e-\x1f\ufffe\uffff]")
_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u00[01][0-9a-f]|[bf])|[\ufffe\uffff]")
"""The same characters as escape sequences in JSON text, after an even number of backslashes."""


def drawable(text: str) -> str:
    """Return a text without the characters that XML cannot contain, on which vl-convert ends the process."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def spec_text(spec: Json) -> str:
    r"""Return a specification as compact JSON with sorted keys, identical for identical figures.

    All texts are `drawable`.

    >>> spec_text({"mark": "rect", "data": {"name": "cells"}})
    '{"data":{"name":"cells"},"mark":"rect"}'
    >>> print(spec_text({"name": "a\x07b\\u0007c\n"}))
    {"name":"a�b\\u0007c\n"}
    """
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    suspect = any(part in text for part in ("\\u00", "\\b", "\\f", "\ufffe", "\uffff"))
    return _ESCAPED.sub("\\1\N{REPLACEMENT CHARACTER}", text) if suspect else text


def spec_file(spec: Json) -> str:
    """Return a specification as readable JSON: indented, with each row of data on one line."""
    marks = {name: f"@{number}" for number, name in enumerate(sorted(spec.get("datasets", {})))}
    text = json.dumps(spec | {"datasets": marks}, sort_keys=True, ensure_ascii=False, indent=1)
    head, tail = text.split(json.dumps(marks, sort_keys=True, ensure_ascii=False, indent=1).replace("\n", "\n "))
    sets = (f'  "{name}": [\n{_lines(spec["datasets"][name])}\n  ]' for name in sorted(marks))
    return head + "{\n" + ",\n".join(sets) + "\n }" + tail + "\n"


def _lines(rows: list[Json]) -> str:
    return ",\n".join(f"   {json.dumps(row, sort_keys=True, ensure_ascii=False, allow_nan=False)}" for row in rows)


def config_of(padding: float = 0, **more: Json) -> Json:
    """Return the Vega-Lite configuration of all figures: typeface, paper and padding."""
    return {
        "font": FAMILIES,
        "background": LIGHT["paper"],
        "aria": False,
        "padding": padding,
        "view": {"stroke": None},
        **more,
    }
