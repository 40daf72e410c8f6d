"""Numbers of a verdict as messages show them: plain, and with as many decimals as tell them apart."""

from __future__ import annotations

import math

from .values import CellValue, Number

_MOST_DIGITS = 9


def shown(number: Number, digits: int = 2) -> str:
    """Return a defined number as a message shows it: counts whole, others with decimals.

    >>> shown(Number(1805.0, "count")), shown(Number(0.912, "share"))
    ('1805', '0.91')
    """
    value = number.value or 0.0
    return str(int(value)) if number.sort == "count" and value == int(value) else rounded(value, digits)


def rounded(value: float, digits: int = 2) -> str:
    """Return a number with decimals, without a sign where it rounds to nothing.

    >>> rounded(-0.004), rounded(-0.08)
    ('0.00', '-0.08')
    """
    return f"{round(value, digits) + 0.0:.{digits}f}"


def apart(numbers: tuple[Number, Number]) -> tuple[str, str]:
    """Return two numbers with the decimals that tell them apart, at least two; beside a count what is whole is whole.

    >>> apart((Number(0.9121), Number(0.9119))), apart((Number(2.0, "count"), Number(1.0, constant=True)))
    (('0.9121', '0.9119'), ('2', '1'))
    """
    first, second = numbers
    if "count" in (first.sort, second.sort) and all(n.value == int(n.value or 0.0) for n in numbers):
        return str(int(first.value or 0.0)), str(int(second.value or 0.0))
    wanted = range(2, _MOST_DIGITS + 1)
    same = first.value == second.value
    digits = 2 if same else next((n for n in wanted if shown(first, n) != shown(second, n)), _MOST_DIGITS)
    return shown(first, digits), shown(second, digits)


def places(found: CellValue, own: Number, not_below: int, others: int, *, lowest: bool) -> str:
    """Return where a cell stands in its row."""
    of = f"of the {others + 1} measured cells given {found.ref.given}"
    before = "lower or equal" if lowest else "higher or equal"
    return f"{shown(own)}; {not_below} {before} {of}"


def ends(low: float, high: float, bound: float) -> str:
    """Return the ends of an interval with the decimals that tell each from a bound, at least two.

    >>> ends(0.7496, 0.9, 0.75), ends(0.75, 0.9, 0.75)
    ('0.7496 to 0.9000', '0.75 to 0.90')
    >>> ends(12.3, math.inf, 10)
    '12.30 or more'
    """
    near = [end for end in (low, high) if end != bound and not math.isinf(end)]
    wanted = range(2, _MOST_DIGITS + 1)
    digits = next((n for n in wanted if all(rounded(end, n) != rounded(bound, n) for end in near)), _MOST_DIGITS)
    return (
        f"{rounded(low, digits)} or more" if math.isinf(high) else f"{rounded(low, digits)} to {rounded(high, digits)}"
    )
