"""Print the hash of the bits that each portable function gives for many arguments; run by its path."""

from __future__ import annotations

import hashlib
import sys

import numpy as np

from diptych import portable
from diptych.portable import rounded, tails


def main() -> None:
    """Print a line for each function."""
    draw = np.random.default_rng(1)
    # From 2^-12 to 2^12, by operations that are exact.
    x, y = (np.ldexp(draw.random(5000), draw.integers(-11, 12, 5000)) for _ in range(2))
    share, square = draw.random(5000), draw.random((7, 90, 90))
    values = {
        **{name: getattr(portable, name)(x) for name in ("log", "log2", "log1p")},
        "exp": portable.exp(x / 10),
        **{f"power {n}": portable.power(x, n) for n in (1.5, 2, 3, -0.7)},
        "hypot": portable.hypot(x, y),
        "ndtr": tails.ndtr(x),
        "ndtri": tails.ndtri(share),
        "gammainc": tails.gammainc(y, x),
        "chdtrc": tails.chdtrc(y, x),
        "stdtr": tails.stdtr(y, -x),
        "rounded stdtr": rounded.stdtr(y, -x),
        "rounded stdtrit": rounded.stdtrit(y, 0.975),
        "matmul": portable.matmul(square, square),
        "matmul of vectors": np.asarray(portable.matmul(x, y)),
        "sums": square.sum(axis=2),
        "all sums": np.asarray(square.sum()),
    }
    for name, value in values.items():
        sys.stdout.write(f"{name} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}\n")


if __name__ == "__main__":
    main()
