"""Limits on the files and addresses that a config may open under `--confine`.

Somebody else may have written the config. Under `--confine`, every path that it names must be inside the root folder
once symbolic links are resolved, addresses must be public, and databases and plug-ins must be allowed by name.
`confined` sets this for a block of code, so that no function in between has to pass it on or can forget to.
`check_path` checks every path of a config before it is opened. The network part is in the pack `hub`. docs/privacy.md
describes what this protects against and the remaining risks.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Literal

from .errors import DiptychError

_HARMLESS = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
    *("-c", "core.quotePath=false"),
)
"""Settings of git under which no program starts that the settings of a repository name."""

_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # `protocol.file.allow` of a repository has no effect then
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_SECONDS = 60


def ask_git(repository: Path, *arguments: str) -> bytes:
    """Return the output of git, run in a folder of a repository. Every call of git in this program is one of this.

    `arguments` must begin with a command that reads objects or the index. Raises OSError, with the first line of git's
    message, if git is not there, fails or does not answer.
    """
    program = shutil.which("git")
    if program is None:
        raise FileNotFoundError(errno.ENOENT, "git is not installed")
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and nothing of the repository is run
            [program, *_HARMLESS, *arguments],
            cwd=repository,
            env={**os.environ, **_ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(errno.ETIMEDOUT, f"git does not answer within {_SECONDS} seconds") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise OSError(errno.EIO, said[0] if said else f"git ended with status {done.returncode}")
    return done.stdout


_known: dict[Path, frozenset[str]] = {}


def is_tracked(real: Path, repository: Path) -> bool:
    """Return whether a repository or one of its submodules tracks a file. Both paths are real; staged files count.

    Raises OSError if git is not there or cannot read the repository.
    """
    path = real.relative_to(repository).as_posix() if real.is_relative_to(repository) else ""
    if path not in _known.get(repository, ()):
        _known[repository] = _tracked(repository)  # it may have been added since
    return path in _known[repository]


def _tracked(repository: Path) -> frozenset[str]:
    listed = ask_git(repository, "ls-files", "-z", "--cached", "--recurse-submodules")
    return frozenset(os.fsdecode(path) for path in listed.split(b"\0") if path)


OpenedKind = Literal["file", "folder", "database", "address", "server"]


@dataclass(frozen=True)
class OpensPath:
    """Mark a setting whose text names something that is opened, so that `--confine` checks it.

    `file`: a file, a pattern of files or an address. `folder`: a folder that is read or written. `database`: a SQLite
    file or the address of a server. `address`: an address, never a path. `server`: a server that receives data. `fault`
    returns why a text is not allowed, or None if it is.
    """

    what: OpenedKind
    fault: Callable[[str], str | None] | None = None


class ConfineError(DiptychError):
    """The config names something that `--confine` does not allow. The message names it and the flag that allows it.

    Messages begin with the key of the config, so that the author can find the line.
    """

    slug = "confine"


@dataclass(frozen=True)
class Confinement:
    """The paths, hosts, databases and plug-ins that a config may open.

    Args:
        root: the folder that every path must resolve inside. None: the git repository that contains the config, or
            the config's own folder if it is in none. Of a repository, only tracked files may then be read.
        hosts: host names or addresses that are allowed although they are not public.
        databases: databases that may be opened, as the config names them, or the beginning of their address.
        plugins: entries of other packages that may be loaded, by the name that the config uses.
        own: folders that the program itself has made for this config, such as a folder for the text of a snapshot.

    """

    root: Path | None = None
    hosts: frozenset[str] = field(default=frozenset())
    databases: tuple[str, ...] = ()
    plugins: frozenset[str] = field(default=frozenset())
    own: tuple[Path, ...] = ()
    reads_untracked: bool | None = None
    """Whether untracked files of a git repository may be read. None: if a root is given."""

    def repository(self, base: Path) -> Path | None:
        """Return the repository whose tracked files alone may be read, for a config in `base`; None: any file may."""
        reads_untracked = self.root is not None if self.reads_untracked is None else self.reads_untracked
        return None if reads_untracked else repository_of(base)

    def root_of(self, base: Path) -> Path:
        """Return the real path of the root folder for a config in the folder `base`."""
        return Path(os.path.realpath(self.root or repository_of(base) or base))

    def allows_database(self, name: str) -> bool:
        """Return whether a database may be opened: it is listed, or lies below a listed address.

        >>> Confinement(databases=("postgres://db.example/",)).allows_database("postgres://db.example/sales")
        True
        >>> Confinement(databases=("postgres://db.example",)).allows_database("postgres://db.example.org/sales")
        False
        """
        return any(name == one or name.startswith(f"{one.rstrip('/')}/") for one in self.databases if one)

    def key(self, base: Path) -> str:
        """Return a text that identifies all that a config in a folder may open, for keys of a cache."""
        return repr([str(self.root_of(base)), sorted(self.hosts), sorted(self.databases), sorted(self.plugins)])


_current: ContextVar[Confinement | None] = ContextVar("diptych_confinement", default=None)


def current() -> Confinement | None:
    """Return the limits in force for configs, or None if there are none."""
    return _current.get()


@contextmanager
def confined(confinement: Confinement | None) -> Iterator[None]:
    """Limit every config that is read within this block. With None, the limits around the block stay in force."""
    token = _current.set(confinement or _current.get())
    try:
        yield
    finally:
        _current.reset(token)


def repository_of(folder: Path) -> Path | None:
    """Return the top of the git repository that contains a folder, or None if there is none."""
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - callers resolve symbolic links
    return next((top for top in (place, *place.parents) if os.path.lexists(top / ".git")), None)


ELSEWHERE = "…/"
"""Prefix of the name of a file whose folder has no meaning on another machine."""


def portable_name(path: str, base: Path) -> str:
    """Return the name of a path in outputs, for a config in the folder `base`, without any machine-specific folder.

    A relative path stays as it is. An absolute path becomes relative if it is in the git repository of the config (or
    in the config's folder, if there is no repository). For any other path only the name is left, after `…/`.

    >>> portable_name("data/x.csv", Path("/work/study")), portable_name("/home/me/x.csv", Path("/work/study"))
    ('data/x.csv', '…/x.csv')
    >>> portable_name("/work/study/data/x.csv", Path("/work/study"))
    'data/x.csv'
    """
    if not Path(path).is_absolute():
        return path
    here = Path(os.path.abspath(base))  # noqa: PTH100 - links keep their names
    place = Path(os.path.abspath(path))  # noqa: PTH100
    if place.is_relative_to(repository_of(here) or here):
        return Path(os.path.relpath(place, here)).as_posix()
    return ELSEWHERE + place.name


def is_inside(path: Path, root: Path) -> bool:
    """Return whether a path is the root folder or below it, once symbolic links are resolved.

    `root` must be resolved. If a path does not exist, its existing part decides.
    """
    try:
        return Path(os.path.realpath(path)).is_relative_to(root)
    except (OSError, ValueError):  # a loop of links, or a NUL character
        return False


def path_fault(path: Path, base: Path, name: str, *, named: bool = False) -> str | None:
    """Return why a config in the folder `base` may not open a path named `name`, or None if it may.

    `named`: a person named the path on the command line, so it need not be tracked.
    """
    confinement = current()
    if confinement is None:
        return None
    root = confinement.root_of(base)
    if any(is_inside(path, Path(os.path.realpath(own))) for own in confinement.own):
        return None
    if not is_inside(path, root):
        return (
            f'"{name}" leads outside {root}, the folder that --confine allows; move it there, or allow a wider folder '
            "on the command line with --root FOLDER"
        )
    real = Path(os.path.realpath(path))
    if _is_of_git(real, root):
        return f'"{name}" is of git itself, which --confine does not read; use a file of the repository'
    if not named and (repository := confinement.repository(base)) is not None and real.is_file():
        return _untracked_fault(real, Path(os.path.realpath(repository)), name)
    return None


def _is_of_git(real: Path, root: Path) -> bool:
    """Return whether a path below the root is a `.git`, or in one."""
    return any(part.casefold() == ".git" for part in real.relative_to(root).parts)


def _untracked_fault(real: Path, repository: Path, name: str) -> str | None:
    advice = "allow all files of a folder on the command line with --root FOLDER"
    try:
        if is_tracked(real, repository):
            return None
    except OSError as error:
        why = f"cannot be looked up in git ({error.strerror}), and --confine reads tracked files only"
        return f'"{name}" {why}; {advice}'
    return f'"{name}" is not tracked by git, so --confine does not read it; git add it, or {advice}'


def link_out_of(folder: Path, bases: Iterable[Path]) -> Path | None:
    """Return the first link on the way to a folder to write that leads out of the root of one of `bases`, or into .git.

    None without `--confine`, and if there is no such link. A folder that a person names outside of the roots is no
    fault, but a link is, which others may have put there.
    """
    confinement = current()
    if confinement is None:
        return None
    roots = {confinement.root_of(base) for base in bases}
    place = Path(Path(folder).anchor or os.path.realpath(Path()))
    for part in Path(folder).parts[1 if Path(folder).anchor else 0 :]:
        step = place.parent if part == ".." else place / part
        target = Path(os.path.realpath(step))
        if part != ".." and step.is_symlink():
            around = [root for root in roots if place.is_relative_to(root)]
            if any(not target.is_relative_to(root) or _is_of_git(target, root) for root in around):
                return step
        place = target
    return None


def check_path(path: Path, base: Path, name: str, where: str) -> None:
    """Raise ConfineError if a config in the folder `base` may not open a path.

    Every path that a config names is checked here right before it is opened, listed or written. `name` is the path as
    the config writes it. `where` is the key at the start of the message.
    """
    if (fault := path_fault(path, base, name)) is not None:
        raise ConfineError(f"{where}: {fault}")


_WILD = re.compile(r"[*?\[]")


def check_pattern(pattern: str, base: Path, where: str) -> None:
    """Raise ConfineError if a pattern of a config leads outside the root, before any folder outside is listed."""
    if (fault := pattern_fault(pattern, base)) is not None:
        raise ConfineError(f"{where}: {fault}")


def pattern_fault(pattern: str, base: Path) -> str | None:
    """Return why a config in the folder `base` may not search by a pattern, or None if it may.

    The part before the first wildcard is resolved first. The rest of the pattern is expanded folder by folder, and each
    symbolic link to a folder is resolved before that folder is listed.
    """
    if current() is None:
        return None
    pure = PurePath(pattern)
    top = Path(pure.anchor) if pure.anchor else base
    parts = pure.parts[1:] if pure.anchor else pure.parts
    n_fixed = next((n for n, part in enumerate(parts) if _WILD.search(part)), len(parts))
    fixed = top.joinpath(*parts[:n_fixed])
    if (fault := path_fault(fixed, base, pattern)) is not None:
        return fault
    if ".." in parts[n_fixed:]:
        return f'"{pattern}" has .. after a wildcard, which --confine does not allow; name the folder itself'
    for n in range(n_fixed + 1, len(parts) + 1):
        for link in _links(fixed, "/".join(parts[n_fixed:n])):
            if (fault := path_fault(link, base, _named(link, base, pattern))) is not None:
                return fault
    return None


def _links(top: Path, pattern: str) -> list[Path]:
    """Return the symbolic links that match a pattern, or none if the system rejects the pattern."""
    try:
        return sorted(found for found in top.glob(pattern) if found.is_symlink())
    except (OSError, ValueError, RecursionError):
        return []


def _named(found: Path, base: Path, pattern: str) -> str:
    return found.relative_to(base).as_posix() if found.is_relative_to(base) else f"a match of {pattern}"


def folder_fault(folder: Path, base: Path, name: str) -> str | None:
    """Return why a config in `base` may not use a folder and the files directly in it, or None if it may."""
    if current() is None:
        return None
    if (fault := path_fault(folder, base, name)) is not None:
        return fault
    try:
        links = sorted(entry.name for entry in os.scandir(folder) if entry.is_symlink())
    except OSError:  # missing or not a folder: reported when it is read
        return None
    faults = (path_fault(folder / link, base, f"{name.rstrip('/')}/{link}") for link in links)
    return next((fault for fault in faults if fault is not None), None)


def database_fault(name: str) -> str | None:
    """Return why a database may not be opened, or None if it may."""
    confinement = current()
    if confinement is None or confinement.allows_database(name):
        return None
    return (
        f'"{name}" is a database, which --confine does not open unasked; allow it on the command line with '
        f"--allow-database {name}"
    )


def plugin_fault(name: str, package: str) -> str | None:
    """Return why an entry of another package may not be loaded, or None if it may."""
    confinement = current()
    if confinement is None or name in confinement.plugins:
        return None
    return (
        f'"{name}" is of another package, {package}, which --confine does not load unasked; allow it on the command '
        f"line with --allow-plugin {name}"
    )
