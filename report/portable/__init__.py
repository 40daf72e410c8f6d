"""Numeric functions that give the same bits on every processor; all modules use these instead of those of NumPy.

The functions of this module are made from `+ - * / sqrt rint frexp ldexp` alone.

IEEE 754 prescribes the result of these operations to the last bit. It does not prescribe `exp` or `log`: NumPy chooses
between several versions by the processor's instructions, and so does the C library behind `math` and `scipy.special`.
The versions differ in the last bit. So does `x**2` of a Python float, which calls `pow`.

The polynomials, and the reduction to their range, are those of fdlibm 5.3 (Sun Microsystems, 1993: `e_exp.c`,
`e_log.c`, `e_log10.c`). Errors are below 1 ulp for `exp` and `log`, and below 4 ulp for the others.

All functions take and return a float, or an array of floats of any shape. They give no warning: undefined values are
nan, poles are infinite, and nan stays nan.

`matmul` does not depend on the BLAS kernel or the number of threads either. OpenBLAS chooses a kernel by the
processor. Kernels add in different orders, some with fused multiplications, so their sums of fractions differ in the
last bits. Sums of whole numbers below 2^53 are exact in every order.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

T = TypeVar("T")
Floats = NDArray[np.float64]

_LN2, _LN2_REST, _PER_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10, 1.44269504088896338700e00
_LOG10_2, _LOG10_2_REST = 3.01029995663611771306e-01, 3.69423907715893078616e-13
_EXP = (
    1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05, -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)  # fmt: skip
_LOG = (
    6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
    1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
)  # fmt: skip
_HALF_ROOT = 0.7071067811865476
_HIGHEST, _LOWEST = 709.782712893384, -745.2
"""Above the first `exp` is infinite, below the second it is 0."""
_NORMAL = 1000.0
"""Up to this power of 2 nothing overflows or loses digits."""


class _Function:
    """A function of one argument with a version for arrays and, where it is often asked for one number, a fast one."""

    def __init__(
        self,
        of_array: Callable[[Floats], Floats],
        of_number: Callable[[float], float] | None = None,
        slope: Callable[[Floats], Floats] | None = None,
    ) -> None:
        """Take also the derivative of a function that is asked for complex numbers."""
        self._of_array, self._of_number, self._slope = of_array, of_number, slope
        self.__doc__, self.__name__ = of_array.__doc__, of_array.__name__.lstrip("_")

    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: NDArray[Any]) -> Floats: ...
    def __call__(self, x: float | NDArray[Any]) -> float | Floats:
        """Return the value. Complex arrays are taken as numbers with tiny imaginary steps, for derivatives."""
        if isinstance(x, np.ndarray) and x.ndim:
            with np.errstate(all="ignore"):
                if x.dtype.kind == "c" and self._slope is not None:
                    found = self._of_array(x.real).astype(np.complex128)
                    found.imag = x.imag * self._slope(x.real)
                    return cast("Floats", found)
                return self._of_array(x.astype(np.float64, copy=False))
        if self._of_number is not None:
            return self._of_number(float(x))
        with np.errstate(all="ignore"):
            return float(self._of_array(np.array([x], dtype=np.float64))[0])


def _exp_of(v: Any, k: Any) -> Any:  # noqa: ANN401 - numbers or arrays
    """Return exp(v) / 2^k, where k is v / ln 2, rounded."""
    high, low = v - k * _LN2, k * _LN2_REST
    r = high - low
    t = r * r
    c = r - t * (_EXP[0] + t * (_EXP[1] + t * (_EXP[2] + t * (_EXP[3] + t * _EXP[4]))))
    return 1.0 - ((low - (r * c) / (2.0 - c)) - high)


def _exp(x: Floats) -> Floats:
    """Return e^x."""
    k = np.rint(x * _PER_LN2)
    if np.abs(k).max(initial=0.0) < _NORMAL:  # nan is not
        return np.asarray(np.ldexp(_exp_of(x, k), k.astype(np.int32)))
    v = np.clip(np.where(np.isnan(x), 0.0, x), -760.0, 720.0)
    k = np.rint(v * _PER_LN2)
    half = np.floor(k / 2)
    y = np.ldexp(np.ldexp(_exp_of(v, k), half.astype(np.int32)), (k - half).astype(np.int32))
    return np.where(np.isnan(x), x, y)


def _exp_of_number(x: float) -> float:
    if not _LOWEST < x <= _HIGHEST:
        return math.inf if x > 0 else 0.0 if x < 0 else x
    k = round(x * _PER_LN2)
    return math.ldexp(_exp_of(x, k), k)


def _log_of(m: Any, e: Any) -> Any:  # noqa: ANN401 - numbers or arrays
    """Return log(m 2^e) for m from the root of 1/2 to the root of 2."""
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    r = w * (_LOG[1] + w * (_LOG[3] + w * _LOG[5])) + z * (_LOG[0] + w * (_LOG[2] + w * (_LOG[4] + w * _LOG[6])))
    h = 0.5 * f * f
    return e * _LN2 - ((h - (s * (h + r) + e * _LN2_REST)) - f)


def _parts(x: Floats) -> tuple[Floats, Floats]:
    """Return m from the root of 1/2 to the root of 2, and e, of positive x = m 2^e."""
    m, e = np.frexp(x)
    low = m < _HALF_ROOT
    return m + m * low, e - low.astype(np.float64)


def _parts_of_number(x: float) -> tuple[float, int]:
    m, e = math.frexp(x)
    return (m * 2, e - 1) if m < _HALF_ROOT else (m, e)


def _where_positive(x: Floats, made: Callable[[Floats], Floats]) -> Floats:
    """Return a logarithm: `made` of positive finite numbers, else -inf at 0, inf at inf, and nan."""
    there = (x > 0) & (x < np.inf)
    if there.all():
        return made(x)
    return np.where(
        there, made(np.where(there, x, 1.0)), np.where(x == 0, -np.inf, np.where(x == np.inf, np.inf, np.nan))
    )


def _log(x: Floats) -> Floats:
    """Return the natural logarithm."""
    return _where_positive(x, lambda v: np.asarray(_log_of(*_parts(v))))


def _log_of_number(x: float) -> float:
    if not 0 < x < math.inf:
        return -math.inf if x == 0 else math.inf if x > 0 else math.nan
    return float(_log_of(*_parts_of_number(x)))


def _log2(x: Floats) -> Floats:
    """Return the logarithm to base 2, exact for powers of 2."""

    def made(v: Floats) -> Floats:
        m, e = _parts(v)
        return np.asarray(e + _log_of(m, 0.0) * _PER_LN2)

    return _where_positive(x, made)


def _log2_of_number(x: float) -> float:
    if not 0 < x < math.inf:
        return _log_of_number(x)
    m, e = _parts_of_number(x)
    return float(e + _log_of(m, 0.0) * _PER_LN2)


def _log1p(x: Floats) -> Floats:
    """Return log(1 + x), accurate for small x."""
    u = 1.0 + x
    plain = (u == 0) | ~np.isfinite(u)
    made = _log(u)
    return np.where(u == 1.0, x, np.where(plain, made, made - ((u - 1.0) - x) / u))


exp = _Function(_exp, _exp_of_number)
log = _Function(_log, _log_of_number, lambda x: 1 / x)
log2 = _Function(_log2, _log2_of_number, lambda x: _PER_LN2 / x)
log1p = _Function(_log1p)


@overload
def hypot(a: float, b: float) -> float: ...
@overload
def hypot(a: Floats, b: float | Floats) -> Floats: ...
def hypot(a: float | Floats, b: float | Floats) -> float | Floats:
    """Return the root of a^2 + b^2, for numbers whose squares neither overflow nor vanish."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        with np.errstate(invalid="ignore", over="ignore"):
            return np.asarray(np.sqrt(a * a + b * b))
    return math.sqrt(a * a + b * b)


