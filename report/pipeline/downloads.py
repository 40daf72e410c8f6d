"""The data files of a report: what they hold, what a reader sees them called, and which of them a PDF carries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..cells import Panel
from ..config.loading import LoadedConfig
from ..document import Download
from ..document.compose import Written
from ..document.evidence import evidence_of
from ..document.results import Results
from ..renderers.data import coverage_files, findings_file, label_files, panel_files
from ..renderers.pdf import Attachment
from ..renderers.results_data import result_files
from ..renderers.settings import DATA_FILES
from .counting import Counted

Files = dict[str, bytes]


def data_files(
    counted: Counted, panels: Mapping[str, Panel], written: tuple[Written, ...], results: Sequence[Results]
) -> Files:
    """Return the tables of numbers, findings and labels, by their paths."""
    labels = [label for entity in counted.labels.values() for label in entity]
    labels += [label for numbers in counted.relations.values() for label in numbers.labels]
    findings = [(w.part.figure, f, evidence_of(w.part, f, w.writer)) for w in written for f in w.part.findings]
    files = panel_files(panels.values()) | findings_file(findings) | result_files(results)
    coverages = [numbers.coverage for numbers in counted.relations.values()]
    return files | coverage_files(coverages) | label_files(list(dict.fromkeys(labels))) if coverages else files


def downloads(panels: Iterable[Panel], files: Files) -> Iterator[Download]:
    """Yield what the page offers, each file with its label; panels that no figure shows have a file as well."""
    titles = {f"data/{panel.id}.csv": f"{panel.given_title} by {panel.outcome_title}" for panel in panels}
    for path, content in files.items():
        yield Download(path, titles.get(path) or DATA_FILES[path], content)


def attachments(loaded: LoadedConfig, data: Files) -> list[Attachment]:
    """Return what the PDF carries, also where the site has no such files of its own."""
    found = [
        Attachment(path, DATA_FILES.get(path, "Panel"), content, _mime(path)) for path, content in sorted(data.items())
    ]
    source = Attachment(loaded.path.name, "Config", loaded.text.encode(), "application/yaml", "source")
    return [*found, source]


def _mime(path: str) -> str:
    return "application/json" if path.endswith(".json") else "text/csv"
