"""Build one site from several configs: a folder for each report, a list page, one manifest, one swap."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..cache import NO_CACHE, Cache
from ..config.loading import LoadedConfig, load_config
from ..errors import ClaimError, ConfigError, DiptychError, Note, Problem, ReportsError
from ..figures.drawing import Drawer
from ..manifest import NAME, build_site_manifest, current_versions
from ..publish import check_folder, publish, recover
from ..publish.site import check_paths
from ..renderers.html import INDEX, ListedReport, neighbours_of, render_site
from ..renderers.registry import SitePlace, formats_of, page_of
from ..reuse import Built, Files, now_ns, remember
from .build import BuiltReport, CheckedConfig, check_loaded, made_from_config, make
from .inputs import is_local, looked_at, packages_of

_USUAL = "config"
"""The usual name of config files. A report from such a file is named after its folder."""

_KEPT = frozenset({INDEX, NAME})
"""Names reserved for the site."""

_Done = TypeVar("_Done")


def build_site(  # noqa: PLR0913 - one argument for each choice
    configs: Sequence[Path],
    folder: Path,
    *,
    overwrite: bool = False,
    into: bool = False,
    engine: str | None = None,
    on_false_claim: str | None = None,
    cache: Cache = NO_CACHE,
) -> Built:
    """Build the reports of several configs into one folder, all of them or none.

    For the arguments see `build`.
    Raises a DiptychError with the errors of all reports; the folder is then unchanged.
    """
    began = now_ns()
    recover(folder)
    declared = _load_all(configs, engine, on_false_claim)
    check_folder(folder, overwrite=overwrite, into=into, inputs=configs)
    made = make_all(declared, cache=cache)
    files = site_files(made)
    inputs = [path for one in made.values() for path in (one.loaded.path, *one.inputs)]
    loaded = [one.loaded for one in made.values()]
    how = publish(files, folder, overwrite=overwrite, into=into, inputs=inputs)
    notes = tuple(_named(note, one.loaded) for one in made.values() for note in one.notes)
    built = Built.of(folder, how, files, notes)
    if on_false_claim is None and all(is_local(one.loaded) for one in made.values()):
        remember(cache, configs, built, looked_at(loaded), began, into=into, engine=engine)
    return built


def make_all(loaded: Mapping[str, LoadedConfig], *, cache: Cache = NO_CACHE) -> dict[str, BuiltReport]:
    """Make every report of a site, in memory, by name. Raises ReportsError with the errors of all reports."""
    places = _places(loaded)
    with Drawer() as drawer:
        return _all(
            loaded,
            lambda name, one: make(one, drawer, place=places[name], cache=cache),
        )


ALONE = ""
"""The name of a report whose site has no other report."""


def remake(loaded: Mapping[str, LoadedConfig]) -> Files:
    """Make every file of a site except its manifest, in memory.

    `loaded` has one report as ALONE, or several by name.
    """
    if ALONE in loaded:
        with Drawer() as drawer:
            return make(loaded[ALONE], drawer).files
    return {path: content for path, content in site_files(make_all(loaded)).items() if path != NAME}


def check_site(
    configs: Sequence[Path],
    *,
    engine: str | None = None,
    on_false_claim: str | None = None,
) -> dict[Path, CheckedConfig]:
    """Check several configs, their data and the author's text, as `check` does for one. Results are in config order."""
    loaded = _load_all(configs, engine, on_false_claim)
    found = _all(loaded, lambda _, one: check_loaded(one))
    return {
        loaded[name].path: replace(checked, notes=tuple(_named(note, loaded[name]) for note in checked.notes))
        for name, checked in found.items()
    }


def report_name(config: Path) -> str:
    """Return the name of a report in a site: the name of its file, or of its folder if the file is called config.

    >>> report_name(Path("reports/hub.yaml")), report_name(Path("examples/survey/config.yaml"))
    ('hub', 'survey')
    """
    return config.stem if config.stem != _USUAL else Path(os.path.abspath(config)).parent.name  # noqa: PTH100 - a link keeps its name


