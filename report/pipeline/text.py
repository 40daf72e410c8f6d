"""Authored text of a build: read, held to the numbers, and made into passages of the document."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..cache import NOTHING_KEPT, Kept
from ..cells import Panel
from ..claims import TextSettings
from ..claims.fragility import AskedClaim, Fragilities
from ..claims.parsing import Parsed, parse, unbound
from ..claims.predicates import Differences
from ..claims.rendering import Rendered, Say, render
from ..claims.values import Material
from ..claims.verdicts import Judged, fragile_message, raise_false, spell
from ..config.loading import Config, LoadedConfig
from ..config.nodes import read_text, read_tree
from ..confine import check_path, path_fault, portable_name
from ..document.authored import Passage, Where, blocks_of, markdown_faults
from ..document.model import LANGUAGE, SECTION_IDS
from ..document.writer import Writer
from ..errors import ConfigError, Note, Problem, TextError, did_you_mean, listed
from ..findings.finding import Study
from ..panels import PlacedPanel
from ..regular_files import kind_of_file
from ..renderers.report_json import junit_xml
from ..theme import template_folder
from .counting import Counted, report_date
from .parts import study_of

WHERE: tuple[Where, ...] = ("before", "after", "instead")

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Texts:
    """What people wrote: passages for the document, and what became of their claims."""

    passages: tuple[Passage, ...] = ()
    judged: Judged = field(default_factory=Judged)


_Read = tuple[Parsed, Where]
"""A file that could be read, with its place."""


def text_files(loaded: LoadedConfig) -> tuple[Path, ...]:
    """Return the files of authored text that can be read, by name; hidden files are not among them.

    Empty where the config has no text. Raises ConfineError for a folder or file that `--confine` does not allow.
    """
    return tuple(path for path in _entries(loaded) if _not_read(path) is None)


def _entries(loaded: LoadedConfig) -> tuple[Path, ...]:
    """Return everything in the folder of texts that is not hidden, by name."""
    settings = loaded.config.text
    folder = None if settings is None else loaded.folder / settings.folder
    if settings is None or folder is None:
        return ()
    check_path(folder, loaded.folder, settings.folder, "text.folder")
    if not _is_folder(folder):
        return ()
    try:
        found = tuple(sorted(path for path in folder.iterdir() if not path.name.startswith(".")))
    except OSError:
        return ()
    for path in found:
        check_path(path, loaded.folder, _shown(path, loaded), "text.folder")
    return found


def _is_folder(path: Path) -> bool:
    """Return whether a path is a folder; not where its name is longer than a name may be."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _not_read(path: Path) -> str | None:
    """Return why a path cannot be read as a text, None where it can."""
    try:
        kind = kind_of_file(path)
    except FileNotFoundError:
        return "is a link that leads nowhere; remove it, or link it to a file"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or 'its name is not a file name'}"
    if kind is not None:
        return f"is {kind}; texts are files"
    return None if os.access(path, os.R_OK) else "cannot be read: permission denied"


def read_texts(
    loaded: LoadedConfig,
    counted: Counted,
    panels: Mapping[str, Panel],
    junit: Path | None = None,
    kept: Kept = NOTHING_KEPT,
) -> Texts:
    """Return the authored text of a config, its claims judged over the panels.

    `junit`: write there what became of each claim, false ones too; `kept`: has the drawings in which the same claims
    hold. Raises TextError with everything that its author must put right, and ClaimError with every claim that is false
    where the config wants false claims to stop it.
    """
    settings = loaded.config.text
    if settings is None:
        return _judged_only(Judged(notes=_unread(loaded)), junit)
    sections = section_ids(loaded)
    passages, problems = _read(loaded, settings, sections)
    material = Material(
        panels,
        report_date(loaded.config, counted),
        LANGUAGE,
        {name: numbers.coverage for name, numbers in counted.relations.items()},
    )
    differences = Differences(_sources(loaded, counted, panels), loaded.config.inference)
    say = _say(LANGUAGE)
    rendered = [render(parsed, material, differences, settings.on_false_claim, say) for parsed, _ in passages]
    problems += [problem for one in rendered for problem in one.problems]
    if problems:
        raise TextError(problems)
    judged = _judged(rendered, panels)
    _judged_only(judged, junit)
    if settings.on_false_claim == "error":
        raise_false(judged)
    again = Fragilities(material, _studies(loaded, counted, panels))
    judged = _judged_again(loaded.config, judged, rendered, again, kept)
    judged = replace(judged, notes=(*judged.notes, *_folders(loaded)))
    _require(loaded, settings, judged)
    set_out = zip(passages, map(blocks_of, rendered), strict=True)
    return Texts(tuple(Passage(parsed.section, where, blocks) for (parsed, where), blocks in set_out if blocks), judged)


