"""Convert numbers to words. All numbers become text here, so that every format writes them in the same way.

"0%" and "100%" appear only for exact values. Spaces inside a number and its unit do not break. Every number is rounded
half up, so that figure, table and text agree.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, localcontext
from functools import cache, lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import NumberPattern, parse_pattern

from . import portable
from .cells import MeasureInfo

NBSP = "\N{NO-BREAK SPACE}"
DASH = "–"
AT_LEAST, AT_MOST = f"at{NBSP}least{NBSP}", f"at{NBSP}most{NBSP}"
"""The beginnings of intervals with one end."""
_MOST_DIGITS = 330
"""Digits of the largest float, with some decimals."""
_WHOLE = 2.0**52
"""From this value on, every float is a whole number."""

_LEAST_TENTH, LEAST_HUNDREDTH = 0.05, 0.005
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
    ('98%', 'over\xa099%', 'under\xa01%', '100%')
    """
    number, prefix = _percent_number(share)
    return f"{prefix}{decimal(number, 0, language)}%"


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
    shift = portable.ten_to(digits)
    return math.copysign(math.floor(abs(value) * shift + 0.5 + 1e-9) / shift, value)


def digits_apart(low: float, high: float, digits: int) -> int:
    """Return the number of decimals, from `digits` on, at which the ends of an interval differ (at most six more)."""
    wanted = range(digits, digits + 6)
    return next((n for n in wanted if _half_up(low, n) != _half_up(high, n)), digits + 6)


def percent_range(low: float, high: float, language: str = "en") -> str:
    r"""Return an interval of shares: "85–96%", or "at least 85%" if the upper end is or rounds to 100.

    Ends that round to the same number get decimals, so that an interval never looks like a point.

    >>> percent_range(0.851, 0.962), percent_range(0.85, 0.9993), percent_range(0.0004, 0.03)
    ('85–96%', 'at\xa0least\xa085%', 'at\xa0most\xa03%')
    >>> percent_range(0.806, 0.814)
    '80.6–81.4%'
    >>> percent_range(0.003, 0.998), percent_range(0.5, 0.5)
    ('under\xa01 to over\xa099%', '50%')
    """
    digits = digits_apart(100 * low, 100 * high, 0)
    first, last = (_half_up(100 * end, digits) for end in (low, high))
    if first == last:
        return percent((low + high) / 2, language)
    if first <= 0 and last >= 100:
        return span(percent(low, language).removesuffix("%"), percent(high, language))
    if last >= 100:
        return f"{AT_LEAST}{decimal(first, digits, language)}%"
    if first <= 0:
        return f"{AT_MOST}{decimal(last, digits, language)}%"
    return f"{span(decimal(first, digits, language), decimal(last, digits, language))}%"


def span(low: str, high: str) -> str:
    """Return an interval from its ends as text: with an en dash, or "to" if an end is negative or begins with a word.

    >>> span("0.87", "0.93"), span("−24", "162"), span("under 1", "40%")
    ('0.87–0.93', '−24 to 162', 'under 1 to 40%')
    """
    is_dashed = all(end[:1].isdigit() or end[:1] in "<>" for end in (low, high))
    return f"{low}{DASH}{high}" if is_dashed else f"{low} to {high}"


def ratio(value: float, language: str = "en") -> str:
    """Return a ratio with two significant digits, but with two decimals up to 1.1. "0" appears only for an exact zero.

    >>> ratio(9.81), ratio(23.55), ratio(236.4), ratio(7510), ratio(0.151), ratio(1.02), ratio(0.002), ratio(0.0)
    ('9.8', '24', '240', '7,500', '0.15', '1.02', 'under 0.01', '0')
    >>> ratio(1.0), ratio(9.96), ratio(99.6), ratio(1.25)
    ('1.0', '10', '100', '1.3')
    """
    if value == 0:
        return "0"
    if 0 < value <= LEAST_HUNDREDTH:
        return "under 0.01"
    digits = _ratio_digits(value)
    return _signed(_half_up(value, digits), max(digits, 0), language)


