"""Write a guess as YAML of a first config, with a reason for each guess."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...config.names import label_of, plural_of
from ...errors import DataError, DiptychError, listed
from ...foreign_text import visible
from ...pipeline.build import check
from ...sources import SourceSettings
from ...sources.addresses import scheme_of
from ...taxonomy import kind_of
from ...taxonomy.orders import order_of
from .columns import LookedColumn, in_order, names_of, unit_of
from .guess import Guess, GuessedLinks, GuessedRecords, GuessedShared
from .naming import is_question, short_name
from .privacy import seems
from .tables import as_source
from .units import is_sex, name_of_rows, sex_names
from .vocabulary import COUNTED, IDS

NAME = "config.yaml"
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class StarterConfig:
    """A config that was written: its path, and the problems found by a check."""

    path: Path
    problems: tuple[str, ...]


def place(output: Path) -> Path:
    """Return the config for `-o`: a file that ends in .yaml or .yml, or config.yaml in a folder.

    Raises DataError if it already exists.
    """
    path = output if output.suffix.lower() in _ENDINGS and not output.is_dir() else output / NAME
    if path.exists():
        raise DataError(f"{path}: is there already; give another folder or file with -o, or take it away")
    return path


def start(found: Guess, path: Path) -> StarterConfig:
    """Write the config of a guess, and check it. Raises DataError if it cannot be written, or exists."""
    text = config_text(found, path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None
    try:
        check(path)
    except DiptychError as error:
        return StarterConfig(path, error.messages)
    return StarterConfig(path, ())


CATEGORIES = 12
"""Maximum number of labels with a category each, the most frequent. The others are listed in a comment."""

_ALL = 16
"""Up to this number, all labels are categories, because a figure still has room for them."""

_FEWEST_UNITS, _LEAST_KEPT = 5, 3
"""Labels with fewer units become Other, if there are several of them, and if at least so many others remain."""

_RARE, _ENOUGH_UNITS, _MOST_RARE = 0.03, 30, 0.1
"""So do labels with a smaller share and number of units, if all together have at most a small share, because a report
about few units says little."""

_OTHERS = 20
_OTHER = "Other"
"""The category of labels without a category of their own."""


def config_text(found: Guess, folder: Path) -> str:
    """Return the config of a guess, its sources relative to a folder."""
    lines = ["# A first config, guessed from the data. Each guess has its reason and the alternatives."]
    lines += ["# Look through it: diptych check lists all problems, diptych build makes the report.", ""]
    lines += ["version: 1", f"report: {{title: {_shown(_title(found))}}}", ""]
    lines += _taxonomies(found)
    if isinstance(found.what, GuessedRecords):
        lines += _records(found.what, found, folder)
    else:
        lines += _entities(found.what, found, folder)
        lines += _links(found.what, found, folder) if isinstance(found.what, GuessedLinks) else _shared(found.what)
    return "\n".join(lines) + "\n"


def _title(found: Guess) -> str:
    first, second = _side_labels(found)
    if isinstance(found.what, GuessedRecords):
        return f"{first} and {_in_sentence(second)}"
    first, second = map(label_of, _taxonomy_names(found))
    return f"{first} and {second.lower()}"


def _side_labels(found: Guess) -> tuple[str, str]:
    """Return the labels of both sides: options of a question without a name are options."""
    first, second = found.sides
    labels = [_OPTION if _is_nameless(column) else short_name(column.name) for column in (first, second)]
    return labels[0], labels[1] if labels[0] != labels[1] else f"Other {labels[1].lower()}"


def _is_nameless(column: LookedColumn) -> bool:
    """Return whether a side combines columns whose names share nothing."""
    return column.ticked is not None and column.name == f"{column.ticked.columns[0]} to {column.ticked.columns[-1]}"


_OPTION = "Option"


def _taxonomies(found: Guess) -> Iterator[str]:
    first, second = found.sides
    if first.bins is not None and second.bins is not None:
        return
    yield "# Which category a label belongs to, in the order of the axes: rename them, and put several labels into one."
    if found.is_shared:
        yield f"taxonomy:{_reason(found, 'taxonomy')}"
        counts = _n_units(found, first) + _n_units(found, second)
        yield from _categories(first, counts, "  ", ())
    else:
        yield f"taxonomies:{_reason(found, 'taxonomy')}"
        for name, column, other in zip(_taxonomy_names(found), (first, second), (second, first), strict=True):
            if column.bins is None:
                yield f"  {name}:"
                yield from _categories(column, _n_units(found, column), "    ", other.counts)
    yield ""


def _n_units(found: Guess, side: LookedColumn) -> Counter[str]:
    return found.what.n_units(side) if isinstance(found.what, GuessedRecords) else side.counts


def _categories(
    column: LookedColumn, counts: Mapping[str, int], indent: str, of_other_side: Collection[str]
) -> Iterator[str]:
    spelled: dict[str, list[str]] = {}  # yes, Yes and YES are one
    for label in sorted(counts, key=lambda label: (-counts[label], label)):
        spelled.setdefault(label.casefold(), []).append(label)
    alike = {labels[0]: labels for labels in spelled.values()}
    totals = {label: sum(counts[one] for one in labels) for label, labels in alike.items()}
    kept, rest = in_order(totals, _n_categories(column, totals))
    names = sex_names(kept) if is_sex(column) else names_of(column, kept, of_other_side)
    yield from _ordered(kept, indent)
    yield f"{indent}categories:"
    for label in kept:
        yield f"{indent}  - {{name: {_shown(names[label])}, match: [{', '.join(map(_quoted, alike[label]))}]}}"
    if rest and column.is_single:
        other = next((names[label] for label in kept if names[label].casefold() == _OTHER.casefold()), None)
        if other is None:
            first = [one for label in rest[:_OTHERS] for one in alike[label]]
            yield f"{indent}  - {{name: {_OTHER}, match: [{', '.join(map(_quoted, first))}]}} # and every other label"
        yield f"{indent}unmatched: {_shown(other or _OTHER)}"
    elif rest:
        yield f"{indent}  # without a category: {listed([*map(_comment, rest)], _OTHERS)}"


def _n_categories(column: LookedColumn, totals: Mapping[str, int]) -> int:
    """Return how many labels become categories: not those of very few units, unless labels are in order."""
    n = len(totals) if len(totals) <= _ALL else CATEGORIES
    if not column.is_single or order_of(list(totals)) is not None:
        return n
    n_units = sum(totals.values())
    least = max(_FEWEST_UNITS, min(_ENOUGH_UNITS, _RARE * n_units))
    if sum(total for total in totals.values() if total < least) > _MOST_RARE * n_units:
        least = _FEWEST_UNITS
    frequent = sum(total >= least for total in totals.values())
    return min(n, frequent) if frequent >= _LEAST_KEPT and len(totals) - frequent > 1 else n


def _ordered(labels: Sequence[str], indent: str) -> Iterator[str]:
    """Yield that the categories are in order, as a comment if their labels may be codes."""
    found = order_of(labels)
    if found is None:
        return
    if found.is_sure:
        yield f"{indent}ordered: true # {_comment(found.labels[0])} to {_comment(found.labels[-1])}: trends are tested"
    else:
        yield f"{indent}# ordered: true   # take out the # if these are in order, and no codes: trends are then tested"


def _records(what: GuessedRecords, found: Guess, folder: Path) -> Iterator[str]:
    yield "relations:"
    yield f"  {what.look.name}:"
    yield f"    records:{_reason(found, 'records')}"
    yield f"      source: {_source(what.look.path, what.look.source, folder)}"
    yield from _unit(what)
    sides = zip(("rows", "columns"), found.sides, _side_labels(found), _taxonomy_names(found), strict=True)
    for side, column, label, taxonomy in sides:
        named = {} if found.is_shared or column.bins is not None else {"taxonomy": taxonomy}
        if is_question(column.name):
            yield f"      # asked: {_comment(column.name)}"
        yield f"      {side}: {{{_side(column, label, named)}}}{_reason(found, side)}"
    yield from _alternatives(what)
    yield "      public: false # text that no rule lists, and records by name, are not published (docs/privacy.md)"
    if what.where:
        parts = (f"{_quoted(name)}: [{', '.join(map(_quoted, values))}]" for name, values in what.where.items())
        yield f"      where: {{{', '.join(parts)}}}{_reason(found, 'where')}"
    yield from _counted(what, found)
    yield from _dependent(what, found)


def _counted(what: GuessedRecords, found: Guess) -> Iterator[str]:
    """Yield the number of units in a row, how its columns were chosen, and its weight."""
    if what.matrix is not None:
        yield "      count: values # each field says how many units have its option"
        is_full = all(column.n_filled == what.look.n_rows for column in what.look.columns if column.name in what.taken)
        yield from [] if is_full else ["      empty: 0 # an empty field is 0"]
    elif what.count is not None:
        yield f"      count: {_quoted(what.count.name)}{_reason(found, 'count')}"
    if what.chosen_among is not None:
        yield f"      chosen_among: {what.chosen_among} # pairs, also for its association: the report says so"
    if what.weight is not None and what.is_weighted:
        yield f"      weight: {_quoted(what.weight.name)}{_reason(found, 'weight')}"
    elif what.weight is not None:
        name = _comment(_quoted(what.weight.name))
        yield f"      # weight: {name}   # remove the # if this column is a weight"


def _dependent(what: GuessedRecords, found: Guess) -> Iterator[str]:
    """Yield the columns of groups and strata, as comments if they are not used."""
    if what.group is not None:
        yield f"    group:{_reason(found, 'group')}"
        yield f"      columns: [{_quoted(what.group.name)}]"
        yield "      public: false # its values are not published; true where they name no people"
    else:
        yield "    # group: [column]   # what rows share so that they are not independent: intervals keep them together"
    if what.confounder is not None:
        yield f"    strata:{_reason(found, 'strata')}"
        yield f"      columns: [{_quoted(what.confounder.name)}]"
        yield f"      label: {_shown(_in_sentence(short_name(what.confounder.name)))}"
        yield from [] if seems(what.confounder) is None else ["      public: false # its values are not published"]
    elif what.strata:
        first, *others = [_quoted(column.name) for column in what.strata]
        also = f"; or {', '.join(others)}" if others else ""
        yield f"    # strata: [{_comment(first)}]   # asks within each of its values too{_comment(also)}"


def _in_sentence(label: str) -> str:
    """Return a label as it is inside a sentence: with a small letter, unless it is an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _alternatives(what: GuessedRecords) -> Iterator[str]:
    """Yield, as comments, other pairs of columns, and columns that could be a side."""
    for rows, columns in what.alternatives:
        yield f"      # or cross {_comment(rows)} with {_comment(columns)}"
    yield from _bins(what)


