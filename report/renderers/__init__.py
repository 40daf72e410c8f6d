"""Document -> path -> bytes; nothing is written here. Below are the settings of outputs: which files a build makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from ..figures import JournalWidth, Scheme
from ..settings import ChoiceSettings, Settings, whole
from ..slots import names_of_packs

Generator = Literal["hugo", "jekyll", "quarto", "mkdocs"]
"""A program that makes sites of pages with front matter."""


Width = JournalWidth | Annotated[float, Field(gt=20, le=1000)]
"""A journal's column, or millimetres."""

PANELS_LIMIT = 60


DATA_FILES: Mapping[str, str] = {
    "data/counts.csv": "Joint and expected counts",
    "data/strata.csv": "Joint counts of the largest strata",
    "data/coverage.csv": "Coverage",
    "data/contributors.csv": "What carries most of each cell",
    "data/unresolved.csv": "Names in links that no item has",
    "data/taxonomy.csv": "Labels and their categories",
    "data/unmatched.csv": "Labels without a category",
    "data/notes.csv": "What was noticed in the data",
    "data/findings.json": "Findings",
}
"""The files of data/ beside one for each panel, and what a reader sees them called."""


class HtmlSettings(Settings):
    """index.html, and the same for pages of other sites: `fragment` alone, `front_matter` for a generator.

    `bundle` None is inline for one report and shared in a site of several.
    """

    bundle: Literal["inline", "shared"] | None = None
    """Style sheets and scripts: inline (usual for one report) or shared, in assets/ (for several)."""
    fragment: bool = False
    """Whether fragment.html is made, to be included in a page of another site (docs/embedding.md)."""
    front_matter: Generator | None = None
    """The site generator for which the fragment gets front matter: page.html, page.qmd or page.md."""

    def is_shared(self, *, among_several: bool) -> bool:
        """Say whether style sheets and scripts stand in files of their own."""
        return self.bundle == "shared" or (self.bundle is None and among_several)


class PdfSettings(Settings):
    """report.pdf."""

    paper: Literal["a4", "letter"] = "a4"
    """The paper."""
    columns: Annotated[Literal[1, 2], BeforeValidator(whole)] = 1
    """How many columns the text has: 1 or 2."""


PAPER_MM = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""How wide and how high papers are."""

MARGIN_MM = (21.0, 23.0)
"""The margin of a report at either side, at top and foot, as `templates/typst/report.typ` has it."""

CAPTION_MM = 24.0
"""The room that a figure leaves to its caption: five lines."""


def picture_room(paper: str) -> tuple[float, float]:
    """Return how wide and how high a figure may be on a report's page, in millimetres.

    >>> picture_room("a4")
    (168.0, 227.0)
    """
    (width, height), (side, end) = PAPER_MM[paper], MARGIN_MM
    return width - 2 * side, height - 2 * end - CAPTION_MM


class FiguresSettings(Settings):
    """figures/*: each figure and each of its panels, as a journal wants them.

    `width` and, for single panels, `panel_width` are journal widths or millimetres; `text` is the size of labels
    there in points; `dpi` is for PNG; `transparent` leaves the ground out; `scheme` None takes the figure's own
    colours. `panels` None makes files of single panels up to PANELS_LIMIT categories on a side.
    """

    width: Width = "double"
    """The width of figures: a journal's, or millimetres."""
    panel_width: Width = "single"
    """The width of single panels."""
    text: float = Field(default=7, ge=4, le=14)
    """The size of labels at that width, in points."""
    dpi: int = Field(default=300, ge=72, le=1200)
    """Dots per inch of PNG files."""
    transparent: bool = False
    """Whether figures have no ground."""
    scheme: Scheme | None = None
    """The colours in these files (greys for print without colour), if not the figure's own."""
    panels: bool | None = None
    """Whether each panel has files of its own: usual up to 60 categories on a side."""


class OutputSettings(ChoiceSettings):
    """Which outputs, each with its settings; None leaves one out. In YAML a list of names and one-key mappings."""

    switches: ClassVar[frozenset[str]] = frozenset({"markdown", "data"})

    html: HtmlSettings | None = None
    """index.html, and the same for pages of other sites."""
    pdf: PdfSettings | None = None
    """report.pdf."""
    markdown: bool = False
    """report.md."""
    figures: FiguresSettings | None = None
    """The folder figures/: SVG, PNG, PDF and Vega-Lite."""
    data: bool = False
    """The folder data/: CSV and JSON."""

    @classmethod
    def everything(cls) -> OutputSettings:
        """Return the default: every output of this program and its packs, with default settings."""
        return cls.model_validate([*cls.model_fields, *names_of_packs("renderer")])
