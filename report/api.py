"""The interface of the program for packs and other packages (docs/extending.md).

A pack in `contrib` or an installed package may depend on these names and on nothing else. `INTERFACE` increases when a
name in `PUBLIC`, or `formats`, changes so that an entry written for the previous version would fail. New names do not
change it. Names in `PACKS_ONLY` are for packs of this program and may change with any version.

A module is imported when one of its names is first used, so that a pack loads only the modules that it uses.
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
    from .arrays import connected as connected
    from .arrays import counted as counted
    from .arrays import laid as laid
    from .arrays import over as over
    from .arrays import reached as reached
    from .arrays import summed as summed
    from .cache import FOLDER_VARIABLE as FOLDER_VARIABLE
    from .cache import Cache as Cache
    from .cache import Memory as Memory
    from .cache import TemporaryFolder as TemporaryFolder
    from .cache import usual_folder as usual_folder
    from .cells import TESTED as TESTED
    from .cells import WITHHELD as WITHHELD
    from .cells import Cell as Cell
    from .cells import CellRef as CellRef
    from .cells import Dispersion as Dispersion
    from .cells import Estimate as Estimate
    from .cells import Kind as Kind
    from .cells import MeasureInfo as MeasureInfo
    from .cells import Panel as Panel
    from .cells import Refusal as Refusal
    from .cells import Unit as Unit
    from .cli.annotations import annotation as annotation
    from .cli.annotations import harmless as harmless
    from .cli.annotations import workflow_command as workflow_command
    from .cli.bars import fetching as fetching
    from .cli.console import Console as Console
    from .cli.console import closing as closing
    from .cli.console import excerpt as excerpt
    from .cli.console import first_sentence as first_sentence
    from .cli.console import note_entry as note_entry
    from .cli.console import plain_spaces as plain_spaces
    from .cli.options import SPOKEN as SPOKEN
    from .cli.options import Command as Command
    from .cli.options import ConfigPath as ConfigPath
    from .cli.options import EngineOption as EngineOption
    from .cli.options import NoCache as NoCache
    from .cli.options import command as command
    from .cli.options import own_app as own_app
    from .cli.options import spoken as spoken
    from .config.checks_relations import form_of as form_of
    from .config.comments import published_config as published_config
    from .config.loading import Config as Config
    from .config.loading import LoadedConfig as LoadedConfig
    from .config.loading import load_config as load_config
    from .config.loading import load_text as load_text
    from .config.names import label_of as label_of
    from .config.names import plural_of as plural_of
    from .config.nodes import read_text as read_text
    from .config.nodes import read_tree as read_tree
    from .config.places import Fault as Fault
    from .config.places import View as View
    from .config.places import printable as printable
    from .config.sections import ConfigSection as ConfigSection
    from .confine import ConfineError as ConfineError
    from .confine import OpensPath as OpensPath
    from .confine import check_path as check_path
    from .confine import current as current
    from .confine import is_own_place as is_own_place
    from .confine import made_for as made_for
    from .document.compose import WrittenPart as WrittenPart
    from .document.compose import key_sentences as key_sentences
    from .document.evidence import Calculation as Calculation
    from .document.evidence import Evidence as Evidence
    from .document.evidence import ResampleFailures as ResampleFailures
    from .document.evidence import StatementOutcome as StatementOutcome
    from .document.evidence import cell_evidence as cell_evidence
    from .document.evidence import estimate_texts as estimate_texts
    from .document.evidence import evidence_of as evidence_of
    from .document.evidence import finding_of as finding_of
    from .document.material import OverTime as OverTime
    from .document.material import ProvenanceFile as ProvenanceFile
    from .document.material import RelationReport as RelationReport
    from .document.model import LANGUAGE as LANGUAGE
    from .document.model import Block as Block
    from .document.model import Column as Column
    from .document.model import Document as Document
    from .document.model import Download as Download
    from .document.model import EvidenceList as EvidenceList
    from .document.model import EvidenceNote as EvidenceNote
    from .document.model import Figure as Figure
    from .document.model import FigureBlock as FigureBlock
    from .document.model import ItemList as ItemList
    from .document.model import LinkSpan as LinkSpan
    from .document.model import Paragraph as Paragraph
    from .document.model import Section as Section
    from .document.model import Sentence as Sentence
    from .document.model import Span as Span
    from .document.model import TableBlock as TableBlock
    from .document.model import TableCell as TableCell
    from .document.model import right as right
    from .document.model import table as table
    from .document.passages import Claim as Claim
    from .document.passages import Passage as Passage
    from .document.passages import Where as Where
    from .document.writer import Writer as Writer
    from .document.writer import fill as fill
    from .document.writer import fill_each as fill_each
    from .document.writer import html_environment as html_environment
    from .document.writer import position as position
    from .errors import ClaimError as ClaimError
    from .errors import ConfigError as ConfigError
    from .errors import DataError as DataError
    from .errors import DiptychError as DiptychError
    from .errors import ExpectationError as ExpectationError
    from .errors import FetchError as FetchError
    from .errors import Note as Note
    from .errors import Problem as Problem
    from .errors import PublishError as PublishError
    from .errors import RebuildError as RebuildError
    from .errors import RenderError as RenderError
    from .errors import SnapshotError as SnapshotError
    from .errors import TargetError as TargetError
    from .errors import TextError as TextError
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
    from .figures.drawing import Drawer as Drawer
    from .figures.drawing import Plate as Plate
    from .figures.drawing import plate_png as plate_png
    from .figures.heatmap import alt_text as alt_text
    from .figures.heatmap import datasets_of as datasets_of
    from .figures.heatmap import panel_scales as panel_scales
    from .figures.marks import leaf as leaf
    from .figures.marks import panel_view as panel_view
    from .figures.naming import short_names as short_names
    from .figures.naming import with_short_names as with_short_names
    from .figures.printing import Print as Print
    from .figures.scales import ColourScale as ColourScale
    from .figures.scales import baseline_label as baseline_label
    from .figures.specs import SCHEMA as SCHEMA
    from .figures.specs import Json as Json
    from .figures.specs import config_of as config_of
    from .findings import ThresholdSettings as ThresholdSettings
    from .findings.finding import Finding as Finding
    from .findings.finding import KeyNumber as KeyNumber
    from .findings.finding import Place as Place
    from .findings.finding import Recipe as Recipe
    from .findings.finding import RelationCounts as RelationCounts
    from .findings.finding import SentenceSpec as SentenceSpec
    from .findings.finding import Study as Study
    from .findings.finding import finding_key as finding_key
    from .findings.finding import slug as slug
    from .findings.kinds import STATEMENTS as STATEMENTS
    from .findings.kinds import answer as answer
    from .findings.kinds import headlines as headlines
    from .findings.recounted_panels import resampled_panels as resampled_panels
    from .findings.recounted_panels import without_contributors as without_contributors
    from .findings.statements import Account as Account
    from .findings.statements import Answer as Answer
    from .findings.statements import FindingKind as FindingKind
    from .findings.statements import Headline as Headline
    from .findings.statements import Partner as Partner
    from .findings.statements import Question as Question
    from .findings.statements import ResampledStudy as ResampledStudy
    from .findings.statements import Statement as Statement
    from .findings.statements import StatementInput as StatementInput
    from .findings.statements import about_finding as about_finding
    from .findings.statements import carriers as carriers
    from .findings.statements import varying as varying
    from .incidence import IF_SET as IF_SET
    from .incidence import Incidence as Incidence
    from .incidence import Side as Side
    from .incidence import freedom_of_both as freedom_of_both
    from .incidence import pattern_keys as pattern_keys
    from .incidence import selected as selected
    from .incidence import weights_of as weights_of
    from .inference import InferenceSettings as InferenceSettings
    from .inference.critical_values import LEAST_FREEDOM as LEAST_FREEDOM
    from .inference.critical_values import Student as Student
    from .inference.crossings import crossings as crossings
    from .inference.crossings import fit_without as fit_without
    from .inference.drawing import RESAMPLES as RESAMPLES
    from .inference.drawing import Totals as Totals
    from .inference.drawing import bagged as bagged
    from .inference.drawing import draw as draw
    from .inference.drawing import redraws as redraws
    from .inference.drawing import resampling as resampling
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
    from .inference.strata import effective_of as effective_of
    from .inference.totals import proportion as proportion
    from .ledger import Axis as Axis
    from .ledger import HeldTypes as HeldTypes
    from .ledger import Ledger as Ledger
    from .ledger import ends_of as ends_of
    from .ledger.contributions import Labels as Labels
    from .ledger.coverage import Contribution as Contribution
    from .ledger.coverage import Coverage as Coverage
    from .ledger.coverage import SideCoverage as SideCoverage
    from .ledger.patterns import blank as blank
    from .ledger.patterns import filled as filled
    from .ledger.patterns import incidence_of as incidence_of
    from .ledger.patterns import merged as merged
    from .ledger.patterns import patterns as patterns
    from .ledger.patterns import patterns_of as patterns_of
    from .ledger.patterns import unit_combinations as unit_combinations
    from .ledger.recounts import Change as Change
    from .ledger.series import MOST_POINTS as MOST_POINTS
    from .ledger.series import DatedUnits as DatedUnits
    from .ledger.series import Every as Every
    from .ledger.series import Series as Series
    from .ledger.series import SeriesPoint as SeriesPoint
    from .ledger.series import dated_series as dated_series
    from .ledger.series import less as less
    from .ledger.series import spread as spread
    from .ledger.uncounted import UncountedByPoint as UncountedByPoint
    from .ledger.uncounted import of_reports as of_reports
    from .manifest import NAME as NAME
    from .manifest import VERSION as VERSION
    from .manifest import Fingerprint as Fingerprint
    from .manifest import InputFile as InputFile
    from .manifest import InputTable as InputTable
    from .manifest import MadeFrom as MadeFrom
    from .manifest import Manifest as Manifest
    from .manifest import Versions as Versions
    from .manifest import build_site_manifest as build_site_manifest
    from .manifest import current_versions as current_versions
    from .manifest import fingerprint as fingerprint
    from .manifest import is_own_file as is_own_file
    from .manifest import read_any_manifest as read_any_manifest
    from .manifest import verify as verify
    from .matrices import BareMatrix as BareMatrix
    from .matrices import PanelSettings as PanelSettings
    from .matrices.counts import EMPTY as EMPTY
    from .matrices.counts import Counts as Counts
    from .matrices.counts import adjusted_residual as adjusted_residual
    from .matrices.counts import agreeing as agreeing
    from .matrices.counts import corrected as corrected
    from .matrices.counts import refuse_withheld as refuse_withheld
    from .matrices.counts import shares as shares
    from .matrices.counts import totals as totals
    from .matrices.seriation import groups as groups
    from .matrices.seriation import likenesses as likenesses
    from .measures import MEASURES as MEASURES
    from .measures.association import HALF as HALF
    from .measures.association import odds_ratio_interval as odds_ratio_interval
    from .measures.association import ratio_interval as ratio_interval
    from .panels import LIFT as LIFT
    from .panels import Against as Against
    from .panels import Basis as Basis
    from .panels import PlacedCell as PlacedCell
    from .panels import PlacedPanel as PlacedPanel
    from .panels import RelationStats as RelationStats
    from .panels import build_panel as build_panel
    from .panels import cell_differences as cell_differences
    from .panels import judged_against as judged_against
    from .panels import tables_of as tables_of
    from .pipeline.build import build as build
    from .pipeline.build import check as check
    from .pipeline.build import made_from_config as made_from_config
    from .pipeline.build import make_page as make_page
    from .pipeline.counting import CountedSources as CountedSources
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
    from .pipeline.histories import Outcome as Outcome
    from .pipeline.histories import PastBuild as PastBuild
    from .pipeline.histories import PictureToDraw as PictureToDraw
    from .pipeline.histories import RememberedBuilds as RememberedBuilds
    from .pipeline.histories import TakenSnapshot as TakenSnapshot
    from .pipeline.histories import Told as Told
    from .pipeline.histories import history_folders as history_folders
    from .pipeline.inputs import input_files as input_files
    from .pipeline.inputs import looked_at as looked_at
    from .pipeline.inputs import named_sources as named_sources
    from .pipeline.passages import AuthoredText as AuthoredText
    from .pipeline.passages import CountedReport as CountedReport
    from .pipeline.passages import PassageWriter as PassageWriter
    from .pipeline.passages import files_in as files_in
    from .pipeline.passages import is_folder as is_folder
    from .pipeline.passages import passage_files as passage_files
    from .pipeline.passages import passage_folders as passage_folders
    from .pipeline.passages import read_fault as read_fault
    from .pipeline.pictures import panels_at as panels_at
    from .pipeline.provenance import report_settings as report_settings
    from .pipeline.provenance import went_in as went_in
    from .pipeline.site import ALONE as ALONE
    from .pipeline.site import load_named as load_named
    from .pipeline.site import remake as remake
    from .pipeline.site import report_name as report_name
    from .progress import log_plan as log_plan
    from .progress import stage as stage
    from .progress import tell as tell
    from .pseudonyms import is_pseudonym as is_pseudonym
    from .publish.site import ARCHIVE as ARCHIVE
    from .publish.site import check_folder as check_folder
    from .publish.site import publish as publish
    from .publish.site import recover as recover
    from .publish.ways import write_file as write_file
    from .regular_files import read_regular as read_regular
    from .relations.recode import number_bins as number_bins
    from .renderers.citing import web_address as web_address
    from .renderers.data import csv_bytes as csv_bytes
    from .renderers.embedded import render_embedded as render_embedded
    from .renderers.html import ICON as ICON
    from .renderers.html import absolute as absolute
    from .renderers.html_data import Asset as Asset
    from .renderers.html_data import base_style as base_style
    from .renderers.html_data import page_assets as page_assets
    from .renderers.outline import Anchors as Anchors
    from .renderers.outline import BlockWriter as BlockWriter
    from .renderers.outline import Outline as Outline
    from .renderers.outline import Run as Run
    from .renderers.outline import address as address
    from .renderers.outline import blocks_of as blocks_of
    from .renderers.outline import colours_of as colours_of
    from .renderers.outline import dated as dated
    from .renderers.outline import letters as letters
    from .renderers.outline import marked as marked
    from .renderers.outline import note_mark as note_mark
    from .renderers.outline import notes_of as notes_of
    from .renderers.outline import outline as outline
    from .renderers.outline import refs_of as refs_of
    from .renderers.outline import runs as runs
    from .renderers.outline import schemes_of as schemes_of
    from .renderers.outline import sentences_of as sentences_of
    from .renderers.outline import table_blocks as table_blocks
    from .renderers.outline import table_remarks as table_remarks
    from .renderers.outline import with_remark as with_remark
    from .renderers.plain import Plain as Plain
    from .renderers.plain import TextTree as TextTree
    from .renderers.plain import plain as plain
    from .renderers.plain import plain_mapping as plain_mapping
    from .renderers.plain import yaml_lines as yaml_lines
    from .renderers.registry import Renderer as Renderer
    from .renderers.registry import Rendering as Rendering
    from .renderers.registry import page_of as page_of
    from .renderers.report_json import finding_entry as finding_entry
    from .renderers.svg import inline_svg as inline_svg
    from .reuse import Built as Built
    from .reuse import InputsChecked as InputsChecked
    from .reuse import usual_cache as usual_cache
    from .settings import Names as Names
    from .settings import Settings as Settings
    from .settings import Share as Share
    from .slots import INTERFACE as INTERFACE
    from .sources import EngineSettings as EngineSettings
    from .sources import Limits as Limits
    from .sources import SourceSettings as SourceSettings
    from .sources import n_bytes as n_bytes
    from .sources.addresses import USUAL as USUAL
    from .sources.addresses import AddressKind as AddressKind
    from .sources.addresses import DownloadBounds as DownloadBounds
    from .sources.addresses import Fetching as Fetching
    from .sources.addresses import SilentWatch as SilentWatch
    from .sources.addresses import SourceKeys as SourceKeys
    from .sources.addresses import TooMuchError as TooMuchError
    from .sources.addresses import Watch as Watch
    from .sources.addresses import duration as duration
    from .sources.addresses import fetched as fetched
    from .sources.addresses import scheme_of as scheme_of
    from .sources.addresses import web_name as web_name
    from .sources.bounds import check_files as check_files
    from .sources.duckdb import DuckDBEngine as DuckDBEngine
    from .sources.encodings import LikelyEncoding as LikelyEncoding
    from .sources.encodings import likely_encoding as likely_encoding
    from .sources.engine import Dialect as Dialect
    from .sources.engine import Engine as Engine
    from .sources.engine import Expressions as Expressions
    from .sources.engine import Frame as Frame
    from .sources.engine import use_expressions as use_expressions
    from .sources.engines import EngineKind as EngineKind
    from .sources.engines import open_engine as open_engine
    from .sources.faults import check_names as check_names
    from .sources.faults import declared_names as declared_names
    from .sources.faults import engine_message as engine_message
    from .sources.faults import memory_message as memory_message
    from .sources.faults import query_timeout as query_timeout
    from .sources.files import FORMATS as FORMATS
    from .sources.files import FileFormat as FileFormat
    from .sources.files import SourceFiles as SourceFiles
    from .sources.files import Table as Table
    from .sources.files import first_rows as first_rows
    from .sources.files import first_texts as first_texts
    from .sources.files import format_named as format_named
    from .sources.files import of_rows as of_rows
    from .sources.headers import is_answer_word as is_answer_word
    from .sources.headers import is_import_row as is_import_row
    from .sources.headers import join_headers as join_headers
    from .sources.headers import number_names as number_names
    from .sources.origins import ORIGIN_KEY as ORIGIN_KEY
    from .sources.origins import Origin as Origin
    from .sources.origins import origin_of as origin_of
    from .sources.origins import write_origin as write_origin
    from .sources.personal import SAMPLED as SAMPLED
    from .sources.personal import looks_personal as looks_personal
    from .sources.sql import CONFIG as CONFIG
    from .sources.sql import LOCKED as LOCKED
    from .sources.sql import literal as literal
    from .sources.sql import path_literal as path_literal
    from .sources.text import NO_DOWNLOADS as NO_DOWNLOADS
    from .sources.text import UNREADABLE as UNREADABLE
    from .sources.text import first_fields as first_fields
    from .sources.text import quoted_name as quoted_name
    from .sources.text import size as size
    from .taxonomy import ItemNames as ItemNames
    from .taxonomy import LabelCount as LabelCount
    from .taxonomy import Taxonomy as Taxonomy
    from .taxonomy import identity_taxonomy as identity_taxonomy
    from .taxonomy import kind_of as kind_of
    from .taxonomy.categorise import CategorisedItems as CategorisedItems
    from .taxonomy.categorise import assign as assign
    from .taxonomy.orders import is_leftover as is_leftover
    from .taxonomy.orders import order_of as order_of
    from .taxonomy.sets import Words as Words
    from .taxonomy.sets import distinct_rows as distinct_rows
    from .taxonomy.sets import has as has
    from .taxonomy.sets import members as members
    from .taxonomy.sets import numbered as numbered
    from .taxonomy.sets import rows_of_values as rows_of_values
    from .taxonomy.sets import union as union
    from .taxonomy.sets import words_of as words_of
    from .theme import Raw as Raw
    from .theme import clean as clean
    from .theme import markdown as markdown
    from .theme import one_line as one_line
    from .theme import template_folder as template_folder
    from .theme.colours import LIGHT as LIGHT
    from .theme.colours import LINES as LINES
    from .theme.colours import ink as ink
    from .theme.colours import shade as shade
    from .theme.colours import turned as turned

PUBLIC = {
    # Numbers and cells
    "arrays": "Bools Floats",
    "cells": "Cell CellRef Estimate MeasureInfo Panel Refusal",
    # Errors that a person can correct
    "errors": "DataError Note RenderError",
    # Every slot: the interface version that an entry is written for, and the base class of its options
    "settings": "Settings",
    "slots": "INTERFACE",
    # Slot measure
    "inference.intervals": "Interval IntervalRule Measure measure wilson",
    "inference.moments": "GIVEN JOINT OUTCOME",
    # Slot finding
    "findings.finding": "Finding KeyNumber Place Recipe Study SentenceSpec finding_key slug",
    "findings.statements": (
        "Account Answer FindingKind Headline Question ResampledStudy Statement StatementInput about_finding varying"
    ),
    # Slot renderer, and the document
    "renderers.registry": "Renderer Rendering",
    "document.model": (
        "Block Column Document Download EvidenceList EvidenceNote FigureBlock ItemList LinkSpan Paragraph Section "
        "Sentence Span TableBlock TableCell"
    ),
    # Slot source
    "sources": "EngineSettings Limits SourceSettings",
    "sources.files": "FileFormat of_rows",
    # Slot engine
    "sources.engine": "Dialect Engine Expressions Frame use_expressions",
    "sources.engines": "EngineKind",
    "sources.duckdb": "DuckDBEngine",
    # Slot command, and printing to the terminal
    "cli.options": "Command ConfigPath EngineOption command",
    "cli.console": "Console",
    # Slot section: a section of the config, and its errors
    "config.sections": "ConfigSection",
    "config.places": "Fault View printable",
    # Slot history: keeps the results of builds for later builds
    "config.loading": "Config LoadedConfig",
    "ledger.series": "Every Series SeriesPoint",
    "manifest": "MadeFrom",
    "pipeline.counting": "CountedSources",
    "document.material": "OverTime",
    "pipeline.histories": "History Outcome PastBuild PictureToDraw RememberedBuilds TakenSnapshot Told",
    "confine": "OpensPath",
    # Slot passages: text and data files of a section, and the claims in that text
    "document.passages": "Claim Passage",
    "pipeline.passages": "AuthoredText CountedReport PassageWriter",
    # A config, counted and described in words
    "pipeline.drafts": "Draft draft",
    "sources.addresses": "AddressKind Fetching SourceKeys Watch",
}
"""The names that packages may depend on, by module. `formats` is a module and is also public."""

PACKS_ONLY = {
    # Arrays, messages and templates
    "arrays": "Indices Ints connected counted laid over reached summed",
    "cells": "Dispersion Kind TESTED Unit WITHHELD",
    "errors": (
        "ClaimError ConfigError DiptychError ExpectationError FetchError Problem PublishError RebuildError "
        "SnapshotError TargetError TextError did_you_mean listed shortened"
    ),
    "theme": "Raw clean markdown one_line template_folder",
    "regular_files": "read_regular",
    "publish.ways": "write_file",
    # The terminal, and the log of a GitHub workflow
    "cli.options": "NoCache SPOKEN own_app spoken",
    "cli.console": "closing excerpt first_sentence note_entry plain_spaces",
    "cli.annotations": "annotation harmless workflow_command",
    # Data that no config describes
    "sources": "n_bytes",
    "sources.files": "FORMATS SourceFiles Table first_rows first_texts format_named",
    "sources.personal": "SAMPLED looks_personal",
    "sources.encodings": "LikelyEncoding likely_encoding",
    "sources.headers": "is_answer_word is_import_row join_headers number_names",
    "config.names": "label_of plural_of",
    # A config, its findings and its evidence
    "config.loading": "load_config load_text",
    "config.comments": "published_config",
    "config.nodes": "read_text read_tree",
    "pipeline.passages": "files_in is_folder passage_files passage_folders read_fault",
    "pipeline.drafts": "open_ledgers recounted study_of writer_of",
    "pipeline.counting": "compiled counted_relations report_date side_labels used_entities",
    "pipeline.inputs": "input_files looked_at named_sources",
    "findings.finding": "RelationCounts",
    "findings.recounted_panels": "resampled_panels without_contributors",
    "findings.kinds": "STATEMENTS answer headlines",
    "document.compose": "WrittenPart key_sentences",
    "document.material": "RelationReport ProvenanceFile",
    "document.model": "Figure LANGUAGE right table",
    "theme.colours": "LIGHT LINES ink shade turned",
    "figures": "LABEL_LIMIT_PX LABEL_PX LEGEND_PX Layout SQUARES_LIMIT panel_letters text_px",
    "figures.heatmap": "alt_text datasets_of panel_scales",
    "figures.marks": "leaf panel_view",
    "figures.specs": "Json SCHEMA config_of",
    "figures.naming": "short_names with_short_names",
    "figures.scales": "ColourScale baseline_label",
    "figures.printing": "Print",
    "pipeline.pictures": "panels_at",
    "document.passages": "Where",
    "document.writer": "Writer fill fill_each html_environment position",
    "document.evidence": (
        "Calculation ResampleFailures Evidence StatementOutcome cell_evidence estimate_texts evidence_of finding_of"
    ),
    "renderers.outline": (
        "Anchors BlockWriter Outline Run address blocks_of colours_of dated letters marked note_mark notes_of outline "
        "refs_of runs schemes_of sentences_of table_remarks table_blocks with_remark"
    ),
    "renderers.plain": "Plain TextTree plain plain_mapping yaml_lines",
    "renderers.report_json": "finding_entry",
    "renderers.citing": "web_address",
    "renderers.embedded": "render_embedded",
    "renderers.html": "ICON absolute",
    "renderers.registry": "page_of",
    "renderers.data": "csv_bytes",
    # Kinds of finding
    "findings": "ThresholdSettings",
    "findings.statements": "Partner carriers",
    "inference.crossings": "crossings fit_without",
    "matrices.seriation": "groups likenesses",
    # Measures, intervals and counts of panels
    "settings": "Names Share",
    "relations.recode": "number_bins",
    "cli.bars": "fetching",
    "sources.sql": "CONFIG LOCKED literal path_literal",
    "config.checks_relations": "form_of",
    "matrices.counts": "Counts EMPTY adjusted_residual agreeing corrected refuse_withheld shares totals",
    "measures.association": "HALF odds_ratio_interval ratio_interval",
    "renderers.html_data": "Asset base_style page_assets",
    "renderers.svg": "inline_svg",
    "measures": "MEASURES",
    "inference": "InferenceSettings",
    "inference.critical_values": "LEAST_FREEDOM Student",
    "inference.intervals": "Formula gradient_of",
    "inference.strata": "effective_of",
    "inference.totals": "proportion",
    "inference.drawing": "RESAMPLES Totals bagged draw redraws resampling",
    "panels": (
        "Against Basis LIFT PlacedCell PlacedPanel RelationStats build_panel cell_differences judged_against tables_of"
    ),
    "pipeline.histories": "history_folders",
    "confine": "ConfineError check_path current is_own_place made_for",
    "sources.addresses": "DownloadBounds TooMuchError USUAL SilentWatch duration fetched scheme_of web_name",
    "sources.origins": "ORIGIN_KEY Origin origin_of write_origin",
    "ledger.uncounted": "UncountedByPoint of_reports",
    "pipeline.provenance": "report_settings went_in",
    # Units, items and labels as whole numbers
    "ledger": "Axis HeldTypes Ledger ends_of",
    "ledger.contributions": "Labels",
    "ledger.coverage": "Contribution Coverage SideCoverage",
    "ledger.recounts": "Change",
    "ledger.patterns": "blank filled incidence_of merged patterns patterns_of unit_combinations",
    "incidence": "IF_SET Incidence Side freedom_of_both pattern_keys selected weights_of",
    "taxonomy": "ItemNames LabelCount Taxonomy identity_taxonomy kind_of",
    "taxonomy.categorise": "CategorisedItems assign",
    "taxonomy.orders": "is_leftover order_of",
    "taxonomy.sets": "Words distinct_rows has members numbered rows_of_values union words_of",
    # Builds and sites
    "pipeline.build": "build check made_from_config make_page",
    "pipeline.site": "ALONE load_named remake report_name",
    "manifest": (
        "Fingerprint InputFile InputTable Manifest NAME Versions current_versions fingerprint is_own_file "
        "build_site_manifest read_any_manifest verify VERSION"
    ),
    "publish.site": "ARCHIVE check_folder publish recover",
    "figures.drawing": "Drawer Plate plate_png",
    "cache": "Cache FOLDER_VARIABLE Memory TemporaryFolder usual_folder",
    "reuse": "Built InputsChecked usual_cache",
    "sources.text": "NO_DOWNLOADS UNREADABLE first_fields quoted_name size",
    "sources.bounds": "check_files",
    "sources.faults": "check_names declared_names engine_message memory_message query_timeout",
    "sources.engines": "open_engine",
    "progress": "log_plan stage tell",
    # The contents of snapshots, and the comparison of two snapshots
    "inference.laws": (
        "at_most_one chi_square_quantile false_discovery hypergeometric_tail normal_quantile quantile t_quantile "
        "t_two_sided"
    ),
    "pseudonyms": "is_pseudonym",
    "ledger.series": "DatedUnits MOST_POINTS dated_series less spread",
    "matrices": "BareMatrix PanelSettings",
}
"""The names that only packs of this program use, by module."""

register_packs()

_HOMES = {
    name: module for names_of in (PUBLIC, PACKS_ONLY) for module, names in names_of.items() for name in names.split()
}


if not TYPE_CHECKING:  # a type checker would accept any name

    def __getattr__(name: str) -> object:
        """Return a name of the interface from its module."""
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