_ISO_DATE = re.compile(r"\d{4}-\d{2}")
_MOST_BINNED = 3
"""Maximum number of columns for which bins are offered."""
_DISTINCT = 12
"""Minimum number of different numbers in a column for which bins are offered."""


def _bins(what: GuessedRecords) -> Iterator[str]:
    """Yield, as comments, columns of numbers and dates that could be a side if they are binned."""
    used = {column.name for column in (what.count, what.group, what.weight, *what.strata) if column is not None}
    free = (c for c in what.look.columns if c.name not in what.taken | used and not c.is_key and not c.words & IDS)
    for column in [c for c in free if (c.is_number or _is_iso(c)) and len(c.counts) >= _DISTINCT][:_MOST_BINNED]:
        bins = "quartiles" if column.is_number else "years"
        how = "" if not column.is_number else ", or numbers at which bins begin, such as [18, 30, 45]"
        yield f"      # or bin {_comment(column.name)}: {{column: {_comment(_quoted(column.name))}, bins: {bins}}}{how}"


def _is_iso(column: LookedColumn) -> bool:
    """Return whether a column has dates that begin with the year and the month."""
    return column.is_date and all(_ISO_DATE.match(value) for value in column.counts)


def _unit(what: GuessedRecords) -> Iterator[str]:
    """Yield the name of a unit: as given by the user, of the counts, or as the table suggests."""
    if what.unit is not None:
        yield f"      label: {_shown(label_of(what.unit))}"
        several = plural_of(label_of(what.unit))
        yield from [] if several is None else [f"      plural: {_shown(several)}"]
        return
    counts = "" if what.count is None else what.count.name
    found_at = COUNTED.search(counts.casefold())  # candidatevotes are votes
    if (counted := unit_of(counts if found_at is None else found_at[0])) is not None:
        yield f"      label: {_shown(label_of(counted[0]))} # what {_comment(counts)} counts"
        return
    found = name_of_rows(what.look, what.group)
    if found is None and (what.count is not None or what.matrix is not None):
        yield "      label: unit # the name of what is counted, such as person or thousand people"
        return
    if found is None:
        yield "      # label: person   # the name of one row in sentences, now record"
        return
    yield f"      label: {_shown(found.one)} # the name of one row, {_comment(found.why)}"
    yield f"      plural: {_shown(found.several)}"


