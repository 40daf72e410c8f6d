"""Tell data and settings apart: build the old config on the new data, in memory."""

from __future__ import annotations

import io
import zlib
from dataclasses import replace
from pathlib import Path

import pikepdf

from ...config.comments import published_config
from ...config.loading import LoadedConfig, load_config, load_text
from ...confine import Confinement, confined, current
from ...errors import ManifestError
from ...figures.drawing import Drawer
from ...pipeline.build import made_from_config, make
from ...pipeline.inputs import input_files
from ...publish.manifest import InputFile, Manifest, fingerprint
from ...renderers import OutputSettings
from .comparing import Diff, compare_reports
from .reading import published
from .sites import Site

_MOST_BYTES = 1_000_000
"""Maximum size of a config."""


def explained(found: Diff, old: Site, new: Site, config: Path) -> Diff:
    """Return a comparison with what data and settings did. `config` is the config of the new report.

    The old config comes from the old site, so it is always confined, as with `--confine`. Raises ManifestError if it
    cannot be had, or if config or data are no longer those of the new report, and the errors of a build.
    """
    if not isinstance(old.manifest, Manifest) or not isinstance(new.manifest, Manifest):
        raise ManifestError("--why: compares single reports; build each of them alone")
    _check_current(load_config(config), new.manifest, new.name)
    text = _config_of(old, old.manifest.config, config)
    with confined(current() or Confinement(reads_untracked=True)):
        loaded = load_text(text, config, on_false_claim="withdraw")
        made = made_from_config(loaded, input_files(loaded))
        loaded = replace(loaded, config=loaded.config.model_copy(update={"outputs": OutputSettings(data=True)}))
        with Drawer() as drawer:
            files = make(loaded, drawer).files
    middle = published(made, lambda path: files.get(path, b""))
    before, after = old.published(""), new.published("")
    return replace(found, data=compare_reports(before, middle), settings=compare_reports(middle, after))


def _check_current(loaded: LoadedConfig, manifest: Manifest, site: str) -> None:
    now = made_from_config(loaded, input_files(loaded))
    then = {one.path: one.sha256 for one in (manifest.config, *manifest.inputs)}
    edited = [one.path for one in (now.config, *now.inputs) if then.get(one.path) != one.sha256]
    if edited:
        raise ManifestError(
            f"{site}: was not built from {edited[0]} as it is now; build it again, or name its config with --config"
        )


def _config_of(site: Site, then: InputFile, config: Path) -> str:
    """Return the config of a site: the one attached to its PDF, or the config at hand if that is the same."""
    for content in (published_config(config).encode(), _attached(site.file("report.pdf"), Path(then.path).name)):
        if fingerprint(content).sha256 == then.sha256:
            return content.decode()
    raise ManifestError(
        f"{site.name}: its config is not attached to a report.pdf in it, so --why cannot build it; "
        "build old reports with the output `pdf`, or compare without --why"
    )


def _attached(pdf: bytes, name: str) -> bytes:
    """Return a file attached to a PDF, b"" if there is none, or if it is too large or packed in an unusual way."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            raw = opened.attachments[name].get_file().obj.read_raw_bytes()
            return zlib.decompressobj().decompress(raw, _MOST_BYTES)  # a stranger's may unpack to any size
    except (pikepdf.PdfError, zlib.error, LookupError, TypeError, ValueError):
        return b""
