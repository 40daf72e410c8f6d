"""Products of matrices, and inverses, whose last bit does not depend on the BLAS kernel or the number of threads.

OpenBLAS chooses a kernel by the processor. Kernels add in different orders, some with fused multiplications, so their
sums of fractions differ in the last bits. Sums of whole numbers below 2^53 are exact in every order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_EXACT = 2.0**53


def matmul(a: Any, b: Any) -> Any:  # noqa: ANN401 - dense or sparse, as `@`
    """Return a @ b. BLAS multiplies only numbers with exact products; fractions are added in a fixed order.

    Sparse arrays and arrays of whole numbers never meet BLAS. Either array may have one dimension, two or more.
    """
    if sparse.issparse(a) or sparse.issparse(b) or "f" not in (a.dtype.kind, b.dtype.kind) or _is_exact(a, b):
        return a @ b
    first = "k" if a.ndim == 1 else "...ik"
    second = "k" if b.ndim == 1 else "...kj"
    if a.ndim == 1 and b.ndim == 1:
        return np.float64((a * b).sum())
    made = ("..." if max(a.ndim, b.ndim) > 1 else "") + "i" * (a.ndim > 1) + "j" * (b.ndim > 1)
    return np.einsum(f"{first},{second}->{made}", a, b)


def _is_exact(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Return whether all terms and sums are whole numbers below 2^53."""
    most = [_largest_whole(one) for one in (a, b)]
    return bool(most[0] * most[1] * max(a.shape[-1], 1) < _EXACT)


def _largest_whole(a: NDArray[Any]) -> float:
    """Return the largest absolute value of whole numbers, inf if one is none."""
    if a.dtype.kind == "b":
        return 1.0
    if not a.size:
        return 0.0
    most = float(np.abs(a).max())
    return most if most < _EXACT and (a.dtype.kind in "iu" or bool((np.rint(a) == a).all())) else float("inf")
