"""What is common to all who handle a Vega-Lite specification: its type, version and text."""

from __future__ import annotations

import json
import re
from typing import Any

Json = dict[str, Any]
"""A Vega-Lite specification or a part of one; its shape is Vega-Lite's schema."""

VEGALITE_VERSION = "6.4"
"""As vl-convert names it."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


_NOT_IN_XML = re.compile("[\0-\b\v\f\x0e-\x1f\ufffe\uffff]")
_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:u00[01][0-9a-f]|[bf])|[\ufffe\uffff]")
"""The same characters within JSON text, after an even number of backslashes."""


def drawable(text: str) -> str:
    """Return a text as a drawing shows it: vl-convert ends the process at characters that XML cannot have."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def spec_text(spec: Json) -> str:
    r"""Return a specification as compact JSON with sorted keys: the same text for the same figure.

    Its texts are `drawable`.

    >>> spec_text({"mark": "rect", "data": {"name": "cells"}})
    '{"data":{"name":"cells"},"mark":"rect"}'
    >>> print(spec_text({"name": "a\x07b\\u0007c\n"}))
    {"name":"a�b\\u0007c\n"}
    """
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _ESCAPED.sub("\\1\N{REPLACEMENT CHARACTER}", text)


def spec_file(spec: Json) -> str:
    """Return a specification as JSON for people and editors: indented, each row of data on a line."""
    marks = {name: f"@{number}" for number, name in enumerate(sorted(spec.get("datasets", {})))}
    text = json.dumps(spec | {"datasets": marks}, sort_keys=True, ensure_ascii=False, indent=1)
    head, tail = text.split(json.dumps(marks, sort_keys=True, ensure_ascii=False, indent=1).replace("\n", "\n "))
    sets = (f'  "{name}": [\n{_lines(spec["datasets"][name])}\n  ]' for name in sorted(marks))
    return head + "{\n" + ",\n".join(sets) + "\n }" + tail + "\n"


def _lines(rows: list[Json]) -> str:
    return ",\n".join(f"   {json.dumps(row, sort_keys=True, ensure_ascii=False, allow_nan=False)}" for row in rows)
