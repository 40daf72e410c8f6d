"""The JSON Schema of the config, made from the settings: what an editor needs to complete and check keys.

It describes what YAML makes of the file, so it takes numbers and truth values where text is meant (`- no`
is text to us), and the short forms that the settings take. It is no stricter than `load_config`, which also
checks what lies between sections.
"""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from typing import Any, TypeAlias, cast

from ..errors import PluginError
from ..findings.kinds import KINDS
from ..measures import MEASURES
from ..plugins import Entries
from ..relations.forms import FORMS
from ..renderers.registry import RENDERERS
from ..settings import ChoiceSettings, Settings
from ..sources.files import FORMATS
from ..taxonomy.compile import known_presets
from .loading import Config

Schema: TypeAlias = dict[str, Any]

_SCALAR = ["string", "number", "boolean"]
_YES_OR_NO: Schema = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "on", "off"]}]}
_TEXT: Schema = {"type": _SCALAR}


def json_schema() -> Schema:
    """Return the schema of a config file, JSON Schema Draft 2020-12."""
    made = cast("Schema", _relaxed(Config.model_json_schema(mode="validation")))
    parts: Schema = made.pop("$defs")
    for name, part in [("Config", made), *parts.items()]:
        _describe(name, part)
    _add_short_forms(parts)
    _add_known_names(parts)
    parts["RelationSettings"]["oneOf"] = [{"required": [form]} for form in FORMS]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Config of a Diptych report",
        "description": "Which data, which taxonomy, how kinds meet, and what is made of it.",
        **made,
        "$defs": parts,
    }


def _relaxed(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON value
    """Return a schema in which text may be any scalar, without pydantic's titles and defaults.

    Docstrings go too: they speak to developers. Text with a pattern or of certain words stays text.
    Keys of `properties` are names, not keywords.
    """
    if isinstance(schema, list):
        return [_relaxed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "boolean":
        return dict(_YES_OR_NO)
    dropped = {"title", "default", "description", "properties"}
    relaxed = {key: _relaxed(part) for key, part in schema.items() if key not in dropped}
    if "patternProperties" in schema:
        relaxed["additionalProperties"] = False
    if "properties" in schema:
        relaxed["properties"] = {name: _relaxed(part) for name, part in schema["properties"].items()}
    if schema.get("type") == "string" and not {"enum", "const", "pattern", "format"} & set(schema):
        relaxed["type"] = _SCALAR
    return relaxed


def _describe(name: str, part: Schema) -> None:
    if part.get("properties"):
        described = described_keys(name)
        for key, schema in part["properties"].items():
            schema["description"] = described[key]


def described_keys(name: str) -> dict[str, str]:
    """Return what a class of settings says under each of its fields, by their keys in YAML.

    pydantic can read it too (`use_attribute_docstrings`), but would do so at every start, which takes 0.2 s.
    """
    model = next(
        model for base in (Settings, ChoiceSettings) for model in base.__subclasses__() if model.__name__ == name
    )
    body = cast("ast.ClassDef", ast.parse(inspect.getsource(model)).body[0]).body
    said = {}
    for field, doc in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(doc, ast.Expr):
            key = model.model_fields[field.target.id].alias or field.target.id
            said[key] = " ".join(ast.literal_eval(doc.value).split())
    return said


def _add_short_forms(parts: Schema) -> None:
    """Let a source be its path, labels their column, and outputs a list."""
    paths: Schema = {"type": "array", "items": dict(_TEXT)}
    parts["SourceSettings"] = _or_short(parts["SourceSettings"], dict(_TEXT), paths)
    parts["LookupSettings"] = _or_short(parts["LookupSettings"], dict(_TEXT))
    parts["LabelSettings"] = _or_short(parts["LabelSettings"], dict(_TEXT))
    parts["OutputSettings"] = _chosen(parts["OutputSettings"], _others(RENDERERS, parts))
    parts["FindingsSettings"] = _chosen(parts["FindingsSettings"], _others(KINDS, parts))


def _chosen(full: Schema, others: dict[str, Schema]) -> Schema:
    """Let a choice be a list of names and one-key mappings, those of other packages among them."""
    full["additionalProperties"] = False
    full["properties"] = full.get("properties", {}) | others
    options = {
        name: {"description": schema["description"], "anyOf": [schema, {"type": "null"}]}
        for name, schema in full["properties"].items()
    }
    one: Schema = {"type": "object", "properties": options, "additionalProperties": False, "minProperties": 1}
    return _or_short(
        full, {"type": "array", "minItems": 1, "items": {"anyOf": [{"enum": list(options)}, one] if options else [one]}}
    )


def _others(entries: Entries[Any], parts: Schema) -> dict[str, Schema]:
    """Return the options of entries of other packages by name; any where a package cannot be used."""
    found: dict[str, Schema] = {}
    for name in entries.others:
        try:
            settings = entries[name].settings
        except PluginError:
            settings = ChoiceSettings
        made: Schema = {"additionalProperties": False}
        if settings is not None:
            made = cast("Schema", _relaxed(settings.model_json_schema()))
        parts.update(made.pop("$defs", {}))
        found[name] = {"description": f"Of another package: {name}.", "type": "object", **made}
    return found


def _or_short(full: Schema, *short: Schema) -> Schema:
    return {"anyOf": [*short, full]}


def _add_known_names(parts: Schema) -> None:
    """Name the measures, formats and presets there are, those of other packages that are installed among them."""
    parts["PanelSettings"]["properties"]["measure"]["enum"] = [*MEASURES, *MEASURES.others]
    source = parts["SourceSettings"]["anyOf"][-1]["properties"]["format"]
    source["anyOf"][0] = {"enum": [*FORMATS, *FORMATS.others], "type": "string"}
    presets = known_presets()
    names = [*presets, *dict.fromkeys(name.partition("@")[0] for name in presets)]
    parts["TaxonomySettings"]["properties"]["preset"]["anyOf"] = [{"enum": names}, {"type": "null"}]