def _unread(loaded: LoadedConfig) -> tuple[Note, ...]:
    """Return a note on files in the usual folder that would be authored text, had the config a key for it."""
    folder = loaded.folder / TextSettings().folder
    if path_fault(folder, loaded.folder, TextSettings().folder) is not None:
        return ()
    for section in section_ids(loaded) if folder.is_dir() else ():
        if (folder / f"{section}.md").is_file():
            file = _shown(folder / f"{section}.md", loaded)
            return (Note("unread_text", file, f"{file} is not read: the config has no line text: {{folder: text/}}"),)
    return ()


def _folders(loaded: LoadedConfig) -> tuple[Note, ...]:
    """Return a note on each folder among the texts: nothing in it is read."""
    names = (_shown(path, loaded) for path in _entries(loaded) if path.is_dir())
    return tuple(
        Note("unread_text", name, f"{name} is a folder, whose files are not read; move its texts one folder up")
        for name in names
    )


def _judged_only(judged: Judged, junit: Path | None) -> Texts:
    if junit is not None:
        try:
            junit.parent.mkdir(parents=True, exist_ok=True)
            junit.write_bytes(junit_xml(judged))
        except OSError as error:
            raise TextError([Problem(str(junit), 0, 0, "", f"cannot be written: {error.strerror}")]) from None
    return Texts((), judged)


def section_ids(loaded: LoadedConfig) -> tuple[str, ...]:
    """Return the sections that authored text may be of; with several figures each has its figure's id before it."""
    figures = [figure.id for figure in loaded.config.figures]
    if len(figures) == 1:
        return SECTION_IDS
    once = ("provenance", "glossary")
    return tuple(f"{f}.{section}" for f in figures for section in SECTION_IDS if section not in once) + once


def _sources(loaded: LoadedConfig, counted: Counted, panels: Mapping[str, Panel]) -> dict[str, PlacedPanel]:
    """Return the panels with counts, over what they count."""
    over = {name: numbers.tables.incidence for name, numbers in counted.relations.items()}
    shown = [panel for panel in loaded.config.panels if panel.relation in over]
    return {panel.id: PlacedPanel(panels[panel.id], over[panel.relation]) for panel in shown}


def _studies(loaded: LoadedConfig, counted: Counted, panels: Mapping[str, Panel]) -> dict[str, Study]:
    """Return the study of each relation with counts, with all of its panels."""
    return {
        name: study_of(loaded.config, own, numbers, counted)
        for name, numbers in counted.relations.items()
        if (own := tuple(p for p in panels.values() if p.relation == name))
    }


def _judged_again(
    config: Config, judged: Judged, rendered: Sequence[Rendered], again: Fragilities, kept: Kept
) -> Judged:
    """Return what was judged with the fragility of each claim, and a note on each that is fragile."""
    predicates = [predicate for one in rendered for predicate in one.predicates]
    pairs = [(verdict, p) for verdict, p in zip(judged.verdicts, predicates, strict=True) if p is not None]
    asked = [AskedClaim(predicate, loops, verdict) for verdict, (predicate, loops) in pairs]
    said = [(spell(one.predicate), sorted(one.loops.items()), one.verdict.holds) for one in asked]
    made = kept.lasting(f"fragility {said}", lambda: again(asked), list)
    found = {id(verdict): fragility for (verdict, _), fragility in zip(pairs, made, strict=True)}
    verdicts = tuple(replace(verdict, fragility=found.get(id(verdict))) for verdict in judged.verdicts)
    fragile = [
        Note("fragile_claim", v.place, message)
        for v in verdicts
        if v.fragility is not None and (message := fragile_message(v, config.thresholds.fragile))
    ]
    return replace(judged, verdicts=verdicts, notes=(*judged.notes, *fragile))


