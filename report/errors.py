"""The error tree: everything that a person can put right is a `DiptychError`; anything else is our fault.

Each error says what is wrong, where, and what to do. Stages raise them; only `cli` prints them. What an author has
probably meant is guessed here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

LONGEST = 1_900
"""The most characters of a message; a file's name and line, which a report of several puts before it, fit beside."""

_LONGEST_WORD = 240
_END = 80


def brief(message: str) -> str:
    """Return a message that a person can read to its end: what is very long in it, and it itself, cut in the middle.

    >>> brief("no column " + "x" * 2000 + " here").count("x"), len(brief("word " * 2000))
    (239, 1900)
    """
    words = re.sub(rf"\S{{{_LONGEST_WORD + 1},}}", lambda word: shortened(word.group(), _LONGEST_WORD), message)
    return shortened(words, LONGEST, LONGEST // 2)


def shortened(text: str, longest: int, end: int = _END) -> str:
    """Return a text of at most so many characters, cut in the middle, of which at most `end` stand after the cut.

    >>> shortened("abcdefghij", 5), shortened("abc", 5)
    ('ab…ij', 'abc')
    """
    if len(text) <= longest:
        return text
    n_last = min(end, (longest - 1) // 2)
    return f"{text[: longest - 1 - n_last]}…{text[-n_last:]}"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in a file that a person wrote.

    `line` and `column` count from 1; 0 means the file as a whole. `key` is the dotted path of a config
    entry (`relations.trained_on.unit`), empty where there is none.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", brief(self.message))

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])
        return brief(": ".join(part for part in (place, self.key, self.message) if part))


@dataclass(frozen=True, order=True)
class Note:
    """Something a reader should know that stops nothing: printed on stderr and listed in the report.

    `slug` names the sort ("two_rules", "near_ids", "unreachable_category", ...), `subject` what it is about.
    """

    slug: str
    subject: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", brief(self.message))


class DiptychError(Exception):
    """Something a person can put right: config, data, template, output folder (exit status 1)."""

    slug = "error"
    exit_status = 1

    def __init__(self, *messages: str) -> None:
        """Keep each message, shortened where it is very long; together they are the error's text, a line each."""
        self._messages = tuple(map(brief, messages))
        super().__init__("\n".join(self._messages))

    @property
    def messages(self) -> tuple[str, ...]:
        """What is wrong, one thing at a time."""
        return self._messages

    def _render_traceback_(self) -> list[str]:
        """Return the lines that a notebook shows instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class ConfigError(DiptychError):
    """The config file is wrong. Carries every problem found in one run, in file order."""

    slug = "config"

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems sorted by place; the message is one line for each."""
        self.problems = tuple(sorted(problems))
        super().__init__(*map(str, self.problems))


class DataError(DiptychError):
    """A data source is missing, malformed or not what the config says of it.

    Stages that can go on looking gather several messages and raise them together.
    """

    slug = "data"


class PluginError(DiptychError):
    """What another package adds cannot be used. Names it, its package and what is wrong with it."""

    slug = "plugin"


class FetchError(DataError):
    """What an address or the Hub should give cannot be had. Names it, what the server says, and what to do."""

    slug = "fetch"


class TextError(ConfigError):
    """Authored text is wrong, whatever the data: a file's name, its front matter, a tag, a function. All problems."""

    slug = "text"


class ClaimError(DataError):
    """Authored text says what is not so. Carries every false claim of one run; the old site stays."""

    slug = "claim"
    exit_status = 3


class TargetError(DataError):
    """`diptych explain` was asked for something that the report does not have."""

    slug = "target"


class ExpectationError(DataError):
    """The data went outside the guards of `expect:`; the old site stays."""

    slug = "expect"


class PublishError(DiptychError):
    """The output folder cannot or must not be written."""

    slug = "publish"


class ManifestError(DiptychError):
    """A folder is no report of this program, or its manifest cannot be read."""

    slug = "manifest"


class RebuildError(DataError):
    """A site cannot be built again: a config is not found, or an input is gone. Carries every reason."""

    slug = "rebuild"


class SnapshotError(DataError):
    """A snapshot is not there, cannot be read, or is none of this program. Names the file and what to do."""

    slug = "snapshot"


class RenderError(DiptychError):
    """An output cannot be made as asked, e.g. a font lacks a character."""

    slug = "render"


class FontError(RenderError):
    """No font has a character that a PDF or a picture needs."""


class ReportsError(DataError):
    """Some of several reports cannot be made. Carries what is wrong with each; nothing is published."""

    slug = "reports"

    def __init__(self, messages: tuple[str, ...], *, exit_status: int) -> None:
        """Keep the messages; `exit_status` is that of the gravest."""
        super().__init__(*messages)
        self.exit_status = exit_status


def raise_if_any(messages: Iterable[str | None]) -> None:
    """Raise `DataError` with messages, if there are any; None is none."""
    if found := [message for message in messages if message is not None]:
        raise DataError(*found)


K = TypeVar("K")
T = TypeVar("T")


def gathered(tasks: Mapping[K, Callable[[], T]]) -> dict[K, T]:
    """Run every task and return the results; DataError with the messages of all that failed."""
    done: dict[K, T] = {}
    messages: list[str] = []
    for name, task in tasks.items():
        try:
            done[name] = task()
        except DataError as error:
            messages += error.messages
    raise_if_any(dict.fromkeys(messages))
    return done


_LISTED = 12
_MOST_COMPARED = 2_000
"""Among more names, or for a longer one, a guess would take longer than a person waits."""

_LONGEST_COMPARED = 100


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that a person who wrote `name` probably meant, or None.

    >>> nearest("taks", ["id", "tasks"])
    'tasks'
    >>> nearest("ID", ["id", "tasks"])
    'id'
    >>> nearest("colour", ["id", "tasks"])
    """
    known = [known_name for known_name in names if len(known_name) <= _LONGEST_COMPARED]
    if len(known) > _MOST_COMPARED or len(name) > _LONGEST_COMPARED:
        return None
    folded = {known_name.casefold(): known_name for known_name in reversed(known)}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ` (did you mean "tasks"?)`, or nothing where no name is near."""
    near = nearest(name, names)
    return f' (did you mean "{near}"?)' if near is not None else ""


def listed(names: Sequence[str], most: int = _LISTED, what: str = "more", n: int | None = None) -> str:
    """Return names as text, at most so many of them; `n` is how many there are, where `names` are only the first.

    >>> listed(["id", "tasks"]), listed(["id", "tasks", "tags"], most=1), listed(["1", "2"], what="rows", n=12)
    ('id, tasks', 'id and 2 more', '1, 2 and 10 rows')
    """
    shown = names[:most]
    rest = (len(names) if n is None else n) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} {what}" if rest > 0 else "")


def quoted(texts: Sequence[str], most: int) -> str:
    """Return texts in quotes, at most so many of them.

    >>> quoted(["a", "b"], 1)
    '"a" and 1 more'
    """
    return listed([f'"{text}"' for text in texts[:most]], most, n=len(texts))


def missing_columns(file: str, columns: Sequence[str], wanted: Mapping[str, str]) -> list[str]:
    """Return a message for each wanted column (column -> the config key that names it) that a file lacks.

    >>> missing_columns("x.csv", ["id", "task"], {"id": "entities.a.id", "tasks": "entities.a.labels"})
    ['entities.a.labels: x.csv has no column "tasks"; it has id, task (did you mean "task"?)']
    """
    return [
        f'{key}: {file} has no column "{column}"; it has {listed(columns)}{did_you_mean(column, columns)}'
        for column, key in wanted.items()
        if column not in columns
    ]
