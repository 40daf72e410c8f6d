"""What packages of other people may use: names for measures, outputs, formats of files and engines (docs/extending.md).

Everything else in the program may change with any version.
"""

from .cells import MeasureInfo
from .document import Block, Document, Figure, FigureBlock, ItemList, Paragraph, Section, Sentence, Span, TableBlock
from .errors import DataError, RenderError
from .renderers.registry import Renderer, Rendering
from .settings import Settings
from .sources import EngineSettings, Limits, SourceSettings
from .sources.duckdb import DuckDBEngine
from .sources.engine import Engine, Expressions, Frame, use_expressions
from .sources.engines import EngineKind
from .sources.files import FileFormat, SourceFiles, Table, of_rows
from .stats.measures import measure

__all__ = [
    "Block",
    "DataError",
    "Document",
    "DuckDBEngine",
    "Engine",
    "EngineKind",
    "EngineSettings",
    "Expressions",
    "Figure",
    "FigureBlock",
    "FileFormat",
    "Frame",
    "ItemList",
    "Limits",
    "MeasureInfo",
    "Paragraph",
    "RenderError",
    "Renderer",
    "Rendering",
    "Section",
    "Sentence",
    "Settings",
    "SourceFiles",
    "SourceSettings",
    "Span",
    "Table",
    "TableBlock",
    "measure",
    "of_rows",
    "use_expressions",
]
