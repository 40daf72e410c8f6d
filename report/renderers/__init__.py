"""Render a document to files (path -> bytes) without writing them. This module defines the settings of outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ..cells import Panel
from ..figures import JournalWidth
from ..packs import ON_REQUEST, PARTS
from ..settings import ChoiceSettings, Settings

Generator = Literal["mkdocs", "sphinx", "hugo", "jekyll", "quarto", "eleventy", "vitepress", "astro", "observable"]
"""A static site generator whose pages have front matter."""


Width = JournalWidth | Annotated[float, Field(gt=20, le=1000)]
"""A journal width or millimetres."""

PANELS_LIMIT = 60


DATA_FILES: Mapping[str, str] = {
    "data/counts.csv": "Joint and expected counts",
    "data/strata.csv": "Joint counts of the largest strata",
    "data/coverage.csv": "Coverage",
    "data/contributors.csv": "Largest contributors to each cell",
    "data/unresolved.csv": "Names in links that no item has",
    "data/taxonomy.csv": "Labels and their categories",
    "data/unmatched.csv": "Labels without a category",
    "data/notes.csv": "Notes on the data",
    "data/statements.json": "Statements",
}
"""Files of data/, apart from the file of each panel, and their names for readers."""


class HtmlSettings(Settings):
    """index.html, or the page of a site generator instead, and optionally a part of another page (fragment)."""

    fragment: bool = False
    """Whether to create fragment.html, for inclusion in a page of another site (docs/homes.md)."""
    front_matter: Generator | None = None
    """Site generator of the page: index.md, index.qmd or index.html with front matter (docs/homes.md)."""


class PdfSettings(Settings):
    """report.pdf."""

    paper: Literal["a4", "letter"] = "a4"
    """Paper size."""


PAPER_MM = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Width and height of paper sizes, in millimetres."""

MARGIN_MM = (18.0, 18.0)
"""Margin of a report at the sides and at top and bottom, as in `templates/typst/report.typ`."""

CAPTION_MM = 24.0
"""Height reserved for the caption of a figure: five lines."""


def picture_room(paper: str) -> tuple[float, float]:
    """Return the maximum width and height of a figure on a page of the report, in millimetres.

    >>> picture_room("a4")
    (174.0, 237.0)
    """
    (width, height), (side, end) = PAPER_MM[paper], MARGIN_MM
    return width - 2 * side, height - 2 * end - CAPTION_MM


class FiguresSettings(Settings):
    """figures/*: each figure in the formats that journals require, and each of its panels as SVG.

    `width` is a journal width or millimetres. Single panels have the width of one column (89 mm), and a file up to
    PANELS_LIMIT categories on a side.
    """

    removed: ClassVar[Mapping[str, str]] = {
        "panel_width": "single panels are 89 mm wide; for another width, make a figure of one panel",
        "panels": "each panel of up to 60 categories has an SVG of its own",
        "transparent": "figures have a background",
    }

    width: Width = "double"
    """Width of figures: a journal width, or millimetres."""


def has_panel_files(panels: Sequence[Panel]) -> bool:
    """Return whether each of a figure's panels has a file of its own: if there are several, and none is large."""
    if len(panels) < 2:
        return False
    return max(max(len(p.given_categories), len(p.outcome_categories)) for p in panels) <= PANELS_LIMIT


class OutputSettings(ChoiceSettings):
    """The outputs of a build, each with its settings, None to omit it. In YAML: names and one-key mappings."""

    switches: ClassVar[frozenset[str]] = frozenset({"markdown", "data"})

    html: HtmlSettings | None = None
    """index.html, and optionally files for pages of other sites."""
    pdf: PdfSettings | None = None
    """report.pdf."""
    markdown: bool = False
    """report.md."""
    figures: FiguresSettings | None = None
    """Folder figures/: SVG, PNG, PDF and Vega-Lite."""
    data: bool = False
    """Folder data/: CSV and JSON."""

    @classmethod
    def everything(cls) -> OutputSettings:
        """Return the default: all usual outputs, with default settings."""
        return cls.model_validate([*cls.model_fields, *(name for name in PARTS["renderer"] if name not in ON_REQUEST)])
