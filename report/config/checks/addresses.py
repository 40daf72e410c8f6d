"""Addresses must not carry a user's name or password: configs are published, and so is the manifest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..places import Wrong
from ..view import View

_USER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]*@")


def check_addresses(config: View) -> Iterator[Wrong]:
    """Yield addresses that hold user information, wherever they stand, and a `url` that is no web address."""
    yield from _with_user(config)
    url = config["url"]
    if url.text is not None and not re.match(r"https?://[^\s/]+\S*$", url.text):
        yield url.wrong("needs the address of the published report, such as https://example.org/report/")


def _with_user(view: View) -> Iterator[Wrong]:
    if view.text is not None and _USER.search(view.text):
        yield view.wrong("an address must not hold a user name or password; take out what stands before @")
    for _, below in view.entries():
        yield from _with_user(below)
    for below in view.elements():
        yield from _with_user(below)
