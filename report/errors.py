"""The error classes: a `DiptychError` is an error that a person can correct. Anything else is a bug of the program.

Each error states the problem, its place and a remedy. Stages raise errors and only `cli` prints them. Suggestions for
misspelt names are also made here.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

LONGEST = 1_900
"""The maximum length of a message in characters. A file name and line still fit in front of it."""

_LONGEST_WORD = 240
_END = 80


def brief(message: str) -> str:
    """Return a message of readable length: very long words in it, and the message itself, are cut in the middle.

    >>> brief("no column " + "x" * 2000 + " here").count("x"), len(brief("word " * 2000))
    (239, 1900)
    """
    words = re.sub(rf"\S{{{_LONGEST_WORD + 1},}}", lambda word: shortened(word.group(), _LONGEST_WORD), message)
    return shortened(words, LONGEST, LONGEST // 2)


def shortened(text: str, longest: int, end: int = _END) -> str:
    """Return a text of at most `longest` characters, cut in the middle, with at most `end` characters after the cut.

    >>> shortened("abcdefghij", 5), shortened("abc", 5)
    ('ab…ij', 'abc')
    """
    if len(text) <= longest:
        return text
    n_last = min(end, (longest - 1) // 2)
    return f"{text[: longest - 1 - n_last]}…{text[-n_last:]}"


@dataclass(frozen=True, order=True)
class Problem:
    """One error in a file that a person wrote.

    `line` and `column` count from 1; 0 means the file as a whole. `key` is the dotted path of a config entry
    (`relations.trained_on.unit`), or empty if there is none.
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
    """A remark for the reader that is not an error. It is printed on stderr and listed in the report.

    `slug` names the kind of note ("two_rules", "near_ids", "unreachable_category", ...), `subject` the thing that it is
    about.
    """

    slug: str
    subject: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", brief(self.message))


class DiptychError(Exception):
    """An error that a person can correct: in a config, data, a template or the output folder (exit status 1)."""

    slug = "error"
    exit_status = 1

    def __init__(self, *messages: str, slug: str | None = None) -> None:
        """Keep each message, shortened if it is very long. The error's text has one line for each.

        `slug` is a kind of error that needs no class, since nothing catches it: its heading in docs/config.md.
        """
        self.slug = slug or self.slug
        self._messages = tuple(map(brief, messages))
        super().__init__("\n".join(self._messages))

    @property
    def messages(self) -> tuple[str, ...]:
        """The messages, one for each problem."""
        return self._messages

    def _render_traceback_(self) -> list[str]:
        """Return the lines that a notebook shows instead of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class ConfigError(DiptychError):
    """The config file has errors. Contains every problem found in one run, in file order."""

    slug = "config"

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems sorted by place; the message is one line for each."""
        self.problems = tuple(sorted(problems))
        super().__init__(*map(str, self.problems))


class DataError(DiptychError):
    """A data source is missing, malformed or not as the config describes it.

    Stages that can continue collect several messages and raise them together.
    """

    slug = "data"


class PluginError(DiptychError):
    """An entry of another package cannot be used. The message names the entry, its package and the problem."""

    slug = "plugin"


class FetchError(DataError):
    """A download from an address or the Hub failed. Names it, the server's answer and a remedy."""

    slug = "fetch"


class TextError(ConfigError):
    """The author's text has an error that does not depend on data: a file name, front matter, a tag, a function.

    Contains all problems.
    """

    slug = "text"


class ClaimError(DataError):
    """The author's text contains false claims. Lists all of them; the old site stays."""

    slug = "claim"
    exit_status = 3


class PublishError(DiptychError):
    """The output folder cannot or must not be written."""

    slug = "publish"


class ManifestError(DiptychError):
    """A folder is not a report of this program, or its manifest cannot be read."""

    slug = "manifest"


class RenderError(DiptychError):
    """An output cannot be made as requested, e.g. a font lacks a character."""

    slug = "render"


class FontError(RenderError):
    """No font has a character that a PDF or a picture needs."""


def raise_if_any(messages: Iterable[str | None]) -> None:
    """Raise `DataError` with the messages that are not None, if there are any."""
    if found := [message for message in messages if message is not None]:
        raise DataError(*found)


K = TypeVar("K")
T = TypeVar("T")


def gathered(tasks: Mapping[K, Callable[[], T]]) -> dict[K, T]:
    """Run every task and return the results. Raises DataError with the messages of all that failed."""
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
"""The most names that are compared for a guess, so that it does not take too long. Longer names are not compared."""

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
    """Return ` (did you mean "tasks"?)`, or an empty text if no name is similar."""
    near = nearest(name, names)
    return f' (did you mean "{near}"?)' if near is not None else ""


def listed(names: Sequence[str], most: int = _LISTED, what: str = "more", n: int | None = None) -> str:
    """Return names as text, at most `most` of them. `n` is the total number if `names` has only the first ones.

    >>> listed(["id", "tasks"]), listed(["id", "tasks", "tags"], most=1), listed(["1", "2"], what="rows", n=12)
    ('id, tasks', 'id and 2 more', '1, 2 and 10 rows')
    """
    shown = names[:most]
    rest = (len(names) if n is None else n) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} {what}" if rest > 0 else "")


def quoted(texts: Sequence[str], most: int) -> str:
    """Return texts in quotes, at most `most` of them.

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


HIDDEN_IN_LOGS = "not listed, because CI logs are public"
"""The replacement for private values in messages of a CI job."""


def log_is_public() -> bool:
    """Return whether messages are public: in a CI job, which sets CI."""
    return os.environ.get("CI", "").strip().casefold() not in ("", "0", "false", "no", "off")


def may_quote(*, public: bool) -> bool:
    """Return whether a message may quote values of data. Private values are quoted only outside CI."""
    return public or not log_is_public()