def ratio_at_least(value: float, language: str = "en") -> str:
    r"""Return the lower bound of a ratio, "at least 56". From 100 on it is rounded down, so that it remains a bound.

    >>> ratio_at_least(55.7), ratio_at_least(145), ratio_at_least(3.41)
    ('at\xa0least\xa056', 'at\xa0least\xa0140', 'at\xa0least\xa03.4')
    """
    digits = _ratio_digits(value)
    if digits < 0:
        step = portable.ten_to(-digits)
        value = math.floor(value / step + 1e-9) * step
    return f"{AT_LEAST}{ratio(value, language)}"


def quoted(category: str) -> str:
    """Return a category in quotes, unless it has quotes of its own.

    >>> quoted("Dipodomys"), quoted("born “early”")
    ('“Dipodomys”', 'born “early”')
    """
    return category if "“" in category else f"“{category}”"


def ratio_range(low: float, high: float, language: str = "en") -> str:
    r"""Return an interval of ratios. Ends that look equal get more decimals, so that it never looks like a point.

    >>> ratio_range(3.41, 7.68), ratio_range(1.01, 1.04), ratio_range(0.002, 0.3), ratio_range(2.0, 2.0)
    ('3.4–7.7', '1.01–1.04', 'at\xa0most\xa00.30', '2.0')
    >>> ratio_range(3.41, math.inf), ratio_range(23.1, 23.4), ratio_range(675, 83_600)
    ('at\xa0least\xa03.4', '23.1–23.4', '680–84,000')
    """
    if math.isinf(high):
        return ratio_at_least(low, language)
    texts = [ratio(end, language) for end in (low, high)]
    if low < high and (texts[0] == texts[1] or _half_up(low, 2) == high == 1):  # "1.00–1.0" would be a point too
        digits = digits_apart(low, high, max(_ratio_digits(low), 0))
        texts = [decimal(end, digits, language) for end in (low, high)]
        if low > 0 and not texts[0].strip("0."):
            return f"{AT_MOST}{texts[1]}"
    elif 0 < low <= LEAST_HUNDREDTH:
        return f"{AT_MOST}{texts[1]}"
    return texts[0] if texts[0] == texts[1] else span(texts[0], texts[1])


def _ratio_digits(value: float) -> int:
    """Return the decimals of a ratio by its rounded value: 0.996 is 1.00, 1.096 is 1.1, 9.97 is 10, 1 is 1.0.

    From 100 on the number of decimals is negative, for two significant digits.
    """
    if value < _NEAR_ONE and value != 1:
        return 2
    if value < 10 - _LEAST_TENTH:
        return 1
    digits = 1 - portable.decade(value) if value < _WHOLE else 0
    return digits - 1 if _half_up(value, digits) >= portable.ten_to(2 - digits) else digits


def decimal(value: float, digits: int = 2, language: str = "en") -> str:
    """Return a number with a fixed number of decimals and a true minus sign, without a minus sign for zero.

    >>> decimal(-0.125), decimal(-0.001)
    ('−0.13', '0.00')
    """
    text = _number(value, "0." + "0" * digits if digits else "0", language)
    return text.replace("-", "−" if any(digit in text for digit in "123456789") else "")


