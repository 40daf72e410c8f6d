"""Folders with a config and data, and what a folder holds."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from tests.pipeline.bad_inputs import CONFIG, FILES

Content = str | bytes


def write_project(
    folder: Path,
    edits: Mapping[str, str] | None = None,
    files: Mapping[str, Content] | None = None,
    outputs: str | None = "[data]",
) -> Path:
    """Write the small project into a folder: its config with each old text of `edits` replaced, and `files`.

    `outputs` is what the config asks for where `edits` say nothing of it: data files unless a test is about others,
    since pages, papers and figures take most of a build; None leaves it out, which is everything.
    """
    config = CONFIG
    for old, new in (edits or {}).items():
        assert old in config, f"the config has no {old!r}"
        config = config.replace(old, new)
    if outputs is not None and "\noutputs:" not in config:
        config += f"outputs: {outputs}\n"
    for name, content in {"config.yaml": config, **FILES, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def tree(folder: Path) -> dict[str, str]:
    """Return path -> hash of every file below a folder, and path -> "" of every folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }
