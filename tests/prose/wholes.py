"""Every sentence that the program writes of a config, with the part of the report that it stands in; nothing is drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from diptych.config.loading import load_config
from diptych.document.compose import BUILDERS, WrittenPart
from diptych.document.model import Block, ItemList, Paragraph, Sentence, TableBlock
from diptych.findings.finding import Finding
from diptych.panels import RelationStats
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels, write_parts
from diptych.pipeline.results import work_out


@dataclass(frozen=True)
class Said:
    """A sentence, the section it stands in, and the finding it is about, None where it is about none."""

    section: str
    sentence: Sentence
    finding: Finding | None

    @property
    def text(self) -> str:
        return self.sentence.text.replace("\N{NO-BREAK SPACE}", " ")


@dataclass(frozen=True)
class Whole:
    """A part of a report, what its relation counts (None of bare matrices), all its sentences, texts of its tables."""

    written: WrittenPart
    tables: RelationStats | None
    said: tuple[Said, ...]
    table_texts: tuple[str, ...]


@cache
def wholes(config: Path) -> tuple[Whole, ...]:
    """Return each part of the report of a config."""
    loaded = load_config(config)
    counted = count_all(loaded)
    panels = build_panels(loaded.config, counted)
    results = work_out(loaded.config, counted, panels)
    found = []
    for written in write_parts(loaded, counted, panels, results):
        relation = counted.relations.get(written.part.panels[0].relation)
        found.append(_whole(written, None if relation is None else relation.tables))
    return tuple(found)


def _whole(written: WrittenPart, tables: RelationStats | None) -> Whole:
    findings = {finding.id: finding for finding in written.part.findings}
    said: list[Said] = []
    texts: list[str] = []
    for name, build in BUILDERS.items():
        for block in build(written.part, written.writer):
            said += [Said(name, s, findings.get(s.id.rpartition(".")[0])) for s in _sentences(block)]
            if isinstance(block, TableBlock):
                texts += [block.caption, *(cell.text for row in block.rows for cell in row)]
    return Whole(written, tables, tuple(said), tuple(texts))


def _sentences(block: Block) -> Iterator[Sentence]:
    if isinstance(block, Paragraph):
        yield from block.sentences
    elif isinstance(block, ItemList):
        for item in block.items:
            yield from item.sentences


def leaves(value: object) -> Iterator[object]:
    """Yield every number and text in a frozen value: fields, properties, entries, and how many entries there are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        names += [name for name, of in vars(type(value)).items() if isinstance(of, property)]
        for name in names:
            yield from leaves(getattr(value, name))
    elif isinstance(value, tuple | list | frozenset):
        yield len(value)
        for entry in value:
            yield from leaves(entry)
    elif isinstance(value, BaseModel):
        yield from leaves(value.model_dump())
    elif isinstance(value, dict):
        for entry in value.items():
            yield from leaves(entry)
    else:
        yield value
