"""Convert numbers to words. All numbers become text here, so that every format writes them in the same way.

"0 %" and "100 %" appear only for exact values. Spaces inside a number and its unit do not break.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, localcontext
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import NumberPattern, parse_pattern

NBSP = "\N{NO-BREAK SPACE}"
DASH = "–"
_MOST_DIGITS = 330
"""Digits of the largest float, with some decimals."""
_WHOLE = 2.0**52
"""From this value on, every float is a whole number."""

_LEAST_TENTH, _LEAST_HUNDREDTH = 0.05, 0.005
_NEAR_ONE = 1.095
"""Values up to the first two print as zero with one decimal and with two; ratios have two decimals up to the third."""

_LARGEST_WHOLE = 2**53
"""A float represents every whole number below it exactly."""
_LEAST_P = 0.0005
"""Any smaller p would print as 0 with three decimals."""

LOCALES = {"en": "en_GB"}
"""Languages of the report, with the Babel locale of numbers, lists and dates."""

Value = float | str | bool | None
"""One value in a data file."""

_TINY, _SHORT = 1e-300, 1e11
"""Between these limits, the fast format writes all published digits, including those before the point."""

_PUBLISHED_DIGITS = 12
"""Beyond these digits, the last bits of a sum differ between releases of a numerical library."""


def published(value: float) -> int | float:
    """Return a finite number as written in data files: whole numbers unchanged, others to 12 significant digits.

    >>> published(0.1 + 0.2), published(12.0), published(1 / 3)
    (0.3, 12, 0.333333333333)
    """
    short = float(f"{value:.{_PUBLISHED_DIGITS}g}")
    if value == int(value):
        return int(value) if abs(value) < _LARGEST_WHOLE else float(value)
    return int(short) if short == int(short) else short


def texts(column: Sequence[Value], of_text: Callable[[str], str], nothing: str) -> list[str]:
    """Return a column as written in data files: numbers as `published`, missing values as `nothing`.

    Each distinct value is converted once.

    >>> texts([0.1 + 0.2, None, 12.0, "a"], str.upper, "null")
    ['0.3', 'null', '12', 'A']
    """
    if bool in set(map(type, column)):
        return [_text(value, of_text, nothing) for value in column]
    written = {value: _text(value, of_text, nothing) for value in set(column)}
    return [written[value] for value in column]


def _text(value: Value, of_text: Callable[[str], str], nothing: str) -> str:
    if isinstance(value, str):
        return of_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or not math.isfinite(value):
        return nothing
    # the same result, faster, as long as all digits are there
    return f"{value:.{_PUBLISHED_DIGITS}g}" if _TINY < abs(value) < _SHORT else repr(published(value))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


@cache
def _pattern(pattern: str) -> NumberPattern:
    return parse_pattern(pattern)


def _number(value: float, pattern: str, language: str) -> str:
    """Return a number by a CLDR pattern, as Babel's `format_decimal`, which parses the pattern on each call.

    The number is rounded as in the data files, so that text and files agree to the last digit.
    """
    return _written(str(published(value) if math.isfinite(value) else value), pattern, language)


@lru_cache(maxsize=100_000)
def _written(value: str, pattern: str, language: str) -> str:
    """Return a number given as text, as Babel expects. Results are cached, because a report repeats most numbers."""
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP  # as in percentages and figures
        if not abs(float(value)) < _WHOLE:
            context.prec = _MOST_DIGITS  # Babel fails with the usual 28
        text: str = _pattern(pattern).apply(value, _locale(language))
    return text


def count(value: float, language: str = "en") -> str:
    """Return a count with grouped thousands. Sums of weights have one decimal if they are not whole.

    >>> count(12388), count(0.0), count(2.26), count(0.02)
    ('12,388', '0', '2.3', 'under 0.1')
    """
    whole = math.isclose(value, round(value), abs_tol=1e-9)
    if not whole and 0 < value <= _LEAST_TENTH:
        return "under 0.1"
    return _number(round(value) if whole else value, "#,##0" if whole else "#,##0.0", language)


def size_text(n_bytes: int) -> str:
    r"""Return the size of a file in words.

    >>> size_text(17), size_text(6940), size_text(121360), size_text(2_340_000)
    ('17\xa0bytes', '6.9\xa0kB', '121\xa0kB', '2.3\xa0MB')
    """
    if n_bytes < 1000:
        return f"{n_bytes}{NBSP}bytes"
    number, unit = (n_bytes / 1000, "kB") if n_bytes < 999_500 else (n_bytes / 1e6, "MB")
    return f"{_number(number, '#,##0.0' if number < 9.95 else '#,##0', 'en')}{NBSP}{unit}"


def percent(share: float, language: str = "en") -> str:
    r"""Return a share (0 to 1) in whole per cent, as 0 or 100 only if it is exact.

    >>> percent(0.981), percent(0.9996), percent(0.002), percent(1.0)
    ('98\xa0%', 'over\xa099\xa0%', 'under\xa01\xa0%', '100\xa0%')
    """
    number, prefix = _percent_number(share)
    return f"{prefix}{decimal(number, 0, language)}{NBSP}%"


def percent_beside(share: float, other: float, language: str = "en") -> str:
    r"""Return a share (0 to 1) to compare with another, with decimals if whole per cents hardly differ.

    >>> percent_beside(0.003, 0.008), percent_beside(0.008, 0.003), percent_beside(0.003, 0.4), percent_beside(0.4, 0.4)
    ('0.3\xa0%', '0.8\xa0%', 'under\xa01\xa0%', '40\xa0%')
    """
    low, high = sorted((100 * share, 100 * other))
    if low == high or (_half_up(low) < _half_up(high) > 1 and _half_up(low) < 99):
        return percent(share, language)
    rounded = ((n, _half_up(low, n), _half_up(high, n)) for n in range(1, 6))
    digits = next((n for n, a, b in rounded if a < b and (a > 0 or low == 0) and (b < 100 or high == 100)), 6)
    return f"{decimal(100 * share, digits, language)}{NBSP}%"


def _percent_number(share: float) -> tuple[int, str]:
    rounded = round(_half_up(100 * share))
    if rounded == 100 and share != 1:
        return (99, f"over{NBSP}") if share < 1 else (100, f"over{NBSP}")
    if rounded == 0 and share != 0:
        return (1, f"under{NBSP}") if share > 0 else (0, f"under{NBSP}")
    return rounded, ""


def _half_up(value: float, digits: int = 0) -> float:
    """Round half away from zero, as readers do by hand (Python's round gives 2 for 2.5).

    The small addition rounds 0.285 * 100 = 28.499999999999996 to 29.
    """
    if abs(value) >= _WHOLE:
        return value
    shift = 10.0**digits
    return math.copysign(math.floor(abs(value) * shift + 0.5 + 1e-9) / shift, value)


def digits_apart(low: float, high: float, digits: int) -> int:
    """Return the number of decimals, from `digits` on, at which the ends of an interval differ (at most six more)."""
    wanted = range(digits, digits + 6)
    return next((n for n in wanted if _half_up(low, n) != _half_up(high, n)), digits + 6)


def percent_range(low: float, high: float, language: str = "en") -> str:
    r"""Return an interval of shares: "85 to 96 %", or "85 % or more" if the upper end is or rounds to 100.

    Ends that round to the same number get decimals, so that an interval never looks like a point.

    >>> percent_range(0.851, 0.962), percent_range(0.85, 0.9993), percent_range(0.0004, 0.03)
    ('85 to 96\xa0%', '85\xa0% or more', '3\xa0% or less')
    >>> percent_range(0.806, 0.814)
    '80.6 to 81.4\xa0%'
    >>> percent_range(0.003, 0.998), percent_range(0.5, 0.5)
    ('under\xa01 to over\xa099\xa0%', '50\xa0%')
    """
    digits = digits_apart(100 * low, 100 * high, 0)
    first, last = (_half_up(100 * end, digits) for end in (low, high))
    if first == last:
        return percent((low + high) / 2, language)
    if first <= 0 and last >= 100:
        return f"{percent(low, language).removesuffix(f'{NBSP}%')} to {percent(high, language)}"
    if last >= 100:
        return f"{decimal(first, digits, language)}{NBSP}% or more"
    if first <= 0:
        return f"{decimal(last, digits, language)}{NBSP}% or less"
    return f"{decimal(first, digits, language)} to {decimal(last, digits, language)}{NBSP}%"


def ratio(value: float, language: str = "en") -> str:
    """Return a ratio: two decimals below 1.1, one from there to 100, none above. "0" appears only for an exact zero.

    >>> ratio(9.81), ratio(0.151), ratio(236.4), ratio(1.02), ratio(0.002), ratio(0.0), ratio(1.0)
    ('9.8', '0.15', '236', '1.02', 'under 0.01', '0', '1.0')
    """
    if value == 0:
        return "0"
    if 0 < value <= _LEAST_HUNDREDTH:
        return "under 0.01"
    return _signed(value, _ratio_digits(value), language)


def times(value: float, language: str = "en") -> str:
    """Return a factor as `ratio` does, but with enough decimals to differ from 1 unless it is 1.

    >>> times(1.04), times(1.06), times(0.97), times(1.003), times(0.9961)
    ('1.04', '1.06', '0.97', '1.003', '0.996')
    """
    near = 0 < abs(value - 1) < _LEAST_TENTH
    return decimal(value, digits_apart(1, value, 2), language) if near else ratio(value, language)


def ratio_range(low: float, high: float, language: str = "en") -> str:
    """Return an interval of ratios. Ends that look equal get more decimals, so that it never looks like a point.

    >>> ratio_range(3.41, 7.68), ratio_range(1.01, 1.04), ratio_range(0.002, 0.3), ratio_range(2.0, 2.0)
    ('3.4 to 7.7', '1.01 to 1.04', '0.30 or less', '2.0')
    >>> ratio_range(3.41, math.inf)
    '3.4 or more'
    """
    if math.isinf(high):
        return f"{ratio(low, language)} or more"
    texts = [ratio(end, language) for end in (low, high)]
    if texts[0] == texts[1] and low < high:
        digits = digits_apart(low, high, _ratio_digits(low))
        texts = [decimal(end, digits, language) for end in (low, high)]
        if low > 0 and not texts[0].strip("0."):
            return f"{texts[1]} or less"
    elif 0 < low <= _LEAST_HUNDREDTH:
        return f"{texts[1]} or less"
    return texts[0] if texts[0] == texts[1] else f"{texts[0]} to {texts[1]}"


def _ratio_digits(value: float) -> int:
    """Return the decimals of a ratio by its rounded value: 0.996 is 1.00, 1.096 is 1.1, 99.97 is 100, 1 is 1.0."""
    return 2 if value < _NEAR_ONE and value != 1 else 1 if value < 100 - _LEAST_TENTH else 0


def decimal(value: float, digits: int = 2, language: str = "en") -> str:
    """Return a number with a fixed number of decimals and a true minus sign, without a minus sign for zero.

    >>> decimal(-0.125), decimal(-0.001)
    ('−0.13', '0.00')
    """
    text = _number(value, "0." + "0" * digits if digits else "0", language)
    return text.replace("-", "−" if any(digit in text for digit in "123456789") else "")


def value(number: float, language: str = "en") -> str:
    r"""Return a value of a matrix as shown in its cells: two decimals, halves rounded away from zero as in per cent.

    >>> value(0.625), percent(0.625), value(1)
    ('0.63', '63\xa0%', '1.00')
    """
    return decimal(_half_up(number, 2), 2, language)


def p_value(value: float, language: str = "en") -> str:
    """Return the p of a test with three decimals, as 0 or 1 only if it is exact.

    >>> p_value(0.0316), p_value(1e-9), p_value(0.9999), p_value(1.0)
    ('0.032', 'under 0.001', 'over 0.999', '1.000')
    """
    if value < _LEAST_P:
        return "under 0.001"
    return "over 0.999" if 0.9995 <= value < 1 else decimal(value, 3, language)


def p_equation(name: str, value: float, language: str = "en") -> str:
    """Return the p or q of a test with its name, or a bound if it is too small.

    >>> p_equation("q", 0.0316), p_equation("q", 0.0), p_equation("p", 1e-300)
    ('q = 0.032', 'q < 0.001', 'p < 0.001')
    """
    return f"{name} < 0.001" if value < _LEAST_P else f"{name} = {p_value(value, language)}"


def signed_count_range(low: float, high: float, language: str = "en") -> str:
    """Return an interval of differences of counts, with decimals only if whole numbers are equal.

    >>> signed_count_range(-24.3, 162.1), signed_count_range(3.8, 4.3), signed_count_range(4, 4)
    ('−24 to 162', '3.8 to 4.3', '4')
    """
    digits = digits_apart(low, high, 0)
    first, last = (_half_up(end, digits) for end in (low, high))
    if first == last:
        return _signed(_half_up(first), 0, language)
    return f"{_signed(first, digits, language)} to {_signed(last, digits, language)}"


def signed_count(value: float, language: str = "en") -> str:
    """Return a difference of counts, with a sign if it is negative.

    >>> signed_count(-24.3), signed_count(57)
    ('−24', '57')
    """
    return _signed(_half_up(value), 0, language)


def _signed(value: float, digits: int, language: str) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return _number(value or 0, pattern, language).replace("-", "−")


def shortened(text: str, most: int) -> str:
    """Return a text of at most `most` characters, ending with an ellipsis if it was longer.

    >>> shortened("conll2003", 6)
    'conll…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def with_ends(text: str, low: float | None, high: float | None, of: Callable[[float], str]) -> str:
    """Return a number in words, followed by its interval, if there is one, with ends written by `of`.

    >>> with_ends("0.90", 0.87, 0.93, value), with_ends("0.90", None, None, value)
    ('0.90 (0.87 to 0.93)', '0.90')
    """
    return text if low is None or high is None else f"{text} ({of(low)} to {of(high)})"


def listing(items: Sequence[str], language: str = "en") -> str:
    """Return items as a list in words.

    >>> listing(["NLP", "CV", "Audio"]), listing(["NLP"])
    ('NLP, CV and Audio', 'NLP')
    """
    return format_list(list(items), style="standard", locale=_locale(language))


def alternatives(items: Sequence[str], language: str = "en") -> str:
    """Return items as alternatives in words.

    >>> alternatives(["NLP", "CV", "Audio"])
    'NLP, CV or Audio'
    """
    return format_list(list(items), style="or", locale=_locale(language))


def expected(value: float, language: str = "en") -> str:
    """Return an expected count: whole from ten on, with one decimal below.

    >>> expected(39.87), expected(7.66), expected(0.03), expected(0)
    ('40', '7.7', 'under 0.1', '0')
    """
    if value == 0:
        return "0"
    if value <= _LEAST_TENTH:
        return "under 0.1"
    return count(_half_up(value), language) if value >= 10 - _LEAST_TENTH else decimal(value, 1, language)


def date(value: dt.date, language: str = "en") -> str:
    """Return a date in words.

    >>> date(dt.date(2026, 3, 2))
    '2 March 2026'
    """
    return format_date(value, format="long", locale=_locale(language))


_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def small(value: int, language: str = "en") -> str:
    """Return a whole number below ten as a word, larger ones as digits.

    >>> small(3), small(12)
    ('three', '12')
    """
    return _SMALL[value] if 0 <= value < len(_SMALL) else count(value, language)


def plural(value: float, one: str, many: str) -> str:
    """Return the form of a noun or verb that goes with a number.

    >>> plural(1, "model", "models"), plural(0, "model", "models")
    ('model', 'models')
    """
    return one if value == 1 else many
