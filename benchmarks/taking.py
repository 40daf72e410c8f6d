"""The snapshot of a build without the build itself, for comparisons, simulations and tests."""

from __future__ import annotations

from collections.abc import Mapping

from diptych import __version__
from diptych.config.loading import LoadedConfig
from diptych.contrib.history.codec import body_text, content_hash, pack_with, packed
from diptych.contrib.history.keeping import kept_body, published_of
from diptych.contrib.history.snapshot import Head, KeptText, Snapshot, kept_panel
from diptych.pipeline.counting import CountedSources, count_all, report_date
from diptych.pipeline.parts import build_panels, write_parts
from diptych.pipeline.provenance import report_settings


def pack(snapshot: Snapshot) -> bytes:
    """Return a snapshot as bytes."""
    return pack_with(snapshot.head, packed(body_text(snapshot.body)))


def snapshot_of(loaded: LoadedConfig, words: Mapping[str, str] | None = None) -> Snapshot:
    """Count, find and return the snapshot of a build, without authored text and hashes of inputs.

    `words` are the last published words for strength. The config must have `snapshots:`.
    """
    return taking(loaded, count_all(loaded), words)


def taking(loaded: LoadedConfig, counted: CountedSources, words: Mapping[str, str] | None = None) -> Snapshot:
    """Return the same snapshot from counted data."""
    panels = build_panels(loaded.config, counted)
    written = write_parts(loaded, counted, panels, {}, words)
    body = kept_body(counted)
    head = Head(
        program=__version__,
        date=report_date(loaded.config, counted),
        content=content_hash(body_text(body)),
        config=KeptText(loaded.path.name, loaded.published),
        settings=report_settings(loaded),
        texts=(),
        inputs=(),
        rows=counted.rows,
        panels=tuple(map(kept_panel, panels.values())),
        published=published_of(written, ()),
    )
    return Snapshot(head, body)
