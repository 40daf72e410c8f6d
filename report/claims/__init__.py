"""Claims: what people write beside the computed text, held to the numbers.

`values` are what authored text may name, `parsing` reads it, `predicates` judge, `rendering` puts values into it,
`unbound` lists what no number stands behind.
"""

from .settings import TextSettings

__all__ = ["TextSettings"]
