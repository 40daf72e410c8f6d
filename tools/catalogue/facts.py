"""What a reader hands over: datasets, models and the links between them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

TRAINED_ON = "trained_on"
EVALUATED_ON = "evaluated_on"


class CatalogueError(Exception):
    """A wheel or a table differs from the form that the script expects."""


@dataclass(frozen=True, order=True)
class Dataset:
    """A dataset as one package names it, with that package's labels."""

    id: str
    labels: tuple[str, ...]
    package: str
    created: str = ""


@dataclass(frozen=True, order=True)
class Model:
    """A model, its raw labels, where it comes from and its date (ISO, or empty)."""

    id: str
    labels: tuple[str, ...]
    package: str
    origin: str = ""
    created: str = ""


@dataclass(frozen=True, order=True)
class Link:
    """A model (target) names a dataset (source), spelled as the model's metadata has it."""

    source: str
    target: str
    relation: str
    package: str


@dataclass
class Facts:
    """Everything one package states, with its own spellings of renamed datasets."""

    datasets: list[Dataset] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    renames: dict[str, str] = field(default_factory=dict)

    def dated_until(self, day: str) -> Facts:
        """Return the facts without dates after an ISO day: nothing in a file is later than the file."""
        return Facts(
            [d if d.created <= day else replace(d, created="") for d in self.datasets],
            [m if m.created <= day else replace(m, created="") for m in self.models],
            self.links,
            self.renames,
        )
