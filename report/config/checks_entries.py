"""Checks of entries that other packages may add: names that are there, packages that work, options that they take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from ..errors import PluginError
from ..plugins import Entries
from ..settings import ChoiceSettings
from .places import Fault, View, not_one_of, quoted
from .problems import keys_of, unknown, wrongs


def check_entry(view: View, known: Entries[Any], what: str) -> Iterator[Fault]:
    """Yield a problem where a text names no entry of its sort, or one of another package that cannot be used."""
    if view.text is not None and view.text not in known:
        yield view.wrong(not_one_of(view.text, (*known, *known.others), what))
    elif view.text is not None:
        try:
            known[view.text]
        except PluginError as error:
            yield view.wrong(str(error))


def renderers() -> Entries[Any]:
    """Return the renderers."""
    from ..renderers.registry import RENDERERS  # noqa: PLC0415 - it is heavy, and few configs ask for others

    return RENDERERS


def kinds() -> Entries[Any]:
    """Return the kinds of finding."""
    from ..findings.kinds import KINDS  # noqa: PLC0415 - they are heavy, and few configs ask for others

    return KINDS


def check_chosen(chosen: View, model: type[ChoiceSettings], entries: Callable[[], Entries[Any]]) -> Iterator[Fault]:
    """Yield names that stand twice, names that no package has, and what is wrong with entries of other packages."""
    own = keys_of(model)
    seen: set[str] = set()
    for entry in chosen.elements() if not chosen.is_mapping else (chosen,):
        for name in entry.keys if entry.text is None else (entry.text,):
            if name in seen:
                yield entry.wrong(f'"{name}" is in the list already')
            elif name not in own:
                yield from _other(entry, name, own, entries())
            seen.add(name)


def _other(entry: View, name: str, own: tuple[str, ...], entries: Entries[Any]) -> Iterator[Fault]:
    """Yield what is wrong with an entry of another package: its name, the package itself, or its options."""
    here = entry[name] if entry.is_mapping else entry
    if name not in entries:
        known = (*own, *entries.others)
        if not known:
            yield here.wrong(f"no package that is installed has {quoted(name)}")
            return
        yield here.wrong(unknown(here.path, known) if entry.is_mapping else not_one_of(name, known))
        return
    try:
        settings = entries[name].settings
    except PluginError as error:
        yield here.wrong(str(error))
        return
    options = here.value if isinstance(here.value, dict) else {}
    if settings is None:
        if options:
            yield here.wrong(f'"{name}" takes no options')
        return
    try:
        settings.model_validate(options)
    except ValidationError as error:
        for found in wrongs(error, options, settings):
            yield Fault((*here.path, *found.path), found.message)
