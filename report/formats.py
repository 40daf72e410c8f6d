"""Numbers to words: the one place where a number becomes text, so that every format says it alike.

"0 %" and "100 %" stand only where they are exact. Spaces inside a number and its unit do not break.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

NBSP = "\N{NO-BREAK SPACE}"
DASH = "–"

LOCALES = {"en": "en_GB"}
"""Languages the report can be written in, with the Babel locale of its numbers, lists and dates."""


def _locale(language: str) -> Locale:
    return Locale.parse(LOCALES[language])


def count(value: float, language: str = "en") -> str:
    """Return a count with thousands grouped; sums of weights with one decimal where they are not whole.

    >>> count(12388), count(0.0), count(2.26)
    ('12,388', '0', '2.3')
    """
    whole = math.isclose(value, round(value), abs_tol=1e-9)
    return format_decimal(
        round(value) if whole else value, format="#,##0" if whole else "#,##0.0", locale=_locale(language)
    )


def percent(share: float, language: str = "en") -> str:
    r"""Return a share (0 to 1) as whole percent, never rounding to 0 or 100 what is neither.

    >>> percent(0.981), percent(0.9996), percent(0.002), percent(1.0)
    ('98\xa0%', 'over 99\xa0%', 'under 1\xa0%', '100\xa0%')
    """
    number, prefix = _percent_number(share)
    return f"{prefix}{format_decimal(number, locale=_locale(language))}{NBSP}%"


def _percent_number(share: float) -> tuple[int, str]:
    rounded = _half_up(100 * share)
    if rounded >= 100 and share < 1:
        return 99, "over "
    if rounded <= 0 and share > 0:
        return 1, "under "
    return rounded, ""


def _half_up(value: float) -> int:
    """Round half away from zero, as readers do by hand (Python's round would give 2 for 2.5).

    The nudge keeps 0.285 * 100 = 28.499999999999996 at 29.
    """
    return math.floor(abs(value) + 0.5 + 1e-9) * (1 if value >= 0 else -1)


def percent_range(low: float, high: float, language: str = "en") -> str:
    r"""Return an interval of shares: "85 to 96 %", "85 % or more" where the upper end only rounds to 100.

    Ends that round to the same number get one decimal, so that an interval is never shown as a point.

    >>> percent_range(0.851, 0.962), percent_range(0.85, 0.9993), percent_range(0.0004, 0.03)
    ('85 to 96\xa0%', '85\xa0% or more', '3\xa0% or less')
    >>> percent_range(0.806, 0.814)
    '80.6 to 81.4\xa0%'
    """
    first, last = _half_up(100 * low), _half_up(100 * high)
    if last >= 100 and first < 100:
        return f"{first}{NBSP}% or more"
    if first <= 0 and last > 0:
        return f"{last}{NBSP}% or less"
    if first == last and high > low:
        texts = [format_decimal(100 * end, format="0.0", locale=_locale(language)) for end in (low, high)]
        return f"{texts[0]} to {texts[1]}{NBSP}%"
    return f"{first} to {last}{NBSP}%"


def ratio(value: float, language: str = "en") -> str:
    """Return a ratio: two decimals below 1, one from 1 to 100, none above.

    >>> ratio(9.81), ratio(0.151), ratio(236.4), ratio(1.02)
    ('9.8', '0.15', '236', '1.0')
    """
    digits = 2 if value < 1 else 1 if value < 100 else 0
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=_locale(language))


def ratio_range(low: float, high: float, language: str = "en") -> str:
    """Return an interval of ratios, e.g. "3.4 to 7.7"."""
    return f"{ratio(low, language)} to {ratio(high, language)}"


def decimal(value: float, digits: int = 2, language: str = "en") -> str:
    """Return a number with a fixed number of decimals, with a true minus sign.

    >>> decimal(-0.125)
    '−0.12'
    """
    text = format_decimal(value, format="0." + "0" * digits if digits else "0", locale=_locale(language))
    return text.replace("-", "−")


def value(number: float, language: str = "en") -> str:
    """Return a value of a matrix as its cells show it: two decimals.

    >>> value(0.825), value(1)
    ('0.82', '1.00')
    """
    return decimal(number, 2, language)


def signed_count_range(low: float, high: float, language: str = "en") -> str:
    """Return an interval of differences of counts, e.g. "−24 to 162"."""
    ends = [count(_half_up(end), language).replace("-", "−") for end in (low, high)]
    return f"{ends[0]} to {ends[1]}"


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
    """Return an expected count: whole from ten on, below with one decimal.

    >>> expected(39.87), expected(7.65)
    ('40', '7.7')
    """
    return count(_half_up(value), language) if value >= 10 else decimal(value, 1, language)


def date(value: dt.date, language: str = "en") -> str:
    """Return a date in words.

    >>> date(dt.date(2026, 3, 2))
    '2 March 2026'
    """
    return format_date(value, format="long", locale=_locale(language))


_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def small(value: int, language: str = "en") -> str:
    """Return a whole number below ten as a word, others as digits.

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
