"""What captions say of figures and tables that leave their report: unit, n, population and date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .. import formats
from ..cells import Panel
from ..document import Document, FigureBlock, TableBlock


def dated(document: Document) -> str:
    """Return a sentence with the date of the data, "" where they have none."""
    return f"Data of {formats.date(document.date, document.language)}." if document.date else ""


def table_remarks(document: Document) -> dict[str, str]:
    """Return by table what its caption says besides: unit, n and population where it shows cells, and the date."""
    populations = dict(_populations(document))
    remarks = {}
    for block in (block for section in document.sections for block in section.blocks):
        if isinstance(block, TableBlock):
            panels = dict.fromkeys(cell.ref.panel for row in block.rows for cell in row if cell.ref)
            said = dict.fromkeys(populations[panel] for panel in panels if panel in populations)
            date = [dated(document)] if panels or block.source else []
            remarks[block.id] = " ".join(filter(None, [*said, *date]))
    return remarks


def with_remark(caption: str, remark: str) -> str:
    """Return a caption that goes on with a remark.

    >>> with_remark("The cells that matter", "6 models."), with_remark("Cells.", "")
    ('The cells that matter. 6 models.', 'Cells.')
    """
    if not remark:
        return caption
    return f"{caption} {remark}" if caption.endswith((".", "?", "!")) else f"{caption}. {remark}"


def _populations(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each panel with its units and who they are, as the caption of its figure has it."""
    blocks = (block for section in document.sections for block in section.blocks)
    captions = {block.id: [s.text for s in block.caption] for block in blocks if isinstance(block, FigureBlock)}
    for figure in document.figures:
        for panel in figure.panels:
            if panel.n_units is not None:
                yield panel.id, _population(panel, panel.n_units, captions.get(figure.id, []))


def _population(panel: Panel, n: float, captions: Iterable[str]) -> str:
    start = f"{formats.count(n)} {formats.plural(n, panel.unit.singular, panel.unit.plural)}"
    found = (caption[caption.rindex(start) :] for caption in captions if start in caption)
    return next(found, f"{start}.")
