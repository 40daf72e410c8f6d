"""Write a choice as a config, and build its report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...errors import DataError
from ...foreign_text import visible
from .choice import INDEPENDENT, Choice, Group, Treated, column_of, levels_of, name_of, raw_options
from .columns import Level
from .questions import Profile, shared_prefix
from .reading import relative_source
from .telling import topic_of

NAME = "config.yaml"
_ENDINGS = (".yaml", ".yml")
_MOST_LISTED = 200
_TAXONOMIES = ("given", "answers")


def place(output: Path) -> Path:
    """Return the config for `-o`: a file that ends in .yaml or .yml, or config.yaml in a folder.

    Raises DataError if it already exists.
    """
    path = output if output.suffix.lower() in _ENDINGS and not output.is_dir() else output / NAME
    if path.exists():
        raise DataError(f"{path}: is there already; give another folder or file with -o, or take it away")
    return path


def write_config(text: str, path: Path) -> None:
    """Write a config. Raises DataError if it cannot be written, or exists."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None


def config_text(profile: Profile, choice: Choice, folder: Path) -> str:
    """Return the config of a choice, its source relative to a folder."""
    sides = list(zip(("rows", "columns"), _TAXONOMIES, (choice.given, choice.answer), strict=True))
    lines = ["version: 1", "report:", f"  title: {shown_text(topic_of(choice))}"]
    taxonomies = [line for _, name, side in sides for line in _taxonomy(profile, side, name)]
    lines += ["taxonomies:", *taxonomies] if taxonomies else []
    lines += ["relations:", f"  {_slug(profile.table.path)}:", "    explains: rows", "    records:"]
    lines.append(f"      source: {_flow(relative_source(profile.table, folder))}")
    names = ", ".join(map(shown_text, choice.unit_names))
    lines += [f"      label: [{names}]" if choice.units.strip() else f"      label: {names}"]
    for key, name, side in sides:
        lines += [f"      {key}:", *(f"        {line}" for line in _side(profile, side, name))]
    if choice.is_weighted and profile.weight is not None:
        lines.append(f"      weight: {quoted(profile.weight.name)}")
    if choice.is_counted and profile.count is not None:
        lines.append(f"      count: {quoted(profile.count.name)}")
    lines += ["      independent: true"] if choice.group == INDEPENDENT else []
    if choice.chosen_among is not None:
        lines.append(f"      chosen_among: {choice.chosen_among}")
    if choice.group not in ("", INDEPENDENT):
        lines.append(f"    group: {quoted(choice.group)}")
    return "\n".join(lines) + "\n"


def _is_binned(profile: Profile, side: Treated) -> bool:
    return profile.questions[side.question].form != "options" and column_of(profile, side).kind == "number"


def _taxonomy(profile: Profile, side: Treated, name: str) -> Iterator[str]:
    """Yield the categories of a side; bins have none."""
    if _is_binned(profile, side):
        return
    levels = levels_of(profile, side)
    yield f"  {name}:"
    yield "    categories:"
    rest = ""
    for group in side.groups:
        category = name_of(group, levels)
        texts = list(dict.fromkeys(text.strip() for text in _texts(group, levels)))
        rest = category if any(levels[at].kind == "rest" for at in group.levels) else rest
        match = f", match: [{', '.join(map(quoted, texts))}]" if texts else ""
        yield f"      - {{name: {shown_text(category)}{match}}}"
    yield from [] if not rest else [f"    unmatched: {shown_text(rest)}"]


def _texts(group: Group, levels: tuple[Level, ...]) -> Iterator[str]:
    """Yield the labels of a category. Rare answers are not listed, and blank fields have the name of the category."""
    for at in group.levels:
        if levels[at].kind == "blank":
            yield name_of(group, levels)
        elif levels[at].kind == "rest":
            yield from [text for text in levels[at].texts if text.strip() == levels[at].name]
        else:
            yield from levels[at].texts


def _side(profile: Profile, side: Treated, taxonomy: str) -> Iterator[str]:
    """Yield the settings of a side."""
    question, levels = profile.questions[side.question], levels_of(profile, side)
    used = {at: group for group in side.groups for at in group.levels}
    if question.form == "options":
        yield from _options(profile, side)
        missing: list[str] = []
    else:
        column = column_of(profile, side)
        yield f"column: {quoted(column.name)}"
        if column.separator:
            yield f"separator: {quoted(column.separator)}"
        out = [level for at, level in enumerate(levels) if at not in used and level.kind != "blank"]
        texts = dict.fromkeys(text.strip() for level in out for text in level.texts)
        missing = [] if column.sets is not None else list(texts)
        if len(missing) > _MOST_LISTED:
            raise DataError(f"{column.name}: its {len(missing):,} rare answers cannot be left out one by one; use them")
    yield f"label: {shown_text(side.label)}"
    yield from [f"phrase: {shown_text(side.phrase)}"] if side.phrase.strip() else []
    blank = next((group for at, group in used.items() if levels[at].kind == "blank"), None)
    yield from [f"missing: [{', '.join(map(quoted, missing))}]"] if missing else []
    yield from [] if blank is None else [f"blank: {shown_text(name_of(blank, levels))}"]
    if _is_binned(profile, side):
        yield f"bins: [{', '.join(f'{cut:.10g}' for cut in column_of(profile, side).cuts)}]"
        return
    yield from ["ordered: true"] if side.is_ordered else []
    yield f"taxonomy: {taxonomy}"


def _options(profile: Profile, side: Treated) -> Iterator[str]:
    question = profile.questions[side.question]
    names = [profile.columns[option.column].name for option in question.options]
    chosen = list(dict.fromkeys(whole(text) for option in question.options for text in option.chosen))
    yield f"column: [{', '.join(map(quoted, names))}]"
    yield f"selected_values: [{', '.join(map(quoted, chosen or ['not empty']))}]"
    if prefix := shared_prefix(names):
        assert raw_options(profile, question)  # noqa: S101 - what follows the prefix is the label of an option
        yield f"prefix: {quoted(prefix)}"


def whole(text: str) -> str:
    """Return 1 for 1.0, as a build reads the mark of an option."""
    return re.sub(r"^([-+]?\d+)\.0+$", r"\1", text.strip())


def _slug(path: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "_", path.name.partition(".")[0].lower()).strip("_") or "table"


def _flow(source: Mapping[str, object]) -> str:
    if set(source) == {"path"}:
        return quoted(str(source["path"]))
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in source.items()) + "}"


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(old)}: {quoted(str(new))}" for old, new in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(quoted(str(one)) for one in value)}]"
    return str(value) if isinstance(value, int) else quoted(str(value))


def shown_text(text: str) -> str:
    """Return a text that the report shows, as `quoted`, with escapes for characters that no report can show."""
    return quoted(visible(text))


def quoted(text: str) -> str:
    """Return text in YAML double quotes, with unprintable characters escaped."""
    made = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in made)
