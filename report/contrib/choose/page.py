"""The page on which two columns are chosen, in parts: live from a server, or as one file without a server."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment
from markupsafe import Markup

from ...document.writer import fill, html_environment
from ...foreign_text import visible
from ...formats import count, decimal, percent
from ...progress import tell
from ...theme import DARK, LIGHT, ink, shade, template_folder, turned
from .choice import INDEPENDENT, Choice, SideName, Treated, column_of, levels_of, name_of, text_of
from .columns import Column
from .form import SIDES, cuts_text
from .questions import Profile, Question
from .ranking import part_sets
from .session import Session
from .telling import Shown
from .writing import config_text

_STEPS = 20
"""The number of shades of shares."""

_MANY, _FEW_PARTNERS = 40, 5
"""Tables of more questions have fewer partners of each in the file."""

TABS = {"background": "Questions by background", "partners": "Partners of one column", "strongest": "Strongest pairs"}
_LEADS = {
    "background": "Each question with the background column that it differs by most. Or pick a column.",
    "partners": "The closest columns: background and others in turns, differences beyond chance first.",
    "strongest": "The strongest pairs, each question at most twice. Strong is often obvious: look for surprises.",
}
_TOO_MANY = "There are too many answers to compare all pairs. Pick a column."


@cache
def _environment() -> Environment:
    found = html_environment(template_folder() / "contrib" / "choose")
    found.finalize = lambda value: visible(value) if type(value) is str else value
    found.filters.update(count=count, percent=percent, decimal=decimal)
    found.filters["sum_of"] = lambda places, levels: sum(levels[place].n for place in places)
    found.globals.update(name_of=name_of, STEPS=_STEPS)
    return found


def _part(template: str, **values: object) -> Markup:
    """Return a part of the page, which another part can contain."""
    return Markup(fill(_environment(), f"{template}.html", **values))  # noqa: S704 - made by the templates


@cache
def style() -> str:
    """Return the style sheet with the colours of reports."""
    folder = template_folder() / "contrib" / "choose"
    shades = [shade(step / _STEPS) for step in range(_STEPS + 1)]
    light = "".join(f".s{n} {{ background: {one}; color: {ink(one)}; }}\n" for n, one in enumerate(shades))
    dark = "".join(
        f".s{n} {{ background: {turned(one)}; color: {ink(turned(one))}; }}\n" for n, one in enumerate(shades)
    )
    widths = "".join(f".w{n} {{ width: {n}%; }}\n" for n in range(101))
    tokens = [f":root {{ {'; '.join(f'--{name}: {one}' for name, one in of.items())}; }}\n" for of in (LIGHT, DARK)]
    none = ".snone { background: var(--vacant); }\n"
    dark = f"@media (prefers-color-scheme: dark) {{\n{tokens[1]}{dark}}}\n"
    own = (folder / "choose.css").read_text(encoding="utf-8")
    return f":root {{ color-scheme: light dark; }}\n{tokens[0]}{light}{none}{widths}{dark}{own}"


@cache
def script() -> str:
    """Return the script."""
    return (template_folder() / "contrib" / "choose" / "choose.js").read_text(encoding="utf-8")


def policy() -> str:
    """Return the policy that allows the page's own script and style, and requests to its own server alone."""
    script_, style_ = (base64.b64encode(hashlib.sha256(of.encode()).digest()).decode() for of in (script(), style()))
    return (
        f"default-src 'none'; script-src 'sha256-{script_}'; style-src 'sha256-{style_}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'"
    )


def page(session: Session, *, is_live: bool) -> str:
    """Return the whole page; without a server, with the partners of all questions in it."""
    return _part(
        "page",
        name=session.table.name,
        facts=facts(session),
        policy=None if is_live else policy(),
        style=Markup(style()),  # noqa: S704 - made here
        script=Markup(script()),  # noqa: S704 - made here
        is_live=is_live,
        columns=columns(session, None, is_live=is_live),
        pairs=pairs(session, "background", None, is_live=is_live),
        stored=[] if is_live else _stored(session),
    )


