"""What measures, renderers, formats and kinds of finding of other packages may rely on (docs/extending.md).

`INTERFACE` goes up when something in here changes so that an entry written for the last would fail; names are added
without that. Nothing of the program imports this module.
"""

from __future__ import annotations

from .arrays import Bools, Floats
from .cells import Cell, CellRef, Estimate, MeasureInfo, Panel, Refusal
from .document.model import (
    Block,
    Document,
    EvidenceList,
    EvidenceNote,
    FigureBlock,
    ItemList,
    Paragraph,
    Section,
    Sentence,
    Span,
    TableBlock,
)
from .errors import DataError, RenderError
from .findings.finding import Finding, KeyNumber, Recipe, Study, Telling, slug
from .findings.statements import (
    Account,
    Answer,
    Asked,
    Drawn,
    FindingKind,
    Headline,
    Question,
    Statement,
    about_finding,
    varying,
)
from .inference.intervals import Interval, IntervalRule, Measure, measure, wilson
from .inference.moments import GIVEN, JOINT, OUTCOME, UNITS
from .renderers.registry import Renderer, Rendering
from .settings import INTERFACE, Settings
from .sources import Limits, SourceSettings
from .sources.files import FileFormat, of_rows

__all__ = [
    "GIVEN",
    "INTERFACE",
    "JOINT",
    "OUTCOME",
    "UNITS",
    "Account",
    "Answer",
    "Asked",
    "Block",
    "Bools",
    "Cell",
    "CellRef",
    "DataError",
    "Document",
    "Drawn",
    "Estimate",
    "EvidenceList",
    "EvidenceNote",
    "FigureBlock",
    "FileFormat",
    "Finding",
    "FindingKind",
    "Floats",
    "Headline",
    "Interval",
    "IntervalRule",
    "ItemList",
    "KeyNumber",
    "Limits",
    "Measure",
    "MeasureInfo",
    "Panel",
    "Paragraph",
    "Question",
    "Recipe",
    "Refusal",
    "RenderError",
    "Renderer",
    "Rendering",
    "Section",
    "Sentence",
    "Settings",
    "SourceSettings",
    "Span",
    "Statement",
    "Study",
    "TableBlock",
    "Telling",
    "about_finding",
    "measure",
    "of_rows",
    "slug",
    "varying",
    "wilson",
]
