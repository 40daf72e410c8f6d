"""All that a report says in words, each text with the kind and the block of the template that makes it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diptych.document.compose import BUILDERS
from diptych.document.pictures import cells_that_matter, of_pairs
from tests.prose.wholes import Said, Whole

_COLUMNS = ("supports", "not", "out")
_PARTS = re.compile(r"-(also|within|rests|over-all|also-turned|within-turned)$")


def block_of(said: Said) -> str:
    """Return the kind and the block of a sentence: "isolation.observation"."""
    name = said.sentence.id
    kind, _, block = name.partition(".")[0], None, name.rpartition(".")[2]
    if kind != "story" or block == "told":
        return f"{kind}.{block}" if said.finding is not None else ".".join(name.split(".")[:2])
    more = _PARTS.search(name)
    return f"story.{'pair' if more is None else more[1].replace('-', '_')}"


def told(whole: Whole) -> Iterator[tuple[str, str]]:
    """Yield each sentence, each text of the table of what data support, and what is under the first picture."""
    yield from ((block_of(said), said.text) for said in whole.said)
    yield from ((block, text.replace("\N{NO-BREAK SPACE}", " ")) for block, text in beside(whole))


def beside(whole: Whole) -> Iterator[tuple[str, str]]:
    """Yield the texts of the first page that are no sentences of its sections."""
    part, writer = whole.written.part, whole.written.writer
    (table,) = BUILDERS["interpretation"](part, writer)
    yield from (
        (f"interpretation.{name}", cell.text) for row in table.rows for name, cell in zip(_COLUMNS, row, strict=True)
    )
    yield from (("departures.caption", block.caption) for block in cells_that_matter(part, writer))
    picture = of_pairs(part, writer)
    if picture is not None:
        yield "pictures.alt", picture.block.alt
        yield "pictures.caption", " ".join(sentence.text for sentence in picture.block.caption)