def value(number: float, language: str = "en") -> str:
    """Return a value of a matrix without counts: two decimals, halves rounded away from zero as in per cent.

    >>> value(0.625), percent(0.625), value(1)
    ('0.63', '63%', '1.00')
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
    ('−24 to 162', '3.8–4.3', '4')
    """
    digits = digits_apart(low, high, 0)
    first, last = (_half_up(end, digits) for end in (low, high))
    if first == last:
        return _signed(_half_up(first), 0, language)
    return span(_signed(first, digits, language), _signed(last, digits, language))


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
    ('0.90 (0.87–0.93)', '0.90')
    """
    return text if low is None or high is None else f"{text} ({span(of(low), of(high))})"


def in_cell(value: float, measure: MeasureInfo, *, percent: bool = False) -> str:
    """Return the number of a cell of a figure.

    Numbers have two decimals, or fewer from 10 on, and counts have none. Ratios have two digits, as in the text. With
    `percent`, shares are whole per cent.
    A share or ratio above 0 never becomes 0, and a value below the maximum of 1 never becomes 1.

    >>> from diptych.cells import MeasureInfo
    >>> share, lift = (
    ...     MeasureInfo("conditional", "Share", "", 0, 1),
    ...     MeasureInfo("lift", "Lift", "", 0, None, 1.0, diverging=True),
    ... )
    >>> in_cell(0.909, share), in_cell(1, share), in_cell(23.55, lift), in_cell(236.4, lift)
    ('0.91', '1.00', '24', '240')
    >>> in_cell(0.004, share), in_cell(0.9951, share), in_cell(0, share)
    ('<.01', '>.99', '0.00')
    >>> [in_cell(value, share, percent=True) for value in (0, 0.004, 0.715, 0.9951, 1)]
    ['0', '<1', '72', '>99', '100']
    """
    if measure.name == "count":
        return count(value)
    if percent:
        return bare_percent(value)
    if not measure.diverging and 0 < value < LEAST_HUNDREDTH:
        return "<.01"
    if measure.upper == 1 and 1 - LEAST_HUNDREDTH <= value < 1:
        return ">.99"
    if measure.is_ratio:
        return ratio(value).replace(f"under{NBSP}", "<").replace("under ", "<")
    digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    nothing = abs(value) < 0.5 * portable.ten_to(-digits)  # no minus sign before 0.00
    return decimal(0.0 if nothing else value, digits)


def bare_percent(share: float) -> str:
    """Return a share (0 to 1) in whole per cent without the sign.

    >>> bare_percent(0.715), bare_percent(0.004), bare_percent(0.9951)
    ('72', '<1', '>99')
    """
    whole = math.floor(100 * share + 0.5 + 1e-9)
    if share > 0 and whole == 0:
        return "<1"
    return ">99" if share < 1 and whole == 100 else str(whole)


def calculated(number: float) -> str:
    """Return a number in a calculation: large and whole numbers as integers, others with two digits or more.

    A number other than 0, 1 or -1 is never printed as one of them.

    >>> calculated(4227.0), calculated(0.9012), calculated(0.99964), calculated(0.0004), calculated(39.87)
    ('4,227', '0.90', '0.9996', '0.00040', '39.9')
    """
    whole = round(number)
    if abs(number) >= 1000 or math.isclose(number, whole, rel_tol=0, abs_tol=1e-9):
        sign = decimal(-1, 0).removesuffix("1") if whole < 0 else ""
        return sign + count(abs(whole))
    if abs(number) >= 10:
        return decimal(number, 1)
    digits = max(2, 1 - portable.decade(abs(number)))
    while digits < 6 and round(number, digits) in (-1, 0, 1):
        digits += 1
    return decimal(number, digits)


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


Scale = Literal["share", "ratio", "count", "expected", "net", "value"]
"""The kind of a number: a share, a ratio, a count, an expected count, a difference of counts, or another value."""

_OF_SCALE: Mapping[Scale, Callable[[float, str], str]] = {
    "share": percent,
    "ratio": ratio,
    "count": count,
    "expected": expected,
    "net": signed_count,
    "value": value,
}


def on_scale(number: float, scale: Scale, language: str = "en") -> str:
    """Return a number in the format of its scale.

    >>> on_scale(0.715, "share"), on_scale(23.55, "ratio"), on_scale(-24.3, "net"), on_scale(0.715, "value")
    ('72%', '24', '−24', '0.72')
    """
    return _OF_SCALE[scale](number, language)


def range_on_scale(low: float, high: float, scale: Scale, language: str = "en") -> str:
    """Return an interval in the format of its scale. Only ratios may have an infinite upper end.

    >>> range_on_scale(0.851, 0.962, "share"), range_on_scale(0.87, 0.93, "value")
    ('85–96%', '0.87–0.93')
    """
    if scale == "ratio" or math.isinf(high):
        return ratio_range(low, high, language)
    if scale == "share":
        return percent_range(low, high, language)
    if scale == "net":
        return signed_count_range(low, high, language)
    return span(value(low, language), value(high, language))
