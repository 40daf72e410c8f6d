"""Small sections: thresholds in order, outputs named once, series that there can be."""

from __future__ import annotations

from collections.abc import Iterator

from ...findings.settings import ThresholdSettings
from ..places import Wrong
from ..view import View
from .names import form_of

_TIERS = ("high", "moderate", "low")


def check_rest(config: View) -> Iterator[Wrong]:
    """Yield tiers out of order, outputs named twice or that name nothing, a change since no snapshot, and no series."""
    yield from _tiers(config["thresholds"])
    yield from _outputs(config["outputs"])
    yield from _series(config)
    change = config.at("expect", "change")
    if change.given and not config["snapshots"].given:
        yield change.wrong("needs `snapshots:`, since it is the change since the last one; `snapshots: {}` is enough")


def _tiers(thresholds: View) -> Iterator[Wrong]:
    """Yield the first tier that is not above the next one, with defaults for those left out."""
    defaults = ThresholdSettings()
    values = []
    for tier in _TIERS:
        text = thresholds[tier].text
        try:
            values.append(float(getattr(defaults, tier) if text is None else text))
        except ValueError:
            return
    if not values[0] > values[1] > values[2]:
        said = ", ".join(f"{tier} is {value:g}" for tier, value in zip(_TIERS, values, strict=True))
        yield thresholds.wrong(f"tiers must fall from high over moderate to low; {said}")


def _outputs(outputs: View) -> Iterator[Wrong]:
    if outputs.value == []:
        yield outputs.wrong("names no output; leave the key out for all of them")
    seen: set[str] = set()
    for entry in outputs.elements():
        names = [entry.text] if entry.text is not None else list(entry.keys)
        for name in names:
            if name in seen:
                yield entry.wrong(f'"{name}" is in the list already')
            seen.add(name)


def _series(config: View) -> Iterator[Wrong]:
    """Yield a step without a date to step by, and a date that no relation's units can have."""
    by, every = config.at("snapshots", "by"), config.at("snapshots", "every")
    if every.given and not by.given:
        yield every.wrong("is the step of a series by a date; it needs by: which attribute or column has the date?")
    forms = [form_of(relation) for _, relation in config["relations"].entries()]
    if by.given and forms and not {"links", "records", None}.intersection(forms):
        yield by.wrong(
            "a series by a date is of links or records; of shared keys and matrices only kept snapshots make one"
        )
