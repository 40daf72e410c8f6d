"""The portable functions against those of Python and SciPy, and the rule that nothing else uses any others."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from diptych import portable
from diptych.portable import rounded, tails

PACKAGE = Path(portable.__file__).resolve().parents[1]
FORBIDDEN = {
    "np": {
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin",
        "arccos", "arctan", "arctan2", "arctanh", "hypot", "logaddexp", "power", "float_power", "cbrt", "dot", "inner",
        "vdot", "tensordot", "matmul", "convolve", "polyfit",
    },
    "math": {
        "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin",
        "acos", "atan", "atan2", "atanh", "hypot", "pow", "cbrt", "gamma", "lgamma", "erf", "erfc", "dist",
    },
}  # fmt: skip


def apart(found, wanted):
    """Return the largest distance in units of the last place."""
    return np.max(np.abs(found - wanted) / np.spacing(np.abs(wanted)))


def uniform(low, high, n=20_000, seed=1):
    return np.random.default_rng(seed).uniform(low, high, n)


@pytest.mark.parametrize(
    ("name", "arguments", "ulps"),
    [
        ("exp", uniform(-700, 709), 1),
        ("exp", uniform(-1, 1), 1),
        ("log", 10 ** uniform(-300, 300), 1),
        ("log", uniform(0.5, 2), 1),
        ("log2", 10 ** uniform(-300, 300), 2),
        ("log1p", uniform(-0.99, 9), 2),
    ],
)
def test_a_function_is_near_the_one_of_the_c_library(name, arguments, ulps):
    wanted = np.array([getattr(math, name)(one) for one in arguments.tolist()])
    assert apart(getattr(portable, name)(arguments), wanted) <= ulps


@pytest.mark.parametrize("name", ["exp", "log", "log2", "log1p"])
def test_a_number_and_an_array_give_the_same_bits(name):
    function, values = getattr(portable, name), 10 ** uniform(-8, 2, 2000)
    assert [function(one).hex() for one in values.tolist()] == [one.hex() for one in function(values).tolist()]


def test_special_values():
    nan, inf = math.nan, math.inf
    values = np.array([0.0, 1.0, inf, -inf, nan, -2.0])
    wanted = {
        "exp": [1, math.e, inf, 0, nan, math.exp(-2)],
        "log": [-inf, 0, inf, nan, nan, nan],
        "log2": [-inf, 0, inf, nan, nan, nan],
        "log1p": [0, math.log(2), inf, nan, nan, nan],
    }
    for name, of in wanted.items():
        np.testing.assert_allclose(getattr(portable, name)(values), of, rtol=1e-15)
    assert [portable.log2(2.0**n) for n in range(-1000, 1000)] == list(range(-1000, 1000))
    assert [portable.decade(float(f"1e{n}")) for n in range(-300, 300)] == list(range(-300, 300))


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("ndtr", [uniform(-30, 8)], 1e-12),
        ("ndtri", [10 ** uniform(-300, -0.001)], 1e-13),
        ("gammainc", [10 ** uniform(-2, 3), 10 ** uniform(-2, 3, seed=2)], 1e-11),
        ("chdtrc", [np.floor(uniform(1, 60)), uniform(0, 120, seed=2)], 1e-11),
        ("chdtrc", [np.full(99, 1e6), np.linspace(0.99e6, 1.01e6, 99)], 1e-11),
        ("stdtr", [uniform(1, 60), uniform(-30, 5, seed=2)], 1e-11),
    ],
)
def test_a_tail_is_near_the_one_of_scipy(name, arguments, error):
    wanted = getattr(special, name)(*arguments)
    there = wanted > 1e-200 if name != "ndtri" else wanted != 0
    np.testing.assert_allclose(getattr(tails, name)(*arguments)[there], wanted[there], rtol=error)


def test_scipy_and_the_portable_t_agree_where_it_is_trusted():
    chance, freedom = 10 ** uniform(-5, -0.4, 4000, 3), 10 ** uniform(0, 5, 4000, 4)
    found, wanted = tails.stdtrit(freedom, 1 - chance / 2), special.stdtrit(freedom, 1 - chance / 2)
    np.testing.assert_allclose(found, wanted, rtol=1e-13)


@pytest.mark.parametrize("digits", [8, 10])
def test_digits_do_not_depend_on_the_last_bits_of_the_fast_function(digits):
    values = 10 ** uniform(-20, 20, 50_000)
    every, wanted = np.ones(len(values), dtype=np.bool_), rounded.rounded(values, digits)
    for change in (1 - 4e-13, 1, 1 + 4e-13):
        for above in (None, lambda at, bound: values[at] > bound):
            found = rounded.agreed(
                every,
                lambda at, by=change: values[at] * by,
                lambda at: values[at],
                above=above,
                to=(digits, 5e-13),
            )
            assert (found == wanted).all()


def test_significant_digits():
    values = np.array([0, 1, np.inf, np.nan, 123.456789012, 9.99999999e5, 1e-300])
    np.testing.assert_array_equal(rounded.rounded(values), [0, 1, np.inf, np.nan, 123.45679, 1e6, 1e-300])


def test_products_of_fractions_have_one_order_and_whole_numbers_any():
    rng = np.random.default_rng(1)
    a, b = rng.random((30, 40)), rng.random((40, 20))
    np.testing.assert_allclose(portable.matmul(a, b), a @ b, rtol=1e-13)
    for one, other in ((a[0], b), (a, b[:, 0]), (a[0], b[:, 0]), (a > 0.5, b), (np.rint(9 * a), np.rint(9 * b))):
        np.testing.assert_allclose(portable.matmul(one, other), one.astype(float) @ other, rtol=1e-13)


def unportable(path):
    """Return what a module asks of the C library or of BLAS."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in FORBIDDEN.get(node.value.id, ()):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield "@"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            ints = isinstance(node.left, ast.Constant) or (isinstance(node.left, ast.Name) and node.left.id == "base")
            if not ints:
                yield "**"


def test_no_module_asks_the_c_library_or_blas():
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}: {what}"
        for path in PACKAGE.rglob("*.py")
        if not path.relative_to(PACKAGE).as_posix().startswith("portable/")
        for what in unportable(path)
    }
    assert not found, sorted(found)
