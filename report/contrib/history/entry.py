"""The history that keeps snapshots."""

from __future__ import annotations

from functools import partial

from ...config.loading import Config, LoadedConfig
from ...ledger.series import Every
from ...pipeline.counting import CountedSources
from ...pipeline.histories import History, RememberedBuilds
from .folder import PATTERN
from .item_types import count_item_types
from .keeping import archive_of, folder_of, place_in, problems, take
from .past import earlier, recall, series_of
from .pictures import tell
from .settings import settings_of


def _remember(loaded: LoadedConfig, counted: CountedSources) -> RememberedBuilds:
    settings, place = settings_of(loaded.config), place_in(loaded, counted)
    before = earlier(place.folder, place.standing.own)
    archive = archive_of(place.standing.own) if settings.archive else None
    read = () if place.read is None else (place.read,)
    return RememberedBuilds(
        words={} if place.last is None else place.last.strengths,
        series=series_of(loaded, counted, before),
        read=tuple(dict.fromkeys((*read, *before.files))),
        archive=archive,
        stale_after=settings.stale_after,
        take=partial(take, place, loaded, counted, archive),
    )


def _dates(config: Config) -> tuple[str, Every] | None:
    settings = settings_of(config)
    return None if settings.by is None else (settings.by, settings.every)


HISTORY = History(
    name="snapshots",
    remember=_remember,
    folder=folder_of,
    pattern=PATTERN,
    dates=_dates,
    count=count_item_types,
    check=problems,
    recall=recall,
    findings=("trend",),
    tell=tell,
)