def facts(session: Session) -> str:
    """Return the numbers of rows, questions and columns set aside, and how the file was read."""
    profile = session.profile
    n_back = sum(question.background for question in profile.questions)
    parts = [f"{count(session.table.n_all)} rows", f"{count(len(profile.questions) - n_back)} questions"]
    parts += [f"{count(n_back)} background", f"{count(len(profile.aside))} set aside"]
    parts += [f"weight: {profile.weight.name}"] if profile.weight is not None else []
    parts += [f"count: {profile.count.name}"] if profile.count is not None else []
    if session.table.n_rows < session.table.n_all:
        parts.append(f"counts come from {count(session.table.n_rows)} rows drawn; the config uses all")
    return " · ".join([*parts, *session.notes])


def columns(session: Session, about: int | None, *, is_live: bool = True) -> Markup:
    """Return the list of columns."""
    profile = session.profile
    entries = [(place, _entry(profile, question)) for place, question in enumerate(profile.questions)]
    lists = [
        (title, [one for one in entries if profile.questions[one[0]].background == is_back])
        for title, is_back in (("Questions", False), ("Background: who, where, when", True))
    ]
    can_split = about is not None and len(profile.questions[about].columns) > 1
    return _part("columns", lists=lists, about=about, aside=profile.aside, can_split=can_split, is_live=is_live)


def _entry(profile: Profile, question: Question) -> dict[str, object]:
    first = profile.columns[question.columns[0]]
    parts = list(part_sets(question, profile.columns))
    missing = 1 - float(np.mean([np.mean(block.any(axis=1)) for block in parts]))
    names = _answers(question, first)
    if question.form == "column" and first.sets is None:
        n = [profile.columns[question.columns[0]].levels[place].n for place in first.answers]
    else:
        n = [int(block[:, -1].sum()) for block in parts]
    total = max(1, sum(n)) / (1 - missing or 1)
    is_ordered = first.kind in ("ordered", "number")
    shades = [round(4 + 14 * k / max(1, len(n) - 1)) if is_ordered else (14, 9, 5, 12, 7)[k % 5] for k in range(len(n))]
    kinds = {"options": f"{len(names)} options", "items": f"{len(names)} items"}
    of_column = {
        "number": "number, in bins",
        "ordered": f"{len(names)} answers in order",
        "several": f"{len(names)} options in one field",
        "categories": f"{len(names)} answers",
    }
    return {
        "text": question.text,
        "search": " ".join([question.text, *names]).lower(),
        "bar": [{"shade": s, "width": round(100 * k / total)} for s, k in zip(shades, n, strict=True)],
        "kind": kinds.get(question.form) or of_column[first.kind],
        "missing": missing,
    }


def _answers(question: Question, first: Column) -> list[str]:
    if question.form == "options":
        return [option.name for option in question.options]
    return list(question.items) or [first.levels[place].name for place in first.answers]


def pairs(session: Session, tab: str, about: int | None, *, is_live: bool = True, most: int = 10) -> Markup:
    """Return a list of pairs: background, strongest, or the partners of a question."""
    ranking, questions = session.ranking, session.profile.questions
    is_partners = tab == "partners" and about is not None
    tab = tab if is_partners or tab == "strongest" else "background"
    if is_partners and about is not None:
        heading, found = questions[about].text, [*session.partners(about, most)]
    else:
        chosen = ranking.strongest() if tab == "strongest" else ranking.by_background()
        heading, found = TABS[tab], [session.card(pair) for pair in chosen]
    return _part(
        "pairs",
        tabs=[(key, name) for key, name in TABS.items() if key in {tab, "background", "strongest"}],
        tab=tab,
        heading=heading,
        lead=_LEADS[tab] if ranking.is_whole or is_partners else _TOO_MANY,
        cards=found,
        same=[questions[place].text for place in ranking.same_as(about)] if is_partners and about is not None else [],
        is_live=is_live,
        config=lambda choice: config_text(session.profile, choice, session.table.path.parent),
    )


