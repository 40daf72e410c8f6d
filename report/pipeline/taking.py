"""The snapshot that a build would keep, without building: for comparisons, simulations and tests."""

from __future__ import annotations

from collections.abc import Mapping

from .. import __version__
from ..claims.verdicts import Judged
from ..config.loading import LoadedConfig
from ..history.codec import body_text, content_hash
from ..history.snapshot import Head, KeptText, Snapshot, kept_panel
from .counting import Counted, count_all, report_date
from .parts import build_panels, write_parts
from .snapshots import kept_body, published_of, settings_of


def snapshot_of(loaded: LoadedConfig, words: Mapping[str, str] | None = None) -> Snapshot:
    """Count, find and return what a build would keep, but for authored text and the hashes of inputs.

    `words` are the last published words for strength. The config must have `snapshots:`.
    """
    return taking(loaded, count_all(loaded), words)


def taking(loaded: LoadedConfig, counted: Counted, words: Mapping[str, str] | None = None) -> Snapshot:
    """Return the same of what was counted."""
    panels = build_panels(loaded.config, counted)
    written = write_parts(loaded, counted, panels, {}, words)
    body = kept_body(counted)
    head = Head(
        program=__version__,
        date=report_date(loaded.config, counted),
        content=content_hash(body_text(body)),
        config=KeptText(loaded.path.name, loaded.text),
        settings=settings_of(loaded.config),
        texts=(),
        inputs=(),
        rows=counted.rows,
        panels=tuple(map(kept_panel, panels.values())),
        published=published_of(written, Judged()),
    )
    return Snapshot(head, body)
