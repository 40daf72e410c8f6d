"""The whole config, assembled from the settings of each stage, and its loading from a file.

A config file becomes a `LoadedConfig`, or all of its errors are reported at once. The JSON Schema of config files,
which an editor uses to complete and check keys, is made from the same settings. The schema describes the values that
YAML parses, so it accepts numbers and booleans where text is expected (`- no` is text for us), and the short forms of
the settings. It is no stricter than `load_config`, which also checks relations between sections.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypedDict, TypeVar, Unpack, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, create_model

from ..confine import OpensPath, path_fault, portable_name
from ..document import ReportSettings
from ..errors import ConfigError, PluginError, Problem
from ..figures import FigureSettings
from ..ledger.coverage import ExpectSettings
from ..relations import FORMS, RelationSettings
from ..renderers import OutputSettings
from ..renderers.registry import RENDERERS
from ..settings import ChoiceSettings, Identifier, Names, Settings, whole
from ..slots import Entries
from ..sources import EngineSettings, EntitySettings
from ..sources.addresses import SourceKeys, keyed_kinds
from ..sources.engines import ENGINES, keys_of_engines
from ..sources.files import formats_of_files
from ..stats import InferenceSettings
from ..stats.matrices import PanelSettings
from ..stats.measures import MEASURES
from ..taxonomy import DEFAULT_TAXONOMY, TaxonomySettings, known_presets
from .checks import PUBLIC, check
from .comments import without_comments
from .confined import confinement_faults, portable_names
from .nodes import Tree, read_text, read_tree
from .places import Fault, KeyPath, SourcePositions, View, dotted, printable
from .problems import wrongs
from .sections import SECTIONS

T = TypeVar("T", bound=Settings)


def _web(url: str) -> str:
    """Reject a text that is no address of a page."""
    if not re.match(r"https?://[^\s/]+\S*$", url):
        raise ValueError("needs the address of the published report, such as https://example.org/report/")
    return url


class Config(Settings):
    """The contents of a config file. `completed` adds the default panels and figures."""

    version: Annotated[Literal[1], BeforeValidator(whole)]
    """The version of the config format; always 1."""
    report: ReportSettings
    """The title page."""
    public: Names = ("items", "strata")
    """Values to publish: items (ids, and labels that no rule lists) or the name of an entity, records (the same of
    records), keys, group, strata. Other values are private (docs/privacy.md). Default: items and strata."""
    taxonomy: TaxonomySettings | None = None
    """The rules that turn raw labels into categories."""
    taxonomies: dict[Identifier, TaxonomySettings] = Field(default_factory=dict)
    """Several taxonomies by name, if the kinds have different categories."""
    entities: dict[Identifier, EntitySettings] = Field(default_factory=dict)
    """The kinds of thing, by name: their source, ids and raw labels."""
    relations: dict[Identifier, RelationSettings] = Field(min_length=1)
    """How two kinds are linked, by name: links, a shared key, records or a published matrix."""
    panels: tuple[PanelSettings, ...] = ()
    """The matrices. Default: each relation by rows and by columns."""
    figures: tuple[FigureSettings, ...] = ()
    """Panels side by side on one scale. Default: one figure of all panels (one for each measure)."""
    inference: InferenceSettings = InferenceSettings()
    """Intervals, resampling, and the minimum amount of data for a statement."""
    expect: ExpectSettings = ExpectSettings()
    """Limits for the data: outside them the build stops and the old site stays."""
    outputs: OutputSettings = Field(default_factory=OutputSettings.everything)
    """The outputs to make: names, or one-key mappings with options. Default: everything."""
    disclosure: Annotated[int, Field(ge=3)] | None = None
    """The minimum number of units of a published cell; smaller cells are withheld from every output
    (docs/privacy.md). At least 3. Default: no cell is withheld."""
    engine: EngineSettings = EngineSettings()
    """The engine that counts, and its limits."""
    url: Annotated[str, AfterValidator(_web)] | None = None
    """The address of the published report, for citations and previews."""
    fonts: Annotated[Names, OpensPath("file")] = ()
    """Font files for characters that the included font lacks, or `system`: a font of this machine that has them."""

    def section(self, name: str, of: type[T]) -> T | None:
        """Return the settings of a section of a pack, or None if the config does not have it."""
        settings: object = getattr(self, name, None)
        return settings if isinstance(settings, of) else None

    @classmethod
    def added(cls) -> tuple[str, ...]:
        """Return the names of all sections of packs that this class has, used or not."""
        return tuple(name for name in cls.model_fields if name not in Config.model_fields)

    def completed(self) -> Config:
        """Return the config with every taxonomy in `taxonomies`, and with default panels and figures."""
        taxonomies = {DEFAULT_TAXONOMY: self.taxonomy} if self.taxonomy else self.taxonomies
        panels = self.panels or tuple(p for name in self.relations for p in self._left_and_right(name))
        figures = self.figures or _figures_by_measure(panels)
        return self.model_copy(
            update={"taxonomy": None, "taxonomies": taxonomies, "panels": panels, "figures": figures}
        )

    def named(self) -> Config:
        """Return the config with all names public, for a person who reviews the data and publishes nothing."""
        return self.model_copy(update={"public": PUBLIC})

    def publishes(self, what: str, entity: str = "") -> bool:
        """Return whether values of one of `PUBLIC`, or those of an entity, may be published."""
        return what in self.public or entity in self.public

    def _left_and_right(self, relation: str) -> tuple[PanelSettings, ...]:
        """Return both panels of a relation, or one if both sides are the same kind over a shared key."""
        rows, columns = self.kinds(relation)
        prefix = f"{relation}_" if len(self.relations) > 1 else ""
        left = PanelSettings(id=f"{prefix}left", relation=relation, given=rows, outcome=columns)
        right = PanelSettings(id=f"{prefix}right", relation=relation, given=columns, outcome=rows)
        return (left,) if rows == columns else (left, right)

    def kinds(self, relation: str) -> tuple[str, str]:
        """Return the names of the two kinds of a relation in panels, rows first. Raises KeyError if it does not exist.

        For a matrix they are the kinds of its first panel. Raises ValueError if it has no panel.
        """
        settings = self.relations[relation]
        if settings.links is not None:
            ends = settings.links.from_.entity, settings.links.to.entity
            return ("from", "to") if ends[0] == ends[1] else ends
        if settings.shared is not None:
            return settings.shared.entities
        if settings.records is not None:
            return ("rows", "rows") if settings.records.is_with_itself else ("rows", "columns")
        for panel in self.panels_of(relation):
            return panel.given, panel.outcome
        raise ValueError(f"no panel of the matrix {relation}")

    @property
    def told_figures(self) -> tuple[FigureSettings, ...]:
        """The figures with text of their own: all but classic ones whose panels an earlier figure shows."""
        found = []
        earlier: set[str] = set()
        for figure in self.figures:
            if not (figure.is_classic and earlier.issuperset(figure.panels)):
                found.append(figure)
            earlier.update(figure.panels)
        return tuple(found)

    def relation(self, name: str) -> RelationSettings:
        """Return a relation by its name. Raises KeyError if there is none."""
        return self.relations[name]

    def entity(self, name: str) -> EntitySettings:
        """Return an entity by its name. Raises KeyError if there is none."""
        return self.entities[name]

    def panel(self, panel_id: str) -> PanelSettings:
        """Return a panel by its id. Raises KeyError if there is none."""
        for panel in self.panels:
            if panel.id == panel_id:
                return panel
        raise KeyError(panel_id)

    def panels_of(self, relation: str) -> tuple[PanelSettings, ...]:
        """Return the panels of a relation, in the order of the config."""
        return tuple(panel for panel in self.panels if panel.relation == relation)

    def figure(self, figure_id: str) -> FigureSettings:
        """Return a figure by its id. Raises KeyError if there is none."""
        for figure in self.figures:
            if figure.id == figure_id:
                return figure
        raise KeyError(figure_id)

    def taxonomy_name(self, chosen: str | None = None) -> str:
        """Return the taxonomy of an entity or a side of records: the chosen one, or else the default.

        If no taxonomy has the name `default`, the only taxonomy of a config is its default.
        """
        if chosen is not None:
            return chosen
        only = tuple(self.taxonomies)
        return only[0] if len(only) == 1 else DEFAULT_TAXONOMY


def _figures_by_measure(panels: tuple[PanelSettings, ...]) -> tuple[FigureSettings, ...]:
    """Return one figure of all panels, `main`, or one for each measure, since a figure has one scale."""
    measures = tuple(dict.fromkeys(panel.measure for panel in panels))
    return tuple(
        FigureSettings(
            id="main" if len(measures) == 1 else measure,
            panels=tuple(panel.id for panel in panels if panel.measure == measure),
        )
        for measure in measures
    )


def config_with(sections: frozenset[str]) -> type[Config]:
    """Return the class of configs with these sections of packs. Raises KeyError for an unknown section."""
    return _config_of(tuple((name, SECTIONS[name].settings) for name in sorted(sections)))


@lru_cache
def _config_of(sections: tuple[tuple[str, type[Settings]], ...]) -> type[Config]:
    if not sections:
        return Config
    fields: dict[str, Any] = {name: (settings | None, None) for name, settings in sections}
    return create_model("Config", __base__=Config, **fields)


MOST_PROBLEMS = 200
"""The most problems that are collected. A person reads no more, and guesses of the intended name take time."""


@dataclass(frozen=True)
class LoadedConfig:
    """A valid config and its origin, so that later stages can refer to its lines.

    `path` is the file as the user named it, `folder` the start of its relative paths, `text` the whole file (for the
    manifest). `config` is complete, with default taxonomies, panels and figures.
    """

    config: Config
    path: Path
    folder: Path
    text: str = field(repr=False)
    positions: SourcePositions = field(repr=False)

    @property
    def portable(self) -> dict[str, str]:
        """The name in outputs of each absolute path of the config, without any path of this machine."""
        return portable_names(self.config, self.folder)

    @cached_property
    def published(self) -> str:
        """The text of the file in PDF files and manifests: without comments and paths of this machine."""
        text = without_comments(self.text)
        for path, name in self.portable.items():
            text = text.replace(path, name)
        return text

    def shown(self, path: Path) -> str:
        """Return the name of a file in messages and outputs: its path from the config, never a path of this machine."""
        if path.is_relative_to(self.folder):
            return path.relative_to(self.folder).as_posix()
        return portable_name(path.as_posix(), self.folder)

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return a problem of an entry with this message, its file, line, column and dotted path."""
        return self.positions.problem(path, message)


