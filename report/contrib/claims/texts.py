"""Read authored text, check it against the numbers, and convert it to passages of the document."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...cells import Panel
from ...config.loading import LoadedConfig
from ...config.nodes import read_text, read_tree
from ...document.model import LANGUAGE
from ...document.passages import Passage, Where
from ...errors import ClaimError, ConfigError, Note, Problem, TextError, did_you_mean, listed
from ...panels import PlacedPanel
from ...pipeline.passages import AuthoredText, CountedReport, PassageWriter, files_in, is_folder, read_fault
from ...words.sentences import said
from .blocks import blocks_of, markdown_faults
from .parsing import ParsedText, parse, unbound
from .predicates import Differences
from .rendering import RenderedText, render
from .results import claims_file
from .settings import TEXT, TextSettings
from .values import Material
from .verdicts import JudgedClaims

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
    problems += [problem for one in rendered for problem in one.problems]
    if problems:
        raise TextError(problems)
    judged = _judged(rendered, report.panels)
    false = tuple(dict.fromkeys(verdict.message for verdict in judged.verdicts if verdict.fails))
    if false and settings.on_false_claim == "error":
        return AuthoredText(claims=judged.verdicts, error=ClaimError(*false))
    blocks = zip(passages, map(blocks_of, rendered), strict=True)
    own = (Passage(parsed.section, where, of) for (parsed, where), of in blocks if of)
    return AuthoredText(
        passages=tuple(own),
        notes=(*judged.notes, *_folders(loaded, settings)),
        files=(claims_file(judged),),
        claims=judged.verdicts,
    )


CLAIMS = PassageWriter(TEXT.name, write)


def _rendered(report: CountedReport, passages: Sequence[_Read]) -> list[RenderedText]:
    """Return the files with their values."""
    material = Material(report.panels, report.date, LANGUAGE, report.relations, report.told)
    differences = Differences(_sources(report), report.loaded.config.inference)
    return [
        render(parsed, material, differences, lambda why: said("tables", "withdrawn", why=why))
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


def _folders(loaded: LoadedConfig, settings: TextSettings) -> tuple[Note, ...]:
    """Return a note on each subfolder of the texts. Its files are not read."""
    names = (loaded.shown(path) for path in _entries(loaded, settings) if path.is_dir())
    return tuple(
        Note("unread_text", name, f"{name} is a folder, whose files are not read; move its texts one folder up")
        for name in names
    )


def _sources(report: CountedReport) -> dict[str, PlacedPanel]:
    """Return the panels with counts, by counted population."""
    return {
        panel.id: PlacedPanel(panel, report.relations[panel.relation].tables.incidence)
        for panel in report.panels.values()
        if panel.relation in report.relations
    }


def _judged(rendered: Sequence[RenderedText], panels: Mapping[str, Panel]) -> JudgedClaims:
    names = [name for panel in panels.values() for name in (*panel.given_categories, *panel.outcome_categories)]
    loose = tuple(found for one in rendered for found in unbound(one.parsed, tuple(dict.fromkeys(names))))
    notes = [note for one in rendered for note in one.notes]
    notes += [
        Note("unbound", found.place, f'{found.place}: "{found.text}" ({found.sort}) is bound to no number of the data')
        for found in loose
    ]
    return JudgedClaims(
        verdicts=tuple(verdict for one in rendered for verdict in one.verdicts),
        unbound=loose,
        n_values=sum(one.n_values for one in rendered),
        notes=tuple(notes),
    )


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
        if path.is_dir():
            continue
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
        problems += markdown_faults(parsed, sections)
        return problems or (parsed, where)
    return [*problems, *parsed]


def _front(text: str, file: str) -> tuple[Where, list[Problem], str]:
    """Return the place named in the front matter, its errors, and the text with the front matter blanked."""
    found = _FRONT.match(text)
    if found is None:
        return "after", [], text
    source = "\n" * found.group().count("\n") + text[found.end() :]
    if not found.group(1).strip():
        return "after", [], source
    try:
        tree = read_tree("\n" + found.group(1), file)
    except ConfigError as error:
        known = "front matter is keys with values: place: before, after or instead"
        said = [(p, known if "config" in p.message else p.message) for p in error.problems]
        return "after", [Problem(p.file, p.line, p.column, "", message) for p, message in said], source
    problems = [Problem(file, *place, "", wrong.message) for place, wrong in tree.wrongs]
    for key in tree.value:
        if key != "place":
            message = f"unknown key; the only key here is place{did_you_mean(key, ['place'])}"
            problems.append(tree.positions.problem((key,), message))
    where = tree.value.get("place", "after")
    if where in WHERE:
        return where, problems, source
    if not tree.wrongs:
        near = did_you_mean(where, WHERE) if isinstance(where, str) else ""
        problems.append(tree.positions.problem(("place",), f"is one of {', '.join(WHERE)}{near}"))
    return "after", problems, source
