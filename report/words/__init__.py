"""Words: the English of statements, from noun phrases to the text of a report.

Python finds noun phrases, cases and order, and formats numbers. All other words are in `templates/words/<language>/`:
one block for each form of statement, and one for each part of the report that is no statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .. import formats
from ..cells import Kind, Unit
from ..statements import Table
from ..taxonomy import plural_of

Tense = Literal["present", "past", "auxiliary"]
"""Of a phrase: past ("had {}"); auxiliary, before which no "likely to" is possible ("were {}", "would vote for {}")."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PEOPLE = _words(
    """
    person man woman child adult boy girl father mother parent pupil student graduate teacher patient respondent
    participant subject worker employee employer applicant candidate passenger driver rider user customer client member
    voter senator judge officer prisoner defendant author writer player athlete doctor nurse engineer scientist
    developer farmer buyer seller taster consumer owner tenant borrower resident citizen immigrant emigrant migrant
    refugee settler traveller visitor guest volunteer juror victim suspect offender smoker friend sibling husband wife
    """
)
"""Nouns for people, which take who rather than that."""

_PLACES = _words(
    """
    area branch catalogue centre city class clinic company continent country county dataset department district file
    hospital household island journal lab laboratory lake library location organisation organization package place plot
    province publisher region repository river school shop site source state station store town university village
    """
)
"""Nouns for groups and strata that units come from. Units have all others, such as a sex or an education."""

_COUNTABLE = _words(
    """
    band batch brand category cohort colour condition decade day gender grade group item kind language level month name
    occupation origin party period phase profession quarter race religion round season segment sex size species stage
    status subject topic type wave week year
    """
)
"""Other names of strata with a plural of their own. Of all others there are levels."""

_PREPOSITIONS = _words("about above after as at before below between by for from in near of on over to under with")
_AUXILIARIES = _words("were was would can could will may might shall should must")
_PAST = _words(
    """
    ate became began bought brought came caught chose did drank drove fell felt flew forgot found gave went got grew had
    heard held kept knew led left lost made met paid ran said sang sat saw sent slept sold spent spoke stood swam taught
    thought threw told took understood voted woke won wore wrote
    """
)
_PARTICIPLES = _words(
    "aged been born caught done drawn driven flown found grown had known made seen shown taken thrown written"
)
_NEVER_PAST = _words("bleed breed embed exceed feed heed need proceed seed shed speed succeed wed weed")
_PLURAL_VERBS = {"has": "have", "is": "are", "was": "were", "does": "do", "goes": "go", "comes": "come"}
_SINGULAR_VERBS = {"have": "has", "are": "is", "were": "was", "do": "does", "go": "goes"}
_MOST_ADJECTIVES = 4
"""The most words of a category before a noun: "very happy respondents", not a whole clause."""

_MOST_NOUN = 3
"""The most words of a name that is a noun for categories."""

OPTIONS = ("Row option", "Column option")
"""The labels of sides without a column: each option of a question is a column of its own."""


def plain(name: str) -> str:
    """Return the name of a column as it is, with spaces for underscores."""
    return name.replace("_", " ").strip()


def tense_of(verb: str) -> Tense:
    """Return the tense of the first word of a phrase for several units."""
    if verb in _AUXILIARIES:
        return "auxiliary"
    return "past" if verb in _PAST or (verb.endswith("ed") and verb not in _NEVER_PAST) else "present"


def singular_verb(verb: str) -> str:
    """Return the verb for one unit.

    >>> [singular_verb(verb) for verb in ("have", "come", "carry", "watch", "answered", "would", "were")]
    ['has', 'comes', 'carries', 'watches', 'answered', 'would', 'was']
    """
    if verb in _SINGULAR_VERBS:
        return _SINGULAR_VERBS[verb]
    if tense_of(verb) != "present":
        return verb
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh")) else f"{verb}s"