class BuildOverrides(TypedDict, total=False):
    """Options of a command that override the config.

    `engine` replaces `engine.name`. `on_false_claim` replaces that key in each section of a pack that has it, such as
    `text`. `top` is the start of relative paths in a config that a
    program wrote. Its problems then name keys and no lines. `closed`: nothing that the config names will be opened.
    """

    engine: str | None
    on_false_claim: str | None
    top: Path | None
    closed: bool


def load_config(path: Path, **otherwise: Unpack[BuildOverrides]) -> LoadedConfig:
    """Return the config of a file. Raises ConfigError with all problems in file order.

    The existence and the columns of the files that the config names are checked when they are read. Under `--confine`,
    anything that the config may not open is a problem too.
    """
    if otherwise.get("top") is None and (fault := path_fault(path, path.parent, str(path), named=True)) is not None:
        raise ConfigError([Problem(str(path), 0, 0, "", fault)])
    return load_text(read_text(path), path, **otherwise)


def load_text(text: str, path: Path, **otherwise: Unpack[BuildOverrides]) -> LoadedConfig:
    """Return the config of a text, as `load_config` does. Its problems name `path` as the file."""
    read = read_tree(text, str(path))
    top = otherwise.get("top")
    if top is not None:
        read = replace(read, positions=SourcePositions("config", {}))
    tree = _with_fate(_with(read, "engine", "name", otherwise.get("engine")), otherwise.get("on_false_claim"))
    folder = path.parent if top is None else top
    config, wrong = _validated(tree)
    view = View(tree.value)
    wrong += islice(check(view), MOST_PROBLEMS)
    for name in _sections_in(tree):
        wrong += islice(SECTIONS[name].check(view), MOST_PROBLEMS)
    problems = [Problem(tree.positions.file, *place, dotted(w.path), printable(w.message)) for place, w in tree.wrongs]
    problems += [tree.positions.problem(*w) for w in wrong]
    if config is not None and not otherwise.get("closed", False):
        faults = confinement_faults(config, folder)
        problems += [tree.positions.problem(tree.positions.written(fault.path), fault.message) for fault in faults]
    if problems or config is None:
        raise ConfigError(_shown(problems, tree.positions.file))
    return LoadedConfig(config.completed(), path, folder, text, tree.positions)


