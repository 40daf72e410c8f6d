"""The sentence of a report on the number of pairs from which its pair was chosen."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from ... import formats
from ...document.model import Paragraph, Sentence, Span
from ...document.passages import Passage
from ...pipeline.passages import AuthoredText, CountedReport, PassageWriter
from ...sources import EngineSettings
from ...sources.engines import open_engine
from ...sources.files import first_rows
from .running import MOST_ROWS
from .scanning import Scan, ScanOptions, scan_table
from .sentences import ScanWords
from .settings import SCAN, ScanSettings

if TYPE_CHECKING:
    from ...config.loading import LoadedConfig


def write(report: CountedReport) -> AuthoredText:
    """Return a sentence for each relation of records whose two columns are in the scan of its table."""
    loaded = report.loaded
    settings = loaded.config.section(SCAN.name, ScanSettings)
    if settings is None:  # a folder of this name next to the config is a result of the command
        return AuthoredText()
    sentences = [text for name in loaded.config.relations if (text := _sentence(loaded, name, settings)) is not None]
    section = next((one for one in report.sections if one.rpartition(".")[2] == "abstract"), None)
    if not sentences or section is None:
        return AuthoredText()
    told = tuple(Sentence(f"scan-{n}", (Span(text),)) for n, text in enumerate(sentences, start=1))
    return AuthoredText((Passage(section, "after", (Paragraph(told),)),))


CHOSEN = PassageWriter(SCAN.name, write)


def _sentence(loaded: LoadedConfig, relation: str, settings: ScanSettings) -> str | None:
    declared = loaded.config.relation(relation)
    records = declared.records
    if records is None or records.rows.column is None or records.columns.column is None:
        return None
    groups = () if declared.grouping is None else declared.grouping.columns
    options = ScanOptions(
        settings.group or next(iter(groups), None), settings.weight or records.weight, (), settings.ignore, settings.top
    )
    with closing(open_engine(EngineSettings())) as engine:
        frame = first_rows(records.source, loaded.folder, engine, MOST_ROWS, where_declared=f"relations.{relation}")
    return chosen_sentence(scan_table(frame, options), records.rows.column, records.columns.column)


def chosen_sentence(scan: Scan, first: str, second: str) -> str | None:
    """Return the sentence on the choice of two columns, or None if one of them is not scanned.

    A column with several values in a field is scanned by its values.
    """
    names = [column.name for column in scan.table.columns]
    if first not in names or second not in names or first == second:
        return None
    pair = sorted((names.index(first), names.index(second)))
    place = next(at for at in range(len(scan.statistics)) if list(scan.columns_of(at)) == pair)
    n = f"{formats.count(int(scan.is_open.sum()))} tested pairs of columns"
    words = ScanWords(scan)
    if place in scan.trivial:
        return f"This pair is associated by definition: {words.trivial(scan.trivial[place])}."
    if not scan.is_open[place]:
        return None
    if scan.is_called[place]:
        return f"This pair is one of {n}; {words.q(place)} over all of them."
    return f"This pair is one of {n}, and over all of them it is not associated beyond chance ({words.q(place)})."