def form(session: Session, choice: Choice, faults: Sequence[str], found: Shown | None, target: Path) -> Markup:
    """Return the form with the words and the treatment of a choice."""
    profile = session.profile
    repeated = [column.name for column in profile.columns if 1 < len(column.raw.texts) < session.table.n_rows]
    groups = [("", "nothing: rows are independent, as far as known"), (INDEPENDENT, "nothing, for sure")]
    return _part(
        "choice",
        shown=shown_part(choice, faults, found),
        choice=choice,
        weight=profile.weight,
        counted=profile.count,
        groups=[*groups, *zip(repeated, repeated, strict=True)],
        place=target.name,
        config="" if faults else config_text(profile, choice, target.parent),
        sides=[_side(profile, choice.side(name), name) for name in SIDES[::-1]],
    )


def shown_part(choice: Choice | None, faults: Sequence[str], found: Shown | None) -> Markup:
    """Return the first sentence and the figure of a choice, or its faults."""
    return _part("shown", choice=choice, faults=faults, found=found)


_WHY = {"code": "means a missing answer", "blank": "empty", "rest": "rare answers", "answer": "left out"}


def _side(profile: Profile, side: Treated, name: SideName) -> dict[str, object]:
    question, levels = profile.questions[side.question], levels_of(profile, side)
    column = None if question.form == "options" else column_of(profile, side)
    used = {place for group in side.groups for place in group.levels}
    is_number = column is not None and column.kind == "number"
    return {
        "name": name,
        "side": side,
        "choices": question.items,
        "groups": ";".join(",".join(map(str, group.levels)) for group in side.groups),
        "offers": _offers(question, side.label),
        "cuts": cuts_text(profile, side) if is_number else None,
        "levels": levels,
        "out": [(place, level, _WHY[level.kind]) for place, level in enumerate(levels) if place not in used],
    }


_PHRASES = (
    (re.compile(r"\b(age|old|alter|âge|edad)\b", re.IGNORECASE), "are aged {}"),
    (re.compile(r"\b(gender|sex|race|marital|employ\w*|occupation|geschlecht|sexe)\b", re.IGNORECASE), "are {}"),
    (re.compile(r"\b(region|location|state|country|province|city|county|live)\b", re.IGNORECASE), "live in {}"),
)


def _offers(question: Question, label: str) -> list[str]:
    """Return phrases that may fit a side, the likeliest first."""
    found = [phrase for words, phrase in _PHRASES if words.search(label)]
    usual = ["choose {}" if question.form == "options" else "answer {}" if label.endswith("?") else "have {}"]
    return list(dict.fromkeys([*found, *usual, "have {}", "are {}", "say {}"]))


def _stored(session: Session) -> Iterator[tuple[str, Markup]]:
    """Yield every list of pairs for the file, by its key."""
    questions = session.profile.questions
    for tab in ("background", "strongest"):
        yield tab, pairs(session, tab, None, is_live=False)
    most = 10 if len(questions) <= _MANY else _FEW_PARTNERS
    for about in range(len(questions)):
        tell(f"{about + 1} of {len(questions)} questions")
        yield f"partners.{about}", pairs(session, "partners", about, is_live=False, most=most)


def pair_table(session: Session) -> str:
    """Return all pairs as CSV: both questions, V, its lower limit, units, and whether they are one thing."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["answer", "given", "v", "v_lower", "n", "same"])
    for pair in sorted(session.ranking.pairs, key=lambda pair: -pair.score):
        given, answer = session.ranking.sides(pair)
        texts = [text_of(session.profile.questions[place], pair.part_of(place)) for place in (answer, given)]
        writer.writerow([*texts, f"{pair.v:.4f}", f"{pair.low:.4f}", f"{pair.n:.10g}", "yes" if pair.is_same else "no"])
    return file.getvalue()
