"""The interface of the program for packs and other packages (docs/extending.md).

A pack in `contrib` and a package that is installed beside the program may rely on the names here and on nothing else.
`INTERFACE` goes up when a name in `PUBLIC`, or `formats`, changes so that an entry written for the last would fail. New
names do not change it. Names in `PACKS_ONLY` are for packs of this program and may change with any version.

A module is loaded when somebody asks for one of its names, so that a pack loads nothing that it does not use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .packs import register_packs

if TYPE_CHECKING:  # the same names, for type checkers and editors
    from . import formats as formats
    from .arrays import Bools as Bools
    from .arrays import Floats as Floats
    from .arrays import Indices as Indices
    from .arrays import Ints as Ints
    from .arrays import counted as counted
    from .arrays import laid as laid
    from .arrays import over as over
    from .arrays import summed as summed
    from .cache import Cache as Cache
    from .cache import Memory as Memory
    from .cache import TemporaryFolder as TemporaryFolder
    from .cells import WITHHELD as WITHHELD
    from .cells import Cell as Cell
    from .cells import CellRef as CellRef
    from .cells import Estimate as Estimate
    from .cells import Kind as Kind
    from .cells import MeasureInfo as MeasureInfo
    from .cells import Panel as Panel
    from .cells import Refusal as Refusal
    from .cells import Unit as Unit
    from .cli.annotations import annotation as annotation
    from .cli.annotations import harmless as harmless
    from .cli.annotations import workflow_command as workflow_command
    from .cli.console import Console as Console
    from .cli.console import closing as closing
    from .cli.console import excerpt as excerpt
    from .cli.console import first_sentence as first_sentence
    from .cli.console import note_entry as note_entry
    from .cli.console import plain_spaces as plain_spaces
    from .cli.options import SPOKEN as SPOKEN
    from .cli.options import Command as Command
    from .cli.options import ConfigPath as ConfigPath
    from .cli.options import Engine as Engine
    from .cli.options import NoCache as NoCache
    from .cli.options import command as command
    from .config.checks_relations import form_of as form_of
    from .config.comments import published_config as published_config
    from .config.loading import Config as Config
    from .config.loading import LoadedConfig as LoadedConfig
    from .config.loading import load_config as load_config
    from .config.loading import load_text as load_text
    from .config.names import label_of as label_of
    from .config.names import plural_of as plural_of
    from .config.places import Fault as Fault
    from .config.places import View as View
    from .config.places import printable as printable
    from .config.sections import ConfigSection as ConfigSection
    from .confine import Opens as Opens
    from .confine import check_path as check_path
    from .confine import is_own_place as is_own_place
    from .confine import made_for as made_for
    from .document.compose import Written as Written
    from .document.evidence import Calculation as Calculation
    from .document.evidence import DrawnAgain as DrawnAgain
    from .document.evidence import Evidence as Evidence
    from .document.evidence import Fate as Fate
    from .document.evidence import cell_evidence as cell_evidence
    from .document.evidence import evidence_of as evidence_of
    from .document.evidence import finding_of as finding_of
    from .document.evidence import number_text as number_text
    from .document.evidence import term_text as term_text
    from .document.material import OverTime as OverTime
    from .document.material import Part as Part
    from .document.material import ProvenanceFile as ProvenanceFile
    from .document.model import Block as Block
    from .document.model import Column as Column
    from .document.model import Document as Document
    from .document.model import EvidenceList as EvidenceList
    from .document.model import EvidenceNote as EvidenceNote
    from .document.model import FigureBlock as FigureBlock
    from .document.model import ItemList as ItemList
    from .document.model import Paragraph as Paragraph
    from .document.model import Section as Section
    from .document.model import Sentence as Sentence
    from .document.model import Span as Span
    from .document.model import TableBlock as TableBlock
    from .document.model import table as table
    from .document.pictures_of_counts import MOST_TOLD as MOST_TOLD
    from .document.pictures_of_counts import Illustration as Illustration
    from .document.pictures_of_counts import picture_block as picture_block
    from .document.writer import Writer as Writer
    from .document.writer import fill as fill
    from .document.writer import html_environment as html_environment
    from .document.writer import position as position
    from .errors import ConfigError as ConfigError
    from .errors import DataError as DataError
    from .errors import DiptychError as DiptychError
    from .errors import ExpectationError as ExpectationError
    from .errors import Note as Note
    from .errors import Problem as Problem
    from .errors import PublishError as PublishError
    from .errors import RebuildError as RebuildError
    from .errors import RenderError as RenderError
    from .errors import SnapshotError as SnapshotError
    from .errors import TargetError as TargetError
    from .errors import did_you_mean as did_you_mean
    from .errors import listed as listed
    from .errors import shortened as shortened
    from .figures import LABEL_LIMIT_PX as LABEL_LIMIT_PX
    from .figures import LABEL_PX as LABEL_PX
    from .figures import LEGEND_PX as LEGEND_PX
    from .figures import SQUARES_LIMIT as SQUARES_LIMIT
    from .figures import Layout as Layout
    from .figures import panel_letters as panel_letters
    from .figures import text_px as text_px
    from .figures.dots import ComparedRow as ComparedRow
    from .figures.dots import Comparison as Comparison
    from .figures.drawing import Drawer as Drawer
    from .figures.heatmap import alt_text as alt_text
    from .figures.heatmap import config_of as config_of
    from .figures.heatmap import datasets_of as datasets_of
    from .figures.heatmap import panel_scales as panel_scales
    from .figures.marks import SCHEMA as SCHEMA
    from .figures.marks import Json as Json
    from .figures.marks import leaf as leaf
    from .figures.marks import panel_view as panel_view
    from .figures.naming import short_names as short_names
    from .figures.naming import with_short_names as with_short_names
    from .figures.printing import Print as Print
    from .figures.scales import ColourScale as ColourScale
    from .figures.scales import baseline_label as baseline_label
    from .findings.finding import Finding as Finding
    from .findings.finding import KeyNumber as KeyNumber
    from .findings.finding import Numbers as Numbers
    from .findings.finding import Recipe as Recipe
    from .findings.finding import Study as Study
    from .findings.finding import Telling as Telling
    from .findings.finding import finding_key as finding_key
    from .findings.finding import slug as slug
    from .findings.kinds import STATEMENTS as STATEMENTS
    from .findings.kinds import answer as answer
    from .findings.kinds import headlines as headlines
    from .findings.statements import Account as Account
    from .findings.statements import Answer as Answer
    from .findings.statements import Asked as Asked
    from .findings.statements import Drawn as Drawn
    from .findings.statements import FindingKind as FindingKind
    from .findings.statements import Headline as Headline
    from .findings.statements import Question as Question
    from .findings.statements import Statement as Statement
    from .findings.statements import about_finding as about_finding
    from .findings.statements import varying as varying
    from .hub.addresses import scheme_of as scheme_of
    from .incidence import Incidence as Incidence
    from .incidence import pattern_keys as pattern_keys
    from .incidence import weights_of as weights_of
    from .inference import InferenceSettings as InferenceSettings
    from .inference.critical_values import LEAST_FREEDOM as LEAST_FREEDOM
    from .inference.critical_values import Student as Student
    from .inference.intervals import Formula as Formula
    from .inference.intervals import Interval as Interval
    from .inference.intervals import IntervalRule as IntervalRule
    from .inference.intervals import Measure as Measure
    from .inference.intervals import gradient_of as gradient_of
    from .inference.intervals import measure as measure
    from .inference.intervals import wilson as wilson
    from .inference.laws import at_most_one as at_most_one
    from .inference.laws import chi_square_quantile as chi_square_quantile
    from .inference.laws import false_discovery as false_discovery
    from .inference.laws import hypergeometric_tail as hypergeometric_tail
    from .inference.laws import normal_quantile as normal_quantile
    from .inference.laws import quantile as quantile
    from .inference.laws import t_quantile as t_quantile
    from .inference.laws import t_two_sided as t_two_sided
    from .inference.moments import GIVEN as GIVEN
    from .inference.moments import JOINT as JOINT
    from .inference.moments import OUTCOME as OUTCOME
    from .inference.moments import UNITS as UNITS
    from .inference.strata import effective_of as effective_of
    from .inference.totals import proportion as proportion
    from .ledger import Axis as Axis
    from .ledger import Held as Held
    from .ledger import Ledger as Ledger
    from .ledger import ends_of as ends_of
    from .ledger.contributions import Labels as Labels
    from .ledger.coverage import Contribution as Contribution
    from .ledger.coverage import ExpectSettings as ExpectSettings
    from .ledger.coverage import check_expectations as check_expectations
    from .ledger.item_types import MOST_PATTERNS as MOST_PATTERNS
    from .ledger.item_types import ItemTypes as ItemTypes
    from .ledger.item_types import Sets as Sets
    from .ledger.item_types import TypeSide as TypeSide
    from .ledger.item_types import filed as filed
    from .ledger.item_types import filing as filing
    from .ledger.patterns import blank as blank
    from .ledger.patterns import filled as filled
    from .ledger.patterns import incidence_of as incidence_of
    from .ledger.patterns import merged as merged
    from .ledger.patterns import patterns as patterns
    from .ledger.patterns import patterns_of as patterns_of
    from .ledger.recounts import Change as Change
    from .ledger.series import MOST_POINTS as MOST_POINTS
    from .ledger.series import Dated as Dated
    from .ledger.series import Every as Every
    from .ledger.series import Series as Series
    from .ledger.series import SeriesPoint as SeriesPoint
    from .ledger.series import dated_series as dated_series
    from .ledger.series import less as less
    from .ledger.series import spread as spread
    from .ledger.uncounted import UncountedByPoint as UncountedByPoint
    from .ledger.uncounted import of_reports as of_reports
    from .manifest import NAME as NAME
    from .manifest import Fingerprint as Fingerprint
    from .manifest import InputFile as InputFile
    from .manifest import InputTable as InputTable
    from .manifest import MadeFrom as MadeFrom
    from .manifest import Manifest as Manifest
    from .manifest import Versions as Versions
    from .manifest import current_versions as current_versions
    from .manifest import fingerprint as fingerprint
    from .manifest import is_own_file as is_own_file
    from .manifest import read_any_manifest as read_any_manifest
    from .manifest import verify as verify
    from .matrices import BareMatrix as BareMatrix
    from .matrices import PanelSettings as PanelSettings
    from .matrices.counts import agreeing as agreeing
    from .matrices.counts import shares as shares
    from .measures import MEASURES as MEASURES
    from .panels import Tables as Tables
    from .panels import build_panel as build_panel
    from .panels import tables_of as tables_of
    from .pipeline.build import build as build
    from .pipeline.build import check as check
    from .pipeline.build import made_from_config as made_from_config
    from .pipeline.build import make_page as make_page
    from .pipeline.counting import Counted as Counted
    from .pipeline.counting import compiled as compiled
    from .pipeline.counting import counted_relations as counted_relations
    from .pipeline.counting import report_date as report_date
    from .pipeline.counting import side_labels as side_labels
    from .pipeline.counting import used_entities as used_entities
    from .pipeline.drafts import Draft as Draft
    from .pipeline.drafts import draft as draft
    from .pipeline.drafts import open_ledgers as open_ledgers
    from .pipeline.drafts import recounted as recounted
    from .pipeline.drafts import study_of as study_of
    from .pipeline.drafts import writer_of as writer_of
    from .pipeline.histories import History as History
    from .pipeline.histories import JudgedClaim as JudgedClaim
    from .pipeline.histories import Outcome as Outcome
    from .pipeline.histories import Past as Past
    from .pipeline.histories import PictureToDraw as PictureToDraw
    from .pipeline.histories import Remembered as Remembered
    from .pipeline.histories import Taken as Taken
    from .pipeline.histories import Told as Told
    from .pipeline.histories import history_folders as history_folders
    from .pipeline.inputs import input_files as input_files
    from .pipeline.inputs import looked_at as looked_at
    from .pipeline.pictures import panels_at as panels_at
    from .pipeline.provenance import VERSION as VERSION
    from .pipeline.provenance import report_settings as report_settings
    from .pipeline.provenance import went_in as went_in
    from .pipeline.site import ALONE as ALONE
    from .pipeline.site import load_named as load_named
    from .pipeline.site import remake as remake
    from .pipeline.site import report_name as report_name
    from .pipeline.text import text_files as text_files
    from .pseudonyms import is_pseudonym as is_pseudonym
    from .publish.site import ARCHIVE as ARCHIVE
    from .publish.ways import write_file as write_file
    from .regular_files import read_regular as read_regular
    from .renderers.data import csv_bytes as csv_bytes
    from .renderers.html_data import Asset as Asset
    from .renderers.html_data import page_assets as page_assets
    from .renderers.outline import sentences_of as sentences_of
    from .renderers.plain import Plain as Plain
    from .renderers.plain import plain as plain
    from .renderers.registry import Renderer as Renderer
    from .renderers.registry import Rendering as Rendering
    from .renderers.report_json import finding_entry as finding_entry
    from .reuse import Built as Built
    from .reuse import Looked as Looked
    from .reuse import usual_cache as usual_cache
    from .settings import Settings as Settings
    from .settings import Share as Share
    from .slots import INTERFACE as INTERFACE
    from .sources import EngineSettings as EngineSettings
    from .sources import Limits as Limits
    from .sources import SourceSettings as SourceSettings
    from .sources.files import FileFormat as FileFormat
    from .sources.files import first_rows as first_rows
    from .sources.files import of_rows as of_rows
    from .sources.located import open_engine as open_engine
    from .sources.personal import SAMPLED as SAMPLED
    from .sources.personal import looks_personal as looks_personal
    from .sources.tables import as_source as as_source
    from .sources.tables import tables_at as tables_at
    from .taxonomy import ItemNames as ItemNames
    from .taxonomy import LabelCount as LabelCount
    from .taxonomy import Taxonomy as Taxonomy
    from .taxonomy.categorise import Categorised as Categorised
    from .taxonomy.sets import Words as Words
    from .taxonomy.sets import has as has
    from .taxonomy.sets import members as members
    from .taxonomy.sets import numbered as numbered
    from .taxonomy.sets import union as union
    from .taxonomy.sets import words_of as words_of
    from .theme import markdown as markdown
    from .theme import one_line as one_line
    from .theme import template_folder as template_folder
    from .theme.colours import LIGHT as LIGHT
    from .theme.colours import LINES as LINES

PUBLIC = {
    # Numbers and cells
    "arrays": "Bools Floats",
    "cells": "Cell CellRef Estimate MeasureInfo Panel Refusal",
    # Mistakes of a person
    "errors": "DataError RenderError",
    # Every slot: the version that an entry is written for, and the base of its options
    "settings": "Settings",
    "slots": "INTERFACE",
    # Slot measure
    "inference.intervals": "Interval IntervalRule Measure measure wilson",
    "inference.moments": "GIVEN JOINT OUTCOME UNITS",
    # Slot finding
    "findings.finding": "Finding KeyNumber Recipe Study Telling finding_key slug",
    "findings.statements": "Account Answer Asked Drawn FindingKind Headline Question Statement about_finding varying",
    # Slot renderer, and the document
    "renderers.registry": "Renderer Rendering",
    "document.model": (
        "Block Document EvidenceList EvidenceNote FigureBlock ItemList Paragraph Section Sentence Span TableBlock"
    ),
    # Slot source
    "sources": "Limits SourceSettings",
    "sources.files": "FileFormat of_rows",
    # Slot command, and what it may print
    "cli.options": "Command ConfigPath Engine command",
    "cli.console": "Console",
    # Slot section: a section of the config, and what is wrong with it
    "config.sections": "ConfigSection",
    "config.places": "Fault View printable",
    # Slot history: what keeps results of builds for later ones
    "config.loading": "Config LoadedConfig",
    "ledger.series": "Every Series SeriesPoint",
    "manifest": "MadeFrom",
    "pipeline.counting": "Counted",
    "document.material": "OverTime",
    "pipeline.histories": "History JudgedClaim Outcome Past PictureToDraw Remembered Taken Told",
    # A config, counted and put into words
    "pipeline.drafts": "Draft draft",
}
"""The names that packages may rely on, by module; `formats`, a module, is one of them."""

PACKS_ONLY = {
    # Arrays, messages and templates
    "arrays": "Indices Ints counted laid over summed",
    "cells": "Kind Unit WITHHELD",
    "errors": (
        "ConfigError DiptychError ExpectationError Note Problem PublishError RebuildError SnapshotError "
        "TargetError did_you_mean listed shortened"
    ),
    "theme": "markdown one_line template_folder",
    "regular_files": "read_regular",
    "publish.ways": "write_file",
    # The terminal, and the log of a GitHub workflow
    "cli.options": "NoCache SPOKEN",
    "cli.console": "closing excerpt first_sentence note_entry plain_spaces",
    "cli.annotations": "annotation harmless workflow_command",
    # Data that no config describes
    "sources": "EngineSettings",
    "sources.files": "first_rows",
    "sources.located": "open_engine",
    "sources.personal": "SAMPLED looks_personal",
    "sources.tables": "as_source tables_at",
    "hub.addresses": "scheme_of",
    "config.names": "label_of plural_of",
    # A config, its findings and its evidence
    "config.loading": "load_config load_text",
    "config.comments": "published_config",
    "pipeline.drafts": "open_ledgers recounted study_of writer_of",
    "pipeline.counting": "compiled counted_relations report_date side_labels used_entities",
    "pipeline.inputs": "input_files looked_at",
    "findings.finding": "Numbers",
    "findings.kinds": "STATEMENTS answer headlines",
    "document.compose": "Written",
    "document.material": "Part ProvenanceFile",
    "document.writer": "Writer fill html_environment position",
    "document.evidence": (
        "Calculation DrawnAgain Evidence Fate cell_evidence evidence_of finding_of number_text term_text"
    ),
    "renderers.outline": "sentences_of",
    "renderers.plain": "Plain plain",
    "renderers.report_json": "finding_entry",
    "renderers.data": "csv_bytes",
    # Units, items and labels as whole numbers
    "ledger": "Axis Held Ledger ends_of",
    "ledger.contributions": "Labels",
    "ledger.coverage": "Contribution ExpectSettings check_expectations",
    "ledger.patterns": "blank filled incidence_of merged patterns patterns_of",
    "incidence": "Incidence pattern_keys weights_of",
    "taxonomy": "ItemNames LabelCount Taxonomy",
    "taxonomy.categorise": "Categorised",
    "taxonomy.sets": "Words has members numbered union words_of",
    # Builds and sites
    "pipeline.build": "build check made_from_config make_page",
    "pipeline.site": "ALONE load_named remake report_name",
    "manifest": (
        "Fingerprint InputFile InputTable Manifest NAME Versions current_versions fingerprint is_own_file "
        "read_any_manifest verify"
    ),
    "publish.site": "ARCHIVE",
    "figures.drawing": "Drawer",
    "cache": "Cache Memory TemporaryFolder",
    "reuse": "Built Looked usual_cache",
    # Snapshots: what they keep, where, and an old report
    "config.checks_relations": "form_of",
    "confine": "Opens check_path is_own_place made_for",
    "settings": "Share",
    "pipeline.histories": "history_folders",
    "pipeline.provenance": "VERSION report_settings went_in",
    "pipeline.text": "text_files",
    "ledger.item_types": "ItemTypes MOST_PATTERNS Sets TypeSide filed filing",
    "ledger.recounts": "Change",
    "ledger.series": "Dated MOST_POINTS dated_series less spread",
    "ledger.uncounted": "UncountedByPoint of_reports",
    "matrices": "BareMatrix PanelSettings",
    "panels": "Tables build_panel tables_of",
    "pseudonyms": "is_pseudonym",
    # What moved: over a series, or between two builds
    "inference": "InferenceSettings",
    "inference.critical_values": "LEAST_FREEDOM Student",
    "inference.intervals": "Formula gradient_of",
    "inference.laws": (
        "at_most_one chi_square_quantile false_discovery hypergeometric_tail normal_quantile "
        "quantile t_quantile t_two_sided"
    ),
    "inference.strata": "effective_of",
    "inference.totals": "proportion",
    "matrices.counts": "agreeing shares",
    "measures": "MEASURES",
    # Pages, tables and figures of what moved
    "renderers.html_data": "Asset page_assets",
    "document.model": "Column table",
    "document.pictures_of_counts": "Illustration MOST_TOLD picture_block",
    "figures": "LABEL_LIMIT_PX LABEL_PX LEGEND_PX Layout SQUARES_LIMIT panel_letters text_px",
    "figures.dots": "ComparedRow Comparison",
    "figures.heatmap": "alt_text config_of datasets_of panel_scales",
    "figures.marks": "Json SCHEMA leaf panel_view",
    "figures.naming": "short_names with_short_names",
    "figures.printing": "Print",
    "figures.scales": "ColourScale baseline_label",
    "pipeline.pictures": "panels_at",
    "theme.colours": "LIGHT LINES",
}
"""The names that only packs of this program use, by module."""

register_packs()

_HOMES = {
    name: module for names_of in (PUBLIC, PACKS_ONLY) for module, names in names_of.items() for name in names.split()
}


if not TYPE_CHECKING:  # a type checker would take every name for one that is there

    def __getattr__(name: str) -> object:
        """Return a name of the interface, from the module that has it."""
        if name == "formats":
            found = import_module(".formats", __package__)
        elif name in _HOMES:
            found = getattr(import_module(f".{_HOMES[name]}", __package__), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found

    def __dir__() -> list[str]:
        """Return the names of the interface."""
        return sorted(("formats", *_HOMES))
