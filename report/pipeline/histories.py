"""Histories: results that a build keeps for later builds, and their interface to the flow.

A pack or another package adds a history (`History`). A config uses it if it has the section of its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..cells import Panel
from ..config.loading import SNAPSHOTS, Config, LoadedConfig
from ..document.compose import WrittenPart
from ..document.material import OverTime
from ..document.passages import Claim
from ..errors import ConfigError, Problem, SnapshotError
from ..figures.printing import Print
from ..figures.specs import Json
from ..ledger import Ledger
from ..ledger.series import Every, Series
from ..manifest import MadeFrom
from ..slots import Parts

if TYPE_CHECKING:  # counting asks histories for the counts that they need
    from .counting import CountedSources


@dataclass(frozen=True)
class Outcome:
    """The counts and words of a build before they are written."""

    panels: Mapping[str, Panel]
    written: Sequence[WrittenPart]
    claims: Sequence[Claim]
    made_from: MadeFrom


def _nothing() -> None:
    """Keep nothing."""


@dataclass(frozen=True)
class TakenSnapshot:
    """The results that a history takes from a build: site files, and a function called after publication."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    keep: Callable[[], None] = _nothing


def _nothing_taken(outcome: Outcome) -> TakenSnapshot:
    """Take nothing from a build."""
    del outcome
    return TakenSnapshot()


@dataclass(frozen=True)
class RememberedBuilds:
    """The results of earlier builds in a history.

    `words` are the last published words for the strength of findings, by `finding_key`. `series` are the relations at
    several times, by name. `read` are the files that these come from. `archive` is the permanent place of the report in
    the site. `stale_after` is the age from which its data are old. `take` is called after all calculations. It raises
    an error if the site must not change.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, Series] = field(default_factory=dict)
    read: tuple[Path, ...] = ()
    archive: str | None = None
    stale_after: str | None = None
    take: Callable[[Outcome], TakenSnapshot] = _nothing_taken


@dataclass(frozen=True)
class PictureToDraw:
    """A picture of a series as a Vega-Lite specification. `alt` is its alternative text."""

    id: str
    title: str
    alt: str
    scheme: str
    spec: Json


@dataclass(frozen=True)
class Told:
    """The part of a history in a report: words, and pictures for a page (None) or for print."""

    over_time: OverTime
    pictures: Callable[[Print | None], Iterable[PictureToDraw]]


class Tell(Protocol):
    """A function that describes the series of a part of the report. `infix` is in the ids of pictures."""

    def __call__(self, loaded: LoadedConfig, series: Series, one: WrittenPart, infix: str) -> Told | None:
        """Return the words and pictures, or None if there are none."""
        ...


def _nothing_told(loaded: LoadedConfig, series: Series, one: WrittenPart, infix: str) -> None:
    """Describe nothing."""
    del loaded, series, one, infix


@dataclass(frozen=True)
class PastBuild:
    """An old report: its config, its counts, its inputs, and the results of builds before it."""

    loaded: LoadedConfig
    counted: CountedSources
    made_from: MadeFrom
    remembered: RememberedBuilds


class Check(Protocol):
    """A check of the folder in which a history keeps its files.

    `named` is the folder from the command line. `alone`: the site has one report.
    """

    def __call__(self, loaded: LoadedConfig, named: Path | None, *, alone: bool) -> Iterable[Problem]:
        """Yield all problems."""
        ...


class Recall(Protocol):
    """Find an old report by a file, or by an id in the folder of a config or in `folder`."""

    def __call__(
        self, config: Path, asked: str, *, engine: str | None, folder: Path | None
    ) -> AbstractContextManager[PastBuild]:
        """Return the old report, whose files exist until the context ends. Raise SnapshotError if there is none."""
        ...


def _no_problem(loaded: LoadedConfig, named: Path | None, *, alone: bool) -> Iterator[Problem]:
    """Yield nothing."""
    del loaded, named, alone
    yield from ()


@dataclass(frozen=True)
class History:
    """A store for the results of builds. `name` is the section of the config that it needs.

    `remember` is called after counting and returns the results of earlier builds for this build. `folder` is the
    place of the history's files and `pattern` the pattern of their names. A site is never written there, and a
    cached build is invalid if these files differ. `dates` gives the date and the steps by which the units of
    relations are counted for a series. `count` counts a relation in another way while its ledger is open.
    `findings` are kinds of finding to add. `tell` describes a series.
    """

    name: str
    remember: Callable[[LoadedConfig, CountedSources], RememberedBuilds]
    folder: Callable[[LoadedConfig], Path]
    pattern: str = "*"
    dates: Callable[[Config], tuple[str, Every] | None] = lambda _: None
    count: Callable[[Ledger], object] = lambda _: None
    check: Check = _no_problem
    recall: Recall | None = None
    findings: tuple[str, ...] = ()
    tell: Tell = _nothing_told


HISTORIES: Parts[History] = Parts("history")
"""Histories of packs by name."""


def history_of(config: Config) -> History | None:
    """Return the history of a config, or None."""
    return next((HISTORIES[name] for name in config.added() if name in HISTORIES), None)


def remembered(loaded: LoadedConfig, counted: CountedSources) -> RememberedBuilds:
    """Return the results of earlier builds, empty without a history."""
    history = history_of(loaded.config)
    if history is None:
        return RememberedBuilds()
    return history.remember(loaded, counted)


def counts_for_history(config: Config, ledger: Ledger) -> object:
    """Return the additional counts that the history of a config needs, or None."""
    history = history_of(config)
    if history is None:
        return None
    return history.count(ledger)


def taken(config: Config, known: RememberedBuilds, outcome: Outcome) -> TakenSnapshot:
    """Return the results that the history of a config takes from a build."""
    history = history_of(config)
    if history is None:
        return known.take(outcome)
    return known.take(outcome)


def dates_of(config: Config) -> tuple[str, Every] | None:
    """Return the date and the steps of the series that a config asks for, or None."""
    history = history_of(config)
    return None if history is None else history.dates(config)


def history_folders(configs: Iterable[LoadedConfig]) -> list[Path]:
    """Return the folders where builds of these configs keep results, if they keep any."""
    return [folder for folder, _ in kept_files(configs)]


def kept_files(configs: Iterable[LoadedConfig]) -> list[tuple[Path, str]]:
    """Return the folders where builds of these configs keep results, with the pattern of the file names."""
    found = ((history_of(one.config), one) for one in configs)
    return [(history.folder(one), history.pattern) for history, one in found if history is not None]


def check_histories(configs: Iterable[LoadedConfig], named: Path | None = None, *, alone: bool = True) -> None:
    """Raise ConfigError with all problems of the folders where these configs keep results; see `Check`."""
    problems: list[Problem] = []
    for one in configs:
        histories = [name for name in one.config.added() if name in HISTORIES]
        message = "a report has one history, and it has another one before this; leave one of them out"
        problems += [one.problem((name,), message) for name in histories[1:]]
        if histories:
            problems += HISTORIES[histories[0]].check(one, named, alone=alone)
    if problems:
        raise ConfigError(problems)


def recall(config: Path, asked: str, *, engine: str | None, folder: Path | None) -> AbstractContextManager[PastBuild]:
    """Return an old report (see `Recall`). Raises SnapshotError if there is no history."""
    found = HISTORIES[SNAPSHOTS].recall if SNAPSHOTS in HISTORIES else None
    if found is None:
        raise SnapshotError(f'"{asked}": snapshots are read by the pack "history", which is not installed')
    return found(config, asked, engine=engine, folder=folder)
