"""How often tests draw at random: few times as a rule, often every night.

A property or a rate that is held to more draws is held to better, and so is a rule that is held to more cases.
`make nightly` and CI's nightly run draw as many as the second number of `draws`; `make test` draws the first, always
the same ones.
"""

import os

NIGHTLY = os.environ.get("DIPTYCH_NIGHTLY", "") not in ("", "0")


def draws(usual: int, nightly: int) -> int:
    """Return how often to draw."""
    return nightly if NIGHTLY else usual
