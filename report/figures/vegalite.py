"""What is common to all who handle a Vega-Lite specification: its type, version and text."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]
"""A Vega-Lite specification or a part of one; its shape is Vega-Lite's schema."""

VEGALITE_VERSION = "6.4"
"""As vl-convert names it."""

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def spec_text(spec: Json) -> str:
    """Return a specification as compact JSON with sorted keys: the same text for the same figure.

    >>> spec_text({"mark": "rect", "data": {"name": "cells"}})
    '{"data":{"name":"cells"},"mark":"rect"}'
    """
    return json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def spec_file(spec: Json) -> str:
    """Return a specification as JSON for people and editors: indented, each row of data on a line."""
    marks = {name: f"@{number}" for number, name in enumerate(sorted(spec.get("datasets", {})))}
    text = json.dumps(spec | {"datasets": marks}, sort_keys=True, ensure_ascii=False, indent=1)
    head, tail = text.split(json.dumps(marks, sort_keys=True, ensure_ascii=False, indent=1).replace("\n", "\n "))
    sets = (f'  "{name}": [\n{_lines(spec["datasets"][name])}\n  ]' for name in sorted(marks))
    return head + "{\n" + ",\n".join(sets) + "\n }" + tail + "\n"


def _lines(rows: list[Json]) -> str:
    return ",\n".join(f"   {json.dumps(row, sort_keys=True, ensure_ascii=False, allow_nan=False)}" for row in rows)
