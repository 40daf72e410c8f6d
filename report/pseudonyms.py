"""Pseudonyms: names that replace private values before anything is written.

A pseudonym states the kind of value that it replaces and has a code from which no value can be computed. The code is a
running number, or a code of published counts (`diptych.ledger.export`). It is never a hash of the value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence

_FORM = re.compile(r"\[[^\[\]#]+ #[0-9a-f]+(-\d+)?\]")


def pseudonym(sort: str, code: str | int) -> str:
    """Return the name that replaces a private value.

    >>> pseudonym("group", "3f9a1c2e"), pseudonym("label", 4)
    ('[group #3f9a1c2e]', '[label #4]')
    """
    return f"[{re.sub(r'[][#]', '', sort).strip() or 'item'} #{code}]"


def is_pseudonym(name: str) -> bool:
    """Return whether a name replaces a private value.

    >>> is_pseudonym("[group #3f9a1c2e-2]"), is_pseudonym("group 3")
    (True, False)
    """
    return _FORM.fullmatch(name) is not None


class UnnamedItems:
    """Names for the items of a private kind, numbered in the order of the requests.

    The numbers do not follow the order of the ids: a sorted list of all ids must not reveal the items.
    """

    def __init__(self, sort: str) -> None:
        """Take the kind of item that names refer to."""
        self._sort = sort
        self._names: dict[int, str] = {}

    def of(self, numbers: Sequence[int]) -> list[str]:
        """Return the names of items."""
        return [self._names.setdefault(one, pseudonym(self._sort, len(self._names) + 1)) for one in numbers]

    def numbers(self, names: Collection[str]) -> dict[str, int]:
        """Return the numbers of those `names` that belong to an item."""
        wanted = set(names)
        return {name: number for number, name in self._names.items() if name in wanted}


HIDDEN_IN_LOGS = "not listed, because CI logs are public"
"""The replacement for private values in messages of a CI job."""


def log_is_public() -> bool:
    """Return whether messages are public: in a CI job, which sets CI."""
    return os.environ.get("CI", "").strip().casefold() not in ("", "0", "false", "no", "off")


def may_quote(*, public: bool) -> bool:
    """Return whether a message may quote values of data. Private values are quoted only outside CI."""
    return public or not log_is_public()