def _with(tree: Tree, section: str, key: str, value: str | None) -> Tree:
    """Return the tree with another value in a section that is a mapping or absent.

    Without a value, it is unchanged.
    """
    settings = tree.value.get(section) or {}
    if value is None or not isinstance(settings, dict):
        return tree
    return replace(tree, value={**tree.value, section: {**settings, key: value}})


def _with_fate(tree: Tree, fate: str | None) -> Tree:
    """Return the tree with another way to handle false claims, in the sections of packs with that key."""
    for name in _sections_in(tree) if fate is not None else ():
        if isinstance(tree.value[name], dict) and "on_false_claim" in SECTIONS[name].settings.model_fields:
            tree = _with(tree, name, "on_false_claim", fate)
    return tree


def _sections_in(tree: Tree) -> frozenset[str]:
    """Return the names of the sections of packs in a file."""
    return frozenset(name for name in tree.value if name not in Config.model_fields and name in SECTIONS)


def _validated(tree: Tree) -> tuple[Config | None, list[Fault]]:
    try:
        return config_with(_sections_in(tree)).model_validate(tree.value), []
    except ValidationError as error:
        known = config_with(_sections_in(tree) | frozenset(SECTIONS))  # a typo may mean an absent section
        return None, list(islice(wrongs(error, tree.value, known), MOST_PROBLEMS))


