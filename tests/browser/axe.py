"""What axe finds wrong with a page: WCAG 2.2 AA as far as a program can tell."""

from axe_playwright_python.sync_playwright import Axe

OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],  # of others one place each, else thousands of places travel from the browser
}
COLOURS = {**OPTIONS, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""What differs between the light and the dark: half of the time that axe takes."""
ROWS_ALIKE = {"exclude": [["tbody tr:nth-child(n+4)"]]}
"""Of each table the first rows are looked at for their colours in the dark; in the light all are."""
PLACES = {**OPTIONS, "rules": {**OPTIONS["rules"], "color-contrast": {"enabled": False}}}
"""What differs between wide and narrow: everything but colours."""
LOOKED_AT = {"color-contrast", "region", "heading-order"}
"""Rules that a whole page gives something to do."""


def violations(page, context=None, *, options=OPTIONS):
    """Return rule and place of everything that is wrong in a page, or in a part of it.

    `options` may be `COLOURS` or `PLACES` where the same page was looked at whole in another scheme or width.
    """
    part = ROWS_ALIKE if context is None and options is COLOURS else context
    found = Axe().run(page, part, options).response
    ran = {rule["id"] for kind in ("passes", "incomplete", "violations") for rule in found[kind]}
    here = {"color-contrast"} if context is not None or options is COLOURS else LOOKED_AT
    assert ran >= (here - {"color-contrast"} if options is PLACES else here)
    return [(rule["id"], node["html"][:200]) for rule in found["violations"] for node in rule["nodes"]]
