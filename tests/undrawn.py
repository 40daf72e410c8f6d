"""Reports whose pictures nobody looks at: drawing takes most of the time of a small one with many figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from xml.sax.saxutils import escape

import pytest

from diptych.figures import drawing
from diptych.figures.specs import drawable


def blank(text: str, _figure_id: str) -> str:
    """Return a picture for a specification that has the titles of its axes, which are asked for, and nothing else."""
    titles = "".join(
        f"<text>{escape(drawable(title))}</text>" for title in sorted(drawing._axis_titles(json.loads(text)))
    )
    root = 'xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300"'
    return f"<svg {root}>{titles}</svg>"


@contextmanager
def undrawn() -> Iterator[None]:
    """Let builds of this process lay blank pictures where figures would stand, and start none to draw them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawing.Drawer, "_start", lambda _: None)
        patched.setattr(drawing, "_convert", blank)
        yield