def _say(language: str) -> Say:
    writer = Writer(template_folder(), language, {})
    return lambda block, why: writer.words("claims", block, why=why)


def _judged(rendered: Sequence[Rendered], panels: Mapping[str, Panel]) -> Judged:
    names = [name for panel in panels.values() for name in (*panel.given_categories, *panel.outcome_categories)]
    loose = tuple(found for one in rendered for found in unbound(one.parsed, tuple(dict.fromkeys(names))))
    notes = [note for one in rendered for note in one.notes]
    notes += [
        Note("unbound", found.place, f'{found.place}: "{found.text}" ({found.sort}) is bound to no number of the data')
        for found in loose
    ]
    return Judged(
        verdicts=tuple(verdict for one in rendered for verdict in one.verdicts),
        unbound=loose,
        n_values=sum(one.n_values for one in rendered),
        notes=tuple(notes),
    )


def _require(loaded: LoadedConfig, settings: TextSettings, judged: Judged) -> None:
    least, coverage = settings.require_bound, judged.coverage
    if least is None or coverage is None or coverage >= least:
        return
    message = f"{coverage:.1%} of what authored text states is bound to the data, {least:.1%} is required"
    problems = [loaded.problem(("text", "require_bound"), message)]
    problems += [
        Problem(found.file, found.line, found.column, "", f'"{found.text}" ({found.sort}) is bound to no number')
        for found in judged.unbound
    ]
    raise TextError(problems)


def _read(loaded: LoadedConfig, settings: TextSettings, sections: Sequence[str]) -> tuple[list[_Read], list[Problem]]:
    """Return the files that can be read, and everything that is wrong with them and the others."""
    if not _is_folder(loaded.folder / settings.folder):
        return [], [loaded.problem(("text", "folder"), f"there is no folder {settings.folder}")]
    panels = [panel.id for panel in loaded.config.panels]
    passages: list[_Read] = []
    problems: list[Problem] = []
    if not os.access(loaded.folder / settings.folder, os.R_OK | os.X_OK):
        return [], [
            loaded.problem(("text", "folder"), f"the folder {settings.folder} cannot be read: permission denied")
        ]
    for path in _entries(loaded):
        if path.is_dir():
            continue
        found = _passage(path, _shown(path, loaded), sections, panels)
        if isinstance(found, tuple):
            passages.append(found)
        else:
            problems += found
    return passages, problems


def _shown(path: Path, loaded: LoadedConfig) -> str:
    """Return what messages and outputs call a file: its path from the config, never one of this machine."""
    if path.is_relative_to(loaded.folder):
        return path.relative_to(loaded.folder).as_posix()
    return portable_name(path.as_posix(), loaded.folder)


def _passage(path: Path, file: str, sections: Sequence[str], panels: Sequence[str]) -> _Read | list[Problem]:
    fault = _not_read(path)
    if fault is not None:
        return [Problem(file, 0, 0, "", fault)]
    section = path.name.removesuffix(".md")
    if path.suffix != ".md" or section not in sections:
        near = did_you_mean(section.removesuffix(path.suffix), sections)
        known = ", ".join(f"{name}.md" for name in sections) if len(sections) <= len(SECTION_IDS) else listed(sections)
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
    if isinstance(parsed, Parsed):
        problems += markdown_faults(parsed, sections)
        return problems or (parsed, where)
    return [*problems, *parsed]


def _front(text: str, file: str) -> tuple[Where, list[Problem], str]:
    """Return the place that the front matter names, what is wrong with it, and the text with blank lines for it."""
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
