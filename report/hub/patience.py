"""Waiting for a server: as long as it asks, longer from try to try, and not for ever."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol, TypeVar

from ..errors import FetchError

T = TypeVar("T")


class Watch(Protocol):
    """Who is told how a fetch goes."""

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Take note that so much of something is there; `total` is None where it is not known."""
        ...

    def waiting(self, message: str) -> None:
        """Take note of a wait."""
        ...


class Unwatched:
    """Nobody is told."""

    def moved(self, what: str, done: int, total: int | None, unit: Literal["bytes", "rows"]) -> None:
        """Say nothing."""

    def waiting(self, message: str) -> None:
        """Say nothing."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Patience:
    """How to wait, and for how long: `tries` in a row without anything new, and `longest` seconds at a time.

    Waits are 1, 2, 4 … seconds, at most `most`, unless the server says how long.
    """

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], dt.datetime] = _now
    watch: Watch = field(default_factory=Unwatched)
    tries: int = 7
    most: float = 60
    longest: float = 900


class TransientError(Exception):
    """A request failed in a way that may pass. `reason` is the end of "the server …"; `after` is its Retry-After."""

    def __init__(self, reason: str, after: str | None = None) -> None:
        """Keep what the server said."""
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Attempts:
    """The tries of one piece of work: `subject` begins the message when they end, `server` is who is asked."""

    def __init__(self, patience: Patience, subject: str, server: str) -> None:
        """Begin with none."""
        self._patience = patience
        self._subject = subject
        self._server = server
        self._failed = 0
        self._waited = 0.0

    def succeeded(self) -> None:
        """Begin to count anew: something came."""
        self._failed = 0
        self._waited = 0.0

    def wait(self, error: TransientError) -> None:
        """Wait before the next try; FetchError where there is none, or the server asks for too long a wait."""
        self._failed += 1
        asked = self._asked(error)
        if asked is not None and asked > self._patience.longest:
            raise FetchError(
                f"{self._subject}: {self._server} {error.reason} and asks to wait for {_duration(asked)}; "
                "try again then: what has come is kept"
            ) from error
        if self._failed >= self._patience.tries:
            raise FetchError(
                f"{self._subject}: {self._server} {error.reason} (tried {self._failed} times in "
                f"{_duration(self._waited)}); try again later: what has come is kept"
            ) from error
        seconds = asked if asked is not None else min(2.0 ** (self._failed - 1), self._patience.most)
        self._patience.watch.waiting(f"{self._server} {error.reason}; waiting {_duration(seconds)}")
        self._waited += seconds
        self._patience.sleep(seconds)

    def _asked(self, error: TransientError) -> float | None:
        """Return how many seconds the server asks to wait; None where it does not, or not in a form that is known."""
        if error.after is None:
            return None
        text = error.after.strip()
        if text.isdecimal():
            return float(text)
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return None
        aware = until if until.tzinfo is not None else until.replace(tzinfo=dt.UTC)
        return max((aware - self._patience.now()).total_seconds(), 0.0)


def patiently(call: Callable[[], T], patience: Patience, subject: str, server: str) -> T:
    """Call until it does not fail with a TransientError; FetchError where patience ends."""
    attempts = Attempts(patience, subject, server)
    while True:
        try:
            return call()
        except TransientError as error:
            attempts.wait(error)


def _duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> _duration(63), _duration(3600)
    ('63 s', '60 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