def _side(column: LookedColumn, label: str, more: Mapping[str, str]) -> str:
    parts = [_labels(column), f"label: {_shown(label)}"]
    plural = plural_of(label)
    parts += [] if plural is None or plural == kind_of("side", label).plural else [f"plural: {_shown(plural)}"]
    parts += [f"no_answer: [{', '.join(map(_quoted, map(_plain, column.no_answer)))}]"] if column.no_answer else []
    parts += ['phrase: "are {}"'] if is_sex(column) else []
    return ", ".join([*parts, *(f"{key}: {value}" for key, value in more.items())])


def _plain(code: str) -> str:
    """Return a code as a whole number: 9 for 9.0."""
    return code.partition(".")[0]


def _entities(what: GuessedLinks | GuessedShared, found: Guess, folder: Path) -> Iterator[str]:
    yield "entities:"
    entities = {entity.look.name: entity for entity in (what.from_, what.to)}
    for (name, entity), taxonomy in zip(entities.items(), _taxonomy_names(found), strict=False):
        unit = unit_of(name)
        yield f"  {name}:{_reason(found, name)}"
        yield f"    label: {_shown(label_of(unit[0] if unit else name))}"
        yield f"    source: {_source(entity.look.path, entity.look.source, folder)}"
        yield f"    id: {_quoted(entity.key.name)}"
        yield f"    labels: {{{_labels(entity.labels)}}}{_reason(found, f'{name}.labels')}"
        yield from [] if found.is_shared else [f"    taxonomy: {taxonomy}"]
        if seems(entity.key) is None:
            yield "    public: true # ids are published; false where they name people (docs/privacy.md)"
        else:
            yield f"    public: false # ids look like {seems(entity.key)}: they are not published (docs/privacy.md)"
        if entity.date is not None:
            yield f"    date: {_quoted(entity.date.name)}{_reason(found, f'{name}.date')}"
    yield ""


