"""The form of a choice: its fields, as a browser sends them, and the changes that a person can make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...errors import DataError
from ...relations.recode import number_of
from .choice import Choice, Group, SideName, Treated, default_choice, default_side, levels_of, name_of
from .columns import rebinned
from .questions import Profile
from .ranking import Ranking

Fields = Mapping[str, str]
SIDES: tuple[SideName, SideName] = ("given", "answer")
_LONGEST = 500
"""Maximum length of a text field."""


def choice_of(ranking: Ranking, fields: Fields) -> Choice:
    """Return the choice that the fields of a form describe. Raises DataError for fields that no form has."""
    profile = ranking.profile
    given, answer = (_place(profile, fields, f"{side}.question") for side in SIDES)
    base = _default(ranking, given, answer)
    sides = {}
    for name, place in zip(SIDES, (given, answer), strict=True):
        item = _whole(fields.get(f"{name}.item", ""), len(profile.questions[place].items))
        side = default_side(profile, place, item)
        sides[name] = _treated(profile, side, name, fields) if f"{name}.groups" in fields else side
    is_sent = "given.groups" in fields
    names = {column.name for column in profile.columns}
    group = fields.get("group", base.group)
    if group not in names | {"", "(independent)"}:
        raise DataError(f"there is no column {group[:80]}")
    return replace(
        base,
        given=sides["given"],
        answer=sides["answer"],
        unit=fields.get("unit", "")[:_LONGEST],
        units=fields.get("units", "")[:_LONGEST],
        is_weighted="weighted" in fields if is_sent else base.is_weighted,
        is_counted="counted" in fields if is_sent else base.is_counted,
        group=group,
    )


def _default(ranking: Ranking, given: int, answer: int) -> Choice:
    """Return the default choice of two questions, with these sides."""
    if given == answer:
        raise DataError("both sides are the same question; choose another one")
    pair = ranking.pair(given, answer)
    choice = default_choice(ranking, pair)
    sides = [default_side(ranking.profile, place, pair.part_of(place)) for place in (given, answer)]
    return replace(choice, given=sides[0], answer=sides[1])


def choice_between(ranking: Ranking, given: int, answer: int) -> Choice:
    """Return the default choice of two questions: the clearest items, and this direction."""
    return _default(ranking, given, answer)


def _place(profile: Profile, fields: Fields, name: str) -> int:
    text = fields.get(name, "")
    if not text.isdecimal() or int(text) >= len(profile.questions):
        raise DataError(f"{name}: there is no such question; load the page again")
    return int(text)


def _whole(text: str, below: int) -> int:
    return int(text) if text.isdecimal() and int(text) < max(1, below) else 0


def _treated(profile: Profile, side: Treated, name: SideName, fields: Fields) -> Treated:
    side = replace(
        side,
        label=fields.get(f"{name}.label", side.label)[:_LONGEST],
        phrase=fields.get(f"{name}.phrase", "")[:_LONGEST].strip(),
        is_ordered=f"{name}.ordered" in fields,
    )
    if f"{name}.cuts" in fields and _is_number(profile, side):
        side = with_cuts(profile, side, fields[f"{name}.cuts"])
        return replace(side, is_ordered=True)
    levels = levels_of(profile, side)
    groups = []
    for at, text in enumerate(part for part in fields[f"{name}.groups"].split(";") if part):
        places = tuple(int(one) for one in text.split(",") if one.isdecimal() and int(one) < len(levels))
        called = fields.get(f"{name}.name.{at}", "")[:_LONGEST].strip()
        group = Group(places)
        if places:
            groups.append(replace(group, name="" if called == name_of(group, levels) else called))
    return replace(side, groups=tuple(groups))


def _is_number(profile: Profile, side: Treated) -> bool:
    question = profile.questions[side.question]
    return question.form == "column" and profile.columns[question.columns[0]].kind == "number"


def with_cuts(profile: Profile, side: Treated, text: str) -> Treated:
    """Return a side in bins that begin at the numbers in a text. Raises DataError if it has others, or none."""
    parts = [part for part in text.replace(";", " ").replace(",", " ").split() if part]
    numbers = [number for part in parts if (number := number_of(part)) is not None]
    if len(numbers) < len(parts) or not numbers:
        raise DataError(f'bins: "{text[:80]}" are not numbers; write where bins begin, as in: 18, 30, 45')
    cuts = tuple(sorted(set(numbers)))
    column = profile.columns[profile.questions[side.question].columns[0]]
    made = rebinned(column, cuts)
    groups = tuple(Group((place,)) for place, level in enumerate(made.levels) if level.kind == "answer")
    return replace(side, cuts=cuts, groups=groups)


def acted(ranking: Ranking, choice: Choice, act: str) -> Choice:
    """Return a choice after a press of a button: `swap`, or ACT.SIDE.PLACE with up, join, split, drop, use."""
    what, _, rest = act.partition(".")
    if what == "swap":
        return replace(choice, given=choice.answer, answer=choice.given)
    side_name, _, number = rest.partition(".")
    name: SideName = "given" if side_name == "given" else "answer"
    side = choice.side(name)
    place = int(number) if number.isdecimal() else -1
    groups = list(side.groups)
    levels = levels_of(ranking.profile, side)
    if what == "use" and 0 <= place < len(levels):
        groups = _used(groups, place)
    elif 0 <= place < len(groups):
        changes = {"up": _up, "join": _join, "split": _split, "drop": _drop}
        if what in changes:
            groups = changes[what](groups, place)
    return choice.with_side(name, replace(side, groups=tuple(groups)))


def _used(groups: Sequence[Group], level: int) -> list[Group]:
    return [*groups, *([] if any(level in group.levels for group in groups) else [Group((level,))])]


def _up(groups: list[Group], place: int) -> list[Group]:
    if place:
        groups[place - 1], groups[place] = groups[place], groups[place - 1]
    return groups


def _join(groups: list[Group], place: int) -> list[Group]:
    if place:
        groups[place - 1 : place + 1] = [Group((*groups[place - 1].levels, *groups[place].levels))]
    return groups


def _split(groups: list[Group], place: int) -> list[Group]:
    groups[place : place + 1] = [Group((level,)) for level in groups[place].levels]
    return groups


def _drop(groups: list[Group], place: int) -> list[Group]:
    del groups[place]
    return groups


def fields_of(choice: Choice) -> dict[str, str]:
    """Return the fields of a choice, for tests and for the terminal."""
    found = {"unit": choice.unit, "units": choice.units, "group": choice.group}
    found |= {"weighted": "on"} if choice.is_weighted else {}
    found |= {"counted": "on"} if choice.is_counted else {}
    for name, side in zip(SIDES, (choice.given, choice.answer), strict=True):
        found |= {
            f"{name}.question": str(side.question),
            f"{name}.item": str(side.item),
            f"{name}.label": side.label,
            f"{name}.phrase": side.phrase,
            f"{name}.groups": ";".join(",".join(map(str, group.levels)) for group in side.groups),
        }
        found |= {f"{name}.ordered": "on"} if side.is_ordered else {}
        found |= {f"{name}.cuts": ", ".join(f"{cut:.10g}" for cut in side.cuts)} if side.cuts else {}
        found |= {f"{name}.name.{at}": group.name for at, group in enumerate(side.groups) if group.name}
    return found