def _shown(problems: list[Problem], file: str) -> list[Problem]:
    """Return each problem once, limited in number. Validation and checks may report the same problem."""
    found = list(dict.fromkeys(problems))
    if len(found) < MOST_PROBLEMS:
        return found
    more = f"has more problems than the {MOST_PROBLEMS - 1} shown; put these right and check again"
    return [Problem(file, 0, 0, "", more), *found[: MOST_PROBLEMS - 1]]


Schema: TypeAlias = dict[str, Any]

_SCALAR = ["string", "number", "boolean"]
_YES_OR_NO: Schema = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "on", "off"]}]}
_TEXT: Schema = {"type": _SCALAR}


def json_schema() -> Schema:
    """Return the schema of a config file, JSON Schema Draft 2020-12."""
    full = config_with(frozenset(SECTIONS))
    made = cast("Schema", _relaxed(full.model_json_schema(mode="validation")))
    parts: Schema = made.pop("$defs")
    for name, part in [("Config", made), *parts.items()]:
        _describe(name, part)
    made["properties"] |= {
        name: {**made["properties"][name], "description": SECTIONS[name].about} for name in full.added()
    }
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

    Docstrings are dropped too, because they are written for developers. Text with a pattern or a fixed set of words
    stays text. Keys of `properties` are names, not keywords.
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
            if key in described:  # a pack describes its own section
                schema["description"] = described[key]


def described_keys(name: str) -> dict[str, str]:
    """Return the docstring of each field of a class of settings, by its key in YAML.

    pydantic can also read them (`use_attribute_docstrings`), but at every start, which takes 0.2 s.
    """
    model = next(
        model
        for base in (Settings, ChoiceSettings, SourceKeys)
        for model in base.__subclasses__()
        if model.__name__ == name
    )
    body = cast("ast.ClassDef", ast.parse(inspect.getsource(model)).body[0]).body
    said = {}
    for of, doc in pairwise(body):
        if isinstance(of, ast.AnnAssign) and isinstance(of.target, ast.Name) and isinstance(doc, ast.Expr):
            field = model.model_fields.get(of.target.id)
            if field is None:  # a constant
                continue
            said[field.alias or of.target.id] = " ".join(ast.literal_eval(doc.value).split())
    return said


