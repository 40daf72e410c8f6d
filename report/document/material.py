"""What a document is made of: frozen numbers, findings and wording, without arrays or markup."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..cells import Panel, Tally
from ..coverage import Contributors, Coverage
from ..errors import Note
from ..figures.scales import ColourScale
from ..findings.finding import Finding
from ..findings.thresholds import ThresholdSettings
from ..inference import InferenceSettings
from ..settings import Settings
from ..taxonomy.kinds import LabelCount
from .results import Results
from .writer import Wording

F = TypeVar("F", bound=Finding)


@dataclass(frozen=True, slots=True)
class ProvenanceFile:
    """A file that went in: path relative to the config, size and hash.

    A table that was passed from Python has the key of the config for a path, `rows`, and no size.
    """

    path: str
    size: int | None
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class PartCounts:
    """What only a relation with counts has. `of_one_kind`: each of few groups has one kind, and draws judge pairs."""

    coverage: Coverage
    contributors: Contributors
    labels: tuple[LabelCount, ...]
    notes: tuple[Note, ...]
    weighted: bool
    fractional: bool
    n_strata: int
    tally: Tally | None = None
    of_one_kind: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The pictures of a series: `over_time` shows the figure at the points `shown`, `lines` the trends, if any.

    Both are ids of figures of the document; there is no picture of the figure where it has too many categories.
    `n_lines` trends are drawn.
    """

    over_time: str | None
    shown: tuple[str, ...]
    over_time_alt: str
    lines: str | None = None
    lines_alt: str = ""
    n_lines: int = 0


@dataclass(frozen=True)
class Part:
    """One figure and one relation in it: panels, findings, words. `counted` is None for published matrices.

    `panels` are those of the relation, `in_figure` all of the figure, which their places (left, right) count in.
    `results` are all that was worked out about the relation, for tables; `history` the pictures of its series; `others`
    the kinds of finding of other packages that were looked for, with their options. `folds`: the figure and its tables
    leave out categories without units, and say which.
    """

    figure: str
    figure_title: str
    panels: tuple[Panel, ...]
    in_figure: tuple[Panel, ...]
    findings: tuple[Finding, ...]
    wording: Wording
    counted: PartCounts | None
    thresholds: ThresholdSettings
    inference: InferenceSettings
    scale: ColourScale
    results: Results | None = None
    history: History | None = None
    others: Mapping[str, Settings | None] = field(default_factory=dict)
    folds: bool = False

    def table_id(self, name: str) -> str:
        """Return the id of a table of this part alone."""
        return f"{self.figure}-{self.panels[0].relation}-{name}"

    def found(self, kind: type[F]) -> Iterator[F]:
        """Yield the findings of a kind that are not null."""
        return (f for f in self.findings if isinstance(f, kind) and not f.null)

    def first(self, kind: type[F]) -> F | None:
        """Return the first finding of a kind that is not null, or None."""
        return next(self.found(kind), None)

    @property
    def diagonal(self) -> bool:
        """Whether the axes carry one taxonomy."""
        return self.panels[0].same_taxonomy

    @property
    def masked(self) -> bool:
        """Whether the diagonal is trivial and left out."""
        return "masked" in self.panels[0].column("state")
