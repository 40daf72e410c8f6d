"""What `diptych init` makes of data files: a first config, guessed, and checked as any is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError, DiptychError
from ..pipeline.build import check
from .guess import Guess
from .writing import config_text

NAME = "config.yaml"
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class Started:
    """A config that was written: its path, and what a check says against it."""

    path: Path
    problems: tuple[str, ...]


def place(output: Path) -> Path:
    """Return the config that `-o` means: a file that ends in .yaml or .yml, or config.yaml in a folder.

    DataError where it is there already.
    """
    path = output if output.suffix.lower() in _ENDINGS and not output.is_dir() else output / NAME
    if path.exists():
        raise DataError(f"{path}: is there already; give another folder or file with -o, or take it away")
    return path


def start(found: Guess, path: Path) -> Started:
    """Write the config of a guess, and check it. DataError where it cannot be written, or is there."""
    text = config_text(found, path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        check(path)
    except DiptychError as error:
        return Started(path, error.messages)
    return Started(path, ())
