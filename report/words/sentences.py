"""Sentences: the English of one statement, from one small template for each form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from types import SimpleNamespace
from typing import Literal, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from .. import formats
from ..statements import Statement, Table, rules
from ..taxonomy import is_pseudonym
from ..theme import template_folder
from . import Names, Voice

Variant = Literal["", "title", "further"]
"""How a statement is worded: as a sentence, as a title without a full stop, or after a statement of the same form."""

MOST_LISTED = 6
"""The number of items that a sentence lists individually."""

MOST_TITLE = 15
"""The most words of a title."""

_SPACES = re.compile(r"[ \t\r\n]+")

T = TypeVar("T")


def sentence(
    statement: Statement, table: Table | None, names: Names, variant: Variant = "", also: Sequence[Statement] = (),
    **more: object,
) -> str:  # fmt: skip
    """Return the sentence of a statement, or its labelled line if a side of the table has no phrase.

    `also` are further outcomes of the same subject, or further trends, which follow in the same sentence. `more` are
    circumstances: `later` (a note is far from its statement), and `lowest` of an agreement (its least share, with
    the units left out; without it, the lower end of its interval).
    """
    found = render(block_of(statement, table, names, variant), names.of(table), statement, also=[*also], **more)
    if variant == "title":
        return _short(found, statement, table, names, also)
    return found


def block_of(statement: Statement, table: Table | None, names: Names, variant: Variant = "") -> str:
    """Return the name of the template's block for a statement."""
    form: str = statement.form
    is_shared = table is not None and table.is_shared
    if form == "difference" and is_shared and statement.numbers["is_rare"]:
        form = "rare_pair"
    elif form == "not_shown":
        form = f"{form}_{statement.comparison or statement.scope}"
    elif form == "missing" and (is_shared or "side" in statement.numbers or "neither" not in statement.numbers):
        form = f"{form}_{'shared' if is_shared else 'known' if 'side' in statement.numbers else 'links'}"
    elif form == "cell" and "panel" in statement.numbers:
        form = "cell_range"
    wanted = [f"{form}_{variant}", form] if variant else [form]
    if names.is_bare:
        wanted = [f"{wanted[0]}_line", f"{form}_line", *wanted]
    return next(name for name in wanted if name in template("statements").blocks)


def _short(text: str, statement: Statement, table: Table | None, names: Names, also: Sequence[Statement]) -> str:
    """Return a title of at most 15 words: if it is longer, in brief or the labelled line, at last without columns."""
    blocks = template("statements").blocks
    shorter = [(f"{statement.form}_title_{end}", False) for end in ("brief", "least") if not names.is_bare]
    ends = ("_title_line", "_line")
    line = [f"{statement.form}{end}" for end in ends if f"{statement.form}{end}" in blocks][:1]
    found = text.removesuffix(".")
    for block, is_brief in [*shorter, *((one, is_brief) for is_brief in (False, True) for one in line)]:
        if len(found.split()) > MOST_TITLE and block in blocks:
            found = render(block, names.of(table, is_brief=is_brief), statement, also=[*also]).removesuffix(".")
    return found


def render(block: str, voice: Voice, statement: Statement, **values: object) -> str:
    """Return a rendered block about a statement, as one line that begins with a capital letter."""
    numbers = SimpleNamespace(**{"testable": 0} | dict(statement.numbers))
    given = {"also": [], "later": False, "lowest": statement.numbers.get("low", 0.0)} | values
    return said("statements", block, w=voice, s=statement, n=numbers, is_much=is_much(statement), **given)


def said(name: str, block: str, **values: object) -> str:
    """Return a rendered block of a template, as one line that begins with a capital letter."""
    of = template(name)
    text = _SPACES.sub(" ", "".join(of.blocks[block](of.new_context(values)))).strip()
    return text if block.startswith("not_shown_") else capital(text)


def capital(text: str) -> str:
    """Return a text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def is_much(statement: Statement) -> bool:
    """Return whether a difference is much: 15 points and twofold."""
    if statement.form != "difference":
        return False
    low, high = sorted((statement.number("share"), statement.number("other")))
    return high - low >= rules.MUCH and high >= 2 * low


@cache
def template(name: str) -> Template:
    """Return a template of the report's language."""
    return _environment().get_template(f"{name}.j2")


@cache
def _environment(language: str = "en") -> Environment:
    found = Environment(
        loader=FileSystemLoader(template_folder() / "words" / language),
        autoescape=False,  # noqa: S701 - the result is text; each renderer escapes
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(_filters(language))
    found.tests["private"] = is_pseudonym
    found.globals["rules"] = rules
    phrases = found.get_template("_phrases.j2").module
    found.globals.update({name: value for name, value in vars(phrases).items() if name[0] != "_"})
    return found


def points(difference: float, language: str = "en") -> str:
    """Return a difference of shares in whole points, without its sign.

    >>> points(-0.231), points(0.0961)
    ('23', '10')
    """
    return formats.percent(abs(difference), language).removesuffix("%")


def small(value: float, language: str = "en") -> str:
    """Return a whole number below ten as a word, and others as digits."""
    return formats.small(int(value), language) if value == int(value) else formats.count(value, language)


def each(items: Iterable[T], of: Callable[[T], object]) -> list[object]:
    """Return the values of a function for each item."""
    return [of(item) for item in items]


def pairs(names: Iterable[object], values: Iterable[object], pattern: str) -> list[str]:
    """Return a pattern with each pair of a name and a value, as many as the shorter list has."""
    return [pattern.format(name, value) for name, value in zip(names, values, strict=False)]


def _filters(language: str) -> dict[str, Callable[..., object]]:
    """Return the formats of numbers and lists as filters of templates, in a language."""

    def listed(items: Iterable[str], most: int = MOST_LISTED, *, name: str) -> str:
        """Return a list in words of as many items as a sentence can contain, and the number of further ones."""
        every = list(items)
        rest = [f"{formats.small(len(every) - most, language)} more"] if len(every) > most else []
        text: str = getattr(formats, name)([*every[:most], *rest], language)
        return text

    def percents(parts: Iterable[Sequence[float]], joint: str) -> list[str]:
        """Return the last two shares of each item, with words between them."""
        return [joint.join(formats.percent(share, language) for share in one[-2:]) for one in parts]

    def interval(ends: tuple[float, float]) -> str:
        return formats.percent_range(ends[0], ends[1], language)

    found: dict[str, Callable[..., object]] = {
        name: partial(getattr(formats, name), language=language)
        for name in ("count", "percent", "expected", "ratio_at_least")
    }
    return found | {
        "small": partial(small, language=language),
        "small_or_none": lambda n: small(n, language) if n else "none",
        "points": partial(points, language=language),
        "interval": interval,
        "listing": partial(listed, name="listing"),
        "alternatives": partial(listed, name="alternatives"),
        "percents": percents,
        "level": lambda level: f"{formats.decimal(100 * level, 1, language).removesuffix('.0')}%",
        "capital": capital,
        "each": each,
        "pairs": pairs,
    }
