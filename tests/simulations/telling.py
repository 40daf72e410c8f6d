"""What the program says of a folder with a config: numbers, panels, findings and the text, without drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from diptych.cells import Panel
from diptych.config.loading import load_config
from diptych.document.compose import BUILDERS, WrittenPart
from diptych.document.context import example
from diptych.document.material import Results
from diptych.document.model import Block, ItemList, Paragraph, TableBlock
from diptych.findings.finding import Finding, RelationCounts
from diptych.pipeline.counting import count_all
from diptych.pipeline.parts import build_panels, write_parts
from diptych.pipeline.results import work_out

_PLAIN = str.maketrans({"\u00a0": " ", "\u2212": "-"})


@dataclass(frozen=True, eq=False)
class Told:
    """What the program says. `sections` are all but the appendix, tables included, with plain spaces and minus signs.

    The sentence on one cell, which is in the caption of the figure, is the section `example`.
    """

    numbers: RelationCounts
    panels: Mapping[str, Panel]
    findings: tuple[Finding, ...]
    sections: Mapping[str, str]
    results: Results
    written: WrittenPart

    @property
    def text(self) -> str:
        return "\n".join(self.sections.values())

    def found(self, kind: str) -> list[Finding]:
        """Return the findings of a kind that are no null findings."""
        return [finding for finding in self.findings if finding.kind == kind and not finding.null]


def tell(folder: Path, config: str, relation: str) -> Told:
    """Write the config beside its data and let the program count, judge and write; one figure."""
    (folder / "config.yaml").write_text(config, encoding="utf-8")
    loaded = load_config(folder / "config.yaml")
    counted = count_all(loaded)
    panels = build_panels(loaded.config, counted)
    results = work_out(loaded.config, counted, panels)
    (written,) = write_parts(loaded, counted, panels, results)
    sections = {
        name: "\n".join(_text(block) for block in build(written.part, written.writer)).translate(_PLAIN)
        for name, build in BUILDERS.items()
        if name != "appendix"
    }
    if (cell := example(written.part, written.writer)) is not None:
        sections["example"] = cell.text.translate(_PLAIN)
    return Told(counted.relations[relation], panels, written.part.findings, sections, results[relation], written)


def _text(block: Block) -> str:
    if isinstance(block, Paragraph):
        return " ".join([block.lead or "", *(sentence.text for sentence in block.sentences)]).strip()
    if isinstance(block, ItemList):
        return "\n".join(_text(item) for item in block.items)
    if isinstance(block, TableBlock):
        return "\n".join(" | ".join(cell.text for cell in row) for row in block.rows)
    return ""
