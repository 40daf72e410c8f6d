"""Name one row of a table in sentences: a noun from the file's name, or a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .columns import Look, LookedColumn, unit_of
from .scoring import names_things


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UNITS = _words(
    "people persons men women boys girls children babies mothers fathers parents couples families households "
    "residents citizens migrants refugees immigrants passengers patients students pupils graduates learners "
    "teachers professors employees workers staff managers executives customers clients consumers shoppers "
    "respondents participants subjects voters candidates donors members users subscribers applicants borrowers "
    "owners tenants nurses doctors physicians judges officers prisoners inmates offenders victims soldiers "
    "politicians senators scientists authors writers artists actors directors musicians drivers pilots runners "
    "swimmers players athletes coaches teams clubs accidents crashes collisions incidents injuries arrests stops "
    "crimes murders offences offenses complaints claims cases trials lawsuits strikes storms hurricanes earthquakes "
    "volcanoes fires floods riots attacks battles wars animals birds cats dogs horses cows sheep pigs fish fishes "
    "frogs penguins whales seals turtles insects flies bees butterflies beetles spiders snakes rodents mice rats "
    "plants trees flowers mushrooms seeds eggs nests articles books papers publications journals poems novels "
    "letters songs albums movies films paintings photos tweets posts comments messages emails episodes shows "
    "recipes meals cocktails wines beers coffees teas cheeses cookies calls visits trips journeys rides flights "
    "games matches races bouts elections bills laws treaties buildings houses homes apartments flats rooms hotels "
    "restaurants bars cafes shops stores schools universities colleges hospitals clinics museums libraries churches "
    "parks farms mines wells bridges stations airports ports cities towns villages countries counties districts "
    "municipalities provinces regions islands lakes rivers mountains languages words sentences companies firms "
    "businesses startups banks brands products goods cars trucks vehicles bicycles bikes motorcycles ships boats "
    "planes aircraft phones computers machines engines loans accounts transactions purchases orders invoices "
    "payments jobs vacancies projects grants packages repositories commits bugs apps websites servers stars planets "
    "meteorites galaxies satellites missions launches minerals rocks fossils cells genes proteins plots toys"
)
"""Plurals in names of files that name the rows. Others often name the subject: affairs, wages, votes."""

_OF_PEOPLE = _words(
    "gender education educ edu marital married marriage religion race ethnicity ethnic nationality citizen citizenship "
    "job occupation employed employment income qualification qualifications smoke smoker smokes smoking household "
    "relationship geschlecht sexe vote votes party student insurance"
)
_OF_ANIMALS_TOO = _words("sex age ages alter âge edad sexo old weight height")
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

    A plural at the end of the file's name counts if it is in `_UNITS` and no column has the same name. Otherwise rows
    with the attributes of people are people, unless several rows share a person.
    """
    stem = look.path.name.partition(".")[0]
    found = unit_of(stem)
    if group is not None and names_things(group):  # several rows are one of these
        return None
    if found is not None and _is_unit(found, look.columns):
        return UnitName(*found, f"after the name of the file, {look.path.name}")
    points = sum(2 * bool(c.words & _OF_PEOPLE) or bool(c.words & _OF_ANIMALS_TOO) for c in look.columns)
    if group is None and points >= _ENOUGH:
        return UnitName("person", "people", "since it has attributes of people")
    return None


def _is_unit(found: tuple[str, str], columns: Iterable[LookedColumn]) -> bool:
    return found[1] in _UNITS and not any(column.name.casefold() in found for column in columns)


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
