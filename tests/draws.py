"""How often tests draw at random: few times as a rule, often every night; and what is looked at by night alone.

A property or a rate that is held to more draws is held to better, and so is a rule that is held to more cases.
`make nightly`, which CI runs every night, draws as many as the second number of `draws`; all other runs draw the first.
"""

import os
from typing import Any

NIGHTLY = os.environ.get("DIPTYCH_NIGHTLY", "") not in ("", "0")


def draws(usual: int, nightly: int) -> int:
    """Return how often to draw."""
    return nightly if NIGHTLY else usual


def by_night(*cases: Any) -> list[Any]:
    """Return cases of a rule that is held every night in all of them, by day in its hardest alone."""
    return [*cases] if NIGHTLY else []