def squared(x: T) -> T:
    """Return x x, for any kind of number and for arrays. `x**2` of a float asks the C library."""
    return x * x  # type: ignore[operator, no-any-return]


def power(x: T, n: float) -> T:
    """Return x^n: by multiplication and a root for multiples of 1/2 that are not negative, else e^(n log x).

    >>> power(2.0, 10), power(4.0, 1.5), power(7.0, 0)
    (1024.0, 8.0, 1.0)
    """
    whole, base = math.floor(n), cast("Any", x)
    if n not in (whole, whole + 0.5) or n < 0:
        return cast("T", exp(n * log(base)))
    is_array = isinstance(x, np.ndarray)
    one, root = (np.ones_like, np.sqrt) if is_array else (lambda _: 1.0, math.sqrt)
    made: Any = one(base) if n == whole else root(base)
    while whole:
        if whole & 1:
            made = made * base
        whole >>= 1
        base = base * base if whole else base
    return made  # type: ignore[no-any-return]


def two_to(n: float) -> float:
    """Return 2^n for a whole number, exactly."""
    return math.ldexp(1.0, int(n))


def ten_to(n: int) -> float:
    """Return 10^n, rounded correctly, for a whole number from -323 to 308."""
    return float(f"1e{n}")


def decade(x: float) -> int:
    """Return the whole number n with 10^n <= x < 10^(n + 1), for a positive finite x as its shortest text names it.

    >>> decade(1000.0), decade(999.9), decade(0.001)
    (3, 2, -3)
    """
    return Decimal(repr(float(x))).adjusted()


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
