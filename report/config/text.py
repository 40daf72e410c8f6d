"""A file's bytes -> its text, or clear words why not."""

from __future__ import annotations

import codecs
import difflib
import re
from pathlib import Path

from ..errors import ConfigError, Problem

LARGEST = 1_000_000
"""The most bytes a config file may have; aliases by the thousand belong in a file of their own."""

_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path) -> str:
    """Return a config file's text; ConfigError where it cannot be read or is not UTF-8 text."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise _failure(path, "is no file but a pipe or a device; only files are read: write what it gives into one")
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except IsADirectoryError:
        raise _failure(path, "is a folder; name the YAML file in it") from None
    except FileNotFoundError:
        raise _failure(path, f"there is no such file{_nearby(path)}") from None
    except (OSError, ValueError) as error:
        # ValueError: a NUL byte in the name; PermissionError on Windows also stands for a folder
        if path.is_dir():
            raise _failure(path, "is a folder; name the YAML file in it") from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is not a file's"
        raise _failure(path, f"cannot be read: {reason}") from None
    return decode(raw, str(path))


def decode(raw: bytes, file: str) -> str:
    """Return bytes as text without byte order mark; ConfigError where they are too many or not UTF-8 text."""
    if len(raw) > LARGEST:
        raise ConfigError(
            [Problem(file, 0, 0, "", f"is larger than {LARGEST // 1_000_000} MB; is this the config file?")]
        )
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError([Problem(file, 1, 1, "", "is UTF-16; save it as UTF-8")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        message = f"byte 0x{raw[error.start]:02X} (number {error.start + 1}) is not UTF-8; save the file as UTF-8"
        raise ConfigError([Problem(file, *_end(before), "", message)]) from None
    text = text.removeprefix("\ufeff")
    found = _CONTROL.search(text)
    if found:
        message = f"the character U+{ord(found.group()):04X} cannot stand in YAML; remove it"
        raise ConfigError([Problem(file, *_end(text[: found.start()]), "", message)])
    return text


def _failure(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(str(path), 0, 0, "", message)])


def _end(before: str) -> tuple[int, int]:
    """Return line and column, from 1, of what follows this text."""
    lines = before.removeprefix("\ufeff").split("\n")
    return len(lines), len(lines[-1]) + 1


def _nearby(path: Path) -> str:
    """Return a guess at the file that was meant: the YAML file of the same folder with the nearest name."""
    try:
        names = sorted(p.name for p in path.parent.iterdir() if p.suffix in {".yaml", ".yml"})
    except (OSError, ValueError):
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f' (did you mean "{path.with_name(near[0])}"?)' if near else ""