def _add_short_forms(parts: Schema) -> None:
    """Allow a source to be its path, labels to be their column, and outputs to be a list."""
    paths: Schema = {"type": "array", "items": dict(_TEXT)}
    parts["SourceSettings"] = _or_short(parts["SourceSettings"], dict(_TEXT), paths)
    parts["LabelSettings"] = _or_short(parts["LabelSettings"], dict(_TEXT))
    parts["OutputSettings"] = _chosen(parts["OutputSettings"], RENDERERS, parts)


def _chosen(full: Schema, entries: Entries[Any], parts: Schema) -> Schema:
    """Allow a choice to be a list of names and one-key mappings, including names of packs and other packages."""
    others = _others(entries, (*(one for one in entries if one not in entries.core), *entries.others), parts)
    full["additionalProperties"] = False
    full["properties"] = full.get("properties", {}) | {
        name: {"description": schema["description"], "anyOf": [schema, _YES_OR_NO]} for name, schema in others.items()
    }
    options = {
        name: {"description": schema["description"], "anyOf": [schema, {"type": "null"}]}
        for name, schema in full["properties"].items()
    }
    one: Schema = {"type": "object", "properties": options, "additionalProperties": False, "minProperties": 1}
    return _or_short(
        full, {"type": "array", "minItems": 1, "items": {"anyOf": [{"enum": list(options)}, one] if options else [one]}}
    )


def _others(entries: Entries[Any], names: tuple[str, ...], parts: Schema) -> dict[str, Schema]:
    """Return the options of entries of packs and other packages by name, or any options if a package is unusable."""
    found: dict[str, Schema] = {}
    for name in names:
        about = f"Of another package: {name}."
        try:
            settings = entries[name].settings
            about = getattr(entries[name], "about", "") or about
        except PluginError:
            settings = ChoiceSettings
        made: Schema = {"additionalProperties": False}
        if settings is not None:
            made = cast("Schema", _relaxed(settings.model_json_schema()))
        parts.update(made.pop("$defs", {}))
        found[name] = {"description": about, "type": "object", **made}
    return found


def _or_short(full: Schema, *short: Schema) -> Schema:
    return {"anyOf": [*short, full]}


def _described(schema: Schema) -> Schema:
    return {"description": schema["description"]} if "description" in schema else {}


def _add_keys_of_addresses(parts: Schema) -> None:
    """Add the keys of kinds of address to a source."""
    source = parts["SourceSettings"]["anyOf"][-1]
    source["additionalProperties"] = False
    for model in keyed_kinds().values():
        made = cast("Schema", _relaxed(model.model_json_schema()))
        below = made.pop("$defs", {})
        for name, part in below.items():
            _describe(name, part)
        parts.update(below)
        written = next(base for base in model.__mro__ if SourceKeys in base.__bases__)
        said = described_keys(written.__name__)
        for key, schema in made.get("properties", {}).items():
            source["properties"][key] = {**schema, "description": said.get(key, f"A key of {model.__name__}.")}


def _add_known_names(parts: Schema) -> None:
    """List the known measures, formats and presets, including those from other installed packages."""
    parts["PanelSettings"]["properties"]["measure"]["enum"] = [*MEASURES, *MEASURES.others]
    source = parts["SourceSettings"]["anyOf"][-1]["properties"]["format"]
    source["anyOf"][0] = {"enum": list(formats_of_files()), "type": "string"}
    _add_keys_of_addresses(parts)
    engine = parts["EngineSettings"]
    engine["properties"]["name"] = {"enum": [*ENGINES, *ENGINES.others], **_described(engine["properties"]["name"])}
    for key, kind in keys_of_engines().items():
        model = cast("type[Settings]", kind.settings)
        made = cast("Schema", _relaxed(model.model_json_schema()))
        said = described_keys(model.__name__).get(key, f"Of the engine {kind.name}.")
        engine["properties"][key] = {**made["properties"][key], "description": said}
    engine["additionalProperties"] = False
    presets = known_presets()
    names = [*presets, *dict.fromkeys(name.partition("@")[0] for name in presets)]
    parts["TaxonomySettings"]["properties"]["preset"]["anyOf"] = [{"enum": names}, {"type": "null"}]
