"""Settings of outputs: which files a build makes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ..figures.settings import Scheme
from ..settings import Settings, whole
from ..theme.sizes import JournalWidth

Generator = Literal["hugo", "jekyll", "quarto", "mkdocs"]
"""A program that makes sites of pages with front matter."""


Width = JournalWidth | Annotated[float, Field(gt=20, le=1000)]
"""A journal's column, or millimetres."""

PANELS_LIMIT = 60


class HtmlSettings(Settings):
    """index.html, and the same for pages of other sites: `fragment` alone, `front_matter` for a generator.

    `bundle` None is inline for one report and shared in a site of several.
    """

    bundle: Literal["inline", "shared"] | None = None
    fragment: bool = False
    front_matter: Generator | None = None

    def is_shared(self, *, among_several: bool) -> bool:
        """Say whether style sheets and scripts stand in files of their own."""
        return self.bundle == "shared" or (self.bundle is None and among_several)


class PdfSettings(Settings):
    """report.pdf."""

    paper: Literal["a4", "letter"] = "a4"
    columns: Annotated[Literal[1, 2], BeforeValidator(whole)] = 1


class FiguresSettings(Settings):
    """figures/*: each figure and each of its panels, as a journal wants them.

    `width` and, for single panels, `panel_width` are journal widths or millimetres; `text` is the size of labels
    there in points; `dpi` is for PNG; `transparent` leaves the ground out; `scheme` None takes the figure's own
    colours. `panels` None makes files of single panels up to PANELS_LIMIT categories on a side.
    """

    width: Width = "double"
    panel_width: Width = "single"
    text: float = Field(default=7, ge=4, le=14)
    dpi: int = Field(default=300, ge=72, le=1200)
    transparent: bool = False
    scheme: Scheme | None = None
    panels: bool | None = None


class OutputSettings(Settings):
    """Which outputs, each with its settings; None leaves one out. In YAML a list of names and one-key mappings."""

    html: HtmlSettings | None = None
    pdf: PdfSettings | None = None
    markdown: bool = False
    latex: bool = False
    typst: bool = False
    figures: FiguresSettings | None = None
    data: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        chosen: dict[str, object] = {}
        for entry in value:
            if not isinstance(entry, str | dict):
                raise ValueError("needs a list of names and one-key mappings")  # noqa: TRY004 - pydantic reports it
            for name, options in ({entry: None} if isinstance(entry, str) else entry).items():
                chosen[name] = options if options is not None else name in _SWITCHES or {}
        return chosen

    @classmethod
    def everything(cls) -> OutputSettings:
        """Return the default: every output with default settings."""
        return cls(
            html=HtmlSettings(),
            pdf=PdfSettings(),
            markdown=True,
            latex=True,
            typst=True,
            figures=FiguresSettings(),
            data=True,
        )


_SWITCHES = frozenset({"markdown", "latex", "typst", "data"})