def _is_adjective(category: str) -> bool:
    """Return whether a category can precede a noun: a short name without a preposition, digit or punctuation."""
    words = category.split()
    is_short = 0 < len(words) <= _MOST_ADJECTIVES and words[0].casefold() not in _PREPOSITIONS | {
        "a",
        "an",
        "not",
        "the",
    }
    return is_short and not any(letter.isdigit() or letter in ',;:()[]{}/?!%“”"' for letter in category)


def begins_with_vowel(word: str) -> bool:
    """Return whether "an" precedes a word.

    >>> [begins_with_vowel(word) for word in ("urgent", "unit", "elective", "Euro", "cat")]
    [True, False, True, False, False]
    """
    small = word.casefold()
    return small.startswith(tuple("aeiou")) and not small.startswith(("uni", "us", "uti", "eu"))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a table in words.

    `one` and `many` name its categories ("plot type", "plot types"). A phrase is `verb`, `before`, a category and
    `after` ("have", "", "Data", " jobs"), for several units; `verb` is empty without English. `unit` and `units` are
    the thing counted, and `who` its relative pronoun. `is_brief`: labelled lines leave out the names of columns.
    """

    kind: Kind
    one: str
    many: str
    verb: str
    before: str
    after: str
    unit: str
    units: str
    who: str
    is_brief: bool = False

    @property
    def label(self) -> str:
        """The name of the side as a heading, as the config spells it."""
        return plain(self.kind.label)

    @property
    def is_noun(self) -> bool:
        """Whether the name of the side is a noun for its categories, and not a question."""
        return not self.label.endswith("?") and len(self.label.split()) <= _MOST_NOUN

    @property
    def tense(self) -> Tense:
        """The tense of the phrase."""
        return tense_of(self.verb)

    @property
    def is_article(self) -> bool:
        """Whether a category is one noun with an article ("are a {}"), whose plural several units are."""
        return self.verb == "are" and self.before in {"a ", "an "} and not self.after

    def tail(self, category: str, n: float = 2) -> str:
        """Return the phrase without its verb ("Writer jobs", "trained on CV datasets", "an open permit")."""
        before = self.before
        if self.is_article and n != 1:
            return plural_of(category)
        if before.endswith((" a ", " an ")) or before in {"a ", "an "}:
            before = f"{before.rstrip().removesuffix('n')}{'n' * begins_with_vowel(category)} "
            if category.casefold().startswith("other "):
                before = before[:-1]  # another
        return f"{before}{category}{self.after}"

    def does(self, category: str, n: float = 2) -> str:
        """Return the verb phrase for n units with a category ("have Writer jobs", "have Job Writer")."""
        if not self.verb:
            return f"{'has' if n == 1 else 'have'} {self.labelled(category)}"
        return f"{singular_verb(self.verb) if n == 1 else self.verb} {self.tail(category, n)}"

    def infinitive(self, category: str) -> str:
        """Return the verb phrase after "likely" ("to be CV models", "not to smoke")."""
        verb, tail = "be" if self.verb == "are" else self.verb, self.tail(category)
        if tail.startswith("not "):
            return f"not to {tail[4:]}" if verb == "do" else f"not to {verb} {tail[4:]}"
        return f"to {verb} {tail}"

    def counted(self, category: str, n: float = 2) -> str:
        """Return the noun phrase for n units with a category ("adult patients", "meetings with Host h00")."""
        noun, tail = self.unit if n == 1 else self.units, self.tail(category)
        if not self.verb:
            return f"{noun} with {self.labelled(category)}"
        first = (self.before or category).casefold().split(" ")[0]
        is_reduced = first in _PREPOSITIONS | _PARTICIPLES or (len(first) > 4 and tense_of(first) == "past")
        if (
            self.verb == "are"
            and self.before == ""
            and _is_adjective(category)
            and self.after.strip() in {"", self.units}
        ):
            return f"{category} {noun}"
        if self.verb == "are" and self.before and is_reduced:
            return f"{noun} {tail}"
        if self.verb == "come" and first == "from":
            return f"{noun} {tail}"
        if self.verb == "have" and not (self.before and (is_reduced or first in {"to", "never", "not"})):
            return f"{noun} with {tail}"
        return f"{noun} {self.who} {self.does(category, n)}"

    def again(self, category: str) -> str:
        """Return a further category after the whole phrase of another ("Analyst", "from Chad", "on CV datasets")."""
        words = self.before.split()
        places = [place for place, word in enumerate(words) if word in _PREPOSITIONS]
        if any(letter.isdigit() for letter in category):
            return self.does(category)
        if words[-1:] in (["a"], ["an"]) or "“" in self.before:
            return self.tail(category)
        return f"{' '.join(words[places[-1] :])} {category}{self.after}" if places else category

    def needs_name(self, categories: Sequence[str]) -> bool:
        """Return whether the first or last category has words and a number, without a name ("under 20")."""
        return any(any(map(str.isdigit, one)) and any(map(str.isalpha, one)) for one in (categories[0], categories[-1]))

    def before_number(self, category: str) -> str:
        """Return a category that a number follows: in quotes if it has a digit or a comma itself."""
        is_unclear = any(letter.isdigit() or letter in ",;" for letter in category)
        return formats.quoted(category) if is_unclear else category

    @property
    def heading(self) -> str:
        """The name of the categories at the start of a labelled line."""
        return self.label if self.kind.label not in OPTIONS else self.one

    def labelled(self, category: str) -> str:
        """Return a category after the name of its column, unless its own name says that ("Sex male", "Line 6")."""
        shown = self.before_number(category)
        name = self.label
        if self.is_brief or name in OPTIONS:
            return shown
        if name.casefold() in category.casefold():
            return category
        is_long = len(category.split()) > 2
        return f"{name} {formats.quoted(category) if name.endswith('?') or is_long else shown}"


@dataclass(frozen=True, slots=True)
class Names:
    """The nouns of a relation. `label` reads from rows to the columns' units ("trained on").

    `rows` and `columns` are the sides of the relation, whichever of them explains. `group_names` and `stratum_names`
    are the columns of groups and strata, empty without them.
    `weighted`: counts are sums of weights. `title` and `subtitle` are the topic and the source of the data, by the
    authors.
    """

    form: Literal["links", "shared", "records", "matrix"]
    unit: Unit
    rows: Kind
    columns: Kind
    label: str = ""
    label_reversed: str = ""
    group_names: tuple[str, ...] = ()
    stratum_names: tuple[str, ...] = ()
    weighted: bool = False
    title: str = ""
    subtitle: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether a side has no phrase, so that statements are labelled lines."""
        is_worded = self.unit.role != "record" or (self.rows.phrase and self.columns.phrase)
        return self.form == "matrix" or not is_worded

    @property
    def who(self) -> str:
        """The relative pronoun for units."""
        return "who" if self.unit.singular.casefold().split()[-1:][0] in _PEOPLE else "that"

    def of(self, table: Table | None, *, is_brief: bool = False) -> Voice:
        """Return the words for a table: its explanatory side, its other side and its units; None is a bare matrix."""
        first, other = ("columns", "rows") if table is not None and table.is_flipped else ("rows", "columns")
        is_shared = table is not None and table.is_shared
        both = () if table is None or len(table.rows) != 2 or table.several_rows else table.rows
        x, y = (self.side(name, is_brief=is_brief) for name in (first, other))
        return Voice(self, x, y, is_shared, both)

    def side(self, side: str, *, is_brief: bool = False) -> Side:
        """Return a side of the relation ("rows" or "columns") in words."""
        kind = self.rows if side == "rows" else self.columns
        is_kind = self.unit.role == "record"
        one = plain(kind.singular) if is_kind else f"{kind.singular} category"
        many = plain(kind.plural) if is_kind else f"{kind.singular} categories"
        phrase = self._phrase(kind, side)
        return Side(kind, one, many, *phrase, self.unit.singular, self.unit.plural, self.who, is_brief)

    def _phrase(self, kind: Kind, side: str) -> tuple[str, str, str]:
        """Return the verb for several units, and the words before and after a category; the verb is "" without."""
        role, after = self.unit.role, f" {kind.plural}"
        if role == "record":
            before, _, after = kind.phrase.partition("{}")
            verb, _, rest = before.partition(" ")
            return _PLURAL_VERBS.get(verb, verb), rest, after
        if role == "link":
            return ("come", "from ", after) if side == "rows" else ("lead", "to ", after)
        if role in {"to", "from"} and (role == "to") != (side == "columns"):
            return "are", f"{self.label if side == 'rows' else self.label_reversed} ", after
        return "have" if role == "key" else "are", "", after

    @property
    def strata(self) -> str:
        """The plural noun for strata: packages, levels of education, combinations of sex and age."""
        if len(self.stratum_names) != 1:
            return f"combinations of {self.stratum}"
        has_plural = self.stratum.casefold().split()[-1] in _PLACES | _COUNTABLE
        return plural_of(self.stratum) if has_plural else f"levels of {self.stratum}"

    @property
    def stratum(self) -> str:
        """The noun for one stratum ("package", "sex and age")."""
        return formats.listing([plain(name) for name in self.stratum_names])

    @property
    def one_stratum(self) -> str:
        """The noun for a single stratum that is named ("package", "level of activity")."""
        plural = self.strata.partition(" ")[0]
        return f"{plural.removesuffix('s')} of {self.stratum}" if plural in {"levels", "combinations"} else self.stratum

    @property
    def group(self) -> str:
        """The noun for one group: its column, or "cluster" for combinations of columns."""
        return plain(self.group_names[0]) if len(self.group_names) == 1 else "cluster"

    @property
    def groups(self) -> str:
        """The plural noun for groups."""
        return plural_of(self.group)

    @property
    def grouping(self) -> str:
        """The columns that units are clustered by."""
        return formats.listing([plain(name) for name in self.group_names])

    def alike(self, noun: str) -> str:
        """Return the noun phrase for units of one group or stratum ("models from the same package")."""
        last = noun.casefold().split()[-1]
        joint = "from" if last in _PLACES else "of" if last in _PEOPLE else "in" if last == "cluster" else "with"
        return f"{self.unit.plural} {joint} the same {noun}"

    def outside(self, noun: str) -> str:
        """Return the preposition before groups: "from 24 companies" for places, "" if no preposition is sure to fit."""
        return "from" if noun.casefold().split()[-1] in _PLACES else ""


