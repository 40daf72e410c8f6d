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
_SINGULAR = "the matrix has no inverse"


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


def inverse(a: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverses of square matrices (..., n, n) by elimination with row pivots (Gauss-Jordan).

    Raises `numpy.linalg.LinAlgError` if a column has no pivot, as `numpy.linalg.inv` does.
    """
    n = a.shape[-1]
    both = np.concatenate([a, np.broadcast_to(np.eye(n), a.shape)], axis=-1).reshape(-1, n, 2 * n)
    which = np.arange(len(both))
    for k in range(n):
        row = k + np.abs(both[:, k:, k]).argmax(axis=1)
        both[which, row], both[:, k] = both[:, k].copy(), both[which, row].copy()
        pivot = both[:, k, k].copy()
        if (pivot == 0).any():
            raise np.linalg.LinAlgError(_SINGULAR)
        both[:, k] /= pivot[:, None]
        factor = both[:, :, k].copy()
        factor[:, k] = 0.0
        both -= factor[:, :, None] * both[:, None, k]
    return both[:, :, n:].reshape(a.shape).copy()


def least_squares(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return x (k,) that minimises |a x - b|, of a (n, k) and b (n,); columns that others explain get 0.

    Columns are made orthogonal one after the other, twice (modified Gram-Schmidt).
    """
    k = a.shape[1]
    q, r = a.astype(np.float64, copy=True), np.eye(k)
    kept = np.zeros(k, dtype=np.bool_)
    for j in range(k):
        size = float(np.sqrt((a[:, j] * a[:, j]).sum()))
        for _ in range(2):
            for i in np.flatnonzero(kept[:j]):
                along = float((q[:, i] * q[:, j]).sum())
                r[i, j] += along
                q[:, j] -= along * q[:, i]
        length = float(np.sqrt((q[:, j] * q[:, j]).sum()))
        kept[j] = length > size * len(a) * np.finfo(np.float64).eps
        r[j, j] = length if kept[j] else 1.0
        q[:, j] /= r[j, j]
    x = np.zeros(k)
    for j in np.flatnonzero(kept)[::-1]:
        x[j] = ((q[:, j] * b).sum() - (r[j, j + 1 :] * x[j + 1 :]).sum()) / r[j, j]
    return x
