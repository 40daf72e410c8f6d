"""Read authored text, check it against the numbers, and convert it to passages of the document."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...config.loading import LoadedConfig
from ...config.nodes import read_text
from ...document import LANGUAGE, Passage, Where
from ...errors import ClaimError, ConfigError, Note, Problem, TextError, did_you_mean, listed
from ...pipeline.passages import AuthoredText, CountedReport, files_in, is_folder, read_fault
from ...words.sentences import said
from .blocks import blocks_of
from .differences import PlacedPanel
from .parsing import ParsedText, parse
from .predicates import Differences
from .rendering import RenderedText, claims_file
from .settings import TEXT, TextSettings
from .values import Material

WHERE: tuple[Where, ...] = ("before", "after", "instead")

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)


_Read = tuple[ParsedText, Where]
"""A readable file, with its place."""


def write(report: CountedReport) -> AuthoredText:
    """Return the authored text of a config, with its claims judged over the panels.

    Raises TextError with all errors that its author must correct, whatever the data.
    """
    loaded = report.loaded
    settings = loaded.config.section(TEXT.name, TextSettings)
    if settings is None:
        return AuthoredText(notes=tuple(_unread(report)))
    passages, problems = _read(report, settings)
    rendered = _rendered(report, passages)
    blocks = [blocks_of(one, report.sections) for one in rendered]
    problems += [problem for one, (_, own) in zip(rendered, blocks, strict=True) for problem in (*one.problems, *own)]
    if problems:
        raise TextError(problems)
    verdicts = tuple(verdict for one in rendered for verdict in one.verdicts)
    false = tuple(dict.fromkeys(verdict.message for verdict in verdicts if verdict.fails))
    if false and settings.on_false_claim == "error":
        return AuthoredText(claims=verdicts, error=ClaimError(*false))
    places = zip(passages, blocks, strict=True)
    return AuthoredText(
        passages=tuple(Passage(parsed.section, where, of) for (parsed, where), (of, _) in places if of),
        files=(claims_file(verdicts),),
        claims=verdicts,
    )


def _rendered(report: CountedReport, passages: Sequence[_Read]) -> list[RenderedText]:
    """Return the files with their values."""
    material = Material(report.panels, report.date, LANGUAGE, report.relations, report.told)
    differences = Differences(_sources(report), report.loaded.config.inference)
    return [
        RenderedText(parsed, material, differences, lambda why: said("tables", "withdrawn", why=why))
        for parsed, _ in passages
    ]


def _unread(report: CountedReport) -> Iterator[Note]:
    """Yield a note about a file in the default folder that is not used because the config has no such section."""
    for section in report.sections:
        path = report.loaded.folder / TextSettings().folder / f"{section}.md"
        if path.is_file():
            file = report.loaded.shown(path)
            yield Note("unread_text", file, f"{file} is not read: the config has no line text: {{folder: text/}}")
            return


def _entries(loaded: LoadedConfig, settings: TextSettings) -> tuple[Path, ...]:
    """Return all entries in the folder of texts that are not hidden, by name."""
    return files_in(loaded, settings.folder, "text.folder")


def _sources(report: CountedReport) -> dict[str, PlacedPanel]:
    """Return the panels with counts, by counted population."""
    return {
        panel.id: PlacedPanel(panel, report.relations[panel.relation].tables.incidence)
        for panel in report.panels.values()
        if panel.relation in report.relations
    }


def _read(report: CountedReport, settings: TextSettings) -> tuple[list[_Read], list[Problem]]:
    """Return the readable files, and all errors in these and other files."""
    loaded, folder = report.loaded, report.loaded.folder / settings.folder
    if not is_folder(folder):
        return [], [loaded.problem(("text", "folder"), f"there is no folder {settings.folder}")]
    if not os.access(folder, os.R_OK | os.X_OK):
        message = f"the folder {settings.folder} cannot be read: permission denied"
        return [], [loaded.problem(("text", "folder"), message)]
    passages: list[_Read] = []
    problems: list[Problem] = []
    for path in _entries(loaded, settings):
        found = _passage(path, loaded.shown(path), report.sections, tuple(report.panels))
        if isinstance(found, tuple):
            passages.append(found)
        else:
            problems += found
    return passages, problems


def _passage(path: Path, file: str, sections: Sequence[str], panels: Sequence[str]) -> _Read | list[Problem]:
    fault = read_fault(path)
    if fault is not None:
        return [Problem(file, 0, 0, "", fault)]
    section = path.name.removesuffix(".md")
    if path.suffix != ".md" or section not in sections:
        near = did_you_mean(section.removesuffix(path.suffix), sections)
        several = "." in sections[0]
        known = listed(sections) if several else ", ".join(f"{name}.md" for name in sections)
        return [Problem(file, 0, 0, "", f"is no section's text; files are {known}{near}")]
    try:
        text = read_text(path)
    except ConfigError as error:
        return [Problem(file, p.line, p.column, "", p.message.replace("YAML", "text")) for p in error.problems]
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if re.match(r"---[ \t]*\n", text) and not _FRONT.match(text):
        return [Problem(file, 1, 1, "", "the front matter that --- begins is not ended by another ---")]
    where, problems, source = _front(text, file)
    parsed = parse(file, section, source, panels)
    if isinstance(parsed, ParsedText):
        return problems or (parsed, where)
    return [*problems, *parsed]


def _front(text: str, file: str) -> tuple[Where, list[Problem], str]:
    """Return the place named in the front matter, its errors, and the text with the front matter blanked."""
    found = _FRONT.match(text)
    if found is None:
        return "after", [], text
    source = "\n" * found[0].count("\n") + text[found.end() :]
    keys = [line.split(":", 1) for line in found[1].splitlines() if line.strip()]
    [where] = [value.strip() for key, *value in keys[:1] for value in value] or ["after"]
    if where in WHERE and len(keys) < 2 and (not keys or keys[0][0] == "place"):
        return where, [], source
    message = "front matter is one line, place: before, after or instead"
    return "after", [Problem(file, 2, 1, "", message)], source
