"""Addresses of files on the Hub and the web, as written in configs and commands."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from ...errors import FetchError
from ...sources.addresses import scheme_of

RepositoryKind = Literal["model", "dataset", "space"]

_PREFIXES: dict[str, RepositoryKind] = {"models": "model", "datasets": "dataset", "spaces": "space"}
_NAME = re.compile(r"[\w.-]+", re.ASCII)
_SPECIAL = re.compile(r"(refs/convert/[\w.-]+|refs/pr/\d+)(?=/)", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORM = "hf://datasets/OWNER/NAME/FILE, with @REVISION after NAME where it is not the main branch"


@dataclass(frozen=True)
class HubAddress:
    """A file in a repository of the Hub, or a pattern for such files.

    `revision` is a branch, tag or commit; None is the main branch. `path` is relative to the repository.
    """

    kind: RepositoryKind
    repository: str
    revision: str | None
    path: str

    def __str__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        return f"{self.base}{revision}/{self.path}"

    @property
    def base(self) -> str:
        """Return the address of the repository."""
        prefix = "" if self.kind == "model" else f"{self.kind}s/"
        return f"hf://{prefix}{self.repository}"

    @property
    def bare(self) -> str:
        """Return the address without its revision."""
        return f"{self.base}/{self.path}"

    @property
    def is_pattern(self) -> bool:
        """Return whether the path may match several files."""
        return any(character in self.path for character in "*?[")

    @property
    def commit(self) -> str | None:
        """Return the revision if it is a full commit id, whose content never changes; otherwise None."""
        return self.revision if self.revision is not None and _COMMIT.fullmatch(self.revision) else None

    def at(self, revision: str) -> HubAddress:
        """Return the same file at another revision."""
        return replace(self, revision=revision)


def hub_address(text: str) -> HubAddress:
    """Return the parts of an `hf://` address. Raises ValueError with the reason if it is invalid.

    >>> hub_address("hf://datasets/a/b@refs/convert/parquet/x/0.parquet")
    HubAddress(kind='dataset', repository='a/b', revision='refs/convert/parquet', path='x/0.parquet')
    """
    if scheme_of(text) != "hf":
        raise ValueError(f"is no address on the Hub; write {_FORM}")
    rest = text.split("://", 1)[1]
    first, _, below = rest.partition("/")
    kind = _PREFIXES.get(first)
    owner, _, named = (below if kind else rest).partition("/")
    name, revision, path = _cut(named)
    if not (_NAME.fullmatch(owner) and _NAME.fullmatch(name)):
        raise ValueError(f"does not name a repository; write {_FORM}")
    if not stays_within(path):
        raise ValueError(f"does not name a file; write {_FORM}")
    if revision == "":
        raise ValueError(f"has no revision after @; write {_FORM}")
    return HubAddress(kind or "model", f"{owner}/{name}", revision, path)


def stays_within(path: str) -> bool:
    """Return whether a path names a file below its start.

    >>> stays_within("a/b.csv"), stays_within("a/../../b.csv"), stays_within("/b.csv")
    (True, False, False)
    """
    return "\\" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def read_address(text: str, where: str) -> HubAddress:
    """Return the parts of an `hf://` address. Raises FetchError if it is invalid."""
    try:
        address = hub_address(text)
    except ValueError as error:
        raise FetchError(f'{where}: "{text}" {error}') from None
    return address


def _cut(named: str) -> tuple[str, str | None, str]:
    """Split NAME[@REVISION]/PATH: a revision contains a / only if it is special, or as %2F."""
    name, at, rest = named.partition("@")
    if not at or "/" in name:
        name, _, path = named.partition("/")
        return name, None, path
    special = _SPECIAL.match(rest)
    if special:
        return name, special.group(), rest[special.end() + 1 :]
    revision, _, path = rest.partition("/")
    return name, "refs/convert/parquet" if revision == "~parquet" else unquote(revision), path


def web_fault(address: str) -> str | None:
    """Return the problem of a web address, or None.

    >>> web_fault("https://example.org/ä.csv"), web_fault("https://example.org/a b.csv")
    (None, 'contains a space or an unprintable character; write it as %20, or remove it')
    """
    if not all(character.isprintable() and character != " " for character in address):
        return "contains a space or an unprintable character; write it as %20, or remove it"
    try:
        parts = urlsplit(address)
        encoded(address)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_host = False
    return None if has_host else "is no web address; write https://HOST/FILE"


def encoded(address: str) -> str:
    """Return a web address in ASCII for requests: other letters are percent-encoded, in the host by IDNA.

    >>> encoded("https://exämple.org/ä%20b.csv?k=é")
    'https://xn--exmple-cua.org/%C3%A4%20b.csv?k=%C3%A9'
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    ascii_host = host if host.isascii() else host.encode("idna").decode()
    below = (quote(part, safe="%/:=&?~#+!$,;'@()*[]") for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, parts.netloc.lower().replace(host, ascii_host), *below, ""))
