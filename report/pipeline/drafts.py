"""Parts of the flow for commands that query a report: its words, its ledgers, and one of its relations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..cells import Panel
from ..config.loading import Config, LoadedConfig, load_config
from ..document.compose import compose
from ..document.model import Document
from ..document.part import Part
from ..document.passages import with_passages
from ..errors import ClaimError, TextError, gathered
from ..ledger import Ledger
from ..ledger.export import ledger_of
from ..relations import RelationSettings
from ..relations.meet import meet
from ..relations.meeting import DeclaredRelation
from ..sources.engines import open_engine
from .counting import CountedSources, compiled, count_all, read_entities
from .parts import Telling, build_panels, write_parts
from .passages import write_passages
from .results import work_out


@dataclass(frozen=True, eq=False)
class Draft:
    """A report in words, without drawings and files: config, counts, panels, parts of figures, and document."""

    loaded: LoadedConfig
    counted: CountedSources
    panels: Mapping[str, Panel]
    parts: tuple[Part, ...]
    document: Document


def draft(config: Path, *, engine: str | None = None) -> Draft:
    """Return the words that a build of a config would publish.

    The author's text is left out if a build would reject it, so that its errors do not hide the explanation.
    """
    loaded = load_config(config, engine=engine)
    counted = count_all(loaded)
    panels = build_panels(loaded.config, counted)
    telling = Telling(loaded.config, counted)
    parts = write_parts(loaded, counted, panels, work_out(loaded.config, counted, panels), telling)
    document = compose(parts, Document.blank(loaded.config.report, __version__))
    try:
        passages = write_passages(loaded, counted, panels, telling).passages
    except (ClaimError, TextError):
        return Draft(loaded, counted, panels, parts, document)
    document = with_passages(document, passages, lambda section: section)
    return Draft(loaded, counted, panels, parts, document)


@contextmanager
def open_ledgers(
    config: Config, relations: Mapping[str, RelationSettings], folder: Path
) -> Iterator[Mapping[str, Ledger]]:
    """Yield the ledgers of relations. The engine stays open to look up names.

    `folder` is the start of relative paths in the config.
    """
    taxonomies = compiled(config)
    with closing(open_engine(config.engine)) as engine:
        items = read_entities(config, taxonomies, engine, folder)

        def task(name: str, relation: RelationSettings) -> Callable[[], Ledger]:
            declared = DeclaredRelation(name, relation, engine, folder, config.public)
            return lambda: ledger_of(meet(declared, items, taxonomies), engine)

        yield gathered({name: task(name, relation) for name, relation in relations.items()})
