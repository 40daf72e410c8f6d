"""Name one row of a table in sentences: a noun from the file's name, or a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .columns import Look, LookedColumn, unit_of
from .scoring import count_of, names_things
from .vocabulary import AGES, PLACES, UNITS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OF_PEOPLE = _words(
    "gender education educ edu marital married marriage religion race ethnicity ethnic nationality citizen citizenship "
    "job occupation employed employment income qualification qualifications smoke smoker smokes smoking household "
    "relationship geschlecht sexe vote votes party student insurance"
)
_OF_ANIMALS_TOO = _words("sex age ages alter âge edad sexo old weight height")
_OF_PERSONS = AGES | _words("sex gender geschlecht sexe genre male female weiblich old")
_NOT_OF_PEOPLE = PLACES | _words("country team school club company rownames")
_ENOUGH = 3
"""Points from which rows are people: two for each column that only people have, one for a sex, an age and the like."""

_SEXES = ({"m", "f"}, {"male", "female"})
_FULL = {"m": "male", "f": "female"}


@dataclass(frozen=True)
class UnitName:
    """The singular and plural noun of a row, and where it comes from."""

    one: str
    several: str
    why: str


def name_of_rows(look: Look, group: LookedColumn | None) -> UnitName | None:
    """Return the name of one row, or None if nothing gives it.

    A plural at the end of the file's name counts if it is in `UNITS` and no column has the same name. Otherwise rows
    with the attributes of people are people, unless several rows share a person or each has the name of another thing.
    """
    stem = look.path.name.partition(".")[0]
    found = unit_of(stem)
    if group is not None and names_things(group):  # several rows are one of these
        return None
    if found is not None and _is_unit(found, look.columns) and not (_is_building(found) and _are_people(look)):
        return UnitName(*found, f"after the name of the file, {look.path.name}")
    if rows_per_unit(look) is not None:
        return None
    points = sum(2 * bool(c.words & _OF_PEOPLE) or bool(c.words & _OF_ANIMALS_TOO) for c in look.columns)
    is_personal = any(is_sex(c) or c.words & _OF_PERSONS for c in look.columns)
    if group is None and points >= _ENOUGH and is_personal and not any(_names_others(c) for c in look.columns):
        return UnitName("person", "people", "since it has attributes of people")
    return None


_LONGEST_BLOCK, _FEWEST_BLOCKS, _FEWEST_FIXED = 20, 20, 3


def rows_per_unit(look: Look) -> int | None:
    """Return how many adjacent rows describe each unit, such as the years of a person, or None if rows are units.

    At least three columns, among them an attribute of people, are the same in blocks of so many rows, and most adjacent
    blocks differ.
    """
    if count_of(look):  # the cells of a table are in order
        return None
    columns = [column for column in look.columns if column.is_single and column.bins is None and len(column.counts) > 1]
    codes = {column.name: column.codes for column in columns}
    for n in range(2, _LONGEST_BLOCK + 1):
        if look.n_rows % n or look.n_rows < n * _FEWEST_BLOCKS:
            continue
        fixed = [c for c in columns if bool((codes[c.name].reshape(-1, n) == codes[c.name][::n, None]).all())]
        if len(fixed) < _FEWEST_FIXED or not any(c.words & (_OF_PEOPLE | _OF_ANIMALS_TOO) for c in fixed):
            continue
        firsts = np.array([codes[c.name][::n] for c in fixed])
        if 2 * int((firsts[:, 1:] != firsts[:, :-1]).any(axis=0).sum()) > firsts.shape[1]:
            return n
    return None


_BUILDINGS = _words(
    "homes houses buildings apartments flats rooms hotels schools hospitals shops banks companies firms cars"
)


def _is_building(found: tuple[str, str]) -> bool:
    """Return whether a noun is that of a thing that people live in, work in or own, rather than of people."""
    return found[1] in _BUILDINGS


def _are_people(look: Look) -> bool:
    """Return whether rows have attributes that only people have, such as a race, a birth or service in a war."""
    return any(column.words & _ONLY_OF_PEOPLE or is_sex(column) for column in look.columns)


_ONLY_OF_PEOPLE = _words(
    "gender sex race ethnicity ethnic nonwhite female male birth bpl qob yob dob marital married veteran vet educ "
    "education schooling religion nationality"
)


def _names_others(column: LookedColumn) -> bool:
    """Return whether each row has the name of another thing than a person, such as a country or a team."""
    return column.is_key and not column.is_number and bool(column.words & _NOT_OF_PEOPLE)


def _is_unit(found: tuple[str, str], columns: Iterable[LookedColumn]) -> bool:
    return found[1] in UNITS and not any(column.name.casefold() in found for column in columns)


def is_sex(column: LookedColumn) -> bool:
    """Return whether the values of a column are male and female, in words or letters."""
    values = {value.casefold() for value in column.counts}
    return column.is_single and values in _SEXES


def sex_names(labels: Iterable[str]) -> dict[str, str]:
    """Return the adjective of each label for a sex.

    >>> sex_names(["M", "F"])
    {'M': 'male', 'F': 'female'}
    """
    return {label: _FULL.get(label.casefold(), label.casefold()) for label in labels}