def _links(what: GuessedLinks, found: Guess, folder: Path) -> Iterator[str]:
    yield "relations:"
    yield "  links:"
    yield f"    links:{_reason(found, 'relation')}"
    yield from [] if what.table is None else [f"      source: {_source(what.table.path, what.table.source, folder)}"]
    ends = (None, what.columns[0]) if what.table is None else what.columns  # an entity's own column needs no "from"
    for end, entity, column in zip(("from", "to"), (what.from_, what.to), ends, strict=True):
        named = "" if column is None else f", {_labels(column)}"
        yield f"      {end}: {{entity: {entity.look.name}{named}}}"
    yield "    unit: to # each item of the second kind once, with the categories of all that are linked to it"
    yield "    # group: [column]   # what items share so that they are not independent: intervals keep them together"


def _shared(what: GuessedShared) -> Iterator[str]:
    (column, _) = what.columns
    yield "relations:"
    yield f"  shared: # each value of {_comment(column.name)} is a unit, with the categories of all items that have it"
    yield "    shared:"
    yield f"      key: {_quoted(column.name)}"
    yield f"      entities: [{what.from_.look.name}, {what.to.look.name}]"
    yield "      public: false # values of the key are not published; true where they name no people (docs/privacy.md)"
    yield "    population: both # those that items of both kinds have; either takes all"


def _taxonomy_names(found: Guess) -> tuple[str, str]:
    if isinstance(found.what, GuessedRecords):
        return "rows", "columns"
    return found.what.from_.look.name, found.what.to.look.name


def _labels(column: LookedColumn) -> str:
    if column.ticked is not None:
        parts = [f"columns: [{', '.join(map(_quoted, column.ticked.columns))}]"]
        parts += (
            []
            if column.ticked.values is None
            else [f"selected_values: [{', '.join(map(_quoted, column.ticked.values))}]"]
        )
        parts += [f"prefix: {_quoted(column.ticked.prefix)}"] if column.ticked.prefix else []
        return ", ".join(parts)
    split = "" if column.separator is None else f", separator: {_quoted(column.separator)}"
    bins = "" if column.bins is None else f", bins: {bins_text(column.bins)}"
    return f"column: {_quoted(column.name)}{split}{bins}"


def bins_text(bins: str | tuple[float, ...]) -> str:
    """Return bins as in a config: a word, or the numbers at which they begin.

    >>> bins_text("quartiles"), bins_text((18.0, 30.5))
    ('quartiles', '[18, 30.5]')
    """
    return bins if isinstance(bins, str) else f"[{', '.join(f'{cut:.10g}' for cut in bins)}]"


def _reason(found: Guess, of: str) -> str:
    """Return the reason for something as a comment for the end of its line."""
    reason = found.reason(of)
    return "" if reason is None else f" # {_comment(reason.said)}"


def _source(path: Path, source: SourceSettings, folder: Path) -> str:
    """Return a source as YAML: its address, or its path relative to a folder, and settings that are not defaults."""
    address = next((one for one in source.path if scheme_of(one) is not None), None)
    try:
        named = Path(os.path.relpath(path, folder))
    except ValueError:  # another drive
        named = path.resolve()
    if source.database is not None:
        return f"{{database: {_quoted(named.as_posix())}, table: {_quoted(source.of or '')}}}"
    said = source.model_dump(exclude_defaults=True, exclude={"path"})
    where = _quoted(address or as_source(path, named))
    if not said:
        return where
    return "{" + ", ".join([f"path: {where}", *(f"{key}: {_value(value)}" for key, value in said.items())]) + "}"


def _value(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(old)}: {_quoted(new)}" for old, new in value.items()) + "}"
    return f"[{', '.join(map(_quoted, value))}]" if isinstance(value, tuple) else _quoted(str(value))


def _shown(text: str) -> str:
    """Return a text that the report shows, as `_quoted`, with escapes for characters that no report can show."""
    return _quoted(visible(text))


def _quoted(text: str) -> str:
    """Return text in YAML double quotes, with unprintable characters escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