def _load_all(configs: Sequence[Path], engine: str | None, on_false_claim: str | None) -> dict[str, LoadedConfig]:
    """Return every config by its report's name. Raises ConfigError with the errors of all configs."""
    named = [(report_name(config), config) for config in configs]
    return load_named(named, engine, _name_problems(configs), on_false_claim=on_false_claim)


def load_named(
    configs: Iterable[tuple[str, Path]],
    engine: str | None = None,
    known: Iterable[Problem] = (),
    *,
    on_false_claim: str | None = None,
) -> dict[str, LoadedConfig]:
    """Return configs by the given names. Raises ConfigError with the errors of all configs and the problems `known`."""
    problems = list(known)
    loaded = {}
    for name, config in configs:
        try:
            loaded[name] = load_config(config, engine=engine, on_false_claim=on_false_claim)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return loaded


def _name_problems(configs: Sequence[Path]) -> list[Problem]:
    problems = []
    taken: dict[str, Path] = {}
    for config in configs:
        name = report_name(config)
        earlier = taken.setdefault(unicodedata.normalize("NFC", name).casefold(), config)
        if earlier is not config:
            message = f'its report would be called "{name}", as that of {earlier}; rename one of the two'
        elif name in _KEPT:
            message = f'its report would be called "{name}", which the site keeps for itself; rename it'
        elif not _can_be_held(name):
            message = f'its report would be called "{name}", which is not a folder name on every system; rename it'
        else:
            continue
        problems.append(Problem(str(config), 0, 0, "", message))
    return problems


def _can_be_held(name: str) -> bool:
    try:
        check_paths([f"{name}/{INDEX}"])
    except ValueError:
        return False
    return True


def _all(loaded: Mapping[str, LoadedConfig], do: Callable[[str, LoadedConfig], _Done]) -> dict[str, _Done]:
    """Apply a function to each config, then raise ReportsError with the errors of all, if there are any."""
    done: dict[str, _Done] = {}
    errors: list[tuple[LoadedConfig, DiptychError]] = []
    for name, one in loaded.items():
        try:
            done[name] = do(name, one)
        except DiptychError as error:
            errors.append((one, error))
    if errors:
        only_claims = all(isinstance(error, ClaimError) for _, error in errors)
        messages = tuple(_with_config(message, one) for one, error in errors for message in error.messages)
        raise ReportsError(messages, exit_status=(ClaimError if only_claims else DiptychError).exit_status)
    return done


def _with_config(message: str, loaded: LoadedConfig) -> str:
    return message if message.startswith(f"{loaded.path}:") else f"{loaded.path}: {message}"


def _named(note: Note, loaded: LoadedConfig) -> Note:
    return replace(note, message=_with_config(note.message, loaded))


def _places(loaded: Mapping[str, LoadedConfig]) -> dict[str, SitePlace]:
    titles = {name: one.config.report.title for name, one in loaded.items() if page_of(one.config.outputs) == INDEX}
    neighbours = neighbours_of(titles)
    return {name: SitePlace(name, neighbours.get(name)) for name in loaded}


def site_files(made: Mapping[str, BuiltReport]) -> Files:
    """Return every file of the site, including its manifest."""
    files: Files = {}
    for name, one in made.items():
        files |= {f"{name}/{path}": content for path, content in one.files.items()}
    listed = [
        ListedReport(
            name, one.document, formats_of(one.loaded.config.outputs), page_of(one.loaded.config.outputs) == INDEX
        )
        for name, one in made.items()
    ]
    files |= render_site(listed)
    versions = current_versions(packages_of(one.loaded for one in made.values()))
    reports = {name: made_from_config(one.loaded, one.inputs) for name, one in made.items()}
    return files | {NAME: build_site_manifest(reports, versions, files)}