@dataclass(frozen=True, slots=True)
class Voice:
    """The words for one oriented table: `x` is the explanatory side, `y` the other one.

    `both` are the explanatory categories if there are two, of which each unit has one, and otherwise empty.
    """

    names: Names
    x: Side
    y: Side
    is_shared: bool = False
    both: tuple[str, ...] = ()

    @property
    def one(self) -> str:
        """The thing counted."""
        return self.names.unit.singular

    @property
    def many(self) -> str:
        """The things counted."""
        return self.names.unit.plural

    @property
    def partner(self) -> Kind | None:
        """The kind that units are linked to, or None if they are no end of a link."""
        role, sides = self.names.unit.role, self.names
        return {"to": sides.rows, "from": sides.columns}.get(role)

    @property
    def item(self) -> str:
        """One of the things that units are linked to."""
        return "item" if self.partner is None else self.partner.singular

    @property
    def partner_verb(self) -> str:
        """The verb between units and their partners ("are trained on")."""
        return f"are {self.names.label if self.names.unit.role == 'to' else self.names.label_reversed}"

    @property
    def others(self) -> str:
        """All units without the subject, after a share ("other models", "visits without")."""
        return f"{self.many} without" if self.is_shared else f"other {self.many}"

    def all_others(self, subject: str) -> str:
        """Return all other units in a labelled line ("all others"), by their name if it is the only one ("Control")."""
        return next((name for name in self.both if name != subject and any(map(str.isalpha, name))), "all others")

    @property
    def is_own(self) -> bool:
        """Whether the unit itself is of the outcome's category, so that units of a category have a name."""
        return self.names.unit.role in {"to", "from"} and self.y.before == ""
